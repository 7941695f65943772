"""What all pictures share: figures without a display, colours, lettering in two languages.

Drawing functions draw on axes they are given and return them; none touches pyplot. Figures come
out the same on a server, and the caller's Matplotlib settings are left alone.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mitbadak.errors import MitbadakWarning
from mitbadak.files import write_atomically
from mitbadak.languages import known_language
from mitbadak.plots.words import KOREAN

# On Linux, Windows, macOS, and those that people install.
KOREAN_FONTS = (
    "NanumGothic", "NanumBarunGothic", "Noto Sans CJK KR", "Noto Sans KR", "Malgun Gothic",
    "Apple SD Gothic Neo", "AppleGothic", "UnDotum", "Baekmuk Dotum",
)  # fmt: skip

# Okabe and Ito's palette, told apart with every kind of colour vision.
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"
SET_COLOURS = {"train": BLUE, "test": ORANGE, "validation": GREEN}
CLASS_COLOURS = (BLUE, ORANGE, GREEN, "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
CLASS_MARKERS = "o^xsDv*P"
DOTS_PER_INCH = 120


def new_figure(width: float = 9.0, height: float = 3.8) -> Figure:
    """An empty figure of so many inches, drawn without a display."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save_figure(
    figure: Figure, path: str | os.PathLike, *, check: Callable[[], None] | None = None
) -> None:
    """Write a figure as PNG, as a whole or not at all; ``check`` as for ``write_atomically``."""
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=DOTS_PER_INCH)
    write_atomically(path, picture.getvalue(), check)


@contextmanager
def lettering(lang: str = "en") -> Iterator[Callable[[str], str]]:
    """Words for a picture in a language, and while entered a font that has its letters.

    Args:
        lang: ``en`` or ``ko``. Without a Korean font the words stay English, and a warning says
            once what to install.

    Yields:
        A function from an English word of ``words.py`` to the word to draw.

    Raises:
        UnknownNameError: another language.

    Example:
        >>> with lettering("en") as say:
        ...     say("accuracy")
        'accuracy'
    """
    font = korean_font() if known_language(lang) == "ko" else None
    if font is None:
        yield str
        return
    with matplotlib.rc_context({"font.family": [font, "DejaVu Sans"], "axes.unicode_minus": False}):
        yield lambda word: KOREAN[word]


@cache
def korean_font() -> str | None:
    """The name of an installed font with Hangul, or None, told once."""
    for look in (_known_fonts, _new_fonts):  # Matplotlib's own list may be older than a font
        installed = look()
        for name in KOREAN_FONTS:
            if name in installed:
                return name
    warnings.warn(
        "no Korean font was found, so pictures have English labels. Install one, such as "
        "NanumGothic (Debian: fonts-nanum).",
        MitbadakWarning,
        stacklevel=3,
    )
    return None


def _known_fonts() -> set[str]:
    return {font.name for font in font_manager.fontManager.ttflist}


def _new_fonts() -> set[str]:
    """All fonts, after Matplotlib was shown those files whose names look like one of ours."""
    wanted = {"".join(name.split()).lower() for name in KOREAN_FONTS} | {"malgun", "notosanscjk"}
    for path in font_manager.findSystemFonts():
        if any(Path(path).stem.lower().startswith(name) for name in wanted):
            font_manager.fontManager.addfont(path)
    return _known_fonts()


def finish(ax: Axes, place: Any = "upper right") -> Axes:
    """Grid, frame and legend as all pictures have them."""
    ax.grid(alpha=0.25)
    ax.spines[["top", "right"]].set_visible(False)
    if ax.get_legend_handles_labels()[0]:
        for handle in ax.legend(loc=place, frameon=False, fontsize=9).legend_handles:
            if isinstance(handle, Line2D):
                handle.set_alpha(1.0)
    return ax
