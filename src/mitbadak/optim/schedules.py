"""Schedules: learning rates as functions of the updates done, values that compose.

Where frameworks step a schedule once an epoch, these are asked before every update; ``updates``
and ``every`` count updates, so multiply by the batches of an epoch.
"""

from __future__ import annotations

import dataclasses
import math
import sys
from dataclasses import dataclass
from typing import Any, ClassVar

from mitbadak.core.errors import RangeError, positive, share, unknown_name, whole

SMALLEST = sys.float_info.min  # a rate that has decayed away stays a rate, above 0


@dataclass(frozen=True)
class Schedule:
    """Base of schedules: ``schedule(k)`` is the rate of the update after ``k`` of them.

    Pure: the same ``k`` gives the same rate, in any order, so a run resumes from its count alone.
    Rates are floats above 0; where a formula reaches 0 or underflows, the smallest float stands.

    Attributes:
        name: what ``schedule(name)`` knows it by.
    """

    name: ClassVar[str] = "schedule"

    def __call__(self, done: int) -> float:
        """The rate of the update after ``done`` updates (0 for the first).

        Raises:
            RangeError: a count below 0.
        """
        return max(self.rate(whole(type(self).__name__, "updates done", done, least=0)), SMALLEST)

    def rate(self, done: int) -> float:
        """The formula."""
        raise NotImplementedError

    def config(self) -> dict[str, Any]:
        """Name and settings, as ``schedule(**config)`` takes them; JSON keeps them."""
        settings = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {
            "name": self.name,
            **{k: v.config() if isinstance(v, Schedule) else v for k, v in settings.items()},
        }

    def _keep(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _keep_positive(self, *names: str) -> None:
        for name in names:
            self._keep(name, positive(type(self).__name__, name, getattr(self, name)))

    def _keep_whole(self, name: str, *, least: int = 1) -> None:
        self._keep(name, whole(type(self).__name__, name, getattr(self, name), least=least))

    def _keep_factor(self) -> None:
        self._keep_positive("factor")
        factor: float = getattr(self, "factor")  # noqa: B009  (a field of subclasses)
        if factor > 1:
            raise RangeError(
                f"{type(self).__name__}: factor must lie in (0, 1], or the rate would grow "
                f"without end; got {factor!r}."
            )


Rate = float | Schedule | dict[str, Any]


@dataclass(frozen=True)
class Constant(Schedule):
    """The same rate for ever, ``lr``: what a plain number means.

    Example:
        >>> Constant(0.1)(1000)
        0.1
    """

    name: ClassVar[str] = "constant"
    lr: float

    def __post_init__(self) -> None:
        self._keep_positive("lr")

    def rate(self, done: int) -> float:
        return self.lr


@dataclass(frozen=True)
class StepDecay(Schedule):
    """Stairs, ``lr factor^floor(k / every)``, as PyTorch's StepLR.

    References:
        He, Zhang, Ren and Sun, Deep residual learning for image recognition, CVPR 2016, section
        3.4, divide by 10 when the error stands still; here after a number of updates.

    Example:
        >>> [StepDecay(1.0, every=2, factor=0.5)(k) for k in range(5)]
        [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    name: ClassVar[str] = "step"
    lr: float
    every: int
    factor: float = 0.1

    def __post_init__(self) -> None:
        self._keep_positive("lr")
        self._keep_whole("every")
        self._keep_factor()

    def rate(self, done: int) -> float:
        return self.lr * self.factor ** (done // self.every)


@dataclass(frozen=True)
class Exponential(Schedule):
    """``lr factor^k``, as PyTorch's ExponentialLR.

    Example:
        >>> [Exponential(1.0, factor=0.5)(k) for k in range(4)]
        [1.0, 0.5, 0.25, 0.125]
    """

    name: ClassVar[str] = "exponential"
    lr: float
    factor: float

    def __post_init__(self) -> None:
        self._keep_positive("lr")
        self._keep_factor()

    def rate(self, done: int) -> float:
        return self.lr * self.factor**done


@dataclass(frozen=True)
class Cosine(Schedule):
    """Half a cosine, ``least + (lr - least) (1 + cos(pi k / updates)) / 2``, then ``least``.

    PyTorch's CosineAnnealingLR, which climbs again when it is asked beyond the end; here the rate
    stays at ``least``.

    References:
        Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017,
        equation 5, without restarts.

    Example:
        >>> [round(Cosine(1.0, updates=4)(k), 3) for k in range(6)]
        [1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """

    name: ClassVar[str] = "cosine"
    lr: float
    updates: int
    least: float = 0.0

    def __post_init__(self) -> None:
        self._keep_positive("lr")
        self._keep_whole("updates")
        if self.least != 0:
            self._keep_positive("least")
        if self.least > self.lr:
            raise RangeError(f"Cosine: least must not lie above lr {self.lr}; got {self.least}.")

    def rate(self, done: int) -> float:
        return _cosine(self.lr, self.least, min(done / self.updates, 1.0))


@dataclass(frozen=True)
class WarmUp(Schedule):
    """A straight climb over the first ``updates``, then another schedule from its beginning.

    ``after(0) (k + 1) / (updates + 1)`` for ``k < updates``, then ``after(k - updates)``: evenly
    up to the first rate of the other. PyTorch's SequentialLR of a LinearLR from ``1 / (updates +
    1)`` and the other; some multiply the climb into the other schedule, which then runs on below.

    Args:
        after: a schedule or a number.
        updates: length of the climb; 0 is none.

    References:
        Goyal and others, Accurate, large minibatch SGD, 2017, section 2.2, gradual warmup.

    Example:
        >>> [WarmUp(1.0, updates=3)(k) for k in range(5)]
        [0.25, 0.5, 0.75, 1.0, 1.0]
    """

    name: ClassVar[str] = "warmup"
    after: Rate
    updates: int

    def __post_init__(self) -> None:
        self._keep("after", as_schedule("WarmUp", self.after, "after"))
        self._keep_whole("updates", least=0)

    def rate(self, done: int) -> float:
        after = as_schedule("WarmUp", self.after, "after")
        if done < self.updates:
            return after(0) * (done + 1) / (self.updates + 1)
        return after(done - self.updates)


@dataclass(frozen=True)
class OneCycle(Schedule):
    """One rise and one fall along cosines: from ``lr / start`` to ``lr`` to ``lr / start / end``.

    The top is reached at update ``rise * updates - 1``, the foot at ``updates - 1``, where the rate
    stays. PyTorch's OneCycleLR with its two phases and defaults (which also moves the momentum
    unless told not to, and refuses to go on beyond the end); the paper rises and falls along
    straight lines.

    Args:
        lr: the highest rate.
        updates: of the whole training.
        rise: share of it that climbs.
        start: how many times below ``lr`` it begins.
        end: how many times below its beginning it ends.

    References:
        Smith and Topin, Super-convergence: very fast training of neural networks using large
        learning rates, 2018.

    Example:
        >>> [round(OneCycle(1.0, updates=10)(k), 3) for k in (0, 1, 2, 9, 10)]
        [0.04, 0.52, 1.0, 0.0, 0.0]
    """

    name: ClassVar[str] = "onecycle"
    lr: float
    updates: int
    rise: float = 0.3
    start: float = 25.0
    end: float = 1e4

    def __post_init__(self) -> None:
        self._keep_positive("lr", "start", "end")
        self._keep_whole("updates", least=2)
        self._keep("rise", share("OneCycle", "rise", self.rise))

    def rate(self, done: int) -> float:
        lowest, top, foot = self.lr / self.start, self.rise * self.updates - 1, self.updates - 1
        if done < top:
            return _cosine(lowest, self.lr, done / top)
        top = max(top, 0.0)
        return _cosine(self.lr, lowest / self.end, min((done - top) / (foot - top), 1.0))


def _cosine(first: float, last: float, way: float) -> float:
    """From ``first`` to ``last`` along half a cosine, ``way`` from 0 to 1."""
    return last + (first - last) * (1 + math.cos(math.pi * way)) / 2


SCHEDULES: dict[str, type[Schedule]] = {
    kind.name: kind for kind in (Constant, StepDecay, Exponential, Cosine, OneCycle, WarmUp)
}


def schedule(name: str, **settings: Any) -> Schedule:
    """A schedule by name.

    Raises:
        UnknownNameError: with the nearest right name.

    Example:
        >>> schedule("cosine", lr=0.1, updates=100)
        Cosine(lr=0.1, updates=100, least=0.0)
    """
    if name not in SCHEDULES:
        raise unknown_name("schedule", name, SCHEDULES)
    return SCHEDULES[name](**settings)


def as_schedule(owner: str, lr: Any, name: str = "lr") -> Schedule:
    """A number as ``Constant``, a schedule's ``config()`` as the schedule, a schedule as it is.

    Raises:
        RangeError: a number that is no rate.
    """
    if isinstance(lr, Schedule):
        return lr
    if isinstance(lr, dict):
        return schedule(**lr)
    return Constant(positive(owner, name, lr))
