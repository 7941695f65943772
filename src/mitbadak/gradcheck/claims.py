"""The analytic gradient under examination."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mitbadak.core.errors import NonFiniteError, StateError
from mitbadak.gradcheck.subjects import Subject


class Claims:
    """A copy of the analytic gradient, by name, and the loss at the same point.

    Args:
        subject: what is examined; its loss and gradient are computed twice.

    Raises:
        StateError: the two results differ.
        NonFiniteError: the loss is NaN or infinite.
    """

    def __init__(self, subject: Subject):
        self.subject = subject
        self.gradient = _copy(subject.analytic())
        again, losses = _copy(subject.analytic()), (subject.loss(), subject.loss())
        self.loss = losses[0]
        if not np.isfinite(self.loss):
            raise NonFiniteError(
                f"check_gradients: the loss is {self.loss}, so it has no slope to compare with. "
                "Check at a point where it is finite."
            )
        same = losses[0] == losses[1] and self.gradient.keys() == again.keys()
        if not same or not all(_identical(g, again[name]) for name, g in self.gradient.items()):
            raise StateError(
                "the loss or the gradient is not the same when computed twice, so there is nothing "
                "to compare. Use fixed masks and seeds; a gradient must not change its inputs."
            )

    @property
    def surplus(self) -> list[str]:
        """Names in the gradient that belong to no parameter."""
        return [name for name in self.gradient if name not in self.subject.arrays]

    def of(self, name: str) -> np.ndarray:
        """The gradient of one array, in float64."""
        return np.asarray(self.gradient[name], np.float64)

    def problem(self, name: str) -> str:
        """What disqualifies an array's gradient before it is compared, or ""."""
        array = self.subject.arrays[name]
        if name not in self.gradient or self.gradient[name] is None:
            return "the gradient has no entry for it"
        g = np.asarray(self.gradient[name])
        if g.shape != array.shape:
            return f"its gradient has shape {g.shape} instead of {array.shape}"
        if g.dtype.kind not in "fiub":
            return f"its gradient is {g.dtype}, not real numbers"
        nan = np.isnan(g) & np.isfinite(array)
        if nan.any():
            first = tuple(map(int, np.argwhere(nan)[0]))
            where = f", first at {first}" if first else ""
            return f"its gradient holds NaN in {int(nan.sum()):,} of {g.size:,} entries{where}"
        return ""

    def spreads_nan(self, name: str) -> bool:
        """Whether the gradient is NaN where the array itself is infinite or NaN."""
        g: Any = self.gradient[name]
        return bool((np.isnan(g) & ~np.isfinite(self.subject.arrays[name])).any())

    def is_finite(self, name: str) -> bool:
        """Whether the gradient of one array exists and holds finite real numbers."""
        g: Any = self.gradient.get(name)
        return g is not None and g.dtype.kind in "fiub" and bool(np.isfinite(g).all())

    def single_digits(self, name: str) -> bool:
        """Whether all entries of an array's gradient fit in float32, and not all in float16."""
        g = self.of(name)
        with np.errstate(all="ignore"):
            rounded = bool((g == g.astype(np.float32)).all())
            return rounded and bool((g != g.astype(np.float16)).any())


def _copy(gradient: Mapping[str, Any]) -> dict[str, Any]:
    """A copy, since a net may reuse the arrays of its gradient."""
    return {name: g if g is None else np.array(g) for name, g in gradient.items()}


def _identical(a: Any, b: Any) -> bool:
    if a is None or b is None:
        return a is b
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))
