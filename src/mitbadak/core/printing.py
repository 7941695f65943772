"""Printing: the one filter for text on its way to a terminal or a picture.

Names of files, columns and classes, and anything else from outside, may contain escape sequences
that move the cursor, change colors or the window title, or bidirectional control characters.
Everything that is printed therefore goes through this module; a test keeps ``print`` out of all
others.
"""

from __future__ import annotations

import json
import math
import sys
import unicodedata
from collections.abc import Container, Iterable, Sequence
from typing import Any

# Controls (C0, DEL, C1), lone surrogates, line and paragraph separators, and zero-width marks,
# including those that change the writing direction.
HIDDEN = {"Cc", "Cs", "Zl", "Zp", "Cf"}
JOINERS = "\u200c\u200d"  # needed in Persian words and in emoji; they are harmless
# Letters that are drawn onto the one before: marks, the later parts of a Hangul syllable that is
# written in parts (as in names of files from macOS), and skin tones.
ON_THE_LAST = {"Mn", "Me", "Mc", "Cf", "Cc"}
PARTS = (range(0x1160, 0x1200), range(0xD7B0, 0xD800), range(0x1F3FB, 0x1F400))
JOINER, AS_EMOJI = "\u200d", "\ufe0f"
SHORT_ESCAPES = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
MOST_OF_A_LINE = 100_000  # characters; nobody reads more
STDOUT: Any = object()  # sys.stdout at the time of printing


def visible(text: object) -> str:
    r"""``text`` on one line, with escapes for characters that are not printable.

    Letters of all scripts are kept.

    Example:
        >>> print(visible("정답\x1b[31m\n\u202egnp.exe"))
        정답\x1b[31m\n\u202egnp.exe
    """
    whole = str(text)
    if whole.isprintable():
        return whole
    return "".join(_escaped(letter) for letter in decoded(whole))


def decoded(text: object) -> str:
    """A path, or a part of one, as text that is independent of the locale.

    If the locale is not UTF-8 (``LC_ALL=C``), Python represents Korean names by lone surrogates,
    one for each byte. Here they are decoded into the original characters.

    Example:
        >>> decoded("\\udced\\udc95\\udc9c.csv"), decoded("iris.csv")
        ('한.csv', 'iris.csv')
    """
    whole = str(text)
    try:
        return whole.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    except UnicodeError:  # other surrogates, from a Windows name or an untrusted file
        return whole


def printable(text: str, stream: Any = STDOUT) -> str:
    r"""A text as a stream will show it: characters that its encoding lacks become escapes.

    What is to line up in columns is escaped first, and measured then.

    Example:
        >>> import io
        >>> print(printable("정답 é", io.TextIOWrapper(io.BytesIO(), encoding="cp1252")))
        \uc815\ub2f5 é
    """
    stream = sys.stdout if stream is STDOUT else stream
    if text.isascii():
        return text
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def clipped(text: object, characters: int) -> str:
    """The beginning of a text, with dots if it was cut.

    Example:
        >>> clipped("1,2,3,4,5,6,7", 8)
        '1,2,3...'
    """
    whole = str(text)
    return whole if len(whole) <= characters else f"{whole[: max(0, characters - 3)]}..."


def display_width(text: object) -> int:
    """The cells that a text takes in a terminal: two for Hangul, Chinese letters and emoji.

    The rules are those of Rich, so that its tables and ours agree; terminals differ for rare signs.

    Example:
        >>> [display_width(text) for text in ("cat", "고양이", "犬", "e\\u0301", "👩\\u200d👧")]
        [3, 6, 2, 1, 2]
    """
    whole = str(text)
    if whole.isascii():
        return len(whole)
    width, last, is_joined = 0, 0, False
    for letter in whole:
        if letter == AS_EMOJI:
            width, last = width + (last == 1), 0
        elif not is_joined and (cells := _cells(letter)):
            width, last = width + cells, cells
        is_joined = letter == JOINER
    return width


def padded(text: object, width: int, *, right: bool = False) -> str:
    """A text filled up with spaces to so many cells of a terminal; ``right`` puts it at the end.

    Example:
        >>> [padded("고양이", 8), padded("cat", 8, right=True)]
        ['고양이  ', '     cat']
    """
    whole = str(text)
    space = " " * (width - display_width(whole))
    return space + whole if right else whole + space


def table_lines(
    rows: Iterable[Sequence[object]], right: Container[int] = (), *, gap: int = 2
) -> list[str]:
    """The rows of a table as lines, whose columns line up in a terminal.

    Args:
        rows: cells as text, as many in each row; what is not printable is escaped.
        right: the columns whose cells stand at the right.
        gap: spaces between columns.

    Example:
        >>> print(*table_lines([("class", "f1"), ("고양이", "0.5")], right=[1]), sep="\\n")
        class    f1
        고양이  0.5
    """
    cells = [[printable(visible(cell)) for cell in row] for row in rows]
    widths = [max(map(display_width, column)) for column in zip(*cells, strict=True)]
    return [
        (" " * gap)
        .join(
            padded(cell, width, right=k in right)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        .rstrip()
        for row in cells
    ]


def print_line(
    text: object = "",
    stream: Any = STDOUT,
    *,
    start: str = "",
    end: str = "\n",
    flush: bool = False,
) -> None:
    """Print one line, made ``visible``, whatever the encoding of the stream.

    Args:
        text: the text; line ends in it are escaped like other controls.
        stream: by default ``sys.stdout``; None, as in a windowed Python, prints nothing.
        start, end: printed before and after the text, without escapes.
        flush: whether to flush the stream.

    Raises:
        OSError: from the system, for stdout. For stderr it is dropped, since there is nowhere to
            report it, unless the pipe is closed: then its reader has left on purpose.
    """
    stream = sys.stdout if stream is STDOUT else stream
    if stream is None or getattr(stream, "closed", False):
        return
    line = clipped(visible(text), MOST_OF_A_LINE)
    try:
        stream.write(start + printable(line, stream) + end)
        if flush:
            stream.flush()
    except BrokenPipeError:
        raise
    except OSError as problem:
        if stream is not sys.stderr:
            place = "standard output" if stream is sys.stdout else None
            raise OSError(problem.errno, problem.strerror, place) from None


def print_json(value: Any) -> None:
    """Print a value on stdout as one line of strict ASCII JSON; NaN and infinity become null.

    Lone surrogates are kept as JSON escapes, so that file names survive.
    """
    text = json.dumps(_strict(value), allow_nan=False)
    if sys.stdout is not None and not sys.stdout.closed:
        sys.stdout.write(text.replace("\x7f", r"\u007f") + "\n")  # JSON does not escape DEL


def _escaped(letter: str) -> str:
    if letter in JOINERS or unicodedata.category(letter) not in HIDDEN:
        return letter
    code = ord(letter)
    if letter in SHORT_ESCAPES:
        return SHORT_ESCAPES[letter]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _cells(letter: str) -> int:
    if unicodedata.category(letter) in ON_THE_LAST or any(ord(letter) in part for part in PARTS):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _strict(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _strict(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_strict(inner) for inner in value]
    return value
