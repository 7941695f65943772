"""What is trained: nets, data, initial values and batches, the same for every peer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mitbadak.data import mnist_datasets

BEST = "best"  # in a goal: the fastest peer
SHIFTS = tuple((down, right) for down in (0, 1, -1) for right in (0, 1, -1))
SIDE = 28


@dataclass(frozen=True)
class Case:
    """One kind of training.

    Attributes:
        widths, activation, optimizer, lr, batch: of the training.
        steps: per timed turn.
        dense: random inputs without zeros instead of MNIST.
        images: how many there are to draw from; beyond MNIST's by shifting them.
        cores: the settings it is measured on.
        goals: setting, peer, how much slower it must be at least, and is hoped to be.
    """

    name: str
    widths: tuple[int, ...] = (784, 50, 10)
    activation: str = "sigmoid"
    optimizer: str = "sgd"
    lr: float = 0.1
    batch: int = 100
    steps: int = 300
    dense: bool = False
    images: int = 60_000
    cores: tuple[str, ...] = ("one",)
    goals: tuple[tuple[str, str, float, float], ...] = (("one", "jax_scan", 1.2, 2.0),)


BOTH = ("one", "all")
WITHIN_TEN_PERCENT = tuple((label, BEST, 0.9, 1.0) for label in BOTH)
CASES = {
    case.name: case
    for case in (
        Case(
            "784-50-10",
            cores=BOTH,
            goals=(
                ("one", "jax_scan", 1.5, 2.5),
                ("one", "sklearn", 3.0, 5.0),
                ("one", "torch", 3.5, 6.0),
                ("one", "book", 5.0, 9.0),
                ("all", "jax_scan", 1.5, 3.0),
            ),
        ),
        Case("784-50-100-10", widths=(784, 50, 100, 10)),
        Case("relu", activation="relu"),
        Case("adam", optimizer="adam", lr=0.001),
        Case("batch 32", batch=32, steps=600),
        Case("batch 1000", batch=1000, steps=60),
        Case("dense", dense=True, cores=BOTH, goals=WITHIN_TEN_PERCENT),
        Case(
            "wide 784-1024-512-10",
            widths=(784, 1024, 512, 10),
            batch=256,
            steps=20,
            cores=BOTH,
            goals=WITHIN_TEN_PERCENT,
        ),
    )
}


@dataclass(frozen=True)
class Material:
    """Inputs as bytes (where they are pixels) and as floats, labels, and initial values."""

    pixels: np.ndarray | None
    x: np.ndarray
    t: np.ndarray
    params: list[np.ndarray]


def material(case: Case) -> Material:
    rng = np.random.default_rng(1984)
    if case.dense:
        x = rng.random((20_000, 784), dtype=np.float32)
        t = mnist_datasets()[0].t[: len(x)]
        return Material(None, x, t.astype(np.int64), initial_values(case, rng))
    pixels = np.empty((case.images, SIDE * SIDE), np.uint8)
    t, done = np.empty(case.images, np.int64), 0
    for block, labels in shifted_mnist(case.images):
        pixels[done : done + len(block)] = block.reshape(len(block), -1)
        t[done : done + len(block)] = labels
        done += len(block)
    return Material(pixels, pixels / np.float32(255), t, initial_values(case, rng))


def initial_values(case: Case, rng: np.random.Generator) -> list[np.ndarray]:
    """W1, b1, W2, b2 and so on: He's weights for ReLU, otherwise Glorot's; biases 0."""
    params = []
    for n_in, n_out in pairwise(case.widths):
        scale = np.sqrt(2 / (n_in if case.activation == "relu" else n_in + n_out))
        params.append((scale * rng.standard_normal((n_in, n_out))).astype(np.float32))
        params.append(np.zeros(n_out, np.float32))
    return params


def order_of(case: Case, n: int) -> np.ndarray:
    """The examples of each batch of one turn, shape (steps, batch)."""
    order = np.random.default_rng(1984).permutation(n)
    return np.resize(order, case.steps * case.batch).reshape(case.steps, case.batch)


def shifted_mnist(images: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """MNIST again and again, each time shifted by up to one pixel, until there are enough.

    Yields:
        Images (n, 28, 28) as bytes, and labels (n,).
    """
    train, _ = mnist_datasets()
    original = train.x.reshape(-1, SIDE, SIDE)
    done = 0
    while done < images:
        down, right = SHIFTS[done // len(original) % len(SHIFTS)]
        count = min(len(original), images - done)
        block = np.zeros((count, SIDE, SIDE), np.uint8)
        block[:, max(down, 0) : SIDE + down, max(right, 0) : SIDE + right] = original[
            :count, max(-down, 0) : SIDE - down, max(-right, 0) : SIDE - right
        ]
        yield block, train.t[:count]
        done += count
