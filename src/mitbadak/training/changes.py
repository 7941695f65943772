"""Checks of a training run before it starts, and of what callbacks replace while it runs."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from mitbadak.core.errors import (
    DtypeError,
    RangeError,
    ShapeError,
    StateError,
    brief,
    unknown_name,
    whole,
)
from mitbadak.data.dataset import Dataset
from mitbadak.nn.heads import Head
from mitbadak.nn.network import Sequential
from mitbadak.nn.norms import BatchNorm
from mitbadak.nn.overriding import check_followed
from mitbadak.optim import Optimizer
from mitbadak.training.sets import dataset_for
from mitbadak.training.updates import GRADIENTS

FIXED = {
    "trainer.net": "assign to net.params instead, or start a new run",
    "net.layers": "to change layers, build a new net and start a new run",
    "net.params": "assign its entries: net.params['W1'] = ...",
    "net.buffers": "assign its entries",
}


def set_property(name: str, doc: str) -> Any:
    """A property of the trainer for one of its sets, which is checked before it is next used."""
    return property(
        lambda trainer: trainer.sets[name],
        lambda trainer, examples: trainer.sets.update({name: examples}),
        doc=doc,
    )


def whole_property(name: str, doc: str, *, least: int) -> Any:
    """A property of the trainer that is a whole number, checked when it is assigned."""
    return property(
        lambda trainer: vars(trainer)[name],
        lambda trainer, value: vars(trainer).update({name: whole("fit", name, value, least=least)}),
        doc=doc,
    )


class Changes:
    """Notices what was replaced in a net and its training run.

    Args:
        net: as it is when the run begins.
    """

    def __init__(self, net: Sequential):
        self.fixed = _fixed_parts(net)
        self.head = net.head
        self.free: tuple[Any, ...] = ()
        self.names = [tuple(layer.params) for layer in net.layers]
        self.checked: dict[str, Dataset | None] = {}

    def noticed(self, net: Sequential, optimizer: Any, others: Sequence[Any]) -> bool:
        """Whether something was replaced since the last call, so that a new updater is needed.

        Args:
            net, optimizer: net and optimizer as they are now.
            others: everything else that an updater depends on.

        Raises:
            StateError: something was replaced that must stay the same during a run.
            DtypeError: the new head or optimizer is not one.
        """
        fixed, free = _fixed_parts(net), (*_free_parts(net, optimizer), *others)
        if _same(fixed, self.fixed) and _same(free, self.free):
            return False
        for (name, remedy), before, now in zip(FIXED.items(), self.fixed, fixed, strict=True):
            if before is not now:
                raise StateError(f"fit: {name} was replaced while training; {remedy}.")
        kinds = (
            ("net.head", net.head, Head), ("net.dtype", net.dtype, np.dtype),
            ("optimizer", optimizer, Optimizer),
        )  # fmt: skip
        for name, value, kind in kinds:
            if not isinstance(value, kind):
                raise DtypeError(
                    f"fit: {name} must be of type {kind.__name__}; got {brief(value)}."
                )
        if net.head is not self.head:
            self.checked.clear()  # another head takes other labels
        self.head, self.free = net.head, free
        return True

    def check_names(self) -> None:
        """Refuse layers that have gained or lost a parameter.

        Raises:
            StateError: with the names before and now.
        """
        for layer, names in zip(self.fixed[1], self.names, strict=True):
            if tuple(layer.params) != names:
                raise StateError(
                    f"fit: {layer!r} had the parameters {', '.join(names)} when training began and "
                    f"has {', '.join(layer.params) or 'none'} now. Start a new run."
                )

    def check_sets(self, sets: dict[str, Any], net: Sequential) -> None:
        """Check each new set, and put a ``Dataset`` in the place of a pair.

        Raises:
            ShapeError, DtypeError, LabelError, NonFiniteError: the net cannot take a set.
        """
        if sets.keys() != {"train", "validation", "test"}:
            names = ", ".join(map(str, sets)) or "nothing"
            raise StateError(
                f"fit: trainer.sets must hold train, validation and test; it holds {names}. Assign "
                "trainer.test = None, for example."
            )
        for name, examples in sets.items():
            if examples is None and name != "train":
                continue
            if examples is not None and examples is self.checked.get(name):
                continue
            sets[name] = data = dataset_for(net, examples, name)  # pyright: ignore[reportArgumentType]
            check_set(net, data, name)
            self.checked[name] = data


def _fixed_parts(net: Sequential) -> tuple[Any, ...]:
    return net, net.layers, net.params, net.buffers


def _free_parts(net: Sequential, optimizer: Any) -> tuple[Any, ...]:
    """What may be replaced, down to a head's settings and what an optimizer is made of.

    A layer or a rule may also be given a method of its own.
    """
    settings = vars(net.head).values() if isinstance(net.head, Head) else ()
    parts = optimizer.parts if isinstance(optimizer, Optimizer) else (optimizer,)
    owners = [o for o in (*net.layers, *parts) if hasattr(o, "__dict__")]
    attributes = [(k, v) for o in owners for k, v in vars(o).items() if k[0] != "_"]
    methods = [name for name, value in attributes if callable(value)]
    return (net.head, net.dtype, *settings, *parts, *methods)


def _same(a: Sequence[Any], b: Sequence[Any]) -> bool:
    return len(a) == len(b) and all(map(operator.is_, a, b))


def check_set(net: Sequential, data: Dataset, name: str) -> None:
    """Refuse a set that a net cannot be trained or evaluated on.

    Raises:
        ShapeError, DtypeError, LabelError, NonFiniteError: the first problem found.
    """
    net.check_width(data.x)
    if data.x.ndim == 1:
        raise ShapeError(f"{name}: x must be of shape (n, n_in); got {data.x.shape}.")
    with np.errstate(all="ignore"):
        scores = net.scores(data.batch(slice(1), net.dtype)[0])
    net.head.check_labels(net.targets(data.t), scores.shape[-1])


def check_params(net: Sequential, optimizer: Optimizer) -> None:
    """Refuse parameters that an optimizer cannot update, before anything is changed.

    Raises:
        StateError: an array is read-only, or its entries share memory with one another.
        DtypeError: an array does not hold floats.
    """
    params = net.params
    optimizer.checked_gradients(
        params, {name: np.zeros(a.shape, a.dtype) for name, a in params.items()}
    )
    for name, array in params.items():
        if any(s == 0 and n > 1 for s, n in zip(array.strides, array.shape, strict=True)):
            raise StateError(
                f"fit: entries of parameter {name!r} share memory (strides {array.strides}), so "
                "they cannot be trained independently. Train a copy of the array."
            )


def check_method(net: Sequential, gradient: str) -> None:
    """Refuse a way of differentiating that there is not, or that the net does not allow.

    Raises:
        UnknownNameError: with the closest known name.
        StateError: the definition differentiates the net in evaluation mode; or the net overrides
            a method that its gradient ignores.
    """
    if gradient not in GRADIENTS:
        raise unknown_name("gradient", gradient, GRADIENTS)
    check_followed(net, gradient)
    if net.mode_dependent and gradient == "numerical":
        raise StateError(
            f"fit: gradient='numerical' differentiates the net in evaluation mode, where "
            f"{net.mode_dependent[0]!r} computes something else. Use gradient='backprop', and "
            "check it with check_gradients(net, x, t, training=True)."
        )


def check_batches(
    net: Sequential, training_set: Dataset, batch_size: object, *, shuffled: bool
) -> int:
    """The batch size, if the training set can be drawn in such batches.

    Raises:
        RangeError: larger than the set; or it leaves a batch of one where a layer needs two.
    """
    size, n = whole("fit", "batch_size", batch_size), len(training_set)
    if size > n:
        raise RangeError(
            f"fit: batch_size {brief(size)} is larger than the training set of {n} examples. Use "
            f"at most {n}."
        )
    shortest = (n % size or size) if shuffled else size
    norms = [layer for layer in net.mode_dependent if isinstance(layer, BatchNorm)]
    if norms and shortest == 1:
        raise RangeError(
            f"fit: {norms[0]!r} needs at least two examples in every batch; {n} examples in "
            f"batches of {size} leave one alone. Choose another batch_size."
        )
    return size
