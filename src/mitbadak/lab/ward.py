"""The doctor at the bedside: what it would say of a training right now, without touching it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np

from mitbadak.doctor.doctor import Doctor
from mitbadak.doctor.findings import Finding
from mitbadak.doctor.report import Report
from mitbadak.lab.playground.worker import Worker
from mitbadak.nn import Sequential
from mitbadak.optim import Optimizer
from mitbadak.training import History, Trainer

Params = Mapping[str, np.ndarray]
LANGUAGES = ("en", "ko")


class Ward:
    """Watches a training from beside it, through copies of its parameters.

    Args:
        net: as it was when the training began; a copy that nobody trains.
        trainer: the one that trains; its sets and its batch size are looked at.
        rule: its optimizer, but new.
    """

    def __init__(self, net: Sequential, trainer: Trainer, rule: Optimizer):
        self.trainer = Trainer(
            net, trainer.train, test=trainer.test, optimizer=rule, epochs=trainer.epochs,
            batch_size=trainer.batch_size, rng=0, callbacks=[],
        )  # fmt: skip
        self.doctor = Doctor(trials=False)
        self.doctor.on_train_begin(self.trainer)

    def report(self, params: Params, history: History, lr: float) -> Report:
        """What the doctor says of the net as it is now.

        Args:
            params: the parameters at this moment.
            history: of the training, up to this moment or a little further.
            lr: the learning rate now.
        """
        trainer, doctor = self.trainer, copy.deepcopy(self.doctor)
        for name, value in params.items():
            trainer.net.params[name] = value
        trainer.history, trainer.step = history, len(history.losses)
        trainer.optimizer.lr = lr
        doctor.on_train_end(trainer)
        return doctor.report()


def leave(worker: Worker) -> None:
    """End a worker without waiting for it: what the doctor tries may take some seconds."""
    with worker.changed:
        worker.closed = True
        worker.changed.notify_all()


def in_words(report: Report) -> dict[str, Any]:
    """A report for the page: every sentence in English and Korean.

    Example:
        >>> in_words(Report((), 100, 30))["findings"]
        []
    """
    return {
        "steps": report.steps,
        "looked": report.looked,
        "findings": [finding_in_words(finding) for finding in report.findings],
    }


def finding_in_words(finding: Finding) -> dict[str, Any]:
    """One finding for the page."""
    words = [finding.words(lang) for lang in LANGUAGES]
    trial = finding.trial
    return {
        "code": finding.code,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "since": finding.since,
        "where": finding.where,
        **{part: [getattr(w, part) for w in words] for part in ("seen", "why", "remedy", "unless")},
        "trial": None if trial is None else [trial.text(lang) for lang in LANGUAGES],
        "helped": trial is not None and trial.helped,
    }
