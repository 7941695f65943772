// The caption: what is to be seen, in one sentence. The same sentence is told in a live region, but
// at most every few seconds, since a screen reader would otherwise never come to its end.
import { h } from "./dom";

const PAUSE = 2500;

export interface Caption {
  el: HTMLElement;
  /** Show a sentence; `now` tells it at once, for what somebody has just done. */
  say(sentence: string, now?: boolean): void;
  dispose(): void;
}

export function caption(): Caption {
  const shown = h("p", { class: "caption", "aria-hidden": "true" });
  const told = h("p", { class: "unseen", role: "status", "aria-live": "polite" });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let newest = "";
  const tell = () => {
    timer = undefined;
    if (told.textContent !== newest) told.textContent = newest;
  };
  return {
    el: h("div", { class: "caption-box" }, shown, told),
    say(sentence, now = false) {
      newest = sentence;
      if (shown.textContent !== sentence) shown.textContent = sentence;
      if (now) {
        clearTimeout(timer);
        tell();
      } else timer ??= setTimeout(tell, PAUSE);
    },
    dispose: () => clearTimeout(timer),
  };
}
