// A canvas as sharp as the screen, which knows the theme's colors and when to draw itself again.
import { framed, h } from "./dom";

export type Paint = (context: CanvasRenderingContext2D, width: number, height: number) => void;

export interface Drawing {
  el: HTMLCanvasElement;
  /** Draw again with the next animation frame. */
  redraw: () => void;
  dispose: () => void;
}

/** A canvas that fills its box, drawn by `paint` in CSS pixels. */
export function canvas(paint: Paint, props: Record<string, string> = {}): Drawing {
  const el = h("canvas", { "aria-hidden": "true", ...props });
  const draw = framed(() => {
    const width = el.clientWidth;
    const height = el.clientHeight;
    if (!width || !height) return;
    const ratio = window.devicePixelRatio || 1;
    const context = el.getContext("2d");
    if (!context) return;
    if (el.width !== Math.round(width * ratio) || el.height !== Math.round(height * ratio)) {
      el.width = Math.round(width * ratio);
      el.height = Math.round(height * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    paint(context, width, height);
  });
  const observer = new ResizeObserver(draw);
  observer.observe(el);
  return { el, redraw: draw, dispose: () => observer.disconnect() };
}
