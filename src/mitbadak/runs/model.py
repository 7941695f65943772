"""A trained net that takes raw examples: pixels, rows of a table, or the files that hold them."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from mitbadak.core.arguments import explained
from mitbadak.core.arrays import as_array, real_array
from mitbadak.core.concise import brief_text
from mitbadak.core.errors import (
    DtypeError,
    FormatError,
    LabelError,
    NonFiniteError,
    StateError,
    unknown_name,
)
from mitbadak.core.typing import Array, Float, Shaped
from mitbadak.data.images.arrays import arrays_in_form, pictures_in
from mitbadak.data.picture_form import PictureForm
from mitbadak.data.preparation import Preparation
from mitbadak.data.table import TABLE_ENDINGS
from mitbadak.data.targets import number
from mitbadak.nn.named_classes import numbers_are_names
from mitbadak.nn.network import Sequential
from mitbadak.runs.fresh import images_for, table_for
from mitbadak.runs.pixels import preparation_of_pixels
from mitbadak.runs.quality import regression_quality

MOST_SHOWN = 70  # characters of a preparation


@explained
@dataclass(frozen=True)
class Model:
    """A net with the preparation of its examples, so that ``predict`` takes them as they come.

    Wherever a net takes x and t, a model takes raw ones and prepares them first:

    - Files are read as by ``mitbadak predict``: the path of a picture or table, or a list of paths.
    - Whole-number pixels are raw and are divided as in training. Floating-point pixels are taken as
      divided already, in [0, 1], as from ``load_mnist``, and refused beyond.
    - Arrays of pixels are what the files of the training hold. Where those were pictures, arrays
      may have any size, and become inverted, cut out or gray if the files did; what ``open_source``
      returns is prepared already, and goes to ``model.net``. Where they were arrays themselves, as
      in IDX and .npz files, arrays are taken as they are.
    - Rows of a table hold its cells in their own units, in the order of the file's columns that are
      inputs; or they are columns by name, in a dict or a data frame.
    - Labels are class names, class indices where the names are no numbers, or one-hot rows; real
      targets are in their own units, and so are the answers.

    Everything else is that of the net, ``model.params`` for instance. Where rows are prepared
    already, use ``model.net``.

    Attributes:
        net: the net on prepared rows.
        preparation: how raw examples become rows.

    Example:
        >>> from mitbadak.nn import MLP
        >>> heights = Preparation("table", columns=("age",), mean=(9.0,), std=(5.0,),
        ...                       target_mean=(130.0,), target_std=(30.0,))
        >>> model = Model(MLP([1, 1], loss="mean_squared_error", init="zeros"), heights)
        >>> model.predict([[4], [14]])
        array([[130.],
               [130.]])
    """

    net: Sequential
    preparation: Preparation

    def __post_init__(self) -> None:
        n_in, n_out = self.preparation.n_in, self.net.n_out
        if n_in is not None and self.net.n_in not in (None, n_in):
            raise FormatError(
                f"the preparation makes {n_in:,} numbers of each example; the net takes "
                f"{self.net.n_in:,}."
            )
        named = len(self.classes)
        if named and n_out is not None and n_out != named and (n_out, named) != (1, 2):
            raise FormatError(f"the preparation names {named} classes; the net has {n_out}.")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "net":  # while it is copied or unpickled
            raise AttributeError(name)
        return getattr(self.net, name)

    def __repr__(self) -> str:
        return f"Model({self.net!r}, {brief_text(self.preparation.describe(), MOST_SHOWN)})"

    def __call__(self, x: Any, **mode: Any) -> Float[Array, "*batch outputs"]:
        """``predict``."""
        return self.predict(x, **mode)

    def __len__(self) -> int:
        return len(self.net)  # which says that it has none

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, place: Any) -> Any:
        return self.net[place]

    @property
    def classes(self) -> tuple[str, ...]:
        """The name of each class; empty for real targets."""
        return self.preparation.classes

    def rows(self, x: Any) -> Float[Array, "*batch n_in"]:
        """Raw examples as rows of ``net``.

        Args:
            x: arrays of shape (batch, ...), or one example; the path of a file, or a list of paths.

        Returns:
            Shape (batch, n_in), or (n_in,) for one example; in the dtype of the net.

        Raises:
            ShapeError: examples have another shape than in training.
            NonFiniteError: numbers are NaN or infinite, and not cells that may be missing.
            DtypeError: text, objects or columns by name, where the net takes numbers.
            RangeError: pixels are out of range, so that they cannot be told from those of another
                scale.
            FormatError, FileNotFoundError: a file is missing, damaged, or does not fit; a picture
                whose ink is to be cut out has none, or shows several digits.

        Warns:
            MitbadakWarning: pictures may be read wrongly.
        """
        paths = _paths(x, TABLE_ENDINGS if self.preparation.kind == "table" else None)
        if paths:
            return self.rows_of_files(self._read(paths))
        if self.preparation.kind == "table" and _are_cells(x):
            return self._rows_of_a_table(x)
        return self._rows_of_numbers(x)

    def targets(self, t: Any) -> Shaped[Array, ...]:
        """Raw labels as ``net`` learns them: class indices, or standardized targets.

        Args:
            t: class names; class indices where the names are no numbers; one-hot rows; real targets
                in their own units.

        Raises:
            LabelError: there is no such class.
        """
        t = as_array("targets", "t", t)
        if not self.classes:
            return self.preparation.targets(t) if self.preparation.target_mean else t
        if t.dtype.kind == "b" and "True" not in self.classes:
            t = t.astype(np.int64)
        if t.ndim != 1 or (t.dtype.kind in "iu" and not numbers_are_names(self.classes)):
            return t
        distinct, places = np.unique(t.astype(str), return_inverse=True)
        return np.array([self._index(str(label)) for label in distinct])[places]

    def predict(self, x: Any, **mode: Any) -> Float[Array, "*batch outputs"]:
        """The probability of each class, or real targets in their own units.

        Args:
            x: as for ``rows``.
            mode: ``training`` and ``rng``, as for ``Sequential.predict``.

        Returns:
            A column per class or target. A net without exclusive classes returns what its head
            answers; see ``Head.by_class``.

        Raises:
            as ``rows``.
        """
        return self.answers(self.net.predict(self.rows(x), **mode))

    def answers(self, outputs: np.ndarray) -> Float[Array, "*batch outputs"]:
        """What ``predict`` returns where ``net.predict`` returns these outputs."""
        by_class = self.net.head.by_class(outputs)
        return self.preparation.in_own_units(outputs) if by_class is None else by_class

    def classify(self, x: Any) -> Shaped[Array, "*batch"] | np.str_:
        """The name of the likeliest class of each example.

        Args:
            x: as for ``rows``.

        Raises:
            StateError: the net was trained on real targets; and as ``rows``.
        """
        if not self.classes:
            raise StateError("classify: this net predicts numbers, not classes. Use predict(x).")
        return np.array(self.classes)[self.predict(x).argmax(axis=-1)]

    def scores(self, x: Any, **mode: Any) -> Float[Array, "*batch n_out"]:
        """``Sequential.scores`` of raw examples."""
        return self.net.scores(self.rows(x), **mode)

    def loss(self, x: Any, t: Any, **mode: Any) -> float:
        """``Sequential.loss`` of raw examples; of real targets in standardized units."""
        return self.net.loss(self.rows(x), self.targets(t), **mode)

    def accuracy(self, x: Any, t: Any) -> float:
        """``Sequential.accuracy`` of raw examples and labels.

        Raises:
            StateError: the net was trained on real targets.
        """
        if self.preparation.target_mean:
            raise StateError(
                "accuracy: this net predicts numbers, not classes. Use regression_quality(x, t) "
                "for R2."
            )
        return self.net.accuracy(self.rows(x), self.targets(t))

    def regression_quality(self, x: Any, t: Any) -> dict[str, float]:
        """R2, RMSE and MAE of raw examples, in the units of the targets; see ``mitbadak.runs``.

        Raises:
            StateError: the net was trained on classes.
        """
        if self.classes:
            raise StateError("regression_quality: this net predicts classes. Use accuracy(x, t).")
        answers, t = self.predict(x), as_array("regression_quality", "t", t)
        same = t.size == answers.size  # one value per example may have a column of its own
        return regression_quality(t.reshape(answers.shape) if same else t, answers)

    def gradient(self, x: Any, t: Any, **mode: Any) -> dict[str, Float[Array, ...]]:
        """``Sequential.gradient`` of raw examples."""
        return self.net.gradient(self.rows(x), self.targets(t), **mode)

    def loss_and_gradient(
        self, x: Any, t: Any, **mode: Any
    ) -> tuple[float, dict[str, Float[Array, ...]]]:
        """``Sequential.loss_and_gradient`` of raw examples."""
        return self.net.loss_and_gradient(self.rows(x), self.targets(t), **mode)

    def numerical_gradient(self, x: Any, t: Any, **options: Any) -> dict[str, Float[Array, ...]]:
        """``Sequential.numerical_gradient`` of raw examples."""
        return self.net.numerical_gradient(self.rows(x), self.targets(t), **options)

    def graph(self, x: Any, t: Any = None, **mode: Any) -> Any:
        """``Sequential.graph`` of prepared examples."""
        return self.net.graph(self.rows(x), None if t is None else self.targets(t), **mode)

    def astype(self, dtype: DTypeLike) -> Model:
        """A copy whose parameters are in ``dtype``."""
        return Model(self.net.astype(dtype), self.preparation)

    def rows_of_files(self, raw: Any) -> Float[Array, "batch n_in"]:
        """Examples as they were read from files as rows of ``net``.

        Args:
            raw: rows of tables, which ``table_for`` has prepared; or pictures in the numbers of
                the raw training images, as ``pictures_for`` makes them.
        """
        is_raw = self.preparation.kind == "images"
        return self.preparation.rows(raw, self.net.dtype) if is_raw else raw

    @property
    def _cells(self) -> int | None:
        """How many raw numbers or cells an example has."""
        table, n_in = self.preparation.table, self.preparation.n_in
        return (n_in or self.net.n_in) if table is None else len(table.names)

    def _rows_of_a_table(self, x: Any) -> np.ndarray:
        """Cells in lists, or columns by name; a list of cells alone is one row."""
        x = x.tolist() if isinstance(x, np.ndarray) else x
        first = x[0] if isinstance(x, (list, tuple)) and len(x) > 0 else ()
        one = not np.ndim(first) and not isinstance(first, Mapping)  # a mapping is a row by name
        rows = self.preparation.rows([x] if one else x, self.net.dtype)
        return rows[0] if one else rows

    def _rows_of_numbers(self, x: Any) -> np.ndarray:
        """Pixels or other numbers in an array, of one example or several."""
        if _is_by_name(x):
            raise DtypeError(
                f"predict: columns by name are for nets that were trained on tables, and this one "
                f"takes {self.preparation.describe()}; got {type(x).__name__}. Give an array of "
                "numbers."
            )
        raw = real_array("predict", "x", x)
        if self.preparation.table is None and not np.isfinite(raw).all():
            raise NonFiniteError(
                "predict: x holds NaN or infinity. Remove or replace such numbers."
            )
        form = self.preparation.pictures
        if form is not None and form.of_files:
            return self._rows_of_pictures(raw, form)
        is_one = raw.shape in (self.preparation.shape, (self._cells,))
        raw = raw[None] if is_one else raw
        rows = preparation_of_pixels(raw, self.preparation).rows(raw, self.net.dtype)
        return rows[0] if is_one else rows

    def _read(self, paths: Sequence[str | os.PathLike[str]]) -> np.ndarray:
        if self.preparation.kind == "images":
            return images_for(paths, self.preparation)
        tables = [table_for(path, self.preparation, self.net.dtype) for path in paths]
        return np.concatenate(tables)

    def _rows_of_pictures(self, raw: np.ndarray, form: PictureForm) -> np.ndarray:
        """Pixels as the files of the training held them."""
        shape = self.preparation.shape
        pictures, is_one = pictures_in(raw, shape)
        preparation_of_pixels(pictures, self.preparation)
        images = arrays_in_form(pictures, shape, form)
        rows = self.preparation.rows(images, self.net.dtype)
        return rows[0] if is_one else rows

    def _index(self, label: str) -> int:
        """The index of a class by its name; 3, 3.0 and "3" name the same class."""
        if label in self.classes:
            return self.classes.index(label)
        value = number(label)
        if value is not None:
            for index, name in enumerate(self.classes):
                if number(name) == value:
                    return index
        raise LabelError(str(unknown_name("class", label, self.classes)))


def _paths(x: Any, endings: Collection[str] | None) -> list[str | os.PathLike[str]]:
    """The paths in x, or [] if it holds examples; a list of text may be cells of a table.

    Args:
        x: examples or paths.
        endings: what the names of files in a list end with; None for anything.
    """
    if isinstance(x, (str, os.PathLike)):
        return [x]
    if isinstance(x, (list, tuple)) and x and all(_is_path(entry, endings) for entry in x):
        return list(x)
    return []


def _are_cells(x: Any) -> bool:
    """Whether these may be cells of a table, and not numbers alone."""
    return not isinstance(x, np.ndarray) or x.dtype.kind in "OUS"


def _is_by_name(x: Any) -> bool:
    """Whether columns have names: in a dict, a data frame, or a list of dicts."""
    rows = x if isinstance(x, (list, tuple)) else ()
    return (
        isinstance(x, Mapping)
        or hasattr(x, "columns")
        or any(isinstance(row, Mapping) for row in rows[:1])
    )


def _is_path(entry: Any, endings: Collection[str] | None) -> bool:
    if isinstance(entry, os.PathLike):
        return True
    if not isinstance(entry, str):
        return False
    suffix = Path(entry).suffix.lower()
    return bool(suffix) if endings is None else suffix in endings
