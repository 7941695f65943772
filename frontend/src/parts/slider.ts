// A labelled slider with its value beside it. Arrow keys move it by a step, with Shift by a tenth,
// page keys by ten steps.
import { h, newId } from "./dom";

export interface SliderOptions {
  label: string;
  min: number;
  max: number;
  step: number;
  value: number;
  format?: (value: number) => string;
  /** The positions are exponents of ten. */
  log?: boolean;
  onInput: (value: number) => void;
}

export interface Slider {
  el: HTMLElement;
  input: HTMLInputElement;
  set(value: number): void;
}

export function slider(options: SliderOptions): Slider {
  const { min, max, step, log, onInput } = options;
  const format = options.format ?? ((value: number) => String(Number(value.toPrecision(3))));
  const id = newId("slider");
  const position = (value: number) => (log ? Math.log10(Math.max(value, 1e-12)) : value);
  const value = () => {
    const raw = Number(input.value);
    return Number((log ? 10 ** raw : raw).toPrecision(3));
  };
  const shown = h("output", { for: id, class: "value" });
  const input = h("input", {
    type: "range",
    id,
    min: position(min),
    max: position(max),
    step: "any",
    on: {
      input: () => {
        tell();
        onInput(value());
      },
      keydown: (event) => {
        const size = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
        if (!size) return;
        event.preventDefault();
        const moved = Number(input.value) + size * step * (event.shiftKey ? 0.1 : 1);
        input.value = String(Math.round(moved / (step / 10)) * (step / 10));
        tell();
        onInput(value());
      },
    },
  });
  const snapped = () => {
    if (document.activeElement === input && input.matches(":active"))
      input.value = String(Math.round(Number(input.value) / step) * step);
  };
  input.addEventListener("input", snapped, { capture: true });
  const tell = () => {
    shown.textContent = format(value());
    input.setAttribute("aria-valuetext", shown.textContent);
    const share = (Number(input.value) - position(min)) / (position(max) - position(min) || 1);
    input.style.setProperty("--share", String(Math.min(1, Math.max(0, share))));
  };
  const set = (next: number) => {
    input.value = String(position(next));
    shown.textContent = format(next);
    tell();
  };
  set(options.value);
  const el = h("div", { class: "control slider" }, h("label", { for: id }, options.label), shown, input);
  return { el, input, set };
}
