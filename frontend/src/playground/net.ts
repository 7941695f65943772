// The diagram of the net: a small map for each unit, lines as thick as their weights.
import { canvas } from "../parts/canvas";
import { color, palette } from "../parts/colors";
import { h } from "../parts/dom";
import { drawScaled, fieldPicture } from "../parts/field";
import type { Frame, PlaygroundState } from "./state";

const LARGEST = 44; // pixels of a unit
const SMALLEST = 14;
const GAP = 8;
const LEAST_HEIGHT = 240;
const MOST_HEIGHT = 420;

export interface NetDiagram {
  el: HTMLElement;
  redraw(): void;
  /** Mark the unit that is touched, by its layer (from 1) and number. */
  select(place: readonly [number, number] | undefined): void;
  dispose(): void;
}

export interface NetOptions {
  state: PlaygroundState;
  unitName: (layer: number, unit: number) => string;
  answerName: (unit: number) => string;
  featureName: (feature: string) => string;
  /** A hidden unit is looked at, by its number over all layers; undefined when no longer. */
  onUnit: (unit: number | undefined, name: string) => void;
  /** A unit is chosen: its layer, from 1, and its number, from 0. */
  onTouch: (layer: number, unit: number) => void;
}

interface Place {
  x: number;
  y: number;
  size: number;
}

export function netDiagram({ state, unitName, answerName, featureName, onUnit, onTouch }: NetOptions): NetDiagram {
  const layer = h("div", { class: "net-units" });
  let key = "";
  let places: Place[][] = [];
  let selected: readonly [number, number] | undefined;
  const maps: HTMLCanvasElement[] = [];
  const lines = canvas((context, width) => {
    const { frame } = state;
    if (!frame) return;
    if (key !== keyOf(frame, width)) build(frame, width);
    drawLines(context, lines.el, frame, places);
    drawMaps(frame);
  });

  function build(frame: Frame, width: number): void {
    key = keyOf(frame, width);
    const counts = [frame.net.features.length, ...frame.net.layers.map((l) => l.units), frame.net.classes || 1];
    const most = Math.max(...counts);
    const height = Math.min(MOST_HEIGHT, Math.max(LEAST_HEIGHT, most * (LARGEST + GAP)));
    el.style.height = `${height}px`;
    places = layout(counts, width, height);
    maps.length = 0;
    const parts: HTMLElement[] = [];
    let number = 0;
    places.forEach((column, l) => {
      column.forEach((place, u) => {
        const at = `left:${place.x - place.size / 2}px;top:${place.y - place.size / 2}px;--size:${place.size}px`;
        if (l > 0 && l < places.length - 1) {
          const unit = number++;
          const map = h("canvas", { "aria-hidden": "true" });
          maps.push(map);
          const look = () => onUnit(unit, unitName(l, u + 1));
          const part = h(
            "button",
            {
              type: "button",
              class: "unit",
              "aria-label": unitName(l, u + 1),
              title: unitName(l, u + 1),
              "data-place": `${l},${u}`,
              on: {
                click: () => onTouch(l, u),
                mouseenter: look,
                focus: look,
                mouseleave: () => onUnit(undefined, ""),
                blur: () => onUnit(undefined, ""),
              },
            },
            map,
          );
          part.style.cssText = at;
          parts.push(part);
        } else {
          const name = l === 0 ? featureName(frame.net.features[u] ?? "") : answerName(u + 1);
          const dot =
            l === 0
              ? h("span", { class: "input", title: name }, place.size > 22 ? name : "")
              : h("button", {
                  type: "button",
                  class: "answer",
                  "data-class": frame.net.classes ? u : "value",
                  "data-place": `${l},${u}`,
                  "aria-label": name,
                  title: name,
                  on: { click: () => onTouch(l, u) },
                });
          dot.style.cssText = at;
          parts.push(dot);
        }
      });
    });
    mark(parts);
    const focused = [...layer.children].indexOf(document.activeElement as Element);
    layer.replaceChildren(...parts);
    if (focused >= 0) (layer.children[focused] as HTMLElement | undefined)?.focus();
  }

  function drawMaps(frame: Frame): void {
    const colors = palette(lines.el);
    const size = frame.unitSide * frame.unitSide;
    maps.forEach((map, unit) => {
      const context = map.getContext("2d");
      if (!context || frame.units.length < (unit + 1) * size) return;
      const side = Math.round(map.clientWidth * (window.devicePixelRatio || 1)) || 16;
      if (map.width !== side) map.width = map.height = side;
      drawScaled(context, fieldPicture(frame.units.subarray(unit * size, (unit + 1) * size), frame.unitSide, 1, colors), side, side);
    });
  }

  const mark = (parts: Iterable<Element>) => {
    for (const part of parts)
      if (part instanceof HTMLButtonElement)
        part.setAttribute("aria-pressed", String(part.dataset["place"] === selected?.join(",")));
  };
  const el = h("div", { class: "net" }, lines.el, layer);
  return {
    el,
    redraw: lines.redraw,
    dispose: lines.dispose,
    select(place) {
      selected = place;
      mark(layer.children);
    },
  };
}

const keyOf = (frame: Frame, width: number) =>
  JSON.stringify([frame.net.features, frame.net.layers.map((l) => l.units), frame.net.classes, width]);

/** Where each unit stands, column by column. */
export function layout(counts: number[], width: number, height: number): Place[][] {
  const columns = counts.length;
  return counts.map((count, l) => {
    const size = Math.max(SMALLEST, Math.min(LARGEST, height / count - GAP, (width / columns) * 0.7));
    const pitch = Math.min(size + GAP, (height - size) / Math.max(1, count - 1));
    const x = columns > 1 ? LARGEST / 2 + (l / (columns - 1)) * (width - LARGEST) : width / 2;
    return Array.from({ length: count }, (_, u) => ({
      x,
      y: height / 2 + (u - (count - 1) / 2) * pitch,
      size: Math.min(size, pitch > 0 && count > 1 ? Math.max(6, pitch - 2) : size),
    }));
  });
}

function drawLines(context: CanvasRenderingContext2D, el: Element, frame: Frame, places: Place[][]): void {
  const weights = frame.params.filter((p) => p.shape.length === 2);
  const [negative, positive] = [color(el, "--class-0"), color(el, "--class-1")];
  weights.forEach(({ values, shape: [rows = 0, columns = 0] }, l) => {
    let largest = 1e-9;
    for (const value of values) largest = Math.max(largest, Math.abs(value));
    const most = rows * columns > 200 ? 2 : 4;
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        const from = places[l]?.[i];
        const to = places[l + 1]?.[j];
        const value = values[i * columns + j] ?? 0;
        const share = Math.abs(value) / largest;
        if (!from || !to || share < 0.02) continue;
        const [a, b] = [from.x + from.size / 2, to.x - to.size / 2];
        context.strokeStyle = value < 0 ? negative : positive;
        context.globalAlpha = 0.15 + 0.7 * share;
        context.lineWidth = 0.4 + most * share;
        context.beginPath();
        context.moveTo(a, from.y);
        context.bezierCurveTo((a + b) / 2, from.y, (a + b) / 2, to.y, b, to.y);
        context.stroke();
      }
  });
  context.globalAlpha = 1;
}
