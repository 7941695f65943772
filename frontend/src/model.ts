// What a widget sees of its host: anywidget's model, and nothing else. The page implements the same
// over a WebSocket (host/socket.ts), a mailed file over its recorded frames.

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Values = { [name: string]: Json };
export type Listener = (...args: never[]) => void;

/** A message from Python: its content, with arrays beside it. */
export type Message = { type: string } & Values;
export type MessageListener = (content: Message, buffers: DataView[]) => void;

export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  send(content: Values): void;
  on(event: "msg:custom", listener: MessageListener): void;
  on(event: string, listener: () => void): void;
  off(event: "msg:custom", listener: MessageListener): void;
  off(event: string, listener: () => void): void;
}

export type Lang = "en" | "ko";

export interface Context {
  model: Model;
  el: HTMLElement;
}
/** Draws a view into `el` and returns what takes it away again. */
export type Render = (context: Context) => () => void;

export const floats = (view: DataView): Float32Array =>
  view.byteOffset % 4 === 0
    ? new Float32Array(view.buffer, view.byteOffset, view.byteLength / 4)
    : new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));

export const bytes = (view: DataView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
