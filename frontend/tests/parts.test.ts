import { expect, test, vi } from "vitest";
import { formatPlace, parsePlace } from "../src/host/address";
import { unpack } from "../src/wire";
import { linear, logarithmic, roundTicks, short } from "../src/parts/axes";
import { valueAt } from "../src/parts/plot";
import { readTable } from "../src/playground/csv";
import { layout } from "../src/playground/net";
import { append, emptyCurves } from "../src/playground/state";
import { WORDS as HOST } from "../src/host/words";
import { WORDS as PLAYGROUND } from "../src/playground/words";
import { speaker, type Table } from "../src/words";

test.each([["host", HOST], ["playground", PLAYGROUND]] as [string, Table][])("%s: both languages say the same values", (_, table) => {
  for (const [key, [english, korean]] of Object.entries(table)) {
    const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
    expect(places(korean), key).toEqual(places(english));
    expect(english.trim() && korean.trim(), key).toBeTruthy();
  }
});

test("words take values", () => {
  const say = speaker({ a: ["{n} points", "점 {n}개"] }, "ko");
  expect(say("a", { n: 3 })).toBe("점 3개");
});

test("an address holds what differs from the defaults, and gives it back", () => {
  const defaults = { data: "spiral", lr: 0.01, layers: [{ units: 8 }], note: "", n: 400, on: true };
  const settings = { data: "xor", lr: 0.5, layers: [{ units: 3 }, { units: 1 }], note: "12", n: 400, on: false };
  const place = formatPlace("playground", settings, defaults);
  expect(place).toMatch(/^#\/playground\?/);
  expect(place).not.toContain("n=400");
  expect({ ...defaults, ...parsePlace(place).settings }).toEqual(settings);
  expect(formatPlace("playground", defaults, defaults)).toBe("#/playground");
  expect(parsePlace("#/x?a=%7B").settings).toEqual({ a: "{" });
  expect(parsePlace("")).toEqual({ view: "", settings: {} });
});

test("what is too long for an address is kept by the browser", () => {
  const store = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => store.get(key) ?? null,
    setItem: (key: string, value: string) => store.set(key, value),
  });
  const points = Array.from({ length: 900 }, (_, i) => [i, 1 - i, i % 2]);
  const place = formatPlace("playground", { points }, { points: [] });
  expect(place.length).toBeLessThan(60);
  expect(parsePlace(place).settings).toEqual({ points });
  vi.unstubAllGlobals();
});

test("a binary message comes apart as Python packed it", () => {
  const header = new TextEncoder().encode('{"type":"t","buffers":[3,0,4]}');
  const start = Math.ceil((4 + header.length) / 8) * 8;
  const data = new Uint8Array(start + 16);
  new DataView(data.buffer).setUint32(0, header.length, true);
  data.set(header, 4);
  data.set([1, 2, 3], start);
  data.set([9, 8, 7, 6], start + 8);
  const [content, buffers] = unpack(data.buffer);
  expect(content).toEqual({ type: "t" });
  expect(buffers.map((b) => [...new Uint8Array(b.buffer, b.byteOffset, b.byteLength)])).toEqual([[1, 2, 3], [], [9, 8, 7, 6]]);
});

test.each([
  ["x1,x2,class\n1,2,a\n-3,0.5,b\n2,2,a", "classes", [[1, 2, 0], [-3, 0.5, 1], [2, 2, 0]], 0],
  ["1;2;10\n2;1;2\n0;0;10", "classes", [[1, 2, 1], [2, 1, 0], [0, 0, 1]], 0],
  ["1\t2\t0.5\n2 1 -1\n0, 0, 0.25", "values", [[1, 2, 0.5], [2, 1, -1], [0, 0, 0.25]], 0],
  ["1,2,a\nbroken\n3,,b\n4,-1,b", "classes", [[1, 2, 0], [4, -1, 1]], 2],
  ["", "values", [], 0],
] as const)("a table %j", (text, targets, points, skipped) => {
  const table = readTable(text);
  if (points.length) expect(table.targets).toBe(targets);
  expect(table.points).toEqual(points);
  expect(table.skipped).toBe(skipped);
});

test("columns that the plane does not hold are stretched to it", () => {
  const { points } = readTable("1000,0.1,a\n2000,0.2,b\n1500,0.15,a");
  expect(points.map(([a, b]) => [a, b])).toEqual([[-5, -5], [5, 5], [0, expect.closeTo(0, 5)]]);
});

test("more classes than colors are refused", () => {
  const rows = Array.from({ length: 9 }, (_, i) => `${i % 3},1,class${i}`).join("\n");
  expect(readTable(rows).points).toEqual([]);
});

test("scales and ticks", () => {
  const scale = linear(0, 10, 100, 200);
  expect(scale(5)).toBe(150);
  expect(scale.invert(150)).toBe(5);
  const log = logarithmic(0.01, 1, 0, 100);
  expect(log(0.1)).toBeCloseTo(50);
  expect(log.ticks(3)).toEqual([0.01, 0.1, 1].map((t) => expect.closeTo(t, 8)));
  expect(roundTicks(0, 0.7, 4)).toEqual([0, 0.2, 0.4, 0.6]);
  expect(roundTicks(1, 1, 4)).toEqual([1]);
  expect(short(0.00001)).toBe("1e−5");
  expect(short(12345)).toBe("12.3k");
  expect(short(Number.NaN)).toBe("–");
});

test("the value of a curve where one looks", () => {
  const series = { x: [0, 2, 4], y: [1, 2, Number.NaN], color: "--ink" };
  expect(valueAt(series, 3)).toBe(2);
  expect(valueAt(series, -1)).toBeUndefined();
  expect(valueAt(series, 9)).toBeUndefined();
});

test("rows of a curve replace what they overlap", () => {
  const curves = emptyCurves();
  append(curves, 0, new Float32Array([0, 0, 1, 1, 0, 0, 1, 1, 9, 2, 2, 0, 0, 1]));
  append(curves, 1, new Float32Array([2, 8, 3, 3, 0, 0, 1]));
  expect(curves.epoch).toEqual([0, 2]);
  expect(curves.trainLoss).toEqual([1, 3]);
});

test.each([[[2, 8, 8, 2]], [[7, 64, 64, 1]], [[1, 1]], [[2, ...Array(12).fill(64), 4]]])("units of %j stay inside and apart", (counts) => {
  const places = layout(counts as number[], 640, 400);
  for (const column of places) {
    for (const { y, size } of column) {
      expect(y - size / 2).toBeGreaterThanOrEqual(-1);
      expect(y + size / 2).toBeLessThanOrEqual(401);
    }
    for (let i = 1; i < column.length; i++) expect((column[i]?.y ?? 0) - (column[i - 1]?.y ?? 0)).toBeGreaterThan(4);
  }
});
