"""What is trained: nets, data, initial values and batches, the same for every peer.

A new shape is one line in ``STEPS`` or ``FITS``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from digits import read_digits, read_pixels

BEST = "best"  # in a goal: the fastest peer
JAX = "jax"  # in a goal: the fastest of JAX's variants
SHIFTS = tuple((down, right) for down in (0, 1, -1) for right in (0, 1, -1))
SIDE = 28
KERNEL, POOL = 5, 2
SEED = 1984
WEIGHT_DECAY = 0.01  # of AdamW; the default of PyTorch and of Mitbadak


@dataclass(frozen=True)
class Case:
    """One kind of training.

    Attributes:
        data: a name in ``DATA``.
        examples: train on so many of them only.
        images: for ``shifted mnist``, how many there are.
        widths, activation, optimizer, lr, batch, epochs: of the training.
        filters: how many each convolution of 5x5 has, with max pooling by 2x2 after its activation;
            ``widths`` are then those of the input and of the affine layers.
        schedule: ``cosine`` over the whole training, or none.
        clip: largest norm of a gradient.
        dropout, batch_norm, shift: shift by up to so many pixels.
        peers: those that measure it; none for all that can.
        cores: the settings it is measured on.
        goals: setting, peer, how much slower it must be at least, and is hoped to be.
    """

    name: str
    data: str = "mnist"
    examples: int | None = None
    images: int = 60_000
    widths: tuple[int, ...] = (784, 50, 10)
    filters: tuple[int, ...] = ()
    activation: str = "sigmoid"
    optimizer: str = "sgd"
    lr: float = 0.1
    batch: int = 100
    epochs: int = 1
    schedule: str = ""
    clip: float | None = None
    dropout: float = 0.0
    batch_norm: bool = False
    shift: int = 0
    peers: tuple[str, ...] = ()
    cores: tuple[str, ...] = ("one",)
    goals: tuple[tuple[str, str, float, float], ...] = ()

    @property
    def draws(self) -> bool:
        """Whether there is chance in the updates, so that no two peers have the same losses."""
        return self.dropout > 0 or self.shift > 0

    @property
    def regression(self) -> bool:
        return self.widths[-1] == 1


BOTH = ("one", "all")
MODERN = ("mitbadak", "torch", "jax_scan")
TWICE = (("one", JAX, 2.0, 3.0),)
SMALL = (("one", JAX, 1.5, 4.0),)
EARLIER = (("one", JAX, 1.2, 2.0),)


# The book's SimpleConvNet: 30 filters of 5x5, pooling, affine layers of 100 and 10.
CONV: dict[str, Any] = {
    "widths": (784, 100, 10),
    "filters": (30,),
    "activation": "relu",
    "optimizer": "adam",
    "lr": 0.001,
    "peers": MODERN,
}
CONV_GOALS = tuple((c, peer, 1.0, 2.0) for c in BOTH for peer in ("torch", JAX))


def of_name(*cases: Case) -> dict[str, Case]:
    return {case.name: case for case in cases}


# Steps alone, by the clock within a training: no measurements, no preparation of the data.
STEPS = of_name(
    Case(
        "784-50-10",
        cores=BOTH,
        goals=(
            ("one", JAX, 2.5, 4.0),
            ("one", "sklearn", 3.0, 5.0),
            ("one", "torch", 3.5, 6.0),
            ("one", "book", 5.0, 9.0),
            ("all", JAX, 2.2, 3.5),
        ),
    ),
    Case("784-50-10 from bytes", data="mnist bytes", peers=MODERN, goals=(("one", JAX, 2.5, 4.0),)),
    Case("784-50-100-10", widths=(784, 50, 100, 10), goals=EARLIER),
    Case("relu", activation="relu", goals=EARLIER),
    Case("adam", optimizer="adam", lr=0.001, goals=EARLIER),
    Case("batch 32", batch=32, goals=EARLIER),
    Case("batch 1000", batch=1000, goals=EARLIER),
    Case("dense", data="dense", cores=BOTH, goals=tuple((c, BEST, 0.9, 1.0) for c in BOTH)),
    Case(
        "wide 784-1024-512-10",
        data="dense",
        examples=10_240,
        widths=(784, 1024, 512, 10),
        batch=256,
        cores=BOTH,
        goals=(("one", BEST, 1.12, 1.5), ("all", BEST, 1.17, 1.5)),
    ),
    Case("dropout 0.2", dropout=0.2, peers=MODERN, goals=TWICE),
    Case("batch norm", batch_norm=True, peers=MODERN, goals=TWICE),
    Case(
        "AdamW + cosine + clipping",
        optimizer="adamw",
        lr=0.002,
        schedule="cosine",
        clip=1.0,
        peers=MODERN,
        goals=TWICE,
    ),
    Case("shifts of 2 pixels", shift=2, peers=MODERN, goals=TWICE),
    Case("conv 30", examples=6_000, **CONV, cores=BOTH, goals=CONV_GOALS),
    Case(
        "conv 16-32",
        examples=6_000,
        **{**CONV, "filters": (16, 32)},
        cores=BOTH,
        goals=CONV_GOALS,
    ),
)
# A whole training by one call: preparation, steps, and the accuracies (for regression the loss)
# of training and test set after each epoch.
FITS = of_name(
    Case(
        "README fit",
        epochs=5,
        cores=BOTH,
        goals=tuple((c, peer, 2.5, 4.0) for c in BOTH for peer in (JAX, "sklearn")),
    ),
    Case("fit batch 1", batch=1, lr=0.01, goals=SMALL),
    Case("fit batch 10", batch=10, goals=SMALL),
    Case("fit batch 32", batch=32, epochs=2, goals=SMALL),
    Case("fit batch 1000", batch=1000, epochs=5, goals=SMALL),
    Case("spiral 2-10-3", "spiral", widths=(2, 10, 3), lr=1.0, batch=30, epochs=100, goals=SMALL),
    Case(
        "regression 13-64-64-1",
        "regression",
        widths=(13, 64, 64, 1),
        activation="relu",
        lr=0.01,
        batch=32,
        epochs=50,
        goals=SMALL,
    ),
    Case(
        "regression 13-64-64-1 adam",
        "regression",
        widths=(13, 64, 64, 1),
        activation="relu",
        optimizer="adam",
        lr=0.001,
        batch=32,
        epochs=50,
        goals=SMALL,
    ),
    Case("table 4-16-3", "table", widths=(4, 16, 3), batch=8, epochs=100, goals=SMALL),
    Case(
        "fit 784-1024-512-10",
        examples=10_240,
        widths=(784, 1024, 512, 10),
        activation="relu",
        batch=256,
        epochs=2,
        cores=BOTH,
    ),
    Case("fit conv 30", **CONV, cores=BOTH, goals=CONV_GOALS),
)


@dataclass(frozen=True)
class Material:
    """The data, and initial values W1, b1, W2, b2 and so on.

    Attributes:
        x, x_test: float32, or bytes where ``divisor`` is 255.
        t, t_test: class numbers (n,), or numbers (n, 1) for a regression.
    """

    x: np.ndarray
    t: np.ndarray
    x_test: np.ndarray
    t_test: np.ndarray
    params: list[np.ndarray]
    divisor: int | None = None


Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def mnist(case: Case) -> Arrays:
    """The arrays of ``load_mnist()``."""
    train, test = read_digits()
    return *train, *test


def mnist_bytes(case: Case) -> Arrays:
    """The arrays of ``load_mnist(normalize=False)``."""
    train, test = read_pixels()
    return *train, *test


def dense(case: Case) -> Arrays:
    """Random pixels without zeros, under MNIST's labels."""
    x = np.random.default_rng(SEED).random((22_000, 784), dtype=np.float32)
    t = read_digits()[0][1][: len(x)]
    return x[:20_000], t[:20_000], x[20_000:], t[20_000:]


def many_images(case: Case) -> Arrays:
    """MNIST again and again, shifted, as floats."""
    x, t, done = np.empty((case.images, SIDE * SIDE), np.float32), [], 0
    for block, labels in shifted_mnist(case.images):
        np.divide(block.reshape(len(block), -1), np.float32(255), out=x[done : done + len(block)])
        t.append(labels)
        done += len(block)
    t = np.concatenate(t)
    return x, t, x[:1000], t[:1000]


def spiral(case: Case) -> Arrays:
    """The spiral of the notes, and a second draw."""
    from mitbadak.data import load_spiral

    (x, t), (x_test, t_test) = load_spiral(1984), load_spiral(1985)
    return x.astype(np.float32), t, x_test.astype(np.float32), t_test


def regression(case: Case) -> Arrays:
    """A smooth function of 13 standardized columns with noise; of the size of Boston's table."""
    rng = np.random.default_rng(SEED)
    x = rng.standard_normal((506, 13)).astype(np.float32)
    y = np.tanh(x @ rng.standard_normal((13, 3))) @ rng.standard_normal((3, 1))
    t = (y + 0.1 * rng.standard_normal(y.shape)).astype(np.float32)
    return x[:404], t[:404], x[404:], t[404:]


def table(case: Case) -> Arrays:
    """Three classes in four columns, of the size of Fisher's irises."""
    rng = np.random.default_rng(SEED)
    t = rng.permutation(np.repeat(np.arange(3), 50))
    x = rng.standard_normal((3, 4))[t] + 0.5 * rng.standard_normal((150, 4))
    x = x.astype(np.float32)
    return x[:120], t[:120], x[120:], t[120:]


DATA: dict[str, Callable[[Case], Arrays]] = {
    "mnist": mnist,
    "mnist bytes": mnist_bytes,
    "dense": dense,
    "shifted mnist": many_images,
    "spiral": spiral,
    "regression": regression,
    "table": table,
}


def material(case: Case) -> Material:
    x, t, x_test, t_test = DATA[case.data](case)
    params = initial_values(case, np.random.default_rng(SEED))
    divisor = 255 if x.dtype == np.uint8 else None
    return Material(x[: case.examples], t[: case.examples], x_test, t_test, params, divisor)


def initial_values(case: Case, rng: np.random.Generator) -> list[np.ndarray]:
    """W1, b1, W2, b2 and so on: He's weights for ReLU, otherwise Glorot's; biases 0."""
    params: list[np.ndarray] = []
    widths, channels, side = case.widths, 1, SIDE
    for count in case.filters:
        n_in, n_out = channels * KERNEL**2, count * KERNEL**2
        scale = np.sqrt(2 / (n_in if case.activation == "relu" else n_in + n_out))
        W = scale * rng.standard_normal((count, channels, KERNEL, KERNEL))
        params += [W.astype(np.float32), np.zeros(count, np.float32)]
        channels, side = count, (side - KERNEL + 1) // POOL
    if case.filters:
        widths = (channels * side**2, *widths[1:])
    for n_in, n_out in pairwise(widths):
        scale = np.sqrt(2 / (n_in if case.activation == "relu" else n_in + n_out))
        params.append((scale * rng.standard_normal((n_in, n_out))).astype(np.float32))
        params.append(np.zeros(n_out, np.float32))
    return params


def orders_of(case: Case, n: int) -> Iterator[np.ndarray]:
    """The examples of every epoch in the order in which ``mitbadak.fit(rng=SEED)`` takes them."""
    rng = np.random.default_rng(SEED)
    if case.draws:
        rng.integers(2**53)  # the seed of what is drawn in updates
    for _ in range(case.epochs):
        yield rng.permutation(n)


def one_batch(case: Case, n: int) -> np.ndarray:
    """The examples of one batch, shape (batch,)."""
    return np.random.default_rng(SEED).permutation(n)[: case.batch]


def steps_of(case: Case, n: int) -> int:
    """Updates in an epoch."""
    return -(-n // case.batch)


def shifted_mnist(images: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """MNIST again and again, each time shifted by up to one pixel, until there are enough.

    Yields:
        Images (n, 28, 28) as bytes, and labels (n,).
    """
    (x, t), _ = read_pixels()
    original = x.reshape(-1, SIDE, SIDE)
    done = 0
    while done < images:
        down, right = SHIFTS[done // len(original) % len(SHIFTS)]
        count = min(len(original), images - done)
        block = np.zeros((count, SIDE, SIDE), np.uint8)
        block[:, max(down, 0) : SIDE + down, max(right, 0) : SIDE + right] = original[
            :count, max(-down, 0) : SIDE - down, max(-right, 0) : SIDE - right
        ]
        yield block, t[:count]
        done += count
