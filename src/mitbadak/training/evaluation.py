"""Evaluation of a net on a whole set."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from mitbadak.core.arrays import real_array
from mitbadak.core.errors import ShapeError, whole
from mitbadak.data.dataset import Dataset
from mitbadak.nn.named_classes import named_classes
from mitbadak.nn.network import Sequential
from mitbadak.nn.prepared import PreparedNet, check_net, inner_net

EVALUATION_BATCH = 1000  # 3 MB of MNIST as float32, which stay in the second-level cache
BLAS_THREADS = 1  # a second one makes small nets slower, several times so on a busy machine

Examples = Dataset | tuple[Any, Any]


def few_blas_threads() -> AbstractContextManager:
    """While entered, NumPy's matrix products use the number of threads best for small nets."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(BLAS_THREADS, user_api="blas")


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
        classes, or labels for ``sigmoid_cross_entropy``.
    """
    check_net(net, "evaluate")
    examples = examples if t is None else (examples, t)
    data, net = dataset_for(net, examples, "evaluate"), inner_net(net)
    batch_size = whole("evaluate", "batch_size", batch_size)
    total = right = 0.0
    answers = 1
    counts_right = False
    for start in range(0, len(data), batch_size):
        x, t = data.batch(slice(start, start + batch_size), net.dtype)
        scores = net.scores(x)
        total += net.head.loss(scores, t) * (len(x) if net.head.averages else 1)
        counts_right = net.head.measures_accuracy(t, scores.shape[-1])
        if counts_right:
            answers = net.head.answers_per_example(scores.shape[-1])
            right += net.accuracy_of(scores, t) * len(x) * answers
    result = {"loss": total / len(data) if net.head.averages else total}
    if counts_right:
        result["accuracy"] = round(right) / (len(data) * answers)
    return result


def as_dataset(examples: Examples, name: str) -> Dataset:
    """``(x, t)`` as a checked ``Dataset``; a ``Dataset`` as it is."""
    if isinstance(examples, Dataset):
        return examples
    x, t = _pair(examples, name)
    return Dataset(real_array(name, "x", x), real_array(name, "t", t), name=name)


def dataset_for(net: Sequential | PreparedNet, examples: Examples, name: str) -> Dataset:
    """Examples as a ``Dataset`` for a net; a loaded model prepares what is not one yet."""
    if isinstance(examples, Dataset):
        return examples
    x, t = _pair(examples, name)
    if isinstance(net, PreparedNet):
        return as_dataset((net.rows(x), net.targets(t)), name)
    return as_dataset((x, net.targets(t)), name)


def learn_names(net: Sequential | PreparedNet, train: Any) -> None:
    """Give a net the names of its classes, if its labels are text and it has none yet.

    Raises:
        LabelError: there are more or fewer than the net has scores for.
    """
    if isinstance(net, Sequential) and isinstance(train, tuple) and len(train) == 2:
        net.classes = named_classes(net, train[1])


def sets_of(
    net: Sequential | PreparedNet,
    train: Examples,
    validation: float | Examples | None,
    test: Examples | None,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """The three sets by name, with the validation share split off the training set."""
    learn_names(net, train)
    training_set, held_out = dataset_for(net, train, "train"), None
    if isinstance(validation, (Dataset, tuple)):
        held_out = dataset_for(net, validation, "validation")
    elif validation:
        training_set, held_out = training_set.split(validation, rng)
    tested = None if test is None else dataset_for(net, test, "test")
    return {"train": training_set, "validation": held_out, "test": tested}


def sets_to_evaluate(
    net: Sequential, sets: Mapping[str, Dataset | None], *, after_steps: bool
) -> dict[str, Dataset]:
    """Which of the three sets are measured.

    After steps, whose losses give the training loss, the training set is one of them only where it
    has an accuracy.
    """
    given = {name: examples for name, examples in sets.items() if examples is not None}
    if after_steps and net.n_out and not net.head.measures_accuracy(given["train"].t, net.n_out):
        del given["train"]
    return given


def _pair(examples: Any, name: str) -> tuple[Any, Any]:
    try:
        x, t = examples
    except (TypeError, ValueError):
        raise ShapeError(
            f"{name} expects a pair (x, t) or a Dataset; got {type(examples).__name__}."
        ) from None
    if all(isinstance(part, tuple) and len(part) == 2 for part in (x, t)):
        raise ShapeError(
            f"{name} expects a pair (x, t); got two pairs, as load_mnist returns them. Use "
            "train, test = mb.load_mnist(); mb.fit(net, train, test=test)."
        )
    return x, t
