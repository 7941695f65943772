// One unit, to be touched: every product of its sum, the activation and its slope, and the update
// about to be made. Weights can be set by hand.
import type { Values } from "../model";
import { button } from "../parts/button";
import { h } from "../parts/dom";
import { numberField, type NumberField } from "../parts/number";
import { slider } from "../parts/slider";
import type { Say } from "../words";
import { EDGE } from "./output";
import type { WORDS } from "./words";

export interface Touched {
  layer: number;
  unit: number;
  point: [number, number];
  last: boolean;
  activation: string;
  x: number[];
  w: number[];
  wx: number[];
  b: number;
  z: number;
  y: number;
  slope: number;
  gradient: number[];
  update: number[];
}

export interface Inspector {
  el: HTMLElement;
  /** The point of the plane that goes in. */
  point: [number, number];
  look(layer: number, unit: number): void;
  move(x1: number, x2: number): void;
  show(numbers: Touched | null, inputs: string[]): void;
  readonly isOpen: boolean;
}

export interface InspectorOptions {
  say: Say<typeof WORDS>;
  send: (type: string, values: Values) => void;
  onMove: () => void;
  onClose: () => void;
}

export function inspector({ say, send, onMove, onClose }: InspectorOptions): Inspector {
  let at: [number, number] | undefined;
  let key = "";
  let cells: { w: NumberField; texts: HTMLElement[] }[] = [];
  const title = h("h2", {});
  const sum = h("p", { class: "formula" });
  const body = h("tbody");
  const ask = () => at && send("touch", { layer: at[0], unit: at[1], x1: self.point[0], x2: self.point[1] });
  const move = (which: 0 | 1) => (value: number) => {
    self.point[which] = value;
    ask();
    onMove();
  };
  const x1 = slider({ label: "x₁", min: -EDGE, max: EDGE, step: 0.1, value: 1, onInput: move(0) });
  const x2 = slider({ label: "x₂", min: -EDGE, max: EDGE, step: 0.1, value: 1, onInput: move(1) });
  const close = button({
    label: say("close"), icon: "close", kind: "quiet", bare: true,
    onClick: () => {
      at = undefined;
      el.hidden = true;
      send("touch", { layer: 0 });
      onClose();
    },
  });
  const heading = (text: string) => h("th", { scope: "col" }, text);
  const el = h(
    "section",
    { class: "card inspector", hidden: true, "aria-label": say("unit-title") },
    h("header", {}, title, close.el),
    sum,
    h("div", { class: "pair" }, x1.el, x2.el),
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": say("unit-title") },
      h("table", {}, h("thead", {}, h("tr", {}, heading(say("input")), heading("x"), heading("w"), heading("w·x"), heading(say("update")))), body),
    ),
    h("p", { class: "hint" }, say("update-hint")),
  );

  function build(numbers: Touched, inputs: string[]): void {
    const names = [...inputs, say("bias")];
    cells = names.map((name, row) => {
      const isBias = row === inputs.length;
      const w = numberField({
        label: isBias ? say("bias") : say("weight-of", { input: name }), value: 0, min: -1e6, max: 1e6, step: 0.1,
        onChange: (value) =>
          send("weight", { name: `${isBias ? "b" : "W"}${numbers.layer}`, row: isBias ? 0 : row, column: numbers.unit, value }),
      });
      return { w, texts: [0, 1, 2].map(() => h("td", { class: "number" })) };
    });
    body.replaceChildren(
      ...cells.map(({ w, texts }, row) => h("tr", {}, h("th", { scope: "row" }, names[row] ?? ""), texts[0], h("td", {}, w.el), texts[1], texts[2])),
    );
  }

  const self: Inspector = {
    el,
    point: [1, 1],
    get isOpen() {
      return at !== undefined;
    },
    look(layer, unit) {
      at = [layer, unit];
      el.hidden = false;
      el.scrollIntoView({ block: "nearest" });
      ask();
      onMove();
    },
    move(a, b) {
      self.point = [a, b];
      x1.set(a);
      x2.set(b);
      ask();
      onMove();
    },
    show(numbers, inputs) {
      if (!numbers || !at) return;
      const next = JSON.stringify([numbers.layer, numbers.unit, inputs]);
      if (next !== key) build(numbers, inputs);
      key = next;
      title.textContent = numbers.last ? say("answer-unit", { unit: numbers.unit + 1 }) : say("unit-name", { layer: numbers.layer, unit: numbers.unit + 1 });
      const of = numbers.activation && numbers.activation !== "identity" ? ` → ${numbers.activation.replace("_", " ")}(z) = ${short(numbers.y)}, ${say("slope")} ${short(numbers.slope)}` : "";
      sum.textContent = `z = w·x + b = ${short(numbers.z)}${of}`;
      cells.forEach(({ w, texts }, row) => {
        const isBias = row === numbers.w.length;
        w.set(isBias ? numbers.b : (numbers.w[row] ?? 0));
        const shown = isBias ? ["1", short(numbers.b)] : [short(numbers.x[row]), short(numbers.wx[row])];
        [...shown, signed(numbers.update[row])].forEach((text, i) => {
          const cell = texts[i];
          if (cell && cell.textContent !== text) cell.textContent = text;
        });
      });
    },
  };
  return self;
}

const short = (value: number | undefined) => (value === undefined || !Number.isFinite(value) ? "–" : value.toFixed(3).replace("-", "−"));
const signed = (value: number | undefined) => {
  if (value === undefined || !Number.isFinite(value)) return "–";
  const text = Math.abs(value) >= 0.0005 || value === 0 ? Math.abs(value).toFixed(3) : Math.abs(value).toExponential(1).replace("e-", "e−");
  return `${value < 0 ? "−" : "+"}${text}`;
};
