// Points of one's own: set by clicks or by numbers, pasted as a table, or read from a file.
import type { Values } from "../model";
import { button } from "../parts/button";
import { fold } from "../parts/card";
import { h, newId } from "../parts/dom";
import { numberField } from "../parts/number";
import type { Say } from "../words";
import { readTable } from "./csv";
import { EDGE } from "./output";
import type { Points } from "./state";
import type { WORDS } from "./words";

type Point = [number, number, number];
const LEAST = 4; // points to train on
const MOST_TAKEN = 400; // of a made set
const CLASSES = [0, 1, 2, 3, 4, 5];

export interface OwnPoints {
  el: HTMLElement;
  /** Points to begin with where there are none: those that are shown. */
  beginWith(points: Points): void;
  /** Whether there are too few to train on; their number is then told. */
  tooFew(): boolean;
  /** Add a point of the chosen class, or remove the nearest one. */
  click(x1: number, x2: number, remove: boolean): void;
}

export function ownPoints(
  say: Say<typeof WORDS>,
  settings: () => Values,
  change: (values: Values) => void,
  tell: (sentence: string) => void,
): OwnPoints {
  const group = newId("class");
  const points = () => (settings()["points"] ?? []) as Point[];
  let chosen = 0;
  const set = (next: Point[], targets = "classes") => change({ data: "own", targets, points: next });
  const add = (x1: number, x2: number) => {
    const round = (value: number) => Math.round(value * 100) / 100;
    set([...points(), [round(x1), round(x2), chosen]]);
    tell(say("own-added", { x1: round(x1), x2: round(x2), class: chosen + 1, n: points().length }));
  };
  const removeNearest = (x1: number, x2: number) => {
    const all = points();
    const distance = (p: Point) => Math.hypot(p[0] - x1, p[1] - x2);
    const nearest = all.reduce<Point | undefined>((best, p) => (!best || distance(p) < distance(best) ? p : best), undefined);
    if (nearest && distance(nearest) < 0.6) set(all.filter((p) => p !== nearest));
  };
  const classes = h(
    "fieldset",
    { class: "swatches" },
    h("legend", {}, say("own-class")),
    ...CLASSES.map((k) =>
      h(
        "label",
        { class: "swatch", "data-class": k },
        h("input", { type: "radio", name: group, checked: k === 0, on: { change: () => (chosen = k) } }),
        h("span", {}, String(k + 1)),
      ),
    ),
  );
  const x1 = numberField({ label: "x₁", value: 0, min: -EDGE, max: EDGE, step: 0.1, onChange: () => undefined });
  const x2 = numberField({ label: "x₂", value: 0, min: -EDGE, max: EDGE, step: 0.1, onChange: () => undefined });
  const text = h("textarea", { rows: 5, spellcheck: "false", placeholder: "x1, x2, class\n1.5, -2, a\n-3, 0.5, b" });
  text.setAttribute("aria-label", say("own-table"));
  text.value = sessionStorage.getItem("mitbadak-lab-table") ?? "";
  text.addEventListener("input", () => sessionStorage.setItem("mitbadak-lab-table", text.value));
  const take = (table: string) => {
    const { points: read, targets, names, skipped } = readTable(table);
    if (read.length < 4) return tell(say(names.length > 6 ? "own-too-many-classes" : "own-no-points", { n: read.length }));
    set(read, targets);
    tell(say("own-read", { n: read.length, skipped }));
  };
  const file = h("input", {
    type: "file",
    accept: ".csv,.tsv,.txt,text/csv,text/plain",
    "aria-label": say("own-file"),
    on: { change: () => void file.files?.[0]?.text().then(take) },
  });
  const el = h(
    "div",
    { class: "own" },
    h("p", { class: "hint" }, say("own-hint")),
    classes,
    h("div", { class: "pair" }, x1.el, x2.el),
    h(
      "div",
      { class: "buttons" },
      button({ label: say("own-add"), icon: "plus", onClick: () => add(Number(x1.input.value), Number(x2.input.value)) }).el,
      button({ label: say("own-clear"), kind: "quiet", onClick: () => set([]) }).el,
    ),
    fold(say("own-table"), false, text, h("div", { class: "buttons" }, button({ label: say("own-use"), onClick: () => take(text.value) }).el), file),
  );
  const beginWith = ({ x, t, classes }: Points) => {
    if (points().length) return;
    const round = (value: number) => Math.round(value * 100) / 100;
    const all = Array.from(t, (target, i): Point => [round(x[2 * i] ?? 0), round(x[2 * i + 1] ?? 0), classes ? target : round(target)]);
    set(all.slice(0, MOST_TAKEN), classes ? "classes" : "values");
  };
  const tooFew = () => {
    const few = settings()["data"] === "own" && points().length < LEAST;
    if (few) tell(say("own-few", { n: points().length }));
    return few;
  };
  return { el, beginWith, tooFew, click: (a, b, remove) => (remove ? removeNearest(a, b) : add(a, b)) };
}
