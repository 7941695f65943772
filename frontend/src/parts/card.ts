// A titled part of a view; with `open` said it can be folded.
import { h, newId } from "./dom";

export function card(title: string, ...children: (Node | string)[]): HTMLElement {
  const id = newId("card");
  return h("section", { class: "card", "aria-labelledby": id }, h("h2", { id }, title), ...children);
}

export function fold(title: string, open: boolean, ...children: (Node | string)[]): HTMLElement {
  return h("details", { class: "fold", open }, h("summary", {}, title), ...children);
}
