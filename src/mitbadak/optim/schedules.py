"""Schedules: learning rates as functions of the number of updates, values that compose.

Frameworks often advance a schedule once per epoch; these are evaluated before every update.
``updates`` and ``every`` count updates, so multiply epochs by the batches per epoch.
"""

from __future__ import annotations

import dataclasses
import math
import sys
from dataclasses import dataclass
from typing import Any, ClassVar

from mitbadak.core.arguments import explained
from mitbadak.core.errors import (
    DtypeError,
    RangeError,
    StateError,
    brief,
    positive,
    share,
    unknown_name,
    whole,
)

SMALLEST = sys.float_info.min  # a learning rate stays above 0, however far it has decayed


@explained
@dataclass(frozen=True)
class Schedule:
    """Base of schedules: ``schedule(k)`` is the learning rate after ``k`` updates.

    A schedule is pure: the same ``k`` always gives the same rate, so the count of updates is all
    that a resumed run needs. Rates are floats above 0; where a formula gives 0 or underflows, the
    rate is the smallest normal float.

    Attributes:
        name: the name for ``schedule(name)``.
    """

    name: ClassVar[str] = "schedule"

    def __call__(self, done: int) -> float:
        """The learning rate after ``done`` updates (0 before the first).

        Raises:
            RangeError: ``done`` is negative.
        """
        return max(self.rate(whole(type(self).__name__, "updates done", done, least=0)), SMALLEST)

    def rate(self, done: int) -> float:
        """The formula of the schedule, for ``done >= 0``."""
        raise StateError(
            f"{type(self).__name__} has no rate. Define one: def rate(self, done), the learning "
            "rate after so many updates."
        )

    def config(self) -> dict[str, Any]:
        """JSON-serializable name and settings, for ``schedule(**config)``."""
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
                f"without bound; got {factor!r}."
            )


Rate = float | Schedule | dict[str, Any]


@explained
@dataclass(frozen=True)
class Constant(Schedule):
    """The constant rate ``lr``, which a plain number stands for.

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


@explained
@dataclass(frozen=True)
class StepDecay(Schedule):
    """Step decay, ``lr factor^floor(k / every)``, PyTorch's StepLR.

    References:
        He, Zhang, Ren and Sun, Deep residual learning for image recognition, CVPR 2016, section
        3.4, divide by 10 when the error plateaus; here after a number of updates.

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


@explained
@dataclass(frozen=True)
class Exponential(Schedule):
    """Exponential decay, ``lr factor^k``, PyTorch's ExponentialLR.

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


@explained
@dataclass(frozen=True)
class Cosine(Schedule):
    """Half a cosine, ``least + (lr - least) (1 + cos(pi k / updates)) / 2``, then ``least``.

    PyTorch's CosineAnnealingLR rises again after the end; here the rate stays at ``least``.

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
            raise RangeError(f"Cosine: least must be at most lr, {self.lr}; got {self.least}.")

    def rate(self, done: int) -> float:
        return _cosine(self.lr, self.least, min(done / self.updates, 1.0))


@explained
@dataclass(frozen=True)
class WarmUp(Schedule):
    """Linear warm-up over the first ``updates``, then another schedule from its beginning.

    ``after(0) (k + 1) / (updates + 1)`` for ``k < updates``, then ``after(k - updates)``: the rate
    rises linearly to the first rate of ``after``. In PyTorch this is a SequentialLR of a LinearLR
    from ``1 / (updates + 1)`` and the other schedule. Some libraries multiply the two instead, so
    that the other schedule already runs during the warm-up.

    Args:
        after: a schedule or a number.
        updates: length of the warm-up; 0 for none.

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


@explained
@dataclass(frozen=True)
class OneCycle(Schedule):
    """A rise and a fall along cosines: from ``lr / start`` to ``lr``, then ``lr / start / end``.

    The peak is reached at update ``rise * updates - 1`` and the end at ``updates - 1``, after which
    the rate stays the same. PyTorch's OneCycleLR with its two phases and defaults also cycles the
    momentum, unless switched off, and raises an error after the end. The paper uses straight lines.

    Args:
        lr: the highest rate.
        updates: number of updates in the whole training.
        rise: share of the updates during which the rate rises.
        start: ``lr`` divided by the first rate.
        end: the first rate divided by the last.

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
        first, peak, end = self.lr / self.start, self.rise * self.updates - 1, self.updates - 1
        if done < peak:
            return _cosine(first, self.lr, done / peak)
        peak = max(peak, 0.0)
        return _cosine(self.lr, first / self.end, min((done - peak) / (end - peak), 1.0))


def _cosine(first: float, last: float, share_done: float) -> float:
    """From ``first`` to ``last`` along half a cosine, ``share_done`` from 0 to 1."""
    return last + (first - last) * (1 + math.cos(math.pi * share_done)) / 2


SCHEDULES: dict[str, type[Schedule]] = {
    kind.name: kind for kind in (Constant, StepDecay, Exponential, Cosine, OneCycle, WarmUp)
}


def schedule(name: str, **settings: Any) -> Schedule:
    """A schedule by name.

    Raises:
        UnknownNameError: there is no such schedule; the message suggests the closest name.

    Example:
        >>> schedule("cosine", lr=0.1, updates=100)
        Cosine(lr=0.1, updates=100, least=0.0)
    """
    if name not in SCHEDULES:
        raise unknown_name("schedule", name, SCHEDULES)
    return SCHEDULES[name](**settings)


def as_schedule(owner: str, lr: Any, name: str = "lr") -> Schedule:
    """A schedule from a number (``Constant``), from a ``config()``, or the given schedule itself.

    Raises:
        RangeError: the number is not a valid learning rate.
        DtypeError: a function, a class or a name.
    """
    if isinstance(lr, Schedule):
        return lr
    if isinstance(lr, type) or (callable(lr) and not hasattr(lr, "__array__")):
        kind = f"the class {lr.__name__}" if isinstance(lr, type) else "a function"
        raise DtypeError(
            f"{owner}: {name} expects a number or a schedule, such as mb.Cosine(0.1, updates=1000);"
            f" got {kind}. A schedule of your own is a class derived from mb.Schedule with def "
            "rate(self, done), the rate after so many updates."
        )
    if isinstance(lr, str):
        raise DtypeError(
            f"{owner}: {name} expects a number or a schedule, not a name; got {lr!r}. Write "
            f"mb.{owner}(mb.Cosine(0.1, updates=1000))."
        )
    if isinstance(lr, dict):
        if "name" not in lr:
            raise RangeError(
                f"{owner}: {name} must be a number or a schedule; got {brief(lr)}, which is not "
                "the config of one."
            )
        return schedule(**lr)
    return Constant(positive(owner, name, lr))
