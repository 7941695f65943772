"""The spiral of the notes, a small generated data set."""

from __future__ import annotations

import numpy as np

from mitbadak.core.arguments import explained, renamed
from mitbadak.core.errors import RangeError, flag, whole
from mitbadak.core.typing import Array, Float64, Int
from mitbadak.data.dataset import Dataset
from mitbadak.data.preparation import Preparation
from mitbadak.data.source import Source

PER_CLASS, CLASSES = 100, 3
MOST = 2**32 - 1  # that NumPy's legacy generator takes


@explained
@renamed(seed="rng")
def load_spiral(
    rng: int = 1984, *, one_hot: bool = False
) -> tuple[Float64[Array, "examples 2"], Int[Array, "examples ..."]]:
    """Three interleaved spiral arms: the points of the notes' ``load_data(seed=1984)``, to the bit.

    Point i of arm j lies at radius i/100 and angle 4 j + 4 i/100 + 0.2 noise. The noise comes
    from NumPy's legacy generator, as in the notes, but from a separate instance: the global
    generator is not touched.

    Args:
        rng: a seed, a whole number, for the noise.
        one_hot: labels as one-hot rows, as in the notes; otherwise as class indices.

    Returns:
        x of shape (300, 2), float64, and t, integers of shape (300,) or (300, 3); arm after arm.

    Example:
        >>> x, t = load_spiral()
        >>> x[1], t[1]
        (array([-0.00097699,  0.00995216]), np.int64(0))
        >>> load_spiral(one_hot=True)[1][1]
        array([1, 0, 0])
    """
    seed = whole("load_spiral", "rng", rng, least=0)
    if seed > MOST:
        raise RangeError(f"load_spiral: rng must be a whole number up to {MOST:,}; got {seed:,}.")
    noise = np.random.RandomState(seed).randn(CLASSES, PER_CLASS)
    arm = np.arange(CLASSES)[:, None]
    radius = np.arange(PER_CLASS) / PER_CLASS
    angle = arm * 4.0 + 4.0 * radius + noise * 0.2
    x = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=-1)
    t = np.repeat(np.arange(CLASSES), PER_CLASS)
    return x.reshape(-1, 2), labels(t, CLASSES, one_hot)


def labels(t: np.ndarray, classes: int, one_hot: bool) -> np.ndarray:
    """Class indices as the loaders return them: integers, or one-hot rows of them.

    Example:
        >>> labels(np.array([1, 0]), 3, True)
        array([[0, 1, 0],
               [1, 0, 0]])
    """
    rows = flag("a loader", "one_hot", one_hot)
    return np.eye(classes, dtype=np.int64)[t] if rows else t.astype(np.int64)


def spiral_datasets() -> tuple[Dataset, Dataset]:
    """The spiral of the notes for training, and a second draw (seed 1985) as the test set."""
    train, test = (load_spiral(seed, one_hot=True) for seed in (1984, 1985))
    return Dataset(*train, name="spiral train"), Dataset(*test, name="spiral test")


def spiral_source() -> Source:
    """The two draws of the spiral with their preparation and fingerprint."""
    arms = tuple(map(str, range(CLASSES)))
    preparation = Preparation("points", columns=("x0", "x1"), label="t", classes=arms)
    return Source(
        *spiral_datasets(), preparation, "made: load_spiral(1984), test load_spiral(1985)"
    )
