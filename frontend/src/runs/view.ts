// The runs of a directory: a table, the curves of the chosen ones, and the doctor on each.
import "./runs.css";
import type { Json, Lang, Message, Model, Values } from "../model";
import { button } from "../parts/button";
import { card } from "../parts/card";
import { choice } from "../parts/choice";
import { doctorPart } from "../parts/doctor";
import { framed, h } from "../parts/dom";
import { caption } from "../parts/live";
import { plot } from "../parts/plot";
import { inRecording } from "../recorded";
import { settingsOf } from "../settings";
import { inLanguages } from "../widget";
import { inOne, speaker } from "../words";
import { type Run, RunsState, type Sorting, sorted } from "./state";
import { table } from "./table";
import { WORDS } from "./words";

const MEASURES = ["test_accuracy", "train_accuracy", "validation_accuracy", "test_loss", "train_loss", "validation_loss", "r2"] as const;
type Measure = (typeof MEASURES)[number];
const COLORS = ["--class-1", "--class-0", "--class-2", "--class-3", "--class-4", "--class-5"];

export const render = inLanguages(draw);

function draw(model: Model, el: HTMLElement, lang: Lang): () => void {
  const say = speaker(WORDS, lang);
  const own = (texts: unknown) => inOne(texts, lang);
  const state = new RunsState();
  let complaint: readonly string[] | undefined;
  const { settings, change: share } = settingsOf(model);
  const change = (values: Values) => {
    share(values);
    refresh();
  };
  const send = (type: string) => model.send({ type });
  const chosen = () => ((settings()["chosen"] ?? []) as Json[]).map((row) => Number((row as number[])[0]));
  const sorting = () => (settings()["sort"] ?? "when") as Sorting;
  const measured = () => (settings()["measure"] ?? "test_accuracy") as Measure;

  const runsTable = table({
    say,
    lang,
    onSort: (by) => change({ sort: by, reverse: by === sorting() ? settings()["reverse"] !== true : false }),
    onChoose(number, on) {
      const others = chosen().filter((n) => n !== number);
      change({ chosen: [...others, ...(on ? [number] : [])].slice(-COLORS.length).map((n) => [n]) });
    },
  });
  const empty = h("p", { class: "hint" });
  const again = button({ label: say("refresh"), icon: "restart", onClick: () => send("refresh") });
  const measure = choice(say("measure"), MEASURES.map((m) => [m, say(m)] as const), "test_accuracy", (value) => change({ measure: value }));
  const curve = plot();
  const legend = h("p", { class: "legend" });
  const curves = card(say("curves-title"), measure.el, legend, curve.el);
  const doctors = h("div", { class: "doctors" });
  const parts = new Map<number, { el: HTMLElement; part: ReturnType<typeof doctorPart>; problem: HTMLElement }>();
  const told = caption();
  const alarm = h("p", { class: "alarm", role: "alert", hidden: true });
  const list = card(say("table-title", { directory: "" }), empty, runsTable.el);
  inRecording(model, [list], [again.el]);
  const title = list.querySelector("h2") as HTMLElement;

  el.append(
    h("div", { class: "lab runs" }, h("div", { class: "toolbar" }, again.el), told.el, alarm, list, h("div", { class: "columns" }, curves, doctors)),
  );

  function picked(): Run[] {
    return chosen().flatMap((number) => state.runs?.find((run) => run.number === number) ?? []);
  }
  function showDoctors(runs: readonly Run[]): void {
    for (const [number, { el: old }] of parts)
      if (!runs.some((run) => run.number === number)) {
        old.remove();
        parts.delete(number);
      }
    for (const run of runs) {
      let found = parts.get(run.number);
      if (!found) {
        const part = doctorPart(lang);
        const problem = h("p", { class: "alarm", hidden: true });
        found = { el: card(say("doctor-title", { name: run.name }), problem, part.el), part, problem };
        parts.set(run.number, found);
        doctors.append(found.el);
      }
      const examined = state.reports.get(run.number);
      const wrong = own(state.curves.get(run.number)?.problem ?? examined?.problem);
      found.problem.hidden = !wrong;
      found.problem.textContent = wrong && say("problem", { text: wrong });
      found.part.el.hidden = !!examined?.problem;
      found.part.show(examined?.report ?? undefined, say(run.state === "running" ? "still-running" : "examining"));
    }
  }
  function sentence(runs: readonly Run[]): string {
    if (!state.runs) return say("waiting");
    if (!state.runs.length) return say("none");
    const name = measured();
    const least = name.endsWith("loss");
    let best: { run: Run; value: number } | undefined;
    for (const run of runs)
      for (const value of state.curves.get(run.number)?.values[name] ?? [])
        if (Number.isFinite(value) && (!best || (least ? value < best.value : value > best.value))) best = { run, value };
    const shown = best && (name.endsWith("accuracy") ? `${(best.value * 100).toFixed(2)}%` : best.value.toPrecision(4));
    return say("caption", {
      count: state.runs.length,
      chosen: runs.length,
      best: best && shown ? say("best", { measure: lang === "en" ? say(name).toLowerCase() : say(name), value: shown, name: best.run.name }) : runs.length ? "" : say("choose-some"),
    }).trim();
  }

  const refresh = framed(() => {
    const runs = picked();
    const colors = new Map(runs.map((run, i) => [run.number, COLORS[i % COLORS.length] ?? "--accent"]));
    title.textContent = say("table-title", { directory: state.directory });
    empty.hidden = !state.runs || state.runs.length > 0;
    empty.textContent = say("none");
    runsTable.el.hidden = !state.runs?.length;
    runsTable.show(sorted(state.runs ?? [], sorting(), settings()["reverse"] === true), chosen(), colors, sorting(), settings()["reverse"] === true);
    curves.hidden = !runs.length;
    measure.set(measured());
    const name = measured();
    legend.replaceChildren(
      ...runs.map((run) => {
        const has = state.curves.get(run.number)?.values[name]?.some(Number.isFinite) ?? true;
        const key = h("span", { class: "key" }, has ? run.name : `${run.name} (${say("not-measured")})`);
        key.style.setProperty("--key", `var(${colors.get(run.number)})`);
        return key;
      }),
    );
    curve.show({
      series: runs.map((run) => {
        const values = state.curves.get(run.number)?.values;
        return { x: values?.["epoch"] ?? [], y: values?.[name] ?? [], color: colors.get(run.number) ?? "--accent" };
      }),
      ...(name.endsWith("accuracy") ? { range: [0, 1] as const } : {}),
    });
    showDoctors(runs);
    told.say(sentence(runs), true);
    const wrong = own(complaint);
    alarm.hidden = !wrong;
    alarm.textContent = wrong;
  });

  const onMessage = (content: Message, buffers: DataView[]) => {
    if (content.type === "problem") complaint = content["text"] as unknown as string[];
    else if (content.type === "refused") complaint = WORDS.refused.map((text, i) => text.replace("{text}", (content["text"] as string[])[i] ?? ""));
    else if (!state.take(content, buffers)) return;
    else complaint = undefined;
    refresh();
  };
  model.on("msg:custom", onMessage);
  model.on("change:settings", refresh);
  model.on("change:theme", refresh);
  refresh();
  send("hello");
  return () => {
    model.off("msg:custom", onMessage);
    model.off("change:settings", refresh);
    model.off("change:theme", refresh);
    for (const part of [curve, told]) part.dispose();
  };
}
