"""Mitbadak as users call it: ``fit`` on the arrays."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from cases import KERNEL, POOL, SEED, SIDE, Case, Material, steps_of

import mitbadak as mb
from mitbadak.training import History
from mitbadak.training.trainer import Trainer
from peers import Course, Net

RULES: dict[str, Any] = {"sgd": mb.SGD, "adam": mb.Adam, "adamw": mb.AdamW}
STEPS, MEASURES, TOGETHER = "steps", "measuring", "steps and measuring together"


@dataclass
class Phase:
    """What a clock saw of one part of a training: its time, and the steps and rows it completed."""

    seconds: float = 0.0
    steps: int = 0
    rows: int = 0


class ClockedTrainer(Trainer):
    """What ``fit`` runs, with a clock for everything after its first measurement.

    Several short epochs may pass with their measurements in one call of a kernel, which no clock
    outside can divide: their time is that of the phase ``TOGETHER``.

    Args:
        apart: make steps and measurements in separate calls, so that each has a time of its own.
        options: of ``Trainer``.

    Attributes:
        phases: ``STEPS``, ``MEASURES`` and ``TOGETHER``. The rest is preparation.
    """

    def __init__(self, *sets: Any, apart: bool = False, **options: Any):
        super().__init__(*sets, **options)
        self.apart = apart
        self.phases = {name: Phase() for name in (STEPS, MEASURES, TOGETHER)}
        self.lap_began = 0.0

    def _evaluate(self):
        if self.history.rows:
            self._lap(STEPS)
        else:
            self.lap_began = time.perf_counter()
        row = super()._evaluate()
        self._lap(MEASURES, rows=1)
        return row

    def _train_epochs(self, interrupts) -> bool:
        if self.apart:
            return False
        rows_before = len(self.history.rows)
        done = super()._train_epochs(interrupts)
        if done:
            self._lap(TOGETHER, rows=len(self.history.rows) - rows_before)
        return done

    def _lap(self, name: str, rows: int = 0) -> None:
        """Give a phase the time and the steps since the last lap."""
        now, phase = time.perf_counter(), self.phases[name]
        phase.seconds += now - self.lap_began
        phase.steps += self.step - sum(of.steps for of in self.phases.values())
        phase.rows += rows
        self.lap_began = now

    def clocked(self) -> History:
        """``run``, every step and every measurement of which must have been timed.

        Raises:
            RuntimeError: the trainer made some of them where no clock was running.
        """
        history = self.run()
        steps = sum(phase.steps for phase in self.phases.values())
        rows = sum(phase.rows for phase in self.phases.values())
        if (steps, rows) != (self.step, len(history.rows)) or self.phases[MEASURES].steps:
            raise RuntimeError(
                f"ClockedTrainer timed {steps} steps and {rows} measurements of {self.step} and "
                f"{len(history.rows)}: {self.phases}. Does Trainer train in another method now?"
            )
        return history


def mlp(case: Case, params: list[np.ndarray], dtype=np.float32) -> mb.Sequential:
    """The case's net with these parameters."""
    options: dict[str, Any] = {
        "loss": "mean_squared_error" if case.regression else "softmax_cross_entropy",
        "dropout": case.dropout, "batch_norm": case.batch_norm, "rng": 0, "dtype": dtype,
    }  # fmt: skip
    if case.filters:
        net = mb.ConvNet((1, SIDE, SIDE), case.filters, case.widths[1:], kernel=KERNEL, pool=POOL,
                         activation=case.activation, **options)  # fmt: skip
    else:
        net = mb.MLP(list(case.widths), case.activation, **options)
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
    state: dict[str, mb.Sequential] = {}

    def reset() -> None:
        state["net"] = mlp(case, m.params)

    def course(measuring: bool) -> Course:
        options = options_of(case, len(m.x), engine)
        net, train = state["net"], examples(m, m.x, m.t)
        if not measuring:
            trainer = ClockedTrainer(net, train, apart=True, **options)
            losses = trainer.clocked().losses
            return Course(np.array(losses), np.empty(0), trainer.phases[STEPS].seconds)
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
