"""Analytic gradients held against the definition."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mitbadak.core.errors import positive, unknown_name, whole
from mitbadak.core.typing import Seed
from mitbadak.functions.numerical import H
from mitbadak.gradcheck.causes import likely_causes
from mitbadak.gradcheck.claims import Claims
from mitbadak.gradcheck.directions import compare_directions
from mitbadak.gradcheck.entries import compare_entries
from mitbadak.gradcheck.judge import Judge
from mitbadak.gradcheck.report import RIGHT, Finding, GradientReport
from mitbadak.gradcheck.subjects import Subject, subject_of

RTOL = 1e-7  # what is above it is measured again, with many steps, before it is called wrong
FULL_ENTRIES = 20_000  # more are compared along random directions, unless there is a fast way
COARSE_LOSS = 1e-10  # of the loss: rounding above it is no longer that of float64
COARSE_TOLERANCE = 1e-6  # of the size: what is worth a note
MODES = ("auto", "full", "directions")


def check_gradients(
    subject: Any,
    *args: Any,
    gradient: Callable[..., Any] | None = None,
    mode: str = "auto",
    h: float = H,
    rtol: float = RTOL,
    directions: int = 8,
    rng: Seed = 0,
    engine: str = "auto",
    training: bool = False,
) -> GradientReport:
    """Compare an analytic gradient with central differences, and report what they show.

    An entry passes when the difference is at most ``rtol`` times its size (or a thousandth of the
    largest entry's, for small ones) plus the rounding of the loss, which is measured, over the
    step. What does not is measured again with many steps, smaller, larger and one-sided ones:
    that tells the step's own error, the edge of a domain and a kink from a wrong gradient. At a
    kink, where the derivative from the left is not the one from the right, the gradient must be
    one that the two sides allow, and right beside the point. What cannot be measured to 0.03% is
    reported as not tested, with the reason.

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
        examined = subject_of(subject, args, gradient, engine, training=training)
        return _checked(examined, mode, h, rtol, directions, np.random.default_rng(rng))


def _checked(
    subject: Subject, mode: str, h: float, rtol: float, directions: int, rng: np.random.Generator
) -> GradientReport:
    h, rtol = positive("check_gradients", "h", h), positive("check_gradients", "rtol", rtol)
    try:
        claims = Claims(subject)
        judge = Judge(subject, h, rtol, claims.loss)
        entries = sum(a.size for a in subject.arrays.values())
        full = mode == "full" or (
            mode == "auto" and (subject.numerical is not None or entries <= FULL_ENTRIES)
        )
        if full:
            findings, numerical = compare_entries(subject, claims, judge)
        else:
            findings = compare_directions(subject, claims, judge, directions, rng)
            numerical = {}
        causes = likely_causes(subject, claims, findings, numerical, h)
    finally:
        subject.restore()
    notes = [*subject.notes, *_remarks(claims, judge, findings)]
    return GradientReport(tuple(findings), "full" if full else "directions", tuple(notes),
                          tuple(causes))  # fmt: skip


def _remarks(claims: Claims, judge: Judge, findings: list[Finding]) -> list[str]:
    """What limits the comparison, and what else there is to know of the gradient."""
    remarks = [f"the gradient has an entry {name!r}, which no parameter has"
               for name in claims.surplus]  # fmt: skip
    remarks += [
        f"the gradient of {name} holds float32 numbers only: it can be right to 7 digits at most"
        for name in claims.subject.single
        if not claims.problem(name) and claims.single_digits(name)
    ]
    tolerance = max((f.tolerance for f in findings if f.verdict == RIGHT), default=0.0)
    rounding = judge.largest_rounding
    coarse = rounding > COARSE_LOSS * abs(claims.loss) > 0
    if coarse and tolerance > COARSE_TOLERANCE:
        digits = max(0, round(-math.log10(rounding / abs(claims.loss))))
        left = max(0, math.floor(-math.log10(tolerance)))
        remarks.append(
            f"the loss carries only about {digits} digits (it is rounded by {rounding:.1g}), as "
            "when something inside it is computed in float32: that leaves "
            f"{left} digits of the gradient to compare. Compute the loss in float64 to compare more"
        )
    return remarks


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
