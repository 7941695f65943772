// A picture of 28 x 28 bytes: ink on paper as in the book, or weights around 128 in two colors.
import { palette } from "./colors";
import { inked, picture, signed as twoColors } from "./picture";

const SIDE = 28;
const MIDDLE = 127.5;

export interface Digit {
  el: HTMLCanvasElement;
  /** Draws bytes again, in the colors of the present theme. */
  show(values: Uint8Array, signed?: boolean): void;
}

export function digit(label?: string): Digit {
  const { el, show } = picture(label);
  el.classList.add("picture");
  el.width = el.height = SIDE;
  return {
    el,
    show(values, signed = false) {
      if (values.length < SIDE * SIDE) return;
      const colors = palette(el);
      const weights = twoColors(colors, MIDDLE);
      show(values, SIDE, signed ? (value) => weights(value - MIDDLE) : inked(colors, 255));
    },
  };
}
