"""One update at a time: ``forward`` gives a batch's loss, ``update`` changes the parameters.

Two engines have this form: NumPy here, and compiled kernels in ``mitbadak.compiled.steps``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np

from mitbadak.core.engines import Engine, choose_engine, compiled
from mitbadak.core.errors import StateError
from mitbadak.core.memory import check_memory
from mitbadak.data.batches import Dataset
from mitbadak.nn.affine import Affine
from mitbadak.nn.network import Sequential
from mitbadak.optim import Optimizer
from mitbadak.training.evaluation import evaluate

# What a run must be forecast to last on NumPy before compiled kernels are loaded for it: loading
# them costs about 0.1 s more than NumPy alone, compressing MNIST included.
WORTH_SECONDS = 0.5
# The forecast: overhead of a step in Python, and arithmetic at the rate that one core was
# measured to reach in the large products.
STEP_SECONDS, FLOPS_PER_SECOND = 60e-6, 8e10

LossAndGradient = Callable[[Any, Any], tuple[float, dict[str, np.ndarray]]]


@runtime_checkable
class Steps(Protocol):
    """Updates of one training run.

    ``publish`` brings the arrays of net and optimizer up to date, ``absorb`` takes over what was
    made of them since; both leave them the net's and the optimizer's own.

    Attributes:
        grads: the gradients of the last ``forward``; empty where an engine does not keep them.
    """

    grads: Mapping[str, np.ndarray]

    def forward(self, picked: np.ndarray, following: np.ndarray) -> float: ...
    def update(self) -> None: ...
    def evaluate(self, examples: Dataset) -> dict[str, float]: ...
    def publish(self) -> None: ...
    def absorb(self) -> None: ...
    def close(self) -> None: ...


class NumpySteps:
    """Updates by the reference: loss and gradient of the net, then the optimizer."""

    def __init__(
        self,
        net: Sequential,
        optimizer: Optimizer,
        train: Dataset,
        loss_and_gradient: LossAndGradient,
    ):
        self.net, self.optimizer, self.train = net, optimizer, train
        self.loss_and_gradient = loss_and_gradient
        self.grads: Mapping[str, np.ndarray] = {}

    def forward(self, picked: np.ndarray, following: np.ndarray) -> float:
        loss, self.grads = self.loss_and_gradient(*self.train.batch(picked, self.net.dtype))
        return loss

    def update(self) -> None:
        self.optimizer.update(self.net.params, self.grads)

    def evaluate(self, examples: Dataset) -> dict[str, float]:
        return evaluate(self.net, examples)

    def publish(self) -> None:
        """Net and optimizer are up to date at all times."""

    def absorb(self) -> None:
        """Nothing to take over: every step begins with the arrays as they are."""

    def close(self) -> None:
        """Nothing to give back."""


def forecast_seconds(net: Sequential, updates: int, batch_size: int) -> float:
    """About how long a training takes on NumPy, from its arithmetic alone (not from a clock)."""
    parameters = sum(p.size for p in net.params.values())
    return updates * (STEP_SECONDS + 6 * batch_size * parameters / FLOPS_PER_SECOND)


def check_step_memory(net: Sequential, batch_size: int) -> None:
    """Refuse a net whose gradient and activations do not fit beside its parameters.

    Raises:
        RangeError: with what would be needed and what there is.
    """
    parameters = sum(p.size for p in net.params.values())
    units = sum(layer.n_out for layer in net.layers if isinstance(layer, Affine))
    needed = (parameters + batch_size * units) * net.dtype.itemsize
    what = f"fit: a step of {net!r:.80} on batches of {batch_size:,}"
    check_memory(what, needed, "Choose smaller widths or batches.")


def engine_for(
    requested: str,
    net: Sequential,
    optimizer: Optimizer,
    train: Dataset,
    *,
    seconds: float,
    only_numpy: str,
) -> Engine:
    """The engine for a training run, and why.

    Args:
        requested: ``auto``, ``numpy`` or ``compiled``.
        net, optimizer, train: what would run.
        seconds: forecast of the run on NumPy.
        only_numpy: a reason why nothing but NumPy will do, or "".

    Raises:
        StateError: ``compiled`` was asked for and cannot run this.
    """
    engine = choose_engine(requested)
    if engine.name == "numpy":
        return engine
    if requested == "auto" and seconds < WORTH_SECONDS:
        return Engine("numpy", "so short a run ends sooner than kernels are loaded")
    reason = only_numpy or compiled("steps").why_not(net, optimizer, train)
    if not reason:
        return engine
    if requested == "compiled":
        raise StateError(f"engine 'compiled' cannot run this: {reason}. Use engine='auto'.")
    return Engine("numpy", reason)


def steps_for(
    engine: Engine,
    net: Sequential,
    optimizer: Optimizer,
    train: Dataset,
    batch_size: int,
    loss_and_gradient: LossAndGradient,
    *,
    only_numpy: str,
) -> Steps:
    """The updates of a run on the engine that was chosen for it.

    Raises:
        StateError: the engine cannot run it any more, since a callback has changed something.
        RangeError: a step needs more memory than there is.
    """
    check_step_memory(net, batch_size)
    if engine.name == "numpy":
        return NumpySteps(net, optimizer, train, loss_and_gradient)
    reason = only_numpy or compiled("steps").why_not(net, optimizer, train)
    if reason:
        raise StateError(
            f"engine 'compiled' cannot go on with what has changed: {reason}. Use engine='numpy'."
        )
    return compiled("steps").CompiledSteps(net, optimizer, train, batch_size)
