// The hidden layers, one row each: units, activation, dropout.
import type { Values } from "../model";
import { button } from "../parts/button";
import { choice } from "../parts/choice";
import { h } from "../parts/dom";
import { numberField } from "../parts/number";
import type { Say } from "../words";
import type { Layer } from "./state";
import type { WORDS } from "./words";

export const ACTIVATIONS = ["relu", "tanh", "sigmoid", "identity", "leaky_relu", "elu", "gelu", "silu", "softplus"] as const;
const MOST_LAYERS = 12;
const MOST_UNITS = 64;

export interface LayerList {
  el: HTMLElement;
  show(layers: Layer[]): void;
}

export function layerList(say: Say<typeof WORDS>, change: (values: Values) => void): LayerList {
  let layers: Layer[] = [];
  let rows: { units: (n: number) => void; activation: (a: string) => void; dropout: (d: number) => void }[] = [];
  const list = h("ol", { class: "layers" });
  const set = (next: Layer[]) => change({ layers: next as unknown as Values[] });
  const update = (at: number, values: Partial<Layer>) => set(layers.map((layer, i) => (i === at ? { ...layer, ...values } : layer)));
  const add = button({
    label: say("add-layer"),
    icon: "plus",
    onClick: () => set([...layers, { units: layers.at(-1)?.units ?? 4, activation: layers.at(-1)?.activation ?? "tanh", dropout: 0 }]),
  });

  function build(): void {
    rows = [];
    list.replaceChildren(
      ...layers.map((layer, i) => {
        const units = numberField({
          label: say("units"), value: layer.units, min: 1, max: MOST_UNITS, step: 1, less: say("fewer-units"), more: say("more-units"),
          onChange: (n) => update(i, { units: Math.round(n) }),
        });
        const activation = choice(say("activation"), ACTIVATIONS.map((a) => [a, a.replace("_", " ")] as const), layer.activation, (a) => update(i, { activation: a }));
        const dropout = numberField({
          label: say("dropout"), value: layer.dropout, min: 0, max: 0.9, step: 0.1,
          onChange: (d) => update(i, { dropout: Math.round(d * 1000) / 1000 }),
        });
        rows.push({ units: units.set, activation: activation.set, dropout: dropout.set });
        const remove = button({
          label: say("remove-layer", { layer: i + 1 }), icon: "close", kind: "quiet", bare: true,
          onClick: () => {
            set(layers.filter((_, at) => at !== i));
            add.el.focus();
          },
        });
        return h("li", { "aria-label": say("layer", { layer: i + 1 }) }, h("b", {}, say("layer", { layer: i + 1 })), units.el, activation.el, dropout.el, remove.el);
      }),
    );
    add.el.disabled = layers.length >= MOST_LAYERS;
  }

  return {
    el: h("div", {}, list, add.el),
    show(next) {
      const same = next.length === layers.length;
      layers = next;
      if (!same || !rows.length) return build();
      next.forEach((layer, i) => {
        rows[i]?.units(layer.units);
        rows[i]?.activation(layer.activation);
        rows[i]?.dropout(layer.dropout);
      });
    },
  };
}
