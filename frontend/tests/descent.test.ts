import { describe, expect, it } from "vitest";
import { logarithmic, short } from "../src/parts/axes";
import { DescentState, eventAt, type Lane, moments } from "../src/descent/state";
import type { Message } from "../src/model";

const lane = (...events: number[]) => ({ events: Uint8Array.from(events) }) as Lane;

describe("events of a lane", () => {
  it("are those of the step that led here", () => {
    expect(eventAt(lane(0, 1, 5), 2)).toBe("overshoots");
    expect(eventAt(lane(0, 1, 5), 99)).toBe("arrived");
  });

  it("are listed at the first step of each kind", () => {
    expect(moments(lane(1, 1, 0, 1, 5, 5))).toEqual([
      { step: 1, event: "overshoots" },
      { step: 3, event: "falls" },
      { step: 5, event: "arrived" },
    ]);
  });
});

describe("the state", () => {
  it("forgets the paths when the race is set up anew", () => {
    const state = new DescentState();
    const view = (array: ArrayLike<number> & { buffer: ArrayBuffer }) => new DataView(array.buffer);
    state.take({ type: "setup", start: [1, 2], height: 5, limit: null } as unknown as Message, []);
    const buffers = [view(new Float32Array([1, 2, 0, 0])), view(new Float32Array([5, 0])), view(new Uint8Array([5]))];
    state.take({ type: "race", guess: "arrives", lanes: [{ optimizer: "sgd", lr: 0.5 }] } as unknown as Message, buffers);
    expect(state.steps).toBe(1);
    expect(state.guess).toBe("arrives");
    state.take({ type: "setup", start: [1, 3], height: 10, limit: null } as unknown as Message, []);
    expect([state.steps, state.guess, state.step]).toEqual([0, undefined, 0]);
  });
});

describe("axes", () => {
  it("have few ticks however many powers of ten they span", () => {
    for (const low of [1e-15, 1e-6, 0.1]) {
      const ticks = logarithmic(low, 1e4, 0, 100).ticks(4);
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThan(8);
    }
  });

  it("write huge numbers with an exponent", () => {
    expect(short(1.64e26)).toBe("1.64e26");
    expect(short(-2.5e12)).toBe("-2.50e12");
  });
});
