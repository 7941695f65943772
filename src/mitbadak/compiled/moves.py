"""The structured numerical gradient of a net's last two layers, on compiled kernels."""

from __future__ import annotations

import numpy as np

from mitbadak.compiled import library, plan as p
from mitbadak.compiled.team import call
from mitbadak.nn.heads import Head
from mitbadak.nn.layer import Layer


class CompiledMoves:
    """Central differences for the last two layers; the arrays of a batch are prepared once.

    Args:
        scores, t: scores and targets of the batch, (batch, classes), float64.
        head: the loss, one that has a kernel.
        h: half the distance of a central difference.
    """

    def __init__(self, scores: np.ndarray, t: np.ndarray, *, head: Head, h: float):
        cross_entropy = p.HEAD_CODES[type(head)] == p.SOFTMAX
        share = head.share(scores.shape) * (0.5 if head.one_half else 1.0)
        self.kernels = library.load("slopes")
        scores, t = p.laid_out(scores, np.float64), p.laid_out(t, np.float64)
        exps = np.exp(scores - scores.max(axis=1, keepdims=True))
        self.keep = {
            p.SCORES: scores, p.T: t, p.EXPS: exps, p.SUMS: exps.sum(axis=1), p.PULL: t.sum(axis=1),
            p.NUMBERS: np.array([share, h]), p.SCRATCH: np.empty(2 * len(t)),
        }  # fmt: skip
        self.job = np.zeros(p.MOVES_JOB, np.int64)
        self.job[p.LOSS] = p.CROSS_ENTROPY if cross_entropy else p.SQUARED
        self.job[p.BATCH], self.job[p.CLASSES] = scores.shape
        for entry, array in self.keep.items():
            self.job[entry] = p.address(array)

    def hidden(
        self, activation: Layer, z: np.ndarray, row: np.ndarray, example: np.ndarray, by: np.ndarray
    ) -> np.ndarray:
        """Central differences for a unit of the layer before, with pre-activations z (batch,)."""
        z, row = p.laid_out(z, np.float64), p.laid_out(row, np.float64)
        self.job[p.Z], self.job[p.ROW] = p.address(z), p.address(row)
        self.job[p.KIND] = p.ACTIVATION_CODES[type(activation)]
        return self._slopes("hidden_slopes", example, by)

    def last(self, unit: int, example: np.ndarray, by: np.ndarray) -> np.ndarray:
        """Central differences for a unit of the last layer."""
        self.job[p.UNIT] = unit
        return self._slopes("last_slopes", example, by)

    def _slopes(self, entry: str, example: np.ndarray, by: np.ndarray) -> np.ndarray:
        example, by = p.laid_out(example, np.int64), p.laid_out(by, np.float64)
        slopes = np.empty(len(example))
        self.job[p.EXAMPLE], self.job[p.BY] = p.address(example), p.address(by)
        self.job[p.SLOPES], self.job[p.MOVES] = p.address(slopes), len(example)
        call(self.kernels[entry], p.address(self.job))
        return slopes
