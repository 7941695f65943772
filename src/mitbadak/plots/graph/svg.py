"""A scene as SVG."""

from __future__ import annotations

import hashlib
from html import escape

from mitbadak.plots.graph.layout import LEAD, Run
from mitbadak.plots.graph.picture import BRANCH, CONSTANT, INPUT, OPERATION
from mitbadak.plots.graph.scene import (
    ABOVE,
    BELOW,
    CIRCLE,
    CONSTANT_SIZE,
    DETAIL_SIZE,
    DOT,
    NAME_SIZE,
    Scene,
    room_for_edges,
    size_of,
)
from mitbadak.plots.graph.theme import LABEL_SIZE, style_of

MARGIN = 16.0


def svg_of(scene: Scene, theme: str = "auto") -> str:
    """The scene as an SVG element."""
    picture, arrangement = scene.picture, scene.arrangement
    parts = [_edge(scene, i) for i in range(len(picture.edges))]
    parts += [
        f'<circle class="dot" {_at(scene, p, "cx", "cy")} r="{DOT:g}"/>' for p in arrangement.forks
    ]
    parts += [_node(scene, i) for i in range(len(picture.nodes))]
    body = "\n".join(parts)
    mark = hashlib.sha256(body.encode()).hexdigest()[:8]
    along, across = arrangement.along + 2 * MARGIN, arrangement.across + 2 * MARGIN
    width, height = (across, along) if scene.down else (along, across)
    width, height = round(width + 0.5), round(height + 0.5)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="mitbadak-graph mitbadak-{theme}" '
        f'role="img" aria-labelledby="title-{mark} desc-{mark}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">\n'
        f'<title id="title-{mark}">{escape(picture.title())}</title>\n'
        f'<desc id="desc-{mark}">{escape(picture.description())}</desc>\n'
        f"<style>{style_of(theme)}</style>\n"
        f'<rect class="paper" width="{width}" height="{height}" rx="6"/>\n{body}\n</svg>\n'
    )


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
    width, height = size_of(node)
    content = f"<title>{escape(node.title)}</title>"
    if node.kind == BRANCH:
        content += f'<circle class="dot" cx="{_short(x)}" cy="{_short(y)}" r="{DOT:g}"/>'
    elif node.is_round:
        content += f'<circle class="shape" cx="{_short(x)}" cy="{_short(y)}" r="{CIRCLE:g}"/>'
    elif node.kind in (OPERATION, INPUT):
        room = room_for_edges(scene.picture, i)
        if scene.down:
            width = max(width, room)
        else:
            height = max(height, room)
        corner = 13 if node.kind == INPUT else 7
        content += (
            f'<rect class="shape" x="{_short(x - width / 2)}" y="{_short(y - height / 2)}" '
            f'width="{_short(width)}" height="{_short(height)}" rx="{corner}"/>'
        )
    size = CONSTANT_SIZE if node.kind == CONSTANT else 17.0 if node.is_round else NAME_SIZE
    baseline = y + size * 0.35 - (6.5 if node.detail else 0.0)
    if node.text:
        content += _text("name", x, baseline, node.text, size)
    if node.detail:
        content += _text("detail", x, baseline + 14.0, node.detail, DETAIL_SIZE)
    return f'<g class="node {node.kind}" data-node="{i}">{content}</g>'


def _text(kind: str, x: float, y: float, text: str, size: float, more: str = "") -> str:
    at = f'x="{_short(x)}" y="{_short(y)}"'
    font = f' font-size="{size:g}"' if size else ""
    return f'<text class="{kind}" {at}{font}{more}>{escape(text)}</text>'


def _edge(scene: Scene, i: int) -> str:
    edge, route = scene.picture.edges[i], list(scene.arrangement.routes[i])
    target = scene.picture.nodes[edge.target]
    if target.is_round:  # up to the circle rather than the square around it
        start, end, y = route[-1]
        off = y - scene.arrangement.boxes[edge.target][1]
        route[-1] = (start, end + CIRCLE - (CIRCLE**2 - min(off, CIRCLE) ** 2) ** 0.5, y)
    content = ""
    if target.kind != BRANCH:
        _, end, y = route[-1]
        route[-1] = (route[-1][0], end - LEAD / 2, y)
        corners = [(end, y), (end - LEAD + 1.5, y - 3.6), (end - LEAD + 1.5, y + 3.6)]
        points = " ".join(",".join(map(_short, _xy(scene, c))) for c in corners)
        content = f'<polygon class="head" points="{points}"/>'
    content = f'<path class="line" d="{_path(scene, route)}"/>{content}{_label(scene, i)}'
    return f'<g class="edge label" data-edge="{i}">{content}</g>'


def _path(scene: Scene, route: list[Run]) -> str:
    """Straight runs joined by curves that are tangent to them."""

    def xy(along: float, across: float) -> str:
        return " ".join(map(_short, _xy(scene, (along, across))))

    start, end, y = route[0]
    d, straight = f"M{xy(start, y)}", end
    for start, end, across in route[1:]:
        if abs(across - y) >= 0.25:  # smaller bends are invisible
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
            texts += _text(kind, x + side * 6.0, y + LABEL_SIZE * 0.35, text, 0, anchor)
        elif text:
            texts += _text(kind, x, y - ABOVE if side < 0 else y + BELOW, text, 0)
    return texts
