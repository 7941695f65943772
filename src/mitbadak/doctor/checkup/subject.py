"""What a checkup looks at: a training that has not begun, of which it only ever uses copies."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from mitbadak.core.errors import NonFiniteError, ShapeError
from mitbadak.data.shifts import generator_of
from mitbadak.doctor.names import Names
from mitbadak.functions.labels import class_indices
from mitbadak.nn.activations import Identity
from mitbadak.nn.affine import Affine
from mitbadak.nn.dropout import Dropout
from mitbadak.nn.network import Sequential
from mitbadak.optim import Optimizer
from mitbadak.training.trainer import Trainer

SEED = 20  # of every draw: a checkup of the same training gives the same findings
SEEN = 2000  # examples that are looked at closely
MEASURED = 256  # examples on which losses are compared
WORK = 2.5e6  # parameters times examples of one update; larger nets get smaller batches
FEWEST = 16  # examples of such a batch
ENTRIES = 1 << 22  # numbers of the examples that are looked at closely, at most
LINEAR = ("Flatten", "Dropout")


@dataclass
class Subject:
    """A training that has not begun.

    Attributes:
        trainer: as ``fit`` would make it; it is never run, and its parts are never changed.
        names: of the classes and inputs.
    """

    trainer: Trainer
    names: Names = field(default_factory=Names)

    def __post_init__(self) -> None:
        if len(self.trainer.train) < 2:
            raise ShapeError(
                "checkup expects at least two examples to train on; got 1. Give it the whole "
                "training set."
            )

    @property
    def net(self) -> Sequential:
        return self.trainer.net

    @property
    def n_out(self) -> int:
        """How many scores the net gives."""
        return self.net.n_out or self.net.scores(self.seen[0][:1]).shape[-1]

    @cached_property
    def rows(self) -> np.ndarray:
        """The training examples that are looked at closely."""
        n, width = len(self.trainer.train), max(1, math.prod(self.trainer.train.x.shape[1:]))
        count = min(n, SEEN, max(MEASURED, ENTRIES // width))
        return np.sort(np.random.default_rng(SEED).choice(n, count, replace=False))

    @cached_property
    def seen(self) -> tuple[np.ndarray, np.ndarray]:
        """Those examples, as the net takes them."""
        return self.trainer.train.batch(self.rows, self.net.dtype)

    @cached_property
    def measured(self) -> tuple[np.ndarray, np.ndarray]:
        """The examples on which losses are compared."""
        rows = np.random.default_rng(SEED).permutation(len(self.rows))[:MEASURED]
        return self.seen[0][rows], self.seen[1][rows]

    @cached_property
    def labels(self) -> np.ndarray:
        """All labels of the training set."""
        train = self.trainer.train
        return np.asarray(train.t if train.rows is None else train.t[train.rows])

    @property
    def has_classes(self) -> bool:
        """Whether the labels are exclusive classes."""
        head, t = self.net.head, self.labels
        if head.for_regression and not head.measures_accuracy(t, self.n_out):
            return False
        return (t.ndim == 1 and self.n_out > 1) or (t.ndim == 2 and t.shape[1] == self.n_out > 1
                                                    and head.mean_over != "entries")  # fmt: skip

    def classes_of(self, t: np.ndarray) -> np.ndarray:
        """Labels as class indices, where there are classes."""
        return t.argmax(axis=1) if t.ndim > 1 else class_indices("checkup", t, self.n_out)

    @property
    def parameters(self) -> int:
        return sum(array.size for array in self.net.params.values())

    @property
    def linear(self) -> bool:
        """Whether the net has no nonlinear layer."""
        return all(isinstance(layer, (Affine, Identity)) or type(layer).__name__ in LINEAR
                   for layer in self.net.layers)  # fmt: skip

    @property
    def batch_size(self) -> int:
        """Examples of an update that is tried: as in the training, or fewer for a large net."""
        if not self.net.head.averages:  # the loss is a sum, and its gradient grows with the batch
            return self.trainer.batch_size
        most = max(FEWEST, int(WORK / max(1, self.parameters)))
        return min(self.trainer.batch_size, most)

    def batches(self, seed: int, count: int) -> list[np.ndarray]:
        """The rows of ``count`` batches among those that are looked at."""
        rng = np.random.default_rng((SEED, seed))
        size, n = min(self.batch_size, len(self.rows)), len(self.rows)
        per_epoch = max(1, n // size)
        orders = [rng.permutation(n) for _ in range(-(-count // per_epoch))]
        return [orders[k // per_epoch][k % per_epoch * size :][:size] for k in range(count)]

    def twins(self) -> tuple[Sequential, Optimizer]:
        """A copy of the net and of its optimizer."""
        return copy.deepcopy(self.net), copy.deepcopy(self.trainer.optimizer)

    def quiet_twin(self) -> Sequential:
        """A copy of the net whose Dropout layers drop nothing."""
        twin = copy.deepcopy(self.net)
        for layer in twin.layers:
            if isinstance(layer, Dropout):
                layer.rate = 0.0
        return twin

    def update(
        self, net: Sequential, rule: Optimizer, x: np.ndarray, t: np.ndarray, number: int
    ) -> float:
        """One update of a copy, as in training; its loss before, NaN if it was refused."""
        if self.trainer.augment is not None:
            x = self.trainer.augment(x, generator_of(SEED, number))
        return update(net, rule, x, t, number)


def update(net: Sequential, rule: Optimizer, x: np.ndarray, t: np.ndarray, number: int) -> float:
    """One update of a copy in training mode; its loss before, NaN if it was refused."""
    buffers: dict[str, np.ndarray] = {}
    if net.mode_dependent:
        rng = np.random.default_rng((SEED, number))
        loss, grads, buffers = net.compute(x, t, training=True, rng=rng)
    else:
        loss, grads = net.loss_and_gradient(x, t)
    try:
        rule.update(net.params, grads)
    except NonFiniteError:
        return math.nan
    net.buffers.update(buffers)
    return float(loss)
