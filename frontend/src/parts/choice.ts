// A labelled list to choose from, and a labelled switch.
import { h, newId } from "./dom";

export interface Choice {
  el: HTMLElement;
  set(value: string): void;
}

export function choice(
  label: string,
  options: readonly (readonly [string, string])[],
  value: string,
  onChange: (value: string) => void,
): Choice {
  const id = newId("choice");
  const select = h(
    "select",
    { id, on: { change: () => onChange(select.value) } },
    ...options.map(([key, text]) => h("option", { value: key }, text)),
  );
  select.value = value;
  const el = h("div", { class: "control choice" }, h("label", { for: id }, label), select);
  return {
    el,
    set(next) {
      if (document.activeElement !== select || select.value !== next) select.value = next;
    },
  };
}

export interface Switch {
  el: HTMLElement;
  set(on: boolean): void;
}

export function toggle(label: string, on: boolean, onChange: (on: boolean) => void): Switch {
  const input = h("input", { type: "checkbox", on: { change: () => onChange(input.checked) } });
  input.checked = on;
  return {
    el: h("label", { class: "control switch" }, input, h("span", {}, label)),
    set: (next) => {
      input.checked = next;
    },
  };
}
