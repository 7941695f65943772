import { expect, test } from "vitest";
import { readScore, scored } from "../src/clinic/state";
import { WORDS as CLINIC } from "../src/clinic/words";
import { columns, commonest, replaceRows } from "../src/mnist/state";
import { pair, WORDS as MNIST } from "../src/mnist/words";
import { logarithmic } from "../src/parts/axes";
import { falls, type Run, SORTINGS, sorted } from "../src/runs/state";
import { WORDS as RUNS } from "../src/runs/words";
import type { Table } from "../src/words";

test.each([["mnist", MNIST], ["clinic", CLINIC], ["runs", RUNS]] as [string, Table][])("%s: both languages say the same values", (_, table) => {
  for (const [key, [english, korean]] of Object.entries(table)) {
    const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
    expect(places(korean), key).toEqual(places(english));
    expect(english.trim() && korean.trim(), key).toBeTruthy();
  }
});

test("the first answer to a patient counts", () => {
  const once = scored({}, { case: 3, points: 2 });
  expect(once).toEqual({ 3: 2 });
  expect(scored(once, { case: 3, points: -1 })).toBe(once);
  expect(scored(once, { case: 4, points: -2 })).toEqual({ 3: 2, 4: -2 });
});

test.each([null, "", "nonsense", "[1]", '"x"', "null", '{"a":1,"3":"x"}'])("a score that is none is empty: %s", (text) => {
  expect(readScore(text)).toEqual({});
});

test("a score comes back from text", () => {
  expect(readScore('{"3":2,"12":-1}')).toEqual({ 3: 2, 12: -1 });
});

test("rows replace those from one on", () => {
  const names = ["x", "y"] as const;
  const into = columns(names);
  replaceRows(into, names, 0, new Float32Array([0, 1, 1, 2, 2, 3]));
  replaceRows(into, names, 2, new Float32Array([2, 9, 3, 4]));
  expect(into).toEqual({ x: [0, 1, 2, 3], y: [1, 2, 9, 4] });
});

test("the commonest mistake is not on the diagonal", () => {
  const counts = new Int32Array(100);
  counts[44] = 900;
  counts[49] = 12;
  counts[94] = 11;
  expect(commonest(counts)).toEqual([4, 9]);
  expect(commonest(new Int32Array(100))).toBeUndefined();
});

test("Korean particles follow how a digit is read", () => {
  expect(pair(3, 6, "ko")).toEqual({ digit: "3을", answer: "6으로" });
  expect(pair(4, 1, "ko")).toEqual({ digit: "4를", answer: "1로" });
  expect(pair(4, 9, "en")).toEqual({ digit: "4", answer: "9" });
});

const run = (values: Partial<Run>): Run => ({
  number: 0, name: "", data: "", net: "", optimizer: "", epochs: 0, of: 0, kept: null, accuracy: null,
  r2: null, loss: null, seconds: null, state: "finished", why: null, when: 0, ...values,
});

test.each(SORTINGS)("runs without a value come last by %s, both ways", (by) => {
  const runs = [run({ name: "a", accuracy: 0.5, loss: 1, seconds: 1, when: 1, epochs: 2 }), run({ name: "b" }), run({ name: "c", accuracy: 0.9, loss: 0.1, seconds: 3, when: 2, epochs: 1 })];
  for (const reverse of [false, true]) {
    const found = sorted(runs, by, reverse);
    expect(new Set(found)).toEqual(new Set(runs));
    if (by === "accuracy" || by === "loss" || by === "seconds") expect(found.at(-1)?.name).toBe("b");
    if (by === "accuracy") expect(found[0]?.name).toBe(falls(by, reverse) ? "c" : "a");
    if (by === "loss") expect(found[0]?.name).toBe(falls(by, reverse) ? "a" : "c");
  }
});

test("a logarithmic axis has few ticks however far it reaches", () => {
  for (const low of [1e-21, 1e-5, 0.1]) {
    const ticks = logarithmic(low, 1, 100, 0).ticks(4);
    expect(ticks.length).toBeGreaterThan(0);
    expect(ticks.length).toBeLessThanOrEqual(8);
    for (const tick of ticks) expect(Math.log10(tick)).toBeCloseTo(Math.round(Math.log10(tick)));
  }
});
