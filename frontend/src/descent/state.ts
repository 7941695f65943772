// What the Descent page knows: the surface, where the race starts, and, after a prediction, its paths.
import { bytes, floats, type Message } from "../model";

/** As Event in src/mitbadak/lab/descent/watching.py. */
export const EVENTS = ["falls", "overshoots", "grows", "climbs", "crawls", "arrived", "frozen", "gone"] as const;
export type Event = (typeof EVENTS)[number];
export const OUTCOMES = ["arrives", "on-the-way", "runs-away"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface Surface {
  name: string;
  formula: string;
  window: readonly [readonly [number, number], readonly [number, number]];
  minima: [number, number][];
  usual: [number, number];
  rows: number;
  columns: number;
  heights: Float32Array;
  levels: number[];
}
export interface Limit {
  at: [number, number];
  curvatures: [number, number];
  limit: number;
  exact: boolean;
  factors: [number, number][];
}
export interface Setup {
  start: [number, number];
  height: number;
  limit: Limit | undefined;
}
export interface Lane {
  optimizer: string;
  lr: number;
  outcome: Outcome;
  /** English, Korean. */
  text: [string, string];
  name: [string, string];
  path: Float32Array;
  heights: Float32Array;
  events: Uint8Array;
}

export class DescentState {
  surface: Surface | undefined;
  setup: Setup | undefined;
  lanes: Lane[] = [];
  guess: Outcome | undefined;
  /** The step that is shown. */
  step = 0;

  /** Takes a message of Python; false for one that is for somebody else. */
  take(content: Message, buffers: DataView[]): boolean {
    switch (content.type) {
      case "surface":
        this.surface = readSurface(content, floats(buffers[0] as DataView));
        return true;
      case "setup":
        this.setup = {
          start: content["start"] as [number, number],
          height: Number(content["height"]),
          limit: (content["limit"] ?? undefined) as unknown as Limit | undefined,
        };
        this.lanes = [];
        this.guess = undefined;
        this.step = 0;
        return true;
      case "race":
        this.lanes = (content["lanes"] as unknown as Lane[]).map((lane, i) => ({
          ...lane,
          path: floats(buffers[3 * i] as DataView),
          heights: floats(buffers[3 * i + 1] as DataView),
          events: bytes(buffers[3 * i + 2] as DataView),
        }));
        this.guess = (content["guess"] || undefined) as Outcome | undefined;
        return true;
      default:
        return false;
    }
  }

  /** The number of steps of the longest lane. */
  get steps(): number {
    return Math.max(0, ...this.lanes.map((lane) => lane.events.length));
  }
}

function readSurface(content: Message, heights: Float32Array): Surface {
  const [rows = 0, columns = 0] = content["shape"] as number[];
  return {
    name: String(content["surface"]),
    formula: String(content["formula"]),
    window: content["window"] as unknown as Surface["window"],
    minima: content["minima"] as [number, number][],
    usual: content["usual"] as [number, number],
    rows,
    columns,
    heights,
    levels: content["levels"] as number[],
  };
}

/** What the last step that is shown did. */
export function eventAt(lane: Lane, step: number): Event {
  return EVENTS[lane.events[Math.min(step, lane.events.length) - 1] ?? 0] ?? "falls";
}

export interface Moment {
  step: number;
  event: Event;
}

/** The steps at which a lane begins to do something else, the first of each kind. */
export function moments(lane: Lane): Moment[] {
  const found: Moment[] = [];
  lane.events.forEach((code, i) => {
    const event = EVENTS[code] ?? "falls";
    if (!found.some((moment) => moment.event === event)) found.push({ step: i + 1, event });
  });
  return found;
}
