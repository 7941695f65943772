"""Matplotlib's backend, which no picture here needs, so that no setting of it may stop one.

A notebook sets ``MPLBACKEND`` for its own environment. Commands that it starts with ``!`` inherit
it, and where the module that it names is missing, Matplotlib refuses to be imported.
"""

from __future__ import annotations

import os
from importlib.util import find_spec

VARIABLE, MODULE = "MPLBACKEND", "module://"
BUILT_IN = {
    "agg", "cairo", "gtk3agg", "gtk3cairo", "gtk4agg", "gtk4cairo", "inline", "ipympl", "macosx",
    "nbagg", "notebook", "pdf", "pgf", "ps", "qt5agg", "qt5cairo", "qtagg", "qtcairo", "svg",
    "template", "tkagg", "tkcairo", "webagg", "widget", "wx", "wxagg", "wxcairo",
}  # fmt: skip


def is_usable(backend: str) -> bool:
    """Whether Matplotlib accepts the name of a backend in this environment.

    Example:
        >>> is_usable("Agg"), is_usable("module://no_such_module"), is_usable("")
        (True, False, True)
    """
    if not backend.startswith(MODULE):
        return not backend or backend.lower() in BUILT_IN
    try:
        return find_spec(backend.removeprefix(MODULE)) is not None
    except (ImportError, ValueError):  # a parent package is missing, or the name is no module's
        return False


def forget_unusable() -> None:
    """Remove the setting if Matplotlib could not be imported with it."""
    if not is_usable(os.environ.get(VARIABLE, "")):
        del os.environ[VARIABLE]
