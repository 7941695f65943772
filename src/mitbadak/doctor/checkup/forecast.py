"""How long the training will take, and how much memory, from a few updates of a copy."""

from __future__ import annotations

import time

import numpy as np

from mitbadak.core.memory import amount, free_bytes
from mitbadak.doctor.checkup.items import Item
from mitbadak.doctor.checkup.subject import SEED, Subject
from mitbadak.doctor.findings import FAULT, NOTE, Finding
from mitbadak.nn.affine import Affine
from mitbadak.training.engine import make_updater

WARM, TIMED = 3, 20  # updates before and while the clock runs
EVALUATED = 1000  # examples
SECONDS = 0.3  # after which the clock stops at the next update
COLD = 3.0  # the first update loads code, starts threads and makes room; one this long still counts
LONG = 3600.0  # seconds that are worth a note
TIGHT = 0.5  # of the free memory


def forecast(subject: Subject) -> Item:
    """Time a few real updates and an evaluation, and count the arrays."""
    trainer = subject.trainer
    updates = trainer.epochs * trainer.steps_per_epoch
    per_update, per_example = _timed(subject)
    sets = [data for data in trainer.sets.values() if data is not None]
    evaluated = (trainer.epochs + 1) * sum(map(len, sets))
    seconds = updates * per_update + evaluated * per_example
    memory = _memory(subject)
    measures = {
        "epochs": trainer.epochs, "updates": updates, "microseconds": per_update * 1e6,
        "seconds": seconds, "minutes": seconds / 60, "engine": trainer.engine.name,
        "memory": amount(memory), "bytes": memory,
    }  # fmt: skip
    findings, free = [], free_bytes()
    if memory > TIGHT * free:
        evidence = {"memory": amount(memory), "free": amount(free)}
        severity = FAULT if memory > free else NOTE
        findings.append(Finding("memory-too-small", severity, 0.8, evidence))
    if seconds > LONG:
        findings.append(Finding("takes-long", NOTE, 0.7, {"hours": seconds / 3600}))
    kind = "minutes" if seconds >= 120 else ""
    return Item("forecast", {**measures, **({"kind": kind} if kind else {})}, tuple(findings))


def _timed(subject: Subject) -> tuple[float, float]:
    """Seconds per update, and per example of an evaluation."""
    trainer = subject.trainer
    net, rule = subject.twins()
    updater = make_updater(
        trainer.engine, net, rule, trainer.train, trainer.batch_size, gradient=trainer.gradient,
        engine_of_gradient=trainer.requested, augment=trainer.augment, noise_seed=SEED,
        progress=False,
    )  # fmt: skip
    rng, n = np.random.default_rng(SEED), len(trainer.train)
    batches = [rng.integers(0, n, trainer.batch_size) for _ in range(WARM + TIMED)]
    try:
        taken = []
        for number, rows in enumerate(batches):
            began = time.perf_counter()
            if updater.at_once:
                updater.run([rows], number)
            else:
                updater.forward(rows, step=number)
                updater.update()
            taken.append(time.perf_counter() - began)
            if is_enough(taken):
                break
        part = trainer.train.part(np.arange(min(n, EVALUATED)))
        began = time.perf_counter()
        updater.evaluate(part)
        per_example = (time.perf_counter() - began) / len(part)
    finally:
        updater.close()
    return typical(taken), per_example


def is_enough(taken: list[float]) -> bool:
    """Whether so many seconds, of the updates so far, say how long the others take."""
    first, *others = taken
    return first > COLD or (sum(others) > SECONDS and (len(taken) > WARM or others[0] > SECONDS))


def typical(taken: list[float]) -> float:
    """Seconds of a later update: of the warm ones, as far as there are any.

    Example:
        >>> typical([0.2, 0.02, 0.02]), typical([9.0])
        (0.02, 9.0)
    """
    return float(np.median(taken[WARM:] or taken[1:] or taken))


def _memory(subject: Subject) -> int:
    """Bytes of parameters, gradients, the optimizer's state, and the activations of a batch."""
    trainer, size = subject.trainer, subject.net.dtype.itemsize
    copies = 2 + len(trainer.optimizer.slots)
    units = sum(layer.n_out for layer in subject.net.layers if isinstance(layer, Affine))
    width = trainer.train.x[0].size
    return size * (copies * subject.parameters + trainer.batch_size * (2 * units + width))
