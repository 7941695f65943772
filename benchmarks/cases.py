"""What is measured: nets, data and batches, the same for every peer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mitbadak.data import mnist_datasets


@dataclass(frozen=True)
class Case:
    """One training step to be timed.

    Attributes:
        widths, activation, optimizer, lr, batch: of the training.
        steps: per timed turn.
        dense: random inputs without zeros instead of MNIST.
        at_least: for each peer, how much slower than Mitbadak it must be at least.
    """

    name: str
    widths: tuple[int, ...] = (784, 50, 10)
    activation: str = "sigmoid"
    optimizer: str = "sgd"
    lr: float = 0.1
    batch: int = 100
    steps: int = 300
    dense: bool = False
    at_least: tuple[tuple[str, float], ...] = (("jax_scan", 1.2),)


CASES = {
    case.name: case
    for case in (
        Case(
            "784-50-10",
            at_least=(("jax_scan", 1.5), ("sklearn", 3.0), ("torch", 3.5), ("book", 5.0)),
        ),
        Case("784-50-100-10", widths=(784, 50, 100, 10)),
        Case("relu", activation="relu"),
        Case("adam", optimizer="adam", lr=0.001),
        Case("batch 32", batch=32, steps=600),
        Case("batch 1000", batch=1000, steps=60),
        Case("dense", dense=True, at_least=(("jax_scan", 0.9), ("torch", 0.9))),
        Case(
            "wide 784-1024-512-10",
            widths=(784, 1024, 512, 10),
            batch=256,
            steps=20,
            at_least=(("jax_scan", 0.9), ("torch", 0.9)),
        ),
    )
}


@dataclass(frozen=True)
class Material:
    """Inputs as bytes and as floats, labels, initial values, and the batches of one turn."""

    pixels: np.ndarray | None
    x: np.ndarray
    t: np.ndarray
    params: list[np.ndarray]
    order: np.ndarray


def material(case: Case) -> Material:
    rng = np.random.default_rng(1984)
    train, _ = mnist_datasets()
    t = train.t.astype(np.int64)
    pixels = None if case.dense else train.x
    x = train.x / np.float32(255)
    if case.dense:
        x = rng.random((20_000, 784), dtype=np.float32)
        t = t[: len(x)]
    params = []
    for n_in, n_out in zip(case.widths, case.widths[1:], strict=False):
        scale = np.sqrt(2 / (n_in + n_out))
        params += [(scale * rng.standard_normal((n_in, n_out))).astype(np.float32),
                   np.zeros(n_out, np.float32)]  # fmt: skip
    batches = np.resize(rng.permutation(len(x)), case.steps * case.batch)
    return Material(pixels, x, t, params, batches.reshape(case.steps, case.batch))
