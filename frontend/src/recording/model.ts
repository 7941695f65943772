// A recording that a file carries, and the model that plays it to a view: what Python would send, from
// moments that were kept. Settings and everything else that needs Python stay as they were.
import type { Lang, Model, Values } from "../model";
import { VIEW_NAMES, type ViewName } from "../names";
import { Shared } from "../shared";
import { type Frame, unpack, unpackInner } from "../wire";

/** As Recording in src/mitbadak/lab/recording.py. */
export interface Recording {
  view: ViewName;
  lang: Lang;
  /** The day on which it was made, as YYYY-MM-DD. */
  made: string;
  /** The experiment as Python, where the view can tell it. */
  code: string;
  /** What every page gets first. */
  opening: Frame[];
  moments: Moment[];
}
export interface Moment {
  /** Epochs so far. */
  at: number;
  frames: Frame[];
}

/** Reads what Python has written: frames within a frame, compressed, in base64. */
export async function readRecording(text: string): Promise<Recording> {
  const packed = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return recordingOf(await new Response(stream).arrayBuffer());
}

export function recordingOf(data: ArrayBuffer): Recording {
  const [content, buffers] = unpack(data);
  const frames = buffers.map(unpackInner);
  const view = content["view"] as ViewName;
  if (!VIEW_NAMES.includes(view)) throw new Error(`unknown view ${view}`);
  const opening = frames.splice(0, Number(content["opening"]));
  const moments = (content["moments"] as [number, number][]).map(([at, count]) => ({ at, frames: frames.splice(0, count) }));
  return { view, lang: content["lang"] as Lang, made: String(content["made"]), code: String(content["code"]), opening, moments };
}

export interface RecordedModel extends Model {
  /** The moment that is shown. */
  number: number;
  playing: boolean;
  /** Shows a moment by its number. */
  look(number: number): void;
}

/**
 * @param onLook called when the view itself has chosen another moment, by a click on a curve.
 */
export function recordedModel(recording: Recording, values: Values, onLook: () => void): RecordedModel {
  const { opening, moments } = recording;
  const told = opening.find(([content]) => content.type === "settings")?.[0];
  const known = { settings: told?.["settings"] ?? {}, defaults: told?.["defaults"] ?? {} };
  const shared = new Shared({ recorded: true, ...known, ...values });

  const tell = (frames: readonly Frame[]) => {
    for (const [content, buffers] of frames) {
      const now = { ...content, playing: self.playing, newest: self.number === moments.length - 1 };
      shared.fire("msg:custom", now, buffers);
    }
  };
  const self: RecordedModel = {
    number: moments.length - 1,
    playing: false,
    look(number) {
      self.number = Math.min(Math.max(0, number), moments.length - 1);
      tell(moments[self.number]?.frames ?? []);
    },
    get: shared.get,
    set: shared.set,
    save_changes: () => shared.save(),
    send(content) {
      if (content["type"] === "hello")
        queueMicrotask(() => {
          shared.fire("change:settings");
          tell(opening);
          self.look(self.number);
        });
      if (content["type"] !== "look") return;
      const epoch = Number(content["epoch"] ?? Number.POSITIVE_INFINITY);
      self.look(nearest(moments, epoch));
      onLook();
    },
    on: shared.on,
    off: shared.off,
  };
  return self;
}

/** The number of the moment closest to an epoch; the last one for infinity. */
export function nearest(moments: readonly Moment[], epoch: number): number {
  if (!Number.isFinite(epoch)) return moments.length - 1;
  let best = 0;
  moments.forEach((moment, number) => {
    if (Math.abs(moment.at - epoch) < Math.abs((moments[best] as Moment).at - epoch)) best = number;
  });
  return best;
}
