"""Which rule explains the observed updates: an invariant that needs no threshold but rounding.

An update of gradient descent is ``change = -lr * gradient`` in every entry at once, and one with
momentum ``change = momentum * change_before - lr * gradient``. What is left unexplained is nothing
but rounding error, so other rules are told apart with certainty: a learning rate that is added to
the gradient leaves a constant, a forgotten minus sign a positive factor.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mitbadak.doctor.steps import Step, sampled

UNEXPLAINED = 1e-3  # of the change; float32 leaves about 1e-5
ROUNDING = 32.0  # units in the last place of a parameter: smaller changes are not fitted
BETTER = 0.01  # of what the gradient alone leaves unexplained
VISIBLE = 0.01  # of UNEXPLAINED: less than that is rounding
LEAST = 8  # entries
MOST_FITTED = 4000  # entries that a rule is fitted to, of all parameters


@dataclass(frozen=True)
class Fit:
    """A rule that explains the change of one step.

    Attributes:
        rule: ``gradient``, ``constant`` (of the gradient and a constant), ``decay`` (and of
            the parameters), ``momentum``, ``stale`` (of the gradient of the step before) or "" if
            none of them explains it.
        factor: of the gradient; -lr where all is well.
        other: the constant, or the factor of the parameters or of the change before.
    """

    rule: str
    factor: float = 0.0
    other: float = 0.0


def fit(step: Step, earlier: Step | None = None) -> Fit | None:
    """The simplest rule that explains a step.

    Args:
        step: with parameters before and after.
        earlier: the step before it, for rules that remember.

    Returns:
        None if nothing changed, the gradient is zero, too few entries changed visibly, or numbers
        are not finite.
    """
    names = [name for name in step.changes if name in step.grads]
    for most in (MOST_FITTED, None):  # a few entries tell, unless hardly any of them changed
        change, gradient = sampled(step.changes, names, most), sampled(step.grads, names, most)
        if not (np.isfinite(change).all() and np.isfinite(gradient).all()):
            return None
        visible = _visible(step, names, change, sampled(step.after, names, most))
        if visible.sum() >= LEAST and gradient[visible].any():
            break
    else:
        return None
    change, gradient = change[visible], gradient[visible]

    def entries(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
        return sampled(arrays, names, most)[visible]

    least = UNEXPLAINED * float(np.linalg.norm(change))
    factors, by_gradient = _solved(change, [gradient])
    if by_gradient <= VISIBLE * least:
        return Fit("gradient", *factors)
    # A constant beside a large gradient hides within the tolerance, but explains what is left.
    with_constant, rest = _solved(change, [gradient, np.ones_like(change)])
    if rest <= BETTER * by_gradient or rest <= least < by_gradient:
        return Fit("constant", *with_constant)
    if by_gradient <= least:
        return Fit("gradient", *factors)
    tries: dict[str, list[np.ndarray]] = {"decay": [gradient, entries(step.before)]}
    if earlier is not None and set(names) <= set(earlier.changes):
        if set(names) <= set(earlier.grads):
            tries["stale"] = [entries(earlier.grads)]
        tries["momentum"] = [gradient, entries(earlier.changes)]
    for rule, columns in tries.items():
        factors, rest = _solved(change, columns)
        if rest <= least:
            return Fit(rule, *factors)
    return Fit("")


def common_rule(fits: Sequence[Fit | None]) -> str:
    """The rule of most steps; "" if they have none in common.

    A constant that was once seen beside the gradient is still there where a gradient that overflows
    hides it.
    """
    rules = [f.rule for f in fits if f is not None]
    if "constant" in rules and set(rules) <= {"constant", "gradient"}:
        return "constant"
    best = max(set(rules), key=rules.count, default="")
    return best if rules.count(best) > len(rules) / 2 else ""


def agreement(step: Step) -> float | None:
    """The cosine between the change and the gradient: -1 is straight downhill, 1 uphill."""
    names = [name for name in step.changes if name in step.grads]
    change, gradient = sampled(step.changes, names), sampled(step.grads, names)
    lengths = math.sqrt(change @ change) * math.sqrt(gradient @ gradient)
    return float(change @ gradient) / lengths if 0 < lengths < np.inf else None


def _visible(step: Step, names: Sequence[str], change: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Entries whose change is large enough that rounding hardly counts."""
    eps = max((np.finfo(step.after[name].dtype).eps for name in names), default=0.0)
    with np.errstate(all="ignore"):
        large = np.abs(change) > ROUNDING / UNEXPLAINED * eps * np.abs(size)
        return large & np.isfinite(change) & np.isfinite(size)


def _solved(change: np.ndarray, columns: Sequence[np.ndarray]) -> tuple[tuple[float, ...], float]:
    """The factors with which columns best make up the change, and the norm of what is left."""
    # Scaled, so that neither tiny nor huge gradients are lost to the solver.
    scales = [float(np.abs(column).max()) or 1.0 for column in columns]
    if not np.isfinite(scales).all():
        return (0.0,) * len(columns), np.inf
    A = np.stack([c / s for c, s in zip(columns, scales, strict=True)], axis=1)
    factors = np.linalg.lstsq(A, change, rcond=None)[0]
    rest = float(np.linalg.norm(change - A @ factors))
    return tuple(float(f / s) for f, s in zip(factors, scales, strict=True)), rest
