"""One patient under observation: the gauges of every update, and the doctor's report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mitbadak.doctor.doctor import Doctor
from mitbadak.doctor.report import Report
from mitbadak.lab.clinic.patients import STEPS, Patient, Update
from mitbadak.nn.activations import Activation

BINS = 24
EVERY = 4  # updates between two looks at the activations
SAMPLES = 12  # examples that are shown
ROWS = 200  # examples whose activations are looked at


@dataclass(frozen=True)
class Histogram:
    """How the values of a layer are spread.

    Attributes:
        low, high: the limits; both NaN where a value is not finite.
        shares: of the values in each bin.
        zeros: share of values that are exactly 0.
    """

    low: float
    high: float
    shares: list[float]
    zeros: float

    @classmethod
    def of(cls, values: np.ndarray) -> Histogram:
        """Of all values.

        Example:
            >>> Histogram.of(np.array([0.0, 0.0, 1.0, 1.0])).zeros
            0.5
        """
        if not np.isfinite(values).all():
            return cls(float("nan"), float("nan"), [0.0] * BINS, 0.0)
        low, high = float(values.min()), float(values.max())
        if high - low <= 1e-12 * max(1.0, abs(high)):
            low, high = low - 0.5, high + 0.5
        counts, _ = np.histogram(values, BINS, (low, high))
        return cls(low, high, (counts / values.size).tolist(), float((values == 0).mean()))


class Observation:
    """A patient, what the gauges showed, and the doctor who watches.

    Args:
        patient: before its first update.

    Attributes:
        rows: for each update: number, loss, accuracy on the batch, then for each matrix the size of
            its gradient (root of the mean square), then for each its update ratio.
        looks: histograms by update: the inputs, the hidden layers and the scores.
    """

    def __init__(self, patient: Patient):
        self.patient = patient
        self.matrices = [name for name in patient.net.params if name.startswith("W")]
        self.doctor = Doctor()
        self.rows: list[tuple[float, ...]] = []
        self.looks: list[tuple[int, list[Histogram]]] = []
        self._look_at_activations()

    @property
    def finished(self) -> bool:
        """Whether all updates are made."""
        return self.patient.step >= STEPS

    def advance(self) -> None:
        """Make one update, and look."""
        patient = self.patient
        update = patient.advance()
        with np.errstate(all="ignore"):
            answers = patient.net.predict(update.x)
            x, t = update.x, update.t
            self.doctor.observe(
                params=patient.net.params, grads=update.grads, loss=update.loss, batch=(x, t),
                outputs=answers, lr=patient.rule.lr, loss_of=lambda: patient.net.loss(x, t),
                net=patient.net,
            )  # fmt: skip
            self.rows.append(self._row(update, answers))
            if patient.step % EVERY == 0:
                self._look_at_activations()

    def report(self) -> Report:
        """The doctor's findings, with trials of their remedies."""
        return self.doctor.report()

    def columns(self) -> list[str]:
        """Names of the columns of ``rows``."""
        gauges = [f"{kind} {name}" for kind in ("gradient", "ratio") for name in self.matrices]
        return ["step", "loss", "accuracy", *gauges]

    def chart(self) -> dict[str, Any]:
        """What hangs at the foot of the bed: everything that was chosen, and nothing else."""
        patient, net = self.patient, self.patient.net
        shapes = [net.params[name].shape for name in self.matrices]
        activations = [type(a).__name__ for a in net.layers if isinstance(a, Activation)]
        return {
            "sizes": [shapes[0][0], *(n for _, n in shapes)],
            "activation": activations[0] if activations else "",
            "rule": type(patient.rule).__name__,
            "lr": float(patient.rule.lr),
            "batch": patient.batch_size,
            "examples": len(patient.x),
            "pictures": patient.pictures,
        }

    def samples(self) -> tuple[bytes, list[int]]:
        """Some examples as the net gets them, as bytes, and their labels."""
        x, t = self.patient.x[:SAMPLES], self.patient.t[:SAMPLES]
        if not self.patient.pictures:
            return b"", []
        largest = max(1e-12, float(x.max()))
        return (x * (255 / largest)).astype(np.uint8).tobytes(), t.tolist()

    def _row(self, update: Update, answers: np.ndarray) -> tuple[float, ...]:
        params, names = self.patient.net.params, self.matrices
        best = np.nan_to_num(answers, nan=-1.0).argmax(axis=1)
        sizes = [_rms(update.grads[name]) for name in names]
        ratios = [
            _rms(params[name] - update.before[name]) / max(1e-30, _rms(update.before[name]))
            for name in names
        ]
        accuracy = float((best == update.t).mean())
        return (float(update.number), update.loss, accuracy, *sizes, *ratios)

    def _look_at_activations(self) -> None:
        x = self.patient.x[:ROWS]
        found = [Histogram.of(x)]
        with np.errstate(all="ignore"):
            for layer in self.patient.net.layers:
                x = layer.predict(x)
                if isinstance(layer, Activation):
                    found.append(Histogram.of(x))
        self.looks.append((self.patient.step, [*found, Histogram.of(x)]))


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(values))))
