import { describe, expect, it } from "vitest";
import { agree, readGraph, type Stage, stageOf } from "../src/graph/state";
import { number } from "../src/graph/table";
import type { Message } from "../src/model";

const stage = (...nodes: number[]) => ({ nodes }) as Stage;

describe("the graph", () => {
  it("has NaN where Python had no finite number", () => {
    const content = { type: "graph", svg: "", stages: {}, result: null, variables: [{ name: "x", value: 0, gradient: null, numerical: null }] };
    const graph = readGraph(content as unknown as Message);
    expect(graph.result).toBeNaN();
    expect(agree(graph.variables)).toBe(true);
    expect(number(graph.result)).toBe("–");
  });

  it("tells a kink by its two gradients", () => {
    const variable = { name: "x", value: 0, gradient: 0, numerical: 0.5 };
    expect(agree([variable])).toBe(false);
    expect(agree([{ ...variable, numerical: 1e-9 }])).toBe(true);
  });

  it("leads from a node to the stage that computes it", () => {
    const stages = [stage(0, 1), stage(4), stage(5), stage(4)];
    expect(stageOf(stages, 4)).toBe(1);
    expect(stageOf(stages, 9)).toBe(0);
  });
});
