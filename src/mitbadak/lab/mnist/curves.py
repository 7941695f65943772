"""A curve that grows for as long as it likes and stays small."""

from __future__ import annotations

import math
import threading

import numpy as np

MOST = 2000  # points; a screen has no more


class Curve:
    """Rows of numbers in order of their first one, x. When there are too many, each two neighbors
    become one, which is their mean at the later x.

    Written by one thread and read by another.

    Args:
        columns: numbers in a row, x among them.

    Attributes:
        version: changes whenever earlier rows have changed, so that a reader asks for all.

    Example:
        >>> curve = Curve(2)
        >>> for x in range(5001):
        ...     curve.add(x, 1.0)
        >>> rows, _ = curve.since(0)
        >>> len(rows) <= MOST, float(rows[-1, 0])
        (True, 5000.0)
    """

    def __init__(self, columns: int):
        self.columns, self.version = columns, 0
        self._last = -math.inf
        self._rows: list[tuple[float, ...]] = []
        self._stride = 1
        self._waiting: list[tuple[float, ...]] = []
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._rows) + bool(self._waiting)

    def add(self, x: float, *values: float) -> None:
        """Add a row; between two points that are kept, rows are averaged.

        A row that comes after a later one is dropped.
        """
        with self._lock:
            if x < self._last:
                return
            self._last = x
            self._waiting.append((float(x), *map(float, values)))
            if len(self._waiting) < self._stride:
                return
            self._rows.append(_mean(self._waiting))
            self._waiting = []
            if len(self._rows) >= MOST:
                pairs = zip(self._rows[::2], self._rows[1::2], strict=True)
                self._rows = [_mean(list(pair)) for pair in pairs]
                self._stride *= 2
                self.version += 1

    def since(self, number: int) -> tuple[np.ndarray, int]:
        """The rows from one on, float32, and the version that they belong to.

        The last one may still change, until the next one is there.
        """
        with self._lock:
            rows = self._rows[number:]
            if self._waiting:
                rows = [*rows, _mean(self._waiting)]
            return np.array(rows, np.float32).reshape(-1, self.columns), self.version


def _mean(rows: list[tuple[float, ...]]) -> tuple[float, ...]:
    return rows[0] if len(rows) == 1 else (rows[-1][0], *np.mean(rows, axis=0)[1:].tolist())
