"""``draw``: a graph as SVG, DOT, Mermaid or a stepwise page."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from mitbadak.core.arguments import explained
from mitbadak.core.errors import unknown_name
from mitbadak.core.files import write_atomically
from mitbadak.graph import Variable, in_order
from mitbadak.plots.graph.building import picture_of
from mitbadak.plots.graph.choices import DIRECTIONS, THEMES, check_choice, chosen_language
from mitbadak.plots.graph.markup import dot_of, mermaid_of
from mitbadak.plots.graph.picture import Picture
from mitbadak.plots.graph.scene import scene_of
from mitbadak.plots.graph.stepwise import Stepwise
from mitbadak.plots.graph.svg import svg_of

MOST_IN_A_NOTEBOOK = 400  # variables; a larger graph is drawn only on request


class Drawing:
    """A picture of a graph, made by ``draw``; Jupyter shows it.

    It shows the graph at the time of drawing; a later ``backward`` does not change it.

    Attributes:
        picture: its nodes and edges.
        direction, theme: as given to ``draw``.
    """

    def __init__(self, picture: Picture, direction: str, theme: str):
        self.picture, self.direction, self.theme = picture, direction, theme
        self._svg = ""

    def svg(self) -> str:
        """The picture as SVG text, identical for identical graphs."""
        self._svg = self._svg or svg_of(scene_of(self.picture, self.direction), self.theme)
        return self._svg

    def dot(self) -> str:
        """The graph in Graphviz's DOT language."""
        return dot_of(self.picture, self.direction)

    def mermaid(self) -> str:
        """The graph in the Mermaid language, for Markdown."""
        return mermaid_of(self.picture, self.direction)

    def stepwise(self, *, lang: str = "en", language: str | None = None) -> Stepwise:
        """The picture as a page that goes step by step, as by the function ``stepwise``."""
        lang = chosen_language("Drawing.stepwise", lang, language)
        return Stepwise(self.picture, lang, self.direction, self.theme)

    @explained
    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture in the format given by the suffix.

        Args:
            path: ends in ``.svg``, ``.dot``, ``.mmd`` (Mermaid) or ``.html`` (step by step, in
                English; use ``drawing.stepwise(lang="ko").save(path)`` for Korean).

        Raises:
            UnknownNameError: another suffix.
            OSError: the file cannot be written; an existing one is left unchanged.
        """
        formats = {
            ".svg": self.svg,
            ".dot": self.dot,
            ".mmd": self.mermaid,
            ".html": lambda: self.stepwise().html(),
        }
        suffix = Path(path).suffix.lower()
        if suffix not in formats:
            raise unknown_name("suffix of a picture", suffix, formats)
        write_atomically(path, formats[suffix]().encode())

    def _repr_html_(self) -> str:
        width = re.search(r'width="(\d+)"', self.svg())
        # Text of 11 pixels never shrinks below 9; a wider picture is scrolled.
        least = 0.85 * float(width[1]) if width else 0.0
        return (
            f'<div style="overflow-x:auto"><div style="min-width:{least:.0f}px">{self.svg()}'
            "</div></div>"
        )

    def _repr_svg_(self) -> str:
        return self.svg()

    def __repr__(self) -> str:
        nodes, edges = len(self.picture.nodes), len(self.picture.edges)
        return f"Drawing({nodes} nodes, {edges} edges)"


@explained
def draw(
    y: Any, *, gradients: Any = "auto", direction: str = "right", theme: str = "auto"
) -> Drawing:
    """Draw the graph that y was computed by.

    Nodes are operations labeled as in the book, inputs (by name or value) and small gray
    constants. Each edge has its value above and its gradient below: a number for a scalar, a
    shape for an array. The edge of a variable that is used several times forks at a dot: each
    branch shows the gradient from that use, and their sum stands before the dot.

    Args:
        y: a variable or a list of them.
        gradients: "auto" shows the gradients that ``backward`` left in ``grad``; True computes
            those of y (of the sum, for several) and changes no ``grad``; False shows none.
        direction: direction of the edges, "right" or "down".
        theme: "light", "dark", or "auto" to follow the reader's screen.

    Returns:
        A drawing, shown by notebooks and written by ``drawing.save("graph.svg")``.

    Raises:
        DtypeError: y is not a variable.
        RangeError: the list is empty.
        ShapeError: ``gradients=True`` and y is not a scalar.
        StateError: ``gradients=True`` and ``backward`` has freed the graph.
        UnknownNameError: an argument has a value not listed above.

    Example:
        >>> apple, apples = Variable(100.0, "apple"), Variable(2.0, "apples")
        >>> drawing = draw(apple * apples * 1.1, gradients=True)
        >>> drawing
        Drawing(6 nodes, 5 edges)
        >>> ">2.2</text>" in drawing.svg()  # how much one more unit on the price of an apple adds
        True
    """
    check_choice("draw", "direction", direction, DIRECTIONS)
    check_choice("draw", "theme", theme, THEMES)
    return Drawing(picture_of("draw", y, gradients), direction, theme)


def notebook_picture(v: Variable) -> str | None:
    """A variable's graph as HTML for a notebook; None where its repr says as much."""
    if v.operation is None or len(in_order([v])) > MOST_IN_A_NOTEBOOK:
        return None
    return draw(v)._repr_html_()
