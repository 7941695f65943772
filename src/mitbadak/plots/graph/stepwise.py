"""``stepwise``: a page that goes through a graph node by node, forward and then backward."""

from __future__ import annotations

import contextlib
import os
from dataclasses import asdict
from html import escape
from typing import Any

from mitbadak.core.errors import StateError
from mitbadak.core.files import write_atomically
from mitbadak.core.languages import LANGUAGES
from mitbadak.graph import Variable
from mitbadak.plots.graph.building import picture_of
from mitbadak.plots.graph.choices import DIRECTIONS, THEMES, check_choice, chosen_language
from mitbadak.plots.graph.narration import narrate
from mitbadak.plots.graph.page import page_of
from mitbadak.plots.graph.picture import Picture
from mitbadak.plots.graph.scene import scene_of
from mitbadak.plots.graph.svg import svg_of


class Stepwise:
    """A page made by ``stepwise``; Jupyter shows it.

    Attributes:
        picture: the graph's nodes and edges.
        lang, direction, theme: as given to ``stepwise``.
    """

    def __init__(self, picture: Picture, lang: str, direction: str, theme: str):
        self.picture = picture
        self.lang = check_choice("stepwise", "lang", lang, LANGUAGES)
        self.direction = check_choice("stepwise", "direction", direction, DIRECTIONS)
        self.theme = check_choice("stepwise", "theme", theme, THEMES)

    def html(self) -> str:
        """The whole page; it needs no other file and no network."""
        stages = [asdict(stage) for stage in narrate(self.picture, self.lang)]
        svg = svg_of(scene_of(self.picture, self.direction), self.theme)
        return page_of(svg, self.picture.title(), stages, self.lang, self.theme)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page to a file, as a whole or not at all."""
        write_atomically(path, self.html().encode())

    def _repr_html_(self) -> str:
        page = escape(self.html())
        return (f'<iframe srcdoc="{page}" sandbox="allow-scripts" '
                'style="width:100%;height:560px;border:0"></iframe>')  # fmt: skip

    def __repr__(self) -> str:
        return f"Stepwise({len(self.picture.nodes)} nodes, lang {self.lang!r})"


def stepwise(
    y: Any,
    *,
    gradients: Any = "auto",
    lang: str = "en",
    direction: str = "right",
    theme: str = "auto",
    language: str | None = None,
) -> Stepwise:
    """Make a page that goes through a graph node by node, forward and then backward.

    Each stage highlights a node, reveals the values at its edges (the gradients on the way back)
    and writes out the calculation: "× : 100 · 2 = 200" forward, "dapple = 2 · 1.1 = 2.2" backward,
    the local derivative times the gradient of the result. For arrays it gives shapes. Keys: right
    arrow or space, left arrow, Home, End.

    Args:
        y: a variable or a list of them.
        gradients: "auto" uses the gradients left by ``backward``, or computes them if there are
            none and y is a scalar; True computes them; False goes forward only.
        lang: language of the page, "en" or "ko".
        direction: direction of the edges, "right" or "down".
        theme: "light", "dark", or "auto" to follow the reader's screen.
        language: the earlier name of ``lang``, for one version.

    Returns:
        A page, shown by notebooks and written by ``page.save("graph.html")`` as one file that
        needs no other.

    Raises:
        DtypeError, RangeError, ShapeError, StateError, UnknownNameError: as in ``draw``.

    Example:
        >>> apple, apples = Variable(100.0, "apple"), Variable(2.0, "apples")
        >>> page = stepwise(apple * apples)
        >>> "× : 100 · 2 = 200" in page.html(), "dapple = 2 · 1 = 2" in page.html()
        (True, True)
    """
    lang = chosen_language("stepwise", lang, language)
    computable = isinstance(y, Variable) and y.size == 1 and y.grad is None
    picture = None
    if isinstance(gradients, str) and gradients == "auto" and computable:
        with contextlib.suppress(StateError):  # part of the graph has been freed
            picture = picture_of("stepwise", y, True)
    picture = picture or picture_of("stepwise", y, gradients)
    return Stepwise(picture, lang, direction, theme)
