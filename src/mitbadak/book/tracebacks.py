"""Tracebacks that show the script's lines, without those of book mode around it."""

from __future__ import annotations

import sys
import types
from typing import Any

OWN = ("mitbadak", "runpy", "_frozen_importlib", "importlib")


def of_the_script(problem: BaseException) -> BaseException:
    """The exception with frames of the script and of other libraries only, and so its causes."""
    seen: set[int] = set()
    current: BaseException | None = problem
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        current.__traceback__ = _shortened(current.__traceback__)
        current = current.__cause__ or current.__context__
    return problem


def _shortened(tb: types.TracebackType | None) -> types.TracebackType | None:
    entries = []
    while tb is not None:
        if not _is_own(tb.tb_frame):
            entries.append(tb)
        tb = tb.tb_next
    short = None
    for entry in reversed(entries):
        short = types.TracebackType(short, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return short


def _is_own(frame: types.FrameType) -> bool:
    name = str(frame.f_globals.get("__name__", ""))
    package = frame.f_globals.get("__package__") or ""
    return name.partition(".")[0] in OWN or str(package).partition(".")[0] == "mitbadak"


def install() -> None:
    """Show uncaught exceptions of this process so."""
    before = sys.excepthook

    def show(kind: type[BaseException], problem: BaseException, tb: Any) -> None:
        shown = of_the_script(problem)
        before(kind, shown, shown.__traceback__)

    sys.excepthook = show
