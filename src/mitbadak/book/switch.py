"""Book mode in a process that goes on: a notebook, or a program that imports ``mitbadak.book``."""

from __future__ import annotations

import atexit
import contextlib
import sys
from pathlib import Path
from typing import Any

from mitbadak.book import figures
from mitbadak.book.mode import Settings, book_mode, settings_for
from mitbadak.book.notices import language_of

_changes: contextlib.ExitStack | None = None


def on(settings: Settings | None = None) -> None:
    """Switch book mode on; a second time changes nothing.

    Args:
        settings: by default those of a notebook or, in a script, of its folder.

    Example:
        >>> on()
        >>> from dataset.mnist import img_size
        >>> img_size
        784
        >>> off()
    """
    global _changes
    if _changes is None:
        stack = contextlib.ExitStack()
        stack.enter_context(book_mode(_usual() if settings is None else settings))
        _changes = stack
        atexit.register(off)  # while everything that it puts back is still there


def off() -> None:
    """Switch book mode off; what it changed is as it was before."""
    global _changes
    if _changes is not None:
        stack, _changes = _changes, None
        atexit.unregister(off)
        stack.close()


def _usual() -> Settings:
    main: Any = sys.modules.get("__main__")
    file = getattr(main, "__file__", None)
    shell = sys.modules.get("IPython")
    if shell is not None and shell.get_ipython() is not None:
        return Settings(lang=language_of(""))  # the notebook shows figures itself
    if not isinstance(file, str):
        return Settings(lang=language_of(""), saves_figures=not figures.has_display())
    try:
        text = Path(file).read_text(encoding="utf-8")
    except (OSError, ValueError):
        text = ""
    return settings_for(Path(file), text)
