"""New examples for a trained net, prepared like those that it was trained on."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from mitbadak.core.errors import FormatError, MitbadakError
from mitbadak.core.typing import Array, Float
from mitbadak.data.images import as_digit, as_picture, read_image
from mitbadak.data.images.reading import MOST_PIXELS
from mitbadak.data.preparation import Preparation
from mitbadak.data.tables import TableEncoder, TableOptions, open_table
from mitbadak.data.tables.dialect import Dialect, detect_dialect
from mitbadak.data.tables.options import AUTO
from mitbadak.data.tables.rows import OpenTable
from mitbadak.runs import model_file as weights
from mitbadak.runs.folder import RunFolder

DIGITS = tuple("0123456789")
# For runs of earlier versions, which do not store their preparation.
KNOWN = {
    "mnist": Preparation("images", shape=(28, 28), divisor=255, classes=DIGITS),
    "spiral": Preparation("points", columns=("x0", "x1"), classes=DIGITS[:3]),
}
SHOWN = 120  # letters of a list in a message


def preparation_of(run: RunFolder) -> Preparation:
    """How the examples of a run were prepared.

    Args:
        run: its folder, with ``model.safetensors``.

    Returns:
        The preparation stored with the model, or for older runs that of their data set.

    Raises:
        FormatError: the file is damaged, or the preparation is unknown.

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
            f"{run.model} does not say how its examples were prepared, and that is only known "
            f"for {', '.join(KNOWN)}; its data set is {data!r}."
        )
    return KNOWN[data]


def reads_digits(preparation: Preparation) -> bool:
    """Whether the images are digits as in MNIST, which are cut out and centered."""
    return preparation.shape == (28, 28) and preparation.classes == DIGITS


def images_for(
    paths: Sequence[str | os.PathLike], preparation: Preparation, *, center: bool | None = None
) -> Float[Array, "files height width"]:
    """Image files as pixels from 0 to 255, in the form of the net's training images.

    Args:
        paths: PNG, JPEG or other image files of any size.
        preparation: of the net's training images.
        center: cut the ink out and center it (``as_digit``), or only scale (``as_picture``). By
            default the former if the classes are the ten digits and the images 28 x 28.

    Raises:
        FormatError: a file is damaged or empty paper (the message names it); or the net's
            examples are not images, or too large.
        FileNotFoundError: a file is missing.
    """
    if len(preparation.shape) != 2 or math.prod(preparation.shape) > MOST_PIXELS:
        raise FormatError(f"a net on examples of shape {preparation.shape} does not take images.")
    shape = (preparation.shape[0], preparation.shape[1])
    center = reads_digits(preparation) if center is None else center
    made = []
    for path in paths:
        image = read_image(path)
        try:
            made.append(as_digit(image, shape) if center else as_picture(image, shape))
        except MitbadakError as problem:
            raise FormatError(f"{path}: {problem}") from None
    return np.stack(made)


def table_for(
    path: str | os.PathLike, preparation: Preparation, dtype: DTypeLike = np.float32
) -> Float[Array, "rows n_in"]:
    """The rows of a table as input rows for the net, as ``Preparation.rows`` makes them.

    The net's columns are found by name, in any order; others, such as the labels, are ignored. The
    file may have another dialect than the training file; that one is tried where the columns are
    not found.

    Args:
        path: the file.
        preparation: of the net, with ``columns``.
        dtype: dtype of the result.

    Raises:
        FormatError: columns are missing, or a cell is not of its column's kind; the message says
            where.
        FileNotFoundError: there is no such file.

    Example:
        >>> import tempfile
        >>> net = Preparation("table", columns=("length", "width"), label="species")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder) / "new.csv"
        ...     _ = file.write_text("species,width,length\\nsetosa,0.5,1.5\\n")
        ...     table_for(file, net)
        array([[1.5, 0.5]], dtype=float32)
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing.")
    table = preparation.table or TableEncoder.of_numbers(preparation.columns)
    rows, before = [], 0
    with open_table(path, _dialect(path, table)) as opened:
        places = _places(path, opened, table)
        for block in opened.blocks():
            columns = list(zip(*block, strict=True))
            cells = {name: columns[k] for name, k in places.items()}
            encoded = table.encode_cells(cells, str(path), before)
            rows.append(preparation.scaled(encoded, dtype))
            before += len(block)
    if not rows:
        raise FormatError(f"{path} has no rows below its header.")
    return np.concatenate(rows)


def _dialect(path: Path, table: TableEncoder) -> Dialect:
    """The file's own dialect, or that of the training file if the columns are only found so."""
    own = detect_dialect(path, TableOptions(header=AUTO if table.dialect.header else "none"))
    for dialect in (own, replace(table.dialect, encoding=own.encoding, escape=own.escape)):
        try:
            with open_table(path, dialect) as opened:
                if set(table.names) <= set(opened.names):
                    return dialect
        except FormatError:
            continue
    return own


def _places(path: Path, opened: OpenTable, table: TableEncoder) -> dict[str, int]:
    """The positions of the net's columns among those of a file."""
    names, wanted = opened.names, table.names
    missing = [name for name in wanted if name not in names]
    if missing:
        which = "column" if len(missing) == 1 else "columns"
        raise FormatError(
            f"{path} lacks the {which} {_short(', '.join(map(repr, missing)))}; it has "
            f"{_short(', '.join(names))}. The net was trained on {_short(', '.join(wanted))}."
        )
    known = {*wanted, *(name for name, _ in table.left_out)}
    if not set(opened.repeated) <= known:  # the training file had one column of that name
        twice = [name for name in opened.repeated if name in wanted]
        if twice:
            raise FormatError(f"{path}: two columns are named {twice[0]!r}. Rename one.")
    return {name: names.index(name) for name in wanted}


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
