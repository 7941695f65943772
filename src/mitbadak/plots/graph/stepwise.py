"""A graph as a page that computes it node by node, forward and then backward."""

from __future__ import annotations

import contextlib
import json
import os
from html import escape
from typing import Any

from mitbadak.core.errors import StateError
from mitbadak.core.files import write_atomically
from mitbadak.core.languages import LANGUAGES
from mitbadak.graph.variable import Variable
from mitbadak.plots.graph.model import Picture, one_of, picture_of
from mitbadak.plots.graph.steps import steps_of
from mitbadak.plots.graph.svg import (
    DARK,
    DIRECTIONS,
    FONTS,
    LIGHT,
    THEMES,
    scene_of,
    svg_of,
    title_of,
)

_WORDS = {
    "en": {
        "title": "Computational graph, step by step", "first": "First", "back": "Back",
        "next": "Next", "last": "Last", "fit": "Fit to the window",
        "keys": "Keys: right arrow or space for the next step, left arrow back, Home and End.",
        "no_script": "The steps need JavaScript; without it the whole graph is shown.",
    },
    "ko": {
        "title": "단계별로 보는 계산 그래프", "first": "처음", "back": "이전", "next": "다음",
        "last": "끝", "fit": "창 너비에 맞추기",
        "keys": "키보드: 오른쪽 화살표·스페이스바 다음, 왼쪽 화살표 이전, Home 처음, End 끝.",
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
_COLOURS = """
ROOT{{color-scheme:{scheme};background:{box};color:{ink}}}
ROOT .panel{{border-color:{line};background:{paper}}}
ROOT button{{border-color:{line};background:{paper};color:{ink}}}
ROOT .keys,ROOT .progress{{color:{quiet}}}
ROOT :focus-visible{{outline-color:{value}}}
ROOT.forward .sentence,ROOT.start .sentence{{color:{value}}}
ROOT.backward .sentence,ROOT.turn .sentence{{color:{gradient}}}
ROOT.forward .now .line,ROOT.start .now .line,ROOT.forward .current .shape{{stroke:{value}}}
ROOT.backward .now .line,ROOT.turn .now .line,ROOT.backward .current .shape{{stroke:{gradient}}}
ROOT.forward .now .value,ROOT.backward .now .gradient{{font-weight:700}}
ROOT.forward .now .head{{fill:{value}}}
ROOT.backward .now .head,ROOT.turn .now .head,ROOT.backward .current .dot{{fill:{gradient}}}
"""

_SCRIPT = """
"use strict";
const steps = JSON.parse(document.getElementById("steps").textContent);
const root = document.body, frame = document.querySelector(".picture");
const find = (kind, i) => frame.querySelector(`[data-${kind}="${i}"]`);
const buttons = Object.fromEntries(
  ["first", "back", "next", "last"].map((name) => [name, document.getElementById(name)]));
const revealed = [];  // [element, the step that reveals it]
const known = [];     // [node, the step that computes it]
steps.forEach((step, k) => {
  for (const kind of ["value", "gradient"])
    for (const i of step[kind + "s"]) {
      const text = find("edge", i).querySelector("." + kind);
      if (text) revealed.push([text, k]);
    }
  if (step.phase === "forward") for (const i of step.nodes) known.push([find("node", i), k]);
});
let at = 0;
function show(k) {
  at = Math.max(0, Math.min(steps.length - 1, k));
  const step = steps[at];
  root.className = root.dataset.theme + " stepping " + step.phase;
  for (const [text, when] of revealed) text.classList.toggle("off", when > at);
  for (const [node, when] of known) node.classList.toggle("later", when > at);
  for (const old of frame.querySelectorAll(".now, .current"))
    old.classList.remove("now", "current");
  for (const i of [...step.values, ...step.gradients]) find("edge", i).classList.add("now");
  for (const i of step.nodes) find("node", i).classList.add("current");
  document.getElementById("progress").textContent = step.progress;
  document.getElementById("sentence").textContent = step.sentence;
  const focused = document.activeElement;
  buttons.first.disabled = buttons.back.disabled = at === 0;
  buttons.next.disabled = buttons.last.disabled = at === steps.length - 1;
  if (focused && focused.disabled) buttons[at === 0 ? "next" : "back"].focus();
  if (step.nodes.length === 1) follow(find("node", step.nodes[0]));
}
function follow(node) {
  const a = node.getBoundingClientRect(), b = frame.getBoundingClientRect();
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  frame.scrollBy({
    left: a.left + a.width / 2 - b.left - b.width / 2,
    top: a.top + a.height / 2 - b.top - b.height / 2,
    behavior: calm ? "auto" : "smooth",
  });
}
const moves = {
  first: () => show(0), back: () => show(at - 1),
  next: () => show(at + 1), last: () => show(steps.length - 1),
};
for (const name in moves) buttons[name].addEventListener("click", moves[name]);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const keys = {ArrowRight: "next", ArrowLeft: "back", Home: "first", End: "last"};
  let name = keys[event.key];
  if (event.key === " " && !document.activeElement.closest("button, input"))
    name = event.shiftKey ? "back" : "next";
  if (name) { event.preventDefault(); moves[name](); }
});
const fit = document.getElementById("fit");
const fitted = () => frame.classList.toggle("fit", fit.checked);
fit.addEventListener("change", fitted);
// A graph up to half as wide again as the window is still legible when it is made to fit.
fit.checked = frame.querySelector("svg").width.baseVal.value < 1.5 * frame.clientWidth;
fitted();
show(0);
"""


class Stepwise:
    """A page that goes through a graph step by step, as ``stepwise`` gives it; Jupyter shows it.

    Attributes:
        picture: the graph's nodes and edges.
        language, direction, theme: as given to ``stepwise``.
    """

    def __init__(self, picture: Picture, language: str, direction: str, theme: str):
        self.picture = picture
        self.language = one_of("stepwise", "language", language, LANGUAGES)
        self.direction = one_of("stepwise", "direction", direction, DIRECTIONS)
        self.theme = one_of("stepwise", "theme", theme, THEMES)

    def html(self) -> str:
        """The whole page; it needs no other file and no network."""
        words, picture = _WORDS[self.language], self.picture
        told = [
            {
                "phase": s.phase, "nodes": s.nodes, "values": s.values, "gradients": s.gradients,
                "progress": s.progress, "sentence": s.sentence,
            }
            for s in steps_of(picture, self.language)
        ]  # fmt: skip
        # "<" as a code, so that no text in it can end the script element.
        data = json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
        svg = svg_of(scene_of(picture, self.direction), self.theme)
        buttons = "".join(
            f'<button type="button" id="{name}">{words[name]}</button>'
            for name in ("first", "back", "next", "last")
        )
        names = title_of(picture)
        return (
            f'<!DOCTYPE html>\n<html lang="{self.language}">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
            f"<title>{escape(words['title'])}</title>\n<style>{_style(self.theme)}</style>\n"
            f'</head>\n<body class="page-{self.theme}" data-theme="page-{self.theme}">\n<main>\n'
            f"<h1>{escape(words['title'])}</h1>\n"
            f'<div class="picture fit" aria-label="{escape(names)}">\n{svg}</div>\n'
            '<div class="panel" role="status" aria-live="polite">'
            '<p class="progress" id="progress"></p><p class="sentence" id="sentence">'
            f"<noscript>{words['no_script']}</noscript></p></div>\n"
            f'<div class="controls">{buttons}'
            f'<label><input type="checkbox" id="fit" checked>{words["fit"]}</label></div>\n'
            f'<p class="keys">{words["keys"]}</p>\n</main>\n'
            f'<script type="application/json" id="steps">{data}</script>\n'
            f"<script>{_SCRIPT}</script>\n</body>\n</html>\n"
        )

    def save(self, path: str | os.PathLike) -> None:
        """Write the page to a file, as a whole or not at all."""
        write_atomically(path, self.html().encode())

    def _repr_html_(self) -> str:
        page = escape(self.html())
        return (f'<iframe srcdoc="{page}" sandbox="allow-scripts" '
                'style="width:100%;height:560px;border:0"></iframe>')  # fmt: skip

    def __repr__(self) -> str:
        return f"Stepwise({len(self.picture.nodes)} nodes, language {self.language!r})"


def _style(theme: str) -> str:
    root = f".page-{theme}"

    def colours(scheme: str) -> str:
        palette = DARK if scheme == "dark" else LIGHT
        return _COLOURS.format(scheme=scheme, **palette).replace("ROOT", root)

    rules = _STYLE.replace("FONTS", FONTS) + colours("dark" if theme == "dark" else "light")
    if theme == "auto":
        rules += f"@media (prefers-color-scheme:dark){{{colours('dark')}}}"
    return rules


def stepwise(
    y: Any,
    *,
    gradients: Any = "auto",
    language: str = "en",
    direction: str = "right",
    theme: str = "auto",
) -> Stepwise:
    """A page that goes through a graph node by node, forward and then backward.

    Each step highlights a node, reveals the values (on the way back the gradients) at its edges,
    and says the calculation: "× : 100 · 2 = 200", and back "dapple = 2 · 1.1 = 2.2", the local
    derivative times what arrived. Of arrays it tells the shapes. Keys: right arrow or space, left
    arrow, Home, End.

    Args:
        y: a variable or a list of them.
        gradients: "auto" goes back with the gradients that ``backward`` has left, or computes
            them where it has not and y is one number; True computes them; False goes forward only.
        language: of the page, "en" or "ko".
        direction: in which the edges go, "right" or "down".
        theme: "light", "dark", or "auto" for what the reader's screen is set to.

    Returns:
        A page: shown by notebooks, written by ``page.save("graph.html")``; one file that needs no
        other.

    Raises:
        DtypeError, RangeError, ShapeError, StateError, UnknownNameError: as ``draw``.

    Example:
        >>> apple, apples = Variable(100.0, "apple"), Variable(2.0, "apples")
        >>> page = stepwise(apple * apples)
        >>> "× : 100 · 2 = 200" in page.html(), "dapple = 2 · 1 = 2" in page.html()
        (True, True)
    """
    fresh = isinstance(y, Variable) and y.size == 1 and y.grad is None
    picture = None
    if isinstance(gradients, str) and gradients == "auto" and fresh:
        with contextlib.suppress(StateError):  # a part of the graph has been freed
            picture = picture_of("stepwise", y, True)
    picture = picture or picture_of("stepwise", y, gradients)
    return Stepwise(picture, language, direction, theme)
