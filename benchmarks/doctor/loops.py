"""Training loops as learners write them, healthy ones and ones with a planted fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import mitbadak as mb
from mitbadak import data

DEPTHS = (1, 2, 3, 4, 5)
ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky_relu")
RULES = ("sgd", "momentum", "adam")
# By rule: rates that train such nets, as the book and common defaults have them.
RATES = {"sgd": (0.1, 0.3, 1.0), "momentum": (0.03, 0.1), "adam": (0.003, 0.01)}
STEPS = 200
Grads = dict[str, np.ndarray]


@dataclass
class Loop:
    """One training, before it runs.

    Attributes:
        x, t: the training set.
        net: what is trained.
        rule, lr, batch_size: of the updates.
        rng: for the batches.
        steps: how many updates.
        gradient: what is done to the gradients before they are used.
        update: how they change the parameters; by default by the rule.
        state: of the rule.
        labels: what was drawn.
        count: of updates, for rules that need it.
    """

    x: np.ndarray
    t: np.ndarray
    net: Any
    rule: str
    lr: float
    batch_size: int
    rng: np.random.Generator
    steps: int = STEPS
    gradient: Callable[[Loop, Grads], Grads] = lambda loop, grads: grads
    update: Callable[[Loop, Grads], None] | None = None
    state: dict[str, np.ndarray] = field(default_factory=dict)
    labels: dict[str, Any] = field(default_factory=dict)
    count: int = 0

    @property
    def is_regression(self) -> bool:
        return self.t.dtype.kind == "f" and self.t.ndim == 2


def draw(seed: int, *, sets: tuple[str, ...] = ("mnist", "spiral", "moons", "table", "numbers"),
         depths: tuple[int, ...] = DEPTHS) -> Loop:  # fmt: skip
    """A loop with working choices, drawn by a seed."""
    rng = np.random.default_rng([14, seed])
    name, depth = str(rng.choice(sets)), int(rng.choice(depths))
    activation, rule = str(rng.choice(ACTIVATIONS)), str(rng.choice(RULES))
    x, t = examples(name, rng)
    regression = t.dtype.kind == "f" and t.ndim == 2
    n_out = t.shape[1] if regression else int(t.max()) + 1
    width = int(rng.choice([10, 20, 50] if name != "mnist" else [30, 50, 100]))
    init = "he" if activation in ("relu", "leaky_relu") else "xavier"
    net = mb.MLP([x.shape[1], *[width] * depth, n_out], activation, init=init,
                 loss="mean_squared_error" if regression else "softmax_cross_entropy",
                 rng=int(rng.integers(1 << 30)), dtype=np.float64)  # fmt: skip
    rates = RATES[rule]
    lr = float(rng.choice(rates[:1] if regression or depth > 3 else rates))
    batch = int(rng.choice([20, 50, 100]))
    labels = {"set": name, "depth": depth, "activation": activation, "rule": rule, "lr": lr,
              "batch": batch, "width": width}  # fmt: skip
    return Loop(x, t, net, rule, lr, batch, rng, labels=labels)


def examples(name: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A training set by name."""
    seed = int(rng.integers(1 << 30))
    if name == "mnist":
        (x, t), _ = mb.load_mnist()
        rows = rng.choice(len(x), 2000, replace=False)
        return x[rows].astype(np.float64), t[rows].astype(np.int64)
    if name == "table":  # three clusters of four measurements
        t = rng.integers(0, 3, 150)
        return rng.normal(size=(3, 4))[t] * 1.5 + rng.normal(size=(150, 4)), t
    if name == "numbers":  # a smooth surface with noise
        x = rng.normal(size=(300, 6))
        y = np.sin(x[:, :1]) + x[:, 1:2] * x[:, 2:3] / 2 + 0.1 * rng.normal(size=(300, 1))
        return x, (y - y.mean()) / y.std()
    source = data.open_source(name, seed=seed)
    t = np.asarray(source.train.t)
    return np.asarray(source.train.x, np.float64), t.argmax(axis=1) if t.ndim == 2 else t


def run(loop: Loop, doctor: Any = None, *, ask: bool = True) -> list[float]:
    """Train, with the doctor's one line after each update.

    Returns:
        The loss of every batch.
    """
    losses, net = [], loop.net
    for step in range(loop.steps):
        rows = loop.rng.integers(0, len(loop.x), loop.batch_size)
        x, t = loop.x[rows], loop.t[rows]
        with np.errstate(all="ignore"):
            loss, grads = net.loss_and_gradient(x, t)
            grads = loop.gradient(loop, grads)
            _updated(loop, grads, step)
        losses.append(float(loss))
        if doctor is not None:
            with np.errstate(all="ignore"):
                outputs = net.predict(x)
                loss_of = (lambda x=x, t=t: net.loss(x, t)) if ask else None
                doctor.observe(params=net.params, grads=grads, loss=loss, batch=(x, t),
                               outputs=outputs, lr=loop.lr, loss_of=loss_of)  # fmt: skip
    return losses


def quality(loop: Loop) -> float:
    """The loss over the training set after the run."""
    with np.errstate(all="ignore"):
        return float(loop.net.loss(loop.x, loop.t))


def _updated(loop: Loop, grads: Grads, step: int) -> None:
    if loop.update is not None:
        loop.update(loop, grads)
        return
    for key, gradient in grads.items():
        loop.net.params[key] += changed(loop, key, gradient, step + 1)


def changed(loop: Loop, key: str, gradient: np.ndarray, step: int) -> np.ndarray:
    """The change of one parameter by the loop's rule, as the book writes the rules."""
    state = loop.state
    if loop.rule == "sgd":
        return -loop.lr * gradient
    if loop.rule == "momentum":
        state[key] = 0.9 * state.get(key, 0.0) - loop.lr * gradient
        return state[key]
    m = state[f"m {key}"] = 0.9 * state.get(f"m {key}", 0.0) + 0.1 * gradient
    v = state[f"v {key}"] = 0.999 * state.get(f"v {key}", 0.0) + 0.001 * gradient**2
    rate = loop.lr * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
    return -rate * m / (np.sqrt(v) + 1e-8)
