// A dialog: the browser's own, which keeps the focus inside and closes on Escape.
import { button } from "./button";
import { h, newId } from "./dom";

export interface Dialog {
  el: HTMLDialogElement;
  open(): void;
  close(): void;
}

export function dialog(title: string, closeLabel: string, ...children: HTMLElement[]): Dialog {
  const id = newId("dialog");
  const close = button({ label: closeLabel, icon: "close", kind: "quiet", bare: true, onClick: () => el.close() });
  const el = h(
    "dialog",
    {
      class: "dialog",
      "aria-labelledby": id,
      on: { click: (event) => event.target === el && el.close() },
    },
    h("div", { class: "dialog-body" }, h("header", {}, h("h2", { id }, title), close.el), ...children),
  );
  return { el, open: () => el.open || el.showModal(), close: () => el.close() };
}
