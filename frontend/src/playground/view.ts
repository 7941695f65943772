// The Playground, put together.
import "./playground.css";
import type { Json, Lang, Message, Model, Values } from "../model";
import { button } from "../parts/button";
import { card } from "../parts/card";
import { chips } from "../parts/chips";
import { toggle } from "../parts/choice";
import { framed, h } from "../parts/dom";
import { caption } from "../parts/live";
import { scrub } from "../parts/scrub";
import { inRecording } from "../recorded";
import { settingsOf } from "../settings";
import { inLanguages } from "../widget";
import { inOne, speaker } from "../words";
import { codeDialog } from "./code";
import { curves } from "./curves";
import { inspector, type Touched } from "./inspector";
import { layerList } from "./layers";
import { netDiagram } from "./net";
import { output, planeAt, type Shown } from "./output";
import { ownPoints } from "./own";
import { dataPanel, trainingPanel } from "./panels";
import { PRESETS } from "./presets";
import { type Layer, PlaygroundState } from "./state";
import { toolbar } from "./toolbar";
import { WORDS } from "./words";

const FEATURES = ["x1", "x2", "x1^2", "x2^2", "x1 x2", "sin x1", "sin x2"] as const;

export const render = inLanguages(draw);

function draw(model: Model, el: HTMLElement, lang: Lang): () => void {
  const say = speaker(WORDS, lang);
  const state = new PlaygroundState();
  const shown: Shown = { discrete: false, test: true, unit: undefined, probe: undefined };
  const { settings, change } = settingsOf(model);
  const send = (type: string, values: Values = {}) => model.send({ type, ...values });
  const told = caption();
  const tell = (sentence: string) => told.say(sentence, true);

  // The parts
  const field = output(state, shown);
  const loss = curves(state, "Loss");
  const accuracy = curves(state, "Accuracy");
  const own = ownPoints(say, settings, change, tell);
  const touched = inspector({
    say,
    send,
    onMove: () => {
      shown.probe = touched.point;
      field.redraw();
    },
    onClose: () => {
      shown.probe = undefined;
      diagram.select(undefined);
      field.redraw();
    },
  });
  const diagram = netDiagram({
    state,
    unitName: (layer, unit) => say("unit-name", { layer, unit }),
    answerName: (unit) => say("answer-unit", { unit }),
    featureName: prettyFeature,
    onUnit: (unit, name) => {
      shown.unit = unit;
      outputTitle.textContent = name || say("output-title");
      field.redraw();
    },
    onTouch: (layer, unit) => {
      if (recorded) return;
      diagram.select([layer, unit]);
      touched.look(layer, unit);
    },
  });
  const layers = layerList(say, change);
  const features = chips(say("features"), FEATURES.map((f) => [f, prettyFeature(f)] as const), ["x1", "x2"], (chosen) => change({ features: chosen }));
  const data = dataPanel(say, settings, change, own);
  const training = trainingPanel(say, settings, change);
  const code = codeDialog(say, send);
  const bar = scrub({
    label: say("scrub"),
    format: (epoch) => say("scrub-at", { epoch: Math.round(epoch) }),
    onLook: (epoch) => send("look", epoch === undefined ? {} : { epoch }),
  });
  const branch = button({ label: say("branch"), icon: "branch", onClick: () => send("branch", { epoch: state.frame?.row.epoch ?? 0 }) });
  const why = h("p", { class: "why", hidden: true });
  const tools = toolbar({
    say,
    frame: () => state.frame,
    send,
    change,
    onCode: code.open,
    onPreset(number) {
      const preset = PRESETS[number];
      if (!preset) return;
      const { speed } = settings();
      change({ ...(model.get("defaults") as Values), ...(speed ? { speed } : {}), ...preset.settings });
      send("restart", { compare: false });
      why.textContent = say(preset.why);
      why.hidden = false;
    },
  });
  const test = toggle(say("show-test"), shown.test, (on) => {
    shown.test = on;
    field.redraw();
  });
  const discrete = toggle(say("discrete"), shown.discrete, (on) => {
    shown.discrete = on;
    field.redraw();
  });
  const log = toggle(say("log"), false, (on) => {
    loss.log = on;
    loss.refresh();
  });

  // The page
  branch.el.disabled = true;
  const key = (name: "train" | "test" | "before") => h("span", { class: `key ${name}` }, say(name));
  const before = key("before");
  const outputCard = card(say("output-title"), h("div", { class: "square" }, field.el), h("div", { class: "pair" }, test.el, discrete.el));
  const outputTitle = outputCard.querySelector("h2") as HTMLElement;
  const accuracyCard = card(say("accuracy-title"), accuracy.el);
  const panels = h("div", { class: "side left" }, data.el, training.el);
  const layersCard = card(say("layers-title"), layers.el);
  const timeline = h("div", { class: "timeline" }, bar.el, branch.el);
  const recorded = inRecording(model, [panels, layersCard, features.el], [tools.el, timeline]);
  el.append(
    h(
      "div",
      { class: "lab playground" },
      tools.el,
      h("div", { class: "told" }, told.el, why),
      h(
        "div",
        { class: "columns" },
        panels,
        h(
          "div",
          { class: "side middle" },
          card(say("net-title"), features.el, diagram.el),
          touched.el,
          layersCard,
        ),
        h(
          "div",
          { class: "side right" },
          outputCard,
          card(say("loss-title"), h("div", { class: "legend" }, key("train"), key("test"), before, log.el), loss.el),
          accuracyCard,
        ),
      ),
      timeline,
      code.el,
    ),
  );

  const refresh = framed(() => {
    const { frame } = state;
    field.redraw();
    diagram.redraw();
    loss.refresh();
    accuracy.refresh();
    before.hidden = !state.branches.length;
    if (!frame) return;
    tools.show(frame);
    branch.el.disabled = frame.newest;
    accuracyCard.hidden = !frame.net.classes;
    bar.show(state.curves.epoch.at(-1) ?? 0, frame.newest ? undefined : frame.row.epoch);
    told.say(sentence(), !frame.playing);
  });

  function sentence(): string {
    const frame = state.frame;
    if (!frame) return "";
    const { epoch, trainLoss, testLoss, trainAccuracy, testAccuracy } = frame.row;
    const values = { epoch: String(Math.round(epoch * 100) / 100) };
    const percent = (share: number) => `${(share * 100).toFixed(1)}%`;
    const now = frame.net.classes
      ? say("caption-accuracy", { ...values, train: percent(trainAccuracy), test: percent(testAccuracy) })
      : say("caption", { ...values, train: precise(trainLoss), test: precise(testLoss) });
    if (frame.problem) return `${say("diverged")} ${now}`;
    return frame.newest ? now : `${say("looking-back")} ${now}`;
  }

  // What comes in
  const onMessage = (content: Message, buffers: DataView[]) => {
    if (state.take(content, buffers)) refresh();
    else if (content.type === "touch") touched.show(content["numbers"] as unknown as Touched | null, inputsOf(content["numbers"]));
    else if (content.type === "python") code.show(String(content["text"]));
    else if ((content.type === "problem" || content.type === "refused") && !own.tooFew()) tell(say("refused", { text: inOne(content["text"], lang) }));
  };
  const inputsOf = (numbers: Json | undefined): string[] => {
    const layer = (numbers as unknown as Touched | null)?.layer ?? 0;
    const net = state.frame?.net;
    if (!net || !layer) return [];
    if (layer === 1) return net.features.map(prettyFeature);
    return Array.from({ length: net.layers[layer - 2]?.units ?? 0 }, (_, u) => `h${layer - 1},${u + 1}`);
  };
  let shownData = "";
  const show = () => {
    const values = settings();
    const chosen = values["data"] === "own" && shownData !== "own";
    shownData = String(values["data"]);
    if (chosen && state.points) own.beginWith(state.points);
    data.show(values);
    training.show(values);
    tools.showSettings(values);
    if (Array.isArray(values["features"])) features.set(values["features"] as string[]);
    if (Array.isArray(values["layers"])) layers.show(values["layers"] as unknown as Layer[]);
  };

  // Pointers on the canvases; each has a control beside it
  const seek = (event: PointerEvent) => {
    if (event.buttons !== 1) return;
    const to = Math.max(0, (event.target === loss.el ? loss : accuracy).at(event.offsetX));
    send("look", to >= (state.curves.epoch.at(-1) ?? 0) ? {} : { epoch: to });
  };
  for (const drawing of [loss, accuracy])
    for (const event of ["pointerdown", "pointermove"] as const) drawing.el.addEventListener(event, seek);
  let pointer: PointerEvent | undefined;
  const probe = framed(() => {
    if (pointer && touched.isOpen) touched.move(...planeAt(field.el, pointer));
  });
  field.el.addEventListener("pointermove", (event) => {
    pointer = event;
    probe();
  });
  field.el.addEventListener("pointerdown", (event) => {
    if (!recorded && settings()["data"] === "own" && event.button === 0) own.click(...planeAt(field.el, event), event.shiftKey || event.ctrlKey);
  });

  model.on("msg:custom", onMessage);
  model.on("change:settings", show);
  model.on("change:theme", refresh);
  show();
  send("hello");
  return () => {
    model.off("msg:custom", onMessage);
    model.off("change:settings", show);
    model.off("change:theme", refresh);
    for (const drawing of [field, diagram, loss, accuracy, told]) drawing.dispose();
  };
}

const precise = (value: number) => (Number.isFinite(value) ? Number(value.toPrecision(3)).toString() : "∞");

const prettyFeature = (name: string) =>
  name.replace("^2", "²").replace(/x1/g, "x₁").replace(/x2/g, "x₂").replace("₁ x", "₁x");
