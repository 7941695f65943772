"""Analytic gradients compared with the definition."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.errors import positive, unknown_name, whole
from mitbadak.core.randomness import generator
from mitbadak.core.typing import Seed
from mitbadak.functions.numerical import H
from mitbadak.gradcheck.causes import likely_causes
from mitbadak.gradcheck.claims import Claims
from mitbadak.gradcheck.directions import compare_directions
from mitbadak.gradcheck.entries import compare_entries
from mitbadak.gradcheck.judge import Judge
from mitbadak.gradcheck.report import RIGHT, Finding, GradientReport
from mitbadak.gradcheck.subjects import Subject, subject_of

RTOL = 1e-7  # larger differences are measured again, with many values of h, before they count
FULL_ENTRIES = 20_000  # more are compared along random directions, unless there is a faster way
COARSE_LOSS = 1e-10  # relative to the loss: more rounding error than float64 arithmetic explains
COARSE_TOLERANCE = 1e-6  # relative to the size: a larger tolerance deserves a note
MODES = ("auto", "full", "directions")


@explained
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
    """Compare an analytic gradient with central differences and report the result.

    An entry passes if the difference is at most ``rtol`` times its size (or a thousandth of the
    largest entry's size, if that is more), plus the measured rounding error of the loss divided by
    h. Other entries are measured again with many values of h, smaller, larger and one-sided. That
    separates a wrong gradient from truncation error, the edge of a domain, and a kink. At a kink,
    where the one-sided derivatives differ, the gradient must be consistent with both, and must be
    right on either side of the kink. Entries that cannot be measured to 0.03% are reported as not
    tested, with the reason.

    A kink closer than h cannot be told from one at the point if the claim agrees with the central
    difference: the mean of both slopes passes. Entries whose own value is infinite or NaN are not
    tested, whatever is claimed for them. A loss that is flat over many steps and then jumps,
    such as ``np.floor``, may be a rounded one, so a slope other than 0 is not tested there.

    Args:
        subject: a net (``check_gradients(net, x, t)``: anything with ``params``, ``loss(x, t)`` and
            ``gradient(x, t)``), a differentiable operation followed by its arguments, or a function
            of arrays followed by its arguments, written with operations that variables record.
        args: inputs and labels of a net, or the arguments.
        gradient: for a function, its analytic gradient: takes the same arguments and returns one
            array per argument.
        mode: ``full`` compares every entry; ``directions`` compares slopes along random directions
            in each parameter, two losses each; ``auto`` is full for up to 20,000 entries, or
            where the net has the structured numerical gradient.
        h: the step of the central differences that is tried first.
        rtol: the relative tolerance described above.
        directions: the number of directions per parameter.
        rng: seed or generator for the directions.
        engine: the engine of a net's numerical gradient.
        training: whether to check a net with Dropout or BatchNorm in training mode, with the same
            noise throughout, instead of in evaluation mode.

    Returns:
        A report; its ``raise_if_failed()`` raises an error for a wrong gradient.

    Raises:
        StateError: the loss or the gradient is not the same when computed twice.
        NonFiniteError: the loss is NaN or infinite.
        RangeError: h or rtol is not above 0.
        DtypeError, ShapeError: the subject has no gradient to check.
        UnknownNameError: an unknown mode.

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
    # Non-finite values appear in the report, not in warnings along the way.
    with np.errstate(all="ignore"):
        examined = subject_of(subject, args, gradient, engine, training=training)
        return _check(examined, mode, h, rtol, directions, generator(rng))


def _check(
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
    """Notes on what limits the comparison, and on oddities of the gradient."""
    remarks = [f"the gradient has an entry {name!r}, but there is no such parameter"
               for name in claims.surplus]  # fmt: skip
    remarks += [
        f"the gradient of {name} holds float32 numbers only: at most 7 digits of it can be right"
        for name in claims.subject.single
        if not claims.problem(name) and claims.single_digits(name)
    ]
    fixed = {name: a.size - int(np.isfinite(a).sum()) for name, a in claims.subject.arrays.items()}
    remarks += [
        f"{count:,} of {claims.subject.arrays[name].size:,} entries of {name} are infinite or NaN: "
        "no step moves them, so they are not tested"
        for name, count in fixed.items()
        if count
    ]
    remarks += [
        f"the gradient of {name} is NaN where {name} itself is infinite or NaN: sums over it will "
        "be NaN too"
        for name in claims.subject.arrays
        if not claims.problem(name) and claims.spreads_nan(name)
    ]
    tolerance = max((f.tolerance for f in findings if f.verdict == RIGHT), default=0.0)
    rounding = judge.largest_rounding
    coarse = rounding > COARSE_LOSS * abs(claims.loss) > 0
    if coarse and tolerance > COARSE_TOLERANCE:
        digits = max(0, round(-math.log10(rounding / abs(claims.loss))))
        left = max(0, math.floor(-math.log10(tolerance)))
        remarks.append(
            f"the loss carries only about {digits} digits (its rounding error is {rounding:.1g}), "
            "as if part of it were computed in float32: that leaves "
            f"{left} digits of the gradient to compare. Compute the loss in float64 to compare more"
        )
    return remarks


@explained
def assert_gradients(subject: Any, *args: Any, **options: Any) -> GradientReport:
    """``check_gradients`` for tests: raises an error with the whole report for a wrong gradient.

    Raises:
        GradientError: an ``AssertionError`` with the report.

    Example:
        >>> import mitbadak as mb
        >>> assert_gradients(mb.sigmoid, np.array([-1.0, 2.0])).ok
        True
    """
    return check_gradients(subject, *args, **options).raise_if_failed()
