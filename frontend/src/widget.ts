// Makes a view an anywidget: { render }, drawn again in another language when that changes.
import type { Lang, Model, Render } from "./model";

/** A view as notebooks host it, in the light or dark of what is around it. */
export function forNotebooks(render: Render): Render {
  return ({ model, el }) => {
    const theme = () => {
      el.dataset["theme"] = isDark(el) ? "dark" : "light";
    };
    theme();
    const timer = setInterval(theme, 2000); // notebooks tell nobody when their theme changes
    const leave = render({ model, el });
    return () => {
      clearInterval(timer);
      leave();
    };
  };
}

function isDark(el: Element): boolean {
  for (let at: Element | null = el.parentElement; at; at = at.parentElement) {
    const [r = 0, g = 0, b = 0, alpha = 1] = (getComputedStyle(at).backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
    if (alpha > 0.5) return 0.3 * r + 0.59 * g + 0.11 * b < 110;
  }
  return false;
}

/** Draws a view, and again whenever the language changes. Python answers "hello" with everything. */
export function inLanguages(draw: (model: Model, el: HTMLElement, lang: Lang) => () => void): Render {
  return ({ model, el }) => {
    const start = () => draw(model, el, model.get("lang") === "ko" ? "ko" : "en");
    let leave = start();
    const again = () => {
      leave();
      el.replaceChildren();
      leave = start();
    };
    model.on("change:lang", again);
    return () => {
      model.off("change:lang", again);
      leave();
    };
  };
}
