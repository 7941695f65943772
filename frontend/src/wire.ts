// A binary message of src/mitbadak/lab/wire.py: the content, and the arrays beside it.
import type { Message } from "./model";

export type Frame = readonly [content: Message, buffers: DataView[]];

export function unpack(data: ArrayBuffer): Frame {
  const length = new DataView(data).getUint32(0, true);
  const header = new TextDecoder().decode(new Uint8Array(data, 4, length));
  const { buffers: lengths, ...content } = JSON.parse(header) as Message & { buffers: number[] };
  const buffers: DataView[] = [];
  let at = padded(4 + length);
  for (const size of lengths) {
    buffers.push(new DataView(data, at, size));
    at = padded(at + size);
  }
  return [content as unknown as Message, buffers];
}

/** A message that is an array of another one. */
export const unpackInner = (view: DataView): Frame =>
  unpack((view.buffer as ArrayBuffer).slice(view.byteOffset, view.byteOffset + view.byteLength));

const padded = (length: number) => Math.ceil(length / 8) * 8;
