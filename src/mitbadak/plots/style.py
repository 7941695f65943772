"""What all pictures share: figures without a display, colours, lettering in two languages.

Drawing functions draw on axes they are given and return them; none touches pyplot. Figures come
out the same on a server, and the caller's Matplotlib settings are left alone.

Titles and names from outside are drawn letter by letter: they go through ``shown`` or
``set_title``, for Matplotlib would read a formula between dollar signs, and leaves what begins with
an underscore out of legends.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import matplotlib
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, FigureBase
from matplotlib.lines import Line2D

from mitbadak.core.errors import MitbadakWarning
from mitbadak.core.files import write_atomically
from mitbadak.core.languages import known_language
from mitbadak.core.printing import visible
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
LETTERS = 14  # of a name beside an axis or in a legend
LATIN = "DejaVu Sans"  # comes with Matplotlib
LETTER_WIDTH = 0.55  # of the font's size, on average


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
    with missing_letters_as_boxes():
        figure.savefig(picture, format="png", dpi=DOTS_PER_INCH)
    write_atomically(path, picture.getvalue(), check)


@contextmanager
def missing_letters_as_boxes() -> Iterator[None]:
    """While entered, letters that no font here has are drawn as boxes without a warning each."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        yield


@contextmanager
def lettering(lang: str = "en", names: Iterable[object] = ()) -> Iterator[Callable[[str], str]]:
    """Words for a picture in a language, and while entered a font that has its letters.

    Args:
        lang: ``en`` or ``ko``. Without a Korean font the words stay English, and a warning says
            once what to install.
        names: from outside, which may be Korean also where the words are English.

    Yields:
        A function from an English word of ``words.py`` to the word to draw.

    Raises:
        UnknownNameError: another language.

    Example:
        >>> with lettering("en") as say:
        ...     say("accuracy")
        'accuracy'
    """
    korean = known_language(lang) == "ko"
    font = korean_font() if korean or any(map(_is_wide, names)) else None
    settings: Any = {"text.usetex": False, "text.parse_math": True}  # as shown expects
    if font is not None:
        settings["font.family"] = [font, LATIN] if korean else [LATIN, font]
    if font is not None and korean:
        settings["axes.unicode_minus"] = False
    with matplotlib.rc_context(settings):
        yield KOREAN.__getitem__ if korean and font is not None else str


def shown(name: object, letters: int = LETTERS) -> str:
    r"""A text from outside as Matplotlib draws it letter by letter, and not longer than fits.

    Letters of Hangul and the like are as wide as two. Controls are shown as escapes, a formula as
    the letters that it is written in.

    Example:
        >>> shown("a very long name of a class"), shown("$x$")
        ('a very long n...', '\\$x\\$')
    """
    plain, width = "", 0
    for letter in visible(str(name)[: letters + 1]):
        width += 2 if _is_wide(letter) else 1
        if width > letters:
            plain = plain[:-1] + "..."
            break
        plain += letter
    hidden = " " if plain.startswith("_") else ""  # else it would be left out of legends
    return hidden + plain.replace("$", r"\$")


def set_title(target: Axes | FigureBase, title: object, fontsize: float = 11) -> None:
    """A title from outside above a figure or above axes, cut to the figure's width."""
    figure: Any = target
    while not isinstance(figure, Figure):  # axes stand in figures or in parts of them
        figure = figure.figure
    letters = max(20, int(figure.get_figwidth() * 72 / (LETTER_WIDTH * fontsize)))
    draw = target.set_title if isinstance(target, Axes) else target.suptitle
    text = draw(shown(title, letters), fontsize=fontsize)
    font = korean_font() if _is_wide(str(title)) else None
    if font is not None:  # the title of axes takes its font when these are made
        text.set_fontfamily([LATIN, font])


def _is_wide(text: object) -> bool:
    """Whether a text has letters of Hangul and the like."""
    return any(east_asian_width(letter) in "WF" for letter in str(text))


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
