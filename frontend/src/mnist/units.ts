// The weights of hidden units as pictures, and the digits that a chosen unit speaks for.
import { h } from "../parts/dom";
import { type Digit, digit } from "../parts/digit";
import type { Say } from "../words";
import type { MnistState } from "./state";
import type { WORDS } from "./words";

const SIZE = 784;

export function units(state: MnistState, say: Say<typeof WORDS>) {
  const grid = h("div", { class: "units" });
  const votes = h("div", { class: "votes" });
  const pictures: Digit[] = [];
  const buttons: HTMLButtonElement[] = [];
  let chosen = -1;

  const choose = (unit: number) => {
    chosen = chosen === unit ? -1 : unit;
    buttons.forEach((b, i) => b.setAttribute("aria-pressed", String(i === chosen)));
    showVotes();
  };
  function build(count: number): void {
    while (buttons.length > count) {
      buttons.pop()?.remove();
      pictures.pop();
    }
    while (buttons.length < count) {
      const unit = buttons.length;
      const drawn = digit();
      const name = say("unit", { number: unit + 1 });
      const b = h(
        "button",
        { type: "button", class: "unit", "aria-label": name, "aria-pressed": "false", title: name, on: { click: () => choose(unit), keydown: move } },
        drawn.el,
      );
      pictures.push(drawn);
      buttons.push(b);
      grid.append(b);
    }
    if (chosen >= count) choose(chosen);
    buttons.forEach((b, i) => (b.tabIndex = i === Math.max(0, chosen) ? 0 : -1));
  }
  // One stop of the tab key; arrow keys move between the pictures.
  function move(event: KeyboardEvent): void {
    const at = buttons.indexOf(event.currentTarget as HTMLButtonElement);
    const across = Math.max(1, Math.round(grid.clientWidth / ((buttons[0]?.offsetWidth ?? 1) + 6)));
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across, Home: -at, End: buttons.length - 1 - at }[event.key];
    const next = by === undefined ? undefined : buttons[at + by];
    if (!next) return;
    event.preventDefault();
    for (const b of buttons) b.tabIndex = b === next ? 0 : -1;
    next.focus();
  }
  function showVotes(): void {
    const outgoing = state.moment?.outgoing.subarray(chosen * 10, chosen * 10 + 10);
    if (chosen < 0 || !outgoing) return votes.replaceChildren(h("p", { class: "hint" }, say("unit-none")));
    const largest = Math.max(1e-6, ...outgoing.map(Math.abs));
    const bars = Array.from(outgoing, (weight, digit) => {
      const bar = h("span", { class: weight < 0 ? "bar against" : "bar" });
      bar.style.height = `${(Math.abs(weight) / largest) * 50}%`;
      return h(
        "li",
        { title: say("vote", { digit, weight: weight.toFixed(2) }) },
        h("span", { class: "stem", "aria-hidden": "true" }, bar),
        h("span", {}, String(digit)),
        h("span", { class: "unseen" }, weight.toFixed(2)),
      );
    });
    votes.replaceChildren(h("p", { class: "hint" }, say("unit-votes", { number: chosen + 1 })), h("ol", {}, ...bars));
  }
  showVotes();
  return {
    el: h("div", {}, grid, votes),
    redraw() {
      const moment = state.moment;
      if (!moment) return;
      if (buttons.length !== moment.units) build(moment.units);
      pictures.forEach((p, i) => p.show(moment.weights.subarray(i * SIZE, (i + 1) * SIZE), true));
      if (chosen >= 0) showVotes();
    },
  };
}
