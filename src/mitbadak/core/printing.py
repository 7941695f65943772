"""Text on its way to a terminal or into a picture: the one filter, and lines printed through it.

Names of files, columns and classes, and whatever else comes from outside, may hold escape
sequences that move the cursor, change colors or rename the window, or marks that reverse the
order of letters. Everything that is printed therefore goes through this module; a test keeps
``print`` out of all others.
"""

from __future__ import annotations

import json
import math
import sys
import unicodedata
from typing import Any

# Controls (C0, DEL, C1), lone surrogates, ends of lines and paragraphs, and marks without a width,
# among them those that turn the direction of writing.
HIDDEN = {"Cc", "Cs", "Zl", "Zp", "Cf"}
JOINERS = "\u200c\u200d"  # parts of words in Persian and of emoji; they steer nothing
SHORT_ESCAPES = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
MOST_OF_A_LINE = 100_000  # letters; more is nothing that anybody reads
STDOUT: Any = object()  # sys.stdout as it is when something is printed


def visible(text: object) -> str:
    r"""``text`` on one line, with an escape in place of each character that is not printable.

    Letters of all scripts stay as they are.

    Example:
        >>> print(visible("정답\x1b[31m\n\u202egnp.exe"))
        정답\x1b[31m\n\u202egnp.exe
    """
    whole = str(text)
    if whole.isprintable():
        return whole
    return "".join(_escaped(letter) for letter in joined(whole))


def joined(text: object) -> str:
    """A path, or a part of one, as text that means the same under every locale.

    Where the locale is not UTF-8 (``LC_ALL=C``), Python gives Korean names as lone surrogates, one
    for each byte. They are joined to letters again.

    Example:
        >>> joined("\\udced\\udc95\\udc9c.csv"), joined("iris.csv")
        ('한.csv', 'iris.csv')
    """
    whole = str(text)
    try:
        return whole.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    except UnicodeError:  # surrogates of another kind, from a Windows name or a stranger's file
        return whole


def clipped(text: object, letters: int) -> str:
    """The beginning of a text, with dots where it was cut.

    Example:
        >>> clipped("1,2,3,4,5,6,7", 8)
        '1,2,3...'
    """
    whole = str(text)
    return whole if len(whole) <= letters else f"{whole[: max(0, letters - 3)]}..."


def print_line(
    text: object = "",
    stream: Any = STDOUT,
    *,
    start: str = "",
    end: str = "\n",
    flush: bool = False,
) -> None:
    """Print one line, made ``visible``, whatever the stream can encode.

    Args:
        text: what to print; an end of line within it is escaped like other controls.
        stream: default ``sys.stdout``; None, as in a windowed Python, prints nothing.
        start, end: what stands before and after, as it is.
        flush: whether the line leaves at once.

    Raises:
        OSError: as the system says of stdout. What stderr cannot take is dropped, since nobody
            could be told, but for a closed pipe, whose reader has left on purpose.
    """
    stream = sys.stdout if stream is STDOUT else stream
    if stream is None or getattr(stream, "closed", False):
        return
    encoding = getattr(stream, "encoding", None) or "utf-8"
    line = clipped(visible(text), MOST_OF_A_LINE)
    try:
        stream.write(start + line.encode(encoding, "backslashreplace").decode(encoding) + end)
        if flush:
            stream.flush()
    except BrokenPipeError:
        raise
    except OSError as problem:
        if stream is not sys.stderr:
            place = "standard output" if stream is sys.stdout else None
            raise OSError(problem.errno, problem.strerror, place) from None


def print_json(value: Any) -> None:
    """Print a value on stdout as one line of strict JSON in ASCII: NaN and infinity are null.

    Lone surrogates stay JSON's own escapes, so that names of files come back as they were.
    """
    text = json.dumps(_strict(value), allow_nan=False)
    if sys.stdout is not None and not sys.stdout.closed:
        sys.stdout.write(text.replace("\x7f", r"\u007f") + "\n")  # the control that JSON lets pass


def _escaped(letter: str) -> str:
    if letter in JOINERS or unicodedata.category(letter) not in HIDDEN:
        return letter
    code = ord(letter)
    if letter in SHORT_ESCAPES:
        return SHORT_ESCAPES[letter]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _strict(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _strict(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_strict(inner) for inner in value]
    return value
