"""The gradient of variables with respect to others, of any order."""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.core.errors import DtypeError
from mitbadak.graph.variable import Variable, arrive, beginning, in_order


def grad(
    y: Any,
    xs: Any,
    *,
    dy: Any = None,
    create_graph: bool = False,
) -> Any:
    """Gradient of y with respect to some variables; nothing is freed and no ``grad`` is set.

    Args:
        y: a scalar variable, or one whose ``dy`` is given; several are summed.
        xs: one variable or several.
        dy: gradient of the result with respect to y (a list of them for several); default 1.
        create_graph: give variables, which can be differentiated again.

    Returns:
        One gradient, or a list for a list: arrays of the shapes of xs, 0 where y does not depend
        on x; variables with ``create_graph``.

    Raises:
        ShapeError: a y that is no scalar has no dy, or dy has another shape.
        StateError: ``backward`` has freed the graph.

    Example:
        >>> x = Variable(2.0)
        >>> slope = grad(x**3, x, create_graph=True)
        >>> slope.item(), float(grad(slope, x))
        (12.0, 12.0)
    """
    outputs = list(y) if isinstance(y, (list, tuple)) else [y]
    wanted = list(xs) if isinstance(xs, (list, tuple)) else [xs]
    for v in (*outputs, *wanted):
        if not isinstance(v, Variable):
            raise DtypeError(f"grad expects variables; got {type(v).__name__}.")
    starts = [dy] if isinstance(y, Variable) else (dy or [None] * len(outputs))
    order = in_order(outputs)
    needed = {id(x) for x in wanted}
    for v in order:  # arguments come first, so one pass finds all that lead to a wanted one
        if any(id(a) in needed for a in v.args):
            needed.add(id(v))
    flowing: dict[int, Any] = {}
    for output, start in zip(outputs, starts, strict=True):
        begin = beginning(output, start)
        arrive(flowing, output, Variable(begin) if create_graph else begin)
    for v in reversed(order):
        arrived = flowing.get(id(v))
        if arrived is None or id(v) not in needed or v.operation is None:
            continue
        # For the next order the same body runs again, on the variables themselves.
        pullbacks = v.operation.vjp(*v.args, **v.options)[1] if create_graph else v.pullbacks()
        for a, pullback in zip(v.args, pullbacks, strict=True):
            if pullback is not None and id(a) in needed:
                arriving = pullback(arrived)
                if create_graph and not isinstance(arriving, Variable):
                    arriving = Variable(arriving)  # a constant, such as the slope of a step
                arrive(flowing, a, arriving)
    found = [flowing.get(id(x)) for x in wanted]
    found = [
        _zeros(x, create_graph) if g is None else g for g, x in zip(found, wanted, strict=True)
    ]
    return found if isinstance(xs, (list, tuple)) else found[0]


def _zeros(x: Variable, create_graph: bool) -> Any:
    zeros = np.zeros(x.shape, x.dtype)
    return Variable(zeros) if create_graph else zeros
