// The experiment as Python, and settings out of a pasted script, which Python parses and never runs.
import { button } from "../parts/button";
import { dialog } from "../parts/dialog";
import { h } from "../parts/dom";
import type { Say } from "../words";
import type { WORDS } from "./words";

const DRAFT = "mitbadak-lab-pasted";

export interface CodeDialog {
  el: HTMLElement;
  open(): void;
  show(text: string): void;
}

export function codeDialog(say: Say<typeof WORDS>, send: (type: string, values?: { text: string }) => void): CodeDialog {
  const code = h("pre", { class: "code", tabindex: 0, "aria-label": say("python-title") });
  const copied = h("span", { role: "status", class: "hint" });
  const copy = button({
    label: say("copy"), icon: "copy", kind: "primary",
    onClick: () => {
      void navigator.clipboard.writeText(code.textContent ?? "").then(() => {
        copied.textContent = say("copied");
      });
    },
  });
  const pasted = h("textarea", { rows: 6, spellcheck: "false", "aria-label": say("paste-title"), placeholder: "settings = {...}" });
  pasted.value = sessionStorage.getItem(DRAFT) ?? "";
  pasted.addEventListener("input", () => sessionStorage.setItem(DRAFT, pasted.value));
  const use = button({
    label: say("paste-use"),
    onClick: () => {
      send("paste", { text: pasted.value });
      box.close();
    },
  });
  const box = dialog(
    say("python-title"), say("close"),
    h("p", { class: "hint" }, say("python-hint")),
    code,
    h("div", { class: "buttons" }, copy.el, copied),
    h("h3", {}, say("paste-title")),
    h("p", { class: "hint" }, say("paste-hint")),
    pasted,
    h("div", { class: "buttons" }, use.el),
  );
  return {
    el: box.el,
    open() {
      copied.textContent = "";
      send("python");
      box.open();
    },
    show(text) {
      code.textContent = text;
    },
  };
}
