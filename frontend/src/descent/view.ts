// Descent: a surface, optimizers that race on it, and a prediction before they run.
import "./descent.css";
import type { Json, Lang, Message, Model, Values } from "../model";
import { short } from "../parts/axes";
import { button } from "../parts/button";
import { choice, toggle } from "../parts/choice";
import { h } from "../parts/dom";
import { caption } from "../parts/live";
import { scrub } from "../parts/scrub";
import { slider } from "../parts/slider";
import { inRecording } from "../recorded";
import { settingsOf } from "../settings";
import { inLanguages } from "../widget";
import { inOne, speaker } from "../words";
import { heightsPlot } from "./heights";
import { type LaneSettings, laneList } from "./lanes";
import { surfaceMap } from "./map";
import { player, SPEED_NAMES, type Speed } from "./player";
import { question } from "./question";
import { limitBox, momentList, standings } from "./reading";
import { DescentState, eventAt } from "./state";
import { WORDS } from "./words";

const SURFACES = ["sphere", "ellipse", "rosenbrock", "himmelblau", "beale", "saddle"] as const;
const GRADIENTS = ["numerical", "exact"] as const;

export const render = inLanguages(draw);

function draw(model: Model, el: HTMLElement, lang: Lang): () => void {
  const say = speaker(WORDS, lang);
  const state = new DescentState();
  const { settings, change } = settingsOf(model);
  const send = (type: string, values: Values = {}) => model.send({ type, ...values });
  const lanes = () => (settings()["lanes"] ?? []) as unknown as LaneSettings[];

  const told = caption();
  const map = surfaceMap({
    state,
    startLabel: say("start"),
    describe: (x, y) => say("start-at", { x: short(x), y: short(y) }),
    onStart: (x, y) => moveStart(x, y),
  });
  const heights = heightsPlot(state);
  const ask = question(say, state, (answer) => send("predict", { answer }));
  const list = laneList(say, (next) => change({ lanes: next as unknown as Json }), () => send("best"));
  const limit = limitBox(say);
  const happened = momentList(say, (step) => look(step));
  const race = standings(say, lang);

  // Time
  const time = player((steps) => {
    look(Math.min(state.steps, state.step + steps), true);
    return state.step < state.steps;
  }, () => refresh());
  const play = () => {
    if (state.step >= state.steps) look(0);
    time.play(!time.playing);
  };
  const run = button({ label: say("run"), icon: "play", kind: "primary", onClick: play });
  const one = button({ label: say("step"), icon: "step", bare: true, onClick: () => look(Math.min(state.steps, state.step + 1)) });
  const end = button({ label: say("end"), icon: "epoch", bare: true, onClick: () => look(state.steps) });
  const again = button({ label: say("restart"), icon: "restart", bare: true, onClick: () => look(0) });
  const speed = choice(say("speed"), SPEED_NAMES.map((name) => [name, say(name)] as const), "normal", (value) => {
    time.speed = value as Speed;
  });
  const bar = scrub({
    label: say("scrub"),
    format: (step) => say("at-step", { step: Math.round(step), steps: state.steps }),
    onLook: (step) => look(Math.round(step ?? state.steps)),
  });
  function look(step: number, playing = false): void {
    if (!playing) time.play(false);
    state.step = step;
    refresh(!playing);
  }

  // Settings
  const controls = {
    surface: choice(say("surface"), SURFACES.map((name) => [name, say(name)] as const), "ellipse", (surface) =>
      change({ surface, start: [] }),
    ),
    gradient: choice(say("gradient"), GRADIENTS.map((name) => [name, say(name)] as const), "numerical", (gradient) =>
      change({ gradient }),
    ),
    steps: slider({ label: say("steps"), min: 1, max: 300, step: 1, value: 50, onInput: (value) => change({ steps: Math.round(value) }) }),
    ask: toggle(say("ask"), true, (on) => change({ ask: on })),
  };
  const x = slider({ label: say("x"), min: -1, max: 1, step: 0.1, value: 0, onInput: (value) => moveStart(value, state.setup?.start[1] ?? 0) });
  const y = slider({ label: say("y"), min: -1, max: 1, step: 0.1, value: 0, onInput: (value) => moveStart(state.setup?.start[0] ?? 0, value) });
  const usual = button({ label: say("usual-start"), kind: "quiet", onClick: () => change({ start: [] }) });
  function moveStart(to: number, up: number): void {
    time.play(false);
    if (state.setup) state.setup.start = [to, up];
    map.redraw();
    change({ start: [[to, up]] });
  }
  const predicted = h("span", { class: "key predicted" }, say("predicted"));
  const formula = h("p", { class: "formula" });
  const show = () => {
    const values = settings();
    for (const [name, control] of Object.entries(controls))
      if (values[name] !== undefined) (control.set as (value: Json) => void)(values[name] as Json);
    list.set(lanes());
    refresh();
  };

  function refresh(now = false): void {
    const { surface, setup } = state;
    if (!surface || !setup) return;
    const ready = state.lanes.length > 0;
    formula.textContent = `f(x) = ${surface.formula}`;
    for (const control of [run, one, end, again]) {
      control.el.disabled = !ready;
      control.el.title = ready ? "" : say("answer-first");
    }
    run.set(say(time.playing ? "pause" : "run"), time.playing ? "pause" : "play");
    predicted.hidden = !state.guess;
    bar.el.hidden = !ready;
    bar.show(state.steps, state.step);
    list.mark(setup.limit?.limit);
    limit.show(setup.limit, lanes());
    happened.show(state);
    race.show(state);
    map.redraw();
    heights.refresh();
    const first = { optimizer: lanes()[0]?.optimizer ?? "", lr: lanes()[0]?.lr ?? 0, steps: Number(settings()["steps"]) };
    const answered = ask.show(settings()["ask"] !== false, first);
    told.say(sentence(first.optimizer, answered), now || answered !== "");
  }

  function sentence(optimizer: string, answered: string): string {
    const lane = state.lanes[0];
    const [startX, startY] = state.setup?.start ?? [0, 0];
    const begin = say("ready", { optimizer, x: short(startX), y: short(startY), f: short(state.setup?.height ?? 0) });
    if (!lane || !state.step) return begin;
    const step = Math.min(state.step, lane.events.length);
    const event = say(eventAt(lane, step), { step, f: short(lane.heights[step] ?? Number.NaN) });
    return answered ? `${event} ${answered}` : event;
  }

  const card = (title: string, ...children: Node[]) =>
    h("section", { class: "card", "aria-label": title }, h("h2", {}, title), ...children);
  const lanesCard = card(say("lanes-title"), list.el);
  const surfaceCard = card(say("surface-title"), controls.surface.el, x.el, y.el, usual.el, controls.steps.el, controls.gradient.el, controls.ask.el);
  inRecording(model, [lanesCard, surfaceCard, map.el], [ask.el]);
  el.append(
    h(
      "div",
      { class: "lab descent" },
      h("div", { class: "toolbar", role: "toolbar", "aria-label": say("run") }, run.el, one.el, end.el, again.el, speed.el),
      told.el,
      h(
        "div",
        { class: "columns" },
        h(
          "div",
          { class: "side" },
          ask.el,
          card(say("map-title"), formula, h("div", { class: "map-box" }, map.el)),
          bar.el,
          card(say("heights-title"), legend(), heights.drawing.el, race.el),
        ),
        h(
          "div",
          { class: "side" },
          lanesCard,
          card(say("limit-title"), limit.el),
          happened.el,
          surfaceCard,
        ),
      ),
    ),
  );
  function legend(): HTMLElement {
    return h("p", { class: "legend" }, predicted);
  }

  const onMessage = (content: Message, buffers: DataView[]) => {
    if (content.type === "problem" || content.type === "refused") told.say(inOne(content["text"], lang), true);
    if (!state.take(content, buffers)) return;
    if (content.type === "setup") {
      time.play(false);
      const [startX, startY] = state.setup?.start ?? [0, 0];
      const [sides, ends] = state.surface?.window ?? [[-1, 1], [-1, 1]];
      place(x.input, sides);
      place(y.input, ends);
      x.set(startX);
      y.set(startY);
    }
    if (content.type === "race" && settings()["ask"] === false) state.step = state.steps;
    const answered = ask.el.contains(document.activeElement);
    refresh();
    if (content.type === "race" && answered) run.el.focus(); // the answers cannot be pressed again
  };
  model.on("msg:custom", onMessage);
  model.on("change:settings", show);
  model.on("change:theme", map.redraw);
  model.on("change:theme", heights.refresh);
  show(); // what the address says is known already
  send("hello");
  return () => {
    time.dispose();
    model.off("msg:custom", onMessage);
    model.off("change:settings", show);
    model.off("change:theme", map.redraw);
    model.off("change:theme", heights.refresh);
    for (const drawing of [map, heights.drawing, told]) drawing.dispose();
  };
}

/** Limits of a slider, which follow the surface's window. */
function place(input: HTMLInputElement, [low, high]: readonly [number, number]): void {
  input.min = String(low);
  input.max = String(high);
}
