"""Plants faults where finite differences are unreliable, so that an excuse is tempting."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradcheck.cases import Planted, Rng, pick
from gradcheck.delicate import AT_INFINITY, CURVES, EDGES, MODES, WAVES

# name: f, f' away from the kink at 0, and the slopes on its left and right
KINKS: dict[str, tuple[Callable, Callable, float, float]] = {
    "|x|": (np.abs, np.sign, -1, 1),
    "relu": (lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0, 0, 1),
    "leaky relu": (lambda x: np.where(x > 0, x, 0.1 * x), lambda x: np.where(x > 0, 1, 0.1),
                   0.1, 1),
    "bent": (lambda x: np.abs(x) * np.exp(x), lambda x: (np.sign(x) + np.abs(x)) * np.exp(x),
             -1, 1),
    "relu times cos": (lambda x: np.maximum(x, 0) * np.cos(x),
                       lambda x: (x > 0) * (np.cos(x) - x * np.sin(x)), 0, 1),
}  # fmt: skip


def outside_a_kink(rng: Rng) -> Planted:
    """A claim just outside the one-sided slopes of a kink."""
    name = pick(rng, list(KINKS))
    f, slope, left, right = KINKS[name]
    share, size = 10.0 ** rng.uniform(-5, -1), 10.0 ** rng.integers(-6, 7)
    claim = right + share if rng.random() < 0.5 else left - share
    offset = size * pick(rng, (0.0, 0.0, 1.0))
    x = np.append(0.0, rng.normal(size=int(rng.integers(0, 4))))
    return Planted(f"{claim} claimed at the kink of {name}", lambda x: size * np.sum(f(x)) + offset,
                   (x,), {"gradient": lambda x: size * np.where(x == 0, claim, slope(x)),
                          "mode": "full"})  # fmt: skip


def at_an_infinite_slope(rng: Rng) -> Planted:
    """A finite claim, or one of the wrong sign, where the slope is infinite."""
    f = pick(rng, (np.sqrt, lambda x: x**0.1, lambda x: -(x**0.7), np.cbrt))
    sign = float(np.sign(f(1.0)))
    claim = sign * pick(rng, (0.0, 1.0, -1.0, 1e3, -np.inf))
    x = np.append(0.0, rng.uniform(0.5, 2, int(rng.integers(0, 3))))
    u = np.maximum(x, 0.1)
    slopes = (f(u + 1e-5) - f(u - 1e-5)) / 2e-5
    return Planted(f"{claim} claimed at {x}", lambda x: np.sum(f(x)), (x,),
                   {"gradient": lambda x: np.where(x == 0, claim, slopes), "mode": "full",
                    "rtol": 1e-6})  # fmt: skip


def infinite(rng: Rng) -> Planted:
    """An infinite claim where the slope is finite."""
    g, slope = WAVES[pick(rng, list(WAVES))]
    x = rng.normal(size=3)
    claim = np.inf * rng.choice([-1, 1])
    return Planted(f"{claim} claimed at {x}", lambda x: np.sum(g(x)), (x,),
                   {"gradient": lambda x: np.append(claim, slope(x[1:])),
                    "mode": pick(rng, MODES)})  # fmt: skip


def at_a_tiny_edge(rng: Rng) -> Planted:
    """A fault next to the edge of a domain, down to 1e-100."""
    name = pick(rng, [name for name in EDGES if name != "x"])
    g, slope = EDGES[name]
    x, share = np.array([10.0 ** -rng.uniform(3, 100)]), pick(rng, (1e-3, -1e-3, 1.0, -0.5))
    return Planted(f"{share} at {x} in {name}", lambda x: np.sum(g(x)), (x,),
                   {"gradient": lambda x: slope(x) * (1 + share),
                    "mode": pick(rng, MODES)})  # fmt: skip


def at_a_tiny_scale(rng: Rng) -> Planted:
    """A fault in a function of x/e near e, for e from 1e-100 to 1e100."""
    name = pick(rng, list(WAVES))
    g, slope = WAVES[name]
    e = 10.0 ** (pick(rng, (-1, 1)) * rng.uniform(0, 100))
    u, share = rng.uniform(0.5, 1.5, int(rng.integers(1, 4))), pick(rng, (1e-3, 1e-4, -1.0, -2.0))
    return Planted(f"{share} in {name} of x/{e:.1g}", lambda x: np.sum(g(x / e)), (u * e,),
                   {"gradient": lambda x: slope(x / e) / e * (1 + share),
                    "mode": pick(rng, MODES)}, ("sign", "zero gradient"))  # fmt: skip


def at_a_perfect_fit(rng: Rng) -> Planted:
    """A nonzero slope claimed where the squared residuals vanish."""
    g, slope = CURVES[pick(rng, list(CURVES))]
    z, size = rng.normal(size=int(rng.integers(1, 6))), 10.0 ** rng.integers(-3, 4)
    off = pick(rng, (1e-3, 1e-6, 1e-9)) * size**2
    q = size * g(z)
    return Planted(f"{off} at a perfect fit", lambda z: np.sum((size * g(z) - q) ** 2), (z,),
                   {"gradient": lambda z: 2 * (size * g(z) - q) * size * slope(z) + off,
                    "mode": pick(rng, MODES)})  # fmt: skip


def of_a_flat_loss(rng: Rng) -> Planted:
    """A gross fault in the gradient of a loss that is flat over the usual steps."""
    w = rng.uniform(0.5, 1.5, 4)
    loss = pick(rng, (
        lambda x: float(np.round(np.sum(w * np.sin(x)), 3)),
        lambda x: float(np.float16(np.sum(w * np.sin(x)))),
        lambda x: float(np.float32(1e4) + np.float32(np.sum(w * np.sin(x)))),
        lambda x: (1e13 + np.sum(w * np.sin(x))) - 1e13,
    ))  # fmt: skip
    x, moves = np.zeros(4), 2e-4 * np.vstack([np.eye(4), -np.eye(4)])
    while x[0] == 0 or any(loss(x + move) != loss(x) for move in moves):
        x = rng.uniform(0.2, 1.2, 4) * rng.choice([-1, 1], 4)
    share = pick(rng, (2.0, 10.0, -1.0))
    return Planted(f"{share} times the gradient of a coarse loss at {x}", loss, (x,),
                   {"gradient": lambda x: share * w * np.cos(x), "mode": "full"},
                   ("sign",))  # fmt: skip


def behind_a_large_constant(rng: Rng) -> Planted:
    """A gross fault in a loss with a constant, of which enough digits are left to show it."""
    name = pick(rng, list(WAVES))
    g, slope = WAVES[name]
    constant = rng.choice([-1, 1]) * 10.0 ** rng.uniform(5, 9)
    x = rng.uniform(0.2, 1.2, int(rng.integers(1, 4)))
    share = pick(rng, (-1.0, 2.0, 0.5, 0.0))
    return Planted(f"{share} times the gradient of {name} at {x}, plus {constant:.1g}",
                   lambda x: np.sum(g(x)) + constant, (x,),
                   {"gradient": lambda x: share * slope(x), "mode": pick(rng, MODES)},
                   ("sign", "zero gradient"))  # fmt: skip


def beside_a_jump(rng: Rng) -> Planted:
    """A fault in the smooth part of a loss that jumps at the point."""
    g, slope = WAVES[pick(rng, list(WAVES))]
    jump = pick(rng, (np.floor, np.ceil, np.sign, lambda x: (x >= 0) * 1.0))
    off = pick(rng, (1.0, -0.5, 1e-2))
    return Planted(f"{off} beside a jump", lambda x: np.sum(jump(x) + g(x)), (np.zeros(1),),
                   {"gradient": lambda x: slope(x) + off, "mode": "full"})  # fmt: skip


def next_to_infinite_entries(rng: Rng) -> Planted:
    """A fault in a finite entry, next to entries that are infinite or missing."""
    name = pick(rng, [name for name in AT_INFINITY if name != "relu"])
    g, slope, values = AT_INFINITY[name]
    fixed = rng.permutation([True, False, bool(rng.random() < 0.5), False])
    x = np.where(fixed, rng.choice(values, 4), rng.uniform(0.5, 1.5, 4))
    share = np.ones(4)
    share[int(pick(rng, np.flatnonzero(~fixed)))] += pick(rng, (1e-3, -1.0, 1.0))
    return Planted(f"{share} times the gradient of {name} at {x}", lambda x: np.sum(g(x)), (x,),
                   {"gradient": lambda x: share * slope(x), "mode": pick(rng, MODES)})  # fmt: skip


KINDS: tuple[Callable[[Rng], Planted], ...] = (
    outside_a_kink, at_an_infinite_slope, infinite, at_a_tiny_edge, at_a_tiny_scale,
    at_a_perfect_fit, of_a_flat_loss, behind_a_large_constant, beside_a_jump,
    next_to_infinite_entries,
)  # fmt: skip
