// A line plot on a canvas: thin grid, few ticks, several series, a mark where one looks.
import { linear, logarithmic, type Scale, short } from "./axes";
import { canvas, type Drawing } from "./canvas";
import { color } from "./colors";

export interface Series {
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** A custom property of the theme. */
  color: string;
  width?: number;
  dash?: number[];
  alpha?: number;
}

export interface PlotState {
  series: Series[];
  mark?: number | undefined;
  log?: boolean;
  /** Limits of y; by default those of the values. */
  range?: readonly [number, number];
}

const MARGIN = { left: 40, right: 12, top: 10, bottom: 22 };

export interface Plot extends Drawing {
  show(state: PlotState): void;
  /** The value on the x axis below a pixel of the canvas. */
  at(pixel: number): number;
}

export function plot(): Plot {
  let state: PlotState = { series: [] };
  let across: Scale = linear(0, 1, 0, 1);
  const drawing = canvas((context, width, height) => {
    const box = [MARGIN.left, width - MARGIN.right, height - MARGIN.bottom, MARGIN.top] as const;
    const [low, high] = limits(state);
    across = linear(0, Math.max(1, last(state)), box[0], box[1]);
    const up = (state.log ? logarithmic : linear)(low, high, box[2], box[3]);
    grid(context, drawing.el, across, up, box);
    context.save();
    context.beginPath();
    context.rect(box[0], box[3] - 2, box[1] - box[0], box[2] - box[3] + 4);
    context.clip();
    for (const series of state.series) line(context, drawing.el, series, across, up);
    context.restore();
    if (state.mark !== undefined) mark(context, drawing.el, state, across, up, box);
  });
  return Object.assign(drawing, {
    show(next: PlotState) {
      state = next;
      drawing.redraw();
    },
    at: (pixel: number) => across.invert(pixel),
  });
}

type Box = readonly [number, number, number, number];

function grid(context: CanvasRenderingContext2D, el: Element, x: Scale, y: Scale, box: Box): void {
  context.font = `11px ${getComputedStyle(el).fontFamily}`;
  context.fillStyle = color(el, "--ink-soft");
  context.strokeStyle = color(el, "--line");
  context.lineWidth = 1;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const tick of y.ticks(4)) {
    const at = Math.round(y(tick)) + 0.5;
    context.beginPath();
    context.moveTo(box[0], at);
    context.lineTo(box[1], at);
    context.stroke();
    context.fillText(short(tick), box[0] - 6, at);
  }
  context.textBaseline = "top";
  context.textAlign = "center";
  for (const tick of x.ticks(Math.max(2, (box[1] - box[0]) / 80)))
    context.fillText(short(tick), x(tick), box[2] + 6);
}

function line(context: CanvasRenderingContext2D, el: Element, s: Series, x: Scale, y: Scale): void {
  context.strokeStyle = color(el, s.color);
  context.lineWidth = s.width ?? 1.75;
  context.globalAlpha = s.alpha ?? 1;
  context.lineJoin = "round";
  context.setLineDash(s.dash ?? []);
  context.beginPath();
  let drawing = false;
  for (let i = 0; i < s.x.length; i++) {
    const value = s.y[i] ?? Number.NaN;
    if (Number.isFinite(value)) {
      if (drawing) context.lineTo(x(s.x[i] ?? 0), y(value));
      else context.moveTo(x(s.x[i] ?? 0), y(value));
    }
    drawing = Number.isFinite(value);
  }
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

function mark(
  context: CanvasRenderingContext2D,
  el: Element,
  state: PlotState,
  x: Scale,
  y: Scale,
  box: Box,
): void {
  const at = x(state.mark ?? 0);
  context.strokeStyle = color(el, "--accent");
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(at, box[2]);
  context.lineTo(at, box[3]);
  context.stroke();
  for (const series of state.series.filter((s) => (s.alpha ?? 1) === 1)) {
    const value = valueAt(series, state.mark ?? 0);
    if (value === undefined) continue;
    context.fillStyle = color(el, series.color);
    context.beginPath();
    context.arc(at, y(value), 3.5, 0, 2 * Math.PI);
    context.fill();
  }
}

/** The value of a series at the last x that is not beyond `at`. */
export function valueAt(series: Series, at: number): number | undefined {
  let low = 0;
  let high = series.x.length - 1;
  if (high < 0 || (series.x[0] ?? 0) > at + 1e-6) return undefined;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((series.x[middle] ?? 0) <= at + 1e-6) low = middle;
    else high = middle - 1;
  }
  const value = series.y[low];
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

function last(state: PlotState): number {
  return Math.max(0, ...state.series.map((s) => s.x[s.x.length - 1] ?? 0));
}

function limits(state: PlotState): [number, number] {
  if (state.range) return [...state.range];
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { y } of state.series)
    for (let i = 0; i < y.length; i++) {
      const value = y[i] ?? Number.NaN;
      if (!Number.isFinite(value) || (state.log && value <= 0)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  if (low > high) return state.log ? [0.1, 1] : [0, 1];
  if (state.log) return [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high) + 1e-9)];
  return [Math.min(0, low), high + (high - low || 1) * 0.05];
}
