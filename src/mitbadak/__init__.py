"""Mitbadak: a neural-network workshop that shows its work.

Public names are imported on first use, so ``import mitbadak`` takes hardly longer than NumPy.
"""

from __future__ import annotations

import mitbadak.core.startup as _startup

if _startup.is_the_command():  # before any slow import: NumPy alone takes a tenth of a second
    _startup.end_in_one_line()

import importlib
from typing import Any

import numpy  # noqa: F401  (the only third-party module that is always loaded)

from mitbadak.core import moved as _moved, notebook as _notebook
from mitbadak.core.lazy import lazy_names as _lazy_names

__version__ = "0.1.0"

_look_up, __dir__, __all__ = _lazy_names(__name__, __file__)
__all__ += ["__version__"]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    return _moved.moved_module(name) if name in _moved.MODULES else _look_up(name)


def _html_of(result: Any) -> str | None:
    return importlib.import_module("mitbadak.plots.notebook").html_of(result)


def _figure_of(result: Any, title: str, lang: str) -> Any:
    return importlib.import_module("mitbadak.plots.notebook").figure_of(result, title, lang)


def _live_curves() -> Any:
    return importlib.import_module("mitbadak.plots.live").LiveCurves()


_moved.find_modules()
_notebook.html_of, _notebook.figure_of = _html_of, _figure_of
_notebook.live_curves = _live_curves
