"""One training shared by several processes: each takes a share of every batch.

All of them hold the same net, draw the same batches and make the same updates. What they exchange
is one flat array per step, the sum of their gradients, which carries the loss along.
"""

from __future__ import annotations

import signal
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from mitbadak.core.errors import RangeError, StateError
from mitbadak.data.dataset import Dataset
from mitbadak.nn.overriding import is_own
from mitbadak.training.history_file import MEASURES
from mitbadak.training.interrupts import Stop
from mitbadak.training.updates import NO_ROWS, Updater

TAIL = 3  # the loss, what rounding it leaves, and whether a signal has arrived
TRIES = 5  # of which the shortest counts


@runtime_checkable
class Team(Protocol):
    """Processes that train together; of ``interop`` there is one over MPI.

    Attributes:
        rank, size: the number of this process, and how many there are.
        signalled: the signal that has arrived here, or 0.
    """

    rank: int
    size: int
    signalled: int

    def add(self, buffer: np.ndarray) -> None:
        """Replace an array by the sum of those of all processes."""
        ...

    def gather(self, value: Any) -> list[Any]:
        """The values of all processes, by rank."""
        ...


class Forecast(NamedTuple):
    """Seconds of a step, measured before training.

    Attributes:
        alone: of one process, estimated from smaller batches.
        together: of all of them.
        summing: of the sum of the gradients, which is part of it.
        pays_from: the size of batch from which training together is faster.
    """

    alone: float
    together: float
    summing: float
    pays_from: int


def check_shareable(trainer: Any, team: Team) -> None:
    """Refuse a training whose batches several processes cannot share.

    Args:
        trainer: not yet run.
        team: the processes.

    Raises:
        RangeError: batches are too small to share, or a part of the training needs whole ones.
    """
    layers = [repr(layer) for layer in trainer.net.mode_dependent]
    if layers:
        raise RangeError(
            f"several processes share every batch, and {', '.join(layers)} needs it whole. Train "
            "without it (dropout=0, batch_norm=False), or in one process."
        )
    if trainer.augment is not None:
        raise RangeError(
            f"several processes share every batch, and {trainer.augment!r} draws for it whole. "
            "Train without it (shift=0), or in one process."
        )
    smallest = min(trainer.batch_size, len(trainer.train))
    if smallest < team.size:
        raise RangeError(
            f"a batch of {smallest} cannot be shared by {team.size} processes. Use larger batches, "
            "or fewer processes."
        )


def join(trainer: Any, team: Team) -> None:
    """Let a trainer that was made alike in every process train with the others.

    Args:
        trainer: not yet run.
        team: the processes.

    Raises:
        RangeError: see ``check_shareable``.
        StateError: the processes have different nets, data or engines.
    """
    check_shareable(trainer, team)
    same = [trainer.net.config(), trainer.optimizer.config(), trainer.engine.name,
            len(trainer.train), trainer.batch_size, trainer.epochs, trainer.step]  # fmt: skip
    texts = team.gather(repr(same))
    if len(set(texts)) > 1:
        other = next(k for k, text in enumerate(texts) if text != texts[0])
        raise StateError(
            f"process {other} would train something else than process 0 (net, data, engine or "
            "checkpoint). Give all the same files, and install the same version everywhere."
        )
    trainer.team = team


@dataclass
class ParallelUpdater:
    """Updates that several processes make alike, each from its share of the batch.

    Args:
        inner: makes updates here; its batches are shares.
        team: the processes.
        batch_size: size of the largest batch of all together.
    """

    inner: Updater
    team: Team
    batch_size: int

    def __post_init__(self) -> None:
        self.training_set = self.inner.training_set
        self.at_once = self.epochs_at_once = 0
        self.grads: dict[str, np.ndarray] = {}
        self.flat = np.empty(0)
        self.views: dict[str, np.ndarray] = {}
        self.parts: dict[int, tuple[Dataset, Dataset]] = {}
        self.net: Any = self.inner.net  # type: ignore[attr-defined]

    def _share(self, rows: np.ndarray) -> np.ndarray:
        """The rows that are this process's; they differ by one at most."""
        return np.array_split(rows, self.team.size)[self.team.rank]

    def forward(self, rows: np.ndarray, following: np.ndarray = NO_ROWS, step: int = 0) -> float:
        """The loss of the whole batch; its gradients are then in ``grads``, everywhere the same.

        Raises:
            Stop: a signal has arrived at one of the processes; all of them stop here.
        """
        mine = self._share(rows)
        share = len(mine) / len(rows) if self.net.head.averages else float(len(mine) > 0)
        loss = self.inner.forward(mine if len(mine) else rows[:1], self._share(following), step)
        self._lay_out(self.inner.grads)
        for name, gradient in self.inner.grads.items():
            np.multiply(gradient, share, out=self.views[name])
        tail = self.flat[-TAIL:]
        tail[0] = loss * share
        tail[1] = loss * share - float(tail[0])
        tail[2] = self.team.signalled > 0
        self.team.add(self.flat)
        if tail[2] > 0:
            raise Stop(self.team.signalled or signal.SIGINT)
        self.grads = dict(self.views)
        return float(tail[0]) + float(tail[1])

    def _lay_out(self, grads: Mapping[str, np.ndarray]) -> None:
        """One flat array with a view for each gradient."""
        if [(n, v.shape) for n, v in self.views.items()] == [
            (n, g.shape) for n, g in grads.items()
        ]:
            return
        dtype = np.result_type(*grads.values())
        self.flat = np.zeros(sum(g.size for g in grads.values()) + TAIL, dtype)
        start = 0
        for name, gradient in grads.items():
            self.views[name] = self.flat[start : start + gradient.size].reshape(gradient.shape)
            start += gradient.size

    def update(self) -> None:
        """The optimizer's update, from the gradients of the whole batch."""
        self.inner.grads = self.grads
        self.inner.update()

    def evaluate(self, examples: Dataset) -> dict[str, float]:
        """Loss and accuracy on a whole set, of which each process measures a part.

        Raises:
            StateError: the nets of the processes have come to differ.
        """
        whole = is_own(self.net, *MEASURES) or len(examples) < self.team.size
        part = examples if whole else self._part(examples)
        measured = self.inner.evaluate(part)
        self.inner.publish()
        content = b"".join(np.ascontiguousarray(p).tobytes() for p in self.net.params.values())
        answers = self.team.gather((measured, len(part), zlib.crc32(content)))
        if len({number for _, _, number in answers}) > 1:
            raise StateError(
                "the nets of the processes have come to differ, so the sums of their gradients are "
                "not the same everywhere. Use another MPI library, or one process."
            )
        if whole:
            return measured
        return self._together([(values, count) for values, count, _ in answers])

    def _part(self, examples: Dataset) -> Dataset:
        known = self.parts.get(id(examples))
        if known is None or known[0] is not examples:
            part = examples.part(self._share(np.arange(len(examples))))
            self.parts[id(examples)] = known = (examples, part)
        return known[1]

    def _together(self, answers: Sequence[tuple[Mapping[str, float], int]]) -> dict[str, float]:
        total = sum(count for _, count in answers)
        result = {}
        for name in answers[0][0]:
            sums = name == "loss" and not self.net.head.averages
            each = [values[name] * (1 if sums else count) for values, count in answers]
            # Accuracies are shares of whole numbers, which rounding must not move.
            result[name] = float(sum(each)) if sums else round(float(sum(each)) / total, 14)
        return result

    def forecast(self) -> Forecast:
        """How long a step takes, alone and together; every process must call this at once."""
        rows = np.arange(min(self.batch_size, len(self.training_set)))
        mine = self._share(rows)
        half = mine[: max(1, len(mine) // 2)]
        full, less = self._shortest(mine), self._shortest(half)
        each = max(full - less, 1e-9) / max(1, len(mine) - len(half))
        self._lay_out(self.inner.grads)
        buffer = np.zeros_like(self.flat)
        summing = _shortest(lambda: self.team.add(buffer))
        full, each, summing = (max(v) for v in zip(*self.team.gather((full, each, summing)),
                                                   strict=True))  # fmt: skip
        alone = full + each * (len(rows) - len(mine))
        size = self.team.size
        return Forecast(alone, full + summing, summing, round(summing * size / (each * (size - 1))))

    def _shortest(self, rows: np.ndarray) -> float:
        return _shortest(lambda: self.inner.forward(rows))

    def publish(self) -> None:
        self.inner.publish()

    def absorb(self) -> None:
        self.inner.absorb()

    def close(self) -> None:
        self.inner.close()

    def run(self, batches: Sequence[np.ndarray], step: int) -> tuple[np.ndarray, bool]:
        """Several steps in one call have no sums in between."""
        raise NotImplementedError

    def run_epochs(
        self, rows: Sequence[np.ndarray], sizes: Sequence[int], step: int, epochs: int,
        sets: Sequence[Dataset],
    ) -> tuple[np.ndarray, list[list[dict[str, float]]]]:  # fmt: skip
        """Several epochs in one call have no sums in between."""
        raise NotImplementedError

    def snapshot(self) -> Any:
        """Nothing: there are no several epochs to go back from."""

    def rewind(self, snapshot: Any) -> None:
        """Nothing to go back to."""


def _shortest(call: Callable[[], object]) -> float:
    times = []
    for _ in range(TRIES):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return min(times)


def share_of(batch_size: int, team: Team | None) -> int:
    """The largest share of a batch that one process has."""
    return batch_size if team is None else -(-batch_size // team.size)
