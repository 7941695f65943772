"""Analytic gradients held against the definition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mitbadak._typing import Seed
from mitbadak.errors import NonFiniteError, StateError, positive, unknown_name, whole
from mitbadak.gradcheck.causes import likely_causes
from mitbadak.gradcheck.report import KINK, NOT_TESTED, RIGHT, WRONG, Finding, GradientReport
from mitbadak.gradcheck.subjects import Subject, subject_of
from mitbadak.numerical import STEP, central_differences

RTOL = 1e-7  # what is above it is measured again, with several steps, before it is called wrong
LOOK_AGAIN = 6  # of the worst entries of a parameter are measured again
SMALL_ENTRY = 1e-3  # of the largest: smaller entries are held to that one's scale
FULL_ENTRIES = 20_000  # more are compared along random directions, unless there is a fast way
JUMPS_AT = 5  # of the steps that shrink by 4: h / 64, still well above rounding
MODES = ("auto", "full", "directions")


def check_gradients(
    subject: Any,
    *args: Any,
    gradient: Callable[..., Any] | None = None,
    mode: str = "auto",
    h: float = STEP,
    rtol: float = RTOL,
    directions: int = 8,
    rng: Seed = 0,
    engine: str = "auto",
    training: bool = False,
) -> GradientReport:
    """Compare an analytic gradient with central differences, and say what was found.

    An entry passes when the difference is at most ``rtol`` times its size (or a thousandth of the
    largest entry's, for small ones) plus the rounding of the loss over the step. What does not is
    measured again with several steps: the step's own error is told from a wrong gradient that way,
    and so is a kink, where the derivative from the left is not the one from the right; there
    the point is moved a little and looked at again.

    Args:
        subject: a net (``check_gradients(net, x, t)``: anything with ``params``, ``loss(x, t)`` and
            ``gradient(x, t)``), a differentiable operation with its arguments, or a function of
            arrays with its arguments, written so that variables record it.
        args: inputs and labels of a net, or the arguments.
        gradient: of a function: takes the same arguments, gives one array per argument.
        mode: ``full`` compares every entry; ``directions`` random directions in each parameter,
            two losses for each; ``auto`` is full up to 20,000 entries, or where the net has the
            structured numerical gradient.
        h: the first step.
        rtol: see above.
        directions: how many per parameter.
        rng: draws them.
        engine: for a net's numerical gradient.
        training: whether a net with Dropout or BatchNorm is checked as in training, with noise
            that stays the same, instead of as after it.

    Returns:
        A report; ``raise_if_failed()`` makes an error of a wrong gradient.

    Raises:
        StateError: the loss or the gradient is not the same when asked twice.
        NonFiniteError: the loss is NaN or infinite.
        RangeError: h or rtol is not above 0.
        DtypeError, ShapeError: what was given has no gradient to check.
        UnknownNameError: a mode that is not known.

    Example:
        >>> import mitbadak as mb
        >>> net = mb.MLP([3, 4, 2], rng=0)
        >>> print(check_gradients(net, np.eye(3), [0, 1, 1]).verdict)
        The gradient is right where it was tested.
        >>> report = check_gradients(lambda x: x**3, np.array(2.0), gradient=lambda x: 2 * x**2)
        >>> report.verdict
        'The gradient is wrong in argument 0.'
    """
    if mode not in MODES:
        raise unknown_name("mode", mode, MODES)
    directions = whole("check_gradients", "directions", directions)
    # What is not finite is told in the report, not by a warning in the middle.
    with np.errstate(all="ignore"):
        it = subject_of(subject, args, gradient, engine, training=training)
        return _checked(it, mode, h, rtol, directions, np.random.default_rng(rng))


def _checked(
    it: Subject, mode: str, h: float, rtol: float, directions: int, rng: np.random.Generator
) -> GradientReport:
    try:
        check = _Check(it, h, rtol)
        entries = sum(a.size for a in it.arrays.values())
        full = mode == "full" or (mode == "auto" and (it.numerical or entries <= FULL_ENTRIES))
        findings = check.every_entry() if full else check.random_directions(directions, rng)
        wrong = {f.name for f in findings if f.verdict == WRONG}
        causes = likely_causes(it, check.analytic, wrong, h) if wrong else ()
    finally:
        it.restore()
    return GradientReport(tuple(findings), "full" if full else "directions", tuple(it.notes),
                          tuple(causes))  # fmt: skip


def assert_gradients(subject: Any, *args: Any, **options: Any) -> GradientReport:
    """``check_gradients`` for a test: raises with the whole report when something is wrong.

    Raises:
        GradientError: an ``AssertionError`` with the report.

    Example:
        >>> import mitbadak as mb
        >>> assert_gradients(mb.sigmoid, np.array([-1.0, 2.0])).ok
        True
    """
    return check_gradients(subject, *args, **options).raise_if_failed()


@dataclass(frozen=True)
class _Slope:
    """A derivative in one direction, measured with several steps.

    Attributes:
        value, error: the best estimate, and how far the steps disagree about it.
        left, right: the one-sided slopes at a small step.
        jumps: whether left and right stay apart however small the step.
    """

    value: float
    error: float
    left: float
    right: float
    jumps: bool


class _Check:
    """One check: the analytic gradient, the loss, and the rounding to be expected."""

    def __init__(self, it: Subject, h: float, rtol: float):
        self.it = it
        self.h = positive("check_gradients", "h", h)
        self.rtol = positive("check_gradients", "rtol", rtol)
        self.analytic = dict(it.analytic())
        again, losses = it.analytic(), (it.loss(), it.loss())
        if not np.isfinite(losses[0]):
            raise NonFiniteError(
                f"check_gradients: the loss is {losses[0]}, so it has no slope to compare with. "
                "Check at a point where it is finite."
            )
        same = losses[0] == losses[1]
        same &= all(
            np.array_equal(self.analytic[k], again[k], equal_nan=True) for k in self.analytic
        )
        if not same:
            raise StateError(
                "the loss or the gradient is not the same when asked twice, so there is nothing "
                "to compare. Fix masks and seeds; a gradient must not change what it works on."
            )
        # A net's loss is rounded as numbers about 1 are, however small it is itself.
        size = max(abs(losses[0]), 1.0 if it.net is not None else 0.0)
        self.rounding = 4 * np.finfo(np.float64).eps * size
        self.floor = 2 * self.rounding / self.h

    def every_entry(self) -> list[Finding]:
        """Full mode: all entries of all arrays."""
        if self.it.numerical is not None:
            found = self.it.numerical(self.h)
        else:
            arrays = list(self.it.arrays.values())
            difference = central_differences(
                lambda _: self.it.loss(), arrays, h=self.h, progress=False
            )
            found = dict(zip(self.it.arrays, difference.gradients, strict=True))
        return [self._compare(name, found[name]) for name in self.it.arrays]

    def _compare(self, name: str, numerical: np.ndarray) -> Finding:
        array = self.it.arrays[name]
        problem = self._problem(name, array)
        if problem:
            return Finding(name, array.shape, WRONG, array.size, error=np.nan, why=problem)
        a, n = np.asarray(self.analytic[name], np.float64), np.asarray(numerical)
        scale = np.maximum(np.abs(a), np.abs(n))
        scale = np.maximum(scale, SMALL_ENTRY * np.abs(n).max(initial=0))
        tolerance = self.floor + self.rtol * scale
        excess = np.abs(a - n) - tolerance
        untested = int(np.sum((a == 0) & (n == 0)))
        shared: dict[str, Any] = {"entries": array.size, "not_tested": untested}
        if untested == array.size:
            return Finding(name, array.shape, NOT_TESTED, **shared)
        verdict, kinks, n, unsure = RIGHT, 0, n.copy(), ~(excess <= 0)  # NaN is unsure
        worst = int(np.argmax(np.where(unsure, -1.0, np.abs(a - n) / (scale + self.floor))))
        why = "rounding and rtol"
        for i in map(int, np.argsort(excess, axis=None)[::-1][:LOOK_AGAIN]):
            if excess.flat[i] <= 0:
                break
            kind, slope = self._look_again(name, i, float(a.flat[i]), float(scale.flat[i]))
            n.flat[i] = slope.value
            kinks += kind == KINK
            if kind == WRONG or (kind == KINK and verdict == RIGHT):
                verdict, worst = kind, i
                why = "several steps agree" if kind == WRONG else "left and right slope differ"
            if kind == WRONG:
                break
        value, claimed = float(n.flat[worst]), float(a.flat[worst])
        return Finding(
            name, array.shape, verdict, kinks=kinks, why=why, analytic=claimed, numerical=value,
            error=abs(claimed - value) / float(scale.flat[worst] + self.floor),
            at=tuple(map(int, np.unravel_index(worst, array.shape))),
            tolerance=float(tolerance.flat[worst]), **shared,
        )  # fmt: skip

    def _problem(self, name: str, array: np.ndarray) -> str:
        """What is wrong with a gradient before any number is compared, or ""."""
        if name not in self.analytic:
            return "the gradient has no entry for it"
        shape = np.shape(self.analytic[name])
        if shape != array.shape:
            return f"its gradient has shape {shape} instead of {array.shape}"
        if not np.isfinite(np.asarray(self.analytic[name], np.float64)).all():
            return "its gradient holds NaN or infinity"
        return ""

    def _look_again(self, name: str, i: int, analytic: float, scale: float) -> tuple[str, _Slope]:
        one = np.zeros(self.it.arrays[name].size)
        one[i] = 1.0
        way = {name: one.reshape(self.it.arrays[name].shape)}
        return self._judge(way, analytic, scale, single=True)

    def _judge(
        self, way: dict[str, np.ndarray], analytic: float, scale: float, *, single: bool = False
    ) -> tuple[str, _Slope]:
        """Right, wrong, or at a kink, along a direction."""
        slope = self.slope(way)
        allowed = 3 * slope.error + self.floor + self.rtol * scale
        if abs(analytic - slope.value) <= allowed:
            return RIGHT, slope
        low, high = sorted((slope.left, slope.right))
        within = low - 1e-3 * scale <= analytic <= high + 1e-3 * scale
        # A direction may cross several kinks at once, each with a claim of its own.
        if slope.jumps and (within or not single) and self._right_beside(way):
            return KINK, slope
        return WRONG, slope

    def slope(self, way: dict[str, np.ndarray]) -> _Slope:
        """The derivative along a direction, by central differences with steps that shrink."""
        at_rest = self.it.loss()
        steps = self.h * 4.0 ** np.arange(2, -8, -1)
        above, below = np.array([[self._loss_at(way, s), self._loss_at(way, -s)] for s in steps]).T
        central = (above - below) / (2 * steps)
        better = (16 * central[1:] - central[:-1]) / 15  # Richardson: the h^2 term cancels
        rounding = self.rounding / steps[1:]
        changes = np.abs(np.diff(better, prepend=central[0]))
        doubt = np.maximum(changes, np.append(changes[1:], np.inf)) + rounding
        best = int(np.argmin(doubt))
        right, left = (above - at_rest) / steps, (at_rest - below) / steps
        apart = np.abs(right - left)
        # Of a smooth function left and right approach each other as the step does: to a sixteenth.
        at = JUMPS_AT
        beyond_rounding = apart[at] > 100 * self.rounding / steps[at]
        jumps = bool(apart[at] > 0.5 * apart[at - 2] and beyond_rounding)
        return _Slope(
            float(better[best]), float(doubt[best]), float(left[at]), float(right[at]), jumps
        )

    def _loss_at(self, way: dict[str, np.ndarray], step: float) -> float:
        before = {name: self.it.arrays[name].copy() for name in way}
        try:
            for name, direction in way.items():
                self.it.arrays[name] += step * direction
            return self.it.loss()
        finally:
            for name, value in before.items():
                self.it.arrays[name][...] = value

    def _right_beside(self, way: dict[str, np.ndarray]) -> bool:
        """Whether both sides of a kink have the gradient that they claim."""
        before = {name: self.it.arrays[name].copy() for name in way}
        try:
            for side in (-40 * self.h, 40 * self.h):
                for name, direction in way.items():
                    self.it.arrays[name][...] = before[name] + side * direction
                gradient = self.it.analytic()
                claimed = sum(float(np.sum(np.asarray(gradient[k]) * v)) for k, v in way.items())
                found = self.slope(way)
                allowed = 3 * found.error + self.floor + 1e-6 * max(abs(claimed), abs(found.value))
                if abs(claimed - found.value) > allowed:
                    return False
        finally:
            for name, value in before.items():
                self.it.arrays[name][...] = value
        return True

    def random_directions(self, count: int, rng: np.random.Generator) -> list[Finding]:
        """Each parameter along random directions: the slope there against <gradient, direction>."""
        return [self._along(name, count, rng) for name in self.it.arrays]

    def _along(self, name: str, count: int, rng: np.random.Generator) -> Finding:
        array = self.it.arrays[name]
        problem = self._problem(name, array)
        if problem:
            return Finding(name, array.shape, WRONG, count, error=np.nan, why=problem)
        if array.size == 0:
            return Finding(name, array.shape, NOT_TESTED, 0)
        a = np.asarray(self.analytic[name], np.float64)
        findings = []
        for _ in range(count):
            direction = rng.normal(size=array.shape)
            direction /= np.linalg.norm(direction)
            claimed = float(np.sum(a * direction))
            typical = float(np.linalg.norm(a)) / np.sqrt(array.size)
            kind, slope = self._judge({name: direction}, claimed, max(abs(claimed), typical))
            if claimed == 0 and slope.value == 0:
                kind = NOT_TESTED
            size = max(abs(claimed), abs(slope.value), typical) + self.floor
            findings.append(
                Finding(name, array.shape, kind, count, error=abs(claimed - slope.value) / size,
                        analytic=claimed, numerical=slope.value, why="random directions",
                        tolerance=3 * slope.error + self.floor + self.rtol * size)
            )  # fmt: skip
        said = [f.verdict for f in findings]
        verdict = next(v for v in (WRONG, KINK, RIGHT, NOT_TESTED) if v in said)
        worst = max((f for f in findings if f.verdict == verdict), key=lambda f: f.error)
        return replace(worst, not_tested=said.count(NOT_TESTED), kinks=said.count(KINK))
