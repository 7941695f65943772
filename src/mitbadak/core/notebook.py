"""How results of lower rooms are shown in notebooks and drawn, which an upper room does.

``import mitbadak`` sets the hooks to functions of ``plots/``, which is loaded when something is
first shown.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from mitbadak.core.errors import DtypeError, StateError

PICTURES = (".png", ".svg", ".pdf", ".jpg", ".jpeg", ".gif")  # endings of their names

html_of: Callable[[Any], str | None] | None = None
"""The HTML for a result in a notebook; None where its repr says as much."""
figure_of: Callable[..., Any] | None = None
"""The Matplotlib figure of a result, given its title and language."""


live_curves: Callable[[], Any] | None = None
"""A new callback that shows a training as it happens."""


class Shown:
    """Base of results that show themselves in a notebook."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        return html_of(self) if html_of else None


class Drawn(Shown):
    """Base of results that show themselves in a notebook as a picture."""

    __slots__ = ()

    def plot(self, title: str = "", *, lang: str = "en") -> Any:
        """A Matplotlib ``Figure``, which needs no display; a notebook shows it.

        Args:
            title: drawn above it.
            lang: language of its labels, ``en`` or ``ko``.
        """
        if str(title).lower().endswith(PICTURES):
            raise DtypeError(
                f"plot: title is drawn above the picture; got the name of a file, {title!r}. Write "
                f"figure = plot(), and figure.savefig({title!r})."
            )
        if figure_of is None:
            raise StateError("plot: import mitbadak first, which knows how to draw.")
        return figure_of(self, title, lang)


def in_a_notebook() -> bool:
    """Whether the code runs in a Jupyter kernel, which shows pictures.

    Example:
        >>> in_a_notebook()
        False
    """
    shell = sys.modules.get("IPython")
    running = shell.get_ipython() if shell is not None else None
    return running is not None and hasattr(running, "kernel")
