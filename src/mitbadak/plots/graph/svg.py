"""A picture of a graph as SVG: sizes of nodes and labels, their layout, and the drawing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from html import escape

from mitbadak.plots.graph.layout import LEAD, Arrangement, Box, Link, Run, arrange
from mitbadak.plots.graph.model import (
    BRANCH,
    CONSTANT,
    INPUT,
    OPERATION,
    OUTPUT,
    Edge,
    Node,
    Picture,
)
from mitbadak.plots.graph.names import shortened, width_of

THEMES = ("auto", "light", "dark")
DIRECTIONS = ("right", "down")
MARGIN = 16.0
NAME, LABEL, SMALL, DETAIL = 13.0, 11.0, 10.5, 9.5  # font sizes; what is read is never below 9
CIRCLE, DOT = 17.0, 3.5  # radii
RISE, FALL = 4.5, 12.5  # from an edge to the feet of the texts above and below it

# Values in Okabe and Ito's blue and gradients in their vermilion, as in mitbadak.plots; the
# vermilion darker on white and both lighter on black, for a contrast of 4.5 in small text.
LIGHT = {"paper": "#ffffff", "ink": "#1d2433", "box": "#eef2f7", "given": "#ffffff",
         "line": "#5c6675", "quiet": "#666666",
         "value": "#0072B2", "gradient": "#B84F00"}  # fmt: skip
DARK = {"paper": "#14171d", "ink": "#edf0f5", "box": "#2a303b", "given": "#14171d",
        "line": "#9aa4b2", "quiet": "#a6a6a6",
        "value": "#56B4E9", "gradient": "#F59A4A"}  # fmt: skip
FONTS = ("system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Apple SD Gothic Neo',"
         "'Malgun Gothic','Noto Sans KR',sans-serif")  # fmt: skip
_RULES = """
{0} .paper{{fill:{paper}}}
{0} .shape{{fill:{box};stroke:{line}}}
{0} .input .shape{{fill:{given}}}
{0} .name{{fill:{ink}}}
{0} .detail,{0} .constant .name{{fill:{quiet}}}
{0} .line{{stroke:{line}}}
{0} .head,{0} .dot{{fill:{line}}}
{0} .value{{fill:{value}}}
{0} .gradient{{fill:{gradient}}}"""
_STYLE = """
.mitbadak-graph{{font-family:{fonts};max-width:100%;height:auto}}
.mitbadak-graph text{{text-anchor:middle}}
.mitbadak-graph .line{{fill:none;stroke-width:1.3}}
.mitbadak-graph .shape{{stroke-width:1.3}}
.mitbadak-graph .label text{{font-size:{label}px}}"""


def style_of(theme: str) -> str:
    """The style sheet of a picture, for one theme or for the one that the reader's screen has.

    Rules with plain colours rather than CSS variables, which converters to PDF or PNG do not know.
    """
    common = _STYLE.format(fonts=FONTS, label=f"{LABEL:g}")
    colours = DARK if theme == "dark" else LIGHT
    rules = _RULES.format(f".mitbadak-{theme}", **colours)
    if theme == "auto":
        dark = _RULES.format(".mitbadak-auto", **DARK)
        rules += f"\n@media (prefers-color-scheme:dark){{{dark}\n}}"
    return f"{common}{rules}\n"


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture with its layout; ``down`` exchanges the two axes."""

    picture: Picture
    arrangement: Arrangement
    down: bool


def scene_of(picture: Picture, direction: str = "right") -> Scene:
    """Lay a picture out, its edges going to the right or down."""
    down = direction == "down"
    order = sorted(picture.edges, key=lambda e: (e.target, e.port))
    ports = [0] * len(picture.nodes)
    for edge in order:
        ports[edge.target] += 1
    boxes = []
    for node, n in zip(picture.nodes, ports, strict=True):
        wide, high = size_of(node)
        room = 10.0 * (n - 1) + 14.0 if n > 1 else 0.0  # for the edges that enter
        along, across = (high, max(wide, room)) if down else (wide, max(high, room))
        boxes.append(Box(along, across, node.ordered))
    links = [Link(e.source, e.target, label_box(e, down)) for e in order]
    found = arrange(boxes, links)
    place = {(e.target, e.port): i for i, e in enumerate(order)}
    back = [place[e.target, e.port] for e in picture.edges]
    arrangement = Arrangement(
        found.boxes,
        [found.labels[i] for i in back],
        [found.routes[i] for i in back],
        found.forks,
        found.along,
        found.across,
    )
    return Scene(picture, arrangement, down)


def size_of(node: Node) -> tuple[float, float]:
    """Width and height of a node, its texts inside."""
    if node.kind == BRANCH:
        return 2 * DOT, 2 * DOT
    if node.kind == OUTPUT:
        return (width_of(node.text, NAME) + 10.0, 22.0) if node.text else (2.0, 22.0)
    if node.kind == CONSTANT:
        return width_of(node.text, SMALL) + 4.0, 16.0
    if is_round(node):
        return 2 * CIRCLE, 2 * CIRCLE
    detail = width_of(node.detail, DETAIL) if node.detail else 0.0
    wide = max(width_of(node.text, NAME), detail) + (22.0 if node.kind == INPUT else 18.0)
    return wide, 26.0 if node.kind == INPUT else 40.0 if node.detail else 32.0


def is_round(node: Node) -> bool:
    """Whether a node is a circle, as those of arithmetic are in the book."""
    return node.kind == OPERATION and not node.detail and len(node.text) == 1


def label_box(edge: Edge, down: bool) -> Box | None:
    """The room for an edge's texts, the same on both sides of it."""
    if not edge.value and not edge.gradient:
        return None
    value, gradient = width_of(edge.value, LABEL), width_of(edge.gradient, LABEL)
    if down:
        return Box(LABEL + 5.0, 2 * max(value, gradient) + 14.0)
    return Box(max(value, gradient) + 6.0, 2 * (FALL + 2.5))


def svg_of(scene: Scene, theme: str = "auto") -> str:
    """The picture as the text of an SVG element."""
    found, nodes = scene.arrangement, scene.picture.nodes
    parts = [_edge(scene, i) for i in range(len(scene.picture.edges))]
    parts += [f'<circle class="dot" {_at(scene, p, "cx", "cy")} r="{DOT:g}"/>' for p in found.forks]
    parts += [_node(scene, i) for i in range(len(nodes))]
    body = "\n".join(parts)
    mark = hashlib.sha256(body.encode()).hexdigest()[:8]
    along, across = found.along + 2 * MARGIN, found.across + 2 * MARGIN
    wide, high = (across, along) if scene.down else (along, across)
    wide, high = round(wide + 0.5), round(high + 0.5)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="mitbadak-graph mitbadak-{theme}" '
        f'role="img" aria-labelledby="title-{mark} desc-{mark}" width="{wide}" height="{high}" '
        f'viewBox="0 0 {wide} {high}">\n'
        f'<title id="title-{mark}">{escape(title_of(scene.picture))}</title>\n'
        f'<desc id="desc-{mark}">{escape(description_of(scene.picture))}</desc>\n'
        f"<style>{style_of(theme)}</style>\n"
        f'<rect class="paper" width="{wide}" height="{high}" rx="6"/>\n{body}\n</svg>\n'
    )


def title_of(picture: Picture) -> str:
    """The picture in one line, with the names of what it ends in."""
    names = ", ".join(shortened(v.name) for v in picture.outputs if v.name)
    return "Computational graph" + (f" of {names}" if names else "")


def description_of(picture: Picture) -> str:
    """The picture in words: every operation with what enters and what leaves it."""
    told = []
    for i in picture.node_of:
        node = picture.nodes[i]
        if node.kind != OPERATION:
            continue
        entering = [_source_text(picture, picture.edges[k]) for k in picture.edges_to(i)]
        out = picture.edges[picture.edges_from(i)[0]]
        back = f", gradient {out.gradient}" if out.gradient else ""
        told.append(f"{node.text} of {' and '.join(entering)} gives {out.value}{back}.")
    count = sum(n.kind == OPERATION for n in picture.nodes)
    given = sum(n.kind == INPUT for n in picture.nodes)
    return (f"{count} operation{'s' * (count != 1)}, {given} input{'s' * (given != 1)}. "
            f"{' '.join(told)}").strip()  # fmt: skip


def _source_text(picture: Picture, edge: Edge) -> str:
    node = picture.nodes[edge.source]
    if node.kind == BRANCH:
        (trunk,) = picture.edges_to(edge.source)
        node = picture.nodes[picture.edges[trunk].source]
    return f"{node.text} {edge.value}".strip()


def _xy(scene: Scene, point: tuple[float, float]) -> tuple[float, float]:
    along, across = point[0] + MARGIN, point[1] + MARGIN
    return (across, along) if scene.down else (along, across)


def _at(scene: Scene, point: tuple[float, float], x: str = "x", y: str = "y") -> str:
    at = _xy(scene, point)
    return f'{x}="{_short(at[0])}" {y}="{_short(at[1])}"'


def _short(x: float) -> str:
    return f"{x:.1f}".removesuffix(".0")


def _node(scene: Scene, i: int) -> str:
    node, (x, y) = scene.picture.nodes[i], _xy(scene, scene.arrangement.boxes[i])
    wide, high = size_of(node)
    inside = f"<title>{escape(node.title)}</title>"
    if node.kind == BRANCH:
        inside += f'<circle class="dot" cx="{_short(x)}" cy="{_short(y)}" r="{DOT:g}"/>'
    elif is_round(node):
        inside += f'<circle class="shape" cx="{_short(x)}" cy="{_short(y)}" r="{CIRCLE:g}"/>'
    elif node.kind in (OPERATION, INPUT):
        across = _room(scene, i)
        wide, high = (max(wide, across), high) if scene.down else (wide, max(high, across))
        corner = 13 if node.kind == INPUT else 7
        inside += (
            f'<rect class="shape" x="{_short(x - wide / 2)}" y="{_short(y - high / 2)}" '
            f'width="{_short(wide)}" height="{_short(high)}" rx="{corner}"/>'
        )
    size = SMALL if node.kind == CONSTANT else 17.0 if is_round(node) else NAME
    foot = y + size * 0.35 - (6.5 if node.detail else 0.0)
    if node.text:
        inside += _text("name", x, foot, node.text, size)
    if node.detail:
        inside += _text("detail", x, foot + 14.0, node.detail, DETAIL)
    return f'<g class="node {node.kind}" data-node="{i}">{inside}</g>'


def _room(scene: Scene, i: int) -> float:
    """What the edges that enter a box need of its side."""
    n = len(scene.picture.edges_to(i))
    return 10.0 * (n - 1) + 14.0 if n > 1 else 0.0


def _text(kind: str, x: float, y: float, text: str, size: float, more: str = "") -> str:
    at = f'x="{_short(x)}" y="{_short(y)}"'
    font = f' font-size="{size:g}"' if size else ""
    return f'<text class="{kind}" {at}{font}{more}>{escape(text)}</text>'


def _edge(scene: Scene, i: int) -> str:
    edge, route = scene.picture.edges[i], list(scene.arrangement.routes[i])
    target = scene.picture.nodes[edge.target]
    if is_round(target):  # to the circle, not to the square around it
        start, end, y = route[-1]
        off = y - scene.arrangement.boxes[edge.target][1]
        route[-1] = (start, end + CIRCLE - (CIRCLE**2 - min(off, CIRCLE) ** 2) ** 0.5, y)
    inside = ""
    if target.kind != BRANCH:
        _, end, y = route[-1]
        route[-1] = (route[-1][0], end - LEAD / 2, y)
        corners = [(end, y), (end - LEAD + 1.5, y - 3.6), (end - LEAD + 1.5, y + 3.6)]
        points = " ".join(",".join(map(_short, _xy(scene, c))) for c in corners)
        inside = f'<polygon class="head" points="{points}"/>'
    inside = f'<path class="line" d="{_path(scene, route)}"/>{inside}{_label(scene, i)}'
    return f'<g class="edge label" data-edge="{i}">{inside}</g>'


def _path(scene: Scene, route: list[Run]) -> str:
    """Straight runs, joined by curves that leave and arrive along them."""

    def xy(along: float, across: float) -> str:
        return " ".join(map(_short, _xy(scene, (along, across))))

    start, end, y = route[0]
    d, straight = f"M{xy(start, y)}", end
    for start, end, across in route[1:]:
        if abs(across - y) >= 0.25:  # less is a straight line to the eye
            middle = (straight + start) / 2
            d += f"L{xy(straight, y)}C{xy(middle, y)} {xy(middle, across)} {xy(start, across)}"
            y = across
        straight = end
    return f"{d}L{xy(straight, y)}"


def _label(scene: Scene, i: int) -> str:
    edge, at = scene.picture.edges[i], scene.arrangement.labels[i]
    if at is None:
        return ""
    x, y = _xy(scene, at)
    texts = ""
    for kind, text, side in (("value", edge.value, -1), ("gradient", edge.gradient, 1)):
        if text and scene.down:
            anchor = ' style="text-anchor:end"' if side < 0 else ' style="text-anchor:start"'
            texts += _text(kind, x + side * 6.0, y + LABEL * 0.35, text, 0, anchor)
        elif text:
            texts += _text(kind, x, y - RISE if side < 0 else y + FALL, text, 0)
    return texts
