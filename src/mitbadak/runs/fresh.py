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

from mitbadak.core.errors import FormatError, MitbadakError, RangeError, several
from mitbadak.core.file_errors import missing_file
from mitbadak.core.typing import Array, Float
from mitbadak.core.warned import warn
from mitbadak.data.images import read_image
from mitbadak.data.images.forms import centered_form, in_form
from mitbadak.data.images.paper import PEAK
from mitbadak.data.images.reading import MOST_PIXELS
from mitbadak.data.picture_form import MNIST_FORM, PictureForm
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
    "mnist": Preparation(
        "images", shape=(28, 28), divisor=255, classes=DIGITS, pictures=MNIST_FORM
    ),
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
    if stored is None:
        data = run.read_config().data
        if data not in KNOWN:
            raise FormatError(
                f"{run.model} does not say how its examples were prepared, and that is only known "
                f"for {', '.join(KNOWN)}; its data set is {data!r}."
            )
        return KNOWN[data]
    preparation = Preparation.from_config(stored, str(run.model))
    if preparation.kind == "images" and preparation.pictures is None and run.config.is_file():
        is_mnist = run.read_config().data == "mnist"
        return replace(preparation, pictures=MNIST_FORM) if is_mnist else preparation
    return preparation


def pictures_for(
    paths: Sequence[str | os.PathLike[str]],
    preparation: Preparation,
    *,
    center: bool | None = None,
    invert: bool | None = None,
    transpose: bool | None = None,
    one_each: bool = False,
) -> list[Float[Array, "examples height width *channels"]]:
    """Image files as images of the training set: one for each file, or one for each digit in it.

    Args:
        paths: PNG, JPEG or other image files of any size.
        preparation: of the net's training images.
        center: cut the ink out, and scale and center it like MNIST's digits, or only scale the
            picture; by default as the training images were made.
        invert: invert the pixels of pictures that are only scaled; by default as in training.
        transpose: swap rows and columns; by default as in training.
        one_each: refuse pictures that show several digits.

    Returns:
        For each file its images, in the numbers of the raw training images.

    Raises:
        FormatError: files are damaged or empty paper (the message names them); or the net's
            examples are not images, or too large; or a picture shows several digits, and one was
            expected.
        RangeError: ink is to be cut out of pictures in color, or inverted although it is cut out.
        FileNotFoundError: a file is missing.

    Warns:
        MitbadakWarning: a picture may be read wrongly, or shows several digits.
    """
    shape = preparation.shape
    if preparation.kind != "images" or math.prod(shape) > MOST_PIXELS:
        raise FormatError(f"a net on examples of shape {shape} does not take images.")
    form = preparation.pictures or _earlier_form(preparation, center)
    form = form if center is None else centered_form(form, shape, center)
    if invert is not None and form.center:
        raise RangeError(
            "invert is for pictures that are only scaled; here ink is cut out, dark or light. "
            "Leave it out, or add center=False."
        )
    form = form if invert is None else replace(form, inverted=invert)
    form = form if transpose is None else replace(form, transposed=transpose)
    made, refused = [], []
    for path in paths:
        try:
            images, doubts = _read_picture(path, shape, form, one_each=one_each)
        except FileNotFoundError:
            raise
        except MitbadakError as problem:
            refused.append(str(problem))
            continue
        for doubt in doubts:
            warn(f"{path} may be read wrongly: {doubt}.")
        made.append(images)
    if refused:
        of = f"{len(refused):,} of {len(paths):,} pictures cannot be read"
        raise FormatError(several(refused, of))
    return made


def _read_picture(
    path: str | os.PathLike[str], shape: tuple[int, ...], form: PictureForm, *, one_each: bool
) -> tuple[np.ndarray, list[str]]:
    """The images of one file, and what is doubtful about them."""
    pixels = read_image(path, color=form.color, paper=form.paper)
    try:
        images, doubts = in_form(pixels, shape, form)
    except MitbadakError as problem:
        raise FormatError(f"{path}: {problem}") from None
    if len(images) > 1 and one_each:
        raise FormatError(
            f"{path} shows {len(images)} digits; one was expected. Cut them apart, or use mitbadak "
            "predict, which answers each."
        )
    if len(images) > 1:
        doubts = [f"it shows {len(images)} digits; all are read, row by row", *doubts]
    return images, doubts


def images_for(
    paths: Sequence[str | os.PathLike[str]], preparation: Preparation, **how: Any
) -> Float[Array, "files height width *channels"]:
    """Image files that show one example each, in the form of the net's training images.

    Args:
        paths, preparation, how: as for ``pictures_for``.

    Raises:
        FormatError: a picture shows several digits; and as ``pictures_for``.
        FileNotFoundError: a file is missing.
    """
    return np.concatenate(pictures_for(paths, preparation, **how, one_each=True))


def _earlier_form(preparation: Preparation, center: bool | None) -> PictureForm:
    """The form of images of a model that does not store it: the rule of earlier versions."""
    white = PEAK if preparation.mean else preparation.divisor or 1.0
    is_of_digits = preparation.shape == (28, 28) and preparation.classes == DIGITS
    if not is_of_digits or center is False:
        return PictureForm(white=white)
    if center is None:
        warn(
            "the model was saved by an earlier version, which did not store how its pictures were "
            "read: new ones are cut out and centered like MNIST's. If it was trained on pictures "
            "as they are, add center=False."
        )
    return replace(MNIST_FORM, white=white)


def table_for(
    path: str | os.PathLike[str], preparation: Preparation, dtype: DTypeLike = np.float32
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
        raise missing_file(path)
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
    options = TableOptions(header=AUTO if table.dialect.header else "none")
    try:
        own = detect_dialect(path, options)
    except FormatError:  # too short to tell its encoding, for instance
        own = detect_dialect(path, replace(options, encoding=table.dialect.encoding))
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
