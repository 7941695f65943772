"""One update: ``forward`` returns the loss of a batch, ``update`` changes the parameters.

An updater holds all that an update depends on; the trainer draws the batches and counts. There is
one for each engine: NumPy here, kernels in ``mitbadak.native.steps``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np

from mitbadak.core.arrays import described
from mitbadak.core.errors import ShapeError
from mitbadak.core.progress import Progress
from mitbadak.data.dataset import Dataset
from mitbadak.data.shifts import generator_of
from mitbadak.nn.network import Sequential
from mitbadak.nn.overriding import as_loss, batch_result
from mitbadak.optim import Optimizer
from mitbadak.training.evaluation import evaluate

NO_ROWS = np.empty(0, np.int64)
GRADIENTS = ("backprop", "numerical")
Augment = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def _unchanged(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return x


@runtime_checkable
class Updater(Protocol):
    """Updates of a net on one training set.

    ``publish`` brings the arrays of net and optimizer up to date, ``absorb`` reads back what was
    changed in them since. In between they belong to the callbacks.

    ``run`` makes ``at_once`` updates in one call, when no callback needs to see every step.

    Attributes:
        training_set: what batches are rows of.
        batch_size: size of the largest batch.
        grads: gradients of the last ``forward``.
        at_once: updates that are worth making in one call; 0 if there is no ``run``.
        epochs_at_once: the same where whole epochs with their evaluations are made in one call.
    """

    training_set: Dataset
    batch_size: int
    grads: dict[str, np.ndarray]
    at_once: int

    @property
    def epochs_at_once(self) -> int: ...

    def forward(
        self, rows: np.ndarray, following: np.ndarray = NO_ROWS, step: int = 0
    ) -> float: ...
    def update(self) -> None: ...
    def run(self, batches: Sequence[np.ndarray], step: int) -> tuple[np.ndarray, bool]: ...
    def run_epochs(
        self,
        rows: Sequence[np.ndarray],
        sizes: Sequence[int],
        step: int,
        epochs: int,
        sets: Sequence[Dataset],
    ) -> tuple[np.ndarray, list[list[dict[str, float]]]]: ...
    def snapshot(self) -> Any: ...
    def rewind(self, snapshot: Any) -> None: ...
    def evaluate(self, examples: Dataset) -> dict[str, float]: ...
    def publish(self) -> None: ...
    def absorb(self) -> None: ...
    def close(self) -> None: ...


@dataclass
class NumpyUpdater:
    """The reference: loss and gradient of the net, then the optimizer.

    Args:
        net, optimizer, training_set, batch_size: see ``Updater``.
        gradient: ``backprop``, or ``numerical`` for the definition.
        engine_of_gradient: for the numerical gradient.
        augment: changes each batch of inputs first.
        noise_seed: seed for augmentation and for layers that draw, together with the step.
        progress: for the numerical gradient.
    """

    net: Sequential
    optimizer: Optimizer
    training_set: Dataset
    batch_size: int
    gradient: str = "backprop"
    engine_of_gradient: str = "numpy"
    augment: Augment | None = None
    noise_seed: int = 0
    progress: Progress | bool | None = None
    grads: dict[str, np.ndarray] = field(default_factory=dict, init=False)
    updated_buffers: Mapping[str, np.ndarray] = field(default_factory=dict, init=False)
    at_once: int = field(default=0, init=False)

    def forward(self, rows: np.ndarray, following: np.ndarray = NO_ROWS, step: int = 0) -> float:
        """The loss of a batch before its update.

        The noise depends only on the seed and the step, so a step that is repeated after an
        interruption meets the same noise.

        Args:
            rows: rows of the training set, shape (batch,).
            following: rows of the next batch, for engines that load ahead.
            step: updates so far.
        """
        x, t = self.training_set.batch(rows, self.net.dtype)
        if self.augment is not None:
            x = self._augmented(x, step)
        if self.gradient == "numerical":
            self.grads = self.net.numerical_gradient(
                x, t, engine=self.engine_of_gradient, progress=self.progress
            )
            return as_loss(type(self.net).__name__, self.net.loss(x, t))
        noisy = bool(self.net.mode_dependent)
        rng = np.random.default_rng((self.noise_seed, step)) if noisy else None
        result = batch_result(self.net, x, t, rng)
        self.grads, self.updated_buffers = result.gradient, result.buffers
        return result.loss

    def _augmented(self, x: np.ndarray, step: int) -> np.ndarray:
        """The inputs as ``augment`` changes them, with an example in the place of each."""
        changed = (self.augment or _unchanged)(x, generator_of(self.noise_seed, step))
        if np.shape(changed)[:1] != x.shape[:1]:
            raise ShapeError(
                f"fit: augment must return the {len(x)} examples that it was given, changed; got "
                f"{described(changed)}."
            )
        return changed

    def update(self) -> None:
        """Apply the optimizer, then the buffers of the same forward pass."""
        self.optimizer.update(self.net.params, self.grads)
        self.net.buffers.update(self.updated_buffers)

    def run(self, batches: Sequence[np.ndarray], step: int) -> tuple[np.ndarray, bool]:
        """NumPy gains nothing from several updates at once."""
        raise NotImplementedError

    @property
    def epochs_at_once(self) -> int:
        return 0

    def run_epochs(
        self,
        rows: Sequence[np.ndarray],
        sizes: Sequence[int],
        step: int,
        epochs: int,
        sets: Sequence[Dataset],
    ) -> tuple[np.ndarray, list[list[dict[str, float]]]]:
        """NumPy gains nothing from several epochs at once."""
        raise NotImplementedError

    def snapshot(self) -> Any:
        """Nothing: there are no several epochs to go back from."""

    def rewind(self, snapshot: Any) -> None:
        """Nothing to go back to."""

    def evaluate(self, examples: Dataset) -> dict[str, float]:
        """Loss and accuracy on a whole set; see ``mitbadak.evaluate``."""
        return evaluate(self.net, examples)

    def publish(self) -> None:
        """Nothing to do: net and optimizer are always up to date."""

    def absorb(self) -> None:
        """Nothing to do: every update starts from the arrays as they are."""

    def close(self) -> None:
        """Nothing to release."""
