"""Tables of numbers with a label: .csv files with a header, read strictly.

Read in blocks of rows: the standard library splits them, NumPy makes numbers of whole columns.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

import numpy as np

from mitbadak.core.errors import FormatError, unknown_name
from mitbadak.core.files import check_regular
from mitbadak.core.typing import Array, Float64, Int
from mitbadak.data.fingerprints import fingerprint
from mitbadak.data.preparation import Preparation, Source
from mitbadak.data.standardized import split_rows, standardized
from mitbadak.data.targets import MOST_CLASSES, number, numbered_classes, too_many_classes

MOST_BYTES = 1 << 29  # 512 MiB of text: four times as much in memory, twenty for single digits
MOST_ROWS = 10_000_000
MOST_COLUMNS = 10_000  # a file of more is likely to lie on its side
MOST_OF_A_ROW = 1 << 20  # characters
BLOCK = 1 << 17  # cells that are in memory as text at a time
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
MISSING = {"", "?", "na", "n/a", "nan", "null"}


@dataclass(frozen=True)
class Table:
    """The columns of a file: numbers, and one column of labels.

    Attributes:
        columns: names of the inputs, in the file's order.
        x: shape (n, columns).
        label: name of the column with the labels.
        t: labels as the place of each in ``distinct``, or real targets (n, 1).
        distinct: the labels that there are, as text; empty for real targets.
    """

    columns: tuple[str, ...]
    x: Float64[Array, "n columns"]
    label: str
    t: Int[Array, " n"] | Float64[Array, "n 1"]
    distinct: tuple[str, ...]


def csv_source(
    path: str | os.PathLike,
    *,
    label: str | None = None,
    regression: bool = False,
    test_share: float = 0.2,
    seed: int = 0,
) -> Source:
    """A .csv file as a training and a test set.

    Args:
        path: the file; see ``read_table``.
        label: name of the column to be learned; the last one by default.
        regression: its numbers are real targets, t of shape (n, 1), float64, as they are;
            otherwise its distinct values are classes, in numeric or alphabetic order.
        test_share: of the rows that become the test set, each class by the same share.
        seed: draws which.

    Returns:
        Inputs as float32, standardized by the training part's mean and spread.

    Raises:
        FormatError: not such a file, or nothing that can be learned; the message names it.
        UnknownNameError: no column is named ``label``.
        RangeError: a share that leaves no example to one part.
        FileNotFoundError: there is no such file.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "iris.csv"
        ...     _ = path.write_text("length,species\\n" + "1,setosa\\n4,other\\n" * 5)
        ...     source = csv_source(path)
        ...     len(source.train), len(source.test), source.preparation.classes
        (8, 2, ('other', 'setosa'))
    """
    path = Path(path)
    table = read_table(path, label=label, regression=regression)
    t, classes = table.t, ()
    if not regression:
        t, classes = numbered_classes(f"{path}: column {table.label!r}", table.distinct, t)
    learn, watch = split_rows(path.name, t, test_share, seed)
    train, test, preparation = standardized(
        path.name,
        (table.x[learn], t[learn]),
        (table.x[watch], t[watch]),
        Preparation("table", columns=table.columns, label=table.label, classes=classes),
    )
    return Source(train, test, preparation, fingerprint([path]))


def read_table(
    path: str | os.PathLike, *, label: str | None = None, regression: bool = False
) -> Table:
    """The numbers and labels in a .csv file with a header.

    UTF-8, with or without a byte order mark; comma, semicolon or tab between the columns, told by
    the header; quotes as spreadsheets write them; any line ends. Empty lines are skipped.

    Args:
        path: the file, at most 512 MiB, 10,000,000 rows and 10,000 columns.
        label: name of the column with labels; the last one by default.
        regression: labels are numbers.

    Raises:
        FormatError: a missing value, an input that is no number, a row of another length, column
            names that are empty or twice there, or no text at all; file, row and column are named.
        UnknownNameError: no column is named ``label``.
        FileNotFoundError: there is no such file.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "a.csv"
        ...     _ = path.write_text("a;b;t\\n1;2;yes\\n3;4;no\\n")
        ...     table = read_table(path)
        ...     table.x.tolist(), table.t, table.distinct
        ([[1.0, 2.0], [3.0, 4.0]], array([0, 1]), ('yes', 'no'))
    """
    path = Path(path)
    check_regular(path)
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > MOST_BYTES:
            raise FormatError(
                f"{path} holds {size:,} bytes; more than {MOST_BYTES:,} are refused. Save the "
                "numbers as .npz (np.savez) or IDX (write_idx), which take less."
            )
        if b"\0" in file.read(1 << 16):
            raise FormatError(f"{path} is not text: it holds zero bytes. Save it as CSV (UTF-8).")
    with open(path, encoding="utf-8-sig", newline="") as text:
        try:
            return _read(text, path, label, regression)
        except UnicodeDecodeError as error:
            raise FormatError(
                f"{path} is not UTF-8 text: {error.reason} ({error.object[error.start]:#04x}). "
                "Save it as 'CSV UTF-8' in the spreadsheet."
            ) from None
        except csv.Error as error:
            raise FormatError(f"{path} is damaged: {error}. Is a quotation mark missing?") from None


def _read(text: TextIO, path: Path, label: str | None, regression: bool) -> Table:
    lines = Lines(text, path)
    first = next((line for line in lines if line.strip()), "")
    reader = csv.reader(chain([first], lines), delimiter=_delimiter(path, first), strict=True)
    names = _header(path, next(reader))
    rows = _rows(path, reader, lines, len(names))
    if label is not None and label not in names:
        raise unknown_name(f"column of {path}", label, names)
    at = len(names) - 1 if label is None else names.index(label)
    inputs = [i for i in range(len(names)) if i != at]
    x, t, codes, n = [], [], {}, 0
    while block := list(islice(rows, max(1, BLOCK // len(names)))):
        columns = list(zip(*block, strict=True))
        n += len(block)
        if n > MOST_ROWS:
            raise FormatError(f"{path} holds more than {MOST_ROWS:,} rows, which are refused.")
        place = (path, n - len(block), names)
        x.append(np.stack([_numbers(place, i, columns[i]) for i in inputs], axis=-1))
        t.append(_numbers(place, at, columns[at]) if regression
                 else _coded(place, at, columns[at], codes))  # fmt: skip
    if not n:
        raise FormatError(f"{path} holds no row below its header.")
    targets = np.concatenate(t)
    return Table(
        tuple(names[i] for i in inputs),
        np.concatenate(x),
        names[at],
        targets[:, None] if regression else targets,
        tuple(codes),
    )


class Lines:
    """The lines of a file, as long as they make rows of bearable length.

    Attributes:
        taken: characters since the last row, to be set to 0 by who takes a row; cells in quotes
            may go on over many lines.
    """

    def __init__(self, text: TextIO, path: Path):
        self.text, self.path, self.taken = text, path, 0

    def __iter__(self) -> Iterator[str]:
        while line := self.text.readline(MOST_OF_A_ROW):
            self.taken += len(line)
            if self.taken >= MOST_OF_A_ROW:
                raise FormatError(
                    f"{self.path} has a row of more than {MOST_OF_A_ROW:,} characters. Is a "
                    "quotation mark missing?"
                )
            yield line


def _rows(
    path: Path, reader: Iterator[list[str]], lines: Lines, columns: int
) -> Iterator[list[str]]:
    """Rows of as many cells as the header has; empty lines, which come as [], are left out."""
    number = 0
    for row in reader:
        lines.taken = 0
        if not row:
            continue
        number += 1
        if len(row) != columns:
            raise FormatError(
                f"{path}: row {number} below the header has {len(row)} columns, the header "
                f"{columns}. Numbers with a decimal or thousands comma need quotes or another "
                "delimiter."
            )
        yield row


def _delimiter(path: Path, header: str) -> str:
    bare = re.sub(r'"[^"]*("|$)', "", header)
    delimiter = max(DELIMITERS, key=bare.count)
    if not header:
        raise FormatError(f"{path} is empty.")
    if delimiter not in bare:
        raise FormatError(
            f"{path} has a single column, {header.strip()[:40]!r}; inputs and a label are needed, "
            f"with a {', '.join(DELIMITERS.values())} between them."
        )
    return delimiter


def _header(path: Path, cells: Sequence[str]) -> list[str]:
    if len(cells) > MOST_COLUMNS:
        raise FormatError(
            f"{path} has {len(cells):,} columns; at most {MOST_COLUMNS:,} are read. Turn it round "
            "if its rows are its columns; save images as .npz (np.savez) or IDX (write_idx)."
        )
    names = [cell.strip() for cell in cells]
    if all(number(name) is not None for name in names):
        raise FormatError(
            f"{path} has no header: its first line holds numbers only. Write a name for each "
            "column above it."
        )
    seen: set[str] = set()
    for i, name in enumerate(names, 1):
        if not name:
            raise FormatError(
                f"{path}: column {i} of {len(names)} has no name. Name it, or leave it out (pandas "
                "writes such a column unless told to_csv(index=False))."
            )
        if name in seen:
            raise FormatError(f"{path}: two columns are named {name!r}. Rename one.")
        seen.add(name)
    return names


Place = tuple[Path, int, list[str]]
"""A file, the rows before a block, and the names of the columns: for messages."""


def _numbers(place: Place, column: int, cells: Sequence[str]) -> Float64[Array, " rows"]:
    # float() also reads "1_000" and digits of any script; a spreadsheet means neither by them.
    together = "".join(cells)
    if together.isascii() and "_" not in together:
        try:
            found = np.array(cells, np.float64)
        except ValueError:
            found = None
        if found is not None and np.isfinite(found).all():
            return found
    path, before, names = place
    for row, cell in enumerate(cells, before + 1):
        _expect_present(place, column, row, cell)
        if number(cell) is None:
            raise FormatError(
                f"{path}: row {row} below the header, column {names[column]!r}, holds {cell!r}, "
                f"which is no finite number. {_remedy(cell, names[column])}"
            )
    raise FormatError(f"{path}: column {names[column]!r} holds a number out of range.")


def _remedy(cell: str, name: str) -> str:
    if re.fullmatch(r"\s*[-+]?[\d.]*,\d+\s*", cell):
        return "Write decimals with a point, and no thousands separators."
    return (
        "Inputs must be numbers: give each kind a number, or a column of its own with 0 and 1, or "
        f"leave the column out. If it is what is to be learned: label={name!r}, as classes."
    )


def _coded(place: Place, column: int, cells: Sequence[str], codes: dict[str, int]):
    """Each label as its place among the distinct ones; new ones are added to ``codes``."""
    path, before, names = place
    stripped = [cell.strip() for cell in cells]
    found = np.array([codes.setdefault(cell, len(codes)) for cell in stripped], np.int64)
    if any(cell.lower() in MISSING for cell in set(stripped)):
        for row, cell in enumerate(stripped, before + 1):
            _expect_present(place, column, row, cell)
    if len(codes) > 10 * MOST_CLASSES:  # "1" and "1.0" are one class: counted exactly later
        raise too_many_classes(f"{path}: column {names[column]!r}", len(codes), before + len(cells))
    return found


def _expect_present(place: Place, column: int, row: int, cell: str) -> None:
    if cell.strip().lower() in MISSING:
        path, _, names = place
        raise FormatError(
            f"{path}: row {row} below the header has no value in column {names[column]!r} "
            f"({cell!r}). Fill it in, or remove the row or the column."
        )
