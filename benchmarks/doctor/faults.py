"""Faults planted into loops, each with the codes that name it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from doctor.loops import Grads, Loop, changed


@dataclass(frozen=True)
class Fault:
    """A fault.

    Attributes:
        codes: findings that name it.
        plant: changes a healthy loop.
        fits: whether a loop can have it.
        always: it counts even where it costs nothing: faults of data and labels.
        in_fit: a training by ``fit`` can have it too.
    """

    codes: tuple[str, ...]
    plant: Callable[[Loop], None]
    fits: Callable[[Loop], bool] = lambda loop: True
    always: bool = False
    in_fit: bool = False


def _plus(loop: Loop) -> None:
    def update(loop: Loop, grads: Grads) -> None:
        for key in grads:
            loop.net.params[key] -= loop.lr + grads[key]

    loop.update = update


def _sign(loop: Loop) -> None:
    def update(loop: Loop, grads: Grads) -> None:
        loop.count += 1
        for key in grads:
            loop.net.params[key] -= changed(loop, key, grads[key], loop.count)

    loop.update = update


def _stale(loop: Loop) -> None:
    before: Grads = {}

    def update(loop: Loop, grads: Grads) -> None:
        for key in grads:
            if key in before:
                loop.net.params[key] -= loop.lr * before[key]
        before.update({key: g.copy() for key, g in grads.items()})

    loop.lr *= 3
    loop.update = update


def _twice(loop: Loop) -> None:
    def update(loop: Loop, grads: Grads) -> None:
        for _ in range(2):
            for key in grads:
                loop.net.params[key] -= loop.lr * grads[key]

    loop.update = update


def _copy(loop: Loop) -> None:
    copies = {key: value.copy() for key, value in loop.net.params.items()}

    def update(loop: Loop, grads: Grads) -> None:
        for key in grads:
            copies[key] -= loop.lr * grads[key]

    loop.update = update


def _left_out(loop: Loop) -> None:
    forgotten = next(key for key in loop.net.params if key.startswith("W"))

    def update(loop: Loop, grads: Grads) -> None:
        loop.count += 1
        for key in grads:
            if key != forgotten:
                loop.net.params[key] += changed(loop, key, grads[key], loop.count)

    loop.update = update


def _rate(factor: float) -> Callable[[Loop], None]:
    def plant(loop: Loop) -> None:
        loop.lr *= factor

    return plant


def _inputs(loop: Loop) -> None:
    loop.x = loop.x * 255 if loop.labels["set"] == "mnist" else 100 + 50 * loop.x


def _targets(loop: Loop) -> None:
    loop.t = 2000 + 500 * loop.t


def _constant(loop: Loop) -> None:
    loop.x = np.repeat(loop.x[:1], len(loop.x), axis=0)


def _nan(loop: Loop) -> None:
    loop.x = loop.x.copy()
    loop.x[loop.rng.integers(0, len(loop.x), max(3, len(loop.x) // 20)), 0] = np.nan


def _alike(loop: Loop) -> None:
    for key, value in loop.net.params.items():
        value[...] = 0.1 if key.startswith("W") else 0.0


def _initial(factor: float) -> Callable[[Loop], None]:
    def plant(loop: Loop) -> None:
        for key, value in loop.net.params.items():
            if key.startswith("W"):
                value *= factor

    return plant


def _sum(loop: Loop) -> None:
    loop.gradient = lambda loop, grads: {k: loop.batch_size * g for k, g in grads.items()}


def _wrong(loop: Loop) -> None:
    first = next(key for key in loop.net.params if key.startswith("W"))

    def spoiled(loop: Loop, grads: Grads) -> Grads:
        return {k: (-g if k == first else g * (1 if k.startswith("b") else -0.5))
                for k, g in grads.items()}  # fmt: skip

    loop.gradient = spoiled


def _sorted(loop: Loop) -> None:
    kept = loop.t != loop.t.max()
    loop.x, loop.t = loop.x[kept], loop.t[kept]


def _dead(loop: Loop) -> None:
    names = [key for key in loop.net.params if key.startswith("b")][:-1]
    for key in names:
        loop.net.params[key][...] = -30.0


def _is(rule: str) -> Callable[[Loop], bool]:
    return lambda loop: loop.rule == rule


FAULTS: dict[str, Fault] = {
    "lr + gradient": Fault(("wrong-update-rule",), _plus),
    "uphill": Fault(("wrong-update-rule",), _sign),
    "stale gradient": Fault(("wrong-update-rule",), _stale, _is("sgd")),
    "applied twice": Fault(("wrong-update-rule",), _twice, _is("sgd"), always=True),
    "update of a copy": Fault(("update-of-a-copy",), _copy),
    "a parameter left out": Fault(("parameter-never-updated",), _left_out, always=True),
    "rate too large": Fault(("lr-too-large",), _rate(100), in_fit=True),
    "rate too small": Fault(("lr-too-small",), _rate(1e-4), in_fit=True),
    "inputs not normalised": Fault(("inputs-not-normalised",), _inputs),
    "targets not normalised": Fault(("targets-not-normalised",), _targets,
                                    lambda loop: loop.is_regression),
    "constant inputs": Fault(("inputs-constant",), _constant, always=True, in_fit=True),
    "NaN in the data": Fault(("non-finite-data",), _nan, always=True),
    "equal weights": Fault(("symmetric-weights",), _alike, always=True, in_fit=True),
    "weights too large": Fault(("init-too-large",), _initial(30), in_fit=True),
    "weights too small": Fault(("init-too-small", "vanishing-gradient"), _initial(0.01),
                               lambda loop: loop.labels["depth"] > 1),
    "no mean over the batch": Fault(("missing-batch-mean",), _sum, always=True),
    "wrong gradient": Fault(("gradient-wrong",), _wrong),
    "a class is missing": Fault(("class-missing",), _sorted, lambda loop: not loop.is_regression
                                and loop.labels["set"] == "mnist", always=True),
    "dead units": Fault(("dead-relu",), _dead, lambda loop: loop.labels["activation"] == "relu"),
}  # fmt: skip
