// What each layer saw: a cell per unit, as dark as the unit is active. One cell is in the tab order; arrow
// keys lead to the others.
import type { Palette } from "../parts/colors";
import { h } from "../parts/dom";
import { largest, type Picture, picture, signed } from "../parts/picture";
import type { Say } from "../words";
import { type Layer, type Reading, sameUnit, type Unit } from "./state";
import type { WORDS } from "./words";

interface Cell {
  el: HTMLButtonElement;
  picture: Picture;
}

export function layerMaps(say: Say<typeof WORDS>, onUnit: (unit: Unit) => void) {
  const el = h("div", { class: "layers" });
  let groups: { key: string; cells: Cell[] }[] = [];

  function group(layer: Layer, title: string) {
    const cells = Array.from({ length: layer.units }, (_, unit) => {
      const drawn = picture();
      const cell = h(
        "button",
        { type: "button", class: "cell", tabindex: unit ? -1 : 0, on: { click: () => onUnit([layer.number, unit]) } },
        drawn.el,
      );
      return { el: cell, picture: drawn };
    });
    const box = h("div", { class: "cells", role: "group", "aria-label": title }, ...cells.map((cell) => cell.el));
    box.addEventListener("keydown", (event) => {
      const columns = cells.filter((cell) => cell.el.offsetTop === cells[0]?.el.offsetTop).length;
      const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
      const from = cells.findIndex((cell) => cell.el === document.activeElement);
      const to = cells[from + (by ?? 0)];
      if (!by || !to) return;
      event.preventDefault();
      for (const cell of cells) cell.el.tabIndex = cell === to ? 0 : -1;
      to.el.focus();
    });
    el.append(h("h3", {}, title), box);
    return { key: `${layer.number} ${layer.units} ${layer.width}`, cells };
  }

  return {
    el,
    show(reading: Reading, cut: readonly Unit[], chosen: Unit | undefined, colors: Palette) {
      const keys = reading.layers.map((layer) => `${layer.number} ${layer.units} ${layer.width}`);
      if (keys.join() !== groups.map((g) => g.key).join()) {
        el.replaceChildren();
        groups = reading.layers.map((layer, i) => {
          const last = i === reading.layers.length - 1;
          return group(layer, last ? say("scores") : say("layer", { n: i + 1, kind: layer.kind, units: layer.units }));
        });
      }
      reading.layers.forEach((layer, i) => {
        const paint = signed(colors, largest(layer.values));
        const size = layer.values.length / layer.units;
        groups[i]?.cells.forEach((cell, unit) => {
          const values = layer.values.subarray(unit * size, (unit + 1) * size);
          const isCut = cut.some((other) => sameUnit(other, [layer.number, unit]));
          cell.picture.show(values, layer.width, paint);
          cell.el.classList.toggle("is-cut", isCut);
          cell.el.setAttribute("aria-pressed", String(!!chosen && sameUnit(chosen, [layer.number, unit])));
          const value = size === 1 ? (values[0] ?? 0).toFixed(2) : largest(values).toFixed(2);
          cell.el.setAttribute("aria-label", `${say("unit", { n: unit + 1 })}: ${value}${isCut ? `, ${say("is-cut")}` : ""}`);
          cell.el.title = cell.el.getAttribute("aria-label") ?? "";
        });
      });
    },
  };
}
