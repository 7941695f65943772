"""Small generated data sets: classes that no line separates, clouds, and a curve."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.errors import RangeError, brief, whole
from mitbadak.core.memory import check_memory
from mitbadak.core.randomness import generator
from mitbadak.core.typing import Array, Float64, Int, Seed
from mitbadak.data.dataset import Dataset
from mitbadak.data.preparation import Preparation
from mitbadak.data.source import Source
from mitbadak.data.toy import labels

Points = tuple[Float64[Array, "n 2"], Int[Array, "n ..."]]
POINT_BYTES = 24  # two coordinates and a label
INNER = 0.5  # radius of the inner circle
SEEDS = 0, 1  # for the training set and for the test set


@explained
def load_xor(n: int = 200, noise: float = 0.1, rng: Seed = 0, *, one_hot: bool = False) -> Points:
    """Clouds around the corners of the unit square; the class is the exclusive or of the corner.

    ``x = corner + noise e``, ``t = corner_1 xor corner_2``, with e from the normal distribution.
    A single layer cannot learn it (Minsky and Papert 1969).

    Args:
        n: number of points, dealt to (0, 0), (0, 1), (1, 0), (1, 1) in turn.
        noise: standard deviation around the corner.
        rng: a seed or a generator.
        one_hot: labels as one-hot rows; otherwise as class indices.

    Returns:
        x of shape (n, 2), float64, and t, integers of shape (n,), or (n, classes).

    Raises:
        RangeError: n is below 1, or the noise is negative or not finite.

    Example:
        >>> load_xor(4, noise=0)[1]
        array([0, 1, 1, 0])
    """
    n, rng = _checked("load_xor", n, noise, rng)
    corner = np.arange(n) % 4
    t, first = corner % 2 ^ corner // 2, corner // 2
    x = np.stack([first, corner % 2], axis=-1).astype(np.float64)
    return x + noise * rng.standard_normal((n, 2)), labels(t, 2, one_hot)


@explained
def load_moons(n: int = 300, noise: float = 0.1, rng: Seed = 0, *, one_hot: bool = False) -> Points:
    """Two interleaved half circles, scikit-learn's ``make_moons``.

    ``(cos a, sin a)`` for class 0 and ``(1 - cos a, 1/2 - sin a)`` for class 1, with a evenly
    spaced from 0 to pi, plus noise.

    Args:
        n: number of points, dealt to the two classes in turn.
        noise: standard deviation of the noise.
        rng: a seed or a generator.
        one_hot: labels as one-hot rows; otherwise as class indices.

    Returns:
        x of shape (n, 2), float64, and t, integers of shape (n,), or (n, classes).

    Raises:
        RangeError: n is below 1, or the noise is negative or not finite.

    Example:
        >>> x, t = load_moons(4, noise=0)
        >>> x.round(1).tolist(), t
        ([[1.0, 0.0], [0.0, 0.5], [-1.0, 0.0], [2.0, 0.5]], array([0, 1, 0, 1]))
    """
    n, rng = _checked("load_moons", n, noise, rng)
    t = np.arange(n) % 2
    per_class = np.where(t == 0, n - n // 2, n // 2)
    angle = np.pi * (np.arange(n) // 2) / np.maximum(per_class - 1, 1)
    side = 1 - 2 * t
    x = np.stack([t + side * np.cos(angle), t / 2 + side * np.sin(angle)], axis=-1)
    return x + noise * rng.standard_normal((n, 2)), labels(t, 2, one_hot)


@explained
def load_circles(
    n: int = 300, noise: float = 0.05, rng: Seed = 0, *, one_hot: bool = False
) -> Points:
    """One circle around another: radius 1 for class 0, radius 1/2 for class 1.

    ``r (cos a, sin a)`` with a evenly spaced around the circle, plus noise; scikit-learn's
    ``make_circles`` with ``factor=0.5``.

    Args:
        n: number of points, dealt to the two classes in turn.
        noise: standard deviation of the noise.
        rng: a seed or a generator.
        one_hot: labels as one-hot rows; otherwise as class indices.

    Returns:
        x of shape (n, 2), float64, and t, integers of shape (n,), or (n, classes).

    Raises:
        RangeError: n is below 1, or the noise is negative or not finite.

    Example:
        >>> np.hypot(*load_circles(4, noise=0)[0].T)
        array([1. , 0.5, 1. , 0.5])
    """
    n, rng = _checked("load_circles", n, noise, rng)
    t = np.arange(n) % 2
    per_class = np.where(t == 0, n - n // 2, n // 2)
    angle = 2 * np.pi * (np.arange(n) // 2) / np.maximum(per_class, 1)
    radius = np.where(t == 0, 1.0, INNER)[:, None]
    x = radius * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return x + noise * rng.standard_normal((n, 2)), labels(t, 2, one_hot)


@explained
def load_blobs(
    n: int = 300, noise: float = 0.3, rng: Seed = 0, *, classes: int = 3, one_hot: bool = False
) -> Points:
    """Round clouds with centers evenly spaced on the unit circle: the easy case.

    ``x = (cos(2 pi t / classes), sin(2 pi t / classes)) + noise e``.

    Args:
        n: number of points, dealt to the classes in turn.
        noise: standard deviation around the center.
        rng: a seed or a generator.
        classes: number of clouds.
        one_hot: labels as one-hot rows; otherwise as class indices.

    Returns:
        x of shape (n, 2), float64, and t, integers of shape (n,), or (n, classes).

    Raises:
        RangeError: n or classes is below 1, or the noise is negative or not finite.

    Example:
        >>> load_blobs(2, noise=0, classes=2)[0].round(9).tolist()
        [[1.0, 0.0], [-1.0, 0.0]]
    """
    n, rng = _checked("load_blobs", n, noise, rng)
    t = np.arange(n) % whole("load_blobs", "classes", classes)
    angle = 2 * np.pi * t / classes
    x = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return x + noise * rng.standard_normal((n, 2)), labels(t, classes, one_hot)


@explained
def load_regression(
    n: int = 200, noise: float = 0.1, rng: Seed = 0
) -> tuple[Float64[Array, "n 1"], Float64[Array, "n 1"]]:
    """Nearly two periods of a noisy sine: a curve to learn, not classes.

    ``t = sin(2 x) + noise e`` with x drawn uniformly from -3 to 3.

    Args:
        n: number of points.
        noise: standard deviation of the noise in t; its square is the smallest mean squared
            error that any net can expect on new points.
        rng: a seed or a generator.

    Returns:
        x and real targets t, both of shape (n, 1), float64.

    Raises:
        RangeError: n is below 1, or the noise is negative or not finite.

    Example:
        >>> x, t = load_regression(50, noise=0)
        >>> np.allclose(t, np.sin(2 * x)), x.shape
        (True, (50, 1))
    """
    n, rng = _checked("load_regression", n, noise, rng)
    x = rng.uniform(-3, 3, (n, 1))
    return x, np.sin(2 * x) + noise * rng.standard_normal((n, 1))


@dataclass(frozen=True)
class MadeSet:
    """A generated data set: one draw for training, and one with the next seed as the test set.

    Calling it returns both.

    Args:
        name: name of the set.
        load: draws it.
        classes: names of the classes; empty for real targets.

    Example:
        >>> train, test = MadeSet("moons", load_moons, ("0", "1"))()
        >>> test.name, len(test), bool((train.x == test.x).any())
        ('moons test', 300, False)
    """

    name: str
    load: Callable[..., tuple[np.ndarray, np.ndarray]]
    classes: tuple[str, ...] = ()

    def __call__(self) -> tuple[Dataset, Dataset]:
        """The training and the test set."""
        train, test = (
            Dataset(*self.load(rng=seed), name=f"{self.name} {part}")
            for part, seed in zip(("train", "test"), SEEDS, strict=True)
        )
        return train, test

    def source(self) -> Source:
        """Both sets with their preparation and fingerprint."""
        train, test = self()
        columns = tuple(f"x{i}" for i in range(train.x.shape[1]))
        size, noise = (inspect.signature(self.load).parameters[p].default for p in ("n", "noise"))
        return Source(
            train,
            test,
            Preparation("points", columns=columns, label="t", classes=self.classes),
            f"made: {self.load.__name__}({size}, {noise:g}, rng={SEEDS[0]}), test rng={SEEDS[1]}",
        )


MADE = {
    made.name: made
    for made in (
        MadeSet("xor", load_xor, ("0", "1")),
        MadeSet("moons", load_moons, ("0", "1")),
        MadeSet("circles", load_circles, ("0", "1")),
        MadeSet("blobs", load_blobs, ("0", "1", "2")),
        MadeSet("regression", load_regression),
    )
}


def _checked(owner: str, n: int, noise: float, rng: Seed) -> tuple[int, np.random.Generator]:
    if not (isinstance(noise, (int, float)) and 0 <= noise < np.inf):
        raise RangeError(f"{owner}: noise must be a finite number of at least 0; got {noise!r}.")
    n = whole(owner, "n", n)
    check_memory(f"{owner}(n={brief(n)})", n * POINT_BYTES, "Choose fewer points.")
    return n, generator(rng)
