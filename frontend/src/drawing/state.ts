// What the drawing pad's page knows of the net: how far its training is, and its newest reading.
import { floats, type Json, type Message } from "../model";

export interface Layer {
  number: number;
  kind: string;
  units: number;
  /** Width of the picture that a unit makes; 1 for a single number. */
  width: number;
  values: Float32Array;
}
export interface Reading {
  classes: string[];
  probabilities: number[];
  unbroken: number[];
  asked: number;
  empty: boolean;
  milliseconds: number;
  digit: Float32Array;
  gradient: Float32Array;
  contribution: Float32Array;
  layers: Layer[];
  weights: Float32Array | undefined;
}
export interface Training {
  done: number;
  total: number;
  accuracy: number | undefined;
  /** In both languages. */
  problem: Json;
}

export function readReading(content: Message, buffers: DataView[]): Reading {
  const [digit, gradient, contribution, ...others] = buffers.map(floats) as [Float32Array, Float32Array, Float32Array];
  const described = content["layers"] as { number: number; kind: string; shape: number[] }[];
  return {
    classes: content["classes"] as string[],
    probabilities: content["probabilities"] as number[],
    unbroken: content["unbroken"] as number[],
    asked: Number(content["asked"]),
    empty: content["empty"] === true,
    milliseconds: Number(content["milliseconds"]),
    digit,
    gradient,
    contribution,
    layers: described.map(({ number, kind, shape }, i) => ({
      number,
      kind,
      units: shape[0] ?? 1,
      width: shape[2] ?? 1,
      values: others[i] ?? new Float32Array(),
    })),
    weights: content["weights"] === true ? others[described.length] : undefined,
  };
}

export function readTraining(content: Message): Training {
  const accuracy = content["accuracy"];
  return {
    done: Number(content["done"]),
    total: Number(content["total"]),
    accuracy: typeof accuracy === "number" ? accuracy : undefined,
    problem: content["problem"] ?? null,
  };
}

/** The place of the largest number. */
export function best(values: readonly number[]): number {
  return values.reduce((top, value, i) => (value > (values[top] ?? 0) ? i : top), 0);
}

export type Unit = readonly [number, number];
export const sameUnit = (a: Unit, b: Unit) => a[0] === b[0] && a[1] === b[1];

/** The list with a unit, if it was not in it, or else without it. */
export function toggled(units: readonly Unit[], unit: Unit): Unit[] {
  const others = units.filter((other) => !sameUnit(other, unit));
  return others.length < units.length ? others : [...units, unit];
}
