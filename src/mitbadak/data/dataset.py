"""Data sets: inputs with their labels, which are checked once; pixels stay bytes until drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np
from numpy.typing import DTypeLike

from mitbadak.core.arguments import explained, renamed
from mitbadak.core.arrays import real_array, row_numbers
from mitbadak.core.concise import Concise
from mitbadak.core.elsewhere import Explains
from mitbadak.core.elsewhere_objects import DATASET
from mitbadak.core.errors import DtypeError, NonFiniteError, ShapeError, brief, positive
from mitbadak.core.mapped import MappedRows
from mitbadak.core.typing import Array, Float, Shaped
from mitbadak.core.warned import warn
from mitbadak.data.splits import held_out_count, stratified_split
from mitbadak.functions.labels import ClassIndices

PICTURE = 64  # numbers per example from which on they may be pixels: 8 x 8
LOOKED_AT, MOST_ENTRIES = 500, 1 << 22  # examples, when looking for pixels that are not scaled
ROUNDING = 1e-3  # by which x * 255 in float32 may differ from whole numbers
ROWS_AT_ONCE = 1 << 16  # examples that are checked together: x may be larger than memory


@explained
@dataclass(frozen=True, repr=False)
class Dataset(Concise, Explains):
    """Inputs with their labels, checked on creation (also by ``dataclasses.replace``).

    Args:
        x: inputs, shape (n, ...), numbers. The set keeps a read-only view; do not change the
            array during training.
        t: labels or targets, shape (n,) or (n, ...), finite numbers.
        divisor: each drawn batch is divided by it; with 255, pixels are stored as bytes.
        rows: the rows of x and t that belong to this set, if not all; non-negative integers.
        name: name of the set in messages and files.
        on_disk: x is mapped from a file. Batches are then drawn by ``mixed_batches``, and x is
            never loaded into memory as a whole.

    If x is a view of a mapped file, rows are read from that file when they are drawn. Should the
    file be truncated in the meantime, the result is a ``FormatError``, where access through the
    map would kill the process. (This does not hold for copy-on-write maps, nor for code that
    reads ``x`` directly.)

    Raises:
        ShapeError: x and t differ in length, or are empty.
        DtypeError: x or t does not hold numbers, x holds bytes above 1 without a divisor, an array
            is masked, or rows are not integers.
        RangeError: a row does not exist.
        NonFiniteError: x or t holds NaN or infinity.
        FormatError: the file behind x is truncated.

    Warns:
        MitbadakWarning: x looks like pixels up to 255 that nothing scales.

    Example:
        >>> pixels = np.array([[0, 255], [51, 102]], np.uint8)
        >>> Dataset(pixels, np.array([0, 1]), divisor=255).batch([1])
        (array([[0.2, 0.4]], dtype=float32), array([1]))
    """

    elsewhere = DATASET

    x: np.ndarray
    t: np.ndarray
    divisor: float | None = None
    rows: np.ndarray | None = None
    name: str = "data"
    on_disk: bool = False
    mapped: MappedRows | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        x = real_array(self.name, "x", self.x)
        t = real_array(self.name, "t", self.t)
        if x.ndim < 1 or t.ndim < 1 or len(x) != len(t):
            raise ShapeError(
                f"{self.name}: x and t must hold the same number of examples; got x "
                f"{x.shape} and t {t.shape}."
            )
        if x.size == 0 or t.size == 0:
            which, array = ("x", x) if x.size == 0 else ("t", t)
            raise ShapeError(f"{self.name} is empty: {which} has shape {array.shape}.")
        labels = MappedRows.behind(t)
        t = t if labels is None else labels.whole()
        self._keep(t=_read_only(t.view(type(self.t)) if isinstance(self.t, ClassIndices) else t))
        mapped = MappedRows.behind(x)
        if mapped is not None and not mapped.together:
            x, mapped = mapped.whole(), None
        self._keep(x=_read_only(x), mapped=mapped)
        if self.rows is not None:
            self._keep(rows=_read_only(row_numbers(self.name, "rows", self.rows, len(x))))
        self._check_finite("x")
        self._check_finite("t")
        if self.divisor is not None:
            self._keep(divisor=positive(self.name, "divisor", self.divisor))
        elif x.dtype == np.uint8:
            self._check_scale()
        else:
            self._warn_of_pixels()

    def _keep(self, **values: object) -> None:
        """Set fields of this frozen object."""
        self.__dict__.update(values)

    def __reduce__(self) -> tuple:
        """Copies and pickles are created anew, with all checks; they never hold an open file."""
        return Dataset, (self.x, self.t, self.divisor, self.rows, self.name, self.on_disk)

    def _check_finite(self, which: str) -> None:
        if getattr(self, which).dtype.kind != "f":
            return
        for start in range(0, len(self.x), ROWS_AT_ONCE):  # x may be larger than memory
            block = slice(start, start + ROWS_AT_ONCE)
            good = np.isfinite(self._stored(block) if which == "x" else self.t[block])
            if not good.all():
                row, *rest = map(int, np.argwhere(~good)[0])
                raise NonFiniteError(
                    f"{self.name}: {which} holds NaN or infinity, first at {(start + row, *rest)}"
                    f"{'; every label must be finite' if which == 't' else ''}. "
                    "Remove or fix such examples."
                )

    def _check_scale(self) -> None:
        """Refuse bytes above 1 that no divisor scales."""
        blocks = range(0, len(self.x), ROWS_AT_ONCE)
        largest = max(int(self._stored(slice(i, i + ROWS_AT_ONCE)).max()) for i in blocks)
        if largest > 1:
            raise DtypeError(
                f"{self.name}: x holds bytes up to {largest}. For pixels use "
                "Dataset(x, t, divisor=255), which scales each batch to 0..1, or x / 255."
            )

    def _warn_of_pixels(self) -> None:
        """Warn of pixels that are neither bytes nor scaled, such as ``x * 255`` in float32."""
        entries = math.prod(self.x.shape[1:])
        if entries < PICTURE:
            return
        count = min(LOOKED_AT, max(1, MOST_ENTRIES // entries))
        rows = np.unique(np.linspace(0, len(self.x) - 1, count).astype(np.intp))
        seen = self._stored(rows)
        low, high = float(seen.min()), float(seen.max())
        if low < 0 or not 128 <= high <= 255.5 or np.abs(seen - np.rint(seen)).max() > ROUNDING:
            return
        warn(
            f"{self.name}: x holds whole numbers from {low:g} to {high:g}, as pixels do that are "
            "not scaled; a net learns badly from inputs that large. Use x / 255, or "
            "Dataset(x, t, divisor=255)."
        )

    def __getitem__(self, row: object) -> NoReturn:
        raise DtypeError(
            f"{self.name}: a Dataset has no {brief(row)}. In Mitbadak: x, t = data.batch([0, 1]), "
            "or data.batch(slice(None)) for all."
        )

    def __len__(self) -> int:
        return len(self.x) if self.rows is None else len(self.rows)

    def batch(
        self, picked: Any, dtype: DTypeLike = np.float32
    ) -> tuple[Float[Array, "batch ..."], Shaped[Array, "batch ..."]]:
        """The picked examples as floats, with their labels.

        Args:
            picked: indices or a slice.
            dtype: dtype of x.

        Returns:
            x and t; for a slice they may be views of the set's own arrays, which are read-only.

        Raises:
            FormatError: the file behind x was truncated.
        """
        if self.rows is not None:
            picked = self.rows[picked]
        x = self._stored(picked).astype(dtype, copy=False)
        if self.divisor is not None:
            x = x / self.divisor
        return x, self.t[picked]

    def stored(self, picked: Any) -> Shaped[Array, "batch ..."]:
        """The stored inputs of the picked examples, neither converted nor divided.

        Args:
            picked: indices or a slice.
        """
        return self._stored(picked if self.rows is None else self.rows[picked])

    def _stored(self, picked: Any) -> np.ndarray:
        """Rows of x, whether or not they belong to this set."""
        if self.mapped is None:
            return self.x[picked]
        return self.mapped.rows(np.arange(len(self.x))[picked])

    def prefetch(self, picked: np.ndarray) -> None:
        """Announce the next examples, so that those on disk are read in long runs.

        Args:
            picked: indices of all examples in the next batches.
        """
        if self.mapped is not None:
            self.mapped.prefetch(picked if self.rows is None else self.rows[picked])

    def part(self, rows: np.ndarray, *, name: str | None = None) -> Dataset:
        """A subset of the examples, without checking all of x again.

        Args:
            rows: indices into this set, non-negative integers.
            name: name of the part; by default that of this set.

        Raises:
            ShapeError, DtypeError, RangeError: rows are not valid indices of this set.
        """
        rows = row_numbers(self.name, "rows", rows, len(self))
        subset = object.__new__(Dataset)
        subset._keep(**self.__dict__)
        subset._keep(
            rows=_read_only(rows if self.rows is None else self.rows[rows]),
            name=self.name if name is None else name,
            mapped=None if self.mapped is None else self.mapped.for_another_set(),
        )
        return subset

    def labeled(self, t: np.ndarray) -> Dataset:
        """The same examples with other labels, without checking x again.

        Args:
            t: one for each row of the stored x, numbers.
        """
        other = object.__new__(Dataset)
        other._keep(**self.__dict__)
        mapped = None if self.mapped is None else self.mapped.for_another_set()
        other._keep(t=_read_only(t), mapped=mapped)
        return other

    @renamed(held_out="share")
    def split(
        self, share: float, rng: np.random.Generator, *, stratify: bool = False
    ) -> tuple[Dataset, Dataset]:
        """A training part and a validation part.

        Args:
            share: of the validation part.
            rng: draws its examples.
            stratify: hold out the same share of every class (``stratified_split``).

        Raises:
            RangeError: one of the two parts would be empty.
            LabelError: t holds real numbers and cannot be stratified.
        """
        share, count = held_out_count(self.name, "validation", share, len(self))
        if stratify:
            labels = self.t if self.rows is None else self.t[self.rows]
            train, validation = stratified_split(labels, share, rng)
        else:
            order = rng.permutation(len(self))
            place = np.arange(len(self)) if self.rows is None else self.rows
            train, validation = (
                part[np.argsort(place[part], kind="stable")]
                for part in (order[count:], order[:count])
            )
        return self.part(train), self.part(validation, name="validation")


def _read_only(array: np.ndarray) -> np.ndarray:
    """A read-only view of the array, or the array itself if it is read-only."""
    if array.flags.writeable:
        array = array.view()
        array.flags.writeable = False
    return array


TWO_PAIRS = {  # how each takes one of them
    "evaluate": "mb.evaluate(net, test)",
    "checkup": "mb.checkup(net, train, test=test)",
    "check_gradients": "mb.check_gradients(net, test[0][:10], test[1][:10])",
    "Dataset": "mb.Dataset(*train)",
}


def refuse_two_pairs(examples: Any, owner: str) -> None:
    """Refuse a training set and a test set together, as ``load_mnist`` returns them.

    Args:
        examples: what should be x and t.
        owner: who takes them, for the message.

    Raises:
        ShapeError: with the line that takes one of them.
    """
    if not isinstance(examples, (tuple, list)) or len(examples) != 2:
        return
    if all(isinstance(p, (tuple, list)) and len(p) == 2 and np.ndim(p[0]) > 1 for p in examples):
        use = TWO_PAIRS.get(owner, "mb.fit(net, train, test=test)")
        raise ShapeError(
            f"{owner} expects a pair (x, t); got two pairs, as load_mnist returns them. Use "
            f"train, test = mb.load_mnist(); {use}."
        )
