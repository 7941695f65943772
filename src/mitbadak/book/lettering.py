"""Hangul and Kanji in a script's figures: a font that has them, or Latin letters and one hint."""

from __future__ import annotations

import contextlib
import functools
import logging
import re
from collections.abc import Iterator
from typing import Any

from mitbadak.book.finder import after_import
from mitbadak.book.notices import notice, text_of
from mitbadak.book.romanization import is_east_asian, romanized

USUAL = "DejaVu Sans"  # comes with Matplotlib
# Fonts with the same box for every letter; Matplotlib brings one.
PLACEHOLDERS = re.compile(r"last ?resort|adobe (blank|notdef)|fallback", re.IGNORECASE)
PREFERRED = (
    "NanumGothic", "NanumBarunGothic", "Noto Sans CJK KR", "Noto Sans KR", "Malgun Gothic",
    "Apple SD Gothic Neo", "AppleGothic", "Noto Sans CJK JP", "Noto Sans JP", "IPAexGothic",
    "Yu Gothic", "Hiragino Sans", "MS Gothic",
)  # fmt: skip


@contextlib.contextmanager
def readable_labels() -> Iterator[None]:
    """While entered, every text that Matplotlib measures or draws has letters to draw it with."""
    undo: list[Any] = []

    def follow(module: Any) -> None:
        text = module.Text
        draw, extent = text.draw, text.get_window_extent

        @functools.wraps(draw)
        def drawn(self: Any, renderer: Any, *args: Any, **options: Any) -> Any:
            _prepare(self)
            return draw(self, renderer, *args, **options)

        @functools.wraps(extent)
        def measured(self: Any, *args: Any, **options: Any) -> Any:
            _prepare(self)
            return extent(self, *args, **options)

        text.draw, text.get_window_extent = drawn, measured
        undo.append((text, draw, extent))

    log = logging.getLogger("matplotlib.font_manager")
    log.addFilter(_is_not_said_here)
    try:
        with after_import({"matplotlib.text": follow}):
            yield
    finally:
        log.removeFilter(_is_not_said_here)
        for text, draw, extent in undo:
            text.draw, text.get_window_extent = draw, extent
        _families_for.cache_clear()


def _is_not_said_here(record: logging.LogRecord) -> bool:
    """Not of a missing font, of which Matplotlib speaks at each label, and book mode once."""
    return not str(record.msg).startswith("findfont: Font family")


def _prepare(text: Any) -> None:
    """Give a text a font with its letters, or write it in Latin ones."""
    words, asked = text.get_text(), tuple(text.get_fontfamily())
    letters = frozenset(filter(is_east_asian, words))
    missing = [family for family in asked if not _has_font(family)]
    if not letters and not missing:
        return
    families = _families_for(asked, letters)
    if missing and families:
        notice("other-font", once=f"other-font {missing}", missing=", ".join(missing),
               font=families[-1])  # fmt: skip
    if families is None:
        text.set_text(romanized(words))
        example = "".join(letter for letter in words if is_east_asian(letter))[:4]
        is_hangul = any("\uac00" <= letter <= "\ud7a3" for letter in letters)
        script = "hangul" if is_hangul else "kanji"
        notice(
            "no-font", once=f"no-font {script}", letters=text_of(script),
            example=f"{example} = {romanized(example)}",
            font="NanumGothic (fonts-nanum)" if is_hangul else "Noto Sans CJK (fonts-noto-cjk)",
        )  # fmt: skip
    elif families:
        text.set_fontfamily(list(families))


@functools.cache
def _families_for(families: tuple[str, ...], letters: frozenset[str]) -> tuple[str, ...] | None:
    """Families that have the letters together; () if the given ones do, None if none has."""
    known = [family for family in families if _has_font(family)]
    missing = letters - frozenset().union(*(_letters_of(f, letters) for f in known))
    if not missing:
        return () if len(known) == len(families) else tuple(known or [USUAL])
    for list_fonts in (_candidates, _new_candidates):  # Matplotlib's list may be out of date
        chosen = _together(list_fonts(), missing)
        if chosen:
            return (*(known or [USUAL]), *chosen)
    return None


def _together(families: list[str], letters: frozenset[str]) -> list[str]:
    """One family with all letters, or else several that have them together; [] if none have."""
    for family in families:
        if letters <= _letters_of(family, letters):
            return [family]
    chosen: list[str] = []
    for family in families:
        if found := _letters_of(family, letters):
            chosen.append(family)
            letters -= found
    return [] if letters else chosen


def _candidates() -> list[str]:
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    first = [name for name in PREFERRED if name in installed]
    others = sorted(installed - set(first))
    return first + [name for name in others if not PLACEHOLDERS.search(name)]


def _new_candidates() -> list[str]:
    from mitbadak.plots.style import new_fonts

    new_fonts()
    _font_of.cache_clear()
    return _candidates()


def _has_font(family: str) -> bool:
    return _font_of(family) is not None


def _letters_of(family: str, letters: frozenset[str]) -> frozenset[str]:
    font = _font_of(family)
    codes = frozenset() if font is None else font
    return frozenset(letter for letter in letters if ord(letter) in codes)


@functools.cache
def _font_of(family: str) -> frozenset[int] | None:
    """The codes of the letters that a family has; None if it is not installed."""
    from matplotlib import font_manager, ft2font

    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    log.setLevel(logging.ERROR)  # it warns of generic families that it does not find
    try:
        path = font_manager.findfont(
            font_manager.FontProperties(family=[family]), fallback_to_default=False
        )
        return frozenset(ft2font.FT2Font(path).get_charmap())
    except (ValueError, OSError, RuntimeError):
        return None
    finally:
        log.setLevel(level)
