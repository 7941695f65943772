// Graph: an expression, its computational graph, and the way forward and back through it.
import "./graph.css";
import type { Json, Lang, Message, Model } from "../model";
import { button } from "../parts/button";
import { choice } from "../parts/choice";
import { h, newId } from "../parts/dom";
import { caption } from "../parts/live";
import { scrub } from "../parts/scrub";
import { inRecording } from "../recorded";
import { settingsOf } from "../settings";
import { inLanguages } from "../widget";
import { inOne, speaker } from "../words";
import { graphPicture } from "./picture";
import { type Graph, readGraph } from "./state";
import { variableTable } from "./table";
import { WORDS } from "./words";

const EXAMPLES = {
  first: ["(x * y + sin(x)) * x", { x: 2, y: 3 }],
  apples: ["(apple * apples + orange * oranges) * tax", { apple: 100, apples: 2, orange: 150, oranges: 3, tax: 1.1 }],
  neuron: ["sigmoid(w1 * x1 + w2 * x2 + b)", { w1: 0.5, x1: 1, w2: -1, x2: 2, b: 0.3 }],
  loss: ["(sigmoid(w * x + b) - t)^2 / 2", { w: 1.5, x: 1, b: -0.5, t: 0 }],
  sigmoid: ["1 / (1 + exp(-x))", { x: 1 }],
  length: ["sqrt(x^2 + y^2)", { x: 3, y: 4 }],
  relu: ["relu(w * x + b) * v", { w: -1, x: 2, b: 0.5, v: 3 }],
} as const satisfies Record<string, readonly [string, Record<string, number>]>;
type Example = keyof typeof EXAMPLES;

export const render = inLanguages(draw);

function draw(model: Model, el: HTMLElement, lang: Lang): () => void {
  const say = speaker(WORDS, lang);
  const { settings, change } = settingsOf(model);
  let graph: Graph | undefined;
  let problem = "";
  const stages = () => graph?.stages[lang] ?? [];
  const at = () => Math.min(Number(settings()["stage"] ?? 0), Math.max(0, stages().length - 1));
  const go = (stage: number) => {
    change({ stage: Math.min(Math.max(0, stage), Math.max(0, stages().length - 1)) });
    refresh(true);
  };

  const told = caption();
  const picture = graphPicture(go);
  const table = variableTable(say, (name, value) => {
    const values = (graph?.variables ?? []).map((v) => ({ name: v.name, value: v.name === name ? value : v.value }));
    change({ values: values as unknown as Json });
  });
  const bar = scrub({
    label: say("stage"),
    format: (stage) => say("stage-at", { stage: Math.round(stage) + 1, stages: stages().length }),
    onLook: (stage) => go(Math.round(stage ?? stages().length - 1)),
  });
  const first = button({ label: say("first"), icon: "restart", bare: true, onClick: () => go(0) });
  const back = button({ label: say("back"), onClick: () => go(at() - 1) });
  const next = button({ label: say("next"), icon: "step", kind: "primary", onClick: () => go(at() + 1) });
  const last = button({ label: say("last"), icon: "epoch", bare: true, onClick: () => go(stages().length - 1) });

  // The expression
  const id = newId("formula");
  const input = h("input", {
    type: "text",
    id,
    maxlength: 300,
    spellcheck: "false",
    autocomplete: "off",
    "aria-describedby": `${id}-hint ${id}-problem`,
    on: {
      change: () => change({ formula: input.value, stage: 0 }),
    },
  });
  const hint = h("p", { class: "hint", id: `${id}-hint` });
  const complaint = h("p", { class: "problem", id: `${id}-problem`, role: "alert" });
  const names = Object.keys(EXAMPLES) as Example[];
  const examples = choice(say("example"), [["", say("own")], ...names.map((name) => [name, say(`ex-${name}`)] as const)], "", (name) => {
    const [formula, values] = EXAMPLES[name as Example] ?? ["", {}];
    if (!formula) return;
    const list = Object.entries(values).map(([key, value]) => ({ name: key, value }));
    change({ formula, values: list, stage: 0 });
  });
  const direction = choice(say("direction"), [["right", say("right")], ["down", say("down")]], "right", (value) => change({ direction: value }));

  function refresh(now = false): void {
    const formula = String(settings()["formula"] ?? "");
    if (document.activeElement !== input) input.value = formula;
    direction.set(String(settings()["direction"] ?? "right"));
    examples.set(names.find((name) => EXAMPLES[name][0] === formula) ?? "");
    complaint.textContent = problem;
    input.setAttribute("aria-invalid", String(problem !== ""));
    if (!graph) return;
    const stage = at();
    const all = stages();
    picture.show(stage);
    bar.show(all.length - 1, stage);
    const focused = document.activeElement;
    first.el.disabled = back.el.disabled = stage === 0;
    next.el.disabled = last.el.disabled = stage === all.length - 1;
    if (focused instanceof HTMLButtonElement && focused.disabled && root.contains(focused))
      (stage === 0 ? next : back).el.focus(); // a disabled button would lose the focus, and the keys with it
    const phase = all[stage]?.phase;
    const isOver = phase === "backward" && stage === all.length - 1;
    table.show(graph, isOver, phase === "result" || phase === "backward");
    const { progress = "", sentence = "", name = "" } = all[stage] ?? {};
    const calculation = progress.endsWith(name) ? sentence.replace(`${name} : `, "") : sentence;
    told.say(`${progress}. ${calculation}`, now);
  }

  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if ((event.target as Element).closest("input, select, textarea")) return;
    const to = { ArrowRight: at() + 1, ArrowLeft: at() - 1, Home: 0, End: stages().length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  };
  const card = (title: string, ...children: Node[]) =>
    h("section", { class: "card", "aria-label": title }, h("h2", {}, title), ...children);
  const expression = card(
    say("expression-title"),
    h("div", { class: "control choice" }, h("label", { for: id }, say("formula")), input),
    complaint,
    hint,
    h("div", { class: "pair" }, examples.el, direction.el),
  );
  inRecording(model, [expression, table.el]);
  const root = h(
    "div",
    { class: "lab graph" },
    h("div", { class: "toolbar", role: "toolbar", "aria-label": say("stage") }, first.el, back.el, next.el, last.el),
    told.el,
    h(
      "div",
      { class: "columns" },
      h(
        "div",
        { class: "side" },
        expression,
        card(say("graph-title"), picture.el, h("p", { class: "hint" }, say("keys"))),
        bar.el,
      ),
      card(say("variables-title"), table.el),
    ),
  );
  root.addEventListener("keydown", keys);
  el.append(root);

  const onMessage = (content: Message) => {
    switch (content.type) {
      case "graph":
        graph = readGraph(content);
        problem = "";
        picture.draw(graph.svg, say("picture", { formula: String(settings()["formula"]) }), stages());
        break;
      case "unreadable":
      case "refused":
        problem = inOne(content["text"], lang);
        break;
      case "functions":
        hint.textContent = say("formula-hint", { functions: (content["functions"] as string[]).join(", ") });
        return;
      default:
        return;
    }
    refresh();
  };
  const show = () => refresh();
  model.on("msg:custom", onMessage);
  model.on("change:settings", show);
  show();
  model.send({ type: "hello" });
  return () => {
    model.off("msg:custom", onMessage);
    model.off("change:settings", show);
    told.dispose();
  };
}
