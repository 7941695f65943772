"""All that is known of one training, as the rules read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from mitbadak.doctor.examples import Examples, Neighbors, neighbors_of
from mitbadak.doctor.names import Names
from mitbadak.doctor.rebuilt import Layer, Rebuilt
from mitbadak.doctor.signals import Answers, Batch, Signals, Sizes
from mitbadak.doctor.unseen import Unseen

FALLEN = 0.05  # of the first loss: training that lowers it by less has not learned
LATE = 0.8  # of the steps: answers after them show what was learned
TRAINED = 0.02  # of the loss of a constant answer: below that, a net has learned already
POOR = 0.3  # of the way from a constant to perfect answers
GOOD = 0.6  # of that way: such a net has learned, however its loss leaps
SMOOTH = 0.1  # of the losses at either end are averaged
EXACT = 1e-3  # of a loss: so near is the one that is reported to the one that explains it
NEAR = 0.05  # the same, where the answers are those after an update and the loss that before it
FEW = 5  # examples of a batch: too few for figures of their own


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
class Case:
    """One training.

    Attributes:
        losses: of the observed steps, in order.
        signals: of the steps that were looked at closely.
        probes: where a loss could be asked for.
        integers: parameters that hold whole numbers.
        shapes: of the parameters.
        rows: of the history, where our trainer trains: accuracies and losses by epoch.
        layers, first_layers: of the net, where it is known; at the last look and at the first.
        examples: of the training.
        unseen: a test set, where one was given.
        step_rows: examples of a step of our trainer, whose looks have more; 0 of other loops.
        names: of the classes and inputs.
    """

    losses: Sequence[float]
    signals: Sequence[Signals]
    probes: Sequence[Probe] = ()
    integers: Sequence[str] = ()
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    rows: Sequence[Mapping[str, float]] = ()
    layers: Sequence[Layer] = ()
    first_layers: Sequence[Layer] = ()
    examples: Examples = field(default_factory=Examples)
    unseen: Unseen | None = None
    step_rows: int = 0
    names: Names = field(default_factory=Names)

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
        if self.batch_size < FEW:
            return self._pooled_skill([a for a in late if a is not None])
        return float(np.median(known)) if known else None

    def _pooled_skill(self, late: Sequence[Answers]) -> float | None:
        """The skill of many batches together, each of which is too small to tell."""
        counts = [np.bincount(np.repeat(np.arange(len(b.counts)), b.counts), minlength=self.n_out)
                  for b in self.batches if b.counts]  # fmt: skip
        right = [a.right for a in late if a.right is not None]
        if counts and len(right) * self.batch_size > 2 * FEW:
            most = float(np.max(np.sum(counts, axis=0)) / np.sum(counts))
            return (float(np.mean(right)) - most) / (1 - most) if most < 1 else None
        errors = [a.losses["mean_squared_error"] for a in late if "mean_squared_error" in a.losses]
        means = np.array([(b.t_mean, b.t_std) for b in self.batches if b.form == "numbers"])
        if len(errors) * self.batch_size > 2 * FEW and len(means):
            variance = float(means[:, 0].var() + np.mean(means[:, 1] ** 2))
            return 1 - float(np.mean(errors)) / variance if variance > 0 else None
        return None

    @cached_property
    def batch_size(self) -> int:
        """Examples in a batch; 0 if batches were not given."""
        return int(np.median([b.n for b in self.batches])) if self.batches else 0

    @cached_property
    def built(self) -> Rebuilt | None:
        """The net, rebuilt from its parameters; None unless every look that could tell agrees."""
        known = [s.built for s in self.signals if s.built is not None]
        kinds = {(b.activation, b.head) for b in known}
        return known[-1] if len(kinds) == 1 else None

    @cached_property
    def activations(self) -> Sequence[Layer]:
        """The hidden layers at the last look, of a net that is known or rebuilt."""
        last = [s.built.layers for s in self.signals[-3:] if s.built is not None]
        return self.layers or (last[-1] if last else ())

    @cached_property
    def first_activations(self) -> Sequence[Layer]:
        """The same at the first look."""
        first = [s.built.layers for s in self.signals[:3] if s.built is not None]
        return self.first_layers or (first[0] if first else ())

    @cached_property
    def neighbors(self) -> Neighbors | None:
        """How much the neighbors of an example tell of its label; None if that is not known."""
        x, t = self.examples.arrays
        if not len(x) or not self.batches:
            return None
        classes = bool(self.batches[-1].counts)
        if classes:
            labels = t.argmax(axis=1) if t.shape[1] > 1 else t[:, 0]
            return neighbors_of(x, labels, classes=True) if labels.min() >= 0 else None
        return neighbors_of(x, t[:, 0], classes=False)

    @cached_property
    def constant_loss(self) -> float:
        """The loss of the best constant answer: an entropy or a variance; infinity if unknown."""
        _, t = self.examples.arrays
        if not len(t):
            return np.inf
        if self.form == "numbers":
            return float(t.var(axis=0).mean())
        classes = t.argmax(axis=1) if t.shape[1] > 1 else t[:, 0]
        shares = np.unique(classes, return_counts=True)[1] / len(t)
        return float(-np.sum(shares * np.log(shares)))

    @cached_property
    def began_trained(self) -> bool:
        """Whether the net had learned already when it was first seen."""
        if not np.isfinite(self.constant_loss) or not len(self.finite):
            return False
        return bool(np.median(self.finite[:5]) < TRAINED * self.constant_loss)

    @cached_property
    def still_falls(self) -> bool:
        """Whether the last fifth of the losses is below the fifth before by more than noise."""
        fifth = len(self.finite) // 5
        if fifth < 3 or self.broke:
            return False
        last, before = self.finite[-fifth:], self.finite[-2 * fifth : -fifth]
        error = np.sqrt((last.var() + before.var()) / fifth)
        return bool(before.mean() - last.mean() > max(3 * error, FALLEN * abs(before.mean())))

    @cached_property
    def shrunk(self) -> float:
        """What became of the size of the weights: of the matrix that kept most of it."""
        if len(self.signals) < 2 or not self.matrices:
            return 1.0
        first, last = self.signals[0].sizes, self.signals[-1].sizes
        kept = [last[n].value / first[n].value for n in self.matrices
                if n in first and n in last and first[n].value > 0]  # fmt: skip
        return max((share for share in kept if np.isfinite(share)), default=1.0)

    def loss_is(self, name: str, *, not_: Sequence[str]) -> bool:
        """Whether one of the usual losses explains what is reported, and others do not.

        Args:
            name: of a loss in ``losses_of``.
            not_: others, which must be further off.
        """
        asked = {p.number: p for p in self.probes}
        looks = [s for s in self.signals if s.answers is not None]
        # The answers are those before the update or those after it, and so is the loss.
        exact = [[(loss_of(asked[s.number]), s.answers.losses) for s in looks if s.answers
                  and s.number in asked]
                 for loss_of in (lambda p: p.before, lambda p: p.after)]  # fmt: skip
        seen = [(s.loss, s.answers.losses) for s in looks if s.answers]
        sides, near = (exact, EXACT) if exact[0] else ([seen], NEAR)
        sides = [[(loss, known) for loss, known in side if name in known and np.isfinite(loss)]
                 for side in sides]  # fmt: skip
        sides = [side for side in sides if side]
        if not any(_off(side, name) <= near for side in sides):
            return False
        return all(_off(side, other) > 4 * near for side in sides for other in not_)

    @cached_property
    def fails(self) -> bool:
        """Whether the net does not learn, or is no better than a constant."""
        if self.skill is not None and self.skill > GOOD and not self.broke:
            return False
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

    @cached_property
    def form(self) -> str:
        """Of the targets: ``indices``, ``one-hot``, ``distributions``, ``numbers`` or ""."""
        return self.batches[-1].form if self.batches else ""

    def changes(self, name: str) -> list[Sizes]:
        """The sizes of a parameter at the steps that compare before and after."""
        sizes = [s.sizes[name] for s in self.signals if name in s.sizes]
        return [s for s in sizes if s.change is not None]


def _off(pairs: Sequence[tuple[float, Mapping[str, float]]], name: str) -> float:
    """By what share a loss typically differs from the one that is reported."""
    off = [
        abs(known[name] - loss) / max(abs(loss), 1e-12) for loss, known in pairs if name in known
    ]
    return float(np.median(off)) if off else np.inf
