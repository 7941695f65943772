"""More faults: of labels, heads and losses, amounts, and test sets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from doctor.altered import HEADS
from doctor.faults import FAULTS, Fault
from doctor.loops import Grads, Loop, changed, remade

NOISE = 0.35  # of the labels
DECAY = 0.05  # of the weights, at each step


def _shuffled(loop: Loop) -> None:
    loop.t = loop.t[loop.rng.permutation(len(loop.t))]


def _apart(loop: Loop) -> None:
    loop.apart = True


def _noise(loop: Loop) -> None:
    wrong = loop.rng.random(len(loop.t)) < NOISE
    classes = int(loop.t.max()) + 1
    other = (loop.t + loop.rng.integers(1, classes, len(loop.t))) % classes
    loop.t = np.where(wrong, other, loop.t)


def _head(name: str) -> Callable[[Loop], None]:
    def plant(loop: Loop) -> None:
        loop.net.head = HEADS[name]

    return plant


def _flat_targets(loop: Loop) -> None:
    loop.t = loop.t[:, 0]
    loop.net.head = HEADS["square of errors"]


def _scaled_labels(loop: Loop) -> None:
    loop.t = loop.t / 255
    loop.net.head = HEADS["labels cut off"]


def _indices(loop: Loop) -> None:
    loop.batch_size = loop.labels["sizes"][-1]
    loop.net.head = HEADS["indices as rows"]


def _linear(loop: Loop) -> None:
    remade(loop, activation="identity")


def _narrow(loop: Loop) -> None:
    remade(loop, width=1)


def _short(loop: Loop) -> None:
    loop.steps = 20


def _few(loop: Loop) -> None:
    kept = loop.rng.permutation(len(loop.x))
    n = 12 if loop.is_regression else 3 * loop.labels["sizes"][-1]
    loop.test = loop.x[kept[n:]], loop.t[kept[n:]]
    loop.x, loop.t = loop.x[kept[:n]], loop.t[kept[:n]]


def _single(loop: Loop) -> None:
    loop.batch_size = 1


def _split(loop: Loop) -> tuple[np.ndarray, np.ndarray]:
    """A third of the examples for testing; the loop keeps the rest."""
    order = loop.rng.permutation(len(loop.x))
    n = len(order) // 3
    test = loop.x[order[:n]], loop.t[order[:n]]
    loop.x, loop.t = loop.x[order[n:]], loop.t[order[n:]]
    return test


def _overlap(loop: Loop) -> None:
    x, t = _split(loop)
    n = len(x) // 2
    loop.test = np.concatenate([x[n:], loop.x[:n]]), np.concatenate([t[n:], loop.t[:n]])


def _differ(loop: Loop) -> None:
    x, t = _split(loop)
    loop.test = (x * 255 if loop.labels["set"] == "mnist" else 5 + 10 * x), t


def _noisy_loss(loop: Loop) -> None:
    rng, net = np.random.default_rng(3), loop.net
    loop.asked = lambda x, t: net.loss(x * (rng.random(x.shape) > 0.3) / 0.7, t)


def _decay(loop: Loop) -> None:
    def update(loop: Loop, grads: Grads) -> None:
        loop.count += 1
        for key in grads:
            value = loop.net.params[key]
            value += changed(loop, key, grads[key], loop.count) - DECAY * value

    loop.update = update


def _hidden(loop: Loop) -> list[str]:
    return [key for key in loop.net.params if key.startswith("b")][:-1]


def _grown(loop: Loop) -> None:
    for key, value in loop.net.params.items():
        if key.startswith("W"):
            value *= 3.5


def _saturated(loop: Loop) -> None:
    for key in _hidden(loop):
        b = loop.net.params[key]
        b[...] = loop.rng.choice([-20.0, 20.0], b.shape)


def _fading(loop: Loop) -> None:
    for key, value in loop.net.params.items():
        if key.startswith("W"):
            value *= 0.2


def _rare(loop: Loop) -> None:
    rare = np.flatnonzero(loop.t == 0)
    drop = rare[max(1, len(rare) // 40) :]
    loop.x, loop.t = np.delete(loop.x, drop, axis=0), np.delete(loop.t, drop)


def _integers(loop: Loop) -> None:
    own = {key: np.rint(3 * value).astype(np.int64) for key, value in loop.net.params.items()}
    loop.shown = own

    def update(loop: Loop, grads: Grads) -> None:
        for key in grads:
            own[key] -= (loop.lr * grads[key]).astype(np.int64)
            loop.net.params[key][...] = own[key]

    loop.update = update


def _rounded(loop: Loop) -> None:
    remade(loop, dtype=np.float32)
    for value in loop.net.params.values():
        value += np.float32(0.01)
    loop.lr *= 1e-10


def _stale_batch(loop: Loop) -> None:
    before: Grads = {}

    def gradient(loop: Loop, grads: Grads) -> Grads:
        used = dict(before) or grads
        before.update({key: g.copy() for key, g in grads.items()})
        return used

    loop.gradient = gradient


def classes(loop: Loop) -> bool:
    return not loop.is_regression


def numbers(loop: Loop) -> bool:
    return loop.is_regression


def _limits(loop: Loop) -> bool:
    return loop.labels["activation"] in ("sigmoid", "tanh")


MORE: dict[str, Fault] = {
    "labels shuffled": Fault(("labels-shuffled",), _shuffled, always=True, in_fit=True),
    "rows of x and t apart": Fault(("labels-shuffled",), _apart, always=True),
    "label noise": Fault(("label-noise",), _noise, classes, always=True, in_fit=True),
    "labels divided by 255": Fault(("label-form",), _scaled_labels, classes, always=True),
    "indices for one-hot rows": Fault(("silent-broadcast",), _indices, lambda loop: classes(loop)
                                      and loop.labels["sizes"][-1] > 2, always=True),
    "(n, 1) minus (n,)": Fault(("silent-broadcast",), _flat_targets, numbers),
    "softmax twice": Fault(("softmax-twice",), _head("softmax twice"), classes),
    "softmax on one unit": Fault(("softmax-on-one-unit",), _head("softmax on one unit"), numbers),
    "ReLU before softmax": Fault(("head-does-not-fit",), _head("relu"), classes),
    "sigmoid before numbers": Fault(("head-does-not-fit",), _head("sigmoid of numbers"), numbers),
    "cross entropy of numbers": Fault(("loss-does-not-fit",),
                                      _head("binary cross entropy of numbers"), numbers),
    "no activation": Fault(("no-nonlinearity",), _linear, in_fit=True),
    "one hidden unit": Fault(("too-little-capacity",), _narrow, in_fit=True),
    "a tenth of the steps": Fault(("too-little-training",), _short, in_fit=True),
    "a handful of examples": Fault(("too-little-data",), _few, always=True),
    "batches of one": Fault(("batch-too-small",), _single, in_fit=True),
    "test rows trained on": Fault(("train-test-overlap",), _overlap, always=True, in_fit=True),
    "test set not scaled": Fault(("train-test-differ",), _differ, always=True, in_fit=True),
    "noise in evaluation": Fault(("dropout-in-evaluation",), _noisy_loss, always=True),
    "weight decay too large": Fault(("too-much-regularisation",), _decay),
    "weights that explode": Fault(("exploding-gradient", "init-too-large"), _grown, lambda loop:
                                  loop.labels["depth"] > 3 and not _limits(loop), in_fit=True),
    "saturated units": Fault(("saturated",), _saturated, _limits, in_fit=True),
    "gradients that fade": Fault(("vanishing-gradient", "init-too-small"), _fading, lambda loop:
                                 loop.labels["depth"] > 3 and _limits(loop), in_fit=True),
    "a class is rare": Fault(("class-imbalance",), _rare, classes, always=True, in_fit=True),
    "whole numbers as parameters": Fault(("integer-parameters",), _integers, always=True),
    "steps lost to rounding": Fault(("lost-to-rounding",), _rounded),
    "gradient of the batch before": Fault(("gradient-wrong",), _stale_batch, always=True),
}  # fmt: skip
ALL: dict[str, Fault] = {**FAULTS, **MORE}
