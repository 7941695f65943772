// Buttons with an icon, a word, or both. Icons are drawn here, so that no font is loaded.
import { h } from "./dom";

const ICONS = {
  play: "M6 4l14 8-14 8z",
  pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  back: "M19 4 9 12l10 8zM7 4H4v16h3z",
  step: "M5 4l10 8-10 8zM17 4h3v16h-3z",
  epoch: "M3 4l8 8-8 8zM12 4l8 8-8 8z",
  restart: "M12 5a7 7 0 1 1-6.6 4.7l-2-.9A9.1 9.1 0 1 0 12 3V0L7 4l5 4z",
  branch: "M6 3a3 3 0 0 1 1 5.8V15a3 3 0 1 1-2 0V8.800A3 3 0 0 1 6 3zm12 0a3 3 0 0 1 1 5.800c0 4-4 5.200-8 6.200v-2c4-1 6-2 6-4.200A3 3 0 0 1 18 3z",
  plus: "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z",
  minus: "M5 11h14v2H5z",
  copy: "M8 2h12v15H8zM4 6h2v13h10v2H4z",
  close: "M5 6.400 6.400 5 12 10.600 17.600 5 19 6.400 13.400 12l5.600 5.600-1.400 1.400-5.600-5.600L6.400 19 5 17.600 10.600 12z",
} as const;
export type Icon = keyof typeof ICONS;

export function icon(name: Icon): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

export interface ButtonOptions {
  label: string;
  icon?: Icon;
  /** "primary" for the one button that matters, "quiet" without a frame. */
  kind?: "primary" | "quiet";
  /** Show the icon alone; the label is then its name for assistive technology. */
  bare?: boolean;
  onClick: () => void;
}

export interface Button {
  el: HTMLButtonElement;
  set(label: string, icon?: Icon): void;
}

export function button(options: ButtonOptions): Button {
  const el = h("button", { type: "button", class: options.kind ?? "", on: { click: options.onClick } });
  const set = (label: string, name = options.icon) => {
    el.replaceChildren(...(name ? [icon(name)] : []), ...(options.bare ? [] : [h("span", {}, label)]));
    if (options.bare) {
      el.setAttribute("aria-label", label);
      el.title = label;
    }
  };
  set(options.label);
  return { el, set };
}
