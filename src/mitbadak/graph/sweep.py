"""Walking a graph: its variables in order, and the one sweep back through them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from mitbadak.functions import primitives
from mitbadak.functions.differentiable import Pullbacks, Traced, upstream_gradient

_NUMBER = operator.attrgetter("number")


def in_order(outputs: Iterable[Any]) -> list[Any]:
    """Every variable that the outputs were computed from, in the order of computation.

    Example:
        >>> from mitbadak.graph import Variable
        >>> x = Variable(3.0)
        >>> y = x * x
        >>> [v is u for v, u in zip(in_order([y + x]), (x, y))]
        [True, True]
    """
    graph = {id(y): y for y in outputs}
    stack = list(graph.values())
    while stack:
        for a in stack.pop().args:
            if isinstance(a, Traced) and id(a) not in graph:
                graph[id(a)] = a
                stack.append(a)
    return sorted(graph.values(), key=_NUMBER)


def reverse_sweep(
    order: Sequence[Any],
    starts: Iterable[tuple[Any, Any]],
    pullbacks_of: Callable[[Any], Pullbacks],
) -> Iterator[tuple[Any, Any]]:
    """Carry gradients from the outputs of a graph back to its inputs.

    Args:
        order: variables as ``in_order`` gives them; the sweep visits no others.
        starts: pairs of an output y and dy, the gradient with respect to it (None: 1, for a
            scalar).
        pullbacks_of: the pullbacks of a variable, one per argument.

    Yields:
        Each variable, the last first, with its gradient: the sum over all its uses, or None where
        none arrives. Its own pullbacks are no longer needed by then.

    Raises:
        ShapeError: dy has a different shape from y, or is missing where y is not a scalar.
    """
    visited = set(map(id, order))
    gradients: dict[int, Any] = {}
    for y, dy in starts:
        _add(gradients, y, upstream_gradient(repr(y), dy, y.shape, y.dtype))
    for v in reversed(order):
        gradient = gradients.pop(id(v), None)
        pullbacks = () if gradient is None or v.operation is None else pullbacks_of(v)
        yield v, gradient
        if gradient is None:
            continue
        for a, pullback in zip(v.args, pullbacks, strict=True):
            if pullback is not None and id(a) in visited:
                _add(gradients, a, pullback(gradient))


def _add(gradients: dict[int, Any], v: Any, gradient: Any) -> None:
    """Add what one use of a variable sends back, in the variable's own dtype."""
    if gradient.dtype != v.value.dtype:
        gradient = primitives.cast(gradient, dtype=v.value.dtype)
    before = gradients.get(id(v))
    gradients[id(v)] = gradient if before is None else before + gradient
