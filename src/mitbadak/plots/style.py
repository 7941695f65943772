"""The common style of all pictures: figures, colors, and lettering in two languages.

Drawing functions draw on the axes that they are given and return them. None uses pyplot, so
figures need no display and the caller's Matplotlib settings stay unchanged.

Titles and names given by users are drawn literally, through ``shown`` or ``set_title``: Matplotlib
would typeset text between dollar signs and drop labels with a leading underscore from legends.
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
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure, FigureBase
from matplotlib.text import Text

from mitbadak.core.files import picture_format, write_atomically
from mitbadak.core.languages import known_language
from mitbadak.core.memory import check_picture_memory
from mitbadak.core.printing import visible
from mitbadak.core.warned import warn
from mitbadak.plots.words import KOREAN

# Those that come with Linux, Windows and macOS, and those that people install.
KOREAN_FONTS = (
    "NanumGothic", "NanumBarunGothic", "Noto Sans CJK KR", "Noto Sans KR", "Malgun Gothic",
    "Apple SD Gothic Neo", "AppleGothic", "UnDotum", "Baekmuk Dotum",
)  # fmt: skip

# Okabe and Ito's palette, which people with any kind of color vision can distinguish.
BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
AMBER, SKY_BLUE, YELLOW, BLACK = "#E69F00", "#56B4E9", "#F0E442", "#000000"
GRAY = "#666666"
SET_COLORS = {"train": BLUE, "test": ORANGE, "validation": GREEN}
CLASS_COLORS = (BLUE, ORANGE, GREEN, PURPLE, AMBER, SKY_BLUE, YELLOW, BLACK)
LINE_COLORS = (BLUE, ORANGE, GREEN, PURPLE, AMBER, SKY_BLUE, BLACK)  # yellow is faint on white
CLASS_MARKERS = "o^XsDv*P"
DOTS_PER_INCH = 120
LETTERS = 14  # at most, of a name beside an axis or in a legend
LATIN = "DejaVu Sans"  # comes with Matplotlib
LETTERS_OF = ("font.family", "axes.unicode_minus", "text.usetex", "text.parse_math")  # a picture
LETTER_WIDTH = 0.55  # of the font size, on average


def new_figure(width: float = 9.0, height: float = 3.8) -> Figure:
    """An empty figure of this size in inches; it needs no display."""
    check_picture_memory()
    figure = NotebookFigure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


class NotebookFigure(Figure):
    """A figure that a notebook shows, although pyplot knows nothing of it.

    It is drawn with the lettering that it was made with: Matplotlib reads some settings, such as
    the sign of negative ticks, only when it draws.
    """

    def __init__(self, *given: Any, **settings: Any):
        super().__init__(*given, **settings)
        self.letters: Any = {name: matplotlib.rcParams[name] for name in LETTERS_OF}

    def draw(self, renderer: Any) -> None:
        with matplotlib.rc_context(self.letters):
            super().draw(renderer)

    def _repr_png_(self) -> bytes:
        return png_of(self)


def png_of(figure: Figure) -> bytes:
    """A figure as a PNG picture."""
    return _drawn(figure, "png")


def _drawn(figure: Figure, form: str) -> bytes:
    """A figure in one of ``FORMATS``; the same one gives the same bytes at any time."""
    picture = io.BytesIO()
    undated: Any = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    with missing_letters_as_boxes(), matplotlib.rc_context({"svg.hashsalt": "mitbadak"}):
        figure.savefig(picture, format=form, dpi=DOTS_PER_INCH, metadata=undated.get(form))
    return picture.getvalue()


def save_figure(
    figure: Figure, path: str | os.PathLike[str], *, check: Callable[[], None] | None = None
) -> None:
    """Write a figure in the format of its suffix, whole or not at all.

    Args:
        figure: the figure.
        path: ends in ``.png``, ``.svg`` or ``.pdf``.
        check: as in ``write_atomically``.

    Raises:
        UnknownNameError: another suffix.
        OSError: the file cannot be written; an existing one is left unchanged.
    """
    write_atomically(path, _drawn(figure, picture_format(path)), check)


@contextmanager
def missing_letters_as_boxes() -> Iterator[None]:
    """Draw characters that no installed font has as boxes, without a warning for each."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        yield


@contextmanager
def lettering(
    lang: str = "en", names: Iterable[object] = (), on: Artist | None = None
) -> Iterator[Callable[[str], str]]:
    """Translate the labels of a picture, and select a font that has their characters.

    A Korean picture has one font, with Matplotlib's own for characters that it lacks.

    Args:
        lang: ``en`` or ``ko``. Without a Korean font the labels stay English, and one warning
            says what to install.
        names: given by users; they may be Korean even if the labels are English.
        on: axes or a figure that may have been made before. All that is written there gets the
            font, at the end.

    Yields:
        A function from a label in English to the label to draw, by ``words.py``.

    Raises:
        UnknownNameError: another language.

    Example:
        >>> with lettering("en") as say:
        ...     say("accuracy")
        'accuracy'
    """
    korean = known_language(lang) == "ko"
    font = korean_font() if korean or any(map(_is_wide, names)) else None
    settings: Any = {"text.usetex": False, "text.parse_math": True}  # shown() relies on both
    if font is not None:
        settings["font.family"] = [font, LATIN] if korean else [LATIN, font]
    if font is not None and korean:
        settings["axes.unicode_minus"] = False  # Korean fonts lack it
    with matplotlib.rc_context(settings):
        yield KOREAN.__getitem__ if korean and font is not None else str
        if on is not None and font is not None:
            _letter(on)


def _letter(target: Artist) -> None:
    """Write everything on axes or a figure in the current font."""
    for text in target.findobj(Text):
        text.set_fontfamily(matplotlib.rcParams["font.family"])  # type: ignore[attr-defined]
    if not matplotlib.rcParams["axes.unicode_minus"]:
        for axis in target.findobj(Axis):
            formatter: Any = axis.get_major_formatter()  # type: ignore[attr-defined]
            formatter.fix_minus = str


def shown(name: object, characters: int = LETTERS) -> str:
    r"""A user's text, escaped so that Matplotlib draws it literally, and cut to fit.

    Wide characters such as Hangul count as two. Control characters appear as escapes, and formulas
    as their source.

    Example:
        >>> shown("a very long name of a class"), shown("$x$")
        ('a very long n...', '\\$x\\$')
    """
    plain, width = "", 0
    for letter in visible(str(name)[: characters + 1]):
        width += 2 if _is_wide(letter) else 1
        if width > characters:
            plain = plain[:-1] + "..."
            break
        plain += letter
    hidden = " " if plain.startswith("_") else ""  # or legends would leave it out
    return hidden + plain.replace("$", r"\$")


def set_title(target: Axes | FigureBase, title: object, fontsize: float = 11) -> None:
    """Set a user's title above a figure or axes, cut to the width of the figure."""
    figure: Any = target
    while not isinstance(figure, Figure):  # axes belong to figures or to parts of them
        figure = figure.figure
    characters = max(20, int(figure.get_figwidth() * 72 / (LETTER_WIDTH * fontsize)))
    draw = target.set_title if isinstance(target, Axes) else target.suptitle
    text = draw(shown(title, characters), fontsize=fontsize)
    family = matplotlib.rcParams["font.family"]  # axes choose their title's when they are made
    font = korean_font() if _is_wide(str(title)) and len(family) < 2 else None
    text.set_fontfamily(family if font is None else [LATIN, font])
    while characters > 4 and width_of(text) > figure.bbox.width:
        characters -= 1 + characters // 20
        text.set_text(shown(title, characters))


def width_of(text: Text) -> float:
    """The width of a text in the pixels of its figure."""
    with missing_letters_as_boxes():
        return text.get_window_extent(renderer_of(text)).width


def renderer_of(artist: Artist) -> RendererAgg:
    """What measures letters in a figure, whose canvas may be that of a window."""
    figure: Any = artist.get_figure(root=True)
    return RendererAgg(figure.bbox.width, figure.bbox.height, figure.dpi)


def _is_wide(text: object) -> bool:
    """Whether a text has wide characters such as Hangul."""
    return any(east_asian_width(letter) in "WF" for letter in str(text))


@cache
def korean_font() -> str | None:
    """The name of an installed font with Hangul; None, with one warning, if there is none."""
    for list_fonts in (_known_fonts, new_fonts):  # Matplotlib's list may be out of date
        installed = list_fonts()
        for name in KOREAN_FONTS:
            if name in installed:
                return name
    warn(
        "no Korean font was found, so pictures have English labels. Install a font such as "
        "NanumGothic (Debian: fonts-nanum)."
    )
    return None


def _known_fonts() -> set[str]:
    return {font.name for font in font_manager.fontManager.ttflist}


def new_fonts() -> set[str]:
    """All fonts, including installed files named like one of ``KOREAN_FONTS``, which are added to
    Matplotlib's list."""
    wanted = {"".join(name.split()).lower() for name in KOREAN_FONTS} | {"malgun", "notosanscjk"}
    for path in font_manager.findSystemFonts():
        if any(Path(path).stem.lower().startswith(name) for name in wanted):
            font_manager.fontManager.addfont(path)
    return _known_fonts()
