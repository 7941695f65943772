// A labelled number field with buttons for less and more. It tells its value when it is finished, by
// Enter, by leaving it or by a button, and puts back what does not fit.
import { button } from "./button";
import { h, newId } from "./dom";

export interface NumberOptions {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  /** Names of the buttons; without them there are none. */
  less?: string;
  more?: string;
  onChange: (value: number) => void;
}

export interface NumberField {
  el: HTMLElement;
  input: HTMLInputElement;
  set(value: number): void;
}

export function numberField(options: NumberOptions): NumberField {
  const { label, min, max, step, onChange } = options;
  const id = newId("number");
  let current = options.value;
  const finish = (value: number) => {
    const next = Number.isFinite(value) ? Math.min(max, Math.max(min, value)) : current;
    input.value = format(next);
    if (next !== current) onChange((current = next));
  };
  const input = h("input", {
    type: "number",
    id,
    min,
    max,
    step: "any",
    on: {
      change: () => finish(input.value.trim() === "" ? Number.NaN : Number(input.value)),
      keydown: (event) => {
        const size = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
        if (!size) return;
        event.preventDefault();
        finish(Number((Number(input.value) + size * step * (event.shiftKey ? 0.1 : 1)).toPrecision(12)));
      },
    },
  });
  input.value = format(current);
  const by = (size: number) => () => finish(current + size);
  const buttons =
    options.less && options.more
      ? [
          button({ label: options.less, icon: "minus", bare: true, onClick: by(-step) }).el,
          button({ label: options.more, icon: "plus", bare: true, onClick: by(step) }).el,
        ]
      : [];
  const el = h(
    "div",
    { class: "control number" },
    h("label", { for: id }, label),
    h("div", { class: "stepper" }, buttons[0], input, buttons[1]),
  );
  return {
    el,
    input,
    set(value) {
      current = value;
      if (document.activeElement !== input) input.value = format(value);
    },
  };
}

const format = (value: number) => String(Number(value.toPrecision(6)));
