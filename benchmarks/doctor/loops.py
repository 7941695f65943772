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
REGRESSIONS = ("numbers",)
TUNED = ("mnist", "spiral", "moons", "table", "numbers")
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
        eps: of Adam.
        test: a test set, where one is shown.
        apart: rows of x and t are drawn separately.
        asked: the loss as the loop evaluates it, if not by ``net.loss``.
        shown: the parameters that are handed to the doctor, if not those of the net.
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
    eps: float = 1e-8
    test: tuple[np.ndarray, np.ndarray] | None = None
    apart: bool = False
    asked: Callable[[np.ndarray, np.ndarray], float] | None = None
    shown: Grads | None = None

    @property
    def is_regression(self) -> bool:
        return self.labels["set"] in REGRESSIONS


def draw(seed: int, *, sets: tuple[str, ...] = TUNED, depths: tuple[int, ...] = DEPTHS,
         family: int | None = None, repeat: int = 0) -> Loop:  # fmt: skip
    """A loop with working choices, drawn by a seed.

    Args:
        seed: of the choices, the examples, the initial weights and the batches.
        sets, depths: what is chosen from.
        family: of seeds; families have nothing in common.
        repeat: the same choices and examples with other weights and batches.
    """
    rng = np.random.default_rng([14, seed] if family is None else [14, family, seed])
    name, depth = str(rng.choice(sets)), int(rng.choice(depths))
    activation, rule = str(rng.choice(ACTIVATIONS)), str(rng.choice(RULES))
    x, t = examples(name, rng)
    regression = t.dtype.kind == "f" and t.ndim == 2
    n_out = t.shape[1] if regression else int(t.max()) + 1
    width = int(rng.choice([10, 20, 50] if name != "mnist" else [30, 50, 100]))
    sizes, weights = [x.shape[1], *[width] * depth, n_out], int(rng.integers(1 << 30)) + repeat
    net = made(sizes, activation, regression, weights)
    rates = RATES[rule]
    lr = float(rng.choice(rates[:1] if regression or depth > 3 else rates))
    batch = int(rng.choice([20, 50, 100]))
    labels = {"set": name, "depth": depth, "activation": activation, "rule": rule, "lr": lr,
              "batch": batch, "width": width, "sizes": sizes, "weights": weights}  # fmt: skip
    rng = np.random.default_rng([14, seed, repeat, 5]) if repeat else rng
    return Loop(x, t, net, rule, lr, batch, rng, labels=labels)


def made(sizes: list[int], activation: str, regression: bool, weights: int,
         dtype: type = np.float64) -> Any:  # fmt: skip
    """A net as the loops have it."""
    init = "he" if activation in ("relu", "leaky_relu") else "xavier"
    loss = "mean_squared_error" if regression else "softmax_cross_entropy"
    return mb.MLP(sizes, activation, init=init, loss=loss, rng=weights, dtype=dtype)


def remade(loop: Loop, *, activation: str = "", width: int = 0, dtype: type = np.float64) -> None:
    """Another net in place of the loop's."""
    sizes = list(loop.labels["sizes"])
    if width:
        sizes[1:-1] = [width] * (len(sizes) - 2)
    loop.net = made(sizes, activation or loop.labels["activation"], loop.is_regression,
                    loop.labels["weights"], dtype)  # fmt: skip


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
    source = data.open_source(name, rng=seed)
    t = np.asarray(source.train.t)
    return np.asarray(source.train.x, np.float64), t.argmax(axis=1) if t.ndim == 2 else t


def run(loop: Loop, doctor: Any = None, *, ask: bool = True, shown_net: Any = None) -> list[float]:
    """Train, with the doctor's one line after each update.

    Args:
        loop: the training.
        doctor: who watches, if anybody.
        ask: whether the doctor may ask for the loss.
        shown_net: the net, where the doctor may try remedies on copies of it.

    Returns:
        The loss of every batch.
    """
    losses, net = [], loop.net
    for step in range(loop.steps):
        rows = loop.rng.integers(0, len(loop.x), loop.batch_size)
        other = loop.rng.integers(0, len(loop.x), loop.batch_size) if loop.apart else rows
        x, t = loop.x[rows], loop.t[other]
        with np.errstate(all="ignore"):
            loss, grads = net.loss_and_gradient(x, t)
            grads = loop.gradient(loop, grads)
            _updated(loop, grads, step)
        losses.append(float(loss))
        if doctor is not None:
            with np.errstate(all="ignore"):
                outputs = net.predict(x)
                loss = loop.asked or net.loss
                loss_of = (lambda loss=loss, x=x, t=t: loss(x, t)) if ask else None
                params = net.params if loop.shown is None else loop.shown
                shown: dict[str, Any] = {"test": loop.test} if loop.test is not None else {}
                if loop.test is not None and step % 50 == 49:
                    shown["test_outputs"] = net.predict(loop.test[0])
                doctor.observe(params=params, grads=grads, loss=losses[-1], batch=(x, t),
                               outputs=outputs, lr=loop.lr, loss_of=loss_of, net=shown_net,
                               **shown)  # fmt: skip
    return losses


def quality(loop: Loop) -> float:
    """How far the answers to the training set are off after the run, whatever was minimized."""
    with np.errstate(all="ignore"):
        y = loop.net.predict(loop.x)
        if loop.is_regression:
            return float(np.mean((y - loop.t.reshape(y.shape)) ** 2))
        return float(-np.mean(np.log(y[np.arange(len(y)), loop.t.astype(int)] + 1e-7)))


def fitted(loop: Loop, doctor: Any = None) -> list[float]:
    """The same training by ``mb.fit``, with the doctor as its callback."""
    rule = {"sgd": mb.SGD, "momentum": mb.Momentum, "adam": mb.Adam}[loop.rule](loop.lr)
    size = min(loop.batch_size, len(loop.x))
    history = mb.fit(
        loop.net, (loop.x, loop.t), test=loop.test, optimizer=rule, batch_size=size,
        epochs=max(1, round(loop.steps / np.ceil(len(loop.x) / size))),
        rng=int(loop.rng.integers(1 << 30)), callbacks=[] if doctor is None else [doctor],
    )  # fmt: skip
    return list(history.losses)


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
    if loop.rule == "rmsprop":
        v = state[key] = 0.9 * state.get(key, 0.0) + 0.1 * gradient**2
        return -loop.lr * gradient / (np.sqrt(v) + 1e-7)
    m = state[f"m {key}"] = 0.9 * state.get(f"m {key}", 0.0) + 0.1 * gradient
    v = state[f"v {key}"] = 0.999 * state.get(f"v {key}", 0.0) + 0.001 * gradient**2
    rate = loop.lr * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
    return -rate * m / (np.sqrt(v) + loop.eps)
