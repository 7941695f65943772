// Run, pause, step; the speed; what else concerns the whole experiment.
import type { Values } from "../model";
import { button } from "../parts/button";
import { choice } from "../parts/choice";
import { h } from "../parts/dom";
import type { Say } from "../words";
import { PRESETS } from "./presets";
import type { Frame } from "./state";
import type { WORDS } from "./words";

const SPEEDS = ["slow", "normal", "fast", "full"] as const;

export interface Toolbar {
  el: HTMLElement;
  show(frame: Frame): void;
  showSettings(settings: Values): void;
}

export interface ToolbarOptions {
  say: Say<typeof WORDS>;
  frame: () => Frame | undefined;
  send: (type: string, values?: Values) => void;
  change: (values: Values) => void;
  onPreset: (number: number) => void;
  onCode: () => void;
}

export function toolbar({ say, frame, send, change, onPreset, onCode }: ToolbarOptions): Toolbar {
  const run = button({ label: say("run"), icon: "play", kind: "primary", onClick: () => send(frame()?.playing ? "pause" : "play") });
  const step = button({ label: say("step"), icon: "step", bare: true, onClick: () => send("step") });
  const epoch = button({ label: say("epoch"), icon: "epoch", bare: true, onClick: () => send("epoch") });
  const restart = button({ label: say("restart"), icon: "restart", bare: true, onClick: () => send("restart") });
  const speed = choice(say("speed"), SPEEDS.map((s) => [s, say(s)] as const), "normal", (value) => change({ speed: value }));
  const presets = choice(
    say("presets"),
    [["", say("preset-none")] as const, ...PRESETS.map(({ name }, i) => [String(i), say(name)] as const)],
    "",
    (value) => value && onPreset(Number(value)),
  );
  const code = button({ label: say("python"), onClick: onCode });
  const epochs = h("p", { class: "count" }, h("b", {}, "0"), ` ${say("epochs")}`);
  let playing: boolean | undefined;
  return {
    el: h(
      "div",
      { class: "toolbar" },
      run.el, step.el, epoch.el, restart.el, epochs,
      h("span", { class: "space" }),
      speed.el, presets.el, code.el,
    ),
    show(now) {
      if (playing !== now.playing) run.set(say(now.playing ? "pause" : "run"), now.playing ? "pause" : "play");
      playing = now.playing;
      (epochs.firstChild as HTMLElement).textContent = Math.floor(now.row.epoch + 1e-6).toLocaleString();
    },
    showSettings(settings) {
      if (typeof settings["speed"] === "string") speed.set(settings["speed"]);
    },
  };
}
