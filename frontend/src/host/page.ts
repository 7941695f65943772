// The page: its header, and one view at a time, each with a connection of its own.
import "../styles/lab.css";
import "../styles/page.css";
import type { Lang, Message, Values } from "../model";
import { VIEW_NAMES, type ViewName } from "../names";
import { h } from "../parts/dom";
import { VIEWS } from "../views";
import { inOne, speaker } from "../words";
import { formatPlace, parsePlace, takeToken } from "./address";
import { download } from "./download";
import { drawHead, firstLanguage, onSystemTheme, wear } from "./head";
import { type SocketModel, type Status, socketModel } from "./socket";
import { WORDS } from "./words";

const root = document.getElementById("lab") as HTMLElement;
const token = takeToken();
let lang = (localStorage.getItem("mitbadak-lab-lang") ?? firstLanguage()) as Lang;
let theme = localStorage.getItem("mitbadak-lab-theme") ?? "auto";
let view: ViewName = "playground";
let model: SocketModel | undefined;
let leave: (() => void) | undefined;
let status: Status = "connecting";
let saving = false;
let trouble: unknown; // why there is no file
let writing: ReturnType<typeof setTimeout> | undefined;
let shown = ""; // the address of what is open; another one is about to be opened

const notice = h("p", { class: "notice", role: "status" });
const body = h("main", { id: "view", tabindex: -1 });
const header = h("header", { class: "page-head" });

const titleOf = (name: ViewName): string => VIEWS[name].title[lang === "ko" ? 1 : 0];

function drawHeader(): void {
  const say = speaker(WORDS, lang);
  const links = VIEW_NAMES.map((name) =>
    h("a", { href: `#/${name}`, ...(name === view ? { "aria-current": "page" } : {}) }, titleOf(name)),
  );
  const keep = h("button", { type: "button", class: "save", title: say("save-hint"), on: { click: save } }, say("save"));
  drawHead(header, {
    title: titleOf(view),
    lang,
    theme,
    links: [h("nav", { "aria-label": say("views") }, ...links)],
    tools: VIEWS[view].lasting === false ? [] : [keep],
    onTheme: setTheme,
    onLanguage: setLanguage,
  });
  header.prepend(h("a", { class: "skip", href: "#view", on: { click: skip } }, say("skip")));
  tellStatus();
}

function skip(event: Event): void {
  event.preventDefault();
  body.focus();
}

function tellStatus(): void {
  const say = speaker(WORDS, lang);
  const waits = saving ? say("saving") : trouble ? say("not-saved", { text: inOne(trouble, lang) }) : "";
  const text = !token ? say("no-token") : status !== "open" ? say(status) : waits;
  notice.textContent = text;
  notice.hidden = !text;
}

/** Asks Python for a file of what is to be seen; it comes as a message. */
function save(): void {
  saving = true;
  trouble = undefined;
  tellStatus();
  model?.send({ type: "save", lang });
}

function onMessage(content: Message, [html]: DataView[]): void {
  if (!saving) return;
  if (content.type === "file" && html) download(html, `mitbadak-${String(content["name"])}`);
  else if (content.type === "problem" || content.type === "refused") trouble = content["text"];
  else return;
  saving = false;
  tellStatus();
}

function setTheme(next: string): void {
  theme = next;
  localStorage.setItem("mitbadak-lab-theme", next);
  const worn = wear(next); // also where there is no view yet
  model?.set("theme", worn);
  model?.save_changes();
}

function setLanguage(next: Lang): void {
  lang = next;
  localStorage.setItem("mitbadak-lab-lang", next);
  drawHeader();
  model?.set("lang", next);
  model?.save_changes();
}

function remember(settings: Values, defaults: Values): void {
  if (!Object.keys(defaults).length) return;
  clearTimeout(writing);
  writing = setTimeout(() => {
    if (location.hash !== shown) return;
    const place = formatPlace(view, settings, defaults);
    if (place !== shown) history.replaceState(null, "", place);
    shown = location.hash;
  }, 200); // browsers refuse addresses that change too often
}

function open(): void {
  clearTimeout(writing);
  shown = location.hash;
  const place = parsePlace(shown);
  view = (VIEW_NAMES as readonly string[]).includes(place.view) ? (place.view as ViewName) : view;
  leave?.();
  model?.close();
  drawHeader();
  if (!token) return;
  model = socketModel({
    view,
    token,
    values: { lang, theme, settings: place.settings },
    onStatus(next) {
      status = next;
      saving &&= next === "open";
      tellStatus();
    },
    onSettings: remember,
  });
  body.replaceChildren();
  saving = false;
  trouble = undefined;
  model.on("msg:custom", onMessage);
  leave = VIEWS[view].render({ model, el: body });
}

window.addEventListener("hashchange", open);
window.addEventListener("pagehide", () => model?.close());
window.addEventListener("pageshow", (event) => event.persisted && open());
onSystemTheme(() => setTheme(theme));
root.append(header, notice, body);
setTheme(theme);
open();
