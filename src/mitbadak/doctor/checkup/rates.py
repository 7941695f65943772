"""The learning rate: short trainings at rates around the one asked for, over a few draws."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from mitbadak.doctor.checkup.items import Item
from mitbadak.doctor.checkup.subject import Subject
from mitbadak.doctor.findings import FAULT, NOTE, WARNING, Finding
from mitbadak.doctor.nets import rates_of

DRAWS, STEPS = 3, 32  # short trainings at each rate, and updates of each
FACTOR = math.sqrt(10)  # from one rate to the next
UP, DOWN = 24, 12  # rates above and below the one asked for, at most
# On a plateau so few updates show nothing: a small net then gets longer ones, around the best rate.
LONGER, SMALL, AROUND = 192, 10_000, 4
RISEN = 1.5  # times the first loss: it diverges
FALLEN = 0.02  # of the first loss: it learns
BEGUN = 0.2  # of the best fall: it has begun
STEEP = 0.05  # of the best fall: lower rates do even less, and need not be tried
BELOW_EDGE = 0.1  # of the rate that diverges: safe; fastai takes a tenth of the best rate
SHARE = 0.02  # of all updates, in which a rate may take to show the same fall
LENIENT = 3.0  # times what was travelled in the trial: the same rate for longer may do a bit more
TRIAL_STEPS, TRIAL_DRAWS, TAIL = 48, 3, 8


@dataclass(frozen=True)
class Trial:
    """What some updates at the settings asked for did, in each of several draws.

    Attributes:
        first: the loss before.
        last: the loss at the end of each draw; infinite where it overflowed.
        updates: how many there were.
    """

    first: float
    last: tuple[float, ...]
    updates: int

    @property
    def median(self) -> float:
        return float(np.median(self.last))

    @property
    def diverges(self) -> bool:
        return not self.median <= RISEN * self.first

    @property
    def learns(self) -> bool:
        return self.median < (1 - FALLEN) * self.first


@dataclass(frozen=True)
class Rates:
    """The range test.

    Attributes:
        first: the loss before any update.
        losses: by rate, in rising order, the loss after a short training in each draw.
        asked: the learning rate of the training; of a schedule, its highest.
        travel: the sum of its learning rates over all updates.
        updates: how many those are.
        trial: of the settings of the training.
        steps: updates of each short training.
    """

    first: float
    losses: dict[float, tuple[float, ...]]
    asked: float
    travel: float
    updates: int
    trial: Trial
    steps: int = STEPS
    ends: tuple[tuple[float, float], ...] = field(init=False)

    def __post_init__(self) -> None:
        draws = range(len(next(iter(self.losses.values()))))
        ends = [self._ends([losses[draw] for losses in self.losses.values()]) for draw in draws]
        object.__setattr__(self, "ends", tuple(end for end in ends if end is not None))

    def _ends(self, losses: list[float]) -> tuple[float, float] | None:
        """The lowest and the highest rate that suit one draw; None if none does."""
        rates, fall = list(self.losses), [self.first - loss for loss in losses]
        best = int(np.argmax(fall))
        if not fall[best] > FALLEN * self.first:
            return None
        begun = next(rate for rate, f in zip(rates, fall, strict=True) if f >= BEGUN * fall[best])
        risen = [
            rate for rate, loss in zip(rates, losses, strict=True) if not loss <= RISEN * self.first
        ]
        edge = min((rate for rate in risen if rate > rates[best]), default=math.inf)
        high = min(rates[best], BELOW_EDGE * edge)
        if self.updates:  # a training of many updates gets as far with a lower one
            begun = min(begun, begun * self.steps / (SHARE * self.updates))
        return min(begun, high), high

    @property
    def found(self) -> bool:
        """Whether the loss falls at some rate in most draws."""
        return 2 * len(self.ends) > len(next(iter(self.losses.values())))

    @property
    def suggested(self) -> tuple[float, float]:
        """The range to choose from: the medians of both ends.

        Where they are one rate, that is known to half the distance between two rates only.
        """
        low, high = np.median(self.ends, axis=0).tolist()
        return (low if low < high else high / math.sqrt(FACTOR)), high

    @property
    def stays_behind(self) -> bool:
        """Whether all updates together are too short to show a fall."""
        return bool(self.updates and not self.trial.learns and self.travel < self.travelled)

    @property
    def travelled(self) -> float:
        """The sum of learning rates after which a fall can be seen, the least of all draws."""
        for rate, losses in self.losses.items():
            if min(losses) < (1 - FALLEN) * self.first:
                return rate * self.steps
        return 0.0


def measure_rates(subject: Subject) -> Rates:
    """Train copies for a moment at each of some rates, and at the settings asked for."""
    trial, asked = _trial(subject), _asked(subject)
    rates = Rates(trial.first, _around(subject, asked[0], STEPS, UP, DOWN), *asked, trial)
    if rates.found or subject.parameters > SMALL:
        return rates
    best = min(rates.losses, key=lambda rate: float(np.median(rates.losses[rate])))
    losses = _around(subject, best, LONGER, AROUND, AROUND)
    return Rates(trial.first, losses, *asked, trial, LONGER)


def _around(
    subject: Subject, asked: float, steps: int, up: int, down: int
) -> dict[float, tuple[float, ...]]:
    """The losses after short trainings at a rate, at higher and at lower ones."""
    first = float(subject.net.loss(*subject.measured))
    losses = {asked: _short(subject, asked, first, steps)}
    for number in range(1, up + 1):
        rate = asked * FACTOR**number
        losses[rate] = _short(subject, rate, first, steps)
        if not min(losses[rate]) <= RISEN * first:
            break
    for number in range(1, down + 1):
        rate = asked * FACTOR**-number
        losses[rate] = _short(subject, rate, first, steps)
        fall, best = first - min(losses[rate]), first - min(map(min, losses.values()))
        if fall < STEEP * best and best > FALLEN * first:
            break
    return dict(sorted(losses.items()))


def learning_rate(subject: Subject, rates: Rates, *, can_learn: bool) -> Item:
    """Judge the learning rate that is asked for.

    Args:
        subject: the training.
        rates: the range test.
        can_learn: whether the net has learned a few examples.
    """
    trial, tried = rates.trial, list(rates.losses)
    measures = {
        "asked": rates.asked, "draws": DRAWS, "steps": rates.steps, "lowest": tried[0],
        "highest": tried[-1], "updates": rates.updates, "first": trial.first,
        "last": trial.median, "tried": trial.updates,
        "losses": [{"rate": rate, "losses": list(losses)} for rate, losses in rates.losses.items()],
    }  # fmt: skip
    if not rates.found:
        severity = NOTE if can_learn or subject.linear else FAULT
        finding = Finding("no-rate-learns", severity, 0.7, _flat(measures))
        return Item("learning-rate", {**measures, "kind": "none"}, (finding,))
    low, high = rates.suggested
    lows, highs = zip(*rates.ends, strict=True)
    measures |= {
        "low": low, "low_from": min(lows), "low_to": max(lows),
        "high": high, "high_from": min(highs), "high_to": max(highs),
    }  # fmt: skip
    findings = ()
    evidence = {**_flat(measures), "kind": "checkup"}
    if trial.diverges:
        severity = FAULT if rates.asked > high else WARNING
        findings = (Finding("lr-too-large", severity, 0.9, evidence),)
    elif rates.asked < low and rates.stays_behind:
        evidence |= {"longer": rates.travelled / rates.travel}
        severity = WARNING if LENIENT * rates.travel < rates.travelled else NOTE
        findings = (Finding("lr-too-small", severity, 0.85, evidence),)
    place = "below" if rates.asked < low else "above" if rates.asked > high else "within"
    return Item("learning-rate", {**measures, "kind": place}, findings)


def _flat(measures: dict) -> dict:
    return {name: value for name, value in measures.items() if name != "losses"}


def _short(subject: Subject, rate: float, first: float, steps: int) -> tuple[float, ...]:
    """The loss after a short training at a rate, in each draw; infinite where it diverges."""
    (x, t), last = subject.seen, []
    for draw in range(DRAWS):
        net, rule = subject.twins()
        rule.lr = rate
        for number, rows in enumerate(subject.batches(draw, steps)):
            loss = subject.update(net, rule, x[rows], t[rows], number)
            if not loss <= 1e3 * abs(first) + 1e3:
                last.append(math.inf)
                break
        else:
            last.append(_finite(net.loss(*subject.measured)))
    return tuple(last)


def _trial(subject: Subject) -> Trial:
    """Some updates with the optimizer as it is, its schedule included."""
    (x, t), measured = subject.seen, subject.measured
    first, last = float(subject.net.loss(*measured)), []
    for draw in range(TRIAL_DRAWS):
        net, rule = subject.twins()
        tail = []
        for number, rows in enumerate(subject.batches(DRAWS + draw, TRIAL_STEPS)):
            if math.isnan(subject.update(net, rule, x[rows], t[rows], number)):
                tail = [math.inf]
                break
            if number >= TRIAL_STEPS - TAIL:
                tail.append(_finite(net.loss(*measured)))
        last.append(float(np.median(tail)))
    return Trial(first, tuple(last), TRIAL_STEPS)


def _asked(subject: Subject) -> tuple[float, float, int]:
    """The highest learning rate of the training, the sum of all, and the number of updates."""
    trainer = subject.trainer
    updates = trainer.epochs * trainer.steps_per_epoch
    seen = rates_of(trainer.optimizer, trainer.optimizer.steps, updates)
    return float(seen.max()), float(seen.mean()) * updates, updates


def _finite(loss: float) -> float:
    return float(loss) if math.isfinite(loss) else math.inf
