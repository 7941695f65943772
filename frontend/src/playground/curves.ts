// Loss and accuracy over the run, earlier branches behind them.
import { type Plot, plot, type Series } from "../parts/plot";
import type { PlaygroundState } from "./state";

export type Measure = "Loss" | "Accuracy";

export interface Curves extends Plot {
  log: boolean;
  refresh(): void;
}

export function curves(state: PlaygroundState, measure: Measure): Curves {
  const drawing = plot();
  const self: Curves = Object.assign(drawing, {
    log: false,
    refresh() {
      const series: Series[] = state.branches.map((branch) => ({
        x: branch.epoch, y: branch[`train${measure}`], color: "--ink-soft", width: 1, alpha: 0.55,
      }));
      const { epoch } = state.curves;
      series.push(
        { x: epoch, y: state.curves[`test${measure}`], color: "--test" },
        { x: epoch, y: state.curves[`train${measure}`], color: "--train" },
      );
      const { frame } = state;
      drawing.show({
        series,
        log: self.log,
        mark: frame && !frame.newest ? frame.row.epoch : undefined,
        ...(measure === "Accuracy" ? { range: [0, 1] as const } : {}),
      });
    },
  });
  return self;
}
