"""Numerical derivatives by central differences: shift one entry by h each way and compare f.

Every other gradient is checked against this definition, so it uses no pullbacks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.arrays import as_array, float_array
from mitbadak.core.errors import DtypeError, NumericalWarning, ShapeError, StateError, positive
from mitbadak.core.progress import Progress, StderrProgress, duration
from mitbadak.core.warned import warn

H = 1e-4  # the book's h; rounding and truncation errors are both near 1e-8 in float64
STEADY = 0.2  # seconds of evaluations, after which they are forecast
SURE, SEVERAL = 2.0, 6  # seconds or entries; one pause of the machine is no pace
LONG_SECONDS = 3.0  # a forecast above this is announced
PROBES = 3  # evaluations timed for the forecast
LOST_SHARE = 1e-3  # of h; a larger error costs more than the truncation of a central difference


@explained
def numerical_diff(f: Callable[[Any], Any], x: Any, *, h: float | str = H):
    """Central difference ``(f(x + h) - f(x - h)) / (2 h)``.

    Args:
        f: a function of one number; for an array x it is applied elementwise.
        x: where to take the derivative, a number or an array of real numbers.
        h: a number above 0; ``"auto"`` takes cbrt(eps) * max(1, \\|x_i\\|) for each entry.

    Returns:
        The derivative, with an error of order h^2 plus rounding of about ``1e-16 |f| / h``.
        For float32 and smaller, the difference is divided by the actual, rounded change of x.

    Raises:
        RangeError: h is not a finite number above 0.
        DtypeError: x or f(x) does not hold real numbers.
        ShapeError: f does not return one number for each entry of x.
        StateError: f writes into its argument.

    Warns:
        NumericalWarning: as ``numerical_gradient``.

    Example:
        >>> numerical_diff(lambda x: 0.01 * x**2 + 0.1 * x, 5)
        0.1999999999990898
    """
    at = float_array("numerical_diff", "x", x)
    if at.dtype.itemsize < 8:
        _warn_of_few_digits("numerical_diff", at.dtype, "Use x.astype(np.float64).")
    points = central_points(at, h, "numerical_diff")
    warn_of_lost_digits("numerical_diff", [points], h)
    # f gets what the caller's own x + h would be: a plain number if x is one.
    plain = isinstance(x, (int, float)) and not isinstance(x, np.generic)
    above, below = (a.item() if plain else a[()] for a in (points.above, points.below))
    f_above, f_below = (
        _values(_value_at("numerical_diff", f, point), at.shape) for point in (above, below)
    )
    wide = np.promote_types(f_above.dtype, np.float64)
    with np.errstate(over="ignore", invalid="ignore"):  # f may be infinite or NaN
        slope = (f_above.astype(wide) - f_below.astype(wide)) / points.distance
    return slope.item() if plain and slope.shape == () else slope.astype(f_above.dtype)[()]


@explained
def numerical_gradient(
    f: Callable[[np.ndarray], Any],
    x: Any,
    *,
    h: float | str = H,
    progress: Progress | bool | None = None,
) -> np.ndarray:
    """Gradient of f at x by central differences, one entry of x at a time.

    Each entry of x is changed in place and restored bit for bit, even if f raises an error or
    Ctrl-C interrupts. So f may use its argument, or read the same array elsewhere, as in the notes
    with ``f = lambda W: net.loss(x, t)``. The gradient is the direction in which f grows fastest;
    descent goes the opposite way.

    Args:
        f: any function of an array that returns one number.
        x: where to take the gradient, a float array of any shape (a list of floats is copied).
        h: an absolute number above 0; ``"auto"`` takes cbrt(eps) * max(1, \\|x_i\\|) per entry.
        progress: called as ``progress(done, total, message)``. ``None`` reports to stderr if the
            forecast is above 3 s, ``False`` never.

    Returns:
        The gradient, with the shape and dtype of x.

    Raises:
        DtypeError: x holds integers (x + 1e-4 would be truncated to x), or no real numbers.
        ShapeError: f does not return a single number.
        StateError: f writes into its argument.

    Warns:
        NumericalWarning: x is float32 or smaller; or x is so large that x + h is off by more than
            a thousandth of h, or even equals x.

    Example:
        >>> numerical_gradient(lambda x: x[0] ** 2 + x[1] ** 2, np.array([3.0, 4.0])).round(6)
        array([6., 8.])
    """
    x = _float_array(x)
    warn_of_lost_digits("numerical_gradient", [central_points(x, h)], h)
    return central_differences(f, [x], h=h, progress=progress).gradients[0]


@dataclass(frozen=True)
class CentralPoints:
    """The two points around each entry of an array, and the distance between them.

    Attributes:
        above, below: x + h and x - h, rounded to the dtype of x.
        distance: the divisor of the difference of f. In float64 it is 2 h, as in the notes. Coarser
            floats round x + h and x - h, so there it is their actual distance (1 if that is 0, as
            the difference of f then is).
        lost: where rounding changes the distance by more than a thousandth of it; in coarser
            floats only where the distance is 0.
    """

    above: np.ndarray
    below: np.ndarray
    distance: np.ndarray
    lost: np.ndarray


def central_points(
    x: np.ndarray, h: float | str, owner: str = "numerical_gradient"
) -> CentralPoints:
    """The central points of every entry of x, an array of floats; ``"auto"`` scales h with x.

    Raises:
        RangeError: h is neither ``"auto"`` nor a finite number above 0.
    """
    wide = x.astype(np.promote_types(x.dtype, np.float64))
    if h == "auto":
        # cbrt(eps) balances truncation, of order h^2, against rounding, of order eps / h.
        width = float(np.cbrt(np.finfo(x.dtype).eps)) * np.maximum(1.0, np.abs(wide))
    else:
        width = np.full(x.shape, positive(owner, "h", h))
    with np.errstate(over="ignore", invalid="ignore"):  # at infinity the derivative is NaN
        above, below = (wide + width).astype(x.dtype), (wide - width).astype(x.dtype)
        distance = actual = above.astype(wide.dtype) - below.astype(wide.dtype)
        lost = actual == 0
        if x.dtype.itemsize == 8:
            distance, lost = 2 * width, np.abs(actual - 2 * width) > LOST_SHARE * 2 * width
    distance = np.where(distance == 0, 1.0, distance)
    return CentralPoints(*map(np.asarray, (above, below, distance, lost)))


def warn_of_lost_digits(owner: str, points: Sequence[CentralPoints], h: float | str) -> None:
    """Warn if h is lost to rounding."""
    lost, size = sum(int(p.lost.sum()) for p in points), sum(p.lost.size for p in points)
    if lost:
        warn(
            f"{owner}: at {lost} of {size} entries x + {h} is not representable in "
            f"{points[0].above.dtype} to a thousandth of h; their gradient is rounding error. Use "
            "h='auto'.",
            NumericalWarning,
        )


@dataclass(frozen=True)
class CentralDifferences:
    """Numerical gradients, and where h was lost to rounding.

    Attributes:
        gradients: one array for each given array.
        lost_to_rounding: arrays of the same shapes, True where ``CentralPoints.lost``.
    """

    gradients: list[np.ndarray]
    lost_to_rounding: list[np.ndarray]


def central_differences(
    f: Callable[[np.ndarray], Any],
    arrays: Sequence[np.ndarray],
    *,
    h: float | str = H,
    progress: Progress | bool | None = None,
    owner: str = "numerical_gradient",
) -> CentralDifferences:
    """Numerical gradients with respect to several arrays, with one forecast for all.

    ``f`` is called with the array whose entry is changed. See ``numerical_gradient``.
    """
    if h != "auto":
        positive("numerical_gradient", "h", h)
    meter = _Meter(2 * sum(x.size for x in arrays), progress)
    result = CentralDifferences([], [])
    for x in arrays:
        gradient, lost = _entry_by_entry(f, x, h, meter, owner)
        result.gradients.append(gradient)
        result.lost_to_rounding.append(lost)
    meter.finish()
    return result


def _entry_by_entry(f: Any, x: np.ndarray, h: float | str, meter: _Meter, owner: str):
    gradient, before, points = np.zeros(x.shape, x.dtype), x.copy(), central_points(x, h)
    columns = (a.ravel().tolist() for a in (points.above, points.below, points.distance))
    entries, slopes = x.flat, gradient.reshape(-1)
    try:
        for i, (value, above, below, distance) in enumerate(
            zip(before.flat, *columns, strict=True)
        ):
            entries[i] = above
            f_above = as_number(f(x))
            intact = entries[i] == above or above != above  # unless both are NaN
            entries[i] = below
            f_below = as_number(f(x))
            if not (intact and (entries[i] == below or below != below)):
                raise _writes_into_argument(owner)
            entries[i] = value
            slopes[i] = (f_above - f_below) / distance
            meter.tick(2)
        if x.tobytes() != before.tobytes():
            raise _writes_into_argument(owner)
    finally:
        x[...] = before  # bit for bit, whatever f did
    return gradient, points.lost


def _value_at(owner: str, f: Callable[[Any], Any], x: Any) -> Any:
    """``f(x)``, for an f that leaves x unchanged."""
    before = x.tobytes() if isinstance(x, np.ndarray) else b""
    value = f(x)
    if before and x.tobytes() != before:
        raise _writes_into_argument(owner)
    return value


def _writes_into_argument(owner: str) -> StateError:
    return StateError(
        f"{owner}: f writes into its argument, so its next value would be taken at another point. "
        "Write x = x * 2 instead of x *= 2, or start f with x = x.copy()."
    )


def _float_array(x: Any) -> np.ndarray:
    array = as_array("numerical_gradient", "x", x)
    if array.dtype.kind != "f":
        why = (
            "integers cannot hold x + 1e-4, which would be truncated to x"
            if array.dtype.kind in "biu"
            else "this derivative is defined for real numbers only"
        )
        raise DtypeError(
            f"numerical_gradient expects x as floats; got {array.dtype}: {why}. "
            "Use x.astype(float)."
        )
    if not array.flags.writeable:
        raise DtypeError(
            "numerical_gradient changes x in place and restores it; got a read-only array. "
            "Use x.copy()."
        )
    if array.dtype.itemsize < 8:
        _warn_of_few_digits(
            "numerical_gradient",
            array.dtype,
            "Use x.astype(np.float64) if f computes from its argument. The loss of a net reads the "
            "net's own parameters, not a copy: for it use net.numerical_gradient(x, t), or a "
            "float64 net, net.astype(np.float64).",
        )
    return array


def _warn_of_few_digits(owner: str, dtype: np.dtype, remedy: str) -> None:
    warn(
        f"{owner} in {dtype}: differences of f carry only a few digits. {remedy}",
        NumericalWarning,
    )


def as_number(value: Any) -> float:
    """The result of f as a single real number.

    Raises:
        ShapeError: it is not a single real number.
        DtypeError: it is masked.
    """
    if value is None:
        raise ShapeError("f returned None where one number was expected. Is a return missing?")
    array = as_array("the derivative", "f(x)", value)
    if array.size != 1 or array.dtype.kind not in "biuf":
        raise ShapeError(
            f"the derivative expects f to return one real number; got {array.dtype} of shape "
            f"{array.shape}. Sum it, or differentiate each output separately."
        )
    return float(array.reshape(()))


def _values(value: Any, shape: tuple[int, ...]) -> np.ndarray:
    """The result of f for an x of ``shape``, as floats; for a scalar x it may have any shape."""
    if value is None:
        raise ShapeError("f returned None where numbers were expected. Is a return missing?")
    array = float_array("numerical_diff", "f(x)", value)
    if shape not in ((), array.shape):
        raise ShapeError(
            f"numerical_diff expects f to return one number for each entry of x, shape {shape}; "
            f"got {array.shape}. For a function of the whole array use numerical_gradient."
        )
    return array


class _Meter:
    """Counts evaluations, times the first few, and reports a forecast and then the progress."""

    def __init__(self, total: int, progress: Progress | bool | None):
        self.total, self.done = total, 0
        self.report: Progress | None = None
        self.quiet_when_short = progress is None or progress is True
        if self.quiet_when_short:
            self.report = StderrProgress()
        elif callable(progress):
            self.report = progress
        self.started = time.perf_counter()
        self.first: tuple[float, int] | None = (
            None  # until when the first evaluations took, how many
        )
        self.announced = False
        self.latest = self.started
        self.paces: list[float] = []  # seconds for each evaluation, until a forecast is announced

    def tick(self, evaluations: int) -> None:
        self.done += evaluations
        if self.report is None:
            return
        now = time.perf_counter()
        elapsed = now - self.started
        if not self.announced:
            self.paces.append((now - self.latest) / evaluations)
            self.latest = now
        if self.first is None:  # they load code and warn, and say nothing of the others
            self.first = elapsed, self.done
        if self.done < min(PROBES, self.total):
            return
        before, already = self.first
        steady = elapsed - before
        each = steady / (self.done - already) if self.done > already else before
        forecast = elapsed + each * (self.total - self.done)
        if not self.announced:
            is_early = steady < STEADY or (steady < SURE and len(self.paces) <= SEVERAL)
            if self.quiet_when_short and (forecast < LONG_SECONDS or is_early):
                return
            self.announced = True
            # The usual pace: a pause of the machine in these first seconds is not to be multiplied.
            usual = min(each, float(np.median(self.paces)))
            forecast = elapsed + usual * (self.total - self.done)
            self.report(
                0,
                self.total,
                f"numerical gradient: {self.total:,} evaluations, about {duration(forecast)} "
                "(Ctrl-C stops it and restores x)",
            )
        elif self.done < self.total:
            self.report(
                self.done,
                self.total,
                f"numerical gradient: {self.done:,} of {self.total:,} evaluations, about "
                f"{duration(forecast - elapsed)} left",
            )

    def finish(self) -> None:
        if self.report is not None and self.announced:
            elapsed = time.perf_counter() - self.started
            self.report(
                self.total,
                self.total,
                f"numerical gradient: {self.total:,} evaluations in {duration(elapsed)}",
            )
