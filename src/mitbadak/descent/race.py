"""Optimizers compared from one start, each at its best learning rate."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from mitbadak.core.arguments import renamed
from mitbadak.core.errors import RangeError
from mitbadak.core.progress import Progress
from mitbadak.descent.result import DescentResult, Status
from mitbadak.descent.surfaces import Surface
from mitbadak.descent.walk import Rule, descend
from mitbadak.functions.numerical import as_number

RATES = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001)
RATE_WITHOUT_A_MINIMUM = 0.1  # no rate is best if f falls without end


@renamed(start="init_x")
def race(
    f: Callable[[np.ndarray], float],
    optimizers: Mapping[str, Callable[..., Rule]],
    init_x: Any = None,
    step_num: int = 100,
    *,
    rates: Sequence[float] | None = None,
    progress: Progress | None = None,
) -> dict[str, DescentResult]:
    """Descend with every optimizer from one start, each at the best of several learning rates.

    Among the descents that never climb above the start, the best is the one that stays lowest
    over its last quarter, so that a rate cannot win by a lucky last step.

    Args:
        f: a ``Surface`` (its exact gradient is used), or any function of an array.
        optimizers: constructors by name, called with ``lr=``, as in ``mitbadak.optim.OPTIMIZERS``.
        init_x: the start, common to all; by default that of the surface.
        step_num: number of steps of each descent.
        rates: rates to choose from; by default ``RATES``, or 0.1 alone on a surface without a
            minimum.
        progress: called as ``progress(done, total, message)`` after each descent.

    Returns:
        The best descent of each optimizer, by name.

    Raises:
        RangeError: there is no start, no rate, or no optimizer.

    Example:
        >>> from mitbadak.descent import ellipse
        >>> from mitbadak.optim import OPTIMIZERS
        >>> results = race(ellipse, {"sgd": OPTIMIZERS["sgd"]}, step_num=50)
        >>> results["sgd"].lr
        0.3
    """
    known = f if isinstance(f, Surface) else None
    if init_x is None:
        if known is None:
            raise RangeError("race needs init_x for a function that is not a Surface.")
        init_x = known.start
    if rates is None:
        bottomless = known is not None and not len(known.minima)
        rates = (RATE_WITHOUT_A_MINIMUM,) if bottomless else RATES
    if not rates or not optimizers:
        raise RangeError("race needs at least one optimizer and one rate.")
    gradient = None if known is None else known.gradient
    total, done, best = len(optimizers) * len(rates), 0, {}
    for name, make in optimizers.items():
        tried = []
        for lr in sorted(rates):
            tried.append(descend(f, init_x, make(lr=lr), step_num, gradient=gradient))
            done += 1
            if progress is not None:
                progress(done, total, f"race: {name}, lr {lr:g} ({done} of {total} descents)")
        best[name] = min(tried, key=lambda result: _rank(f, result))
    return best


def _rank(f: Callable[[np.ndarray], float], result: DescentResult) -> tuple[bool, bool, float]:
    """A sort key: first whether it diverged, then whether it climbed, then its late heights."""
    with np.errstate(all="ignore"):
        heights = [as_number(f(x)) for x in result.path]
    heights = [math.inf if math.isnan(height) else height for height in heights]
    late = heights[-max(1, len(heights) // 4) :]
    failed = result.status in (Status.DIVERGED, Status.LOST_TO_ROUNDING)
    return failed, max(heights) > heights[0], max(late)
