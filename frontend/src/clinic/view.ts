// The fault clinic: a training, its gauges, and the question what is wrong with it.
import "./clinic.css";
import type { Lang, Message, Model, Values } from "../model";
import { short } from "../parts/axes";
import { button } from "../parts/button";
import { card } from "../parts/card";
import { choice } from "../parts/choice";
import { framed, h } from "../parts/dom";
import { caption } from "../parts/live";
import { digit } from "../parts/digit";
import { type Plot, plot } from "../parts/plot";
import { scrub } from "../parts/scrub";
import { settingsOf } from "../settings";
import { inLanguages } from "../widget";
import { speaker } from "../words";
import { diagnosis } from "./diagnosis";
import { histograms } from "./histograms";
import { ClinicState, readScore, type Score, scored } from "./state";
import { WORDS } from "./words";

const SCORE = "mitbadak-lab-clinic-score";
const LAYERS = ["--class-1", "--class-0", "--class-2", "--class-3", "--class-4", "--class-5"];

export const render = inLanguages(draw);

function draw(model: Model, el: HTMLElement, lang: Lang): () => void {
  const say = speaker(WORDS, lang);
  const state = new ClinicState();
  let score: Score = readScore(localStorage.getItem(SCORE));
  let countedBefore = false;
  let complaint: readonly string[] | undefined;
  const { change } = settingsOf(model);
  const send = (type: string, values: Values = {}) => model.send({ type, ...values });

  // Toolbar
  const run = button({ label: say("run"), icon: "play", kind: "primary", onClick: () => send(state.playing ? "pause" : "play") });
  const finish = button({ label: say("finish"), icon: "epoch", onClick: () => send("finish") });
  const next = button({ label: say("next"), onClick: admitNext });
  const numbers = (cases: number) => Array.from({ length: cases }, (_, i) => [String(i + 1), say("patient-number", { number: i + 1 })] as const);
  const place = h("span", { class: "patients" });
  let patients = choice(say("patient"), numbers(1), "1", (value) => admit(Number(value)));
  place.append(patients.el);
  let listed = 1;
  const points = h("output", { class: "score" });
  const clear = button({ label: say("score-clear"), icon: "restart", kind: "quiet", bare: true, onClick: () => keep({}) });

  function admit(number: number): void {
    change({ case: number, seed: Math.floor(Math.random() * (state.patient?.seeds ?? 1)) });
  }
  function admitNext(): void {
    const cases = state.patient?.cases ?? 1;
    const now = state.patient?.case ?? 0;
    const order = Array.from({ length: cases }, (_, i) => ((now + i) % cases) + 1);
    admit(order.find((number) => !(number in score)) ?? order[0] ?? 1);
  }
  function keep(next: Score): void {
    score = next;
    localStorage.setItem(SCORE, JSON.stringify(score));
    refresh();
  }

  // Gauges
  const loss = plot();
  const accuracy = plot();
  const gradient = plot();
  const ratio = plot();
  const spread = histograms(state, say);
  const answer = diagnosis(state, say, lang, (cause) => send("answer", { cause }), () => countedBefore);
  const told = caption();
  const alarm = h("p", { class: "alarm", role: "alert", hidden: true });
  const legends = [h("p", { class: "legend" }), h("p", { class: "legend" })] as const;
  const chart = h("dl", { class: "facts" });
  const samples = h("div", { class: "samples" });
  const bar = scrub({
    label: say("scrub"),
    format: (step) => say("scrub-at", { step: Math.round(step) }),
    onLook: (step) => {
      state.at = step;
      refresh();
    },
  });

  el.append(
    h(
      "div",
      { class: "lab clinic" },
      h("div", { class: "toolbar" }, run.el, finish.el, place, next.el, h("span", { class: "space" }), points, clear.el),
      told.el,
      alarm,
      bar.el,
      h(
        "div",
        { class: "columns" },
        h("div", { class: "side gauges" }, card(say("loss-title"), loss.el), card(say("accuracy-title"), accuracy.el), card(say("gradient-title"), legends[0], gradient.el), card(say("ratio-title"), legends[1], ratio.el)),
        h("div", { class: "side middle" }, card(say("histogram-title"), spread.el), card(say("chart-title"), chart), card(say("samples-title"), samples)),
        answer.el,
      ),
    ),
  );

  function showPatient(): void {
    const { patient } = state;
    if (!patient) return;
    const { chart: facts } = patient;
    const rows = [
      [say("net"), facts.sizes.join("-")],
      [say("activation"), facts.activation],
      [say("rule"), facts.rule],
      [say("lr"), String(facts.lr)],
      [say("batch"), String(facts.batch)],
      [say("examples"), facts.examples.toLocaleString()],
    ];
    chart.replaceChildren(...rows.flatMap(([term, text]) => [h("dt", {}, term ?? ""), h("dd", {}, text ?? "")]));
    const drawn = patient.labels.map((label) => ({ label, part: digit(say("sample", { label })) }));
    samples.replaceChildren(
      ...(drawn.length ? drawn.map(({ label, part }) => h("figure", {}, part.el, h("figcaption", { "aria-hidden": "true" }, String(label)))) : [h("p", { class: "hint" }, say("samples-none"))]),
    );
    drawn.forEach(({ part }, i) => part.show(patient.pixels.subarray(i * 784, (i + 1) * 784)));
    if (patient.cases !== listed) {
      listed = patient.cases;
      patients = choice(say("patient"), numbers(listed), "1", (value) => admit(Number(value)));
      place.replaceChildren(patients.el);
    }
    patients.set(String(patient.case));
    const names = state.gauges("gradient").map((name) => name.split(" ")[1] ?? "");
    for (const legend of legends)
      legend.replaceChildren(
        ...names.map((name, i) => {
          const key = h("span", { class: "key" }, name);
          key.style.setProperty("--key", `var(${LAYERS[i % LAYERS.length]})`);
          return key;
        }),
      );
  }

  function sentence(): string {
    const steps = state.rows["step"] ?? [];
    const at = state.at === undefined ? steps.length - 1 : Math.min(steps.length - 1, Math.max(0, Math.round(state.at) - 1));
    if (!state.patient || at < 0) return say("waiting");
    const value = (name: string) => state.rows[name]?.[at] ?? Number.NaN;
    const ratios = state.gauges("ratio").map(value).filter(Number.isFinite);
    return say("caption", {
      step: steps[at] ?? 0,
      loss: number(value("loss")),
      accuracy: `${Math.round(value("accuracy") * 100)}%`,
      ratio: ratios.length ? number(Math.max(...ratios)) : "∞",
    });
  }

  function curve(part: Plot, names: string[], log: boolean, range?: readonly [number, number]): void {
    const x = state.rows["step"] ?? [];
    part.show({
      series: names.map((name, i) => ({ x, y: state.rows[name] ?? [], color: LAYERS[i % LAYERS.length] ?? "--accent", width: 1.5 })),
      log,
      mark: state.at,
      ...(range ? { range } : {}),
    });
  }

  let playing: boolean | undefined;
  const refresh = framed(() => {
    curve(loss, ["loss"], false);
    curve(accuracy, ["accuracy"], false, [0, 1]);
    curve(gradient, state.gauges("gradient"), true);
    curve(ratio, state.gauges("ratio"), true);
    spread.redraw();
    answer.redraw();
    told.say(sentence(), !state.playing);
    const wrong = complaint?.[lang === "ko" ? 1 : 0];
    alarm.hidden = !wrong;
    if (wrong) alarm.textContent = wrong;
    if (playing !== state.playing) run.set(say(state.playing ? "pause" : "run"), state.playing ? "pause" : "play");
    playing = state.playing;
    run.el.disabled = finish.el.disabled = state.finished;
    bar.show((state.rows["step"] ?? []).at(-1) ?? 0, state.at);
    const total = Object.values(score).reduce((sum, value) => sum + value, 0);
    points.textContent = say("score-line", { points: total, seen: Object.keys(score).length, cases: state.patient?.cases ?? "–" });
    clear.el.disabled = !Object.keys(score).length;
  });

  const onMessage = (content: Message, buffers: DataView[]) => {
    if (content.type === "problem") complaint = content["text"] as unknown as string[];
    else if (content.type === "refused") complaint = WORDS.refused.map((text, i) => text.replace("{text}", (content["text"] as string[])[i] ?? ""));
    else if (!state.take(content, buffers)) return;
    else if (content.type === "patient") {
      complaint = undefined;
      answer.clear();
      showPatient();
    } else if (content.type === "verdict" && state.verdict) {
      const before = score;
      const after = scored(score, state.verdict);
      if (!state.verdict.report) countedBefore = after === before;
      if (after !== before) keep(after);
    }
    refresh();
  };
  const repaint = () => {
    showPatient();
    refresh();
  };
  const seek = (event: PointerEvent, part: Plot) => {
    if (event.buttons !== 1) return;
    const step = part.at(event.offsetX);
    state.at = step >= ((state.rows["step"] ?? []).at(-1) ?? 0) ? undefined : Math.max(1, step);
    refresh();
  };
  for (const part of [loss, accuracy, gradient, ratio])
    for (const event of ["pointerdown", "pointermove"] as const) part.el.addEventListener(event, (e) => seek(e, part));
  model.on("msg:custom", onMessage);
  model.on("change:theme", repaint);
  send("hello");
  return () => {
    model.off("msg:custom", onMessage);
    model.off("change:theme", repaint);
    for (const part of [loss, accuracy, gradient, ratio, spread, told]) part.dispose();
  };
}

const number = (value: number) => (Number.isFinite(value) ? short(value) : "∞");
