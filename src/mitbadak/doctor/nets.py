"""A look at a net that is known: its activations, and one update that is tried on a copy."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from mitbadak.core.errors import NonFiniteError
from mitbadak.doctor.case import Probe
from mitbadak.doctor.probes import probe
from mitbadak.doctor.rebuilt import Layer
from mitbadak.doctor.signals import Signals, signals_of
from mitbadak.doctor.steps import Step
from mitbadak.nn.declared import is_built_in
from mitbadak.nn.network import Sequential
from mitbadak.optim import Optimizer

ROWS = 300  # examples that are looked at
SCHEDULE_POINTS = 200  # at which a schedule is looked at


@dataclass(frozen=True)
class Look:
    """What was seen of a net at one moment.

    Attributes:
        signals: of an update that was tried on a copy.
        probe: the loss along that update.
        layers: activations.
    """

    signals: Signals
    probe: Probe
    layers: tuple[Layer, ...]


def look(
    net: Sequential, optimizer: Optimizer, lr: float, x: np.ndarray, t: np.ndarray, number: int
) -> Look:
    """Look at a net without changing it, its optimizer, or any generator.

    Args:
        net, optimizer: of the training.
        lr: the learning rate of the update that is tried. A schedule may begin or end near 0, where
            it says nothing of the training.
        x, t: some examples, as the net takes them.
        number: of the step.
    """
    twin, rule = copy.deepcopy((net, optimizer))
    rule.lr = lr
    with np.errstate(all="ignore"):
        before = _copied(twin.params)
        loss, grads = twin.loss_and_gradient(x, t, training=False if twin.mode_dependent else None)
        grads = {name: np.array(gradient) for name, gradient in grads.items()}
        with suppress(NonFiniteError):  # then nothing is updated
            rule.update(twin.params, {name: g.copy() for name, g in grads.items()})
        outputs = net.predict(x)
        step = Step(number, before, _copied(twin.params), grads, float(loss), x, t, outputs,
                    rule.lr)  # fmt: skip
        own = [*net.layers, net.head]  # only a learner's own can have a wrong gradient
        doubtful = not all(is_built_in(type(part)) for part in own)
        tried = probe(step, twin.params, lambda: twin.loss(x, t), check_slopes=doubtful)
        return Look(signals_of(step, None), tried, tuple(layers_of(net, x)))


def rates_of(optimizer: Optimizer, begun: int, updates: int) -> np.ndarray:
    """The learning rates of a training, at evenly spread updates.

    Args:
        optimizer: of the training.
        begun: the updates that it had made before the training.
        updates: of the training.
    """
    rule = copy.deepcopy(optimizer)
    seen = []
    for done in np.unique(np.linspace(0, max(0, updates - 1), SCHEDULE_POINTS).astype(int)):
        rule.steps = begun + int(done)
        seen.append(rule.lr)
    return np.array(seen)


def layers_of(net: Sequential, x: np.ndarray) -> list[Layer]:
    """The activations of every layer.

    Example:
        >>> from mitbadak.nn import MLP
        >>> net = MLP([2, 4, 3], "relu", init="zeros")
        >>> [(layer.name, layer.dead) for layer in layers_of(net, np.ones((5, 2)))][1]
        ('ReLU', 1.0)
    """
    found = []
    for layer in net.layers:
        x, name = layer.predict(x), type(layer).__name__
        found.append(Layer.of(name, name.lower(), x))
    return found


def _copied(params: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: np.array(params[name]) for name in params}
