// MNIST live: toolbar, settings, weights as pictures, curves, the doctor, and how the digits are read.
import "./mnist.css";
import type { Lang, Message, Model, Values } from "../model";
import { button } from "../parts/button";
import { card } from "../parts/card";
import { choice } from "../parts/choice";
import { doctorPart, type Report, reportOf } from "../parts/doctor";
import { framed, h } from "../parts/dom";
import { caption } from "../parts/live";
import { numberField } from "../parts/number";
import { plot } from "../parts/plot";
import { slider } from "../parts/slider";
import { inRecording } from "../recorded";
import { settingsOf } from "../settings";
import { inLanguages } from "../widget";
import { inOne, speaker } from "../words";
import { confusion, misreadings } from "./confusion";
import { commonest, MnistState } from "./state";
import { units } from "./units";
import { pair, WORDS } from "./words";

const SPEEDS = ["slow", "normal", "full"] as const;
const ACTIVATIONS = ["relu", "sigmoid", "tanh"];
const OPTIMIZERS = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "lion"];

export const render = inLanguages(draw);

function draw(model: Model, el: HTMLElement, lang: Lang): () => void {
  const say = speaker(WORDS, lang);
  const own = (texts: unknown) => inOne(texts, lang);
  const state = new MnistState();
  let report: Report | undefined;
  let complaint: readonly string[] | undefined;
  const { settings, change } = settingsOf(model);
  const send = (type: string, values: Values = {}) => model.send({ type, ...values });
  const pick = (digit: number, answer: number) => send("pick", { digit, answer });

  // Toolbar
  const run = button({ label: say("run"), icon: "play", kind: "primary", onClick: () => send(state.moment?.playing ? "pause" : "play") });
  const step = button({ label: say("step"), icon: "step", bare: true, onClick: () => send("step") });
  const restart = button({ label: say("restart"), icon: "restart", bare: true, onClick: () => send("restart") });
  const speed = choice(say("speed"), SPEEDS.map((s) => [s, say(s)] as const), "slow", (value) => change({ speed: value }));
  const epochs = h("b", {}, "0");
  const updates = h("b", {}, "0");
  const count = h("p", { class: "count" }, epochs, ` ${say("epochs")} · `, updates, ` ${say("updates")}`);

  // Settings
  const controls = {
    hidden: numberField({ label: say("hidden"), value: 50, min: 2, max: 256, step: 1, less: "−1", more: "+1", onChange: (v) => change({ hidden: Math.round(v) }) }),
    activation: choice(say("activation"), ACTIVATIONS.map((a) => [a, a] as const), "relu", (v) => change({ activation: v })),
    optimizer: choice(say("optimizer"), OPTIMIZERS.map((o) => [o, o] as const), "sgd", (v) => change({ optimizer: v })),
    lr: slider({ label: say("lr"), min: 1e-5, max: 100, step: 0.1, value: 0.1, log: true, onInput: (v) => change({ lr: v }) }),
    batch_size: slider({ label: say("batch_size"), min: 10, max: 1000, step: 0.1, value: 100, log: true, format: whole, onInput: (v) => change({ batch_size: Math.round(v) }) }),
    examples: slider({ label: say("examples"), min: 100, max: 60000, step: 0.1, value: 60000, log: true, format: whole, onInput: (v) => change({ examples: Math.min(60000, Math.round(v)) }) }),
    epochs: numberField({ label: say("most_epochs"), value: 17, min: 1, max: 100, step: 1, onChange: (v) => change({ epochs: Math.round(v) }) }),
  };
  const show = () => {
    const values = settings();
    for (const [name, control] of Object.entries(controls))
      if (values[name] !== undefined) (control.set as (value: unknown) => void)(values[name]);
    if (typeof values["speed"] === "string") speed.set(values["speed"]);
  };

  // Gauges
  const pictures = units(state, say);
  const table = confusion(state, say, lang, pick);
  const worst = misreadings(state, say, lang, pick);
  const loss = plot();
  const accuracy = plot();
  const doctor = doctorPart(lang);
  const told = caption();
  const alarm = h("p", { class: "alarm", role: "alert", hidden: true });
  const key = (name: "batches" | "train" | "test") => h("span", { class: `key ${name}` }, say(name));

  const panels = h(
    "div",
    { class: "side settings" },
    card(say("net-title"), controls.hidden.el, controls.activation.el),
    card(say("training-title"), controls.optimizer.el, controls.lr.el, controls.batch_size.el, controls.examples.el, controls.epochs.el),
  );
  inRecording(model, [panels, table.el, worst.el], [run.el, step.el, restart.el, speed.el]);
  el.append(
    h(
      "div",
      { class: "lab mnist" },
      h("div", { class: "toolbar" }, run.el, step.el, restart.el, count, h("span", { class: "space" }), speed.el),
      told.el,
      alarm,
      h(
        "div",
        { class: "columns" },
        panels,
        h(
          "div",
          { class: "side gauges" },
          card(say("accuracy-title"), h("div", { class: "legend" }, key("train"), key("test")), accuracy.el),
          card(say("loss-title"), h("div", { class: "legend" }, key("batches"), key("train"), key("test")), loss.el),
          card(say("weights-title"), h("p", { class: "hint" }, say("weights-hint")), pictures.el),
        ),
        h(
          "div",
          { class: "side reading" },
          card(say("doctor-title"), doctor.el),
          card(say("confusion-title"), h("p", { class: "hint" }, say("confusion-hint")), table.el),
          worst.el,
        ),
      ),
    ),
  );

  function sentence(): string {
    const moment = state.moment;
    const mistake = state.confusion && commonest(state.confusion);
    if (!moment || !Number.isFinite(state.testAccuracy)) return say("waiting");
    const now = say("caption", {
      epoch: moment.epoch.toFixed(2),
      test: `${(state.testAccuracy * 100).toFixed(2)}%`,
      ...(mistake ? pair(...mistake, lang) : { digit: "–", answer: "–" }),
    });
    return moment.finished ? `${say("finished")} ${now}` : now;
  }
  let playing: boolean | undefined;
  const refresh = framed(() => {
    const { moment, losses, measured } = state;
    loss.show({
      series: [
        { x: losses.epoch, y: losses.loss, color: "--ink-soft", width: 1, alpha: 0.6 },
        { x: measured.epoch, y: measured.testLoss, color: "--test" },
        { x: measured.epoch, y: measured.trainLoss, color: "--train" },
      ],
      range: [0, top(losses.loss, measured.testLoss)],
    });
    accuracy.show({
      series: [
        { x: measured.epoch, y: measured.testAccuracy, color: "--test" },
        { x: measured.epoch, y: measured.trainAccuracy, color: "--train" },
      ],
      range: [0, 1],
    });
    doctor.show(report, say("doctor-waits"));
    table.redraw();
    worst.redraw();
    told.say(sentence(), moment?.playing === false);
    const wrong = complaint ?? moment?.problem ?? undefined;
    alarm.hidden = !wrong;
    if (wrong && alarm.textContent !== own(wrong)) alarm.textContent = own(wrong);
    if (!moment) return;
    pictures.redraw();
    if (playing !== moment.playing) run.set(say(moment.playing ? "pause" : "run"), moment.playing ? "pause" : "play");
    playing = moment.playing;
    epochs.textContent = moment.epoch.toFixed(2);
    updates.textContent = moment.step.toLocaleString();
  });
  const onMessage = (content: Message, buffers: DataView[]) => {
    if (content.type === "doctor") report = reportOf(content);
    else if (content.type === "problem") complaint = content["text"] as unknown as string[];
    else if (content.type === "refused") complaint = WORDS.refused.map((text, i) => text.replace("{text}", (content["text"] as string[])[i] ?? ""));
    else if (!state.take(content, buffers)) return;
    else if (content.type === "moment") complaint = undefined;
    refresh();
  };
  const repaint = () => {
    worst.redraw(true);
    refresh();
  };
  model.on("msg:custom", onMessage);
  model.on("change:settings", show);
  model.on("change:theme", repaint);
  show();
  send("hello");
  return () => {
    model.off("msg:custom", onMessage);
    model.off("change:settings", show);
    model.off("change:theme", repaint);
    for (const part of [loss, accuracy, told]) part.dispose();
  };
}

const whole = (value: number) => Math.round(value).toLocaleString();

/** Where the loss axis ends: what most of a run needs, so that one wild batch does not flatten it. */
function top(...series: number[][]): number {
  const values = series.flat().filter(Number.isFinite).sort((a, b) => a - b);
  const most = values[Math.floor(values.length * 0.98)] ?? 2.5;
  return Math.max(0.1, Math.min(values.at(-1) ?? most, most * 1.5)) * 1.05;
}
