"""A training that goes on beside the real one: a copy of its net, some of its batches, its rule."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mitbadak.functions.numerical import numerical_gradient
from mitbadak.optim import Optimizer

Batch = tuple[np.ndarray, np.ndarray]
MEASURED = 5  # batches over which a loss is averaged
SEED = 0  # of whatever a net draws in a trial


@dataclass(frozen=True)
class Course:
    """How the loss went.

    Attributes:
        first, last: the loss before the first step and after the last one; infinite where it
            overflowed.
        steps: how many.
    """

    first: float
    last: float
    steps: int


@dataclass(frozen=True)
class Fork:
    """A training that can be tried without touching the real one.

    Attributes:
        net: anything with ``params``, ``gradient(x, t)`` and ``loss(x, t)``, as the book has it.
        rule: how its parameters are updated.
        batches: examples, taken in turn.
        unit: what a loss of these targets is worth in the loss of the real ones.
        spoiled: whether the net has been updated already, so that a remedy for updates must start
            from new weights.
        numeric: whether the gradient is computed by central differences, because the net's own
            may be wrong.
    """

    net: Any
    rule: Optimizer
    batches: Sequence[Batch]
    unit: float = 1.0
    spoiled: bool = False
    numeric: bool = False

    @property
    def work(self) -> float:
        """Multiplications and additions of a step, roughly: six for each weight and example."""
        return (
            6.0
            * sum(np.size(self.net.params[k]) for k in self.net.params)
            * max(len(x) for x, _ in self.batches)
        )

    def with_rate(self, factor: float) -> Fork:
        """With a learning rate so many times as large; a schedule becomes constant."""
        rule = copy.deepcopy(self.rule)
        for part in rule.parts:
            if hasattr(part, "lr"):
                part.lr = part.lr * factor
        return replace(self, rule=rule)

    def with_batches(self, change: Callable[[np.ndarray, np.ndarray], Batch]) -> Fork:
        """With each batch changed."""
        return replace(self, batches=[change(x, t) for x, t in self.batches])

    def with_params(self, params: Mapping[str, np.ndarray]) -> Fork:
        """With other values of some parameters."""
        net = copy.deepcopy(self.net)
        for name, value in params.items():
            net.params[name] = np.array(value)
        return replace(self, net=net)

    def run(self, steps: int) -> Course:
        """Train a copy.

        Example:
            >>> import mitbadak as mb
            >>> x = np.random.default_rng(0).normal(size=(50, 2))
            >>> t = (x[:, 0] > 0).astype(int)
            >>> fork = Fork(mb.MLP([2, 8, 2], rng=0), mb.Adam(0.1), [(x, t)])
            >>> course = fork.run(30)
            >>> course.last < course.first / 2
            True
        """
        net, rule = copy.deepcopy((self.net, self.rule))
        first, rng = np.inf, np.random.default_rng(SEED)
        with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
            try:
                first = self._loss(net)
                for step in range(steps):
                    x, t = self.batches[step % len(self.batches)]
                    rule.update(net.params, self._gradient(net, x, t, rng))
                return Course(first, self._loss(net), steps)
            except Exception:  # numbers that are not finite, or whatever a learner's own net raises
                return Course(first, np.inf, steps)

    def _loss(self, net: Any) -> float:
        losses = [float(net.loss(x, t)) for x, t in self.batches[:MEASURED]]
        mean = self.unit * float(np.mean(losses))
        return mean if np.isfinite(mean) else np.inf

    def _gradient(self, net: Any, x: np.ndarray, t: np.ndarray, rng: np.random.Generator) -> dict:
        """The gradient, with noise where the net has any, under the names of the parameters."""
        if self.numeric:
            arrays = {name: np.asarray(net.params[name]) for name in net.params}
            return {
                name: numerical_gradient(lambda _: float(net.loss(x, t)), array)
                for name, array in arrays.items()
            }
        if getattr(net, "mode_dependent", ()):
            return net.gradient(x, t, training=True, rng=rng)
        gradient = net.gradient(x, t)
        return {name: gradient[name] for name in net.params}
