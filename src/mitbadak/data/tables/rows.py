"""The rows of a table as text, read strictly, block by block."""

from __future__ import annotations

import csv
import os
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np

from mitbadak.core.errors import FormatError
from mitbadak.core.files import check_regular
from mitbadak.data.tables.dialect import NAMES, Dialect, detect_dialect
from mitbadak.data.tables.options import AUTOMATIC_TABLE, TableOptions

MOST_ROWS = 10_000_000
MOST_COLUMNS = 10_000  # a file with more is likely to be transposed
MOST_OF_A_ROW = 1 << 20  # characters
BLOCK = 1 << 17  # cells held in memory as text at a time
MOST_MISSES = 2  # blocks with other cells, after which none of plain numbers alone is expected


@dataclass(frozen=True)
class OpenTable:
    """A table whose rows are being read.

    Attributes:
        dialect: how the file holds it.
        names: of the columns, no two alike: a second ``a`` is ``a.1`` as in pandas, and a column
            without a name is called by its number, ``column 3``.
        repeated: the names of columns that have the same one in the file.
        rows: iterator over the rows, each with as many cells as there are names.
        plain_rows: takes as many rows as are asked for, if all of their cells are plain numbers;
            otherwise None, and ``rows`` goes on with them.
    """

    dialect: Dialect
    names: list[str]
    repeated: tuple[str, ...]
    rows: Iterator[list[str]]
    plain_rows: Callable[[int], np.ndarray | None]

    def blocks(self) -> Iterator[list[list[str]]]:
        """The rows in lists of about ``BLOCK`` cells."""
        size = max(1, BLOCK // len(self.names))
        while block := list(islice(self.rows, size)):
            yield block

    def plain_blocks(self) -> Iterator[list[list[str]] | np.ndarray]:
        """The same, those of plain numbers as arrays, which is three times as fast."""
        size, misses = max(1, BLOCK // len(self.names)), 0
        while True:
            block = self.plain_rows(size) if misses < MOST_MISSES else None
            if block is None:
                misses += 1
                block = list(islice(self.rows, size))
            if not len(block):
                return
            yield block


@contextmanager
def open_table(
    path: str | os.PathLike[str],
    dialect: Dialect | None = None,
    *,
    options: TableOptions = AUTOMATIC_TABLE,
) -> Iterator[OpenTable]:
    """The header of a table, and its rows as they are read, all cells as text.

    Args:
        path: the file, at most 512 MiB and 10,000 columns.
        dialect: how it holds the table; by default ``detect_dialect`` finds out.
        options: what the user says about it.

    Raises:
        FormatError: a row has another length than the header, or the file is empty, damaged, too
            large or not text; also while rows are read, inside the ``with`` block.
        FileNotFoundError: the file does not exist.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "a.csv"
        ...     _ = path.write_text("a; b\\n1;2\\n3;4\\n")
        ...     with open_table(path) as table:
        ...         table.names, list(table.rows)
        (['a', 'b'], [['1', '2'], ['3', '4']])
    """
    path = Path(path)
    check_regular(path)
    dialect = dialect or detect_dialect(path, options)
    with open(path, encoding=dialect.encoding, newline="") as text:
        try:
            lines = _Lines(text, path)
            skipped = sum(1 for _ in islice(lines, dialect.skipped))
            lines.taken = 0
            if skipped < dialect.skipped:
                raise FormatError(f"{path} has no line {dialect.skipped + 1}.")
            rows = _Rows(path, lines, dialect)
            first = rows.first()
            _check_width(path, len(first) + dialect.row_names)
            names, repeated = _names(first, dialect)
            checked, plain = rows.checked(len(names)), partial(rows.plain, len(names))
            yield OpenTable(dialect, names, repeated, checked, plain)
        except UnicodeError as error:
            raise FormatError(
                f"{path} is not {dialect.encoding} text: {error}. Name its encoding with "
                "encoding=..., such as utf-8, cp949 or cp1252."
            ) from None
        except csv.Error as error:
            raise FormatError(f"{path} is damaged: {error}. Is a quotation mark missing?") from None


class _Lines:
    """The lines of a file, up to a limit on the length of a row.

    Attributes:
        taken: characters since the last row, reset to 0 by whoever takes a row; quoted cells may
            span many lines.
        returned: lines that were taken and given back; they are the next ones.
    """

    def __init__(self, text: TextIO, path: Path):
        self.text, self.path, self.taken = text, path, 0
        self.returned: deque[str] = deque()

    def __iter__(self) -> Iterator[str]:
        while line := self._next():
            self.taken += len(line)
            if self.taken >= MOST_OF_A_ROW:
                raise FormatError(
                    f"{self.path} has a row of more than {MOST_OF_A_ROW:,} characters. Is a "
                    "quotation mark missing?"
                )
            yield line

    def _next(self) -> str:
        return self.returned.popleft() if self.returned else self.text.readline(MOST_OF_A_ROW)

    def many(self, size: int) -> list[str]:
        """The next lines, each of them a row."""
        lines = []
        for line in islice(self, size):
            self.taken = 0
            lines.append(line)
        return lines


class _Rows:
    """The rows of a file below the lines that are skipped; empty ones do not count."""

    def __init__(self, path: Path, lines: _Lines, dialect: Dialect):
        self.path, self.lines, self.dialect = path, lines, dialect
        self.reader = dialect.split(self._cleaned(), strict=True)
        self.waiting: list[list[str]] = []
        self.number = 0

    def _cleaned(self) -> Iterator[str]:
        first = True
        for line in self.lines:
            if line[0] == "\x1a":  # which ended files in DOS
                return
            if first and line.strip():
                first, line = False, line.removeprefix("\ufeff")
                if self.dialect.header and line.startswith("#"):
                    line = line.lstrip("# ")
            yield line

    def first(self) -> list[str]:
        """The header, or cells as many as the first row has, where there is none."""
        first = next((row for row in self._rows()), None)
        if first is None:
            raise FormatError(f"{self.path} is empty.")
        if not self.dialect.header:
            self.waiting.append(first)
            return [""] * len(first)
        for _ in range(self.dialect.trailing):
            if first and not first[-1].strip():
                first.pop()
        if not first:
            raise FormatError(
                f"{self.path}: the cells of its first line are all empty; names of columns were "
                "expected. header=... names the line that has them."
            )
        return first

    def _rows(self) -> Iterator[list[str]]:
        for row in self.reader:
            self.lines.taken = 0
            if any(row):
                yield row

    def checked(self, columns: int) -> Iterator[list[str]]:
        """Rows with as many cells as the header."""
        yield from self.waiting
        self.number += len(self.waiting)
        for row in self._rows():
            self.number += 1
            for _ in range(min(self.dialect.trailing, len(row) - columns)):
                if not row[-1].strip():
                    row.pop()
            if len(row) != columns:
                raise self._ragged(row, columns)
            yield row

    def plain(self, columns: int, size: int) -> np.ndarray | None:
        """The next rows as numbers, if they are nothing else; otherwise they are still to come."""
        lines = self.lines.many(size)
        numbers = _plain_numbers(lines, self.dialect, columns)
        if numbers is None:
            self.lines.returned.extend(lines)
        else:
            self.number += len(numbers)
        return numbers

    def _ragged(self, row: list[str], columns: int) -> FormatError:
        where = "below the header" if self.dialect.header else "of the file"
        wanted = f"the header has {columns}" if self.dialect.header else f"the first has {columns}"
        return FormatError(
            f"{self.path}: row {self.number} {where} has {len(row)} columns, {wanted}. Cells are "
            f"separated by {NAMES[self.dialect.delimiter]}; cells that hold one need quotes. "
            "delimiter=... names another delimiter, header=... the line of the header."
        )


def _plain_numbers(lines: list[str], dialect: Dialect, columns: int) -> np.ndarray | None:
    """Lines of plain numbers as an array (lines, columns), or None if any of them is not."""
    together = "".join(lines)
    if not together.isascii() or "_" in together or dialect.quote in together:
        return None
    if not together.strip():
        return None
    sign = None if dialect.delimiter == " " else dialect.delimiter
    try:
        numbers = np.loadtxt(lines, np.float64, delimiter=sign, comments=None, ndmin=2)
    except ValueError:
        return None
    return numbers if numbers.shape[1] == columns and not np.isinf(numbers).any() else None


def _check_width(path: Path, columns: int) -> None:
    if columns > MOST_COLUMNS:
        raise FormatError(
            f"{path} has {columns:,} columns; at most {MOST_COLUMNS:,} are read. If its rows are "
            "its columns, transpose it; save images as .npz (np.savez) or IDX (write_idx)."
        )


def _names(header: list[str], dialect: Dialect) -> tuple[list[str], tuple[str, ...]]:
    """Names of the columns, no two alike, and those of columns that have the same one."""
    given = [cell.strip() for cell in ([""] if dialect.row_names else []) + header]
    counts = Counter(given)
    taken, names, numbers = set(given), dict[str, None](), Counter[str]()
    for k, name in enumerate(given, 1):
        base = unique = name or f"column {k}"
        while unique in names or (numbers[base] and unique in taken):
            numbers[base] += 1
            unique = f"{base}.{numbers[base]}"
        names[unique] = None
    unique = list(names)
    return unique, tuple(
        name for name, old in zip(unique, given, strict=True) if old and counts[old] > 1
    )
