import { describe, expect, it } from "vitest";
import { strokesOf, withoutLastStroke, type Point } from "../src/drawing/pad";
import { best, readReading, toggled } from "../src/drawing/state";
import type { Message } from "../src/model";

const points: Point[] = [[1, 1, 0], [2, 2, 1], [9, 9, 0], [8, 8, 1], [7, 7, 1]];

describe("strokes", () => {
  it("begin where the pen comes down", () => {
    expect(strokesOf(points)).toEqual([[[1, 1], [2, 2]], [[9, 9], [8, 8], [7, 7]]]);
  });

  it("are taken back one by one", () => {
    const once = withoutLastStroke(points);
    expect(once).toEqual(points.slice(0, 2));
    expect(withoutLastStroke(once)).toEqual([]);
    expect(withoutLastStroke([])).toEqual([]);
  });
});

describe("a reading", () => {
  it("has its pictures in the order of Python", () => {
    const view = (...values: number[]) => new DataView(Float32Array.from(values).buffer);
    const content = {
      type: "reading", classes: ["a", "b"], probabilities: [0.2, 0.8], unbroken: [0.5, 0.5], asked: 1, empty: false,
      milliseconds: 2, weights: true, layers: [{ number: 1, kind: "ReLU", shape: [2] }, { number: 3, kind: "ReLU", shape: [2, 1, 2] }],
    } as unknown as Message;
    const reading = readReading(content, [view(1), view(2), view(3), view(4, 5), view(6, 7, 8, 9), view(10)]);
    expect(reading.layers.map((layer) => [layer.units, layer.width, ...layer.values])).toEqual([
      [2, 1, 4, 5],
      [2, 2, 6, 7, 8, 9],
    ]);
    expect(Array.from(reading.weights ?? [])).toEqual([10]);
    expect(best(reading.probabilities)).toBe(1);
  });

  it("lists what is cut, each unit once", () => {
    expect(toggled([[1, 2]], [1, 3])).toEqual([[1, 2], [1, 3]]);
    expect(toggled([[1, 2], [1, 3]], [1, 2])).toEqual([[1, 3]]);
  });
});
