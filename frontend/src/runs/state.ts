// What the page knows of the runs.
import { floats, type Message } from "../model";
import { columns, replaceRows } from "../mnist/state";
import type { Report } from "../parts/doctor";

export interface Run {
  number: number;
  name: string;
  data: string;
  net: string;
  optimizer: string;
  epochs: number;
  of: number;
  kept: number | null;
  accuracy: number | null;
  r2: number | null;
  loss: number | null;
  seconds: number | null;
  state: "finished" | "stopped" | "running" | "damaged";
  why: readonly [string, string] | null;
  when: number;
}
export type Problem = readonly [string, string] | null;
export interface Curves {
  values: Record<string, number[]>;
  problem: Problem;
}
export interface Examined {
  report: Report | null;
  problem: Problem;
}
export const SORTINGS = ["name", "data", "net", "optimizer", "epochs", "accuracy", "loss", "seconds", "state", "when"] as const;
export type Sorting = (typeof SORTINGS)[number];
const LARGEST_FIRST: readonly Sorting[] = ["when", "epochs", "accuracy"];

export class RunsState {
  directory = "";
  runs: Run[] | undefined;
  curves = new Map<number, Curves>();
  reports = new Map<number, Examined>();

  /** Takes a message of Python; false for one that is for somebody else. */
  take(content: Message, buffers: DataView[]): boolean {
    const number = Number(content["number"]);
    if (content.type === "runs") {
      this.directory = String(content["directory"]);
      this.runs = content["runs"] as unknown as Run[];
    } else if (content.type === "curves") {
      const names = content["columns"] as string[];
      const values = columns(names);
      if (buffers[0]) replaceRows(values, names, 0, floats(buffers[0]));
      this.curves.set(number, { values, problem: content["problem"] as unknown as Problem });
    } else if (content.type === "report") this.reports.set(number, content as unknown as Examined);
    else return false;
    return true;
  }
}

/** Whether an order goes from large to small. */
export const falls = (by: Sorting, reverse: boolean) => LARGEST_FIRST.includes(by) !== reverse;

/** Runs in an order, what has no value last: the newest, furthest and best first, or the other way round. */
export function sorted(runs: readonly Run[], by: Sorting, reverse: boolean): Run[] {
  const value = (run: Run): string | number | null => (by === "accuracy" ? (run.accuracy ?? run.r2) : run[by]);
  const sign = falls(by, reverse) ? -1 : 1;
  return [...runs].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    const order = typeof x === "string" ? x.localeCompare(String(y)) : x - Number(y);
    return sign * order || a.name.localeCompare(b.name);
  });
}
