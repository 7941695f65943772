// Play, pause, moment by moment, and a bar over all of them.
import { button } from "../parts/button";
import { h } from "../parts/dom";
import { scrub } from "../parts/scrub";
import type { Say } from "../words";
import type { Moment, RecordedModel } from "./model";
import type { WORDS } from "./words";

const SECONDS = 12; // that a whole recording takes
const FASTEST = 12; // moments a second

export interface Player {
  el: HTMLElement;
  refresh(): void;
  dispose(): void;
}

export function player(say: Say<typeof WORDS>, model: RecordedModel, moments: readonly Moment[]): Player {
  const last = moments.length - 1;
  const pace = 1000 / Math.min(FASTEST, moments.length / SECONDS);
  let timer: ReturnType<typeof setInterval> | undefined;
  const go = (number: number) => {
    model.look(number);
    refresh();
  };
  const play = (on: boolean) => {
    clearInterval(timer);
    model.playing = on;
    if (on)
      timer = setInterval(() => {
        if (model.number + 1 >= last) play(false);
        go(model.number + 1);
      }, pace);
    go(on && model.number === last ? 0 : model.number);
  };
  const step = (by: number) => {
    play(false);
    go(model.number + by);
  };
  const run = button({ label: say("play"), icon: "play", kind: "primary", onClick: () => play(!model.playing) });
  const back = button({ label: say("back"), icon: "back", bare: true, onClick: () => step(-1) });
  const next = button({ label: say("next"), icon: "step", bare: true, onClick: () => step(1) });
  const bar = scrub({
    label: say("moment"),
    format: (number) => say("moment-at", { epoch: String(Math.round((moments[Math.round(number)]?.at ?? 0) * 100) / 100) }),
    onLook(number) {
      if (model.playing) play(false);
      go(Math.round(number ?? last));
    },
  });
  function refresh(): void {
    run.set(say(model.playing ? "pause" : "play"), model.playing ? "pause" : "play");
    back.el.disabled = model.number <= 0;
    next.el.disabled = model.number >= last;
    bar.show(last, model.number);
  }
  refresh();
  return {
    el: h("div", { class: "toolbar player" }, run.el, back.el, next.el, bar.el),
    refresh,
    dispose: () => clearInterval(timer),
  };
}
