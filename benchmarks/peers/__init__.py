"""Every peer in the same form: a net made for a case, that trains on batches and predicts.

The modules have the names of the libraries they use, which are loaded only where needed.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from cases import Case, Material, material, orders_of

# The module, and the arguments that make this variant.
PEERS: dict[str, tuple[str, dict[str, Any]]] = {
    "mitbadak": ("mitbadak", {"engine": "auto"}),
    "mitbadak_numpy": ("mitbadak", {"engine": "numpy"}),
    "book": ("book", {}),
    "sklearn": ("sklearn", {}),
    "thinc": ("thinc", {}),
    "torch": ("torch", {"compiled": False}),
    "torch_compile": ("torch", {"compiled": True}),
    "jax_step": ("jax", {"loop": "step"}),
    "jax_scan": ("jax", {"loop": "scan"}),
    "jax_whole": ("jax", {"loop": "whole"}),
}
STEPPING = tuple(peer for peer in PEERS if peer != "jax_whole")
FITTING = ("mitbadak", "sklearn", "torch", "jax_scan", "jax_whole")


@dataclass(frozen=True)
class Course:
    """What a training leaves behind.

    Attributes:
        losses: of every step; scikit-learn has one per epoch only.
        measures: the accuracies of training and test set by epoch; for a regression the loss of
            the test set.
        step_seconds: the time of the steps alone.
    """

    losses: np.ndarray
    measures: np.ndarray
    step_seconds: float


@dataclass(frozen=True)
class Net:
    """A net in training; it keeps its parameters from call to call.

    Attributes:
        reset: back to the initial values.
        run: trains for an epoch in an order (n,), and returns the loss of each step.
        predict: probabilities, or scores in the same order, of x (n, n_in).
        measure: accuracies of the training and the test set, or the loss of the test set for a
            regression; by ``predict`` where a peer has no better way.
        prepared: of an order, what ``run`` takes; its time does not count.
        epoch: a pass in an order of its own, where the peer brings that.
        course: the whole training, where the peer has its own loop.
        weights: the parameters as arrays, to be saved.
    """

    reset: Callable[[], Any]
    run: Callable[[Any], np.ndarray]
    predict: Callable[[np.ndarray], np.ndarray]
    measure: Callable[[], list[float]] | None = None
    prepared: Callable[[np.ndarray], Any] = lambda order: order
    epoch: Callable[[], np.ndarray] | None = None
    course: Callable[[bool], Course] | None = None
    weights: Callable[[], list[np.ndarray]] | None = None


def refuse(peer: str, case: Case, *fields: str) -> None:
    """Say that a peer lacks what a case wants.

    Raises:
        NotImplementedError: one of these fields is not the default.
    """
    asked = [name for name in fields if getattr(case, name) != getattr(Case(""), name)]
    if asked:
        raise NotImplementedError(f"{peer} has no {' and no '.join(asked)} here")


def make(peer: str, case: Case, m: Material) -> Net:
    """A peer's net with the material's initial values."""
    module, variant = PEERS[peer]
    return importlib.import_module(f"{__name__}.{module}").make(case, m, **variant)


def train(net: Net, case: Case, m: Material, *, measuring: bool) -> Course:
    """Train from the initial values; with ``measuring``, measure after every epoch."""
    if net.course is not None:
        return net.course(measuring)
    losses, measures, seconds = [], [], 0.0
    for order in orders_of(case, len(m.x)):
        prepared = None if measuring and net.epoch else net.prepared(order)
        began = time.perf_counter()
        losses.append(net.epoch() if measuring and net.epoch else net.run(prepared))
        seconds += time.perf_counter() - began
        if measuring:
            measures.append(net.measure() if net.measure else measured(net, case, m))
    return Course(np.concatenate(losses), np.array(measures), seconds)


def measured(net: Net, case: Case, m: Material) -> list[float]:
    """Accuracies of both sets, or the loss of the test set for a regression, by ``predict``."""
    if case.regression:
        return [float(np.mean((net.predict(m.x_test) - m.t_test) ** 2))]
    sets = ((m.x, m.t), (m.x_test, m.t_test))
    return [float(np.mean(net.predict(x).argmax(1) == t)) for x, t in sets]


def case_from(kept: dict[str, Any]) -> Case:
    """The case that JSON made of ``dataclasses.asdict``."""
    lists = {name: tuple(kept[name]) for name in ("widths", "filters")}
    return Case(**{**kept, **lists})


class Turn:
    """For the worker: a whole training, again and again, from the same initial values.

    Attributes:
        seconds: of the last turn: of the steps alone, or with ``measuring`` of everything.
    """

    def __init__(self, peer: str, case: Case, *, measuring: bool):
        self.case, self.measuring = case, measuring
        self.material = material(case)
        self.net = make(peer, case, self.material)
        self.seconds = 0.0

    def __call__(self) -> np.ndarray:
        """The mean loss of the last epoch, and all measures."""
        self.net.reset()
        began = time.perf_counter()
        course = train(self.net, self.case, self.material, measuring=self.measuring)
        self.seconds = time.perf_counter() - began if self.measuring else course.step_seconds
        last = course.losses[-max(1, len(course.losses) // self.case.epochs) :]
        return np.array([last.mean(), *course.measures.ravel()])


def turn_of(peer: str, request: dict[str, Any]) -> Turn:
    return Turn(peer, case_from(request["case"]), measuring=request["measuring"])
