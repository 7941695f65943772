// The head of a page: what it shows, its tools, the theme and the language. The lab's page has it, and
// a file that shows a recording.
import type { Lang } from "../model";
import { choice } from "../parts/choice";
import { h } from "../parts/dom";
import { speaker } from "../words";
import { HEAD } from "./words";

const THEMES = ["auto", "light", "dark"] as const;
const DARK = matchMedia("(prefers-color-scheme: dark)");

export interface HeadOptions {
  /** Of the view, in the language of the page. */
  title: string;
  lang: Lang;
  theme: string;
  /** What stands between the name and the tools, and before the choice of a theme. */
  links?: readonly HTMLElement[];
  tools?: readonly HTMLElement[];
  /** Whether the title stands beside the name, since no link says it. */
  titled?: boolean;
  onTheme: (theme: string) => void;
  onLanguage: (lang: Lang) => void;
}

/** Fills `header`, and tells the browser the language and the title of the page. */
export function drawHead(header: HTMLElement, options: HeadOptions): void {
  const { title, lang, theme, links = [], tools = [], titled = false } = options;
  const say = speaker(HEAD, lang);
  const other = lang === "ko" ? "en" : "ko";
  document.documentElement.lang = lang;
  document.title = `${title} · ${say("lab")}`;
  const mark = h("span", { class: "brand-mark", "aria-hidden": "true" });
  const toOther = { type: "button", class: "quiet language", lang: other, on: { click: switched } };
  header.replaceChildren(
    h("strong", { class: "brand" }, mark, titled ? `${say("lab")} · ${title}` : say("lab")),
    ...links,
    h(
      "div",
      { class: "page-tools" },
      ...tools,
      choice(say("theme"), THEMES.map((name) => [name, say(name)] as const), theme, options.onTheme).el,
      h("button", toOther, say("language")),
    ),
  );
  function switched(): void {
    options.onLanguage(other);
    header.querySelector<HTMLElement>(".language")?.focus(); // it was drawn anew
  }
}

/** Puts the page into a theme; what views are told of it, since "auto" may be either. */
export function wear(theme: string): string {
  const dark = theme === "dark" || (theme === "auto" && DARK.matches);
  document.documentElement.dataset["theme"] = dark ? "dark" : "light";
  return `${theme}-${dark}`;
}

/** Calls `again` when the system changes between light and dark. */
export const onSystemTheme = (again: () => void): void => DARK.addEventListener("change", again);

export const firstLanguage = (): Lang => (navigator.language.startsWith("ko") ? "ko" : "en");
