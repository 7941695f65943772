"""Why a gradient is wrong: the usual faults are tried, and the one that explains it is named.

A wrong factor or a transposed matrix shows in the two gradients themselves. Other faults are
introduced into a correct backward pass of the same net, and the result is compared with the
gradient under examination. A net that is not Mitbadak's is recognized by its loss, if it consists
of affine layers with the same activation between them.

A fault is named only if it explains all but a thousandth of the difference, and no other fault that
is possible for this loss does. A factor of 2 on a batch of two may be a missing mean or a missing
one half; then neither is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mitbadak.core.errors import MitbadakError
from mitbadak.functions.numerical import central_differences
from mitbadak.gradcheck.claims import Claims
from mitbadak.gradcheck.lines import loss_or_nan
from mitbadak.gradcheck.reference import Reference, reference_of
from mitbadak.gradcheck.report import WRONG, Cause, Finding
from mitbadak.gradcheck.subjects import Subject
from mitbadak.nn.heads import Head
from mitbadak.nn.network import Sequential

# How much a fault may leave unexplained, relative to the largest entry: where the true gradient
# is computed, and where it is measured.
EXACT, MEASURED = 1e-9, 1e-6
FAR_BETTER = 1e-3  # how much a fault may leave unexplained, relative to the difference
TRUE_ENTRIES = 4000  # larger parameters are not measured just to name a cause
FEWEST_ENTRIES = 3  # distinct entries without which only a factor can be recognized

Gradients = Mapping[str, Any]


class Fault(NamedTuple):
    """A fault that is possible here, and the gradient it would lead to, by parameter."""

    name: str
    explanation: str
    gradient: Callable[[str], Any]


def likely_causes(
    subject: Subject, claims: Claims, findings: Sequence[Finding], numerical: Gradients, h: float
) -> list[Cause]:
    """The faults that explain a wrong gradient, the one that explains most parameters first.

    Args:
        subject: what was checked.
        claims: its gradient.
        findings: the verdicts.
        numerical: the numerical gradient, where it was measured entry by entry.
        h: the step for measuring the rest of it.
    """
    wrong = [f.name for f in findings if f.verdict == WRONG and claims.is_finite(f.name)]
    if not wrong:
        return []
    reference = reference_of(subject)
    exact = reference is not None
    true = reference.gradient() if reference else _by_definition(subject, wrong, numerical, h)
    claimed = {name: claims.of(name) for name in wrong}
    error = {name: _difference(claimed[name], true.get(name)) for name in wrong}
    stale = _stale(subject, claimed, true, error)
    if stale is not None:
        return [stale]
    left: dict[str, dict[str, tuple[float, str]]] = {name: {} for name in wrong}
    for fault in _faults(subject, true, reference, claimed):
        for name in wrong:
            remainder = _difference(claimed[name], fault.gradient(name))
            if remainder <= min(EXACT if exact else MEASURED, FAR_BETTER * error[name]):
                left[name].setdefault(fault.name, (remainder, fault.explanation))
    return _unambiguous(left)


def _unambiguous(left: Mapping[str, Mapping[str, tuple[float, str]]]) -> list[Cause]:
    """Faults that are the only explanation of some parameter; the most general one first.

    Where several faults explain one parameter, another parameter may decide between them.
    """
    candidates: dict[str, set[str]] = {}
    for parameter, explained in left.items():
        for fault in explained:
            candidates.setdefault(fault, set()).add(parameter)
    causes = []
    for fault, where in candidates.items():
        rivals = [other for other in candidates if other != fault and candidates[other] >= where]
        if rivals:
            continue
        errors, explanations = zip(*(left[name][fault] for name in sorted(where)), strict=True)
        causes.append(Cause(fault, tuple(sorted(where)), explanations[0], max(errors)))
    return sorted(causes, key=lambda cause: -len(cause.where))


def _faults(
    subject: Subject, true: Gradients, reference: Reference | None, claimed: Gradients
) -> Iterator[Fault]:
    """Each fault that is possible for this loss."""

    def scaled(factor: float) -> Callable[[str], Any]:
        return lambda name: None if true.get(name) is None else true[name] * factor

    yield Fault("sign", "The gradient is the negative of the true one.", scaled(-1.0))
    yield Fault("zero gradient", "The gradient is 0 throughout, though the loss depends on it: is "
                "it computed at all?", scaled(0.0))  # fmt: skip
    if reference is not None:
        yield from (Fault(*fault) for fault in reference.faults())
    for name, explanation, factor in _factors(subject, reference):
        yield Fault(name, explanation, scaled(factor))
    explanation = "It is the transpose of the true gradient."
    yield Fault("transpose", explanation, lambda name: _transposed(true, name))
    penalty = _penalty(subject, true, claimed)
    if penalty:
        yield Fault("missing weight decay", f"{penalty:.6g} times the parameter itself is missing: "
                    "the loss includes a penalty on it, the gradient does not.",
                    lambda name: _without_penalty(subject, true, name, penalty))  # fmt: skip


def _factors(subject: Subject, reference: Reference | None) -> Iterator[tuple[str, str, float]]:
    """The wrong factors that are possible, depending on what the loss averages over."""
    batch = len(subject.x) if subject.x is not None and np.ndim(subject.x) >= 2 else 0
    head, outputs = _head_of(subject, reference)
    if batch > 1 and (head is None or head.mean_over):
        missing = (f"The loss is a mean over {batch} examples; its gradient must be divided by "
                   "their number too.")  # fmt: skip
        twice = (f"It is {batch} times too small: it is averaged over the batch once more than the "
                 "loss.")  # fmt: skip
        # With an unknown loss, a factor points to the batch only if nothing else has that size.
        sizes = {n for a in subject.arrays.values() for n in a.shape}
        if head is not None or batch not in sizes | {2}:
            yield "missing 1/batch", missing, float(batch)
            yield "mean for sum", twice, 1 / batch
    if head is None:
        return
    if batch > 1 and not head.mean_over:
        yield ("mean for sum", f"It is {batch} times too small: a mean over the batch, where the "
               "loss is a sum.", 1 / batch)  # fmt: skip
    if head.mean_over == "entries" and outputs > 1:
        for factor, over in ((outputs, "outputs too"), (batch * outputs, "entries")):
            yield ("sum for mean", f"The loss is a mean over {factor} {over}; the gradient is that "
                   "of their sum.", float(factor))  # fmt: skip
    if head.one_half is not None:
        for factor, size in ((2.0, "twice"), (0.5, "half")):
            yield ("one half", f"It is {size} the true one: only one of loss and gradient has the "
                   "factor one half of the squared error.", factor)  # fmt: skip


def _head_of(subject: Subject, reference: Reference | None) -> tuple[Head | None, int]:
    """The head, None where the loss is not known, and the number of outputs."""
    if reference is not None:
        return reference.head, reference.outputs
    net = subject.net
    if isinstance(net, Sequential) and subject.numerical and net.head.has_example_losses:
        return net.head, int(net.n_out or 0)
    return None, 0


def _transposed(true: Gradients, name: str) -> Any:
    """The transposed gradient; None unless it differs."""
    g = true.get(name)
    return None if g is None or np.ndim(g) != 2 or np.array_equal(g, np.transpose(g)) else g.T


def _penalty(subject: Subject, true: Gradients, claimed: Gradients) -> float:
    """The factor of a missing penalty on the weights, judged by the largest parameter, or 0."""
    names = [name for name in claimed if true.get(name) is not None]
    names = [n for n in names if _varied(subject.arrays[n]) and claimed[n].shape == true[n].shape]
    if not names:
        return 0.0
    name = max(names, key=lambda n: subject.arrays[n].size)
    W, missing = subject.arrays[name], true[name] - claimed[name]
    if _difference(true[name], W * _share(W, true[name])) <= FAR_BETTER:
        return 0.0  # the whole gradient is a multiple of W: any wrong factor looks like a penalty
    return _share(W, missing)


def _share(W: np.ndarray, g: np.ndarray) -> float:
    """The factor with which W comes closest to g."""
    return float(np.sum(W * g) / np.sum(W * W))


def _without_penalty(subject: Subject, true: Gradients, name: str, penalty: float) -> Any:
    W = subject.arrays[name]
    return true[name] - penalty * W if true.get(name) is not None and _varied(W) else None


def _varied(W: np.ndarray) -> bool:
    """Whether the entries vary enough to recognize the gradient of a penalty."""
    return np.unique(np.abs(W)).size >= FEWEST_ENTRIES


def _difference(claimed: Any, faulty: Any) -> float:
    """The largest difference relative to the largest entry; infinity if they do not compare."""
    if claimed is None or faulty is None or np.shape(claimed) != np.shape(faulty):
        return np.inf
    claimed, faulty = np.asarray(claimed, np.float64), np.asarray(faulty)
    size = max(np.abs(faulty).max(initial=0), np.abs(claimed).max(initial=0))
    if not (np.isfinite(claimed).all() and np.isfinite(faulty).all()):
        return np.inf
    return float(np.abs(claimed - faulty).max(initial=0) / size) if size > 0 else 0.0


def _stale(
    subject: Subject, claimed: Gradients, true: Gradients, error: Mapping[str, float]
) -> Cause | None:
    """The cause, if the gradient is right only directly after a forward pass of the same batch."""
    if subject.net is None or subject.x is None:
        return None
    x = subject.x + 0.37 if subject.x.dtype.kind == "f" else subject.x
    try:
        subject.net.loss(x[::-1], subject.t)  # another forward pass in between
        other = {name: np.array(g) for name, g in subject.analytic().items()}
        if not np.isfinite(loss_or_nan(subject)):
            return None
        fresh = {name: np.array(g) for name, g in subject.analytic().items()}
    except (MitbadakError, ValueError, TypeError, IndexError):
        return None
    changed = tuple(
        name for name in claimed
        if _difference(other.get(name), fresh.get(name)) > MEASURED
        and _difference(fresh.get(name), true.get(name)) <= min(MEASURED, FAR_BETTER * error[name])
    )  # fmt: skip
    if not changed:
        return None
    return Cause(
        "stale cache", changed,
        "The gradient changes after a forward pass of another batch, and is right after one of the "
        "same batch: backward uses values that an earlier forward pass left behind.",
        max(_difference(fresh[name], true[name]) for name in changed),
    )  # fmt: skip


def _by_definition(
    subject: Subject, wrong: Sequence[str], numerical: Gradients, h: float
) -> dict[str, np.ndarray]:
    """The true gradient of wrong parameters, where it was measured or is quick to measure."""
    true = {name: np.asarray(numerical[name]) for name in wrong if name in numerical}
    names = [n for n in wrong if n not in true and subject.arrays[n].size <= TRUE_ENTRIES]
    arrays = [subject.arrays[name] for name in names]
    measured = central_differences(lambda _: loss_or_nan(subject), arrays, h=h, progress=False)
    return true | dict(zip(names, measured.gradients, strict=True))
