// The lanes of the race: an optimizer and its rate each, with the stability limit marked on the slider of
// plain descent.
import { short } from "../parts/axes";
import { button } from "../parts/button";
import { choice } from "../parts/choice";
import { h } from "../parts/dom";
import { slider } from "../parts/slider";
import type { Say } from "../words";
import type { WORDS } from "./words";

const OPTIMIZERS = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "lion"];
export const MOST_LANES = 5;
const LEAST_RATE = 1e-4;
const MOST_RATE = 20;

export interface LaneSettings {
  optimizer: string;
  lr: number;
}

export function laneList(
  say: Say<typeof WORDS>,
  onChange: (lanes: LaneSettings[]) => void,
  onBest: () => void,
) {
  let lanes: LaneSettings[] = [];
  let rows: ReturnType<typeof row>[] = [];
  const list = h("div", { class: "lanes" });
  const change = (next: LaneSettings[]) => {
    set(next);
    onChange(next);
  };
  const add = button({
    label: say("add-lane"),
    icon: "plus",
    kind: "quiet",
    onClick: () => change([...lanes, { optimizer: unused(lanes), lr: 0.1 }]),
  });
  const best = button({ label: say("best"), kind: "quiet", onClick: onBest });

  function row(number: number) {
    const update = (values: Partial<LaneSettings>) =>
      change(lanes.map((lane, i) => (i === number ? { ...lane, ...values } : lane)));
    const optimizer = choice(say("optimizer"), OPTIMIZERS.map((name) => [name, name] as const), "sgd", (value) =>
      update({ optimizer: value }),
    );
    const rate = slider({
      label: say("lr"),
      min: LEAST_RATE,
      max: MOST_RATE,
      step: 0.05,
      value: 0.1,
      log: true,
      onInput: (lr) => update({ lr }),
    });
    const mark = h("span", { class: "limit-mark", hidden: true, "aria-hidden": "true" });
    rate.el.append(mark);
    const remove = button({
      label: say("remove-lane", { n: number + 1 }),
      icon: "close",
      kind: "quiet",
      bare: true,
      onClick: () => {
        change(lanes.filter((_, i) => i !== number));
        add.el.focus();
      },
    });
    const el = h(
      "fieldset",
      { class: "lane" },
      h("legend", { class: `swatch class-${number}` }, say("lane", { n: number + 1 })),
      h("div", { class: "lane-head" }, optimizer.el, remove.el),
      rate.el,
    );
    return { el, optimizer, rate, mark, remove };
  }

  function set(next: LaneSettings[]): void {
    lanes = next;
    if (rows.length !== next.length) {
      rows = next.map((_, i) => rows[i] ?? row(i));
      list.replaceChildren(...rows.map((r) => r.el));
    }
    next.forEach((lane, i) => {
      rows[i]?.optimizer.set(lane.optimizer);
      rows[i]?.rate.set(lane.lr);
      if (rows[i]) rows[i].remove.el.hidden = next.length === 1;
    });
    add.el.hidden = next.length >= MOST_LANES;
  }

  return {
    el: h("div", {}, list, h("div", { class: "lane-buttons" }, add.el, best.el)),
    set,
    /** Mark the stability limit on every rate of plain descent. */
    mark(limit: number | undefined) {
      rows.forEach(({ mark }, i) => {
        mark.hidden = limit === undefined || lanes[i]?.optimizer !== "sgd";
        if (limit === undefined || mark.hidden) return;
        const share = Math.log10(limit / LEAST_RATE) / Math.log10(MOST_RATE / LEAST_RATE);
        mark.style.setProperty("--at", String(share));
        mark.textContent = say("limit-mark", { limit: short(limit) });
      });
    },
  };
}

const unused = (lanes: LaneSettings[]) =>
  ["momentum", "adam", "rmsprop", "adagrad", "sgd"].find((name) => !lanes.some((lane) => lane.optimizer === name)) ?? "sgd";
