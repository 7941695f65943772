// What the page of MNIST live knows.
import { bytes, floats, type Message } from "../model";

export interface Moment {
  epoch: number;
  step: number;
  units: number;
  playing: boolean;
  finished: boolean;
  problem: readonly [string, string] | null;
  /** Weights of hidden units, 784 bytes each. */
  weights: Uint8Array;
  /** Weights from the hidden units to the answers, ten a unit. */
  outgoing: Float32Array;
}
export interface Found {
  image: number;
  digit: number;
  answer: number;
  probability: number;
}
export interface Pictures {
  digit: number;
  answer: number;
  found: Found[];
  pixels: Uint8Array;
}
export const LOSSES = ["epoch", "loss"] as const;
export const MEASURED = ["epoch", "trainLoss", "testLoss", "trainAccuracy", "testAccuracy"] as const;

export class MnistState {
  moment: Moment | undefined;
  pictures: Pictures | undefined;
  confusion: Int32Array | undefined;
  testAccuracy = Number.NaN;
  losses = columns(LOSSES);
  measured = columns(MEASURED);

  /** Takes a message of Python; false for one that is for somebody else. */
  take(content: Message, buffers: DataView[]): boolean {
    const [first, second] = buffers;
    if (content.type === "moment" && first && second)
      this.moment = { ...(content as unknown as Moment), weights: bytes(first), outgoing: floats(second) };
    else if (content.type === "losses" && first) replaceRows(this.losses, LOSSES, Number(content["from"]), floats(first));
    else if (content.type === "measured" && first) replaceRows(this.measured, MEASURED, Number(content["from"]), floats(first));
    else if (content.type === "reading" && first) {
      this.confusion = new Int32Array(first.buffer.slice(first.byteOffset, first.byteOffset + first.byteLength));
      this.testAccuracy = Number((content["row"] as number[])[4]);
    } else if (content.type === "pictures" && first) this.pictures = { ...(content as unknown as Pictures), pixels: bytes(first) };
    else return false;
    return true;
  }
}

type Columns<T extends readonly string[]> = Record<T[number], number[]>;

export function columns<T extends readonly string[]>(names: T): Columns<T> {
  return Object.fromEntries(names.map((name) => [name, [] as number[]])) as Columns<T>;
}

/** Replaces the rows from one on; x of a run that began anew starts over. */
export function replaceRows<T extends readonly string[]>(into: Columns<T>, names: T, from: number, rows: Float32Array): void {
  names.forEach((name, column) => {
    const values = into[name as T[number]];
    values.length = Math.min(values.length, from);
    for (let at = column; at < rows.length; at += names.length) values.push(rows[at] ?? Number.NaN);
  });
}

/** The digit and answer of the most frequent mistake; undefined where there is none. */
export function commonest(confusion: ArrayLike<number>): [number, number] | undefined {
  let best: [number, number] | undefined;
  let most = 0;
  for (let digit = 0; digit < 10; digit++)
    for (let answer = 0; answer < 10; answer++) {
      const count = confusion[digit * 10 + answer] ?? 0;
      if (digit !== answer && count > most) {
        most = count;
        best = [digit, answer];
      }
    }
  return best;
}
