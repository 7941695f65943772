// What there is to read beside the map: the stability limit, the moments at which something begins, and
// where every lane stands.
import type { Lang } from "../model";
import { short } from "../parts/axes";
import { button } from "../parts/button";
import { h } from "../parts/dom";
import type { Say } from "../words";
import type { LaneSettings } from "./lanes";
import { type DescentState, type Limit, moments } from "./state";
import type { WORDS } from "./words";

type Speak = Say<typeof WORDS>;

export function limitBox(say: Speak) {
  const el = h("div", { class: "reading" });
  return {
    el,
    show(limit: Limit | undefined, lanes: LaneSettings[]) {
      const plain = lanes.findIndex((lane) => lane.optimizer === "sgd");
      const [slow, fast] = limit?.factors[plain] ?? [];
      const sentences = limit
        ? [
            say("limit", { x: short(limit.at[0]), y: short(limit.at[1]), curvature: short(limit.curvatures[1]), limit: short(limit.limit) }),
            say(limit.exact ? "limit-exact" : "limit-near"),
            slow !== undefined && fast !== undefined
              ? say("factors", { lr: lanes[plain]?.lr ?? 0, slow: signed(slow), fast: signed(fast) })
              : "",
          ]
        : [say("no-limit")];
      const text = sentences.filter(Boolean);
      if (el.textContent !== text.join("")) el.replaceChildren(...text.map((sentence) => h("p", {}, sentence)));
    },
  };
}

const signed = (value: number) => short(value).replace("-", "−");

export function momentList(say: Speak, onLook: (step: number) => void) {
  const list = h("ul", { class: "moments" });
  const el = h("section", { class: "card", "aria-label": say("moments-title") }, h("h2", {}, say("moments-title")), list);
  let shown = "";
  return {
    el,
    show(state: DescentState) {
      const lane = state.lanes[0];
      const seen = lane ? moments(lane).filter((moment) => moment.step <= state.step) : [];
      el.hidden = !seen.length;
      const key = JSON.stringify(seen);
      if (key === shown) return;
      shown = key;
      const items = seen.map(({ step, event }) =>
        button({ label: say("moment", { step, event: say(`short-${event}`) }), kind: "quiet", onClick: () => onLook(step) }),
      );
      list.replaceChildren(...items.map((item) => h("li", {}, item.el)));
    },
  };
}

export function standings(say: Speak, lang: Lang) {
  const el = h("ul", { class: "standings" });
  return {
    el,
    show(state: DescentState) {
      el.replaceChildren(
        ...state.lanes.map((lane, i) => {
          const step = Math.min(state.step, lane.events.length);
          const over = step >= lane.events.length;
          const side = lang === "ko" ? 1 : 0;
          return h(
            "li",
            {},
            h("span", { class: `swatch class-${i}` }, `${lane.optimizer} ${short(lane.lr)}`),
            h("span", {}, say("value-f", { f: short(lane.heights[step] ?? Number.NaN) })),
            over && h("span", { class: "status" }, h("strong", {}, lane.name[side]), ` · ${lane.text[side]}`),
          );
        }),
      );
    },
  };
}
