"""New examples for a trained net, prepared as those that it learned from."""

from __future__ import annotations

import csv
import math
import os
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mitbadak.core.typing import Array, Float
from mitbadak.data.preparation import Preparation
from mitbadak.data.table import MOST_COLUMNS, MOST_OF_A_ROW, Lines
from mitbadak.core.errors import FormatError, MitbadakError
from mitbadak.data.images import as_digit, as_picture, read_image
from mitbadak.data.images.reading import MOST_PIXELS
from mitbadak.runs import model_file as weights
from mitbadak.runs.folder import RunFolder

DIGITS = tuple("0123456789")
# What was known of a data set before runs kept it themselves.
KNOWN = {
    "mnist": Preparation("images", shape=(28, 28), divisor=255, classes=DIGITS),
    "spiral": Preparation("points", columns=("x0", "x1"), classes=DIGITS[:3]),
}
MOST_TABLE_BYTES = 1 << 28  # 256 MiB
SHOWN = 40  # letters of a cell or a list in a message


def preparation_of(run: RunFolder) -> Preparation:
    """How the examples of a run were prepared.

    Args:
        run: its folder, with ``model.safetensors``.

    Returns:
        What the run's file says, or for older runs what is known of their data.

    Raises:
        FormatError: the file is damaged, or neither says.

    Example:
        >>> import tempfile
        >>> from mitbadak.runs import Session, TrainConfig
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     session = Session.start(TrainConfig.for_data("spiral", epochs=0), f"{folder}/run")
        ...     _ = session.train()
        ...     preparation_of(session.run).columns
        ('x0', 'x1')
    """
    return preparation_in(weights.read(run.model).values, run)


def preparation_in(values: Mapping[str, Any], run: RunFolder) -> Preparation:
    """The same, from what was read from the run's model file besides arrays.

    Raises:
        FormatError: as ``preparation_of``.
    """
    stored = values.get("preparation")
    if stored is not None:
        return Preparation.from_config(stored, str(run.model))
    data = run.read_config().data
    if data not in KNOWN:
        raise FormatError(
            f"{run.model} does not say how its examples were prepared, and data {data!r} is not "
            f"one of those that need no word ({', '.join(KNOWN)})."
        )
    return KNOWN[data]


def reads_digits(preparation: Preparation) -> bool:
    """Whether images are digits as MNIST has them: such are cut out and centred."""
    return preparation.shape == (28, 28) and preparation.classes == DIGITS


def images_for(
    paths: Sequence[str | os.PathLike], preparation: Preparation, *, centre: bool | None = None
) -> Float[Array, "files height width"]:
    """Image files as pixels from 0 to 255, as the net's training images had them.

    Args:
        paths: of PNG, JPEG and other files of any size.
        preparation: of the net, of kind ``images``.
        centre: cut the ink out and centre it (``as_digit``), or only scale (``as_picture``). By
            default the former where the classes are the ten digits at 28 x 28.

    Raises:
        FormatError: a file is damaged or shows nothing; the message names it. Or the net's
            examples are no pictures, or larger than can be read.
        FileNotFoundError: a file is missing.
    """
    if len(preparation.shape) != 2 or math.prod(preparation.shape) > MOST_PIXELS:
        raise FormatError(f"a net on examples of shape {preparation.shape} takes no pictures.")
    shape = (preparation.shape[0], preparation.shape[1])
    centre = reads_digits(preparation) if centre is None else centre
    made = []
    for path in paths:
        image = read_image(path)
        try:
            made.append(as_digit(image, shape) if centre else as_picture(image, shape))
        except MitbadakError as problem:
            raise FormatError(f"{path}: {problem}") from None
    return np.stack(made)


def table_for(path: str | os.PathLike, preparation: Preparation) -> Float[Array, "rows columns"]:
    """The rows of a CSV file with the net's columns, found by name in any order.

    Other columns, such as that of the labels, are passed over.

    Args:
        path: a CSV file with a first line of names, parted by commas, semicolons or tabs.
        preparation: of the net, with ``columns``.

    Raises:
        FormatError: a column is missing, or a cell is no number; the message says where.
        FileNotFoundError: there is no such file.

    Example:
        >>> import tempfile
        >>> net = Preparation("table", columns=("length", "width"), label="species")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder) / "new.csv"
        ...     _ = file.write_text("species,width,length\\nsetosa,0.2,1.4\\n")
        ...     table_for(file, net)
        array([[1.4, 0.2]])
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing.")
    if path.stat().st_size > MOST_TABLE_BYTES:
        raise FormatError(f"{path} is larger than {MOST_TABLE_BYTES >> 20} MiB. Part it.")
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            head = file.readline(MOST_OF_A_ROW)
            file.seek(0)
            delimiter = max(",;\t", key=head.count)
            lines = Lines(file, path)
            rows = csv.reader(lines, delimiter=delimiter, strict=True)
            return _numbers(path, lines, rows, preparation)
    except (UnicodeDecodeError, csv.Error) as problem:
        raise FormatError(f"{path} is no CSV file in UTF-8: {problem}.") from None


def _numbers(
    path: Path, lines: Lines, rows: Any, preparation: Preparation
) -> Float[Array, "rows columns"]:
    names = [name.strip() for name in next(rows, [])]
    places = _places(path, names, preparation)
    numbers, n = array("d"), 0
    for cells in rows:
        lines.taken = 0
        if not any(cell.strip() for cell in cells):
            continue  # an empty line, as at the end of many files
        if len(cells) != len(names):
            raise FormatError(
                f"{path}, line {rows.line_num}: {len(cells)} cells under {len(names)} names."
            )
        numbers.extend(_number(path, rows.line_num, names[k], cells[k]) for k in places)
        n += 1
    if not n:
        raise FormatError(f"{path} has no row below its line of names.")
    return np.frombuffer(numbers).reshape(n, len(places))


def _places(path: Path, names: list[str], preparation: Preparation) -> list[int]:
    """Where the net's columns are among those of a file."""
    if len(names) > MOST_COLUMNS:
        raise FormatError(f"{path} has {len(names):,} columns; at most {MOST_COLUMNS:,} are read.")
    there = Counter(names)
    missing = [name for name in preparation.columns if name not in there]
    if missing:
        raise FormatError(
            f"{path} lacks the column {_short(', '.join(map(repr, missing)))}; it has "
            f"{_short(', '.join(names)) or 'none'}. The net was trained on "
            f"{_short(', '.join(preparation.columns))}."
        )
    twice = [name for name in preparation.columns if there[name] > 1]
    if twice:
        raise FormatError(f"{path} has two columns of the name {twice[0]!r}.")
    at = {name: k for k, name in enumerate(names)}
    return [at[name] for name in preparation.columns]


def _number(path: Path, line: int, column: str, cell: str) -> float:
    try:
        # float() also reads "1_000" and digits of any script; a spreadsheet means neither by them.
        number = float(cell) if cell.isascii() and "_" not in cell else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise FormatError(
            f"{path}, line {line}, column {column!r}: expected a finite number; got "
            f"{_short(cell)!r}."
        )
    return number


def _short(text: str) -> str:
    return text if len(text) <= 3 * SHOWN else f"{text[: 3 * SHOWN]}..."
