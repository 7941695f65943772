// The probability of each class as a bar, with a mark where the unbroken net has it.
import { h } from "../parts/dom";
import type { Say } from "../words";
import { best, type Reading } from "./state";
import type { WORDS } from "./words";

export function bars(say: Say<typeof WORDS>, onAsk: (index: number) => void) {
  const el = h("ol", { class: "bars" });
  let rows: { el: HTMLElement; bar: HTMLElement; mark: HTMLElement; value: HTMLElement; button: HTMLElement }[] = [];
  let named = "";
  return {
    el,
    show({ classes, probabilities, unbroken, asked, empty }: Reading) {
      if (named !== classes.join()) {
        named = classes.join();
        rows = classes.map((name, i) => {
          const bar = h("span", { class: "bar" });
          const mark = h("span", { class: "mark" });
          const value = h("span", { class: "value" });
          const button = h("button", { type: "button", class: "quiet", title: say("ask-class", { name }), on: { click: () => onAsk(i) } }, name);
          return { el: h("li", {}, button, h("span", { class: "track", "aria-hidden": "true" }, bar, mark), value), bar, mark, value, button };
        });
        el.replaceChildren(...rows.map((row) => row.el));
      }
      const top = best(probabilities);
      rows.forEach((row, i) => {
        const share = empty ? 0 : (probabilities[i] ?? 0);
        const whole = empty ? 0 : (unbroken[i] ?? 0);
        row.el.classList.toggle("top", i === top && !empty);
        row.bar.style.width = `${share * 100}%`;
        row.mark.style.left = `${whole * 100}%`;
        row.mark.hidden = Math.abs(whole - share) < 0.005;
        row.value.textContent = empty ? "–" : `${(share * 100).toFixed(1)}%`;
        row.button.setAttribute("aria-pressed", String(i === asked && !empty));
      });
    },
  };
}
