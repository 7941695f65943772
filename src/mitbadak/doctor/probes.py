"""The loss of one batch along the step that was taken, and a few slopes, asked of the loop."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from mitbadak.doctor.case import Probe
from mitbadak.doctor.steps import Step, one_number, own_items

FACTORS = (0.01, 0.1, 10.0, 100.0, 1000.0, 10_000.0)
SLOPES = 3  # partial derivatives of each parameter
NOISE = 1000.0  # rounding errors of a loss, over the step: a smaller slope is lost in them
AGREE = 0.01  # of a slope: by how much two steps may differ, or it cannot be judged
H = 1e-4  # the notes' step; in float32 a larger one


def probe(
    step: Step, params: Any, loss_of: Callable[[], Any], *, check_slopes: bool = True
) -> Probe:
    """Ask for the loss at other parameters, and put the present ones back.

    Args:
        step: the step that was just made.
        params: the loop's own arrays; they are changed in place for a moment.
        loss_of: the loss of the batch at whatever they hold.
        check_slopes: whether the gradient may be wrong; a dozen losses for each parameter.
    """
    own = {
        name: array for name, array in own_items(params).items() if isinstance(array, np.ndarray)
    }
    names = [
        n for n in step.before if n in own and own[n].flags.writeable and own[n].dtype.kind == "f"
    ]

    def ask() -> float:
        return one_number("the result of loss_of", loss_of())

    with np.errstate(all="ignore"), _put_back(own, names):
        after = ask()
        repeats = ask() == after or not math.isfinite(after)
        _set(own, names, step.before)
        before = ask()
        slopes = tuple(_slopes(step, own, names, ask)) if repeats and check_slopes else ()
        along = {}
        for factor in FACTORS:
            for name in names:
                own[name][...] = step.before[name] + factor * step.changes[name]
            along[factor] = ask()
    return Probe(step.number, before, after, along, slopes, repeats)


def _slopes(
    step: Step, own: dict[str, np.ndarray], names: list[str], ask: Callable[[], float]
) -> Iterator[tuple[float, float]]:
    """Claimed and measured partial derivatives: of the entries where the claim is largest."""
    for name in names:
        gradient = step.grads.get(name)
        if gradient is None or not np.isfinite(gradient).all():
            continue
        h = H if own[name].dtype.itemsize == 8 else 1e-2
        for place in np.argsort(-np.abs(gradient), axis=None)[:SLOPES]:
            index = np.unravel_index(int(place), gradient.shape)
            value = own[name][index]
            measured = []
            for step_size in (h, h / 10):
                losses = []
                for sign in (1, -1):
                    own[name][index] = value + sign * step_size
                    losses.append(ask())
                measured.append((losses[0] - losses[1]) / (2 * step_size))
            own[name][index] = value
            coarse, fine = measured
            if abs(fine) <= NOISE * np.finfo(own[name].dtype).eps * abs(losses[0]) / h:
                continue
            if abs(coarse - fine) <= AGREE * max(abs(coarse), abs(fine)):  # no kink, no leap
                yield float(gradient[index]), fine


@contextmanager
def _put_back(own: dict[str, np.ndarray], names: list[str]) -> Iterator[None]:
    kept = {name: own[name].copy() for name in names}
    try:
        yield
    finally:
        _set(own, names, kept)


def _set(own: dict[str, np.ndarray], names: list[str], values: Any) -> None:
    for name in names:
        own[name][...] = values[name]
