// The panels of data and training: controls that show the settings and change them.
import type { Json, Values } from "../model";
import { button } from "../parts/button";
import { card, fold } from "../parts/card";
import { choice } from "../parts/choice";
import { h } from "../parts/dom";
import { numberField } from "../parts/number";
import { slider } from "../parts/slider";
import type { Say } from "../words";
import type { OwnPoints } from "./own";
import type { WORDS } from "./words";

const DATA = ["spiral", "circle", "xor", "gauss", "moons", "arms", "blobs", "plane", "hills", "formula", "own"] as const;
const OPTIMIZERS = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "lion"] as const;
const SCHEDULES = ["constant", "step", "exponential", "cosine", "onecycle"] as const;
const INITIAL = ["auto", "xavier", "he", "lecun", "orthogonal", "0.01", "1", "zeros"] as const;
const MOST_SEED = 2 ** 31;

type Words = Say<typeof WORDS>;
type Change = (values: Values) => void;

export interface Panel {
  el: HTMLElement;
  show(settings: Values): void;
}

interface Shown {
  el: HTMLElement;
  set(value: never): void;
}

/** Shows settings in controls of the same names. */
function shower(controls: Record<string, Shown>): (settings: Values) => void {
  return (settings) => {
    for (const [name, control] of Object.entries(controls))
      if (settings[name] !== undefined) (control.set as (value: Json) => void)(settings[name] as Json);
  };
}

const percent = (value: number) => `${Math.round(value * 100)}%`;

export function dataPanel(say: Words, settings: () => Values, change: Change, own: OwnPoints): Panel {
  const set = (name: string) => (value: Json) => change({ [name]: value });
  const formula = h("input", {
    type: "text",
    spellcheck: "false",
    "aria-label": say("formula"),
    on: { change: () => change({ formula: formula.value }) },
  });
  const controls = {
    data: choice(say("data"), DATA.map((d) => [d, say(d)] as const), "spiral", set("data")),
    n: slider({ label: say("n"), min: 10, max: 2000, step: 10, value: 400, onInput: (n) => change({ n: Math.round(n) }) }),
    noise: slider({ label: say("noise"), min: 0, max: 1, step: 0.05, value: 0, format: percent, onInput: set("noise") }),
    test_share: slider({ label: say("test_share"), min: 0.1, max: 0.9, step: 0.1, value: 0.5, format: percent, onInput: set("test_share") }),
  };
  const again = button({
    label: say("new-points"), kind: "quiet", icon: "restart",
    onClick: () => change({ data_seed: (Number(settings()["data_seed"]) + 1) % MOST_SEED }),
  });
  const formulaBox = h("div", { class: "control" }, h("p", { class: "hint" }, say("formula-hint")), formula);
  const showControls = shower(controls);
  return {
    el: card(say("data-title"), controls.data.el, formulaBox, own.el, controls.n.el, controls.noise.el, controls.test_share.el, again.el),
    show(values) {
      showControls(values);
      const isOwn = values["data"] === "own";
      own.el.hidden = !isOwn;
      formulaBox.hidden = values["data"] !== "formula";
      for (const control of [controls.n, controls.noise, again]) control.el.hidden = isOwn;
      if (document.activeElement !== formula) formula.value = String(values["formula"] ?? "");
    },
  };
}

export function trainingPanel(say: Words, settings: () => Values, change: Change): Panel {
  const set = (name: string) => (value: Json) => change({ [name]: value });
  const named = <K extends keyof typeof WORDS>(names: readonly K[]) => names.map((name) => [name, say(name)] as const);
  const controls = {
    optimizer: choice(say("optimizer"), OPTIMIZERS.map((o) => [o, OPTIMIZER_NAMES[o]] as const), "adam", set("optimizer")),
    lr: slider({ label: say("lr"), min: 1e-5, max: 10, step: 0.1, value: 0.01, log: true, onInput: set("lr") }),
    batch_size: slider({ label: say("batch_size"), min: 1, max: 200, step: 1, value: 10, onInput: (n) => change({ batch_size: Math.round(n) }) }),
    penalty: choice(say("penalty"), named(["none", "l1", "l2"]), "none", set("penalty")),
    strength: slider({ label: say("strength"), min: 1e-5, max: 1, step: 0.1, value: 0.001, log: true, onInput: set("strength") }),
    schedule: choice(say("schedule"), SCHEDULES.map((s) => [s, say(s === "step" ? "step-decay" : s)] as const), "constant", set("schedule")),
    schedule_epochs: numberField({ label: say("schedule_epochs"), value: 500, min: 1, max: 100000, step: 50, onChange: (n) => change({ schedule_epochs: Math.round(n) }) }),
    clip_norm: numberField({ label: say("clip_norm"), value: 0, min: 0, max: 1000, step: 0.5, onChange: set("clip_norm") }),
    init: choice(say("init"), INITIAL.map((i) => [i, INITIAL_NAMES[i] ?? say(i as "auto")] as const), "auto", set("init")),
  };
  const again = button({
    label: say("new-weights"), kind: "quiet", icon: "restart",
    onClick: () => change({ weight_seed: (Number(settings()["weight_seed"]) + 1) % MOST_SEED }),
  });
  const show = shower(controls);
  return {
    el: card(
      say("training-title"), controls.optimizer.el, controls.lr.el, controls.batch_size.el, controls.penalty.el, controls.strength.el,
      fold(say("more"), false, controls.init.el, again.el, controls.schedule.el, controls.schedule_epochs.el, controls.clip_norm.el),
    ),
    show(values) {
      show(values);
      controls.strength.el.hidden = values["penalty"] === "none";
      controls.schedule_epochs.el.hidden = values["schedule"] === "constant";
    },
  };
}

const OPTIMIZER_NAMES = {
  sgd: "SGD", momentum: "Momentum", nesterov: "Nesterov", adagrad: "AdaGrad", rmsprop: "RMSProp", adam: "Adam", adamw: "AdamW", lion: "Lion",
} as const;
const INITIAL_NAMES: Partial<Record<(typeof INITIAL)[number], string>> = { xavier: "Xavier", he: "He", lecun: "LeCun", "0.01": "σ = 0.01", "1": "σ = 1" };
