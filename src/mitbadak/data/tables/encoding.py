"""The encoding of a text file, from its bytes."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mitbadak.core.errors import FormatError, brief

MOST_BYTES = 1 << 29  # 512 MiB of text: four times as much in memory, twenty for single digits
CHUNK = 1 << 20
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x19\x1b-\x1f]")  # \x1a ended files in DOS
FEW = 100  # texts may hold a control in so many characters, by mistake
ESCAPED = re.compile(rb'\\"[^",;|\t\r\n\0]')
NOT_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
KS_X_1001 = 0xA1  # both bytes of a letter are at least this; cp949 adds rare syllables below


@dataclass(frozen=True)
class Text:
    """What all bytes of a file say.

    Attributes:
        encoding: of its text.
        escaped: whether quotation marks inside cells are marked by a backslash: such a pair is
            followed by more of the cell.
    """

    encoding: str
    escaped: bool


def text_of(path: Path, encoding: str = "") -> Text:
    """The encoding of a file, which is read once from its beginning to its end.

    A byte order mark decides. Otherwise null bytes in every other place mean UTF-16, and what
    decodes as UTF-8 is UTF-8. Korean of Windows (cp949) is what decodes as such and then has
    Hangul in most of its letters beyond ASCII; all else is Windows-1252, or Latin-1 where that
    has no letter for a byte.

    Args:
        path: the file, at most 512 MiB.
        encoding: the one that the user gave.

    Raises:
        FormatError: the file is too large, no text, or UTF-8 that was damaged.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise FormatError(
            f"{path} holds {size:,} bytes; more than {MOST_BYTES:,} are refused. Save the "
            "numbers as .npz (np.savez) or IDX (write_idx), which take less."
        )
    with open(path, "rb") as file:
        start = file.read(CHUNK)
    found = encoding or next((name for mark, name in MARKS if start.startswith(mark)), "")
    found = found or _wide(start)
    if not found and b"\0" in start:
        raise FormatError(f"{path} is not text: it contains null bytes. Save it as CSV (UTF-8).")
    escaped, ascii_, problem = _scanned(path, found or "utf-8")
    if problem is None:
        return Text(found or "utf-8", escaped)
    if found:
        raise FormatError(f"{path} is not {found} text: {problem}. {_remedy(found)}")
    if ascii_ is False:
        raise FormatError(
            f"{path} is not UTF-8 text: {problem}, after other letters that are. It may be "
            "damaged. Save it as 'CSV UTF-8' in the spreadsheet, or name its encoding, "
            "such as encoding='cp949' or 'cp1252'."
        )
    return Text(_eight_bit(path), escaped)


def _remedy(encoding: str) -> str:
    if encoding.startswith("utf"):
        return "Save it as 'CSV UTF-8' in the spreadsheet, or name its encoding: encoding='NAME'."
    return "Name another one, such as encoding='utf-8', 'cp949' or 'cp1252'."


def _wide(start: bytes) -> str:
    """UTF-16 without a byte order mark: ASCII has a null byte in every other place."""
    pairs = len(start) // 2
    first, second = start[: 2 * pairs : 2].count(0), start[1 : 2 * pairs : 2].count(0)
    if 2 * second > pairs and not first:
        return "utf-16-le"
    return "utf-16-be" if 2 * first > pairs and not second else ""


def _chunks(path: Path) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _scanned(path: Path, encoding: str) -> tuple[bool, bool, str | None]:
    """Whether quotation marks are escaped and all is ASCII up to the first problem; that problem.

    Raises:
        FormatError: there are characters that no text holds.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    escaped, ascii_, wide = False, True, encoding.startswith("utf-16")
    for chunk in _chunks(path):
        if not wide and (b"\0" in chunk or FEW * len(CONTROLS.findall(chunk)) > len(chunk)):
            raise FormatError(f"{path} is not text: it contains control characters.")
        if b"\\" in chunk and ESCAPED.search(chunk.replace(b"\0", b"")):
            escaped = True
        if chunk.isascii() and ascii_ and not wide:
            continue
        try:
            text = decoder.decode(chunk)
        except UnicodeError as error:
            return escaped, ascii_ and _good_part(error).isascii(), _named(error)
        ascii_ = ascii_ and text.isascii()
    try:
        decoder.decode(b"", True)
    except UnicodeError as error:
        return escaped, ascii_ and _good_part(error).isascii(), _named(error)
    return escaped, ascii_, None


def _good_part(error: UnicodeError) -> bytes:
    return error.object[: error.start] if isinstance(error, UnicodeDecodeError) else b""


def _named(error: UnicodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"{error.reason} ({error.object[error.start]:#04x})"
    return brief(str(error))


def _eight_bit(path: Path) -> str:
    """cp949, cp1252 or latin-1."""
    korean = codecs.getincrementaldecoder("cp949")()
    hangul = beyond = 0
    try:
        for chunk in _chunks(path):
            letters = [c for c in korean.decode(chunk) if c > "\x7f"]
            beyond += len(letters)
            hangul += sum(
                "\uac00" <= c <= "\ud7a3" and c.encode("cp949")[1] >= KS_X_1001 for c in letters
            )
        korean.decode(b"", True)
    except UnicodeDecodeError:
        hangul = 0
    if hangul * 2 > beyond:
        return "cp949"
    return "latin-1" if any(map(NOT_CP1252.search, _chunks(path))) else "cp1252"
