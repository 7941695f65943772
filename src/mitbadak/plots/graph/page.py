"""The stepwise page: its words, style and script, put together as one HTML file."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from mitbadak.plots.graph.theme import DARK, FONTS, LIGHT

WORDS = {
    "en": {
        "title": "Computational graph, step by step", "first": "First", "back": "Back",
        "next": "Next", "last": "Last", "fit": "Fit to the window",
        "keys": "Keys: right arrow or space for the next stage, left arrow to go back, Home, End.",
        "no_script": "Going step by step needs JavaScript; without it the whole graph is shown.",
    },
    "ko": {
        "title": "단계별로 보는 계산 그래프", "first": "처음", "back": "이전", "next": "다음",
        "last": "끝", "fit": "창 너비에 맞추기",
        "keys": "키보드: 오른쪽 화살표나 스페이스바는 다음, 왼쪽 화살표는 이전, "
                "Home은 처음, End는 끝.",
        "no_script": "단계별로 보려면 자바스크립트가 필요합니다. 지금은 그래프 전체가 보입니다.",
    },
}  # fmt: skip

_STYLE = """
*{box-sizing:border-box}
body{margin:0;padding:16px;font:16px/1.5 FONTS;overflow-wrap:anywhere}
main{max-width:1400px;margin:0 auto}
h1{font-size:18px;margin:0 0 12px}
.panel{margin:12px 0;padding:12px 16px;border:1px solid;border-radius:8px;min-height:96px}
.progress{margin:0;font-size:14px}
.sentence{margin:4px 0 0;font-size:20px}
.controls{display:flex;flex-wrap:wrap;gap:8px;align-items:center}
button{font:inherit;padding:6px 16px;border:1px solid;border-radius:6px;cursor:pointer;
  min-height:40px}
button:disabled{opacity:.45;cursor:default}
:focus-visible{outline:3px solid;outline-offset:2px}
label{margin-left:auto;display:inline-flex;gap:6px;align-items:center}
.keys{font-size:14px}
.picture{overflow:auto;max-height:70vh;border-radius:8px;text-align:center}
.picture svg{display:inline-block;vertical-align:top;max-width:none}
.picture.fit svg{max-width:100%}
.stepping .off{visibility:hidden}
.stepping .later{opacity:.35}
.stepping .now .line{stroke-width:2.6}
.stepping .current .shape{stroke-width:3.2}
.stepping .current .dot{r:6px}
.node,.label text{transition:opacity .2s}
@media (prefers-reduced-motion:reduce){*{transition:none!important}}
@media print{.controls,.keys{display:none}}
"""
_COLORS = """
ROOT{{color-scheme:{scheme};background:{box};color:{ink}}}
ROOT .panel{{border-color:{line};background:{paper}}}
ROOT button{{border-color:{line};background:{paper};color:{ink}}}
ROOT .keys,ROOT .progress{{color:{quiet}}}
ROOT :focus-visible{{outline-color:{value}}}
ROOT.forward .sentence,ROOT.start .sentence{{color:{value}}}
ROOT.backward .sentence,ROOT.result .sentence{{color:{gradient}}}
ROOT.forward .now .line,ROOT.start .now .line,ROOT.forward .current .shape{{stroke:{value}}}
ROOT.backward .now .line,ROOT.result .now .line,ROOT.backward .current .shape{{stroke:{gradient}}}
ROOT.forward .now .value,ROOT.backward .now .gradient{{font-weight:700}}
ROOT.forward .now .head{{fill:{value}}}
ROOT.backward .now .head,ROOT.result .now .head,ROOT.backward .current .dot{{fill:{gradient}}}
"""

_SCRIPT = """
"use strict";
const stages = JSON.parse(document.getElementById("stages").textContent);
const root = document.body, frame = document.querySelector(".picture");
const find = (kind, i) => frame.querySelector(`[data-${kind}="${i}"]`);
const buttons = Object.fromEntries(
  ["first", "back", "next", "last"].map((name) => [name, document.getElementById(name)]));
const revealed = [];  // [element, the stage that reveals it]
const known = [];     // [node, the stage that computes it]
stages.forEach((stage, k) => {
  for (const kind of ["value", "gradient"])
    for (const i of stage[kind + "s"]) {
      const text = find("edge", i).querySelector("." + kind);
      if (text) revealed.push([text, k]);
    }
  if (stage.phase === "forward") for (const i of stage.nodes) known.push([find("node", i), k]);
});
let at = 0;
function show(k) {
  at = Math.max(0, Math.min(stages.length - 1, k));
  const stage = stages[at];
  root.className = root.dataset.theme + " stepping " + stage.phase;
  for (const [text, when] of revealed) text.classList.toggle("off", when > at);
  for (const [node, when] of known) node.classList.toggle("later", when > at);
  for (const old of frame.querySelectorAll(".now, .current"))
    old.classList.remove("now", "current");
  for (const i of [...stage.values, ...stage.gradients]) find("edge", i).classList.add("now");
  for (const i of stage.nodes) find("node", i).classList.add("current");
  document.getElementById("progress").textContent = stage.progress;
  document.getElementById("sentence").textContent = stage.sentence;
  const focused = document.activeElement;
  buttons.first.disabled = buttons.back.disabled = at === 0;
  buttons.next.disabled = buttons.last.disabled = at === stages.length - 1;
  if (focused && focused.disabled) buttons[at === 0 ? "next" : "back"].focus();
  if (stage.nodes.length === 1) follow(find("node", stage.nodes[0]));
}
function follow(node) {
  const a = node.getBoundingClientRect(), b = frame.getBoundingClientRect();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  frame.scrollBy({
    left: a.left + a.width / 2 - b.left - b.width / 2,
    top: a.top + a.height / 2 - b.top - b.height / 2,
    behavior: still ? "auto" : "smooth",
  });
}
const actions = {
  first: () => show(0), back: () => show(at - 1),
  next: () => show(at + 1), last: () => show(stages.length - 1),
};
for (const name in actions) buttons[name].addEventListener("click", actions[name]);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const keys = {ArrowRight: "next", ArrowLeft: "back", Home: "first", End: "last"};
  let name = keys[event.key];
  if (event.key === " " && !document.activeElement.closest("button, input"))
    name = event.shiftKey ? "back" : "next";
  if (name) { event.preventDefault(); actions[name](); }
});
const fit = document.getElementById("fit");
const fitted = () => frame.classList.toggle("fit", fit.checked);
fit.addEventListener("change", fitted);
// A graph up to 1.5 times as wide as the window stays legible when scaled to fit.
fit.checked = frame.querySelector("svg").width.baseVal.value < 1.5 * frame.clientWidth;
fitted();
show(0);
"""


def page_of(svg: str, label: str, stages: list[dict[str, Any]], lang: str, theme: str) -> str:
    """A page that reveals a picture stage by stage; it needs no other file and no network.

    Args:
        svg: the whole picture.
        label: the picture in one line, for screen readers.
        stages: phase, nodes, values, gradients, progress and sentence of each.
        lang: ``en`` or ``ko``.
        theme: "light", "dark" or "auto".
    """
    words = WORDS[lang]
    # "<" as an escape, so that no text can close the script element.
    data = json.dumps(stages, ensure_ascii=False).replace("<", "\\u003c")
    buttons = "".join(
        f'<button type="button" id="{name}">{words[name]}</button>'
        for name in ("first", "back", "next", "last")
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{escape(words['title'])}</title>\n<style>{_style(theme)}</style>\n"
        f'</head>\n<body class="page-{theme}" data-theme="page-{theme}">\n<main>\n'
        f"<h1>{escape(words['title'])}</h1>\n"
        f'<div class="picture fit" aria-label="{escape(label)}">\n{svg}</div>\n'
        '<div class="panel" role="status" aria-live="polite">'
        '<p class="progress" id="progress"></p><p class="sentence" id="sentence">'
        f"<noscript>{words['no_script']}</noscript></p></div>\n"
        f'<div class="controls">{buttons}'
        f'<label><input type="checkbox" id="fit" checked>{words["fit"]}</label></div>\n'
        f'<p class="keys">{words["keys"]}</p>\n</main>\n'
        f'<script type="application/json" id="stages">{data}</script>\n'
        f"<script>{_SCRIPT}</script>\n</body>\n</html>\n"
    )


def _style(theme: str) -> str:
    root = f".page-{theme}"

    def colors(scheme: str) -> str:
        palette = DARK if scheme == "dark" else LIGHT
        return _COLORS.format(scheme=scheme, **palette).replace("ROOT", root)

    rules = _STYLE.replace("FONTS", FONTS) + colors("dark" if theme == "dark" else "light")
    if theme == "auto":
        rules += f"@media (prefers-color-scheme:dark){{{colors('dark')}}}"
    return rules
