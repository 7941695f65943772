"""Draws right gradients at points where finite differences are unreliable.

Losses of 0 that are pure rounding error, kinks closer than any step, losses that are flat over the
usual steps, edges of domains down to 1e-100, and unbounded slopes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import mitbadak as mb
from gradcheck.cases import Case, Rng, pick
from gradcheck.nets import PlainNet
from mitbadak import functions as f

MODES = ("full", "full", "directions")


def perfect_fit(rng: Rng) -> Case:
    """Squared residuals that are 0 or of the size of rounding error."""
    off = float(pick(rng, (0.0, 0.0, 1e-15, 1e-12, 1e-9, 1e-7)))
    n_in, n_hidden, n_out, batch = (int(n) for n in rng.integers(1, 7, 4))
    x = rng.normal(size=(batch, n_in)) * pick(rng, (1.0, 10.0, 0.01))
    mode = {"mode": pick(rng, MODES)}
    kind = pick(rng, ("recorded", "plain", "built in", "curve", "curve"))
    if kind == "recorded":
        a, b = rng.normal(size=(n_in, n_hidden)), rng.normal(size=(n_hidden, n_out))
        g = pick(rng, (lambda s: np.maximum(s, 0), np.tanh, f.leaky_relu, f.softplus))
        t = np.asarray(g(x @ a) @ b) + off * rng.normal(size=(batch, n_out))
        return Case(f"recorded fit, off by {off}",
                    lambda a, b: np.mean((g(x @ a) @ b - t) ** 2), (a, b), mode)  # fmt: skip
    if kind == "plain":
        sizes = n_in, n_hidden, n_hidden, n_out
        net = PlainNet(sizes, pick(rng, ("relu", "leaky", "tanh", "sigmoid")), "mean squares", rng)
        t = net.forward(x) + off * rng.normal(size=(batch, n_out))
        return Case(f"plain {net.activation} {sizes} fit, off by {off}", net, (x, t), mode)
    if kind == "built in":
        net = mb.MLP([n_in, n_hidden, n_out], pick(rng, ("relu", "leaky_relu", "tanh")), init=1.0,
                     loss=pick(rng, ("mean_squared_error", "sum_squared_error", "huber")),
                     rng=rng, dtype=np.float64)  # fmt: skip
        t = net.scores(x) + off * rng.normal(size=(batch, n_out))
        return Case(f"{net!r} fit, off by {off}", net, (x, t), mode)
    return _fitted_curve(rng, off)


CURVES: dict[str, tuple[Callable, Callable]] = {
    "3 sin": (lambda z: 3 * np.sin(z), lambda z: 3 * np.cos(z)),
    "exp": (np.exp, np.exp),
    "cube": (lambda z: z**3, lambda z: 3 * z**2),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "affine": (lambda z: 7 * z - 3, lambda z: 7 + 0 * z),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
}


def _fitted_curve(rng: Rng, off: float) -> Case:
    """A curve fitted to its own points, which may be rounded differently."""
    name = pick(rng, list(CURVES))
    g, slope = CURVES[name]
    z = rng.normal(size=int(rng.integers(1, 6)))
    size = 10.0 ** rng.integers(-6, 7)
    q = size * g(z) * (1 + off * rng.normal(size=z.shape))
    if rng.random() < 0.3:
        q = (q / 3) * 3
    mean = pick(rng, (np.sum, np.mean))
    share = 1 if mean is np.sum else 1 / z.size
    return Case(
        f"{size:g} {name} at {z} against itself, off by {off}",
        lambda z: mean((size * g(z) - q) ** 2), (z,),
        {"gradient": lambda z: share * 2 * (size * g(z) - q) * size * slope(z),
         "mode": pick(rng, MODES)},
    )  # fmt: skip


def near_the_kink(rng: Rng) -> Case:
    """ReLUs whose inputs are far smaller than any step, in several kinds of nets."""
    n_in, n_hidden, n_out, batch = (int(n) for n in rng.integers(2, 7, 4))
    x = rng.normal(size=(batch, n_in)) * 10.0 ** -rng.uniform(6, 15)
    mode = {"mode": pick(rng, MODES)}
    kind = pick(rng, ("MLP", "MLP", "Sequential", "plain"))
    if kind == "plain":
        net = PlainNet((n_in, n_hidden, n_hidden, n_out), pick(rng, ("relu", "leaky")),
                       pick(rng, ("mean squares", "cross entropy")), rng)  # fmt: skip
        for k in (1, 2, 3):
            net.params[f"b{k}"][:] = 0
        t = (rng.integers(0, n_out, batch) if net.kind == "cross entropy"
             else rng.normal(size=(batch, n_out)))  # fmt: skip
        return Case(f"plain {net.activation} at {np.abs(x).max():.1g}", net, (x, t), mode)
    activation = pick(rng, ("relu", "relu", "leaky_relu"))
    head = pick(rng, ("softmax_cross_entropy", "mean_squared_error", "sum_squared_error"))
    t = (rng.integers(0, n_out, batch) if head == "softmax_cross_entropy" or rng.random() < 0.5
         else rng.normal(size=(batch, n_out)))  # fmt: skip
    if kind == "MLP":
        sizes = [n_in, *([n_hidden] * int(rng.integers(1, 3))), n_out]
        net = mb.MLP(sizes, activation, loss=head, rng=rng, init=pick(rng, ("auto", 1.0)))
    else:
        first, last = mb.Affine(n_in, n_hidden, rng=rng), mb.Affine(n_hidden, n_out, rng=rng)
        net = mb.Sequential(first, mb.ReLU(), last, loss=mb.MeanSquaredError())
    return Case(f"{net!r} at {np.abs(x).max():.1g}", net, (x, t), mode)


def _cast(dtype) -> Callable:
    return lambda v: v.astype(dtype) if isinstance(v, np.ndarray) else dtype(v)


def coarse(rng: Rng) -> Case:
    """A loss that changes in jumps, some larger than its change over the usual steps."""
    n = int(rng.integers(1, 6))
    x, w = rng.normal(size=n), rng.uniform(0.5, 1.5, n)
    decimals, offset = int(rng.integers(1, 9)), 10.0 ** rng.integers(0, 16)
    single, half = _cast(np.float32), _cast(np.float16)
    losses: dict[str, Callable] = {
        f"float32 plus {offset:g}": lambda x: float(
            single(offset) + single(np.sum(w * np.sin(x)))),
        "float16 at the start": lambda x: float(np.sum(w * np.sin(half(x)))),
        "float16 at the end": lambda x: float(half(np.sum(w * np.sin(x)))),
        "float16 throughout": lambda x: float(np.sum(half(w) * np.sin(half(x)))),
        "float32 in the middle": lambda x: float(np.sum(single(w * np.sin(x)))),
        f"{decimals} decimals": lambda x: float(np.round(np.sum(w * np.sin(x)), decimals)),
        f"x to {decimals} decimals": lambda x: float(np.sum(w * np.sin(np.round(x, decimals)))),
        f"terms to {decimals} decimals": lambda x: float(
            np.sum(np.round(w * np.sin(x), decimals))),
        f"less {offset:g}": lambda x: float((offset + np.sum(w * np.sin(x))) - offset),
        "bytes": lambda x: float(np.sum(np.uint8(100 + 50 * w * np.sin(x)))) / 50,
        "mean in float16": lambda x: float(np.mean(half(w * np.sin(x)))) * n,
    }  # fmt: skip
    name = pick(rng, list(losses))
    return Case(f"{name}, {x}", losses[name], (x,),
                {"gradient": lambda x: w * np.cos(x), "mode": pick(rng, MODES)})  # fmt: skip


def _saturated(rng: Rng) -> Case:
    """Naive logarithms of probabilities that differ from 1 only in their last digits."""
    if rng.random() < 0.5:
        x = rng.uniform(20, 36, 1)
        return Case(f"log(1 - sigmoid) at {x}",
                    lambda x: float(-np.log(1 - 1 / (1 + np.exp(-x[0])))), (x,),
                    {"gradient": lambda x: 1 / (1 + np.exp(-x))})  # fmt: skip
    batch, n_in = (int(n) for n in rng.integers(2, 8, 2))
    x, w = rng.normal(size=(batch, n_in)), rng.normal(size=n_in)
    t, offset = rng.integers(0, 2, batch), np.array([rng.uniform(20, 35)])

    def loss(w, b):
        p = 1 / (1 + np.exp(-(x @ w + b)))
        return float(-np.mean(np.log(np.where(t == 1, p, 1 - p))))

    def gradient(w, b):
        d = (1 / (1 + np.exp(-(x @ w + b))) - t) / batch
        return x.T @ d, np.array([d.sum()])

    if not np.isfinite(loss(w, offset)):
        offset = offset - 10
    return Case(f"logistic regression, offset {offset}", loss, (w, offset),
                {"gradient": gradient, "mode": pick(rng, MODES)})  # fmt: skip


def _single_squares(rng: Rng) -> Case:
    """A linear net whose squared errors are summed in float32 or float16."""
    batch, n_in = int(rng.integers(5, 60)), int(rng.integers(2, 8))
    x, w = rng.normal(size=(batch, n_in)), rng.normal(size=n_in)
    t = x @ w + 10.0 ** rng.uniform(0, 5) * rng.normal(size=batch)
    dtype = pick(rng, (np.float32, np.float32, np.float16))
    if dtype is np.float16:
        t = x @ w + rng.normal(size=batch)
    return Case(
        f"{dtype.__name__} sum of squares, {np.sum((x @ w - t) ** 2):.1e}",
        lambda w: float(np.sum(((x @ w - t) ** 2).astype(dtype), dtype=dtype)), (w,),
        {"gradient": lambda w: 2 * x.T @ (x @ w - t), "mode": pick(rng, MODES)},
    )  # fmt: skip


def coarse_net(rng: Rng) -> Case:
    return pick(rng, (_saturated, _single_squares))(rng)


EDGES: dict[str, tuple[Callable, Callable]] = {
    "log": (np.log, lambda x: 1 / x),
    "-log": (lambda x: -np.log(x), lambda x: -1 / x),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "x log x": (lambda x: x * np.log(x), lambda x: np.log(x) + 1),
    "x^1.5": (lambda x: x**1.5, lambda x: 1.5 * np.sqrt(x)),
    "x^0.1": (lambda x: x**0.1, lambda x: 0.1 * x**-0.9),
    "1/x": (lambda x: 1 / x, lambda x: -1 / x / x),
    "x": (lambda x: x, lambda x: 1 + 0 * x),
    "log2 squared": (lambda x: np.log2(x) ** 2, lambda x: 2 * np.log2(x) / x / np.log(2)),
}


def tiny_edge(rng: Rng) -> Case:
    """A number next to the edge of its domain, down to 1e-100; others are tiny or not."""
    name = pick(rng, list(EDGES))
    g, slope = EDGES[name]
    n = int(rng.integers(1, 4))
    x = 10.0 ** -rng.uniform(0, pick(rng, (20, 40, 100)), n)
    if rng.random() < 0.3:
        x[0] = 10.0 ** -rng.integers(10, 101)
    w = rng.uniform(0.5, 1.5, n)
    args, mode = x if n > 1 else x.reshape(pick(rng, ((), (1,)))), pick(rng, MODES)
    w = w.reshape(args.shape)
    return Case(f"{name} at {args}", lambda x: np.sum(w * g(x)), (args,),
                {"gradient": lambda x: w * slope(x), "mode": mode})  # fmt: skip


WAVES: dict[str, tuple[Callable, Callable]] = {
    "sin": (np.sin, np.cos), "tanh": (np.tanh, lambda u: 1 - np.tanh(u) ** 2),
    "exp": (np.exp, np.exp), "square": (lambda u: u * u, lambda u: 2 * u),
    "softplus": (lambda u: np.logaddexp(0, u), lambda u: 1 / (1 + np.exp(-u))),
}  # fmt: skip


def tiny_scale(rng: Rng) -> Case:
    """A function of x/e near e, for e down to 1e-100 and up to 1e100."""
    name = pick(rng, list(WAVES))
    g, slope = WAVES[name]
    e = 10.0 ** (pick(rng, (-1, -1, 1)) * rng.uniform(0, 100))
    u, w = rng.normal(size=int(rng.integers(1, 4))), rng.uniform(0.5, 1.5)
    return Case(f"{name} of x/{e:.1g} at {u}", lambda x: w * np.sum(g(x / e)), (u * e,),
                {"gradient": lambda x: w * slope(x / e) / e, "mode": pick(rng, MODES)})  # fmt: skip


def large_constant(rng: Rng) -> Case:
    """A loss with a constant from 1e6 to 1e17, which hides more and more of its digits."""
    name = pick(rng, list(WAVES))
    g, slope = WAVES[name]
    constant = rng.choice([-1, 1]) * 10.0 ** rng.uniform(6, 17)
    x = rng.normal(size=int(rng.integers(1, 4))) * pick(rng, (1.0, 1.0, 1e-3, 10.0))
    x[: int(rng.integers(0, 2))] = 0.0
    bend = pick(rng, (0.0, 0.0, 1.0))  # with a kink at 0
    return Case(f"{name} at {x} plus {constant:.1g}, bent by {bend}",
                lambda x: np.sum(g(x) + bend * np.abs(x)) + constant, (x,),
                {"gradient": lambda x: slope(x) + bend * np.sign(x),
                 "mode": pick(rng, MODES)})  # fmt: skip


JUMPING: dict[str, Callable] = {
    "floor": np.floor, "ceil": np.ceil, "sign": np.sign, "step": lambda x: (x >= 0) * 1.0,
    "round": np.round, "remainder": lambda x: np.remainder(x, 1.0) - x,
}  # fmt: skip


def at_a_jump(rng: Rng) -> Case:
    """A jump at the point or next to it, with or without a smooth function added."""
    name = pick(rng, list(JUMPING))
    g, slope = pick(rng, (*WAVES.values(), (lambda x: 0 * x, lambda x: 0 * x)))
    n = int(rng.integers(1, 4))
    x = rng.integers(-2, 3, n) + rng.choice([0.0, 0.5, 1e-15, -1e-12, 1e-9, -1e-6, 1e-4], n)
    size = 10.0 ** rng.integers(-3, 4)
    return Case(f"{size:g} {name} at {x}", lambda x: np.sum(size * JUMPING[name](x) + g(x)), (x,),
                {"gradient": slope, "mode": pick(rng, MODES)})  # fmt: skip


# name: f, f', and the infinite or missing values at which f is finite
AT_INFINITY: dict[str, tuple[Callable, Callable, tuple[float, ...]]] = {
    "exp": (np.exp, np.exp, (-np.inf,)),
    "1/x": (lambda x: 1 / x, lambda x: -1 / x**2, (np.inf, -np.inf)),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2, (np.inf, -np.inf)),
    "softplus": (f.softplus, f.sigmoid, (-np.inf,)),
    "relu": (f.relu, lambda x: (x > 0) * 1.0, (-np.inf,)),
    "gauss": (lambda x: np.exp(-x * x), lambda x: -2 * x * np.exp(-x * x), (np.inf, -np.inf)),
    "sin without NaN": (lambda x: np.sin(x[~np.isnan(x)]), np.cos, (np.nan,)),
}


def infinite_entries(rng: Rng) -> Case:
    """Infinite or missing entries among others, at which the loss is finite nevertheless."""
    n, mode = int(rng.integers(1, 6)), {"mode": pick(rng, MODES)}
    x = rng.normal(size=n)
    if rng.random() < 0.3:  # classes that are masked; the right one is not
        scores = np.append(x, rng.normal(size=2))
        scores[np.append(rng.random(n) < 0.5, [False, False])] = -np.inf
        return Case(f"masked scores {scores}",
                    lambda x: f.softmax_cross_entropy(x, [n]), (scores[None],), mode)  # fmt: skip
    name = pick(rng, list(AT_INFINITY))
    g, slope, values = AT_INFINITY[name]
    fixed = rng.random(n) < 0.5
    x[fixed] = rng.choice(values, n)[fixed]
    return Case(f"{name} at {x}", lambda x: np.sum(g(x)), (x,),
                {"gradient": slope, "rtol": 1e-6} | mode)  # fmt: skip


KINDS: tuple[Callable[[Rng], Case], ...] = (
    perfect_fit, near_the_kink, coarse, coarse_net, tiny_edge, tiny_scale, large_constant,
    at_a_jump, infinite_entries,
)  # fmt: skip
