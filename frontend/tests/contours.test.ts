import { describe, expect, it } from "vitest";
import { contour } from "../src/parts/contours";

/** Heights of f on a grid of columns by rows. */
const grid = (columns: number, rows: number, f: (x: number, y: number) => number) =>
  Float32Array.from({ length: columns * rows }, (_, i) => f(i % columns, Math.floor(i / columns)));

describe("contour", () => {
  it("lies where a plane has the level", () => {
    const segments = contour(grid(5, 4, (x) => x), 5, 2.5);
    expect(segments).toHaveLength(3 * 4);
    segments.forEach((value, i) => i % 2 === 0 && expect(value).toBeCloseTo(2.5));
  });

  it("closes around a peak: every end is the end of two segments", () => {
    const segments = contour(grid(21, 21, (x, y) => Math.hypot(x - 10, y - 10)), 21, 6.3);
    const ends = new Map<string, number>();
    for (let i = 0; i < segments.length; i += 2) {
      const key = `${segments[i]?.toFixed(5)} ${segments[i + 1]?.toFixed(5)}`;
      ends.set(key, (ends.get(key) ?? 0) + 1);
    }
    expect([...ends.values()].every((count) => count === 2)).toBe(true);
    for (let i = 0; i < segments.length; i += 2)
      expect(Math.hypot((segments[i] ?? 0) - 10, (segments[i + 1] ?? 0) - 10)).toBeCloseTo(6.3, 0);
  });

  it("never crosses itself at a saddle, and is nowhere beyond the heights", () => {
    const saddle = grid(2, 2, (x, y) => (x - 0.5) * (y - 0.5));
    expect(contour(saddle, 2, 0.1)).toHaveLength(8);
    expect(contour(saddle, 2, 9)).toHaveLength(0);
  });
});
