"""Replays: the operations of f again, on the rows of a batch that a change moves."""

from __future__ import annotations

import numpy as np

from mitbadak.book.recognition.domains import (
    Moved,
    Origin,
    constant_for,
    lifted,
    place,
    rows_of,
    with_unit_moved,
)
from mitbadak.book.recognition.spread import Spread
from mitbadak.book.recognition.tape import Node


def shifted(origin: Origin, unit: int, rows: np.ndarray, by: np.ndarray) -> np.ndarray:
    """What a layer gives for some rows if its weights to one unit are changed."""
    block = rows_of(origin.node.value, origin.batch, rows)
    if origin.unit is None:
        return block + by
    block = block[place(block, origin.unit, slice(unit, unit + 1))]
    return block + (by[:, None] if origin.unit == -1 else by)


def broadcast(
    origin: Origin, unit: int, rows: np.ndarray, entries: dict[int, np.ndarray]
) -> np.ndarray:
    """What a broadcast gives for some rows if one entry is changed."""
    node, entry = origin.node, origin.entry
    if entry is node:
        block = rows_of(entries[node.number], origin.batch, rows)
        return block[place(block, origin.unit or -1, slice(unit, unit + 1))]
    domain = Moved(origin, origin.batch, origin.unit)
    args = (
        constant_for(entries[a.number] if isinstance(a, Node) else a, domain, rows, unit,
                     origin.rows)
        for a in node.args
    )  # fmt: skip
    with np.errstate(all="ignore"):
        block = node.function(*args, **node.options)
    shape = list(lifted(node.value, origin.batch).shape)
    shape[origin.batch], shape[origin.unit or -1] = len(rows), 1
    return np.broadcast_to(block, shape)


def follow(
    spread: Spread, origin: Origin, start: np.ndarray, rows: np.ndarray, unit: int,
    known: dict[int, np.ndarray] | None = None,
) -> dict[int, np.ndarray]:  # fmt: skip
    """What moved rows add to each sum of an origin.

    Args:
        spread, origin: the computation.
        start: what the origin gives for these rows.
        rows, unit: which examples, and which unit moves.
        known: blocks that are given instead of computed, with all before them.
    """
    blocks = {origin.node.number: start} if known is None else known
    first = max(blocks)
    with np.errstate(all="ignore"):
        for node in origin.moved:
            if node.number > first:
                blocks[node.number] = spread.evaluate[node.number](blocks, rows, unit)
    result = {}
    for node in origin.sums:
        source, batch = _summand(spread, node)
        domain = spread.domains[source.number]
        whole = with_unit_moved(source, domain, blocks[source.number], rows, unit)
        result[node.number] = _summed(node, source, whole, batch)
    return result


def rows_of_sums(spread: Spread, origin: Origin) -> dict[int, np.ndarray]:
    """What each example adds to the sums of an origin, unchanged."""
    rows = np.arange(origin.rows)
    result = {}
    for node in origin.sums:
        source, batch = _summand(spread, node)
        whole = rows_of(source.value, batch, rows)
        result[node.number] = _summed(node, source, whole, batch)
    return result


def _summand(spread: Spread, node: Node) -> tuple[Node, int]:
    """What a sum adds up, and its axis of the batch; a single number of an example is its own."""
    domain = spread.domains[node.number]
    if isinstance(domain, Moved):
        return node, domain.batch
    (source,) = node.args
    domain = spread.domains[source.number]
    return source, domain.batch


def _summed(node: Node, source: Node, whole: np.ndarray, batch: int) -> np.ndarray:
    axes = tuple(a for a in range(-whole.ndim, 0) if a != batch)
    total = np.asarray(np.sum(whole, axis=axes, dtype=np.float64))
    mean = node is not source and node.function is np.mean
    return total / source.value.size if mean else total
