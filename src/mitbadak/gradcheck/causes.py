"""Why a gradient is wrong: the usual faults are tried, and one that explains the numbers is named.

A wrong factor or a transposed matrix can be read off the two gradients. For the rest the fault is
planted into a right backward pass of the same net, and what comes out is compared with what was
claimed. A net of another make is recognised by its loss, when it is one of affine layers with one
kind of activation.

A fault is named only where it leaves a thousandth of the difference or less, and no other fault
that is possible for this loss does: a factor of 2 on a batch of two may be a missing mean or a
missing one half, and then neither is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mitbadak.core.errors import MitbadakError
from mitbadak.functions.numerical import central_differences
from mitbadak.gradcheck.claims import Claims
from mitbadak.gradcheck.lines import loss_or_nan
from mitbadak.gradcheck.reference import LOSS_OF_HEAD, Reference, reference_of
from mitbadak.gradcheck.report import WRONG, Cause, Finding
from mitbadak.gradcheck.subjects import Subject
from mitbadak.nn.network import Sequential

EXACT, MEASURED = 1e-9, 1e-6  # of the largest entry: what a fault may leave, by what truth is
FAR_BETTER = 1e-3  # of the difference: what a fault may leave of it
TRUE_ENTRIES = 4000  # of a parameter: more are not measured just to name a cause
FEWEST_ENTRIES = 3  # that show more than a factor

Gradients = Mapping[str, Any]


class Fault(NamedTuple):
    """A fault that is possible here, and the gradient that it would give by name."""

    name: str
    explanation: str
    gradient: Callable[[str], Any]


def likely_causes(
    subject: Subject, claims: Claims, findings: Sequence[Finding], numerical: Gradients, h: float
) -> list[Cause]:
    """The faults that explain what is wrong, the one that explains most first.

    Args:
        subject: what was checked.
        claims: its gradient.
        findings: the verdicts.
        numerical: the gradient by definition, as far as it was measured entry by entry.
        h: step for what of it is missing.
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
    """Faults that alone explain some parameter; the one that explains more comes first.

    What several faults explain in one parameter, another parameter may decide.
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
                "it ever computed?", scaled(0.0))  # fmt: skip
    if reference is not None:
        yield from (Fault(*fault) for fault in reference.faults())
    for name, explanation, factor in _factors(subject, reference):
        yield Fault(name, explanation, scaled(factor))
    turned = "It is the transpose of the true gradient."
    yield Fault("transpose", turned, lambda name: _transposed(true, name))
    penalty = _penalty(subject, true, claimed)
    if penalty:
        yield Fault("missing weight decay", f"What is missing is {penalty:.6g} times the "
                    "parameter itself: the loss has a penalty on it, the gradient has not.",
                    lambda name: _without_penalty(subject, true, name, penalty))  # fmt: skip


def _factors(subject: Subject, reference: Reference | None) -> Iterator[tuple[str, str, float]]:
    """Wrong factors by what the loss takes the mean of."""
    batch = len(subject.x) if subject.x is not None and np.ndim(subject.x) >= 2 else 0
    loss, outputs = _loss_of(subject, reference)
    known = bool(loss)
    if batch > 1 and loss != "half":
        missing = (f"The loss is a mean over {batch} examples; its gradient must be divided by "
                   "their number too.")  # fmt: skip
        twice = (f"It is {batch} times too small: averaged over the batch once more than the loss "
                 "is.")  # fmt: skip
        # Of a loss that nobody knows, a factor says "batch" only if nothing else has that size.
        sizes = {n for a in subject.arrays.values() for n in a.shape}
        if known or batch not in sizes | {2}:
            yield "missing 1/batch", missing, float(batch)
            yield "mean for sum", twice, 1 / batch
    if batch > 1 and loss == "half":
        yield ("mean for sum", f"It is {batch} times too small: a mean over the batch, where the "
               "loss is a sum.", 1 / batch)  # fmt: skip
    if loss == "mean" and outputs > 1:
        for factor, over in ((outputs, "outputs too"), (batch * outputs, "entries")):
            yield ("sum for mean", f"The loss is a mean over {factor} {over}; the gradient is of "
                   "their sum.", float(factor))  # fmt: skip
    if loss in ("mean", "half"):
        for factor, size in ((2.0, "twice"), (0.5, "half")):
            yield ("one half", f"It is {size} the true one: the one half of the squared error is "
                   "missing on one side.", factor)  # fmt: skip


def _loss_of(subject: Subject, reference: Reference | None) -> tuple[str, int]:
    """The name of the loss, "" where it is not known, and how many outputs there are."""
    if reference is not None:
        return reference.loss_name, reference.outputs
    net = subject.net
    if isinstance(net, Sequential) and subject.numerical is not None:
        return LOSS_OF_HEAD.get(type(net.head), ""), int(net.n_out or 0)
    return "", 0


def _transposed(true: Gradients, name: str) -> Any:
    """The transpose; nothing for what would be its own."""
    g = true.get(name)
    return None if g is None or np.ndim(g) != 2 or np.array_equal(g, np.transpose(g)) else g.T


def _penalty(subject: Subject, true: Gradients, claimed: Gradients) -> float:
    """The factor of a missing penalty on the weights, from the largest wrong parameter, or 0."""
    names = [name for name in claimed if true.get(name) is not None]
    names = [n for n in names if _varied(subject.arrays[n]) and claimed[n].shape == true[n].shape]
    if not names:
        return 0.0
    name = max(names, key=lambda n: subject.arrays[n].size)
    W, missing = subject.arrays[name], true[name] - claimed[name]
    return float(np.sum(W * missing) / np.sum(W * W))


def _without_penalty(subject: Subject, true: Gradients, name: str, penalty: float) -> Any:
    W = subject.arrays[name]
    return true[name] - penalty * W if true.get(name) is not None and _varied(W) else None


def _varied(W: np.ndarray) -> bool:
    """Whether a penalty's gradient could not be taken for something else."""
    return np.unique(np.abs(W)).size >= FEWEST_ENTRIES


def _difference(claimed: Any, faulty: Any) -> float:
    """The largest difference over the largest entry; infinite where they cannot be compared."""
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
    """Whether the gradient is right once the same batch has just gone forward, and else not."""
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
        "The gradient changes when another batch goes forward in between, and is right after the "
        "same batch did: backward uses values that an earlier forward left behind.",
        max(_difference(fresh[name], true[name]) for name in changed),
    )  # fmt: skip


def _by_definition(
    subject: Subject, wrong: Sequence[str], numerical: Gradients, h: float
) -> dict[str, np.ndarray]:
    """The true gradient of the parameters in question, where that is known or quick to get."""
    true = {name: np.asarray(numerical[name]) for name in wrong if name in numerical}
    names = [n for n in wrong if n not in true and subject.arrays[n].size <= TRUE_ENTRIES]
    arrays = [subject.arrays[name] for name in names]
    measured = central_differences(lambda _: loss_or_nan(subject), arrays, h=h, progress=False)
    return true | dict(zip(names, measured.gradients, strict=True))
