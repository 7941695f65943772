"""What is kept of a run, so that it can be looked at and gone back to; bounded in size."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from mitbadak.lab.recorded import thinned
from mitbadak.training.history_file import Row

COLUMNS = ("epoch", "step", "train_loss", "test_loss", "train_accuracy", "test_accuracy", "lr")
MOST_ROWS = 2000  # points of a curve; a screen has no more
MOST_MOMENTS, FEWEST = 400, 5
MOST_BYTES = 24 << 20  # of all moments' parameters and optimizer states


class Moment(NamedTuple):
    """A net with all that its training goes on from.

    Attributes:
        settings: those it was trained with.
        row: values of ``COLUMNS``.
        params: copies, by name.
        optimizer: the state and count of the optimizer.
        rng_state: of the generator that draws the batches.
    """

    settings: Mapping[str, Any]
    row: tuple[float, ...]
    params: dict[str, np.ndarray]
    optimizer: tuple[dict[str, dict[Any, Any]], int]
    rng_state: Any

    @property
    def epoch(self) -> int:
        """Epochs so far."""
        return int(self.row[0])

    @property
    def nbytes(self) -> int:
        """About how much memory it takes."""
        kept = sum(a.nbytes for slot in self.optimizer[0].values() for a in slot.values())
        return kept + sum(a.nbytes for a in self.params.values()) + 2000


@dataclass
class Recording:
    """The curves of a run, and moments to go back to.

    When there are too many, every second one is dropped, and from then on they are added as far
    apart as those that remain. The first and the last are always there.

    Attributes:
        rows: values of ``COLUMNS``, in order.
        moments: in order.
        version: changes whenever earlier rows changed, so that a page asks for all.

    Example:
        >>> recording = Recording()
        >>> for epoch in range(5000):
        ...     recording.add_row((float(epoch),) + (0.0,) * 6)
        >>> recording.rows[0][0], recording.rows[-1][0], len(recording.rows) <= MOST_ROWS
        (0.0, 4999.0, True)
    """

    rows: list[tuple[float, ...]] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    version: int = 0
    stride: int = 1
    pending: bool = False  # whether the last row stands beside the stride
    spacing: float = 0.0  # updates between two moments

    def add_row(self, row: tuple[float, ...]) -> None:
        """Add the row of an epoch; a later row replaces one that is only there as the last."""
        if self.pending:
            self.rows.pop()
        self.rows.append(row)
        self.pending = int(row[0]) % self.stride != 0
        if len(self.rows) > MOST_ROWS:
            self.stride *= 2
            self.rows = [r for r in self.rows[:-1] if int(r[0]) % self.stride == 0] + self.rows[-1:]
            self.pending = int(row[0]) % self.stride != 0
            self.version += 1

    def add_moment(self, moment: Moment) -> None:
        """Add a moment, after those that are there."""
        steps = [kept.row[1] for kept in self.moments[-2:]]
        if steps and (moment.row[1] == steps[-1] or 0 < steps[-1] - steps[0] < self.spacing):
            self.moments.pop()  # the same step, changed by hand; or only there as the last
        self.moments.append(moment)
        most = max(FEWEST, min(MOST_MOMENTS, MOST_BYTES // moment.nbytes))
        if len(self.moments) > most:
            self.spacing = 2 * (moment.row[1] - self.moments[0].row[1]) / most
            self.moments = thinned(self.moments, lambda kept: kept.row[1], self.spacing)

    def nearest(self, epoch: float) -> int:
        """The moment closest to an epoch, by its number."""
        return min(range(len(self.moments)), key=lambda i: abs(self.moments[i].row[0] - epoch))

    def until(self, number: int) -> Recording:
        """A recording of its own that ends with a moment, to branch from there."""
        moment = self.moments[number]
        rows = [row for row in self.rows if row[1] <= moment.row[1]]
        moments = self.moments[: number + 1]
        return Recording(rows, moments, self.version + 1, self.stride, spacing=self.spacing)


def row_of(row: Row, before: int, steps: int, lr: float) -> tuple[float, ...]:
    """A row of a history as values of ``COLUMNS``.

    Args:
        row: of a history that began ``before`` epochs and ``steps`` updates into the run.
        before, steps: what came before.
        lr: the learning rate at the end.
    """
    measures = [row.get(name) for name in COLUMNS[2:6]]
    values = [float("nan") if value is None else float(value) for value in measures]
    return (float(row["epoch"] or 0) + before, float(row["step"] or 0) + steps, *values, lr)


def moment_of(net: Any, optimizer: Any, rng: np.random.Generator, settings: Mapping[str, Any],
              row: tuple[float, ...]) -> Moment:  # fmt: skip
    """A moment, with copies of everything that training changes."""
    return Moment(
        settings, row, {name: p.copy() for name, p in net.params.items()},
        (copy.deepcopy(optimizer.state), optimizer.steps), copy.deepcopy(rng.bit_generator.state),
    )  # fmt: skip
