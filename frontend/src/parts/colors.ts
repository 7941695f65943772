// Colors for canvases. They live in the style sheet, as custom properties of each theme.

export type Rgb = readonly [number, number, number];

/** A color of the theme, such as "--ink". */
export function color(el: Element, name: string): string {
  return getComputedStyle(el).getPropertyValue(name).trim() || "#888";
}

export function rgb(text: string): Rgb {
  const number = Number.parseInt(text.replace("#", ""), 16);
  return [(number >> 16) & 255, (number >> 8) & 255, number & 255];
}

export const mix = (a: Rgb, b: Rgb, share: number): Rgb => [
  a[0] + (b[0] - a[0]) * share,
  a[1] + (b[1] - a[1]) * share,
  a[2] + (b[2] - a[2]) * share,
];

export interface Palette {
  paper: Rgb;
  ink: Rgb;
  classes: readonly Rgb[];
}

export const CLASSES = ["--class-0", "--class-1", "--class-2", "--class-3", "--class-4", "--class-5"];

export function palette(el: Element): Palette {
  return {
    paper: rgb(color(el, "--field")),
    ink: rgb(color(el, "--ink")),
    classes: CLASSES.map((name) => rgb(color(el, name))),
  };
}
