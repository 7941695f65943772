"""How the cells of a table are separated, and where its header is, from its first lines."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path

from mitbadak.core.errors import FormatError
from mitbadak.core.files import check_regular
from mitbadak.data.tables.encoding import text_of
from mitbadak.data.tables.options import (
    AUTO,
    DELIMITERS,
    FIRST_LINE,
    NO_HEADER,
    TableOptions,
)
from mitbadak.data.targets import number

SAMPLE = 1 << 18  # characters that are looked at
MOST_SAMPLED = 100  # rows
MOST_TITLES = 20  # lines
ORDER = ("\t", ";", "|", ",", " ")  # a comma or space is likelier to stand inside cells
NAMES = {sign: f"{word}s" for word, sign in DELIMITERS.items()} | {" ": "spaces"}
SEPARATOR = re.compile(r'"?sep=(?P<sign>[,;|\t ])"?\s*', re.IGNORECASE)


@dataclass(frozen=True)
class Dialect:
    """How a file holds its table.

    Attributes:
        encoding: of the text.
        delimiter: between cells; a space stands for runs of spaces and tabs.
        quote: around cells that hold delimiters.
        escape: before a quotation mark inside a quoted cell; "" where it is doubled.
        skipped: lines above the header, or above the first row where there is none.
        header: whether the next line holds the names of the columns.
        row_names: whether rows begin with a cell that has no name in the header, as R writes them.
        trailing: number of empty cells at the end of every line, which have no name.

    Example:
        >>> Dialect(delimiter=";", encoding="utf-16").describe()
        'UTF-16, separated by semicolons'
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    skipped: int = 0
    header: bool = True
    row_names: bool = False
    trailing: int = 0

    def describe(self) -> str:
        """What is not as in most files, in words; "" if nothing is."""
        parts = []
        if self.encoding not in ("utf-8", "utf-8-sig"):
            parts.append(self.encoding.upper() if self.encoding[:2] != "cp" else self.encoding)
        if self.delimiter != ",":
            parts.append(f"separated by {NAMES[self.delimiter]}")
        if self.escape:
            parts.append(f"quotation marks escaped by {self.escape}")
        if self.skipped:
            parts.append(f"{self.skipped} line{'s' * (self.skipped > 1)} above the "
                         f"{'header' if self.header else 'first row'} skipped")  # fmt: skip
        if not self.header:
            parts.append("no header")
        return ", ".join(parts)

    def split(self, lines: Iterator[str], *, strict: bool) -> Iterator[list[str]]:
        """The cells of each row, empty lists for empty lines.

        Args:
            lines: with their ends; quoted cells may span several.
            strict: refuse text after a closing quotation mark, and an open one at the end.

        Raises:
            csv.Error: from the iterator.
        """
        if self.delimiter == " ":
            lines = (line.replace("\t", " ").strip(" ") for line in lines)
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar=self.escape or None,
            skipinitialspace=self.delimiter == " ",
            strict=strict,
        )


def detect_dialect(path: Path, options: TableOptions) -> Dialect:
    """The dialect of a file, with what the options say about it.

    - A first line ``sep=;`` names the delimiter. Otherwise it is the first of tab, semicolon, bar,
      comma and spaces that splits all the first lines into the same number of cells, two or more;
      if none does, the one that does so for most lines.
    - Empty lines, lines that begin with ``#``, and lines of a single cell above wider ones are
      skipped. If the last line with ``#`` has as many cells as the numbers below it, it is the
      header, as ``np.savetxt`` writes it.
    - Cells at the end of all lines that are empty, in the header too, do not count.
    - In a header that is one cell shorter than the rows, the first column has no name, as in R.

    Args:
        path: the file.
        options: what the user said.

    Raises:
        FormatError: the file is empty, too large or no text.
    """
    check_regular(path)
    encoding = "" if options.encoding == AUTO else options.encoding
    text = text_of(path, encoding)
    lines, whole = _first_lines(path, text.encoding)
    escape = "\\" if text.escaped else ""
    return _Detection(path, lines, whole, options).dialect(text.encoding, escape)


def _first_lines(path: Path, encoding: str) -> tuple[list[str], bool]:
    """Lines from the beginning of the file, and whether that is all of it."""
    with open(path, encoding=encoding, newline="") as file:
        sample = file.read(SAMPLE)
        whole = not file.read(1)
    lines = re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$", sample)
    if not whole and len(lines) > 1:
        lines.pop()  # cut in two
    return lines, whole


@dataclass(frozen=True)
class _Detection:
    """The first lines of a file, and what the user says."""

    path: Path
    lines: list[str]
    whole: bool
    options: TableOptions

    def dialect(self, encoding: str, escape: str) -> Dialect:
        """The dialect, step by step: lines to skip, quotes, delimiter, header."""
        skipped, named = self._skipped()
        if skipped >= len(self.lines):
            asked = self.options.header_line
            what = f"has no line {asked} among the first" if asked else "is empty"
            raise FormatError(f"{self.path} {what}.")
        quote = self._quote(skipped)
        plain = Dialect(encoding, quote=quote, escape=escape, skipped=skipped)
        if self.options.delimiter != AUTO:
            sign = DELIMITERS[self.options.delimiter]
        else:
            sign = named or self._delimiter(plain)
        plain = replace(plain, delimiter=sign)
        if self.options.header not in (AUTO, NO_HEADER):
            return self._with_shape(plain)
        commented = self.lines[skipped - 1] if skipped else ""
        if self.options.header == AUTO and self._is_header(commented, plain):
            return self._with_shape(replace(plain, skipped=skipped - 1))
        plain = replace(plain, skipped=skipped + self._titles(plain))
        if self.options.header == NO_HEADER:
            return replace(plain, header=False)
        return self._with_shape(plain)

    def _with_shape(self, plain: Dialect) -> Dialect:
        """The dialect with what a header that is shorter than the rows means."""
        header, *below = self._rows(plain)
        width = max(map(len, below), default=0)
        if width < len(header) or any(len(row) != width for row in below):
            return plain
        named = max((k for k, name in enumerate(header, 1) if name.strip()), default=len(header))
        filled = max(k * bool(cell.strip()) for row in below for k, cell in enumerate(row, 1))
        if width > len(header) + 1 and filled > named:
            return plain
        row_names = width == len(header) + 1 and filled > len(header)
        trailing = 0 if row_names else max(0, width - max(named, filled))
        return replace(plain, row_names=row_names, trailing=trailing)

    def _skipped(self) -> tuple[int, str]:
        """Lines above the first one that counts, and the delimiter that one of them names."""
        line_of_header = self.options.header_line
        if line_of_header:
            return line_of_header - 1, ""
        if self.options.header == FIRST_LINE:
            filled = (k for k, line in enumerate(self.lines) if line.strip())
            return next(filled, len(self.lines)), ""
        named = ""
        for number_, line in enumerate(self.lines):
            found = SEPARATOR.fullmatch(line)
            if found and not named:
                named = found["sign"]
            elif line.strip() and not line.startswith("#"):
                return number_, named
        commented = [k for k, line in enumerate(self.lines) if line.startswith("#")]
        return (commented[0] if commented else len(self.lines)), named

    def _is_header(self, line: str, plain: Dialect) -> bool:
        """Whether the line above the first row holds its names after a ``#``."""
        if not line.startswith("#"):
            return False
        first, names = self._rows(plain)[0], _parsed([line.lstrip("# ")], plain)[0]
        return (
            len(names) == len(first) > 1
            and any(number(cell) is not None for cell in first)
            and not any(number(cell) is not None for cell in names)
        )

    def _titles(self, plain: Dialect) -> int:
        """Lines of a single cell above wider ones: the title of a sheet."""
        (width, _), *_ = Counter(map(len, self._rows(plain))).most_common(1)
        lines = self.lines[plain.skipped :]
        cells = [_parsed([line], plain)[0] for line in lines[:MOST_TITLES]]
        for titles, (row, below) in enumerate(pairwise(cells)):
            filled = sum(bool(cell.strip()) for cell in row)
            # With two columns, a header that lacks the name of the first one looks the same.
            wide = width > 2 or (width == 2 and not any(number(c) is not None for c in below))
            if filled > 1 or not wide:
                return titles
        return 0

    def _quote(self, skipped: int) -> str:
        """Apostrophes where they are around most cells of the header, and no quotation mark is."""
        header = self.lines[skipped]
        quoted = re.findall(r"(?:^|[,;|\t ])'[^',;|\t]*'(?=[,;|\t \r\n]|$)", header)
        return "'" if '"' not in header and len(quoted) > 1 else '"'

    def _delimiter(self, plain: Dialect) -> str:
        """The delimiter that splits the lines most alike."""
        best, share = ",", 0.0
        for sign in ORDER:
            header, *below = map(len, self._rows(replace(plain, delimiter=sign)))
            (width, count), *_ = Counter(below or [header]).most_common(1)
            if width < 2:
                continue
            fits = header == width or (header == width - 1 and header > 1)
            if fits and count == len(below or [header]):
                return sign
            if (count + fits) / (len(below) + 1) > share:
                best, share = sign, (count + fits) / (len(below) + 1)
        if share < 0.5:  # the header is what tells most
            best = max(
                ORDER[:-1], key=lambda sign: len(self._rows(replace(plain, delimiter=sign))[0])
            )
        return best

    def _rows(self, plain: Dialect) -> list[list[str]]:
        return _parsed(self.lines[plain.skipped :], plain, whole=self.whole)


def _parsed(lines: Sequence[str], dialect: Dialect, *, whole: bool = True) -> list[list[str]]:
    """The first rows that are not empty, at least an empty one; not the last, if it is cut."""
    rows = []
    try:
        for row in islice(dialect.split(iter(lines), strict=False), MOST_SAMPLED):
            if row:
                rows.append(row)
    except csv.Error:
        pass  # reported where the rows are read
    if not whole and 1 < len(rows) < MOST_SAMPLED:
        rows.pop()
    return rows or [[]]
