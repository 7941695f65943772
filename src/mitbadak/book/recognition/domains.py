"""How far the change of one entry of an array reaches in each value that f computes.

The axis of a batch is counted from the right, as NumPy's broadcasting does. Where f computes with a
single example, there is no such axis; it is then thought of as one of length 1 in front of all
others, so that several changed copies of the example can be computed together as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np

from mitbadak.book.recognition.tape import Node, UntraceableError


@dataclass(frozen=True, eq=False)
class Entry:
    """A value whose entries each depend on one entry of the array, and on nothing else of it.

    Attributes:
        positions: for each entry of the value that one's place in the flat array.
        plain: whether its entries are those of the array unchanged.
        mixed: whether arrays of constants have been combined with it.
    """

    positions: np.ndarray
    plain: bool = True
    mixed: bool = False


@dataclass(frozen=True, eq=False)
class Moved:
    """A value of which a changed entry moves rows of the batch, each by itself.

    Attributes:
        origin: where the array enters.
        batch: the axis of the batch, counted from the right.
        unit: the axis along which only one place moves, from the right; None if all may.
    """

    origin: Origin
    batch: int
    unit: int | None


@dataclass(frozen=True)
class Total:
    """A single number that depends on the array: a sum over the batch, or a penalty."""


@dataclass(eq=False)
class Origin:
    """Where the array enters a computation: ``inputs @ W``, or by broadcasting, as a bias does.

    Attributes:
        node: what it gives.
        batch, unit: its axes, as in ``Moved``.
        positions: the places of the weights in the flat array, (n_in, units), or of what is
            broadcast, (units,).
        inputs: what the weights are multiplied by, (rows, n_in); None for a broadcast.
        entry: the node of the array itself in a broadcast.
        sums: reductions over the batch that end this origin's part.
    """

    node: Node
    batch: int
    unit: int | None
    positions: np.ndarray
    inputs: np.ndarray | None = None
    entry: Node | None = None
    moved: list[Node] = field(default_factory=list)
    sums: list[Node] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """The number of examples."""
        return lifted(self.node.value, self.batch).shape[self.batch]

    @property
    def units(self) -> int:
        return self.positions.shape[-1]


Domain = Entry | Moved | Total
# Computes a value for some rows: (values of the arguments by number, rows, unit) -> block.
Evaluate = Callable[[dict[int, np.ndarray], np.ndarray, int], np.ndarray]


def refuse(why: str, what: str = "") -> NoReturn:
    """Say that a computation has none of the structures known here.

    Raises:
        UntraceableError: always.
    """
    raise UntraceableError(why, what)


def is_virtual(value: np.ndarray, batch: int) -> bool:
    """Whether the axis of the batch is only thought of."""
    return -batch > value.ndim


def lifted(value: np.ndarray, batch: int) -> np.ndarray:
    """A value with its axis of the batch, if that was only thought of."""
    return value[None] if is_virtual(value, batch) else value


def rows_of(value: np.ndarray, batch: int, rows: np.ndarray) -> np.ndarray:
    """Copies of rows of a value."""
    return np.take(lifted(value, batch), rows, axis=batch)


def place(array: np.ndarray, axis: int, at: Any) -> tuple[Any, ...]:
    """An index that picks ``at`` on one axis, counted from the right."""
    return (Ellipsis, at, *[slice(None)] * (-axis - 1))


def with_unit_moved(
    node: Node, domain: Moved, block: np.ndarray, rows: np.ndarray, unit: int
) -> np.ndarray:
    """Whole rows, from a block of which only the place that moves was computed."""
    if domain.unit is None:
        return block
    whole = rows_of(node.value, domain.batch, rows)
    whole[place(whole, domain.unit, slice(unit, unit + 1))] = block
    return whole


def constant_for(c: Any, domain: Moved, rows: np.ndarray, unit: int, count: int) -> Any:
    """The part of a constant that meets some rows, and the unit that moves.

    Args:
        c: a number or an array.
        domain: of the result.
        rows, unit: which ones.
        count: how many rows the batch has.
    """
    if not isinstance(c, np.ndarray):
        return c
    if c.ndim >= -domain.batch and c.shape[domain.batch] == count and count > 1:
        c = np.take(c, rows, axis=domain.batch)
    if domain.unit is not None and c.ndim >= -domain.unit and c.shape[domain.unit] > 1:
        c = c[place(c, domain.unit, slice(unit, unit + 1))]
    return c
