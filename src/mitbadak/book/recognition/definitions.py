"""A learner's own ``numerical_gradient``: what it does, found out by watching it.

Only a function that *is* the definition may be replaced by a faster one. A forward difference, a
wrong step or a forgotten restore gives its own, wrong numbers, and has to go on giving them. So the
function is run on a small array of the same kind with an f that returns drawn numbers and notes
where it is asked. If it asks at x + h and x - h for one entry after another, returns exactly
``(f(x + h) - f(x - h)) / 2h`` of those numbers, and leaves the array as it was, it is the central
difference, however it is written; h is what it was seen to be. On the learner's own array it is
then run for its first entries, which have to be asked for in the same way.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mitbadak.book.recognition.checks import restored
from mitbadak.book.recognition.printed import captured
from mitbadak.book.recognition.recognizer import Recognizer, code_of
from mitbadak.functions.numerical import H

STEPS = (H, 1e-3, 1e-5, 1e-6, 1e-7, 1e-8, 1e-2)  # steps that are tried first
FIRST_ENTRIES = 3  # of the learner's own array
SHAPES = {1: (7,), 2: (3, 4)}


@dataclass
class _Asked:
    """One evaluation: the array then, whether it was the argument, and what f answered."""

    at: np.ndarray
    is_argument: bool
    answer: float


@dataclass
class _Watched:
    """An f that notes where it is asked."""

    x: np.ndarray
    answer: Callable[[Any], Any]
    most: int = -1  # evaluations, after which the function is stopped
    asked: list[_Asked] = field(default_factory=list)

    def __call__(self, argument: Any) -> Any:
        if len(self.asked) == self.most:
            raise _Enough
        value = self.answer(argument)
        self.asked.append(
            _Asked(self.x.copy(), argument is self.x, float(np.asarray(value).item()))
        )
        return value


class _Enough(BaseException):
    """Stops a function that was watched long enough; no learner's ``except`` catches it."""


def step_of(own: Callable[..., Any], ndim: int, dtype: Any = np.float64) -> float | None:
    """The step h of a function that computes central differences as the definition does.

    Args:
        own: a function of f and an array.
        ndim: the number of axes of the array, 1 or 2.
        dtype: of its entries.

    Returns:
        h, or None if the function does anything else.

    Example:
        >>> from mitbadak import numerical_gradient
        >>> step_of(numerical_gradient, 2)
        0.0001
        >>> print(step_of(lambda f, x: (f(x + 1e-4) - f(x)) / 1e-4 * np.ones_like(x), 1))
        None
    """
    if ndim not in SHAPES or np.dtype(dtype) != np.float64:
        return None
    draw = np.random.default_rng(ndim)
    x = draw.normal(size=SHAPES[ndim])
    x.flat[1] = 0.0
    before = x.copy()
    watched = _Watched(x, lambda _: draw.normal())
    try:
        with captured() as printed:
            result = own(watched, x)
    except Exception:
        return None
    if (
        printed.anything
        or x.tobytes() != before.tobytes()
        or (type(result) is not np.ndarray or result.shape != x.shape or result.dtype != x.dtype)
    ):
        return None
    h = _step(watched.asked, before)
    if h is None or len(watched.asked) != 2 * x.size:
        return None
    expected = _differences(watched.asked, before, h)
    return h if expected is not None and np.allclose(result, expected, rtol=1e-12, atol=0) else None


def _step(asked: list[_Asked], x: np.ndarray) -> float | None:
    """The step between two evaluations, as a round number."""
    if not asked:
        return None
    seen = float(np.abs(asked[0].at - x).max())
    for h in (*STEPS, float(f"{seen:.6g}")):
        if h > 0 and abs(seen - h) <= 1e-6 * h:
            return h
    return None


def _differences(asked: list[_Asked], x: np.ndarray, h: float) -> np.ndarray | None:
    """Central differences from pairs of evaluations; NaN where no entry was moved.

    Returns:
        None if any evaluation was elsewhere than at x + h or x - h for one entry.
    """
    result = np.full(x.shape, np.nan)
    for first, second in zip(asked[::2], asked[1::2], strict=True):
        moved = np.argwhere(first.at != x)
        if len(moved) != 1 or not (first.is_argument and second.is_argument):
            return None
        at = tuple(moved[0])
        above, below = x.copy(), x.copy()
        above[at], below[at] = x[at] + h, x[at] - h
        up, down = (first, second) if first.at[at] > x[at] else (second, first)
        if not (np.array_equal(up.at, above) and np.array_equal(down.at, below)):
            return None
        if not np.isnan(result[at]):
            return None
        result[at] = (up.answer - down.answer) / (2 * h)
    return result


def begins_alike(own: Callable[..., Any], f: Callable[[Any], Any], x: np.ndarray, h: float) -> bool:
    """Whether a function asks for the first entries of x itself as the definition does."""
    before = x.copy()
    watched = _Watched(x, f, most=2 * FIRST_ENTRIES)
    with restored(x), captured() as printed:
        try:
            own(watched, x)
        except _Enough:
            pass
        except Exception:
            return False
    return (
        not printed.anything
        and len(watched.asked) == 2 * FIRST_ENTRIES
        and _differences(watched.asked, before, h) is not None
    )


def wrap(own: Callable[..., Any], recognizer: Recognizer) -> Callable[..., Any]:
    """A learner's ``numerical_gradient``, computed fast where it is the definition.

    Args:
        own: the learner's function of f and x. What it does is found out when it is first called
            with an array of one or two axes; whatever is not the central difference runs as it
            is written, with all its faults.
        recognizer: computes gradients, and reports.

    Returns:
        A function with the same name and arguments.

    Example:
        >>> def numerical_gradient(f, x):
        ...     grad = np.zeros_like(x)
        ...     for i in range(x.size):
        ...         value = x[i]
        ...         x[i] = value + 1e-4
        ...         grad[i] = (f(x) - f(x)) / 2e-4  # forgot to move x the other way
        ...         x[i] = value
        ...     return grad
        >>> wrap(numerical_gradient, Recognizer())(lambda x: np.sum(x**2), np.arange(3.0))
        array([0., 0., 0.])
    """
    steps: dict[tuple[int, Any], float | None] = {}
    alike: set[Any] = set()

    @functools.wraps(own)
    def numerical_gradient(*args: Any, **options: Any) -> Any:
        if options or len(args) != 2 or not recognizer.is_worth_while(*args):
            return own(*args, **options)
        f, x = args
        kind = x.ndim, x.dtype
        if kind not in steps:
            steps[kind] = step_of(own, *kind)
        h = steps[kind]
        if h is None and recognizer.objection(x, H) is None:
            recognizer.leave(f, x, ("own", ""))
            return own(f, x)
        fast = recognizer.gradient(f, x, h=h or H)
        if fast is None:
            return own(f, x)
        key = code_of(f), x.shape
        if key not in alike:
            if not begins_alike(own, f, x, h or H):
                return own(f, x)
            alike.add(key)
        return fast

    return numerical_gradient
