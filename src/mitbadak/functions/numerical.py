"""The derivative by its definition: move one number a little both ways and watch f.

This is the judge of every other gradient in the house, so it knows nothing of pullbacks and
never trusts them.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mitbadak.core.arrays import as_array, float_array
from mitbadak.core.errors import DtypeError, NumericalWarning, ShapeError, StateError, positive
from mitbadak.core.progress import Progress, StderrProgress, duration

STEP = 1e-4  # the book's h: rounding and truncation errors are both near 1e-8 in float64
LONG_SECONDS = 3.0  # a forecast above this is announced
WATCHED = 512  # entries at which it is checked that f leaves x as it is
PROBES = 3  # evaluations timed for the forecast
LOST_SHARE = 1e-3  # of the step: more error than the h^2 of a central difference brings


def numerical_diff(f: Callable[[Any], Any], x, *, h: float | str = STEP):
    """Central difference ``(f(x + h) - f(x - h)) / (2 h)``.

    Args:
        f: a function of one number; given an array x, applied entry by entry.
        x: where to take the derivative, a number or an array of real numbers.
        h: the step, above 0; ``"auto"`` takes cbrt(eps) * max(1, \\|x_i\\|) for each entry.

    Returns:
        The derivative, with an error of order h^2 plus rounding of about 1e-16 |f| / h. For
        float32 and smaller the difference is divided by the distance that x really moved.

    Raises:
        RangeError: h is not a finite number above 0.
        DtypeError: x or f(x) is not of real numbers.
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
    move = moves(at, h, "numerical_diff")
    warn_of_lost_steps("numerical_diff", [move], h)
    # f sees what a caller's own x + h would be: a number where x is one.
    plain = isinstance(x, (int, float)) and not isinstance(x, np.generic)
    above, below = (a.item() if plain else a[()] for a in (move.above, move.below))
    f_above, f_below = (
        _values(_value_at("numerical_diff", f, moved), at.shape) for moved in (above, below)
    )
    wide = np.promote_types(f_above.dtype, np.float64)
    with np.errstate(over="ignore", invalid="ignore"):  # where f is not finite, this is not
        slope = (f_above.astype(wide) - f_below.astype(wide)) / move.distance
    return slope.item() if plain and slope.shape == () else slope.astype(f_above.dtype)[()]


def numerical_gradient(
    f: Callable[[np.ndarray], Any],
    x,
    *,
    h: float | str = STEP,
    progress: Progress | bool | None = None,
) -> np.ndarray:
    """Gradient of f at x by central differences, one entry of x at a time.

    Each entry of x is moved in place and put back to the bit, also when f raises or Ctrl-C
    comes; so f may take its argument or look at the same array elsewhere, as the notes do with
    ``f = lambda W: net.loss(x, t)``. The result points to where f grows fastest; descent goes
    the other way.

    Args:
        f: any function of an array that returns one number.
        x: where, a float array of any shape (a list of floats is copied into one).
        h: the step, absolute; ``"auto"`` takes cbrt(eps) * max(1, \\|x_i\\|) for each entry.
        progress: called as ``progress(done, total, message)``; ``None`` reports to stderr when
            the forecast is above 3 s, ``False`` never.

    Returns:
        The gradient, with the shape and dtype of x.

    Raises:
        DtypeError: x is of integers (a step of 1e-4 would be cut to 0) or not of real numbers.
        ShapeError: f returns more than one number.
        StateError: f writes into its argument.

    Warns:
        NumericalWarning: x is float32 or smaller; or x is so large that x + h is rounded by
            more than a part in a thousand of h, down to x itself.

    Example:
        >>> numerical_gradient(lambda x: x[0] ** 2 + x[1] ** 2, np.array([3.0, 4.0])).round(6)
        array([6., 8.])
    """
    x = _float_array(x)
    warn_of_lost_steps("numerical_gradient", [moves(x, h)], h)
    return central_differences(f, [x], h=h, progress=progress).gradients[0]


@dataclass(frozen=True)
class Moves:
    """Where each entry of an array is moved to, and how far.

    Attributes:
        above, below: x + h and x - h as the dtype of x holds them.
        distance: what a difference of f is divided by. In float64 that is 2 h, as the notes
            divide; coarser floats round x + h and x - h, so there it is how far x really moved
            (1 where it did not move at all, and the difference is 0).
        lost: where the step was rounded by more than a part in a thousand, down to no step; in
            coarser floats only the latter.
    """

    above: np.ndarray
    below: np.ndarray
    distance: np.ndarray
    lost: np.ndarray


def moves(x: np.ndarray, h: float | str, owner: str = "numerical_gradient") -> Moves:
    """The moves of every entry of x, an array of floats, by h or, with ``"auto"``, by its size.

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
        distance = moved = above.astype(wide.dtype) - below.astype(wide.dtype)
        lost = moved == 0
        if x.dtype.itemsize == 8:
            distance, lost = 2 * width, np.abs(moved - 2 * width) > LOST_SHARE * 2 * width
    distance = np.where(distance == 0, 1.0, distance)
    return Moves(*map(np.asarray, (above, below, distance, lost)))


def warn_of_lost_steps(owner: str, of: Sequence[Moves], h: float | str) -> None:
    """Warn where steps are lost, for the caller of the function that calls this."""
    lost, size = sum(int(m.lost.sum()) for m in of), sum(m.lost.size for m in of)
    if lost:
        warnings.warn(
            f"{owner}: at {lost} of {size} entries x + {h} cannot be told from x, or not to a part "
            f"in a thousand, among the {of[0].above.dtype} numbers there; their gradient is "
            "rounding, not f. Use h='auto'.",
            NumericalWarning,
            stacklevel=3,
        )


@dataclass(frozen=True)
class CentralDifferences:
    """Gradients by definition, and where the step itself was lost.

    Attributes:
        gradients: one array per array moved.
        lost_to_rounding: the same shapes, True where the step from x - h to x + h was rounded
            by more than a part in a thousand, down to no step at all.
    """

    gradients: list[np.ndarray]
    lost_to_rounding: list[np.ndarray]


def central_differences(
    f: Callable[[np.ndarray], Any],
    arrays: Sequence[np.ndarray],
    *,
    h: float | str = STEP,
    progress: Progress | bool | None = None,
    owner: str = "numerical_gradient",
) -> CentralDifferences:
    """Move every entry of several arrays, one at a time, with one forecast for all.

    ``f`` is called with the array that is being moved. See ``numerical_gradient``.
    """
    if h != "auto":
        positive("numerical_gradient", "h", h)
    meter = _Meter(2 * sum(x.size for x in arrays), progress)
    result = CentralDifferences([], [])
    for x in arrays:
        gradient, lost = _moved_entry_by_entry(f, x, h, meter, owner)
        result.gradients.append(gradient)
        result.lost_to_rounding.append(lost)
    meter.finish()
    return result


def _moved_entry_by_entry(f, x: np.ndarray, h: float | str, meter: _Meter, owner: str):
    gradient, before, move = np.zeros(x.shape, x.dtype), x.copy(), moves(x, h)
    ways = (a.ravel().tolist() for a in (move.above, move.below, move.distance))
    entries, slopes = x.flat, gradient.reshape(-1)
    try:
        for i, (value, above, below, distance) in enumerate(zip(before.flat, *ways, strict=True)):
            # Of a large x every so many entries, and the whole below: comparing costs as a copy.
            watched = i % (1 + x.size // WATCHED) == 0
            entries[i] = above
            f_above = as_number(_value_at(owner, f, x) if watched else f(x))
            entries[i] = below
            f_below = as_number(_value_at(owner, f, x) if watched else f(x))
            entries[i] = value
            slopes[i] = (f_above - f_below) / distance
            meter.tick(2)
        if x.tobytes() != before.tobytes():
            raise _writes(owner)
    finally:
        x[...] = before  # to the bit, whatever f did
    return gradient, move.lost


def _value_at(owner: str, f: Callable[[Any], Any], x: Any) -> Any:
    """``f(x)``, for an f that leaves x as it is.

    Raises:
        StateError: f writes into x: what it is given next would be another point.
    """
    before = x.tobytes() if isinstance(x, np.ndarray) else b""
    value = f(x)
    if before and x.tobytes() != before:
        raise _writes(owner)
    return value


def _writes(owner: str) -> StateError:
    return StateError(
        f"{owner}: f writes into its argument, so that the next value would be taken at "
        "another point. Write x = x * 2 for x *= 2, or begin f with x = x.copy()."
    )


def _float_array(x) -> np.ndarray:
    array = as_array("numerical_gradient", "x", x)
    if array.dtype.kind != "f":
        why = (
            "integers cannot hold x + 1e-4, which would be cut off to x"
            if array.dtype.kind in "biu"
            else "only real numbers have this derivative"
        )
        raise DtypeError(
            f"numerical_gradient expects x as floats; got {array.dtype}: {why}. "
            "Use x.astype(float)."
        )
    if not array.flags.writeable:
        raise DtypeError(
            "numerical_gradient moves x in place and puts it back; got a read-only array. "
            "Use x.copy()."
        )
    if array.dtype.itemsize < 8:
        _warn_of_few_digits(
            "numerical_gradient",
            array.dtype,
            "Use x.astype(np.float64) where f computes from its argument. A net's loss reads the "
            "net's own parameters, not a copy of them: there use net.numerical_gradient(x, t), or "
            "a float64 net, net.astype(np.float64).",
        )
    return array


def _warn_of_few_digits(owner: str, dtype: np.dtype, remedy: str) -> None:
    level = 3 if owner == "numerical_diff" else 4  # of the caller's line
    warnings.warn(
        f"{owner} in {dtype}: differences of f carry only a few digits. {remedy}",
        NumericalWarning,
        stacklevel=level,
    )


def as_number(value: Any) -> float:
    """What f returned, as one real number.

    Raises:
        ShapeError: it is none, or more than one.
        DtypeError: it is masked.
    """
    if value is None:
        raise ShapeError("f returned None where one number was expected. Is a return missing?")
    array = as_array("the derivative", "f(x)", value)
    if array.size != 1 or array.dtype.kind not in "biuf":
        raise ShapeError(
            f"the derivative expects f to return one real number; got {array.dtype} of shape "
            f"{array.shape}. Sum it, or differentiate each output on its own."
        )
    return float(array.reshape(()))


def _values(value: Any, shape: tuple[int, ...]) -> np.ndarray:
    """What f returned for an x of ``shape``, as floats: of any shape for one number."""
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
    """Counts evaluations, times the first few, and reports the forecast and then progress."""

    def __init__(self, total: int, progress: Progress | bool | None):
        self.total, self.done = total, 0
        self.report: Progress | None = None
        self.quiet_when_short = progress is None or progress is True
        if self.quiet_when_short:
            self.report = StderrProgress()
        elif callable(progress):
            self.report = progress
        self.started = time.perf_counter()
        self.announced = False

    def tick(self, evaluations: int) -> None:
        self.done += evaluations
        if self.report is None or self.done < min(PROBES, self.total):
            return
        elapsed = time.perf_counter() - self.started
        forecast = elapsed * self.total / self.done
        if not self.announced:
            if self.quiet_when_short and forecast < LONG_SECONDS:
                return
            self.announced = True
            self.report(
                0,
                self.total,
                f"numerical gradient: {self.total:,} evaluations, about {duration(forecast)} "
                "(Ctrl-C stops it and leaves everything as it was)",
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
