// The net's answer over the plane, with the points on top.
import { canvas, type Drawing } from "../parts/canvas";
import { type Palette, palette, type Rgb } from "../parts/colors";
import { drawScaled, fieldPicture } from "../parts/field";
import type { PlaygroundState, Points } from "./state";

export const EDGE = 6; // as in src/mitbadak/lab/playground/points.py

export interface Shown {
  discrete: boolean;
  test: boolean;
  /** A hidden unit whose map is shown in place of the answer. */
  unit: number | undefined;
  /** The point that goes into the unit that is touched. */
  probe: [number, number] | undefined;
}

export function output(state: PlaygroundState, shown: Shown): Drawing {
  const drawing = canvas(
    (context, width, height) => {
      const colors = palette(drawing.el);
      const { frame, points } = state;
      if (frame) {
        const unit = shown.unit;
        const size = frame.unitSide * frame.unitSide;
        const picture =
          unit !== undefined && frame.units.length >= (unit + 1) * size
            ? fieldPicture(frame.units.subarray(unit * size, (unit + 1) * size), frame.unitSide, 1, colors)
            : fieldPicture(frame.field, frame.fieldSide, frame.fieldDepth, colors, shown.discrete);
        drawScaled(context, picture, width, height, !shown.discrete || unit !== undefined);
      }
      if (points) drawPoints(context, points, width, height, colors, shown.test);
      if (shown.probe) drawProbe(context, shown.probe, width, height, colors);
    },
    { class: "field" },
  );
  return drawing;
}

function drawPoints(
  context: CanvasRenderingContext2D,
  points: Points,
  width: number,
  height: number,
  colors: Palette,
  withTest: boolean,
): void {
  const radius = Math.max(1.8, Math.min(3.4, width / 110));
  context.lineWidth = 1;
  for (let i = 0; i < points.t.length; i++) {
    const test = points.test[i] === 1;
    if (test && !withTest) continue;
    const x = (((points.x[2 * i] ?? 0) + EDGE) / (2 * EDGE)) * width;
    const y = ((EDGE - (points.x[2 * i + 1] ?? 0)) / (2 * EDGE)) * height;
    const [r, g, b] = colorOf(points.t[i] ?? 0, points.classes, colors);
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = `rgb(${r} ${g} ${b})`;
    context.fill();
    const rim = test ? colors.ink : colors.paper;
    context.strokeStyle = `rgb(${rim.join(" ")} / ${test ? 1 : 0.9})`;
    context.stroke();
  }
}

function drawProbe(
  context: CanvasRenderingContext2D,
  [x1, x2]: [number, number],
  width: number,
  height: number,
  colors: Palette,
): void {
  const x = ((x1 + EDGE) / (2 * EDGE)) * width;
  const y = ((EDGE - x2) / (2 * EDGE)) * height;
  for (const [rgb, line] of [[colors.paper, 5], [colors.ink, 2]] as const) {
    context.strokeStyle = `rgb(${rgb.join(" ")})`;
    context.lineWidth = line;
    context.beginPath();
    context.arc(x, y, 7, 0, 2 * Math.PI);
    context.moveTo(x - 12, y);
    context.lineTo(x - 3, y);
    context.moveTo(x + 3, y);
    context.lineTo(x + 12, y);
    context.stroke();
  }
}

/** The point of the plane under a pointer. */
export function planeAt(el: HTMLElement, event: PointerEvent): [number, number] {
  const box = el.getBoundingClientRect();
  const inside = (value: number) => Math.round(Math.min(EDGE, Math.max(-EDGE, value)) * 100) / 100;
  return [
    inside(((event.clientX - box.left) / box.width) * 2 * EDGE - EDGE),
    inside(EDGE - ((event.clientY - box.top) / box.height) * 2 * EDGE),
  ];
}

/** A class's color, or that of a target from -1 to 1. */
export function colorOf(target: number, classes: number, colors: Palette): Rgb {
  if (classes) return colors.classes[target % colors.classes.length] ?? colors.ink;
  const end = colors.classes[target < 0 ? 0 : 1] ?? colors.ink;
  const share = 0.25 + 0.75 * Math.min(1, Math.abs(target));
  return [0, 1, 2].map((i) => Math.round(colors.paper[i as 0] + (end[i as 0] - colors.paper[i as 0]) * share)) as unknown as Rgb;
}
