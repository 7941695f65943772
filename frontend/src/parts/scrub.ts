// The scrub bar over a whole run: a range input, since that is what it is for keys and screen readers.
import { h, newId } from "./dom";

export interface ScrubOptions {
  label: string;
  format: (epoch: number) => string;
  /** Called with an epoch, or with undefined for the newest. */
  onLook: (epoch: number | undefined) => void;
}

export interface Scrub {
  el: HTMLElement;
  input: HTMLInputElement;
  /** The last epoch of the run, and the one looked at. */
  show(last: number, at: number | undefined): void;
}

export function scrub(options: ScrubOptions): Scrub {
  const id = newId("scrub");
  const shown = h("output", { for: id, class: "value" });
  let end = 1;
  const tell = () => {
    shown.textContent = options.format(Number(input.value));
    input.setAttribute("aria-valuetext", shown.textContent);
    input.style.setProperty("--share", String(end > 0 ? Number(input.value) / end : 1));
  };
  const look = () => {
    tell();
    const value = Number(input.value);
    options.onLook(value >= end ? undefined : value);
  };
  const input = h("input", {
    type: "range",
    id,
    min: 0,
    max: 1,
    step: 1,
    on: {
      input: look,
      keydown: (event) => {
        const size = { PageUp: 10, PageDown: -10 }[event.key];
        if (!size && !event.shiftKey) return;
        const arrow = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key] ?? 0;
        const share = size ? size / 100 : arrow / 100;
        if (!share) return;
        event.preventDefault();
        input.value = String(Number(input.value) + Math.sign(share) * Math.max(1, Math.abs(share) * end));
        look();
      },
    },
  });
  const el = h("div", { class: "scrub" }, h("label", { for: id }, options.label), input, shown);
  return {
    el,
    input,
    show(last, at) {
      end = last;
      input.max = String(Math.max(1, Math.round(last)));
      input.disabled = last <= 0;
      // While somebody moves it, what comes back is older than where it stands.
      if (at === undefined || document.activeElement !== input) input.value = String(at ?? Math.max(1, last));
      tell();
    },
  };
}
