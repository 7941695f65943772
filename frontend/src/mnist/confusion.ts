// The confusion matrix as a table whose cells can be chosen, and the images of a cell.
import type { Lang } from "../model";
import { button } from "../parts/button";
import { card } from "../parts/card";
import { h } from "../parts/dom";
import { digit as digitPicture } from "../parts/digit";
import type { Say } from "../words";
import type { MnistState } from "./state";
import { pair, type WORDS } from "./words";

const DIGITS = Array.from({ length: 10 }, (_, i) => i);

export function confusion(state: MnistState, say: Say<typeof WORDS>, lang: Lang, pick: (digit: number, answer: number) => void) {
  const cells = DIGITS.map((digit) =>
    DIGITS.map((answer) =>
      h("button", { type: "button", tabindex: digit + answer === 0 ? 0 : -1, on: { click: () => pick(digit, answer), keydown: (e) => move(e, digit, answer) } }),
    ),
  );
  function move(event: KeyboardEvent, digit: number, answer: number): void {
    const [down, right] = ({ ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] } as Record<string, [number, number]>)[event.key] ?? [0, 0];
    const next = cells[digit + down]?.[answer + right];
    if (!next || (!down && !right)) return;
    event.preventDefault();
    for (const cell of cells.flat()) cell.tabIndex = cell === next ? 0 : -1;
    next.focus();
  }
  const el = h(
    "table",
    { class: "confusion" },
    h("caption", { class: "unseen" }, say("confusion-hint")),
    h("thead", {}, h("tr", {}, h("td", {}, h("span", { class: "unseen" }, `${say("digit")} / ${say("answer")}`)), ...DIGITS.map((d) => h("th", { scope: "col" }, String(d))))),
    h("tbody", {}, ...DIGITS.map((digit) => h("tr", {}, h("th", { scope: "row" }, String(digit)), ...(cells[digit] ?? []).map((cell) => h("td", {}, cell))))),
  );
  return {
    el,
    redraw() {
      const counts = state.confusion;
      if (!counts) return;
      for (const digit of DIGITS) {
        const total = DIGITS.reduce((sum, answer) => sum + (counts[digit * 10 + answer] ?? 0), 0) || 1;
        for (const answer of DIGITS) {
          const cell = cells[digit]?.[answer];
          const count = counts[digit * 10 + answer] ?? 0;
          if (!cell || cell.dataset["count"] === String(count)) continue;
          cell.dataset["count"] = String(count);
          cell.textContent = count ? String(count) : "·";
          cell.className = digit === answer ? "right" : "wrong";
          // Mistakes are rare: their shade grows with the root, so that one in a hundred shows.
          cell.style.setProperty("--shade", String(Math.round(100 * (digit === answer ? count / total : Math.sqrt(count / total)))));
          const label = say("cell", { ...pair(digit, answer, lang), count });
          cell.setAttribute("aria-label", label);
          cell.title = label;
        }
      }
    },
  };
}

export function misreadings(state: MnistState, say: Say<typeof WORDS>, lang: Lang, pick: (digit: number, answer: number) => void) {
  const list = h("ol", { class: "misread" });
  const back = button({ label: say("all-worst"), kind: "quiet", onClick: () => pick(-1, -1) });
  const el = card(say("worst-title"), list, back.el);
  const title = el.querySelector("h2") as HTMLElement;
  let key = "";
  return {
    el,
    redraw(again = false) {
      const pictures = state.pictures;
      if (!pictures) return;
      const { digit, answer, found, pixels } = pictures;
      const chosen = digit >= 0 && answer >= 0;
      back.el.hidden = !chosen;
      title.textContent = chosen ? say("right-title", pair(digit, answer, lang)) : say("worst-title");
      const now = JSON.stringify(found);
      if (now === key && !again) return;
      key = now;
      if (!found.length) return list.replaceChildren(h("li", { class: "hint" }, say("none")));
      const drawn = found.map((entry, i) => {
        const share = `${(entry.probability * 100).toFixed(entry.probability > 0.999 ? 2 : 1)}%`;
        const label = say("misread", { ...pair(entry.digit, entry.answer, lang), share });
        const image = digitPicture(label);
        return { image, i, el: h("li", {}, image.el, h("span", { "aria-hidden": "true" }, h("b", {}, `${entry.digit} → ${entry.answer}`), ` ${share}`)) };
      });
      list.replaceChildren(...drawn.map((d) => d.el));
      for (const { image, i } of drawn) image.show(pixels.subarray(i * 784, (i + 1) * 784));
    },
  };
}
