"""The sets of a training run, from what users give: pairs, data sets, or a share to split off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np

from mitbadak.core.arrays import described, real_array
from mitbadak.core.errors import DtypeError, RangeError, ShapeError, share
from mitbadak.data.dataset import Dataset, refuse_two_pairs
from mitbadak.data.source import Source
from mitbadak.functions.labels import ClassIndices
from mitbadak.nn.named_classes import labels_for, named_classes
from mitbadak.nn.network import Sequential
from mitbadak.nn.prepared import PreparedNet

Examples = Dataset | tuple[Any, Any]
INPUTS = ("x", "X", "data", "images", "inputs", "features", "x_train", "X_train")
LABELS = ("t", "y", "target", "targets", "label", "labels", "t_train", "y_train")
"""What mappings of examples call their two parts, here and elsewhere."""
P = ParamSpec("P")
R = TypeVar("R")


def as_dataset(examples: Examples, name: str) -> Dataset:
    """``(x, t)`` as a checked ``Dataset``; a ``Dataset`` as it is."""
    if isinstance(examples, Dataset):
        return examples
    x, t = _pair(examples, name)
    labels = t if isinstance(t, ClassIndices) else real_array(name, "t", t)
    return Dataset(real_array(name, "x", x), labels, name=name)


def dataset_for(net: Sequential | PreparedNet, examples: Examples, name: str) -> Dataset:
    """Examples as a ``Dataset`` for a net; a loaded model prepares what is not one yet."""
    if isinstance(examples, Dataset):
        labels = examples.t if isinstance(net, PreparedNet) else _indices(net, examples.t)
        return examples if labels is examples.t else examples.labeled(labels)
    x, t = _pair(examples, name)
    if isinstance(net, PreparedNet):
        return as_dataset((net.rows(x), net.targets(t)), name)
    return as_dataset((x, _indices(net, t)), name)


def _indices(net: Sequential, t: Any) -> Any:
    """Labels as the head takes them, marked where the net would take them for names again."""
    labels = labels_for(net, t)
    if not net.classes or not isinstance(labels, np.ndarray) or labels.dtype.kind not in "iu":
        return labels
    return t if isinstance(t, ClassIndices) else labels.view(ClassIndices)


def learn_names(net: Sequential | PreparedNet, train: Any) -> None:
    """Give a net the names of its classes, if its labels are names and it has none yet.

    Raises:
        LabelError: there are more or fewer than the net has scores for.
    """
    if not isinstance(net, Sequential):
        return
    if isinstance(train, Dataset):
        net.classes = named_classes(net, train.t)
    else:
        net.classes = named_classes(net, _pair(train, "train")[1])


def unlearns_names(start: Callable[P, R]) -> Callable[P, R]:
    """Make what starts a training leave a net without names of classes if it fails.

    Args:
        start: takes the net as its second argument, after ``self``, or by name.
    """

    @wraps(start)
    def started(*args: P.args, **options: P.kwargs) -> R:
        net = args[1] if len(args) > 1 else options.get("net")
        before = getattr(net, "classes", ())
        try:
            return start(*args, **options)
        except BaseException:
            if isinstance(net, Sequential):
                net.classes = before  # type: ignore[assignment]
            raise

    return started


def sets_of(
    net: Sequential | PreparedNet,
    train: Examples,
    validation: float | Examples | None,
    test: Examples | None,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """The three sets by name, with the validation share split off the training set.

    Raises:
        DtypeError: ``validation`` is neither a share nor a set.
    """
    learn_names(net, train)
    training_set, held_out = dataset_for(net, train, "train"), None
    if isinstance(validation, (Dataset, tuple, list)):
        held_out = dataset_for(net, validation, "validation")  # type: ignore[arg-type]
    elif (part := _share(validation)) > 0:
        training_set, held_out = training_set.split(part, rng)
    tested = None if test is None else dataset_for(net, test, "test")
    return {"train": training_set, "validation": held_out, "test": tested}


def _share(validation: Any) -> float:
    if validation is None or validation is False:
        return 0.0
    try:
        return share("train", "validation", validation)
    except RangeError:
        if isinstance(validation, (int, float)):
            raise
        raise DtypeError(
            "fit: validation expects a share in [0, 1) to split off, a pair (x, t) or a Dataset; "
            f"got {described(validation)}."
        ) from None


def _pair(examples: Any, name: str) -> tuple[Any, Any]:
    if isinstance(examples, Source):
        raise ShapeError(
            f"{name} expects a pair (x, t) or a Dataset; got a Source, which holds several. Use "
            "mb.fit(net, source.train, test=source.test)."
        )
    if not isinstance(examples, (tuple, list)) or len(examples) != 2:
        kind = f"a {type(examples).__name__}" if _is_drawn(examples) else described(examples)
        raise ShapeError(
            f"{name} expects a pair (x, t) or a Dataset; got {kind}.{_meant(examples, name)}"
        )
    x, t = examples
    refuse_two_pairs(examples, name)
    return x, t


def _meant(examples: Any, name: str) -> str:
    """How to hand over examples that are together in one thing, as other libraries have them."""

    def line(x: str, t: str) -> str:
        return f"mb.fit(net, {x}, {t})" if name == "train" else f"{name}=({x}, {t})"

    if isinstance(examples, Mapping):
        x, t = (next((k for k in keys if k in examples), None) for keys in (INPUTS, LABELS))
        if x is None or t is None:
            x, t = (*examples, "x", "t")[:2] if len(examples) == 2 else ("x", "t")
        return f" Give its parts: {line(f'{name}[{x!r}]', f'{name}[{t!r}]')}."
    if hasattr(examples, "drop") and len(columns := getattr(examples, "columns", ())) > 1:
        last = columns[-1]
        return f" Give its parts: {line(f'{name}.drop(columns={last!r})', f'{name}[{last!r}]')}."
    if isinstance(examples, (tuple, list)) and len(examples) > 2 and _are_pairs(examples):
        both = f"mb.fit(net, *zip(*{name}))" if name == "train" else f"{name}=tuple(zip(*{name}))"
        return f" Give all x and all t: {both}."
    if _is_drawn(examples):
        return (
            f" fit draws batches itself: x, t = map(np.concatenate, zip(*{name})), then "
            f"{line('x', 't')}."
        )
    return f" Give the labels too: {line('x', 't')}." if name == "train" else ""


def _are_pairs(examples: Sequence[Any]) -> bool:
    return all(isinstance(each, (tuple, list)) and len(each) == 2 for each in examples)


def _is_drawn(examples: Any) -> bool:
    """Whether these are batches that come one after the other: a generator, or a loader."""
    known = (str, bytes, Mapping, set, tuple, list)
    return (
        hasattr(examples, "__iter__")
        and not isinstance(examples, known)
        and not hasattr(examples, "shape")
    )
