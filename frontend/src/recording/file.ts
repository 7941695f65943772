// The script of a file that shows a recording: opened from disk, it needs no server and asks for nothing.
import "../styles/lab.css";
import "../styles/page.css";
import { drawHead, firstLanguage, onSystemTheme, wear } from "../host/head";
import type { Lang } from "../model";
import { fold } from "../parts/card";
import { h } from "../parts/dom";
import { VIEWS } from "../views";
import { speaker } from "../words";
import { type Recording, readRecording, recordedModel } from "./model";
import { type Player, player } from "./player";
import { WORDS } from "./words";

const root = document.getElementById("lab") as HTMLElement;

function show(recording: Recording): void {
  const { view, moments } = recording;
  let lang = recording.lang;
  let theme = "auto";
  let controls: Player | undefined;
  const model = recordedModel(recording, { lang, theme }, () => controls?.refresh());
  const header = h("header", { class: "page-head" });
  const about = h("p", { class: "notice" });
  const bar = h("div", { class: "lab" });
  const code = h("div", { class: "lab" });
  const body = h("div", { class: "view" });

  function setTheme(next: string): void {
    theme = next;
    model.set("theme", wear(next));
    model.save_changes();
  }
  function setLanguage(next: Lang): void {
    lang = next;
    model.playing = false;
    draw();
    model.set("lang", next);
    model.save_changes();
  }
  function draw(): void {
    const say = speaker(WORDS, lang);
    const title = VIEWS[view].title[lang === "ko" ? 1 : 0];
    drawHead(header, { title, lang, theme, titled: true, onTheme: setTheme, onLanguage: setLanguage });
    about.textContent = say("recorded", { made: recording.made });
    controls?.dispose();
    controls = moments.length > 1 ? player(say, model, moments) : undefined;
    bar.replaceChildren(...(controls ? [controls.el] : []));
    code.replaceChildren(...(recording.code ? [fold(say("code"), false, h("pre", { class: "code", tabindex: 0 }, recording.code))] : []));
  }

  root.append(header, about, h("main", { id: "view" }, bar, body, code));
  draw();
  setTheme(theme);
  onSystemTheme(() => setTheme(theme));
  VIEWS[view].render({ model, el: body });
}

readRecording(document.getElementById("recording")?.textContent ?? "").then(show).catch((problem: unknown) => {
  root.append(h("p", { class: "notice", role: "alert" }, speaker(WORDS, firstLanguage())("broken", { problem: String(problem) })));
});
