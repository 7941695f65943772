// What the page of the clinic knows of its patient.
import { bytes, floats, type Message } from "../model";
import { columns, replaceRows } from "../mnist/state";
import type { Report } from "../parts/doctor";

export interface Chart {
  sizes: number[];
  activation: string;
  rule: string;
  lr: number;
  batch: number;
  examples: number;
  pictures: boolean;
}
export interface Histogram {
  low: number | null;
  high: number | null;
  shares: number[];
  zeros: number;
}
export interface Look {
  step: number;
  layers: Histogram[];
}
export interface Patient {
  case: number;
  cases: number;
  seeds: number;
  chart: Chart;
  columns: string[];
  labels: number[];
  causes: string[];
  pixels: Uint8Array;
}
export interface Verdict {
  case: number;
  answer: string;
  truth: string;
  points: number;
  good: readonly [string, string] | null;
  report: Report | null;
}

export class ClinicState {
  patient: Patient | undefined;
  rows: Record<string, number[]> = {};
  looks: Look[] = [];
  playing = false;
  finished = false;
  verdict: Verdict | undefined;
  /** The update that is looked at; undefined for the newest. */
  at: number | undefined;

  /** Takes a message of Python; false for one that is for somebody else. */
  take(content: Message, buffers: DataView[]): boolean {
    const [first] = buffers;
    if (content.type === "patient" && first) {
      this.patient = { ...(content as unknown as Patient), pixels: bytes(first) };
      this.rows = columns(this.patient.columns);
      this.looks = [];
      this.verdict = this.at = undefined;
    } else if (content.type === "rows" && first && this.patient)
      replaceRows(this.rows, this.patient.columns, Number(content["from"]), floats(first));
    else if (content.type === "looks") {
      this.looks.length = Math.min(this.looks.length, Number(content["from"]));
      this.looks.push(...(content["looks"] as unknown as Look[]));
    } else if (content.type === "state") {
      this.playing = content["playing"] === true;
      this.finished = content["finished"] === true;
    } else if (content.type === "verdict") this.verdict = content as unknown as Verdict;
    else return false;
    return true;
  }

  /** The last look that is not after the update looked at. */
  look(): Look | undefined {
    const { at } = this;
    return at === undefined ? this.looks.at(-1) : this.looks.findLast((look) => look.step <= at) ?? this.looks[0];
  }

  /** Names of the columns of one kind, by matrix: "gradient" or "ratio". */
  gauges(kind: "gradient" | "ratio"): string[] {
    return Object.keys(this.rows).filter((name) => name.startsWith(`${kind} `));
  }
}

/** Points by patient, of the first answers: what a score is made of. */
export type Score = Record<string, number>;

/** The score with a verdict; the first answer to a patient counts. */
export function scored(score: Score, verdict: { case: number; points: number }): Score {
  return String(verdict.case) in score ? score : { ...score, [verdict.case]: verdict.points };
}

/** A score from text, as far as it is one. */
export function readScore(text: string | null): Score {
  try {
    const found: unknown = JSON.parse(text ?? "{}");
    if (typeof found !== "object" || found === null || Array.isArray(found)) return {};
    return Object.fromEntries(Object.entries(found).filter(([key, value]) => /^\d+$/.test(key) && typeof value === "number"));
  } catch {
    return {};
  }
}
