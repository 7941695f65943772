"""Docstrings as this house writes them: plain text in which double backticks are the only markup.

Sphinx reads reStructuredText, where ``*``, ``|`` and an underscore at the end of a word mean
something too. Outside of code and doctests they stand for themselves here: (batch, *shape), |x|.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the tests need no Sphinx
    from sphinx.application import Sphinx

KEPT_OR_MARK = re.compile(
    r"(?P<kept>^[ ]*>>>.*?(?:\n[ ]*\n|\Z)|``.+?``|\\.|^[ ]*\*[ ])"
    r"|(?P<mark>[*|]|(?<=\w)_(?!\w))",
    re.MULTILINE | re.DOTALL,
)


def as_plain_text(docstring: str) -> str:
    """The docstring with a backslash before each character that would be taken for markup."""
    return KEPT_OR_MARK.sub(lambda match: match["kept"] or "\\" + match["mark"], docstring)


def escape(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Escape a docstring, line by line in place as Sphinx wants it."""
    lines[:] = as_plain_text("\n".join(lines)).split("\n")


def setup(app: Sphinx) -> dict[str, Any]:
    # Before the sections (Args, Returns) become reStructuredText.
    app.connect("autodoc-process-docstring", escape, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
