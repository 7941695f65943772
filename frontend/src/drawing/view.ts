// The drawing pad: ink, what the net gets of it, its answer and its reasons, and what breaks it.
import "./drawing.css";
import type { Json, Lang, Message, Model } from "../model";
import { button } from "../parts/button";
import { choice } from "../parts/choice";
import { palette } from "../parts/colors";
import { h } from "../parts/dom";
import { caption } from "../parts/live";
import { inked, largest, picture, signed } from "../parts/picture";
import { slider } from "../parts/slider";
import { inRecording } from "../recorded";
import { settingsOf } from "../settings";
import { inLanguages } from "../widget";
import { inOne, speaker } from "../words";
import { bars } from "./bars";
import { layerMaps } from "./layers";
import { type Point, pad, withoutLastStroke } from "./pad";
import { best, type Reading, readReading, readTraining, sameUnit, type Training, toggled, type Unit } from "./state";
import { WORDS } from "./words";

const MAPS = ["contribution", "gradient"] as const;

export const render = inLanguages(draw);

function draw(model: Model, el: HTMLElement, lang: Lang): () => void {
  const say = speaker(WORDS, lang);
  const { settings, change } = settingsOf(model);
  const list = <T,>(name: string) => (settings()[name] ?? []) as unknown as T[];
  const percent = (share: number) => `${(share * 100).toFixed(1)}%`;
  let reading: Reading | undefined;
  let training: Training | undefined;
  let map: (typeof MAPS)[number] = "contribution";

  const told = caption();
  const drawingPad = pad({
    label: say("pad-label"),
    penLabel: say("pen-label"),
    describe: (x, y, down) => say(down ? "pen-down" : "pen-up", { x: Math.round(x), y: Math.round(y) }),
    points: () => list<Point>("strokes"),
    pen: () => Number(settings()["pen"] ?? 24),
    onDraw: (points) => change({ strokes: points as Json }),
  });
  const seen = picture(say("digit-label"));
  const spoke = picture(say("spoke-title"));
  const weights = picture(say("unit-title"));
  const answer = bars(say, (asked) => change({ asked: reading?.asked === asked ? -1 : asked }));
  const layers = layerMaps(say, (unit) => change({ unit: [unit] as unknown as Json }));

  const undo = button({ label: say("undo"), icon: "restart", onClick: () => change({ strokes: withoutLastStroke(list<Point>("strokes")) as Json }) });
  const clear = button({ label: say("clear"), icon: "close", onClick: () => change({ strokes: [] }) });
  const pen = slider({ label: say("pen"), min: 6, max: 60, step: 1, value: 24, onInput: (value) => change({ pen: Math.round(value) }) });
  const shown = choice(say("map"), MAPS.map((name) => [name, say(name)] as const), map, (value) => {
    map = value as typeof map;
    refresh();
  });
  const noise = slider({ label: say("noise"), min: 0, max: 3, step: 0.05, value: 0, format: (v) => v.toFixed(2), onInput: (value) => change({ noise: value }) });
  const other = button({ label: say("other-noise"), kind: "quiet", onClick: () => change({ noise_seed: (Number(settings()["noise_seed"]) + 1) % 1_000_000 }) });
  const cut = button({ label: say("cut"), onClick: () => chosen() && change({ cut: toggled(list<Unit>("cut"), chosen() as Unit) as unknown as Json }) });
  const repair = button({ label: say("repair"), kind: "quiet", icon: "restart", onClick: () => {
      change({ cut: [], noise: 0 });
      noise.input.focus();
    },
  });
  const chosen = () => list<Unit>("unit")[0];
  const net = h("div", { class: "net-choice" });
  let nets = choice(say("net"), [["", say("own")]], "", () => {});
  const progress = h("progress", { max: 1, value: 0, "aria-label": say("net") });
  const status = h("p", { class: "hint" });
  const unitText = h("p", { class: "hint" });
  const weightsHint = h("p", { class: "hint" }, say("weights-hint"));
  const spokeHint = h("p", { class: "hint" });
  const brokenText = h("p", { class: "hint" });
  const took = h("p", { class: "hint took" });

  function refresh(): void {
    const colors = palette(el.querySelector(".lab") ?? el);
    drawingPad.take();
    pen.set(Number(settings()["pen"] ?? 24));
    noise.set(Number(settings()["noise"] ?? 0));
    const gone = list<Unit>("cut");
    const breaks = gone.length > 0 || Number(settings()["noise"]) > 0;
    repair.el.hidden = !breaks;
    other.el.hidden = !Number(settings()["noise"]);
    brokenText.textContent = breaks ? say("broken", { units: gone.length, noise: Number(settings()["noise"]).toFixed(2) }) : "";
    showTraining();
    if (!reading) return;
    seen.show(reading.digit, 28, inked(colors, 255));
    const values = reading.empty ? new Float32Array(784) : reading[map];
    spoke.show(values, 28, signed(colors, largest(values)));
    spokeHint.textContent = say("spoke-hint", { name: reading.classes[reading.asked] ?? "" });
    answer.show(reading);
    layers.show(reading, gone, chosen(), colors);
    took.textContent = reading.empty ? "" : say("took", { ms: reading.milliseconds.toFixed(1) });
    showUnit(gone);
    if (reading.weights) weights.show(reading.weights, 28, signed(colors, largest(reading.weights)));
    told.say(sentence(reading, breaks));
  }

  function showUnit(gone: readonly Unit[]): void {
    const unit = chosen();
    const place = reading?.layers.findIndex((layer) => layer.number === unit?.[0]) ?? -1;
    const layer = reading?.layers[place];
    cut.el.hidden = !unit || !layer;
    weights.el.hidden = weightsHint.hidden = !reading?.weights;
    if (!unit || !layer) {
      unitText.textContent = say("unit-hint");
      return;
    }
    const size = layer.values.length / layer.units;
    const value = largest(layer.values.subarray(unit[1] * size, (unit[1] + 1) * size));
    unitText.textContent = say("unit-is", { layer: place + 1, n: unit[1] + 1, value: value.toFixed(3) });
    cut.set(say(gone.some((one) => sameUnit(one, unit)) ? "join" : "cut"));
  }

  function showTraining(): void {
    const own = !settings()["run"];
    const share = training ? training.done / training.total : 0;
    progress.hidden = !own || share >= 1;
    progress.value = share;
    const accuracy = training?.accuracy === undefined ? "" : percent(training.accuracy);
    const key = share >= 1 ? "trained" : accuracy ? "training-at" : "training";
    status.textContent = own ? inOne(training?.problem, lang) || say(key, { percent: `${Math.floor(share * 100)}%`, accuracy }) : "";
  }

  function sentence({ classes, probabilities, unbroken, empty }: Reading, breaks: boolean): string {
    if (empty) return say("blank");
    const top = best(probabilities);
    const second = best(probabilities.map((p, i) => (i === top ? -1 : p)));
    const words = { name: classes[top] ?? "", percent: percent(probabilities[top] ?? 0) };
    if (breaks) return say("changed", { ...words, whole: classes[best(unbroken)] ?? "" });
    return say("answer", { ...words, second: classes[second] ?? "", percent2: percent(probabilities[second] ?? 0) });
  }

  const card = (title: string, ...children: Node[]) =>
    h("section", { class: "card", "aria-label": title }, h("h2", {}, title), ...children);
  const above = h(
    "div",
    { class: "columns" },
    card(say("pad-title"), drawingPad.el, h("div", { class: "tools" }, undo.el, clear.el), pen.el),
    card(say("seen-title"), seen.el, h("p", { class: "hint" }, say("seen-hint"))),
    card(say("spoke-title"), spoke.el, spokeHint, shown.el),
    card(say("answer-title"), answer.el, took, net, progress, status),
  );
  const below = h(
    "div",
    { class: "below" },
    card(say("layers-title"), layers.el),
    h(
      "div",
      { class: "side" },
      card(say("unit-title"), unitText, weights.el, weightsHint, cut.el),
      card(say("break-title"), noise.el, h("div", { class: "tools" }, other.el, repair.el), brokenText),
    ),
  );
  inRecording(model, [above, below]);
  el.append(h("div", { class: "lab drawing" }, told.el, above, below));

  const onMessage = (content: Message, buffers: DataView[]) => {
    if (content.type === "reading") reading = readReading(content, buffers);
    else if (content.type === "training") training = readTraining(content);
    else if (content.type === "problem" || content.type === "refused") told.say(inOne(content["text"], lang), true);
    else if (content.type === "runs") {
      const runs = (content["runs"] as string[]).map((name) => [name, name] as const);
      nets = choice(say("net"), [["", say("own")], ...runs], String(settings()["run"] ?? ""), (run) => change({ run, cut: [], unit: [] }));
      net.replaceChildren(nets.el);
      return;
    } else return;
    refresh();
  };
  const show = () => {
    nets.set(String(settings()["run"] ?? ""));
    refresh();
  };
  model.on("msg:custom", onMessage);
  model.on("change:settings", show);
  model.on("change:theme", refresh);
  refresh();
  model.send({ type: "hello" });
  return () => {
    model.off("msg:custom", onMessage);
    model.off("change:settings", show);
    model.off("change:theme", refresh);
    drawingPad.dispose();
    told.dispose();
  };
}
