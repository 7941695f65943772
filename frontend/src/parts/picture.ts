// Small pictures of numbers: a pixel for each, scaled up by the style sheet without smoothing.
import { mix, type Palette, type Rgb } from "./colors";
import { h } from "./dom";

export interface Picture {
  el: HTMLCanvasElement;
  /** Numbers row by row, each with a color. */
  show(values: ArrayLike<number>, width: number, color: (value: number) => Rgb): void;
}

export function picture(label?: string): Picture {
  const el = h("canvas", label ? { class: "pixels", role: "img", "aria-label": label } : { class: "pixels", "aria-hidden": "true" });
  return {
    el,
    show(values, width, color) {
      const height = Math.max(1, Math.round(values.length / width));
      if (el.width !== width || el.height !== height) {
        el.width = width;
        el.height = height;
      }
      const data = new ImageData(width, height);
      for (let i = 0; i < width * height; i++) data.data.set([...color(values[i] ?? 0), 255], 4 * i);
      el.getContext("2d")?.putImageData(data, 0, 0);
    },
  };
}

/** Paper for 0, ink for `most`. */
export const inked = (colors: Palette, most: number) => (value: number): Rgb =>
  mix(colors.paper, colors.ink, Math.min(1, Math.max(0, value / (most || 1))));

/** Paper for 0, one color for positive and another for negative numbers. */
export const signed = (colors: Palette, most: number) => (value: number): Rgb =>
  mix(colors.paper, colors.classes[value < 0 ? 0 : 1] ?? colors.ink, Math.min(1, Math.abs(value) / (most || 1)));

export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i] ?? 0));
  return most;
}
