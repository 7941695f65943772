// The values of each layer as a small histogram, with its limits beside it.
import { short } from "../parts/axes";
import { canvas, type Drawing } from "../parts/canvas";
import { color } from "../parts/colors";
import { h } from "../parts/dom";
import type { Say } from "../words";
import type { ClinicState, Histogram } from "./state";
import type { WORDS } from "./words";

export function histograms(state: ClinicState, say: Say<typeof WORDS>) {
  const el = h("div", { class: "histograms" });
  let drawings: { drawing: Drawing; text: HTMLElement }[] = [];
  const name = (layer: number, count: number) =>
    layer === 0 ? say("inputs") : layer === count - 1 ? say("scores") : say("hidden", { number: layer });

  function build(count: number): void {
    for (const { drawing } of drawings) drawing.dispose();
    drawings = Array.from({ length: count }, (_, layer) => {
      const drawing = canvas((context, width, height) => {
        const found = state.look()?.layers[layer];
        if (found) bars(context, drawing.el, found, width, height);
      });
      return { drawing, text: h("p", { class: "hint" }) };
    });
    el.replaceChildren(...drawings.map(({ drawing, text }) => h("div", { class: "histogram" }, text, drawing.el)));
  }
  return {
    el,
    redraw() {
      const layers = state.look()?.layers ?? [];
      if (layers.length !== drawings.length) build(layers.length);
      layers.forEach((found, layer) => {
        const part = drawings[layer];
        if (!part) return;
        const { low, high } = found;
        const label = name(layer, layers.length);
        const text =
          low === null || high === null
            ? say("not-finite", { name: label })
            : say("spread", { name: label, low: short(low), high: short(high), zeros: `${Math.round(found.zeros * 100)}%` });
        if (part.text.textContent !== text) part.text.textContent = text;
        part.drawing.redraw();
      });
    },
    dispose: () => {
      for (const { drawing } of drawings) drawing.dispose();
    },
  };
}

function bars(context: CanvasRenderingContext2D, el: Element, found: Histogram, width: number, height: number): void {
  const most = Math.max(1e-9, ...found.shares);
  const step = width / found.shares.length;
  context.fillStyle = color(el, "--accent");
  found.shares.forEach((share, i) => {
    // The root, so that the tails show beside a bin that has nearly everything.
    const tall = Math.sqrt(share / most) * (height - 2);
    context.fillRect(i * step + 0.5, height - 1 - tall, step - 1, tall);
  });
  context.fillStyle = color(el, "--line-strong");
  context.fillRect(0, height - 1, width, 1);
}
