"""Central differences of a traced computation, from what each changed entry moves.

The definition runs f twice for every entry. Here only what an entry moves is computed, for many
examples and entries at once, with the operations that f itself applied to them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.book.recognition.domains import Entry, Origin, refuse
from mitbadak.book.recognition.kernels import Kernel, kernel_for
from mitbadak.book.recognition.replay import broadcast, follow, rows_of_sums, shifted
from mitbadak.book.recognition.spread import Spread
from mitbadak.book.recognition.tape import Node, name_of
from mitbadak.nn.structured_gradient import ROWS_AT_ONCE, Perturbations

Sides = tuple[Any, Any]  # a quantity above and below
KEEPING = (np.sum, np.mean, np.max, np.min)  # of a single number: itself


class CentralDifferences:
    """The gradient of a traced f.

    Args:
        spread: how changes spread in it.
        x: the array, at which f was traced.
        h: half the distance of a central difference.

    Attributes:
        kernels: for each origin the kernel that computes it, where there is one.
    """

    def __init__(self, spread: Spread, x: np.ndarray, h: float):
        self.spread, self.h = spread, h
        self.shape = x.shape
        self.above, self.below = self._entries(x + h), self._entries(x - h)
        self.weights = self._linear(spread.output)  # of each sum in the result; None if not linear
        self.origins = [origin for origin in spread.origins if origin.sums]
        self.kernels: dict[int, Kernel | None] = {}
        for origin in self.origins:
            weights = self.weights
            kernel = None
            if weights is not None and len(origin.sums) == 1:
                kernel = kernel_for(spread, origin, weights.get(origin.sums[0].number, 0.0), h)
            self.kernels[origin.node.number] = kernel

    def gradient(self) -> np.ndarray:
        """The central difference for every entry, in the shape of the array."""
        if self.weights is None:
            slopes = self._of_values()
        else:
            slopes = np.zeros(int(np.prod(self.shape)))
            for node in self.spread.penalties:
                weight = self.weights.get(node.number, 0.0)
                positions, (above, below) = self._penalty(node)
                slopes[positions] += weight * (above - below) / (2 * self.h)
            for origin in self.origins:
                self._add_slopes(origin, slopes)
        return slopes.reshape(self.shape)

    def _entries(self, x: np.ndarray) -> dict[int, np.ndarray]:
        """All values in ``Entry`` if every entry of the array is changed to that in x."""
        values: dict[int, np.ndarray] = {}
        entries = {o.node.number for o in self.spread.origins if o.entry is o.node}
        for node in self.spread.needed:
            domain = self.spread.domains[node.number]
            if not isinstance(domain, Entry) and node.number not in entries:
                continue
            if node.kind == "input":
                values[node.number] = x
                continue
            args = (values[a.number] if isinstance(a, Node) else a for a in node.args)
            with np.errstate(all="ignore"):
                values[node.number] = node.function(*args, **node.options)
        return values

    def _penalty(self, node: Node) -> tuple[np.ndarray, Sides]:
        """The terms of a sum over the array's own entries, and their places."""
        domain = self.spread.domains[_summed_entries(self.spread, node).number]
        sides = self._terms(node, self.above), self._terms(node, self.below)
        return domain.positions.ravel(), sides

    def _terms(self, node: Node, values: dict[int, np.ndarray]) -> np.ndarray:
        source = _summed_entries(self.spread, node)
        terms = np.ravel(values[source.number]).astype(float)
        return terms / terms.size if node.function is np.mean and source is not node else terms

    def _add_slopes(self, origin: Origin, slopes: np.ndarray) -> None:
        """Add the central differences of what one origin moves, unit by unit."""
        kernel = self.kernels[origin.node.number]
        weights = self.weights or {}
        moves = _Moves(origin, self.h)
        gradient = np.zeros(origin.positions.shape)
        for unit in range(origin.units):
            if kernel is not None:
                each = kernel.slopes(unit, moves.rows, moves.by)
            else:
                each = np.zeros(len(moves.rows))
                for part in moves.parts:
                    above, below = self._sums(origin, unit, moves, part)
                    for number in above:
                        change = above[number] - below[number]
                        each[part] += weights.get(number, 0.0) * change / (2 * self.h)
            gradient[..., unit] = moves.collected(each)
        slopes[origin.positions] += gradient

    def _sums(
        self, origin: Origin, unit: int, moves: _Moves, part: slice
    ) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]]:
        """What some moved rows add to each sum, above and below."""
        rows = moves.rows[part]
        sides = []
        for sign, entries in ((1.0, self.above), (-1.0, self.below)):
            if origin.inputs is not None:
                start = shifted(origin, unit, rows, sign * moves.by[part])
            else:
                start = broadcast(origin, unit, rows, entries)
            sides.append(follow(self.spread, origin, start, rows, unit))
        return sides[0], sides[1]

    def _of_values(self) -> np.ndarray:
        """Where the result is no linear function of the sums: the value for every entry."""
        size = int(np.prod(self.shape))
        totals: tuple[dict[int, np.ndarray], ...] = ({}, {})
        for node in self.spread.penalties:
            positions, sides = self._penalty(node)
            before = self._terms(node, {n.number: n.value for n in self.spread.needed})
            for total, side in zip(totals, sides, strict=True):
                total[node.number] = np.full(size, float(node.value.reshape(())))
                total[node.number][positions] += side - before
        for origin in self.origins:
            moves = _Moves(origin, self.h)
            for node in origin.sums:
                for total in totals:
                    total[node.number] = np.full(size, float(node.value.reshape(())))
            before_of = rows_of_sums(self.spread, origin)
            for unit in range(origin.units):
                for total, side in zip(totals, self._whole(origin, unit, moves), strict=True):
                    for number, each in side.items():
                        change = each - before_of[number][moves.rows]
                        total[number][origin.positions[..., unit]] += moves.collected(change)
        above, below = (self._result(self.spread.output, total, size) for total in totals)
        return (above - below) / (2 * self.h)

    def _whole(self, origin: Origin, unit: int, moves: _Moves) -> Sides:
        parts = [self._sums(origin, unit, moves, part) for part in moves.parts]
        return tuple(
            {n: np.concatenate([p[side][n] for p in parts]) for n in parts[0][side]}
            for side in (0, 1)
        )  # type: ignore[return-value]

    def _result(self, node: Node, totals: dict[int, np.ndarray], size: int) -> np.ndarray:
        """The values of a single number of f, one for each changed entry."""
        if node.number in totals:
            return totals[node.number]
        if node.kind != "elementwise":
            if node.kind == "reduce" and node.function not in KEEPING:
                refuse("operation", name_of(node.function))
            return self._result(node.args[0], totals, size)
        args = [
            self._result(a, totals, size) if isinstance(a, Node) else _number(a) for a in node.args
        ]
        with np.errstate(all="ignore"):
            return np.asarray(node.function(*args, **node.options), np.float64)

    def _linear(self, node: Node) -> dict[int, float] | None:
        """The weights with which sums and penalties enter the result; None if it is not linear."""
        if node in self.spread.penalties or any(node in o.sums for o in self.spread.origins):
            return {node.number: 1.0}
        if node.kind != "elementwise":
            if node.kind == "reduce" and node.function not in KEEPING:
                return None
            return self._linear(node.args[0])
        parts = [self._linear(a) if isinstance(a, Node) else _number(a) for a in node.args]
        if any(part is None for part in parts) or node.options:
            return None
        return _combined(node.function, parts)


def _summed_entries(spread: Spread, node: Node) -> Node:
    """What a penalty adds up; a single entry is its own."""
    return node if isinstance(spread.domains[node.number], Entry) else node.args[0]


def _combined(function: Any, parts: list[Any]) -> dict[int, float] | None:
    """Linear combinations after an operation; None if the result is none."""
    if function in (np.negative, np.positive, np.copy):
        scale = -1.0 if function is np.negative else 1.0
        return {n: scale * w for n, w in parts[0].items()}
    if function in (np.add, np.subtract):
        result: dict[int, float] = {}
        for part, sign in zip(parts, (1.0, 1.0 if function is np.add else -1.0), strict=True):
            for number, weight in part.items() if isinstance(part, dict) else ():
                result[number] = result.get(number, 0.0) + sign * weight
        return result
    if function is np.multiply and not all(isinstance(p, dict) for p in parts):
        linear, factor = parts if isinstance(parts[0], dict) else parts[::-1]
        return {n: w * float(factor) for n, w in linear.items()}
    if function is np.divide and isinstance(parts[0], dict) and not isinstance(parts[1], dict):
        return {n: w / float(parts[1]) for n, w in parts[0].items()}
    return None


def _number(constant: Any) -> Any:
    """A constant that meets a single number."""
    if isinstance(constant, (np.ndarray, np.generic)):
        return constant.reshape(()).item()
    return constant


class _Moves:
    """The moves of one unit: which examples, and for weights by how much.

    Attributes:
        rows, by: the example of each move and its shift.
        parts: slices that are computed together.
    """

    def __init__(self, origin: Origin, h: float):
        self.origin = origin
        self.perturbations = None if origin.inputs is None else Perturbations(origin.inputs)
        if self.perturbations is not None:
            self.rows, self.by = self.perturbations.examples, self.perturbations.inputs * h
        else:
            self.rows = np.arange(origin.rows)
            self.by = np.full(origin.rows, h)
        self.parts = [slice(i, i + ROWS_AT_ONCE) for i in range(0, len(self.rows), ROWS_AT_ONCE)]

    def collected(self, each: np.ndarray) -> Any:
        """What the moves of a unit give to the entries that make them."""
        return each.sum() if self.perturbations is None else self.perturbations.collect(each)
