"""A patient: one training, written as a learner writes it, that can have something wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mitbadak import functions
from mitbadak.data import load_moons
from mitbadak.lab.mnist.building import digits
from mitbadak.nn import MLP, Sequential
from mitbadak.optim import SGD, Adam, Momentum, Optimizer

Grads = dict[str, np.ndarray]
EXAMPLES = 2000  # digits that a patient learns from
BATCH, STEPS = 50, 200


@dataclass
class Patient:
    """A training before and while it runs.

    Attributes:
        x, t: the examples.
        net, rule: what is trained, and how.
        rng: of the batches.
        batch_size: of them.
        update: how a gradient changes the parameters; by default by the rule.
        gradient: what happens to the gradient before that.
        pictures: whether examples are images of 28 x 28.
        step: updates so far.
    """

    x: np.ndarray
    t: np.ndarray
    net: Sequential
    rule: Optimizer
    rng: np.random.Generator
    batch_size: int = BATCH
    update: Callable[[Grads], None] | None = None
    gradient: Callable[[Grads], Grads] = field(default=lambda grads: grads)
    pictures: bool = True
    step: int = 0

    def advance(self) -> Update:
        """Draw a batch and make one update."""
        rows = self.rng.integers(0, len(self.x), self.batch_size)
        x, t = self.x[rows], self.t[rows]
        before = {name: np.array(value) for name, value in self.net.params.items()}
        with np.errstate(all="ignore"):
            loss, grads = self.net.loss_and_gradient(x, t)
            grads = self.gradient({name: np.array(value) for name, value in grads.items()})
            if self.update is None:
                for name, change in self._changes(grads).items():
                    self.net.params[name] += change
            else:
                self.update(grads)
        self.step += 1
        return Update(self.step, float(loss), grads, before, x, t)

    def _changes(self, grads: Grads) -> Grads:
        """What the rule makes of a gradient; one that is not finite goes in as it is."""
        values = {name: np.zeros_like(g) for name, g in grads.items()}
        if all(np.isfinite(g).all() for g in grads.values()):
            self.rule.update(values, grads)
            return values
        return grads


@dataclass(frozen=True)
class Update:
    """One update, for gauges and doctor.

    Attributes:
        number: counts from 1.
        loss, grads: of the batch, before the update.
        before: the parameters before it.
        x, t: the batch.
    """

    number: int
    loss: float
    grads: Grads
    before: dict[str, np.ndarray]
    x: np.ndarray
    t: np.ndarray


class SoftmaxTwice:
    """A head whose answers are probabilities, which its loss takes for scores once more."""

    def answer(self, scores: np.ndarray) -> np.ndarray:
        """The probabilities."""
        return functions.softmax(scores)

    def loss(self, scores: np.ndarray, t: np.ndarray) -> float:
        """Softmax with cross entropy, of probabilities."""
        return float(functions.softmax_cross_entropy(self.answer(scores), t))

    def vjp(self, scores: np.ndarray, t: np.ndarray) -> tuple[float, Callable[[Any], np.ndarray]]:
        """The loss, and the pullback through both."""
        y, to_scores = functions.softmax.vjp(scores)
        loss, pullbacks = functions.softmax_cross_entropy.vjp(y, t)
        return float(loss), lambda dy: to_scores[0](pullbacks[0](dy))


def of_digits(seed: int, hidden: tuple[int, ...] = (30,), activation: str = "relu",
              rule: Optimizer | None = None) -> Patient:  # fmt: skip
    """A healthy net on digits."""
    rng = np.random.default_rng((23, seed))
    train, _ = digits()
    x, t = train.batch(rng.choice(len(train), EXAMPLES, replace=False))
    net = _net((784, *hidden, 10), activation, seed)
    return Patient(x.astype(np.float64), np.asarray(t, np.int64), net, rule or SGD(0.1), rng)


def of_moons(seed: int, hidden: tuple[int, ...] = (16, 16), activation: str = "tanh",
             rule: Optimizer | None = None) -> Patient:  # fmt: skip
    """A healthy net on two half circles."""
    rng = np.random.default_rng((23, seed))
    x, t = load_moons(400, 0.15, rng)
    net = _net((2, *hidden, 2), activation, seed)
    chosen = Adam(0.01) if rule is None else rule
    return Patient(x, np.asarray(t, np.int64), net, chosen, rng, pictures=False)


def with_momentum(lr: float) -> Optimizer:
    """The rule of a patient that learns with momentum."""
    return Momentum(lr)


def _net(sizes: tuple[int, ...], activation: str, seed: int) -> Sequential:
    init = "he" if activation == "relu" else "xavier"
    return MLP(sizes, activation, init=init, rng=seed, dtype=np.float64)
