"""The spread of a change: the domain of each value that f computes, and how its rows are computed.

Each rule looks at one kind of operation. It returns the domain of the result and, where rows of a
batch move, a function that computes them for any rows of the batch; what fits no rule is refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.book.recognition import picking
from mitbadak.book.recognition.domains import (
    Domain,
    Entry,
    Evaluate,
    Moved,
    Origin,
    Total,
    constant_for,
    is_virtual,
    lifted,
    place,
    refuse,
    rows_of,
    with_unit_moved,
)
from mitbadak.book.recognition.tape import Node, name_of

SUMS = (np.sum, np.mean)
ONE_AXIS = (np.argmax, np.argmin)


class Spread:
    """The domains of all values that an output depends on.

    Attributes:
        needed: those nodes, in order.
        domains: by number.
        evaluate: for values in ``Moved``, how rows of them are computed.
        origins: where the array enters.
        penalties: sums of values in ``Entry``, or single entries.

    Raises:
        UntraceableError: something in between has no structure that is known here.
    """

    def __init__(self, output: Node):
        self.output = output
        self.needed = _needed(output)
        self.domains: dict[int, Any] = {}  # a Domain each
        self.evaluate: dict[int, Evaluate] = {}
        self.origins: list[Origin] = []
        self.penalties: list[Node] = []
        rules = {
            "elementwise": self._elementwise, "matmul": self._matmul, "reduce": self._reduce,
            "rowwise": self._rowwise, "transpose": self._transpose, "reshape": self._reshape,
            "index": self._index,
        }  # fmt: skip
        for node in self.needed:
            if not np.isfinite(node.value).all():
                refuse("not finite")
            if node.kind == "input":
                positions = np.arange(node.value.size).reshape(node.value.shape)
                self.domains[node.number] = Entry(positions)
                continue
            domain = rules[node.kind](node)
            self.domains[node.number] = domain
            if isinstance(domain, Moved) and node is not domain.origin.node:
                domain.origin.moved.append(node)
        if not self.needed or self.needed[0].kind != "input":
            refuse("independent")
        if not isinstance(self._total_of(output), Total):
            refuse("many")

    def _total_of(self, node: Node) -> Domain:
        """A domain in which a moved single number counts as a total."""
        domain = self.domains[node.number]
        if isinstance(domain, Moved) and node.value.size == 1:
            if node not in domain.origin.sums:
                domain.origin.sums.append(node)
            return Total()
        if isinstance(domain, Entry) and node.value.size == 1:
            if node not in self.penalties:
                self.penalties.append(node)
            return Total()
        return domain

    def _moved(self, node: Node) -> Moved:
        """The domain of an argument that is to be followed row by row."""
        domain = self.domains[node.number]
        if isinstance(domain, Moved):
            return domain
        if isinstance(domain, Total):
            refuse("flows back")
        axes = [i for i, n in enumerate(node.value.shape) if n > 1]
        if len(axes) > 1:
            refuse("transformed")
        # A single example: each entry of a bias moves one unit of it.
        unit = (axes[0] if axes else node.value.ndim - 1) - node.value.ndim
        origin = Origin(node, -node.value.ndim - 1, unit, domain.positions.reshape(-1), entry=node)
        self.origins.append(origin)
        moved = Moved(origin, origin.batch, unit)
        self.domains[node.number] = moved
        return moved

    def _elementwise(self, node: Node) -> Domain:
        domains = [self.domains[a.number] for a in node.sources]
        if all(isinstance(d, Entry) for d in domains):
            return self._of_entries(node)
        if any(isinstance(d, Total) for d in domains):
            domains = [self._total_of(a) for a in node.sources]
            if not all(isinstance(d, Total) for d in domains) or node.value.size != 1:
                refuse("flows back")
            return Total()
        moved = [d for d in domains if isinstance(d, Moved)]
        if len(moved) < len(domains):
            refuse("twice")
        return self._of_moved(node, moved)

    def _of_entries(self, node: Node) -> Domain:
        sources = list(node.sources)
        first = self.domains[sources[0].number]
        for other in sources[1:]:
            positions = self.domains[other.number].positions  # type: ignore[union-attr]
            if not np.array_equal(positions, first.positions):
                refuse("twice")
        arrays = [a for a in node.args if isinstance(a, np.ndarray) and a.size > 1]
        if node.value.shape == first.positions.shape:
            changes = node.function is not np.copy
            return Entry(first.positions, first.plain and not changes, first.mixed or bool(arrays))
        shape, width = node.value.shape, first.positions.size
        units = [i for i, n in enumerate(first.positions.shape) if n > 1]
        if len(shape) != 2 or len(units) > 1 or not (first.plain or first.positions.ndim == 1):
            refuse("transformed")
        unit = units[0] - first.positions.ndim if units else -1
        if shape[unit] != width:
            refuse("transformed")
        origin = Origin(node, -3 - unit, unit, first.positions.reshape(-1), entry=sources[0])
        self.origins.append(origin)
        return Moved(origin, origin.batch, unit)

    def _of_moved(self, node: Node, moved: list[Moved]) -> Domain:
        origin, batch = moved[0].origin, min(d.batch for d in moved)
        if any(d.origin is not origin for d in moved):
            refuse("twice")
        if any(d.batch != batch and not is_virtual(a.value, d.batch)
               for a, d in zip(node.sources, moved, strict=True)):  # fmt: skip
            refuse("batch", name_of(node.function))
        value, count = node.value, origin.rows
        if not is_virtual(value, batch) and value.shape[batch] != count:
            refuse("batch", name_of(node.function))
        unit = moved[0].unit if all(d.unit == moved[0].unit for d in moved) else None
        if unit is not None and value.shape[unit] != origin.units:
            unit = None
        result = Moved(origin, batch, unit)
        by_number = {a.number: d for a, d in zip(node.sources, moved, strict=True)}

        def evaluate(blocks: dict[int, np.ndarray], rows: np.ndarray, at: int) -> np.ndarray:
            args: list[Any] = []
            for a in node.args:
                if not isinstance(a, Node):
                    args.append(constant_for(a, result, rows, at, count))
                    continue
                block, own = blocks[a.number], by_number[a.number]
                if unit is None:
                    block = with_unit_moved(a, own, block, rows, at)
                if own.batch != batch:  # fewer axes, of a single example
                    block = block.reshape(len(rows), *[1] * (own.batch - batch), *block.shape[1:])
                args.append(block)
            return node.function(*args, **node.options)

        self.evaluate[node.number] = evaluate
        return result

    def _matmul(self, node: Node) -> Domain:
        sources = list(node.sources)
        if len(sources) != 1 or not all(np.ndim(a) in (1, 2) for a in node.args
                                        if not isinstance(a, Node)):  # fmt: skip
            refuse("twice")
        source, on_right = sources[0], isinstance(node.args[1], Node)
        other = np.asarray(node.args[0] if on_right else node.args[1])
        domain = self.domains[source.number]
        if (
            isinstance(domain, Entry)
            and domain.plain
            and not domain.mixed
            and (source.value.ndim in (1, 2))
        ):
            return self._entrance(node, domain, other, on_right)
        moved = self._moved(source)
        ndim = source.value.ndim
        virtual = is_virtual(source.value, moved.batch)
        contracted = -2 if on_right and ndim > 1 else -1
        if ndim > 2 or moved.batch == contracted:
            refuse("batch", name_of(node.function))
        batch = moved.batch if other.ndim == 2 or on_right else moved.batch + 1
        if on_right and other.ndim == 1 and virtual:
            batch = moved.batch + 1
        if ndim == 2 and virtual:
            refuse("operation", name_of(node.function))
        # rows in front: (rows, k) @ (k, m)
        weights = other.T if on_right else other
        result, rows_last = Moved(moved.origin, batch, None), on_right and not virtual

        def evaluate(blocks: dict[int, np.ndarray], rows: np.ndarray, at: int) -> np.ndarray:
            block = blocks[source.number]
            if moved.unit is None:
                product = (block.T if rows_last else block) @ weights
                return product.T if rows_last and product.ndim > 1 else product
            before = rows_of(source.value, moved.batch, rows)
            change = block - before[place(before, moved.unit, slice(at, at + 1))]
            change = change.reshape(-1, 1) if weights.ndim == 2 else change.reshape(-1)
            change = change * weights[at]
            return rows_of(node.value, batch, rows) + (change.T if rows_last else change)

        self.evaluate[node.number] = evaluate
        return result

    def _entrance(self, node: Node, domain: Entry, other: np.ndarray, on_right: bool) -> Domain:
        """``inputs @ W``, or ``W @ inputs`` with examples as columns."""
        W, inputs = domain.positions, other
        if not on_right:
            W, inputs = W.T, (other.T if other.ndim == 2 else other)
        one_example, one_unit = inputs.ndim == 1, W.ndim == 1
        if one_unit:
            batch, unit = -1, None
        elif on_right or one_example:
            batch, unit = -2, -1
        else:
            batch, unit = -1, -2
        origin = Origin(
            node, batch, unit, W.reshape(len(W), -1),
            inputs=np.atleast_2d(inputs).astype(np.float64),
        )  # fmt: skip
        self.origins.append(origin)
        return Moved(origin, batch, unit)

    def _reduce(self, node: Node) -> Domain:
        (source,) = node.args
        domain = self.domains[source.number]
        if isinstance(domain, Total):
            return Total()
        axes = _axes(node, source.value.ndim)
        everything = node.value.size == 1
        if isinstance(domain, Entry) and everything and node.function in SUMS and not domain.mixed:
            self.penalties.append(node)
            return Total()
        moved = self._moved(source)
        if not is_virtual(source.value, moved.batch) and moved.batch in axes:
            if node.function not in SUMS or not everything:
                refuse("batch", name_of(node.function))
            moved.origin.sums.append(node)
            return Total()
        if node.function in ONE_AXIS and len(axes) != 1:
            refuse("operation", name_of(node.function))
        options = {k: v for k, v in node.options.items() if k != "axis"}
        axis: Any = axes[0] if node.function in ONE_AXIS else tuple(axes)
        batch = moved.batch
        if not options.get("keepdims"):
            batch += sum(a > moved.batch for a in axes)

        def evaluate(blocks: dict[int, np.ndarray], rows: np.ndarray, at: int) -> np.ndarray:
            whole = with_unit_moved(source, moved, blocks[source.number], rows, at)
            return node.function(whole, axis=axis, **options)

        self.evaluate[node.number] = evaluate
        return Moved(moved.origin, batch, None)

    def _rowwise(self, node: Node) -> Domain:
        source = next(node.sources)
        moved = self._moved(source)
        if moved.batch == -1:
            refuse("batch", name_of(node.function))
        self._on_whole_rows(node, source, moved, lambda whole, rows: node.function(
            whole, **node.options))  # fmt: skip
        return Moved(moved.origin, moved.batch, None)

    def _transpose(self, node: Node) -> Domain:
        (source,) = node.args
        domain = self.domains[source.number]
        if isinstance(domain, Total):
            return domain
        if isinstance(domain, Entry):
            return Entry(
                node.function(domain.positions, **node.options), domain.plain, domain.mixed
            )
        ndim = source.value.ndim
        lengths = np.empty(tuple(range(2, 2 + ndim)), np.int8)
        order = [n - 2 for n in node.function(lengths, **node.options).shape]
        batch, unit = domain.batch, domain.unit
        if is_virtual(source.value, batch):
            order_of_block = [0, *(n + 1 for n in order)]
        else:
            order_of_block = order
            batch = order.index(ndim + batch) - ndim
        unit = None if unit is None else order.index(ndim + unit) - ndim
        self.evaluate[node.number] = lambda blocks, rows, at: np.transpose(
            blocks[source.number], order_of_block
        )
        return Moved(domain.origin, batch, unit)

    def _reshape(self, node: Node) -> Domain:
        (source,) = node.args
        domain = self.domains[source.number]
        shape = node.value.shape
        if isinstance(domain, Total):
            return domain
        if isinstance(domain, Entry):
            return Entry(domain.positions.reshape(shape), domain.plain, domain.mixed)
        batch = picking.reshaped_batch(source.value.shape, domain.batch, shape)
        virtual = -batch > len(shape)

        def reshaped(whole: np.ndarray, rows: np.ndarray) -> np.ndarray:
            if virtual:
                return whole.reshape(len(rows), *shape)
            lengths = list(shape)
            lengths[batch] = len(rows)
            return whole.reshape(lengths)

        self._on_whole_rows(node, source, domain, reshaped)
        return Moved(domain.origin, batch, None)

    def _index(self, node: Node) -> Domain:
        source, at = node.args[0], node.options["at"]
        domain = self.domains[source.number]
        if isinstance(domain, Total):
            return domain
        if isinstance(domain, Entry):
            positions = np.asarray(domain.positions[at])
            if np.unique(positions).size < positions.size:
                refuse("picked")
            return Entry(positions, domain.plain, domain.mixed)
        batch, pick = picking.picked(source.value, domain.batch, at)
        self._on_whole_rows(node, source, domain, pick)
        return Moved(domain.origin, batch, None)

    def _on_whole_rows(self, node: Node, source: Node, domain: Moved, function: Any) -> None:
        self.evaluate[node.number] = lambda blocks, rows, at: function(
            with_unit_moved(source, domain, blocks[source.number], rows, at), rows
        )


def _axes(node: Node, ndim: int) -> list[int]:
    """The axes that a reduction combines, counted from the right."""
    axis = node.options.get("axis")
    if axis is None:
        return list(range(-ndim, 0))
    axes = axis if isinstance(axis, tuple) else (axis,)
    return [a - ndim if a >= 0 else a for a in axes]


def _needed(output: Node) -> list[Node]:
    """The nodes that an output depends on, in order, with itself."""
    found: dict[int, Node] = {}
    waiting = [output]
    while waiting:
        node = waiting.pop()
        if node.number not in found:
            found[node.number] = node
            waiting.extend(node.sources)
    return [found[number] for number in sorted(found)]


__all__ = ["Spread", "lifted"]
