"""Pieces of SVG pictures within a page, which need nothing else."""

from __future__ import annotations

import html
from collections.abc import Sequence

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 64, WIDTH - 16, 30, HEIGHT - 44  # the edges of what is drawn in axes
INK, GRAY, SHADE, LINE, ASKED = "#202124", "#9aa0a6", "#cfe3d4", "#3b5b92", "#b3261e"


def label(
    x: float, y: float, text: str, *, middle: bool = False, end: bool = False,
    bold: bool = False, color: str = INK,
) -> str:  # fmt: skip
    """Words that begin, end, or have their middle at x, on white where they cross a line."""
    anchor = "middle" if middle else "end" if end else "start"
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}"{weight} '
        'stroke="white" stroke-width="3" stroke-linejoin="round" paint-order="stroke">'
        f"{html.escape(text)}</text>"
    )


def line(x1: float, y1: float, x2: float, y2: float, color: str, *, dashed: bool = False) -> str:
    """A straight line."""
    dashes = ' stroke-dasharray="4 4"' if dashed else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}"{dashes}/>'
    )


def frame() -> str:
    """The two axes of a picture of the usual height."""
    return f'<path d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" fill="none" stroke="{INK}"/>'


def picture(parts: Sequence[str], height: float, caption: str) -> str:
    """A picture of its parts, with a caption for screen readers."""
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" width="100%" role="img" '
        f'aria-label="{html.escape(caption)}" font-size="12" font-family="sans-serif">'
        f"{''.join(parts)}</svg>"
    )
