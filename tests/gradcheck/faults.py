"""Gradients with deliberate faults: the usual mistakes, each in ten nets or functions.

Each fault is placed where it makes a difference: a transposed matrix is square, a mean is over more
than one entry. ``causes`` are the names that the report may give it; some faults have none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import mitbadak as mb
from gradcheck import delicate_faults
from gradcheck.cases import Planted, Rng, pick
from gradcheck.nets import PlainNet

Gradient = dict[str, Any]
VARIANTS = 10


class Changed:
    """A net whose gradient is modified before it is returned."""

    def __init__(self, net: PlainNet, change: Callable[[Gradient, np.ndarray], None]):
        self.net, self.change, self.params = net, change, net.params

    def loss(self, x, t) -> float:
        return self.net.loss(x, t)

    def gradient(self, x, t) -> Gradient:
        g = {name: a.copy() for name, a in self.net.gradient(x, t).items()}
        self.change(g, x)
        return g


def plain(rng: Rng, fault: str = "", **options) -> tuple[PlainNet, tuple]:
    n = int(rng.integers(3, 6))
    sizes = (int(rng.integers(2, 6)), n, n, int(rng.integers(3, 6)))
    loss = options.pop("loss", pick(rng, ("cross entropy", "mean squares")))
    batch = options.pop("batch", int(rng.integers(7, 10)))
    x = rng.normal(size=(batch, sizes[0]))
    t = (rng.integers(0, sizes[-1], batch) if loss == "cross entropy"
         else rng.normal(size=(batch, sizes[-1])))  # fmt: skip
    activation = options.pop("activation", pick(rng, ("sigmoid", "tanh", "relu", "softplus")))
    return PlainNet(sizes, activation, loss, rng, fault=fault, **options), (x, t)


def in_the_net(fault: str, *causes: str, **options) -> Callable[[Rng], Planted]:
    def plant(rng: Rng) -> Planted:
        net, args = plain(rng, fault, **options)
        names = tuple(cause.format(activation=net.activation) for cause in causes)
        return Planted(fault, net, args, {"mode": pick(rng, ("full", "directions"))}, names)

    return plant


def in_the_result(
    fault: str, change: Callable[[Gradient, np.ndarray, Rng], None], *causes: str, **options
) -> Callable[[Rng], Planted]:
    modes = options.pop("modes", ("full", "directions"))

    def plant(rng: Rng) -> Planted:
        seed = int(rng.integers(2**31))
        net, args = plain(rng, **options)
        changed = Changed(net, lambda g, x: change(g, x, np.random.default_rng(seed)))
        return Planted(fault, changed, args, {"mode": pick(rng, modes)}, causes)

    return plant


def name_of_one(g: Gradient, rng: Rng) -> str:
    return pick(rng, [name for name in sorted(g) if np.any(g[name])])


def scale_one(share: float) -> Callable:
    def change(g: Gradient, x: np.ndarray, rng: Rng) -> None:
        g[name_of_one(g, rng)] *= 1 + share

    return change


def scale_entry(share: float) -> Callable:
    def change(g: Gradient, x: np.ndarray, rng: Rng) -> None:
        a = g[name_of_one(g, rng)]
        where = np.flatnonzero(np.abs(a) > 1e-2 * np.abs(a).max())
        a.flat[pick(rng, where)] *= 1 + share

    return change


def set_one(value: float) -> Callable:
    def change(g: Gradient, x: np.ndarray, rng: Rng) -> None:
        g[name_of_one(g, rng)][...] = value

    return change


def set_entry(value: float) -> Callable:
    def change(g: Gradient, x: np.ndarray, rng: Rng) -> None:
        a = g[name_of_one(g, rng)]
        a.flat[int(rng.integers(a.size))] = value

    return change


def negate(g: Gradient, x: np.ndarray, rng: Rng) -> None:
    for name in pick(rng, (list(g), [name_of_one(g, rng)])):
        g[name] *= -1


def transpose(g: Gradient, x: np.ndarray, rng: Rng) -> None:
    g["W2"] = g["W2"].T.copy()


def shift_columns(g: Gradient, x: np.ndarray, rng: Rng) -> None:
    name = pick(rng, ("W1", "W2", "W3"))
    g[name] = np.roll(g[name], 1, axis=1)


def last_column_missing(g: Gradient, x: np.ndarray, rng: Rng) -> None:
    g[pick(rng, ("W2", "W3"))][:, -1] = 0


def swap_layers(g: Gradient, x: np.ndarray, rng: Rng) -> None:
    g["b1"], g["b2"] = g["b2"], g["b1"]


def forget_bias(g: Gradient, x: np.ndarray, rng: Rng) -> None:
    del g["b2"]


def to_float32(g: Gradient, x: np.ndarray, rng: Rng) -> None:
    for name in g:
        g[name] = g[name].astype(np.float32)


def add_a_constant(g: Gradient, x: np.ndarray, rng: Rng) -> None:
    g["b3"] = g["b3"] + 0.01 * np.mean(x)


def batch_norm(missing: str) -> Callable[[Rng], Planted]:
    """Batch normalization by hand, with one path of its gradient left out."""

    def plant(rng: Rng) -> Planted:
        x, w = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))

        def loss(x):
            c = x - x.mean(axis=0)
            return np.sum(w * c / np.sqrt(np.mean(c * c, axis=0) + 1e-5))

        def gradient(x):
            c = x - x.mean(axis=0)
            s = np.sqrt(np.mean(c * c, axis=0) + 1e-5)
            d = w / s
            if missing != "variance":
                d = d - c * np.mean(w * c, axis=0) / s**3
            return d if missing == "mean" else d - (w / s).mean(axis=0)

        return Planted(
            f"batch norm, {missing} path missing",
            loss,
            (x,),
            {"gradient": gradient, "mode": pick(rng, ("full", "directions"))},
        )

    return plant


def detached(rng: Rng) -> Planted:
    x, a = rng.normal(size=4), rng.uniform(0.5, 2, 4)
    pairs = [
        (lambda x: np.sum(a * x * np.sin(x)), lambda x: a * np.sin(x)),
        (lambda x: np.sum(a * x * x), lambda x: a * x),
        (lambda x: np.sum(np.exp(a * x) * x), lambda x: a * np.exp(a * x) * x),
        (lambda x: np.mean(np.tanh(x) ** 2 + a * x), lambda x: a / 4),
    ]
    loss, gradient = pick(rng, pairs)
    return Planted("detached branch", loss, (x,), {"gradient": gradient})


def at_an_edge(rng: Rng) -> Planted:
    """A fault of 0.1% that only a small or one-sided h can detect."""
    pairs = [
        (np.log, lambda x: 1 / x, 10 ** rng.uniform(-9, -2, 3)),
        (np.sqrt, lambda x: 0.5 / np.sqrt(x), 10 ** rng.uniform(-9, -2, 3)),
        (lambda x: x**1.5, lambda x: 1.5 * np.sqrt(x), np.array([0.01, 1e-4, 1.0])),
        (lambda x: x * np.log(x), lambda x: np.log(x) + 1, 10 ** rng.uniform(-7, -2, 3)),
    ]
    g, slope, x = pick(rng, pairs)
    wrong = rng.permutation([1.001, 1.0, 1.0])
    return Planted(
        f"0.1% at the edge of a domain, {x}",
        lambda x: np.sum(g(x)),
        (x,),
        {"gradient": lambda x: slope(x) * wrong},
    )


def at_a_kink(rng: Rng) -> Planted:
    """A wrong slope next to a kink, or one at it that is outside the one-sided slopes."""
    near = float(pick(rng, (0.0, 1e-12, 1e-9, 1e-6, 1e-3)))
    x = np.array([near, 1.0, -1.0])
    claims = pick(rng, ((1.5, 1.0, 0.0), (-0.4, 1.0, 0.0), (0.0, 1.001, 0.0)))
    return Planted(f"kink at {near}, claimed {claims}", lambda x: np.sum(np.maximum(x, 0)), (x,),
                   {"gradient": lambda x: np.where(np.arange(3) == 0, claims[0], (x > 0)
                                                   * np.array(claims))})  # fmt: skip


def leaning(rng: Rng) -> Planted:
    """A possible slope at a kink, and a wrong one next to it."""
    share = float(rng.uniform(0.01, 0.9))
    return Planted(
        "leaning kink",
        lambda x: np.sum(np.maximum(x, 0)),
        (np.array([0.0, 1.0]),),
        {"gradient": lambda x: np.where(x > 0, 1.0, share)},
    )


def tiny_or_huge(rng: Rng) -> Planted:
    size, stretch = 10.0 ** rng.integers(-12, 13), 10.0 ** rng.integers(-12, 13)
    x, share = rng.uniform(0.5, 2, 4) / stretch, pick(rng, (1e-3, 1e-5))
    return Planted(
        f"{share:g} at scale {size:g}, stretched by {stretch:g}",
        lambda x: size * np.sum(np.sin(x * stretch)), (x,),
        {"gradient": lambda x: size * stretch * np.cos(x * stretch) * (1 + share)},
    )  # fmt: skip


def of_a_coarse_loss(rng: Rng) -> Planted:
    x, single = rng.normal(size=4), np.float32
    x += np.sign(x) * 0.2
    return Planted(
        "1% off for a float32 loss",
        lambda x: float(np.sum(np.cos(x.astype(single)))),
        (x,),
        {"gradient": lambda x: -np.sin(x) * 1.01},
    )


class FaultyMLP(mb.MLP):
    """A built-in net with a modified gradient."""

    change: Callable[[Gradient], Gradient] = staticmethod(lambda g: g)

    def gradient(self, x, t, **mode) -> Gradient:
        return type(self).change(super().gradient(x, t, **mode))


def built_in(rng: Rng) -> Planted:
    """Built-in nets: plain, with dropout, or with batch normalization."""
    share, name = pick(rng, (1e-3, 1e-5)), pick(rng, ("W1", "W2", "b2"))
    net_of = type("Faulty", (FaultyMLP,), {
        "change": staticmethod(lambda g: g | {name: g[name] * (1 + share)})})  # fmt: skip
    extra = pick(rng, ({}, {}, {"dropout": 0.3}, {"batch_norm": True}))
    net = net_of([4, 5, 3], pick(rng, ("sigmoid", "relu", "gelu")), init=1.0, rng=rng, **extra)
    return Planted(
        f"{share:g} in {name} of {net!r}",
        net,
        (rng.normal(size=(7, 4)), rng.integers(0, 3, 7)),
        {"mode": pick(rng, ("full", "directions")), "training": bool(extra)},
    )


def copied_parameter(rng: Rng) -> Planted:
    """A layer that keeps its own copy of an array in ``params``."""
    net, args = plain(rng)
    inner, own_W = net.loss, net.params["W2"].copy()

    def loss(x, t):
        shown = net.params["W2"]
        net.params["W2"] = own_W
        try:
            return inner(x, t)
        finally:
            net.params["W2"] = shown

    net.loss = loss  # type: ignore[method-assign]
    return Planted("parameter copied", net, args, {}, ("parameter not read",))


KINDS: tuple[Callable[[Rng], Planted], ...] = (
    in_the_result("wrong by 0.1%", scale_one(1e-3)),
    in_the_result("wrong by 1e-5", scale_one(1e-5)),
    in_the_result("one entry wrong by 0.1%", scale_entry(1e-3), modes=("full",)),
    in_the_result("one entry wrong by half", scale_entry(0.5)),
    in_the_result("sign", negate, "sign"),
    in_the_result("gradient transposed", transpose, "transpose"),
    in_the_result("columns off by one", shift_columns),
    in_the_result("last column missing", last_column_missing, activation="tanh"),
    in_the_result("layers swapped", swap_layers),
    in_the_result("bias missing", forget_bias),
    in_the_result("NaN in an entry", set_entry(np.nan)),
    in_the_result("infinity in an entry", set_entry(np.inf)),
    in_the_result("zero in one parameter", set_one(0.0), "zero gradient"),
    in_the_result("float32 in the gradient", to_float32, modes=("full",)),
    in_the_result("constant added", add_a_constant),
    in_the_net("transpose", "transpose"),
    in_the_net("missing 1/batch", "missing 1/batch", loss="cross entropy"),
    in_the_net("sum for mean", "sum for mean", loss="mean squares"),
    in_the_net("one half", "one half", loss="mean squares"),
    in_the_net("missing activation derivative", "missing derivative of the {activation}"),
    in_the_net("wrong activation derivative"),
    in_the_net("derivative of the wrong layer", activation="tanh"),
    in_the_net("wrong label", loss="cross entropy"),
    in_the_net("missing weight decay", "missing weight decay", decay=0.01),
    in_the_net("dropout mask missing", masked=True, activation="sigmoid"),
    in_the_net("stale cache", "stale cache"),
    batch_norm("mean"), batch_norm("variance"), detached, at_an_edge, at_a_kink, leaning,
    tiny_or_huge, of_a_coarse_loss, built_in, copied_parameter,
    *delicate_faults.KINDS,
)  # fmt: skip


def plant(kind: int, variant: int) -> Planted:
    """A fault; there are any number of variants of each kind."""
    return KINDS[kind](np.random.default_rng([kind, variant]))


def outcome(planted: Planted) -> str:
    """Whether a fault was missed, and whether the report names it, misnames it or does not."""
    report = planted.check()
    if report.ok:
        return "missed"
    names = {cause.name for cause in report.causes}
    if not names:
        return "not named"
    return "named" if names <= set(planted.causes) else "misnamed"


def survey(variants) -> dict[str, list[str]]:
    """The labels by outcome."""
    outcomes: dict[str, list[str]] = {}
    for kind in range(len(KINDS)):
        for variant in variants:
            planted = plant(kind, variant)
            outcomes.setdefault(outcome(planted), []).append(f"{kind}/{variant} {planted.label}")
    return outcomes


if __name__ == "__main__":
    import sys

    outcomes = survey(range(*map(int, sys.argv[1:])))
    for name in ("missed", "misnamed"):
        print(name, *outcomes.get(name, []), sep="\n  ")
    print({name: len(labels) for name, labels in outcomes.items()})
