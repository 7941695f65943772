"""The short texts of a picture: numbers, shapes and names, and how wide they are."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np

from mitbadak.functions.differentiable import value_of

LONGEST = 26  # characters of a label; the tooltip has the whole text
DIGITS = 4

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Widths in em of DejaVu Sans, the widest of the usual fonts, so that labels fit in any of them.
_WIDTHS = {"ijlI.,:;'|!": 0.32, "frt ()[]-/": 0.42, "mwMW@%": 0.99, "×÷+−=<>·^": 0.84}
_WIDTH_OF = {character: width for group, width in _WIDTHS.items() for character in group}


def number(x: float) -> str:
    """A number with up to 4 significant digits.

    Example:
        >>> number(2.2000000000000002), number(-1e-7), number(71500.0)
        ('2.2', '−1e−7', '7.15e4')
    """
    # Adding 0.0 turns -0.0, a frequent gradient, into 0.
    digits, _, exponent = f"{x + 0.0:.{DIGITS}g}".partition("e")
    if exponent:
        digits = f"{digits}e{int(exponent)}"
    return digits.replace("-", "−")


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape; with a single axis in NumPy's form, so that it does not look like a number.

    Example:
        >>> shape_text((100, 50)), shape_text((50,))
        ('100×50', '(50,)')
    """
    return "×".join(map(str, shape)) if len(shape) > 1 else str(tuple(map(int, shape)))


def value_text(x: Any) -> str:
    """A scalar as a number, an array as its shape, anything else as Python writes it."""
    if x is None or isinstance(x, (str, bytes, bool)):
        return shortened(repr(x))
    try:
        array = np.asarray(value_of(x))
    except ValueError:  # a ragged list
        return type(x).__name__
    if array.ndim:
        return shape_text(array.shape)
    return number(float(array)) if array.dtype.kind in "fiu" else shortened(str(array))


def clean(text: object) -> str:
    """The text on one line, without characters that XML does not allow."""
    return " ".join(_NOT_IN_XML.sub("\ufffd", str(text)).split())


def shortened(text: object, longest: int = LONGEST) -> str:
    """Clean text, cut to the length of a label."""
    text = clean(text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def width_of(text: str, size: float) -> float:
    """Approximate width of a text in pixels at a font size; too wide rather than too narrow.

    Example:
        >>> width_of("apple", 10.0) < width_of("사과사과사과", 10.0)
        True
    """
    return size * sum(map(_em, text))


def _em(character: str) -> float:
    if character in _WIDTH_OF:
        return _WIDTH_OF[character]
    if character < "\x7f":
        return 0.7 if character.isupper() else 0.635
    if unicodedata.combining(character):
        return 0.0
    return 1.04 if unicodedata.east_asian_width(character) in "WF" else 0.8
