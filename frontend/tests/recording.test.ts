import { describe, expect, it } from "vitest";
import type { Message } from "../src/model";
import { nearest, type Recording, readRecording, recordedModel, recordingOf } from "../src/recording/model";

const ENCODER = new TextEncoder();

/** A frame as src/mitbadak/lab/wire.py packs it. */
function packed(content: object, buffers: Uint8Array<ArrayBuffer>[] = []): Uint8Array<ArrayBuffer> {
  const header = ENCODER.encode(JSON.stringify({ ...content, buffers: buffers.map((b) => b.length) }));
  const parts = [new Uint8Array(new Uint32Array([header.length]).buffer), header];
  const pad = (length: number) => parts.push(new Uint8Array((8 - (length % 8)) % 8));
  pad(4 + header.length);
  for (const buffer of buffers) {
    parts.push(buffer);
    pad(buffer.length);
  }
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

const moment = (epoch: number) => packed({ type: "frame", epoch }, [new Uint8Array([epoch])]);
const WHOLE = packed(
  { type: "recording", view: "playground", lang: "ko", made: "2026-01-02", code: "net = ...", opening: 2, moments: [[0, 1], [1, 2], [5, 1]] },
  [packed({ type: "settings", settings: { lr: 1 }, defaults: { lr: 2 } }), packed({ type: "points" }), moment(0), moment(1), packed({ type: "doctor" }), moment(5)],
);
const recording = (): Recording => recordingOf(WHOLE.buffer);
const after = () => new Promise((done) => setTimeout(done));

/** A model of the recording, and the types and epochs that a view was told. */
function told() {
  const seen: Message[] = [];
  let looks = 0;
  const model = recordedModel(recording(), { lang: "en" }, () => looks++);
  model.on("msg:custom", (content) => seen.push(content));
  const names = () => seen.splice(0).map(({ type, ...rest }) => (rest["epoch"] === undefined ? type : `${type} ${String(rest["epoch"])}`));
  return { model, seen, names, looks: () => looks };
}

describe("a recording", () => {
  it("is read as it was written", () => {
    const { view, lang, made, code, opening, moments } = recording();
    expect([view, lang, made, code]).toEqual(["playground", "ko", "2026-01-02", "net = ..."]);
    expect(opening.map(([content]) => content.type)).toEqual(["settings", "points"]);
    expect(moments.map(({ at, frames }) => [at, frames.length])).toEqual([[0, 1], [1, 2], [5, 1]]);
    expect(moments[2]?.frames[0]?.[1][0]?.getUint8(0)).toBe(5);
  });
  it("is read from compressed base64", async () => {
    const stream = new Blob([WHOLE]).stream().pipeThrough(new CompressionStream("gzip"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    const text = btoa(String.fromCharCode(...bytes));
    expect((await readRecording(`\n${text}\n`)).moments.length).toBe(3);
    await expect(readRecording(text.slice(0, 40))).rejects.toThrow();
  });
  it("refuses a view that there is none of", () => {
    expect(() => recordingOf(packed({ type: "recording", view: "constructor", opening: 0, moments: [] }).buffer)).toThrow("unknown view");
  });
});

describe("the model of a recording", () => {
  it("greets a view with everything, and with the last moment", async () => {
    const { model, names } = told();
    expect(model.get("settings")).toEqual({ lr: 1 });
    expect(model.get("defaults")).toEqual({ lr: 2 });
    expect(model.get("recorded")).toBe(true);
    model.send({ type: "hello" });
    await after();
    expect(names()).toEqual(["settings", "points", "frame 5"]);
  });
  it("shows any moment, within bounds", () => {
    const { model, names, seen } = told();
    model.look(1);
    expect(seen[0]?.["newest"]).toBe(false);
    expect(names()).toEqual(["frame 1", "doctor"]);
    model.look(99);
    expect(seen[0]?.["newest"]).toBe(true);
    expect(names()).toEqual(["frame 5"]);
    model.look(-1);
    expect(names()).toEqual(["frame 0"]);
  });
  it("follows a click on a curve, and nothing else that needs Python", async () => {
    const { model, names, looks } = told();
    model.send({ type: "look", epoch: 1.4 });
    expect([names(), looks(), model.number]).toEqual([["frame 1", "doctor"], 1, 1]);
    for (const type of ["play", "step", "branch", "touch", "python", "save"]) model.send({ type });
    await after();
    expect(names()).toEqual([]);
  });
  it("changes language and theme, and keeps what a view shares with itself", () => {
    const { model } = told();
    let changed = 0;
    model.on("change:lang", () => changed++);
    model.set("lang", "en");
    model.save_changes();
    expect(changed).toBe(0);
    model.set("lang", "ko");
    model.save_changes();
    model.save_changes();
    expect([changed, model.get("lang")]).toEqual([1, "ko"]);
  });
  it("finds the nearest moment", () => {
    const { moments } = recording();
    expect([-3, 0.4, 0.6, 2.9, 3.1, 99, Number.POSITIVE_INFINITY].map((epoch) => nearest(moments, epoch))).toEqual([0, 0, 1, 1, 2, 2, 2]);
  });
});
