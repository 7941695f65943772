"""Book mode: scripts and notebooks of the two books run as they are.

``mitbadak book SCRIPT.py`` runs one. In a notebook, ``import mitbadak.book`` in a cell switches
book mode on until the kernel ends, or until ``mitbadak.book.off()``. In code,
``with mitbadak.book.book_mode(Settings()):`` and ``run`` switch it on for a while. Imported by
anything but a main program or cell, this package changes nothing.
"""

from __future__ import annotations

import sys

from mitbadak.book.mode import Settings, book_mode
from mitbadak.book.running import run
from mitbadak.book.switch import off, on

__all__ = ["Settings", "book_mode", "off", "on", "run"]


def _imported_by() -> str:
    """The module whose code imports this one: the first frame that is not the import system's."""
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if not name.startswith(("importlib", "_frozen_importlib", __name__)):
            return name
        frame = frame.f_back
    return ""


if _imported_by() == "__main__":
    on()
