// A point that can be dragged: a button over a canvas, moved by pointer or by arrow keys, with Shift by
// a tenth of a step.
import { h } from "./dom";

export interface GrabOptions {
  label: string;
  /** Sizes of one step of the arrow keys. */
  step: () => readonly [number, number];
  /** The value below a point of the parent, in shares of its width and height from the top left. */
  at: (across: number, down: number) => readonly [number, number];
  onMove: (x: number, y: number) => void;
  describe: (x: number, y: number) => string;
}

export interface Grab {
  el: HTMLButtonElement;
  /** Move it to a value, which lies at shares of its parent's width and height. */
  set(x: number, y: number, across: number, down: number): void;
}

const KEYS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

export function grab(options: GrabOptions): Grab {
  let value: readonly [number, number] = [0, 0];
  const move = (x: number, y: number) => options.onMove(Number(x.toPrecision(4)), Number(y.toPrecision(4)));
  const drag = (event: PointerEvent) => {
    const box = el.parentElement?.getBoundingClientRect();
    if (!box || !el.hasPointerCapture(event.pointerId)) return;
    const share = (at: number) => Math.min(1, Math.max(0, at));
    move(
      ...options.at(
        share((event.clientX - box.left) / box.width),
        share((event.clientY - box.top) / box.height),
      ),
    );
  };
  const el = h("button", {
    type: "button",
    class: "grab",
    on: {
      pointerdown: (event) => {
        el.setPointerCapture(event.pointerId);
        el.focus();
      },
      pointermove: drag,
      keydown: (event) => {
        const direction = KEYS[event.key];
        if (!direction) return;
        event.preventDefault();
        const size = event.shiftKey ? 0.1 : 1;
        const [across, up] = options.step();
        move(value[0] + direction[0] * across * size, value[1] + direction[1] * up * size);
      },
    },
  });
  return {
    el,
    set(x, y, across, down) {
      value = [x, y];
      el.style.left = `${across * 100}%`;
      el.style.top = `${down * 100}%`;
      el.setAttribute("aria-label", `${options.label}: ${options.describe(x, y)}`);
      el.title = options.label;
    },
  };
}
