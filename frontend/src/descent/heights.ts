// f along the paths, over the steps, with a dotted line to where the prediction says that it will go.
import { CLASSES } from "../parts/colors";
import { plot, type Series } from "../parts/plot";
import type { DescentState, Outcome } from "./state";

const LEAST = 1e-12; // of the first height: below, a lane is at the bottom for the eye

export function heightsPlot(state: DescentState) {
  const drawing = plot();
  const refresh = () => {
    const lowest = Math.min(0, ...state.lanes.flatMap((lane) => [...lane.heights].filter(Number.isFinite)));
    const log = lowest >= 0;
    const first = Math.max(state.setup?.height ?? 1, 1e-9);
    const most = first * 1e3;
    const series: Series[] = state.lanes.map((lane, i) => {
      const count = Math.min(state.step, lane.events.length) + 1;
      const y = Array.from(lane.heights.subarray(0, count), (value) =>
        Math.min(most, log ? Math.max(value, first * LEAST) : Math.max(value, -most)),
      );
      return { x: y.map((_, k) => k), y, color: CLASSES[i] ?? "--ink", width: i ? 1.75 : 2.5 };
    });
    const whole = { x: [0, state.steps], y: [first, first], color: "--line-strong", dash: [4, 4], width: 1, alpha: 0.99 };
    const predicted = state.guess && { x: [0, state.steps], y: [first, aim(state.guess, first, log)], color: "--ink-soft", dash: [2, 5], width: 2, alpha: 0.99 };
    drawing.show({ series: state.lanes.length ? [whole, ...(predicted ? [predicted] : []), ...series] : [], log, mark: state.lanes.length ? state.step : undefined });
  };
  return { drawing, refresh };
}

/** A height that stands for a prediction. */
function aim(guess: Outcome, first: number, log: boolean): number {
  if (!log) return { arrives: 0, "on-the-way": first / 2, "runs-away": -10 * first }[guess];
  return first * { arrives: LEAST, "on-the-way": 1e-3, "runs-away": 1e3 }[guess];
}
