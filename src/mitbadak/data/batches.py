"""Examples and how batches are drawn from them; pixels stay bytes until a batch is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import DTypeLike

from mitbadak._typing import Array, Float, Int, Shaped
from mitbadak.data.splits import stratified_split
from mitbadak.errors import DtypeError, NonFiniteError, RangeError, ShapeError, positive, share

# Data on disk is shuffled within blocks: so many neighbouring examples are read together, and so
# many such runs mixed.
CHUNK, MIXED = 256, 256


@dataclass(frozen=True)
class Dataset:
    """Inputs with their labels, checked once.

    Args:
        x: inputs, shape (n, ...), numbers; never changed.
        t: labels or targets, shape (n,) or (n, ...).
        divisor: what a drawn batch is divided by: 255 keeps pixels as bytes until then.
        rows: the rows of x and t that belong to this set, when not all do.
        name: for messages and files.
        on_disk: x is mapped from a file: it is drawn as ``mixed_batches`` says, and never held in
            memory as a whole.

    Raises:
        ShapeError: x and t differ in length, or are empty.
        DtypeError: x is not of numbers, or holds bytes above 1 without a divisor.
        NonFiniteError: x holds NaN or infinity.

    Example:
        >>> pixels = np.array([[0, 255], [51, 102]], np.uint8)
        >>> Dataset(pixels, np.array([0, 1]), divisor=255).batch([1])
        (array([[0.2, 0.4]], dtype=float32), array([1]))
    """

    x: np.ndarray
    t: np.ndarray
    divisor: float | None = None
    rows: np.ndarray | None = None
    name: str = "data"
    on_disk: bool = False

    def __post_init__(self) -> None:
        if self.rows is not None:
            return  # a part of a set that has been checked
        object.__setattr__(self, "x", np.asarray(self.x))
        object.__setattr__(self, "t", np.asarray(self.t))
        if self.x.ndim < 1 or self.t.ndim < 1 or len(self.x) != len(self.t):
            raise ShapeError(
                f"{self.name}: x and t must hold the same number of examples; got x "
                f"{self.x.shape} and t {self.t.shape}."
            )
        if self.x.size == 0:
            raise ShapeError(f"{self.name} is empty: x has shape {self.x.shape}.")
        if self.x.dtype.kind not in "biuf":
            raise DtypeError(f"{self.name}: x must be of numbers; got {self.x.dtype}.")
        self._check_finite()
        if self.divisor is not None:
            object.__setattr__(self, "divisor", positive(self.name, "divisor", self.divisor))
        elif self.x.dtype == np.uint8 and self.x.max() > 1:
            raise DtypeError(
                f"{self.name}: x holds bytes up to {self.x.max()}. For pixels use "
                "Dataset(x, t, divisor=255), which scales each batch to 0..1, or x / 255."
            )

    def _check_finite(self) -> None:
        if self.x.dtype.kind != "f":
            return
        for start in range(0, len(self.x), MIXED * CHUNK):  # x may be larger than memory
            good = np.isfinite(self.x[start : start + MIXED * CHUNK])
            if not good.all():
                row, *rest = map(int, np.argwhere(~good)[0])
                raise NonFiniteError(
                    f"{self.name}: x holds NaN or infinity, first at {(start + row, *rest)}. "
                    "Remove or fill such examples."
                )

    def __len__(self) -> int:
        return len(self.x) if self.rows is None else len(self.rows)

    def batch(
        self, picked, dtype: DTypeLike = np.float32
    ) -> tuple[Float[Array, "batch ..."], Shaped[Array, "batch ..."]]:
        """The picked examples as floats, with their labels.

        Args:
            picked: indices or a slice.
            dtype: of x.

        Returns:
            x and t; with a slice they may be views of the set's own arrays, not to be written to.
        """
        if self.rows is not None:
            picked = self.rows[picked]
        x = self.x[picked].astype(dtype, copy=False)
        if self.divisor is not None:
            x = x / self.divisor
        return x, self.t[picked]

    def split(
        self, held_out: float, rng: np.random.Generator, *, stratify: bool = False
    ) -> tuple[Dataset, Dataset]:
        """A part to learn from and a part to watch, ``held_out`` being the share of the second.

        Args:
            held_out: share of the second part.
            rng: draws who is in it.
            stratify: by class, each with the same share in both (``stratified_split``).

        Raises:
            RangeError: the share leaves no example on one side.
            LabelError: to be stratified, and t holds real numbers.
        """
        held_out = share(self.name, "validation", held_out)
        count = round(held_out * len(self))
        if not 0 < count < len(self):
            raise RangeError(
                f"{self.name}: a validation share of {held_out:g} of {len(self)} examples leaves "
                f"{count} to watch and {len(self) - count} to learn from; both need one."
            )
        rows = np.arange(len(self)) if self.rows is None else self.rows
        if stratify:
            learn, watch = (rows[part] for part in stratified_split(self.t[rows], held_out, rng))
        else:
            order = rng.permutation(len(self))
            learn, watch = np.sort(rows[order[count:]]), np.sort(rows[order[:count]])
        return replace(self, rows=learn), replace(self, rows=watch, name="validation")


def mixed_batches(
    n: int, batch_size: int, rng: np.random.Generator, *, chunk: int = CHUNK, mixed: int = MIXED
) -> Iterator[Int[Array, " batch"]]:
    """Every one of n examples once, shuffled so that a disk can follow.

    Runs of ``chunk`` neighbouring examples are taken from all over the file in a new order, and
    the examples of ``mixed`` runs at a time are shuffled together: 65,536 of them by default,
    51 MB of MNIST's images. Only they need to be in memory.

    Args:
        n: examples.
        batch_size: of all batches but the last.
        rng: draws the order.
        chunk: neighbouring examples that are read together.
        mixed: how many such runs are shuffled together.

    Example:
        >>> batches = list(mixed_batches(10, 4, np.random.default_rng(0), chunk=2, mixed=2))
        >>> [len(batch) for batch in batches], sorted(map(int, np.concatenate(batches)))
        ([4, 4, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    chunks = rng.permutation(-(-n // chunk))
    waiting = np.empty(0, np.int64)
    for start in range(0, len(chunks), mixed):
        rows = (chunks[start : start + mixed, None] * chunk + np.arange(chunk)).ravel()
        waiting = np.concatenate([waiting, rng.permutation(rows[rows < n])])
        whole = len(waiting) // batch_size * batch_size
        yield from waiting[:whole].reshape(-1, batch_size)
        waiting = waiting[whole:]
    if len(waiting):
        yield waiting


def shuffled_batches(
    n: int, batch_size: int, rng: np.random.Generator
) -> Iterator[Int[Array, " batch"]]:
    """Every one of n examples once, in a new order, the last batch short if need be.

    Example:
        >>> [len(batch) for batch in shuffled_batches(5, 2, np.random.default_rng(0))]
        [2, 2, 1]
    """
    order = rng.permutation(n)
    for start in range(0, n, batch_size):
        yield order[start : start + batch_size]


def drawn_batches(
    n: int, batch_size: int, rng: np.random.Generator
) -> Iterator[Int[Array, " batch"]]:
    """As many batches as one pass takes, each drawn with replacement: the notes' way.

    Example:
        >>> [len(batch) for batch in drawn_batches(5, 2, np.random.default_rng(0))]
        [2, 2, 2]
    """
    for _ in range(steps_per_epoch(n, batch_size)):
        yield rng.integers(0, n, batch_size)


def steps_per_epoch(n: int, batch_size: int) -> int:
    """Batches in one pass over n examples, a whole number.

    (The notes' ``i % (60000 / 128) == 0`` meets only every fourth epoch.)

    Example:
        >>> steps_per_epoch(60000, 128)
        469
    """
    return -(-n // batch_size)


SAMPLINGS = {"shuffle": shuffled_batches, "replacement": drawn_batches}
