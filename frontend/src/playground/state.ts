// What the Playground's page knows: the newest frame, the points, and the curves so far.
import { bytes, floats, type Message } from "../model";

export const COLUMNS = ["epoch", "step", "trainLoss", "testLoss", "trainAccuracy", "testAccuracy", "lr"] as const;
export type Row = Record<(typeof COLUMNS)[number], number>;

export interface Layer {
  units: number;
  activation: string;
  dropout: number;
}
export interface Net {
  features: string[];
  layers: Layer[];
  classes: number;
}
export interface Param {
  name: string;
  shape: number[];
  values: Float32Array;
}
export interface Frame {
  net: Net;
  field: Uint8Array;
  fieldSide: number;
  fieldDepth: number;
  units: Uint8Array;
  unitSide: number;
  scales: Float32Array;
  params: Param[];
  row: Row;
  playing: boolean;
  newest: boolean;
  problem: string;
}
export interface Points {
  classes: number;
  x: Float32Array;
  t: Float32Array;
  test: Uint8Array;
}
export type Curves = Record<(typeof COLUMNS)[number], number[]>;

export class PlaygroundState {
  frame: Frame | undefined;
  points: Points | undefined;
  curves: Curves = emptyCurves();
  branches: Curves[] = [];

  /** Takes a message of Python; false for one that is for somebody else. */
  take(content: Message, buffers: DataView[]): boolean {
    switch (content.type) {
      case "points":
        this.points = readPoints(content, buffers);
        return true;
      case "rows":
        append(this.curves, Number(content["from"]), floats(buffers[0] as DataView));
        return true;
      case "branches":
        this.branches = buffers.map((buffer) => append(emptyCurves(), 0, floats(buffer)));
        return true;
      case "frame":
        this.frame = readFrame(content, buffers);
        return true;
      default:
        return false;
    }
  }
}

export function emptyCurves(): Curves {
  return Object.fromEntries(COLUMNS.map((name) => [name, [] as number[]])) as Curves;
}

/** Replaces a curve's rows from one on. */
export function append(curves: Curves, from: number, rows: Float32Array): Curves {
  COLUMNS.forEach((name, column) => {
    const values = curves[name];
    values.length = Math.min(values.length, from);
    for (let at = column; at < rows.length; at += COLUMNS.length) values.push(rows[at] ?? Number.NaN);
  });
  return curves;
}

function readPoints(content: Message, buffers: DataView[]): Points {
  const [x, t, test] = buffers as [DataView, DataView, DataView];
  return { classes: Number(content["classes"]), x: floats(x), t: floats(t), test: bytes(test) };
}

function readFrame(content: Message, buffers: DataView[]): Frame {
  const [field, units, scales, params] = buffers as [DataView, DataView, DataView, DataView];
  const [fieldSide = 1, fieldDepth = 1] = content["field"] as number[];
  const row = content["row"] as (number | null)[];
  const flat = floats(params);
  let at = 0;
  return {
    net: content["net"] as unknown as Net,
    field: bytes(field),
    fieldSide,
    fieldDepth,
    units: bytes(units),
    unitSide: Number(content["side"]),
    scales: floats(scales),
    params: (content["params"] as [string, ...number[]][]).map(([name, ...shape]) => {
      const size = shape.reduce((a, b) => a * b, 1);
      at += size;
      return { name, shape, values: flat.subarray(at - size, at) };
    }),
    row: Object.fromEntries(COLUMNS.map((name, i) => [name, row[i] ?? Number.NaN])) as Row,
    playing: content["playing"] === true,
    newest: content["newest"] === true,
    problem: String(content["problem"] ?? ""),
  };
}
