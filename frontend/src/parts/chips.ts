// Several switches in a row, of which at least one stays on.
import { h, newId } from "./dom";

export interface Chips {
  el: HTMLElement;
  set(chosen: readonly string[]): void;
}

export function chips(
  label: string,
  options: readonly (readonly [string, string])[],
  chosen: readonly string[],
  onChange: (chosen: string[]) => void,
): Chips {
  const id = newId("chips");
  const boxes = options.map(([key, text]) => {
    const input = h("input", { type: "checkbox", value: key, on: { change: () => tell(input) } });
    return { key, input, el: h("label", { class: "chip" }, input, h("span", {}, text)) };
  });
  const tell = (changed: HTMLInputElement) => {
    const on = boxes.filter(({ input }) => input.checked).map(({ key }) => key);
    if (on.length) onChange(on);
    else changed.checked = true;
  };
  const set = (keys: readonly string[]) => {
    for (const { key, input } of boxes) input.checked = keys.includes(key);
  };
  set(chosen);
  const el = h(
    "div",
    { class: "chips", role: "group", "aria-labelledby": id },
    h("span", { id, class: "label" }, label),
    ...boxes.map((box) => box.el),
  );
  return { el, set };
}
