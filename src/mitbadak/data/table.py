"""A table as a training set and a test set."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mitbadak.core.arguments import renamed
from mitbadak.core.errors import FormatError
from mitbadak.core.memory import check_memory
from mitbadak.core.typing import Array, Float, Seed
from mitbadak.data.dataset import Dataset
from mitbadak.data.fingerprints import fingerprint
from mitbadak.data.preparation import Preparation
from mitbadak.data.source import Source
from mitbadak.data.standardized import mean_and_spread, split_rows
from mitbadak.data.tables.columns import Column
from mitbadak.data.tables.encoder import DROPPED, MOST_FEATURES, TableEncoder
from mitbadak.data.tables.features import fit_encoder
from mitbadak.data.tables.labels import targets_of
from mitbadak.data.tables.options import AUTOMATIC_TABLE, TableOptions
from mitbadak.data.tables.reading import Table, chosen, read_table
from mitbadak.data.tables.selection import left_out

TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".data", ".dat")  # of files that are read as tables
BLOCK = 1 << 20  # entries that are encoded at a time


@renamed(seed="rng")
def csv_source(
    path: str | os.PathLike[str],
    *,
    label: str | None = None,
    targets: str = "auto",
    options: TableOptions = AUTOMATIC_TABLE,
    test_share: float = 0.2,
    rng: Seed = 0,
) -> Source:
    """A table as a training and a test set.

    Numbers and dates are standardized by the mean and spread of the training set; each kind of text
    is an input of 0 or 1, rare ones together; a missing number is replaced by the mean, with a
    second input that says so. What is no input is left out (``left_out``), and so are rows without
    a label (``targets_of``). What was decided is in the preparation.

    Args:
        path: the file; see ``read_table``.
        label: name of the column to predict; by default the last.
        targets: ``classes``, in numeric or alphabetic order, or ``numbers``, of which t is float64
            of shape (n, 1); ``auto`` decides as ``are_classes`` says.
        options: what the user says about how the file is read.
        test_share: share of the rows for the test set, the same for every class.
        rng: a seed or generator for the split.

    Returns:
        Inputs as float32.

    Raises:
        FormatError: the file is not a valid table, or cannot be learned from; it is named.
        UnknownNameError: ``label`` or an option names a column that the file does not have.
        RangeError: the share leaves one of the two sets empty.
        FileNotFoundError: the file does not exist.

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
    table = read_table(path, label=label, options=options)
    labels = targets_of(path, table, targets, options)
    train, test = split_rows(path.name, labels.t, test_share, rng)
    labeled = np.flatnonzero(labels.rows)
    used, reasons = _inputs(path, table, labels.rows, options)
    fitted = [fit_encoder(column, labeled[train]) for column in used]
    encoder = TableEncoder(
        table.dialect,
        tuple(column for column, _ in fitted),
        (*reasons.items(), *((name, DROPPED) for name in table.dropped)),
        options.missing,
        int((~labels.rows).sum()),
        labels.form,
    )
    values = [numbers for _, numbers in fitted]
    if len(encoder.features) > MOST_FEATURES:
        raise FormatError(
            f"{path} has {len(encoder.features):,} inputs, once its texts are encoded; at most "
            f"{MOST_FEATURES:,} are possible. Leave out columns: drop='NAME'."
        )
    of_train = [numbers[labeled[train]] for numbers in values]
    of_test = [numbers[labeled[test]] for numbers in values]
    del fitted, values
    preparation = Preparation(
        "table", columns=encoder.features, label=table.label, classes=labels.classes, table=encoder
    )
    preparation = _standardizing(preparation, encoder, of_train)
    parts = [
        Dataset(_rows(path.name, preparation, encoder, numbers), labels.t[rows], name=name)
        for name, numbers, rows in (
            (f"{path.name} train", of_train, train), (f"{path.name} test", of_test, test)
        )
    ]  # fmt: skip
    return Source(parts[0], parts[1], preparation, fingerprint([path]))


def _inputs(
    path: Path, table: Table, rows: np.ndarray, options: TableOptions
) -> tuple[list[Column], dict[str, str]]:
    """The columns that are inputs, and why others are not."""
    columns = [column for name, column in table.columns.items() if name != table.label]
    names = list(table.columns)
    asked = [name for which in ("keep", "categories")
             for name in chosen(path, names, which, options)]  # fmt: skip
    reasons = left_out(columns, rows, asked)
    used = [column for column in columns if column.name not in reasons]
    if not used:
        why = ", ".join(f"{name!r} ({reason})" for name, reason in list(reasons.items())[:5])
        raise FormatError(
            f"{path} has no column to learn {table.label!r} from. Left out: {why or 'none'}. "
            "keep='NAME' uses one in any case."
        )
    return used, reasons


def _standardizing(
    preparation: Preparation, encoder: TableEncoder, values: Sequence[np.ndarray]
) -> Preparation:
    """The preparation with mean and spread of each number over the training set.

    Inputs of 0 and 1 keep mean 0 and spread 1, with which they stay as they are.
    """
    mean, std = np.zeros(len(preparation.columns)), np.ones(len(preparation.columns))
    constant = []
    place = 0
    for column, numbers in zip(encoder.columns, values, strict=True):
        if not column.is_text:
            number = column.encode(numbers)[:, :1]
            (mean[place],), (std[place],), (is_constant,) = mean_and_spread(number)
            constant += [column.name] * bool(is_constant)
        place += len(column.features)
    return replace(
        preparation, mean=tuple(mean.tolist()), std=tuple(std.tolist()), constant=tuple(constant)
    )


def _rows(
    name: str, preparation: Preparation, encoder: TableEncoder, values: Sequence[np.ndarray]
) -> Float[Array, "rows features"]:
    """The inputs, encoded and standardized in blocks."""
    n, width = len(values[0]), len(encoder.features)
    check_memory(name, 4 * n * width, f"It has {n:,} rows of {width:,} inputs. Leave out columns: "
                 "drop='NAME'.")  # fmt: skip
    x = np.empty((n, width), np.float32)
    size = max(1, BLOCK // width)
    for start in range(0, n, size):
        block = slice(start, start + size)
        parts = [column.encode(numbers[block])
                 for column, numbers in zip(encoder.columns, values, strict=True)]  # fmt: skip
        x[block] = preparation.scaled(np.concatenate(parts, axis=1))
        good = np.isfinite(x[block]).all(axis=0)
        if not good.all():
            raise FormatError(
                f"{name}: column {encoder.features[int(good.argmin())]!r} holds numbers too large "
                "to be standardized. Use another unit, or take the logarithm."
            )
    return x
