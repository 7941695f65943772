"""Draws right gradients of every kind, at points where a checker may raise a false alarm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import mitbadak as mb
from gradcheck import delicate
from gradcheck.cases import Case, Rng, pick
from gradcheck.nets import LayeredNet, PlainNet, Regression
from mitbadak import functions as f
from mitbadak.nn.activations import ACTIVATIONS
from mitbadak.nn.heads import HEADS

OF_NUMBERS = tuple(name for name, kind in HEADS.items() if kind.for_regression)
SQUARED = tuple(name for name in OF_NUMBERS if HEADS[name].one_half is not None)
NASTY = (0.0, 1e-15, 1e-12, 1e-9, 1e-7, 1e-5, 1e-4, 1e-3, 0.5, 1.0, 3.0, 20.0)


def batch_of(rng: Rng, batch: int, n_in: int) -> np.ndarray:
    """Inputs; sometimes with dead columns, equal rows, or zeros."""
    x = rng.normal(size=(batch, n_in)) * pick(rng, (1.0, 1.0, 1e-3, 10.0))
    if rng.random() < 0.3:
        x[:, rng.random(n_in) < 0.4] = 0
    if rng.random() < 0.2:
        x[:] = x[0]
    if rng.random() < 0.1:
        x = np.abs(x)
    return x.astype(pick(rng, (np.float64, np.float32)))


def labels(rng: Rng, head: str, batch: int, n_out: int) -> np.ndarray:
    if head == "sigmoid_cross_entropy":
        return rng.integers(0, 2, (batch, n_out))
    if HEADS[head].for_regression and rng.random() < 0.5:
        return rng.normal(size=(batch, n_out)) * pick(rng, (1.0, 1e-6, 1e3))
    return rng.integers(0, n_out, batch)


def built_in_net(rng: Rng) -> Case:
    """An MLP with any activation, head, initialization and scale, in either mode."""
    sizes = [int(n) for n in rng.integers(1, 7, rng.integers(2, 5))]
    sizes[-1] = max(sizes[-1], 2)
    activation, head = pick(rng, tuple(ACTIVATIONS)), pick(rng, tuple(HEADS))
    init = pick(rng, ("auto", "zeros", 1.0, 0.01, 1e-6, 10.0))
    net = mb.MLP(sizes, activation, init=init, loss=head, rng=rng,
                 dtype=pick(rng, (np.float32, np.float64)))  # fmt: skip
    batch = int(rng.integers(1, 8))
    return Case(f"MLP {sizes} {activation} {head} init={init}", net,
                (batch_of(rng, batch, sizes[0]), labels(rng, head, batch, sizes[-1])),
                {"mode": pick(rng, ("full", "full", "directions"))})  # fmt: skip


def modal_net(rng: Rng) -> Case:
    """A net with Dropout or BatchNorm, in training or in evaluation mode."""
    sizes = [int(n) for n in rng.integers(2, 6, 3)]
    net = mb.MLP(sizes, pick(rng, tuple(ACTIVATIONS)), init=1.0, rng=rng,
                 dropout=pick(rng, (0.0, 0.4)), batch_norm=bool(rng.random() < 0.7))  # fmt: skip
    batch = int(rng.integers(3, 9))
    x, t = rng.normal(size=(batch, sizes[0])), rng.integers(0, sizes[-1], batch)
    return Case(f"modal {net!r}", net, (x, t), {"training": bool(rng.random() < 0.7)})


def started_at_zero(rng: Rng) -> Case:
    """A net with all parameters, or those of the first layer, at zero."""
    n_in, n_out, batch = (int(n) for n in rng.integers(2, 6, 3))
    x, t = batch_of(rng, batch, n_in), rng.integers(0, n_out, batch)
    if rng.random() < 0.5:
        return Case(
            "softmax regression from 0",
            Regression("softmax", np.zeros((n_in, n_out)), np.zeros(n_out)),
            (x, t),
        )
    net = mb.MLP([n_in, 4, n_out], pick(rng, tuple(ACTIVATIONS)), init=1.0, rng=rng)
    for name in pick(rng, (["W1"], ["W2"], ["W1", "W2"], ["W1", "b1"])):
        net.params[name] = np.zeros_like(net.params[name])
    return Case(f"{net!r} with zeros", net, (x, t))


def operation(rng: Rng) -> Case:
    """A built-in operation at difficult points."""
    shape = int(rng.integers(1, 4)), int(rng.integers(2, 5))
    x = rng.choice(NASTY, shape) * rng.choice([-1.0, 1.0], shape)
    x = x.astype(pick(rng, (np.float64, np.float32)))
    name = pick(rng, (*ACTIVATIONS, "softmax", "log_softmax", "softmax_cross_entropy",
                      *OF_NUMBERS))  # fmt: skip
    args: tuple = (x,)
    if name == "softmax_cross_entropy":
        args = (x, rng.integers(0, shape[1], shape[0]))
    elif name in OF_NUMBERS:
        args = (x, x + rng.choice([0.0, 1e-9, 1.0, -1.0, 0.5], shape))
    return Case(f"{name} at {x.ravel()}", getattr(f, name), args)


def _power(p: float) -> tuple[Callable, Callable]:
    return lambda x: x**p, lambda x: p * x ** (p - 1)


# name: f, f', and a function that draws points of its domain
FUNCTIONS: dict[str, tuple[Callable, Callable, Callable[[Rng, int], np.ndarray]]] = {
    "sin": (np.sin, np.cos, lambda g, n: g.normal(size=n) * pick(g, (1.0, 1e-9, 30.0))),
    "cos": (np.cos, lambda x: -np.sin(x), lambda g, n: np.pi * g.integers(-2, 3, n)),
    "exp": (np.exp, np.exp, lambda g, n: g.uniform(-30, 30, n)),
    "log": (np.log, lambda x: 1 / x, lambda g, n: 10 ** g.uniform(-12, 3, n)),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x), lambda g, n: 10 ** g.uniform(-12, 3, n)),
    "sqrt from 0": (np.sqrt, lambda x: 0.5 / np.sqrt(x), lambda g, n: g.integers(0, 3, n) * 1.0),
    "reciprocal": (lambda x: 1 / x, lambda x: -(x**-2.0),
                   lambda g, n: g.choice([-1, 1], n) * 10 ** g.uniform(-8, 8, n)),
    "arcsin": (np.arcsin, lambda x: 1 / np.sqrt(1 - x * x),
               lambda g, n: 1 - 10 ** g.uniform(-6, 0, n)),
    "log1p": (np.log1p, lambda x: 1 / (1 + x), lambda g, n: 10 ** g.uniform(-9, 1, n) - 1),
    "entropy": (lambda x: x * np.log(x), lambda x: np.log(x) + 1,
                lambda g, n: 10 ** g.uniform(-9, 1, n)),
    "x^1.5 from 0": (*_power(1.5), lambda g, n: g.integers(0, 3, n) * 1e-3),
    "x^2.5 from 0": (*_power(2.5), lambda g, n: g.integers(0, 3, n) * 1.0),
    "x^3": (*_power(3.0), lambda g, n: g.normal(size=n) * pick(g, (1.0, 1e-4, 1e4))),
    "|x|": (np.abs, np.sign, lambda g, n: g.choice(NASTY, n) * g.choice([-1, 1], n)),
    "max(x, 0)": (lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0,
                  lambda g, n: g.choice(NASTY, n) * g.choice([-1, 1], n)),
    "clip": (lambda x: np.clip(x, -1, 1), lambda x: (np.abs(x) <= 1) * 1.0,
             lambda g, n: g.choice([-1.0, 1.0, 0.3, 1 + 1e-9, 1 - 1e-6, 2.0], n)),
    "floor": (lambda x: np.floor(x) + x, lambda x: np.ones_like(x),
              lambda g, n: g.choice([0.0, 1.0, 1e-9, 0.5, 1 - 1e-6], n)),
    "tan": (np.tan, lambda x: 1 / np.cos(x) ** 2,
            lambda g, n: np.pi / 2 - 10 ** g.uniform(-5, 0, n)),
    "(x - c)^2": (lambda x: (x - 1) ** 2, lambda x: 2 * (x - 1),
                  lambda g, n: 1 + g.choice([0.0, 1e-9, 1e-5, 1.0], n)),
    "x^4": (*_power(4.0), lambda g, n: g.choice([0.0, 1e-5, 1e-3, 0.1], n)),
    "log cosh": (lambda x: np.logaddexp(x, -x), np.tanh, lambda g, n: g.normal(size=n) * 10),
    "sinc": (np.sinc, lambda x: np.cos(np.pi * x) / x - np.sin(np.pi * x) / (np.pi * x * x),
             lambda g, n: g.uniform(0.1, 3, n)),
}  # fmt: skip


def function(rng: Rng) -> Case:
    """A function with its gradient by hand, stretched, scaled and shifted."""
    name = pick(rng, list(FUNCTIONS))
    g, slope, points = FUNCTIONS[name]
    n = int(rng.integers(1, 5))
    u = np.asarray(points(rng, n), np.float64)
    stretch = 2.0 ** int(pick(rng, (0, 0, 0, 40, -40, 10, -10)))
    factor = float(10.0 ** pick(rng, (0, 0, 0, 12, -12, 5, -5)))
    offset = factor * pick(rng, (0.0, 0.0, 1.0, 100.0))
    w = rng.uniform(0.5, 1.5, n)
    with np.errstate(all="ignore"):
        if not np.isfinite(g(u)).all():
            u = np.abs(u) + 0.5
    return Case(
        f"{name} at {u} stretched by {stretch:g}, times {factor:g} plus {offset:g}",
        lambda x: np.sum(w * g(x * stretch)) * factor + offset, (u / stretch,),
        {"gradient": lambda x: w * slope(x * stretch) * stretch * factor,
         "mode": pick(rng, ("full", "full", "directions"))},
    )  # fmt: skip


def recorded(rng: Rng) -> Case:
    """A function that variables record."""
    n = int(rng.integers(2, 5))
    x = rng.choice([*NASTY, 2.5], n) * rng.choice([-1.0, 1.0], n)
    y, W = rng.normal(size=n), rng.normal(size=(n, 3))
    t = rng.integers(0, 3, 1)
    choices: list[tuple[str, Callable, tuple]] = [
        ("sin y^2", lambda x, y: np.sum(np.sin(x) * y * y), (x, y)),
        ("exp", lambda x: np.sum(np.exp(-x * x)), (x,)),
        ("abs", lambda x: np.sum(np.abs(x) * y), (x,)),
        ("maximum", lambda x, y: np.sum(np.maximum(x, y)), (x, y)),
        ("maximum of equals", lambda x: np.sum(np.maximum(x, x0)), (x,)),
        ("max", lambda x: np.max(x), (x,)),
        ("affine", lambda x, W: f.softmax_cross_entropy(np.reshape(x, (1, -1)) @ W, t), (x, W)),
        ("cross entropy", lambda p: f.cross_entropy_error(p, t),
         (np.array([pick(rng, ([1e-3, 0.5, 0.499], [1e-9, 1e-3, 0.999], [0.0, 0.5, 0.5]))]),)),
        ("log", lambda x: np.sum(np.log(np.abs(x) + 1e-3)), (x,)),
        ("quotient", lambda x, y: np.sum(x / (1 + y * y)), (x, y)),
        ("float32", lambda x: np.sum(np.tanh(x)), (x.astype(np.float32),)),
    ]  # fmt: skip
    x0 = x.copy()
    name, g, args = pick(rng, choices)
    return Case(f"recorded {name} at {args}", g, args)


def foreign_net(rng: Rng) -> Case:
    """A plain class; float32 parameters or inputs, weight decay, masks, several scales."""
    n_in, n_first, n_second, n_out = (int(n) for n in rng.integers(2, 6, 4))
    sizes = n_in, n_first, n_second, n_out
    loss = pick(rng, ("cross entropy", "mean squares"))
    batch = int(rng.integers(1, 8))
    x = batch_of(rng, batch, sizes[0])
    t = (rng.integers(0, sizes[-1], batch) if loss == "cross entropy"
         else rng.normal(size=(batch, sizes[-1])))  # fmt: skip
    net = PlainNet(sizes, pick(rng, ("sigmoid", "tanh", "relu", "softplus")), loss, rng,
                   decay=pick(rng, (0.0, 0.0, 1e-3)), scale=pick(rng, (1.0, 1.0, 0.0, 1e-3, 3.0)),
                   dtype=pick(rng, (np.float64, np.float32)),
                   masked=bool(rng.random() < 0.3))  # fmt: skip
    return Case(f"plain net {sizes} {net.activation} {loss}", net, (x, t),
                {"mode": pick(rng, ("full", "full", "directions"))})  # fmt: skip


def layered_net(rng: Rng) -> Case:
    """Layers that share the arrays of ``params``."""
    n_in, n_hidden, n_out, batch = (int(n) for n in rng.integers(2, 7, 4))
    return Case(
        "layered net",
        LayeredNet(n_in, n_hidden, n_out, rng),
        (batch_of(rng, batch, n_in), rng.integers(0, n_out, batch)),
    )


class Penalized(mb.MLP):
    """A subclass that overrides the loss."""

    def loss(self, x, t, **mode) -> float:
        return super().loss(x, t, **mode) + 0.05 * sum(
            float(np.sum(p**2)) for p in self.params.values()
        )

    def gradient(self, x, t, **mode) -> dict[str, Any]:
        g = super().gradient(x, t, **mode)
        return {name: g[name] + 0.1 * p for name, p in self.params.items()}


def penalized_net(rng: Rng) -> Case:
    sizes = [int(n) for n in rng.integers(2, 6, 3)]
    batch = int(rng.integers(1, 6))
    return Case(
        "penalized net",
        Penalized(sizes, init=1.0, rng=rng),
        (batch_of(rng, batch, sizes[0]), rng.integers(0, sizes[-1], batch)),
    )


def zero_loss(rng: Rng) -> Case:
    """A loss of exactly or nearly 0: a perfect fit, a large margin, targets from the net."""
    n_in, n_out, batch = (int(n) for n in rng.integers(1, 5, 3))
    kind = pick(rng, ("hinge", "least squares", "absolute", "logistic", "softmax"))
    W, b = rng.integers(-3, 4, (n_in, n_out)) * 1.0, rng.integers(-2, 3, n_out) * 1.0
    x = rng.integers(-3, 4, (batch, n_in)) * 1.0
    net = Regression(kind, W, b)
    s = x @ W + b
    if kind == "softmax":
        net.params = {"W": 40 * W, "b": 40 * b}
        return Case("confident softmax", net, (x, np.argmax(s, axis=1)))
    if kind == "logistic":
        net.params = {"W": 40 * W, "b": 40 * b}
        return Case("confident logistic", net, (x, (s > 0) * 1.0))
    if kind == "hinge":
        return Case("hinge", net, (x, (s > 0) * 1.0))
    return Case(kind, net, (x, s + rng.choice([0.0, 0.0, 1e-12, 1e-6], s.shape)))


def coarse_loss(rng: Rng) -> Case:
    """A loss that is partly computed in float32, with a gradient in float64."""
    n = int(rng.integers(1, 6))
    x, w = rng.normal(size=n), rng.uniform(0.5, 1.5, n)
    single = np.float32
    losses: dict[str, Callable] = {
        "the end": lambda x: float(single(np.sum(w * np.sin(x)))),
        "the start": lambda x: float(np.sum(w * np.sin(x.astype(single)))),
        "the middle": lambda x: float(np.sum(w * np.sin(x).astype(single))),
        "all": lambda x: float(np.sum(w.astype(single) * np.sin(x.astype(single)))),
    }
    name = pick(rng, list(losses))
    return Case(
        f"float32 at {name}, {x}", losses[name], (x,), {"gradient": lambda x: w * np.cos(x)}
    )


def float32_gradient(rng: Rng) -> Case:
    """A float32 gradient of a float32 subject."""
    n = int(rng.integers(1, 6))
    x = rng.normal(size=n).astype(np.float32)
    return Case(
        "float32 gradient",
        lambda x: np.sum(np.sin(x)),
        (x,),
        {"gradient": lambda x: np.cos(x).astype(np.float32)},
    )


def kinked_net(rng: Rng) -> Case:
    """Pre-activations of a ReLU net exactly at the kink, or next to it."""
    n_in, n_hidden, n_out, batch = (int(n) for n in rng.integers(2, 5, 4))
    x = rng.integers(-2, 3, (batch, n_in)) * 1.0
    net = mb.MLP([n_in, n_hidden, n_out], pick(rng, ("relu", "leaky_relu")), init=1.0, rng=rng,
                 loss=pick(rng, ("softmax_cross_entropy", *SQUARED)), dtype=np.float64)  # fmt: skip
    W = rng.integers(-2, 3, (n_in, n_hidden)) * 1.0
    net.params["W1"] = W
    off = rng.choice([0.0, 1e-15, 1e-12, 1e-10, 1e-9, 1e-7, 1e-5], n_hidden)
    net.params["b1"] = -(x[0] @ W) + off * rng.choice([-1, 1], n_hidden)
    return Case(f"kinks at {off}", net, (x, rng.integers(0, n_out, batch)),
                {"mode": pick(rng, ("full", "full", "directions"))})  # fmt: skip


def scaled_net(rng: Rng) -> Case:
    """A regression whose inputs, weights and targets are tiny or huge together."""
    n_in, n_out, batch = (int(n) for n in rng.integers(1, 5, 3))
    of_x, of_W = 10.0 ** rng.integers(-12, 13), 10.0 ** rng.integers(-12, 13)
    x, W = of_x * rng.normal(size=(batch, n_in)), of_W * rng.normal(size=(n_in, n_out))
    b = of_x * of_W * rng.normal(size=n_out)
    t = x @ W + of_x * of_W * rng.normal(size=(batch, n_out))
    kind = pick(rng, ("least squares", "absolute"))
    return Case(f"{kind} at x {of_x:g} W {of_W:g}", Regression(kind, W, b), (x, t))


KINDS: tuple[Callable[[Rng], Case], ...] = (
    built_in_net, built_in_net, modal_net, started_at_zero, operation, function, function, function,
    recorded, foreign_net, layered_net, penalized_net, zero_loss, coarse_loss, float32_gradient,
    kinked_net, kinked_net, scaled_net, *delicate.KINDS,
)  # fmt: skip


def draw(seed: int) -> Case:
    """A right gradient; the kinds alternate."""
    case = KINDS[seed % len(KINDS)](np.random.default_rng(seed))
    case.label = f"seed {seed}: {case.label}"
    return case


def false_alarms(seeds) -> list[str]:
    """Reports that call a right gradient wrong, and refusals to check one."""
    alarms = []
    for seed in seeds:
        case = draw(seed)
        try:
            report = case.check()
        except Exception as refusal:
            alarms.append(f"{case.label}\n{type(refusal).__name__}: {refusal}")
            continue
        alarms += [f"{case.label}\n{report}"] if not report.ok else []
    return alarms


if __name__ == "__main__":
    import sys

    seeds = range(*map(int, sys.argv[1:]))
    alarms = false_alarms(seeds)
    print("\n\n".join(alarms))
    print(f"{len(alarms)} false alarms in {len(seeds)}")
