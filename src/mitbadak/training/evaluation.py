"""Evaluation of a net on a whole set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mitbadak.core.arguments import explained
from mitbadak.core.errors import whole
from mitbadak.data.dataset import Dataset
from mitbadak.nn.network import Sequential
from mitbadak.nn.overriding import as_loss, is_own
from mitbadak.nn.prepared import PreparedNet, check_net, inner_net
from mitbadak.training.history_file import MEASURES
from mitbadak.training.sets import dataset_for

EVALUATION_BATCH = 1000  # 3 MB of MNIST as float32, which stay in the second-level cache


@explained
def evaluate(
    net: Sequential | PreparedNet,
    examples: Any,
    t: Any = None,
    *,
    batch_size: int = EVALUATION_BATCH,
) -> dict[str, float]:
    """Loss and accuracy of a net in evaluation mode on a whole set, computed batch by batch.

    Args:
        net: the net, or a loaded model.
        examples: ``(x, t)``, raw for a model, or a ``Dataset`` of prepared rows; or x alone, and t
            as the next argument.
        t: labels or targets.
        batch_size: examples per forward pass; the last batch may be shorter, none is dropped.

    Returns:
        ``loss`` over the whole set as the head defines it, and ``accuracy`` in [0, 1] if t holds
        classes, or labels for ``sigmoid_cross_entropy``. A net's own ``loss`` or ``accuracy``
        takes their place, and is called once with the whole set.
    """
    check_net(net, "evaluate")
    examples = examples if t is None else (examples, t)
    data, net = dataset_for(net, examples, "evaluate"), inner_net(net)
    batch_size = whole("evaluate", "batch_size", batch_size)
    return {**_measured(net, data, batch_size), **_own_measures(net, data)}


def _measured(net: Sequential, data: Dataset, batch_size: int) -> dict[str, float]:
    """Loss and accuracy as the head defines them, from scores that are computed once."""
    total = right = 0.0
    answers = 1
    counts_right = False
    for start in range(0, len(data), batch_size):
        x, t = data.batch(slice(start, start + batch_size), net.dtype)
        scores, targets = net.scores(x), net.targets(t)
        total += net.head.loss(scores, targets) * (len(x) if net.head.averages else 1)
        counts_right = net.head.measures_accuracy(targets, scores.shape[-1])
        if counts_right:
            answers = net.head.answers_per_example(scores.shape[-1])
            right += net.accuracy_of(scores, t) * len(x) * answers
    result = {"loss": total / len(data) if net.head.averages else total}
    if counts_right:
        exact = not is_own(net, "accuracy_of")  # which may return any number
        result["accuracy"] = (round(right) if exact else right) / (len(data) * answers)
    return result


def _own_measures(net: Sequential, data: Dataset) -> dict[str, float]:
    """What the net's own ``loss`` and ``accuracy`` return for the whole set at once.

    They need not be means over examples, so they cannot be put together from batches.
    """
    own = [name for name in MEASURES if is_own(net, name)]
    x, t = data.batch(slice(None), net.dtype) if own else (None, None)
    return {name: as_loss(type(net).__name__, getattr(net, name)(x, t), name) for name in own}


def sets_to_evaluate(
    net: Sequential, sets: Mapping[str, Dataset | None], *, after_steps: bool
) -> dict[str, Dataset]:
    """Which of the three sets are measured.

    After steps, whose losses give the training loss, the training set is one of them only where it
    has an accuracy.
    """
    given = {name: examples for name, examples in sets.items() if examples is not None}
    train = given["train"]
    if after_steps and net.n_out and not (
        is_own(net, *MEASURES) or net.head.measures_accuracy(train.t, net.n_out)
    ):  # fmt: skip
        del given["train"]
    return given
