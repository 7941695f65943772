// A map of the plane: the net's answer, or a unit's, as a small picture that is scaled up.
import { mix, type Palette, type Rgb } from "./colors";

const FULL = 0.78; // how far from paper the surest color lies: points on top must remain visible

/** Paints probabilities (side, side, classes), or one value around 128, into a picture. */
export function fieldPicture(
  values: Uint8Array,
  side: number,
  depth: number,
  colors: Palette,
  discrete = false,
): ImageData {
  const picture = new ImageData(side, side);
  for (let cell = 0; cell < side * side; cell++) {
    const at = values.subarray(cell * depth, cell * depth + depth);
    const [r, g, b] = depth > 1 ? ofClasses(at, colors, discrete) : ofValue(at[0] ?? 128, colors, discrete);
    picture.data.set([r, g, b, 255], cell * 4);
  }
  return picture;
}

function ofClasses(probabilities: Uint8Array, colors: Palette, discrete: boolean): Rgb {
  let best = 0;
  const sum: [number, number, number] = [0, 0, 0];
  let total = 1e-9;
  probabilities.forEach((p, k) => {
    if (p > (probabilities[best] ?? 0)) best = k;
    const c = colors.classes[k % colors.classes.length] ?? colors.ink;
    for (let i = 0; i < 3; i++) sum[i] = (sum[i] ?? 0) + p * (c[i] ?? 0);
    total += p;
  });
  if (discrete) return mix(colors.paper, colors.classes[best] ?? colors.ink, FULL);
  const even = 1 / probabilities.length;
  const sure = Math.max(0, ((probabilities[best] ?? 0) / total - even) / (1 - even));
  return mix(colors.paper, [sum[0] / total, sum[1] / total, sum[2] / total], FULL * (0.2 + 0.8 * sure));
}

function ofValue(value: number, colors: Palette, discrete: boolean): Rgb {
  const signed = (value - 127.5) / 127.5;
  const end = colors.classes[signed < 0 ? 0 : 1] ?? colors.ink;
  return mix(colors.paper, end, FULL * (discrete ? 1 : Math.abs(signed)));
}

const scratch = new Map<number, HTMLCanvasElement>();

/** Draws a small picture over a whole box. */
export function drawScaled(
  context: CanvasRenderingContext2D,
  picture: ImageData,
  width: number,
  height: number,
  smooth = true,
): void {
  let small = scratch.get(picture.width);
  if (!small) {
    small = document.createElement("canvas");
    small.width = small.height = picture.width;
    scratch.set(picture.width, small);
  }
  small.getContext("2d")?.putImageData(picture, 0, 0);
  context.imageSmoothingEnabled = smooth;
  context.imageSmoothingQuality = "high";
  context.drawImage(small, 0, 0, width, height);
}
