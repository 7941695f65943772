"""Pictures of computational graphs, as SVG, DOT, Mermaid or a page that goes step by step."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from mitbadak.core.errors import unknown_name
from mitbadak.core.files import write_atomically
from mitbadak.graph import Variable, in_order
from mitbadak.plots.graph.model import Picture, one_of, picture_of
from mitbadak.plots.graph.stepwise import Stepwise
from mitbadak.plots.graph.svg import DIRECTIONS, THEMES, scene_of, svg_of
from mitbadak.plots.graph.text import dot_of, mermaid_of

MOST_IN_A_NOTEBOOK = 400  # variables; a larger picture is made when it is asked for


class Drawing:
    """A picture of a graph, as ``draw`` gives it; Jupyter shows it.

    It is of the moment at which it was drawn: a later ``backward`` does not change it.

    Attributes:
        picture: its nodes and edges.
        direction, theme: as given to ``draw``.
    """

    def __init__(self, picture: Picture, direction: str, theme: str):
        self.picture, self.direction, self.theme = picture, direction, theme
        self._svg = ""

    def svg(self) -> str:
        """The picture as SVG text, the same for the same graph."""
        self._svg = self._svg or svg_of(scene_of(self.picture, self.direction), self.theme)
        return self._svg

    def dot(self) -> str:
        """The graph in Graphviz's DOT language."""
        return dot_of(self.picture, self.direction)

    def mermaid(self) -> str:
        """The graph in the Mermaid language, for Markdown."""
        return mermaid_of(self.picture, self.direction)

    def stepwise(self, *, language: str = "en") -> Stepwise:
        """The same picture as a page that goes step by step; see ``stepwise``."""
        return Stepwise(self.picture, language, self.direction, self.theme)

    def save(self, path: str | os.PathLike) -> None:
        """Write the picture, in the form that the suffix says.

        Args:
            path: of a ``.svg``, ``.dot``, ``.mmd`` (Mermaid) or ``.html`` file (step by step, in
                English; ``drawing.stepwise(language="ko").save(path)`` for Korean).

        Raises:
            UnknownNameError: another suffix.
            OSError: as the system says; the old file is then untouched.
        """
        forms = {
            ".svg": self.svg,
            ".dot": self.dot,
            ".mmd": self.mermaid,
            ".html": lambda: self.stepwise().html(),
        }
        suffix = Path(path).suffix.lower()
        if suffix not in forms:
            raise unknown_name("suffix of a picture", suffix, forms)
        write_atomically(path, forms[suffix]().encode())

    def _repr_html_(self) -> str:
        wide = re.search(r'width="(\d+)"', self.svg())
        # So that texts of 11 pixels are never shown smaller than 9; what is wider is scrolled.
        least = 0.85 * float(wide[1]) if wide else 0.0
        return (
            f'<div style="overflow-x:auto"><div style="min-width:{least:.0f}px">{self.svg()}'
            "</div></div>"
        )

    def _repr_svg_(self) -> str:
        return self.svg()

    def __repr__(self) -> str:
        nodes, edges = len(self.picture.nodes), len(self.picture.edges)
        return f"Drawing({nodes} nodes, {edges} edges)"


def draw(
    y: Any, *, gradients: Any = "auto", direction: str = "right", theme: str = "auto"
) -> Drawing:
    """Draw the graph that some variables were computed by.

    Nodes are operations as the book draws them, named or nameless inputs, and small grey
    constants. Above each edge stands its value, below it the gradient; a scalar as a number, an
    array as its shape. Where a variable is used several times its edge forks at a dot: each way
    shows the gradient of that use, and they add up before it.

    Args:
        y: a variable or a list of them.
        gradients: "auto" shows what ``backward`` has left in ``grad``; True computes the
            gradients of y (of the sum of several) and leaves every ``grad`` alone; False shows
            none.
        direction: in which the edges go, "right" or "down".
        theme: "light", "dark", or "auto" for what the reader's screen is set to.

    Returns:
        A drawing: shown by notebooks, written by ``drawing.save("graph.svg")``.

    Raises:
        DtypeError: y is no variable.
        RangeError: the list is empty.
        ShapeError: gradients of a result that is no scalar are to be computed.
        StateError: gradients are to be computed, and ``backward`` has freed the graph.
        UnknownNameError: another word than those above.

    Example:
        >>> apple, apples = Variable(100.0, "apple"), Variable(2.0, "apples")
        >>> drawing = draw(apple * apples * 1.1, gradients=True)
        >>> drawing
        Drawing(6 nodes, 5 edges)
        >>> ">2.2</text>" in drawing.svg()  # how much one more unit of the price of an apple adds
        True
    """
    one_of("draw", "direction", direction, DIRECTIONS)
    one_of("draw", "theme", theme, THEMES)
    return Drawing(picture_of("draw", y, gradients), direction, theme)


def notebook_picture(v: Variable) -> str | None:
    """What a notebook shows for a variable: its graph, or None where its text tells as much."""
    if v.operation is None or len(in_order([v])) > MOST_IN_A_NOTEBOOK:
        return None
    return draw(v)._repr_html_()
