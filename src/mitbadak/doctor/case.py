"""All that is known of one training, as the rules read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from mitbadak.doctor.signals import Answers, Batch, Signals, Sizes

FALLEN = 0.05  # of the first loss: training that lowers it by less has not learned
LATE = 0.8  # of the steps: answers after them show what was learned
POOR = 0.3  # of the way from a constant to perfect answers
SMOOTH = 0.1  # of the losses at either end are averaged


@dataclass(frozen=True)
class Probe:
    """The loss of one batch along the step that was taken, measured by a callable.

    Attributes:
        number: of the step.
        before, after: the loss before the step and after it.
        along: the loss after the step times each of these factors.
        slopes: pairs of a partial derivative as the loop claims it, and as a central difference.
        repeats: whether the loss of the same batch and parameters is the same twice.
    """

    number: int
    before: float
    after: float
    along: Mapping[float, float]
    slopes: tuple[tuple[float, float], ...]
    repeats: bool = True


@dataclass(frozen=True)
class Layer:
    """Activations of one layer of a net that is known.

    Attributes:
        name: of the layer.
        kind: ``relu`` for what has zeros, ``sigmoid`` or ``tanh`` for what saturates, "" otherwise.
        dead: the share of units that answer 0 to every example.
        saturated: the share of answers within 1% of a limit of their range.
        std: the standard deviation of the answers.
    """

    name: str
    kind: str
    dead: float
    saturated: float
    std: float


@dataclass(frozen=True)
class Case:
    """One training.

    Attributes:
        losses: of the observed steps, in order.
        signals: of the steps that were looked at closely.
        probes: where a loss could be asked for.
        integers: parameters that hold whole numbers.
        shapes: of the parameters.
        rows: of the history, where our trainer trains: accuracies and losses by epoch.
        layers: of the net, where it is known; of the last step.
    """

    losses: Sequence[float]
    signals: Sequence[Signals]
    probes: Sequence[Probe] = ()
    integers: Sequence[str] = ()
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    rows: Sequence[Mapping[str, float]] = ()
    layers: Sequence[Layer] = ()

    @cached_property
    def finite(self) -> np.ndarray:
        """The losses that are finite numbers."""
        losses = np.asarray(self.losses, np.float64)
        return losses[np.isfinite(losses)]

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The loss at the beginning and at the end, averaged over a tenth of the steps.

        A leap in the first steps does not count as the beginning.
        """
        n = max(1, round(SMOOTH * len(self.finite)))
        if not len(self.finite):
            return np.nan, np.nan
        first = min(self.finite[0], float(np.median(self.finite[:5])))
        return float(first), float(self.finite[-n:].mean())

    @cached_property
    def broke(self) -> bool:
        """Whether a loss was NaN or infinite."""
        return len(self.finite) < len(self.losses)

    @cached_property
    def learns(self) -> bool:
        """Whether the loss has fallen by more than the noise between steps."""
        first, last = self.ends
        if self.broke or not np.isfinite(first):
            return False
        return last < first - FALLEN * abs(first)

    @cached_property
    def skill(self) -> float | None:
        """How much better than a constant the last answers are; None where that is not known."""
        late = [s.answers for s in self.signals if s.number >= len(self.losses) * LATE]
        known = [a.skill for a in late if a is not None and a.skill is not None]
        return float(np.median(known)) if known else None

    @cached_property
    def fails(self) -> bool:
        """Whether the net does not learn, or is no better than a constant."""
        return not self.learns or (self.skill is not None and not self.skill > POOR)

    @property
    def last(self) -> Signals | None:
        """The latest step that was looked at."""
        return self.signals[-1] if self.signals else None

    @property
    def batches(self) -> list[Batch]:
        return [s.batch for s in self.signals if s.batch is not None]

    @property
    def answers(self) -> list[Answers]:
        return [s.answers for s in self.signals if s.answers is not None]

    @cached_property
    def matrices(self) -> list[str]:
        """The names of the weight matrices, from the input on."""
        return [name for name, shape in self.shapes.items() if len(shape) == 2]

    @cached_property
    def n_out(self) -> int:
        """How many answers the net gives, by its answers or its last parameter; 0 if unknown."""
        if self.answers:
            return self.answers[-1].columns
        return self.shapes[self.matrices[-1]][1] if self.matrices else 0

    def changes(self, name: str) -> list[Sizes]:
        """The sizes of a parameter at the steps that compare before and after."""
        sizes = [s.sizes[name] for s in self.signals if name in s.sizes]
        return [s for s in sizes if s.change is not None]
