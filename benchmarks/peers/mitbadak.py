"""Mitbadak as users call it: ``fit`` on the arrays."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from cases import SEED, SIDE, Case, Material, steps_of

import mitbadak as mb
from mitbadak.training import History
from mitbadak.training.trainer import Trainer
from peers import Course, Net

RULES: dict[str, Any] = {"sgd": mb.SGD, "adam": mb.Adam, "adamw": mb.AdamW}


class ClockedTrainer(Trainer):
    """What ``fit`` runs, with a clock for the time between its measurements.

    Attributes:
        step_seconds: the time of all epochs without measurements, and without the preparation.
        measure_seconds: the time of the measurements.
    """

    step_seconds = measure_seconds = 0.0
    measured_at: float | None = None

    def _evaluate(self):
        began = time.perf_counter()
        if self.measured_at is not None:
            self.step_seconds += began - self.measured_at
        row = super()._evaluate()
        self.measured_at = time.perf_counter()
        self.measure_seconds += self.measured_at - began
        return row

    def clocked(self) -> History:
        """``run``; an error if the clock was never asked."""
        history = self.run()
        if not self.step_seconds:
            raise RuntimeError("Trainer._evaluate has another name now; mend ClockedTrainer")
        return history


def mlp(case: Case, params: list[np.ndarray], dtype=np.float32) -> mb.MLP:
    """The case's net with these parameters."""
    loss = "mean_squared_error" if case.regression else "softmax_cross_entropy"
    net = mb.MLP(list(case.widths), case.activation, rng=0, dtype=dtype, loss=loss,
                 dropout=case.dropout, batch_norm=case.batch_norm)  # fmt: skip
    names = [name for name in net.params if name[0] in "Wb" and name[1:].isdigit()]
    for name, value in zip(names, params, strict=True):
        net.params[name] = value.astype(dtype)
    return net


def rule_of(case: Case, updates: int) -> Any:
    """The case's optimizer for a training of so many updates."""
    lr = mb.Cosine(case.lr, updates=updates) if case.schedule == "cosine" else case.lr
    rule = RULES[case.optimizer](lr)
    return rule if case.clip is None else mb.Chain(mb.ClipNorm(case.clip), rule)


def make(case: Case, m: Material, *, engine: str) -> Net:
    state: dict[str, mb.MLP] = {}

    def reset() -> None:
        state["net"] = mlp(case, m.params)

    def course(measuring: bool) -> Course:
        options = options_of(case, len(m.x), engine)
        net, train = state["net"], examples(m, m.x, m.t)
        if not measuring:
            trainer = ClockedTrainer(net, train, **options)
            losses = trainer.clocked().losses
            return Course(np.array(losses), np.empty(0), trainer.step_seconds)
        history = mb.fit(net, train, test=examples(m, m.x_test, m.t_test), **options)
        names = ("test_loss",) if case.regression else ("train_accuracy", "test_accuracy")
        measures = np.array([[row[name] for name in names] for row in history[1:]])
        return Course(np.array(history.losses), measures, 0.0)

    reset()
    return Net(
        reset,
        lambda order: np.empty(0),
        lambda x: mb.Predictor(state["net"], engine=engine).predict(x),
        course=course,
    )


def examples(m: Material, x: np.ndarray, t: np.ndarray) -> Any:
    """What a user hands to ``fit``: two arrays, or a set of bytes with their divisor."""
    return (x, t) if m.divisor is None else mb.Dataset(x, t, divisor=m.divisor)


def options_of(case: Case, n: int, engine: str = "auto") -> dict[str, Any]:
    """The keywords of ``fit`` for a training set of n examples."""
    return {
        "optimizer": rule_of(case, case.epochs * steps_of(case, n)),
        "epochs": case.epochs,
        "batch_size": case.batch,
        "rng": SEED,
        "callbacks": [],
        "engine": engine,
        "augment": mb.RandomShift((SIDE, SIDE), case.shift) if case.shift else None,
    }
