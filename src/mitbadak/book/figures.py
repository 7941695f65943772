"""Figures and images of scripts where there is no display: saved as numbered PNG files."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mitbadak.book.finder import after_import
from mitbadak.book.notices import notice
from mitbadak.core.printing import decoded

BACKEND = "module://mitbadak.book.backend"
MARK = "mitbadak book"  # in each file, so that the next run may write over it
TOOLKITS = ("PyQt6", "PySide6", "PyQt5", "PySide2", "gi", "_tkinter", "wx")
_folder, _stem, _count = Path(), "figure", 0
_kept: list[Any] = []


def has_display() -> bool:
    """Whether Matplotlib can open a window: a screen, and a toolkit to draw on it."""
    if sys.platform == "darwin":
        return True  # Matplotlib brings its own toolkit
    screen = sys.platform == "win32" or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    return screen and any(importlib.util.find_spec(name) is not None for name in TOOLKITS)


@contextlib.contextmanager
def saved_figures(stem: str, folder: Path | None = None) -> Iterator[None]:
    """While entered, what a script shows is saved as ``STEM-1.png`` and so on.

    Args:
        stem: usually the name of the script.
        folder: by default the current folder at the time of saving.
    """
    global _folder, _stem, _count
    before = _folder, _stem, _count
    _folder, _stem, _count = folder or Path(), stem, 0
    variable = os.environ.get("MPLBACKEND")
    os.environ["MPLBACKEND"] = BACKEND
    earlier = _switch(BACKEND)
    try:
        with after_import({"PIL.ImageShow": _register_viewer}):
            yield
            for figure in _kept:
                save(figure)
    finally:
        _kept.clear()
        _forget_viewer()
        _switch(earlier)
        if variable is None:
            os.environ.pop("MPLBACKEND", None)
        else:
            os.environ["MPLBACKEND"] = variable
        _folder, _stem, _count = before


def save(figure: Any) -> None:
    """Save a Matplotlib figure under the next number."""
    path = _next_path()
    figure.savefig(path, format="png", metadata={"Software": MARK})
    notice("figure-saved", path=decoded(path))


def keep_for_the_end(figures: list[Any]) -> None:
    """Save these figures when the script ends."""
    _kept.extend(figure for figure in figures if figure not in _kept)


def _save_image(image: Any) -> None:
    from PIL.PngImagePlugin import PngInfo

    marked = PngInfo()
    marked.add_text("Software", MARK)
    path = _next_path()
    image.save(path, format="PNG", pnginfo=marked)
    notice("figure-saved", path=decoded(path))


def _next_path() -> Path:
    """The next free name; a file of an earlier run is written over, one of anybody else's not."""
    global _count
    _folder.mkdir(parents=True, exist_ok=True)
    while True:
        _count += 1
        path = _folder / f"{_stem}-{_count}.png"
        if not path.exists() or _is_ours(path):
            return path


def _is_ours(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return MARK.encode() in file.read(400)
    except OSError:
        return False


def _switch(backend: str) -> str:
    """Change the backend if pyplot is loaded; what it was before."""
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    matplotlib: Any = sys.modules.get("matplotlib")
    if pyplot is not None:
        before = matplotlib.get_backend()
        if before != backend and backend:
            pyplot.switch_backend(backend)
        return before
    if matplotlib is not None and backend:
        before = matplotlib.rcParams._get_backend_or_none() or ""
        matplotlib.rcParams["backend"] = backend
        return before
    return ""


def _viewer(show_module: Any) -> Any:
    class Saved(show_module.Viewer):
        """Saves an image in place of a window."""

        def show(self, image: Any, **_: Any) -> int:
            """Save the image."""
            _save_image(image if image.mode in ("1", "L", "RGB", "RGBA") else image.convert("RGB"))
            return 1

    Saved.__name__ = MARK
    return Saved()


def _register_viewer(show_module: Any) -> None:
    show_module.register(_viewer(show_module), 0)


def _forget_viewer() -> None:
    show_module: Any = sys.modules.get("PIL.ImageShow")
    if show_module is not None:
        show_module._viewers[:] = [v for v in show_module._viewers if type(v).__name__ != MARK]
