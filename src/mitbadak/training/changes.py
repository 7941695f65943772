"""What callbacks change about a running training: taken up by either engine alike, or refused."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from mitbadak.core.arrays import row_numbers
from mitbadak.core.errors import DtypeError, RangeError, ShapeError, StateError, brief, whole
from mitbadak.data.batches import Dataset, drawn_batches, mixed_batches, shuffled_batches
from mitbadak.nn.heads import Head
from mitbadak.nn.network import Sequential
from mitbadak.nn.norms import BatchNorm
from mitbadak.optim import Optimizer
from mitbadak.training.callbacks import Callback, StopOnNonFinite
from mitbadak.training.evaluation import as_dataset

if TYPE_CHECKING:
    from mitbadak.training.trainer import Trainer

DRAWS = (shuffled_batches, drawn_batches)  # their batches need no check
FIXED = {
    "trainer.net": "assign to net.params instead, or start another training",
    "net.layers": "layers can be changed between trainings, in a new net",
    "net.params": "assign its entries: net.params['W1'] = ...",
    "net.buffers": "assign its entries",
}


class Changes:
    """Notices what was replaced since it last looked.

    Args:
        trainer: the training, complete but for its steps.

    Attributes:
        watched: whether a callback is to see the net's arrays after every step.
    """

    def __init__(self, trainer: Trainer):
        self.trainer = trainer
        self.fixed, self.free = self._fixed(), self._free()
        self.names = [tuple(layer.params) for layer in trainer.net.layers]
        self.checked: dict[str, Dataset | None] = {}
        self.watched = self._watched()

    def _fixed(self) -> tuple[Any, ...]:
        net = self.trainer.net
        return net, net.layers, net.params, net.buffers

    def _free(self) -> tuple[Any, ...]:
        trainer, net = self.trainer, self.trainer.net
        return (
            net.head, net.dtype, trainer.optimizer, trainer.augment, trainer.loss_and_gradient,
            *trainer.callbacks,
        )  # fmt: skip

    def _watched(self) -> bool:
        hooks = [overridden(callback, "on_step_end") for callback in self.trainer.callbacks]
        return any(hook and getattr(hook, "watches_arrays", True) for hook in hooks)

    def noticed(self) -> bool:
        """Whether the steps must be made anew: another optimizer, head, callback and so on.

        Raises:
            StateError: what cannot change while a training runs has changed.
            DtypeError: a head or an optimizer that is none.
        """
        free = self._free()
        fixed = self._fixed()
        if all(map(operator.is_, fixed, self.fixed)) and (
            len(free) == len(self.free) and all(map(operator.is_, free, self.free))
        ):
            return False
        for (what, remedy), before, now in zip(FIXED.items(), self.fixed, fixed, strict=True):
            if before is not now:
                raise StateError(f"fit: {what} was replaced while training; {remedy}.")
        head, optimizer = self.trainer.net.head, self.trainer.optimizer
        for name, value, kind in (("net.head", head, Head), ("optimizer", optimizer, Optimizer)):
            if not isinstance(value, kind):
                raise DtypeError(f"fit: {name} must be a {kind.__name__}; got {value!r}.")
        if head is not self.free[0]:
            self.checked.clear()  # another head takes other labels
        self.free, self.watched = free, self._watched()
        return True

    def check_names(self) -> None:
        """Refuse layers that have gained or lost a parameter."""
        for layer, names in zip(self.fixed[1], self.names, strict=True):
            if tuple(layer.params) != names:
                raise StateError(
                    f"fit: {layer!r} had the parameters {', '.join(names)} when training began and "
                    f"has {', '.join(layer.params) or 'none'} now. Start another training."
                )

    def check_sets(self) -> None:
        """Check every set that is new, as all are before a training begins.

        Raises:
            ShapeError, DtypeError, LabelError, NonFiniteError: a set that the net cannot take.
        """
        sets, net = self.trainer.sets, self.trainer.net
        for name, examples in sets.items():
            if examples is None and name != "train":
                continue
            if examples is not None and examples is self.checked.get(name):
                continue
            sets[name] = data = as_dataset(examples, name)  # pyright: ignore[reportArgumentType]
            check_set(net, data, name)
            self.checked[name] = data


def overridden(callback: Callback, event: str) -> Any:
    """A callback's own hook for an event, None where it has the one that does nothing."""
    hook = getattr(callback, event)
    hook = getattr(hook, "__func__", hook)
    usual = getattr(Callback, event), getattr(StopOnNonFinite, event)
    return None if hook in usual else hook


def check_set(net: Sequential, data: Dataset, name: str) -> None:
    """Refuse a set that a net cannot learn from or be measured on.

    Raises:
        ShapeError, DtypeError, LabelError, NonFiniteError: with the first thing that is wrong.
    """
    net.check_width(data.x)
    if data.x.ndim == 1:
        raise ShapeError(f"{name}: x must be of shape (n, n_in); got {data.x.shape}.")
    with np.errstate(all="ignore"):
        scores = net.scores(data.batch(slice(1), net.dtype)[0])
    net.head.check_labels(data.t, scores.shape[-1])


def check_params(net: Sequential, optimizer: Optimizer) -> None:
    """Refuse parameters that no update could change, before anything is changed.

    Raises:
        StateError: an array that is read-only, or whose entries share memory with one another.
        DtypeError: not of floats.
    """
    params = net.params
    optimizer.ready(params, {name: np.zeros(a.shape, a.dtype) for name, a in params.items()})
    for name, array in params.items():
        if any(s == 0 and n > 1 for s, n in zip(array.strides, array.shape, strict=True)):
            raise StateError(
                f"fit: entries of parameter {name!r} share memory (strides {array.strides}), so "
                "they cannot be trained apart. Give a copy to train."
            )


def check_batches(net: Sequential, train: Dataset, batch_size: object, *, shuffled: bool) -> int:
    """The batch size, where the training set can be drawn in such batches.

    Raises:
        RangeError: larger than the set; or a batch of one where a layer needs two.
    """
    size = whole("fit", "batch_size", batch_size)
    if size > len(train):
        raise RangeError(
            f"fit: batch_size {brief(size)} is larger than the training set of {len(train)} "
            f"examples. Use at most {len(train)}."
        )
    shortest = (len(train) % size or size) if shuffled else size
    alone = [layer for layer in net.modal if isinstance(layer, BatchNorm)]
    if alone and shortest == 1:
        raise RangeError(
            f"fit: {alone[0]!r} needs at least two examples in every batch; {len(train)} "
            f"examples in batches of {size} leave one alone. Choose another batch_size."
        )
    return size


def draw_checked(
    draw: Callable[..., Iterator[Any]], train: Dataset, batch_size: int, rng: np.random.Generator
) -> Iterator[np.ndarray]:
    """The batches of one epoch as row numbers, checked where a function of one's own draws them.

    Raises:
        ShapeError, DtypeError, RangeError: a batch that is empty, too large, or of no such rows.
    """
    if draw is mixed_batches:
        return mixed_batches(len(train), batch_size, rng, announce=train.announce)
    batches = draw(len(train), batch_size, rng)
    if draw in DRAWS:
        return batches

    def checked(picked: Any) -> np.ndarray:
        rows = row_numbers("fit", "a drawn batch", picked, len(train))
        if len(rows) > batch_size:
            raise RangeError(
                f"fit: a drawn batch must hold at most batch_size = {batch_size} examples; got "
                f"{len(rows)}."
            )
        return rows

    return map(checked, batches)
