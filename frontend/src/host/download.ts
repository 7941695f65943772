// Hands a file to the browser, which asks where to keep it or puts it with the other downloads.
import { h } from "../parts/dom";

export function download(content: DataView, name: string): void {
  const bytes = new Uint8Array(content.buffer as ArrayBuffer, content.byteOffset, content.byteLength);
  const address = URL.createObjectURL(new Blob([bytes], { type: "text/html" }));
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
