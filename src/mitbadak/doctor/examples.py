"""The examples that a loop has shown: which came again, and whether neighbors have one label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST = 600  # examples that are kept whole
MOST_ENTRIES = 1_000_000  # of their inputs together
MOST_KEYS = 20_000  # examples that are recognized when they come again
NEAREST = 10  # neighbors of an example
FLAT = 0.3  # of the median spread: columns that vary less are not blown up


class Examples:
    """A memory of the distinct examples of a training.

    Attributes:
        seen: examples that were shown, each as often as it came.
        again: examples that had been shown before.
        contradicted: of them, those that came with another label.

    Example:
        >>> examples = Examples()
        >>> examples.add(np.eye(3), np.array([0, 1, 2]))
        >>> examples.add(np.eye(3)[:1], np.array([2]))
        >>> len(examples), examples.again, examples.contradicted
        (3, 1, 1)
    """

    def __init__(self) -> None:
        self.seen = self.again = self.contradicted = 0
        self._labels: dict[int, int] = {}
        self._x: list[np.ndarray] = []
        self._t: list[np.ndarray] = []

    def add(self, x: np.ndarray, t: np.ndarray) -> None:
        """Remember the rows of a batch."""
        rows, targets = _rows(x), _rows(t)
        keys = zip(row_keys(rows), row_keys(targets), strict=True)
        for row, target, (key, label) in zip(rows, targets, keys, strict=True):
            self.seen += 1
            if key in self._labels:
                self.again += 1
                self.contradicted += self._labels[key] != label
                continue
            if len(self._labels) < MOST_KEYS:
                self._labels[key] = label
            if len(self._x) < MOST and (len(self._x) + 1) * row.size <= MOST_ENTRIES:
                self._x.append(row.copy())
                self._t.append(target.copy())

    def __len__(self) -> int:
        return len(self._labels)

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Inputs and targets of the examples that were kept, both with two axes."""
        return np.array(self._x), np.array(self._t)

    @property
    def exhausted(self) -> bool:
        """Whether all that there is has been seen, so that examples come again and again."""
        return len(self) < MOST_KEYS and self.seen > 3 * len(self)

    def share_of(self, x: np.ndarray) -> float:
        """The share of the rows of x that were among the examples."""
        return float(np.mean([key in self._labels for key in row_keys(_rows(x))]))


@dataclass(frozen=True)
class Neighbors:
    """What the nearest other examples say of an example's label.

    Attributes:
        n: examples.
        z: by how many standard errors neighbors agree more than strangers do.
        pure: the share of examples all of whose neighbors have one and the same label.
        skill: of answering with the label of most neighbors, or their mean, from 0 to 1.
        wrong: the share of examples that differ from three quarters of their neighbors.
        others: examples that are not of the most frequent class; all of them without classes.
    """

    n: int
    z: float
    pure: float
    skill: float
    wrong: float
    others: int


def neighbors_of(x: np.ndarray, t: np.ndarray, *, classes: bool) -> Neighbors | None:
    """How much the neighbors of an example tell of its label; None of too few examples.

    Args:
        x: inputs, shape (n, columns).
        t: one label (classes) or number for each, shape (n,).
        classes: whether t holds classes.
    """
    if len(x) <= 3 * NEAREST or not (np.isfinite(x).all() and np.isfinite(t).all()):
        return None
    nearest = _nearest(x)
    if classes:
        return _of_classes(t.astype(np.intp), nearest)
    if t.std() == 0:
        return None
    mean = t[nearest[:, :5]].mean(axis=1)
    together = float(np.corrcoef(mean, t)[0, 1]) if mean.std() > 0 else 0.0
    skill = 1 - float(np.mean((t - mean) ** 2)) / float(t.var())
    return Neighbors(
        len(x), float(together * np.sqrt(len(x) / 2)), 0.0, max(0.0, skill), 0.0, len(x)
    )


def _of_classes(t: np.ndarray, nearest: np.ndarray) -> Neighbors | None:
    shares = np.bincount(t) / len(t)
    chance = float(np.sum(shares**2))
    if chance > 1 - 1e-9:
        return None
    alike = t[nearest] == t[:, None]
    error = np.sqrt(2 * chance * (1 - chance) / len(t))  # two neighbors count each other
    votes = np.apply_along_axis(np.bincount, 1, t[nearest], minlength=len(shares))
    right = float(np.mean(votes.argmax(axis=1) == t))
    most = float(shares.max())
    clear = votes.max(axis=1) >= 0.75 * NEAREST
    wrong = float(np.mean(votes.argmax(axis=1)[clear] != t[clear])) if clear.any() else 0.0
    return Neighbors(
        len(t),
        float(
            max(
                (alike.mean() - chance) / error,
                (right - most) / np.sqrt(most * (1 - most) / len(t)),
            )
        ),
        float(np.mean(votes.max(axis=1) == NEAREST)),
        max(0.0, (right - most) / (1 - most)),
        wrong,
        round((1 - most) * len(t)),
    )


def _nearest(x: np.ndarray) -> np.ndarray:
    """For each row the other rows nearest to it, the nearest first."""
    spread = x.std(axis=0)
    x = x[:, spread > 0] - x.mean(axis=0)[spread > 0]
    spread = spread[spread > 0]
    x = x / np.maximum(spread, FLAT * np.median(spread)) if len(spread) else x
    squares = np.sum(x * x, axis=1)
    distances = squares[:, None] - 2 * x @ x.T + squares
    np.fill_diagonal(distances, np.inf)
    return np.argsort(distances, axis=1)[:, :NEAREST]


def row_keys(x: np.ndarray) -> list[int]:
    """A number for each row, equal where its entries are.

    Example:
        >>> a, b, c = row_keys(np.array([[0.0, 1.0], [-0.0, 1.0], [2.0, 1.0]]))
        >>> a == b, a == c
        (True, False)
    """
    rows = x.reshape(len(x), -1) + np.zeros((), x.dtype)  # -0.0 is 0.0
    held, width = rows.tobytes(), rows.strides[0]
    return [hash(held[at : at + width]) for at in range(0, len(held), width)]


def _rows(array: np.ndarray) -> np.ndarray:
    return array.reshape(len(array), -1).astype(np.float64)
