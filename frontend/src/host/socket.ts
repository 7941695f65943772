// anywidget's model over a WebSocket, for the page. Values are "settings", which Python holds and
// checks, and "lang" and "theme", which stay here.
import type { Json, Model, Values } from "../model";
import { Shared } from "../shared";
import { unpack } from "../wire";

export type Status = "connecting" | "open" | "lost" | "refused";

const RETRY = [250, 500, 1000, 2000, 4000]; // milliseconds between attempts to connect
const PROTOCOL = "mitbadak.lab";

export interface SocketModel extends Model {
  close(): void;
}

export interface SocketOptions {
  view: string;
  token: string;
  values: { [name: string]: unknown };
  onStatus: (status: Status) => void;
  /** Called with the settings whenever they have changed, here or in Python. */
  onSettings: (settings: Values, defaults: Values) => void;
}

export function socketModel(options: SocketOptions): SocketModel {
  const shared = new Shared(options.values);
  const { values } = shared;
  let socket: WebSocket | undefined;
  let attempts = 0;
  let opened = false;
  let closed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const queue: string[] = [];

  const post = (content: Values) => {
    const text = JSON.stringify(content);
    if (socket?.readyState === WebSocket.OPEN) socket.send(text);
    else if (queue.length < 64) queue.push(text);
  };
  const take = (settings: Values) => {
    values["settings"] = { ...(values["settings"] as Values), ...settings };
    shared.fire("change:settings");
    options.onSettings(values["settings"] as Values, values["defaults"] as Values);
  };

  const connect = () => {
    options.onStatus("connecting");
    const address = `ws://${location.host}/view/${options.view}`;
    const current = new WebSocket(address, [PROTOCOL, options.token]);
    socket = current;
    current.binaryType = "arraybuffer";
    current.onopen = () => {
      attempts = 0;
      if (opened) queue.length = 0; // another session of Python: it gets the settings, and no old wishes
      const settings = values["settings"] as Values;
      if (Object.keys(settings).length) current.send(JSON.stringify({ type: "set", settings }));
      for (const text of queue.splice(0)) current.send(text);
      if (opened) current.send(JSON.stringify({ type: "hello" }));
      opened = true;
      options.onStatus("open");
    };
    current.onmessage = (event) => {
      const [content, buffers] = unpack(event.data as ArrayBuffer);
      if (content.type === "settings") {
        values["defaults"] = content["defaults"] as Values;
        take(content["settings"] as Values);
      }
      shared.fire("msg:custom", content, buffers);
    };
    current.onclose = () => {
      if (closed || socket !== current) return;
      options.onStatus(attempts < 3 ? "lost" : "refused");
      timer = setTimeout(connect, RETRY[Math.min(attempts++, RETRY.length - 1)]);
    };
  };
  connect();

  return {
    get: shared.get,
    set: shared.set,
    save_changes: () =>
      shared.save((name) => {
        if (name !== "settings") return;
        post({ type: "set", settings: values["settings"] as Json });
        options.onSettings(values["settings"] as Values, values["defaults"] as Values);
      }),
    send: post,
    on: shared.on,
    off: shared.off,
    close() {
      closed = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
}
