"""Why a gradient is wrong: the usual faults are tried, and those that make the numbers agree named.

A wrong factor or a transposed matrix can be read off the two gradients. For the rest the fault is
planted into a right backward pass of the same net, and what comes out is compared with what was
claimed. A net of another make is recognised by its loss, when it is one of affine layers with one
kind of activation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from mitbadak.errors import MitbadakError
from mitbadak.gradcheck.reference import Reference, reference_of
from mitbadak.gradcheck.report import Cause
from mitbadak.gradcheck.subjects import Subject
from mitbadak.numerical import central_differences

AGREES = 1e-5  # of the largest entry: what a fault may leave of the difference to be named
TRUE_ENTRIES = 4000  # of a parameter: more are not measured just to name a cause

Gradients = Mapping[str, Any]


def likely_causes(it: Subject, claimed: Gradients, wrong: set[str], h: float) -> list[Cause]:
    """Faults that would explain what is wrong, the one that leaves least first.

    Args:
        it: what was checked.
        claimed: its gradient.
        wrong: the parameters where it is wrong.
        h: step for the true gradient.
    """
    found: list[Cause] = []
    stale = _stale(it, claimed)
    if stale is not None:
        return [stale]
    reference = reference_of(it)
    true = reference.gradient() if reference is not None else _by_definition(it, wrong, h)
    for name, explanation, faulty in _candidates(it, true, reference):
        explained, left = [], []
        for key in sorted(wrong):
            error = _difference(claimed.get(key), faulty(key))
            if error <= AGREES:
                explained.append(key)
                left.append(error)
        if explained:
            found.append(Cause(name, tuple(explained), explanation, max(left)))
    # What explains more parameters comes first; among those the fault tried first.
    return sorted(found, key=lambda cause: -len(cause.where))


def _candidates(
    it: Subject, true: Gradients, reference: Reference | None
) -> Iterator[tuple[str, str, Callable[[str], Any]]]:
    """Each fault with its name, its explanation, and the gradient that it would give."""
    batch = len(it.x) if it.x is not None and np.ndim(it.x) == 2 else 0
    outputs = reference.outputs if reference is not None else 0

    def scaled(factor: float) -> Callable[[str], Any]:
        return lambda key: None if true.get(key) is None else true[key] * factor

    yield "sign", "The gradient is the negative of the true one.", scaled(-1.0)
    if reference is not None:
        yield from reference.faults()
    if batch > 1:
        yield ("missing 1/batch", f"The loss is a mean over {batch} examples; its gradient must be "
               "divided by their number too.", scaled(batch))  # fmt: skip
        yield ("mean for sum", f"It is {batch} times too small: averaged over the batch once more "
               "than the loss is.", scaled(1 / batch))  # fmt: skip
    if outputs > 1:
        for factor, over in ((outputs, "outputs too"), (batch * outputs, "entries")):
            yield (
                "sum for mean",
                f"The loss is a mean over {factor} {over}; the gradient is of their sum.",
                scaled(factor),
            )
    for factor, size in ((2.0, "twice"), (0.5, "half")):
        yield (
            "one half",
            f"It is {size} the true one: the one half of the squared error is missing on one side.",
            scaled(factor),
        )
    turned = "It is the transpose of the true gradient."
    yield "transpose", turned, lambda key: _transposed(true, key)


def _transposed(true: Gradients, key: str) -> Any:
    """The transpose; nothing for what would be its own."""
    g = true.get(key)
    return None if g is None or np.ndim(g) != 2 or np.array_equal(g, np.transpose(g)) else g.T


def _difference(claimed: Any, faulty: Any) -> float:
    """The largest difference over the largest entry; infinite where they cannot be compared."""
    if claimed is None or faulty is None or np.shape(claimed) != np.shape(faulty):
        return np.inf
    claimed, faulty = np.asarray(claimed, np.float64), np.asarray(faulty)
    size = np.abs(faulty).max(initial=0)
    if not np.isfinite(claimed).all() or size == 0:
        return np.inf
    return float(np.abs(claimed - faulty).max(initial=0) / size)


def _stale(it: Subject, claimed: Gradients) -> Cause | None:
    """Whether the gradient depends on what was computed before it."""
    if it.net is None or it.x is None:
        return None
    x = it.x + 0.37 if it.x.dtype.kind == "f" else it.x
    try:
        it.net.loss(x[::-1], it.t)  # another forward pass in between
        again = it.analytic()
        it.loss()
        it.analytic()
    except (MitbadakError, ValueError, TypeError, IndexError):
        return None
    changed = [
        key
        for key, g in claimed.items()
        if key in again
        and np.shape(again[key]) == np.shape(g)
        and not np.allclose(again[key], g, rtol=AGREES)
    ]
    if not changed:
        return None
    return Cause(
        "stale cache", tuple(changed),
        "The gradient changes when another batch goes forward in between: backward uses values "
        "that an earlier forward left behind.", 0.0,
    )  # fmt: skip


def _by_definition(it: Subject, wrong: set[str], h: float) -> dict[str, np.ndarray]:
    """The true gradient of the parameters in question, where that is quick."""
    names = [name for name in wrong if it.arrays[name].size <= TRUE_ENTRIES]
    arrays = [it.arrays[name] for name in names]
    found = central_differences(lambda _: it.loss(), arrays, h=h, progress=False)
    return dict(zip(names, found.gradients, strict=True))
