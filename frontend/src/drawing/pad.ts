// The pad: strokes by mouse, finger or pen, or by a pen that arrow keys move and Space puts down and lifts.
import { canvas } from "../parts/canvas";
import { color } from "../parts/colors";
import { framed, h } from "../parts/dom";
import { grab } from "../parts/grab";

export const SIDE = 280;
export const MOST_POINTS = 1500;
const APART = 3; // units between two points of a stroke
const STEP = 10; // units that an arrow key moves the pen

/** x, y, and 1 where the stroke goes on from the point before, 0 where it begins. */
export type Point = [number, number, number];

export interface PadOptions {
  label: string;
  penLabel: string;
  describe: (x: number, y: number, down: boolean) => string;
  points: () => Point[];
  pen: () => number;
  onDraw: (points: Point[]) => void;
}

export function pad(options: PadOptions) {
  let points: Point[] = [];
  let pointer: number | undefined;
  let at: readonly [number, number] = [SIDE / 2, SIDE / 4];
  let down = false;
  const drawing = canvas((context, width) => {
    const scale = width / SIDE;
    context.strokeStyle = context.fillStyle = color(drawing.el, "--ink");
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = options.pen() * scale;
    for (const stroke of strokesOf(points)) {
      context.beginPath();
      stroke.forEach(([x, y], i) => (i ? context.lineTo(x * scale, y * scale) : context.moveTo(x * scale, y * scale)));
      if (stroke.length === 1) context.lineTo((stroke[0]?.[0] ?? 0) * scale, (stroke[0]?.[1] ?? 0) * scale + 0.01);
      context.stroke();
    }
  });
  const tell = framed(() => options.onDraw(points));
  const add = (x: number, y: number, goesOn: boolean) => {
    const [px, py] = points.at(-1) ?? [-SIDE, -SIDE];
    if (points.length >= MOST_POINTS || (goesOn && Math.hypot(x - px, y - py) < APART)) return;
    points = [...points, [Math.round(x), Math.round(y), goesOn ? 1 : 0]];
    drawing.redraw();
    tell();
  };
  const place = (event: PointerEvent): [number, number] => {
    const box = drawing.el.getBoundingClientRect();
    const share = (value: number) => Math.min(1, Math.max(0, value)) * SIDE;
    return [share((event.clientX - box.left) / box.width), share((event.clientY - box.top) / box.height)];
  };
  drawing.el.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || pointer !== undefined) return;
    pointer = event.pointerId;
    drawing.el.setPointerCapture(pointer);
    add(...place(event), false);
  });
  drawing.el.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const one of passed.length ? passed : [event]) add(...place(one), true);
  });
  for (const end of ["pointerup", "pointercancel"] as const)
    drawing.el.addEventListener(end, (event) => {
      if (event.pointerId === pointer) pointer = undefined;
    });
  const pen = grab({
    label: options.penLabel,
    describe: (x, y) => options.describe(x, y, down),
    step: () => [STEP, -STEP],
    at: () => at,
    onMove: (x, y) => {
      const within = (value: number) => Math.min(SIDE, Math.max(0, value));
      at = [within(x), within(y)];
      if (down) add(...at, true);
      showPen();
    },
  });
  const showPen = () => {
    pen.el.dataset["down"] = String(down);
    pen.set(at[0], at[1], at[0] / SIDE, at[1] / SIDE);
  };
  pen.el.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    down = !down;
    if (down) add(...at, false);
    showPen();
  });
  pen.el.addEventListener("blur", () => {
    down = false;
    showPen();
  });
  pen.el.classList.add("pad-pen");
  showPen();
  return {
    el: h("div", { class: "pad", role: "group", "aria-label": options.label }, drawing.el, pen.el),
    dispose: drawing.dispose,
    redraw: drawing.redraw,
    /** Take strokes from the settings, unless some are just being drawn. */
    take() {
      if (pointer === undefined) points = options.points();
      drawing.redraw();
    },
  };
}

export function strokesOf(points: readonly Point[]): [number, number][][] {
  const strokes: [number, number][][] = [];
  for (const [x, y, goesOn] of points) {
    const last = strokes.at(-1);
    if (goesOn && last) last.push([x, y]);
    else strokes.push([[x, y]]);
  }
  return strokes;
}

export function withoutLastStroke(points: readonly Point[]): Point[] {
  const begins = points.findLastIndex(([, , goesOn]) => !goesOn);
  return points.slice(0, Math.max(0, begins));
}
