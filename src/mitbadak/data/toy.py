"""The spiral of the notes, a small generated data set."""

from __future__ import annotations

import numpy as np

from mitbadak.core.typing import Array, Float64, Int
from mitbadak.data.dataset import Dataset
from mitbadak.data.preparation import Preparation, Source

PER_CLASS, CLASSES = 100, 3


def load_spiral(
    seed: int = 1984,
) -> tuple[Float64[Array, "examples 2"], Int[Array, "examples 3"]]:
    """Three interleaved spiral arms: the notes' ``load_data(seed=1984)``, equal to the bit.

    Point i of arm j lies at radius i/100 and angle 4 j + 4 i/100 + 0.2 noise. The noise comes
    from NumPy's legacy generator, as in the notes, but from a separate instance: the global
    generator is not touched.

    Args:
        seed: seed of the noise.

    Returns:
        x of shape (300, 2), float64, and one-hot t of shape (300, 3), integers; arm after arm.

    Example:
        >>> x, t = load_spiral()
        >>> x[1], t[1]
        (array([-0.00097699,  0.00995216]), array([1, 0, 0]))
    """
    noise = np.random.RandomState(seed).randn(CLASSES, PER_CLASS)
    arm = np.arange(CLASSES)[:, None]
    radius = np.arange(PER_CLASS) / PER_CLASS
    angle = arm * 4.0 + 4.0 * radius + noise * 0.2
    x = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=-1)
    t = np.repeat(np.eye(CLASSES, dtype=np.int64), PER_CLASS, axis=0)
    return x.reshape(-1, 2), t


def spiral_datasets() -> tuple[Dataset, Dataset]:
    """The spiral of the notes for training, and a second draw (seed 1985) as the test set."""
    train = Dataset(*load_spiral(1984), name="spiral train")
    return train, Dataset(*load_spiral(1985), name="spiral test")


def spiral_source() -> Source:
    """The two draws of the spiral with their preparation and fingerprint."""
    arms = tuple(map(str, range(CLASSES)))
    preparation = Preparation("points", columns=("x0", "x1"), label="t", classes=arms)
    return Source(
        *spiral_datasets(), preparation, "made: load_spiral(1984), test load_spiral(1985)"
    )
