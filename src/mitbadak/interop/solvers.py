"""How scikit-learn's estimators train a net: mini-batches by the trainer, or L-BFGS."""

# pyright: reportMissingImports=false
from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from mitbadak.core.memory import check_memory
from mitbadak.core.printing import print_line
from mitbadak.core.warned import warn
from mitbadak.data.dataset import Dataset
from mitbadak.nn.network import Sequential
from mitbadak.optim import Optimizer, Schedule
from mitbadak.training.hooks import Callback, without_arrays
from mitbadak.training.trainer import Trainer

SLOWEST, SLOWER = 1e-6, 5.0  # "adaptive" divides the rate by 5 until it is below 1e-6


@dataclass(frozen=True)
class InverseScaling(Schedule):
    """``lr / (1 + examples seen)^power``, counted at the ends of epochs.

    Args:
        lr: rate of the first epoch.
        power: exponent.
        steps, examples: steps and examples of an epoch.

    Example:
        >>> rate = InverseScaling(1.0, 0.5, steps=2, examples=3)
        >>> [rate(k) for k in range(5)]
        [1.0, 1.0, 0.5, 0.5, 0.3779644730092272]
    """

    name = "inverse_scaling"
    lr: float
    power: float
    steps: int
    examples: int

    def rate(self, done: int) -> float:
        return self.lr / (1 + done // self.steps * self.examples) ** self.power


@dataclass
class Progress(Callback):
    """The losses of the epochs, and when they have stopped to improve.

    Args:
        tol: the least improvement that counts.
        patience: epochs without improvement before training ends.
        penalty: the L2 penalty of the parameters as they are, added to the losses.
        scale: factor of the losses themselves.
        score: measures the net on held-out examples; training then follows these scores, and
            the best parameters are put back.
        slows: whether the rate is divided by ``SLOWER`` instead, until it is below ``SLOWEST``.
        verbose: whether each epoch prints a line.

    Attributes:
        losses, scores: one per epoch.
        before: the penalty before the epoch.
        waited: epochs since the last improvement.
        converged: whether training ended because nothing improved.
        failed, interrupted: whether numbers that are not finite, or Ctrl-C, ended it.
    """

    tol: float
    patience: float
    penalty: Callable[[], float]
    scale: float = 1.0
    score: Callable[[], float] | None = None
    slows: bool = False
    verbose: bool = False
    losses: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    best: float | None = None
    best_params: dict[str, np.ndarray] = field(default_factory=dict)
    before: float = 0.0
    waited: int = 0
    converged: bool = False
    failed: bool = False
    interrupted: bool = False

    def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
        before, self.before = self.before, self.penalty()
        if trainer.epoch == 0:
            return
        sizes = np.full(trainer.steps_per_epoch, trainer.batch_size)
        sizes[-1] = len(trainer.train) - trainer.batch_size * (len(sizes) - 1)
        steps = np.array(trainer.history.losses[-len(sizes) :])
        self.losses.append(self.scale * float(steps @ sizes / sizes.sum()) + before)
        if self.verbose:
            print_line(f"Iteration {len(self.losses)}, loss = {self.losses[-1]:.8f}")
        if self.score is None:
            self._count(-self.losses[-1])
        else:
            self.scores.append(self.score())
            if self.verbose:
                print_line(f"Validation score: {self.scores[-1]:f}")
            self._count(self.scores[-1], trainer)
        if self.waited > self.patience:
            self._end(trainer)

    def on_train_end(self, trainer: Trainer) -> None:
        self.failed, self.interrupted = trainer.failed, trainer.interrupted
        for name, best in self.best_params.items():
            trainer.net.params[name][...] = best

    def _count(self, value: float, trainer: Trainer | None = None) -> None:
        """Compare a value that should rise with the best so far."""
        best = -math.inf if self.best is None else self.best
        improved = value >= best + self.tol if trainer else value > best + self.tol
        self.waited = 0 if improved else self.waited + 1
        if value > best:
            self.best = value
            if trainer is not None:
                self.best_params = {name: p.copy() for name, p in trainer.net.params.items()}

    def _end(self, trainer: Trainer) -> None:
        if self.slows and trainer.optimizer.lr > SLOWEST:
            rule = trainer.optimizer.parts[-1]
            rule.lr = rule.lr / SLOWER
            self.waited = 0
            return
        self.converged = True
        trainer.request_stop("the loss has stopped to improve")


class QuickProgress(Progress):
    """The same where nothing reads parameters after an epoch: many epochs are one call."""

    @without_arrays
    def on_epoch_end(self, trainer: Trainer, row: dict[str, Any]) -> None:
        super().on_epoch_end(trainer, row)


class _Trainer(Trainer):
    """A trainer that evaluates no set: the losses of the steps are all that is asked for."""

    def evaluated_sets(self, *, after_steps: bool) -> dict[str, Dataset]:
        return {}


def in_order(n: int, batch_size: int, rng: np.random.Generator) -> Any:
    """Batches in the order of the rows, for ``shuffle=False``."""
    return (np.arange(start, min(start + batch_size, n)) for start in range(0, n, batch_size))


def descend(
    net: Sequential, x: np.ndarray, t: np.ndarray, optimizer: Optimizer, progress: Progress, *,
    batch_size: int, epochs: int, rng: np.random.Generator, shuffle: bool, engine: str,
) -> None:  # fmt: skip
    """Train by mini-batches until ``progress`` ends it, or for so many epochs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of inputs' scale, about which scikit-learn says nothing
        trainer = _Trainer(
            net, (x, t), optimizer=optimizer, epochs=epochs, batch_size=batch_size, rng=rng,
            callbacks=[progress], engine=engine,
        )  # fmt: skip
        if not shuffle:
            trainer.draw_batches = in_order
        trainer.run()


def minimize(
    net: Sequential, x: np.ndarray, t: np.ndarray, *, alpha: float, weight_names: list[str],
    scale: float, loss_scale: float, max_iter: int, max_fun: int, tol: float, verbose: bool,
) -> tuple[float, int]:  # fmt: skip
    """Minimize loss and penalty over all examples by L-BFGS; returns loss and iterations.

    Minimized is ``scale`` times the loss of the net, with the penalty; in what is returned
    ``loss_scale`` takes its place.

    References:
        Liu and Nocedal, On the limited memory BFGS method for large scale optimization,
        Mathematical Programming 45, 1989.
    """
    from scipy.optimize import minimize as scipy_minimize

    names = list(net.params)
    sizes = [net.params[name].size for name in names]
    cuts = np.cumsum(sizes)[:-1]

    def unpack(flat: np.ndarray) -> None:
        for name, part in zip(names, np.split(flat, cuts), strict=True):
            net.params[name][...] = part.reshape(net.params[name].shape)

    def value_and_slope(flat: np.ndarray) -> tuple[float, np.ndarray]:
        unpack(flat)
        loss, gradient = net.loss_and_gradient(x, t)
        for name in weight_names:
            w = net.params[name]
            loss += alpha / 2 * float(np.vdot(w, w))
            gradient[name] = gradient[name] + alpha * w
        return scale * loss, scale * np.concatenate([gradient[name].ravel() for name in names])

    start = np.concatenate([net.params[name].ravel() for name in names])
    result = scipy_minimize(
        value_and_slope, start, jac=True, method="L-BFGS-B",
        options={"maxfun": max_fun, "maxiter": max_iter, "gtol": tol},
    )  # fmt: skip
    unpack(result.x)
    loss = float(result.fun) + (loss_scale - scale) * net.loss(x, t)
    if verbose:
        print_line(f"L-BFGS: {result.nit} iterations, loss = {loss:.8f}")
    if result.status == 1:  # a limit of iterations or evaluations
        warn_of_limit(f"L-BFGS stopped after {result.nit} iterations: {result.message}")
    return loss, min(int(result.nit), max_iter)


def warn_of_limit(message: str) -> None:
    """Warn as scikit-learn does of a training that a limit ended."""
    warn(message, ConvergenceWarning)


def dense(x: Any, dtype: Any) -> np.ndarray:
    """Sparse rows as an array; other rows as they are.

    Raises:
        RangeError: the array does not fit into memory.
    """
    if not hasattr(x, "toarray"):
        return x
    needed = int(x.shape[0]) * int(x.shape[1]) * np.dtype(dtype).itemsize
    check_memory("X as a dense array", needed, "Select fewer columns, or reduce them first.")
    return x.toarray()
