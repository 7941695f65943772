// The surface from above: shaded heights with contours, its minima, the start, and the paths so far.
import { linear } from "../parts/axes";
import { canvas } from "../parts/canvas";
import { CLASSES, color, mix, rgb } from "../parts/colors";
import { contour } from "../parts/contours";
import { h } from "../parts/dom";
import { grab } from "../parts/grab";
import { drawScaled } from "../parts/field";
import type { DescentState, Lane, Surface } from "./state";

export interface MapOptions {
  state: DescentState;
  startLabel: string;
  describe: (x: number, y: number) => string;
  onStart: (x: number, y: number) => void;
}

export function surfaceMap({ state, startLabel, describe, onStart }: MapOptions) {
  let lines: number[][] = [];
  let drawn: Surface | undefined;
  const drawing = canvas((context, width, height) => {
    const surface = state.surface;
    if (!surface) return;
    const [sides, ends] = surface.window;
    const x = linear(sides[0], sides[1], 0, width);
    const y = linear(ends[0], ends[1], height, 0);
    if (drawn !== surface) {
      drawn = surface;
      lines = surface.levels.map((level) => contour(surface.heights, surface.columns, level));
    }
    shade(context, drawing.el, surface, width, height);
    contours(context, drawing.el, surface, lines, width, height);
    ticks(context, drawing.el, x, y, width, height);
    for (const at of surface.minima) cross(context, drawing.el, x(at[0]), y(at[1]));
    state.lanes.forEach((lane, i) => path(context, color(drawing.el, CLASSES[i] ?? "--ink"), lane, state.step, x, y));
  });
  const window = () => state.surface?.window ?? ([[0, 1], [0, 1]] as const);
  const handle = grab({
    label: startLabel,
    describe,
    step: () => window().map(([low, high]) => round((high - low) / 50)) as [number, number],
    at: (across, down) => {
      const [sides, ends] = window();
      return [sides[0] + across * (sides[1] - sides[0]), ends[1] - down * (ends[1] - ends[0])];
    },
    onMove: onStart,
  });
  const el = h("div", { class: "map" }, drawing.el, handle.el);
  return {
    el,
    dispose: drawing.dispose,
    redraw() {
      const { surface, setup } = state;
      if (surface && setup) {
        const [sides, ends] = surface.window;
        el.style.aspectRatio = String((sides[1] - sides[0]) / (ends[1] - ends[0]));
        el.style.setProperty("--aspect", el.style.aspectRatio);
        const [x, y] = setup.start;
        handle.set(x, y, share(x, ...sides), 1 - share(y, ...ends));
      }
      drawing.redraw();
    },
  };
}

const share = (value: number, low: number, high: number) => Math.min(1, Math.max(0, (value - low) / (high - low)));
const round = (value: number) => Number(value.toPrecision(1));

function shade(context: CanvasRenderingContext2D, el: Element, surface: Surface, width: number, height: number): void {
  const { columns, rows, heights } = surface;
  const side = Math.max(columns, rows);
  const picture = new ImageData(side, side);
  const low = rgb(color(el, "--map-low"));
  const high = rgb(color(el, "--map-high"));
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of heights) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      const from = Math.round(((side - 1 - row) / (side - 1)) * (rows - 1)) * columns;
      const value = heights[from + Math.round((column / (side - 1)) * (columns - 1))] ?? 0;
      picture.data.set([...mix(low, high, (value - least) / (most - least || 1)), 255], (row * side + column) * 4);
    }
  drawScaled(context, picture, width, height);
}

function contours(
  context: CanvasRenderingContext2D,
  el: Element,
  surface: Surface,
  lines: number[][],
  width: number,
  height: number,
): void {
  const across = width / (surface.columns - 1);
  const up = height / (surface.rows - 1);
  context.strokeStyle = color(el, "--map-line");
  context.lineWidth = 1;
  context.beginPath();
  for (const segments of lines)
    for (let i = 0; i + 3 < segments.length; i += 4) {
      context.moveTo((segments[i] ?? 0) * across, height - (segments[i + 1] ?? 0) * up);
      context.lineTo((segments[i + 2] ?? 0) * across, height - (segments[i + 3] ?? 0) * up);
    }
  context.stroke();
}

type Axis = ReturnType<typeof linear>;

function ticks(context: CanvasRenderingContext2D, el: Element, x: Axis, y: Axis, width: number, height: number): void {
  context.font = `11px ${getComputedStyle(el).fontFamily}`;
  context.fillStyle = color(el, "--ink-soft");
  context.textAlign = "center";
  context.textBaseline = "bottom";
  for (const tick of x.ticks(width / 90)) {
    if (x(tick) > 14 && x(tick) < width - 14) context.fillText(String(tick), x(tick), height - 4);
  }
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (const tick of y.ticks(height / 70)) {
    if (y(tick) > 12 && y(tick) < height - 24) context.fillText(String(tick), 5, y(tick));
  }
}

function cross(context: CanvasRenderingContext2D, el: Element, x: number, y: number): void {
  context.strokeStyle = color(el, "--ink");
  context.lineWidth = 2;
  context.beginPath();
  for (const [dx, dy] of [[5, 5], [5, -5]] as const) {
    context.moveTo(x - dx, y - dy);
    context.lineTo(x + dx, y + dy);
  }
  context.stroke();
}

const FAR = 1e5; // pixels: beyond, browsers draw no line

function path(context: CanvasRenderingContext2D, ink: string, lane: Lane, step: number, x: Axis, y: Axis): void {
  const last = Math.min(step, lane.events.length);
  const at = (k: number) => {
    const clip = (pixel: number) => Math.max(-FAR, Math.min(FAR, pixel));
    return [clip(x(lane.path[2 * k] ?? 0)), clip(y(lane.path[2 * k + 1] ?? 0))] as const;
  };
  context.strokeStyle = context.fillStyle = ink;
  context.lineJoin = "round";
  context.lineWidth = 1.75;
  context.beginPath();
  context.moveTo(...at(0));
  for (let k = 1; k <= last; k++) context.lineTo(...at(k));
  context.stroke();
  for (let k = 0; k <= last; k++) {
    context.beginPath();
    context.arc(...at(k), k === last ? 6 : 2.25, 0, 2 * Math.PI);
    context.fill();
  }
}
