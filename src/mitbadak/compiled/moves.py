"""The slopes of moved weights, compiled: for the last layer and the one before it, in float64.

The arithmetic is the definition's, arranged for accuracy: both moved losses share everything but
a few small differences, so exp and log are taken of those, by their series where those are tiny.
Nothing here is a derivative; a wider step would show its own curvature just the same.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from mitbadak.compiled.kernels import IDENTITY, RELU, SIGMOID, TANH

SMALL = 1 / 64  # below it the series of exp to the 7th power is exact to the last bit: 64^-8 / 8!
NEAR = 1e-3  # below it the series of log(1 + r) to the 5th power is: 1e-18 / 6
CROSS_ENTROPY, SQUARED = 0, 1

# Sums may be taken in any order and products fused; NaN and infinity keep their meaning.
compiled = njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})


@compiled
def exp_of(u):
    """exp(u), by its series where u is small."""
    return math.exp(u) if abs(u) > SMALL else exp_of_small(u)


@compiled
def exp_of_small(u):
    """exp(u) for u of at most ``SMALL``; without a branch, so that loops become vector code."""
    p = 1 / 5040
    p = p * u + 1 / 720
    p = p * u + 1 / 120
    p = p * u + 1 / 24
    p = p * u + 1 / 6
    p = p * u + 1 / 2
    p = p * u + 1
    return p * u + 1


@compiled
def log_ratio(a, b):
    """log(a / b), by its series where a and b are nearly equal."""
    r = (a - b) / b
    if not abs(r) < NEAR:
        return math.log(a / b)
    return r * (1 - r * (1 / 2 - r * (1 / 3 - r * (1 / 4 - r / 5))))


@compiled
def log_sum_exp(scores, by, row):
    """``log sum_k exp(scores_k + by row_k)``, for a move of any size."""
    top = -np.inf
    for k in range(row.size):
        top = max(top, scores[k] + by * row[k])
    total = 0.0
    for k in range(row.size):
        total += math.exp(scores[k] + by * row[k] - top)
    return top + math.log(total)


@compiled
def moved_activation(kind, z, exp_minus_z, by):
    """The activation at z + by."""
    if kind == SIGMOID:
        return 1 / (1 + exp_minus_z * exp_of(-by))
    if kind == TANH:
        return math.tanh(z + by)
    if kind == RELU:
        return max(z + by, 0.0)
    return z + by


@compiled
def hidden_slopes(head, kind, z, following, exps, sums, t, pull, row, example, by, share, h, out):
    """Slopes for one unit of the layer before the last.

    Args:
        head: CROSS_ENTROPY or SQUARED (then ``share`` holds the factor of the square).
        kind: the activation after the unit.
        z: the unit's value for each example, (batch,).
        following, exps, sums: the scores, their shifted exponentials (batch, classes) and the
            sums of those (batch,).
        t, pull: targets (batch, classes) and their sums (batch,).
        row: the unit's weights to the scores, (classes,).
        example, by: of each move, the example and how far the unit goes.
        share, h: of an example in the loss, and the step.
        out: the slopes, one per move.
    """
    classes, widest = row.size, np.max(np.abs(row))
    batch = z.size
    minus, along = np.empty(batch), np.empty(batch)
    for i in range(batch):
        minus[i] = math.exp(-z[i]) if kind == SIGMOID else 0.0
        total = 0.0
        for k in range(classes):
            total += t[i, k] * row[k]
        along[i] = total
    for m in range(example.size):
        i = example[m]
        still = moved_activation(kind, z[i], minus[i], 0.0)
        up = moved_activation(kind, z[i], minus[i], by[m]) - still
        down = moved_activation(kind, z[i], minus[i], -by[m]) - still
        if head == CROSS_ENTROPY:
            if widest * max(abs(up), abs(down)) <= SMALL:
                above, below = 0.0, 0.0
                for k in range(classes):
                    above += exps[i, k] * exp_of_small(up * row[k])
                    below += exps[i, k] * exp_of_small(down * row[k])
                change = log_ratio(above, below)
            else:
                change = log_sum_exp(following[i], up, row) - log_sum_exp(following[i], down, row)
            difference = pull[i] * change - (up - down) * along[i]
        else:
            difference = 0.0
            for k in range(classes):
                error = following[i, k] - t[i, k]
                a, b = up * row[k], down * row[k]
                difference += (a - b) * (2 * error + a + b)
        out[m] = difference * share / (2 * h)


@compiled
def last_slopes(head, following, exps, sums, t, pull, unit, example, by, share, h, out):
    """Slopes for one unit of the last layer, whose values are the scores; see ``hidden_slopes``."""
    only = np.zeros(following.shape[1])
    for m in range(example.size):
        i = example[m]
        if head == CROSS_ENTROPY:
            if abs(by[m]) <= SMALL:
                above = sums[i] + exps[i, unit] * (exp_of_small(by[m]) - 1)
                below = sums[i] + exps[i, unit] * (exp_of_small(-by[m]) - 1)
                change = log_ratio(above, below)
            else:
                only[unit] = 1.0
                change = log_sum_exp(following[i], by[m], only)
                change -= log_sum_exp(following[i], -by[m], only)
            difference = pull[i] * change - 2 * by[m] * t[i, unit]
        else:
            error = following[i, unit] - t[i, unit]
            difference = 4 * by[m] * error
        out[m] = difference * share / (2 * h)


class CompiledMoves:
    """Slopes for the last two layers of a followed net, from arrays laid out once."""

    def __init__(self, scores: np.ndarray, t: np.ndarray, head: int, share: float, h: float):
        self.head, self.share, self.h = head, share, h
        self.scores, self.t = np.ascontiguousarray(scores), np.ascontiguousarray(t)
        self.exps = np.exp(scores - scores.max(axis=1, keepdims=True))
        self.sums, self.pull = self.exps.sum(axis=1), self.t.sum(axis=1)

    def hidden(self, kind: int, z: np.ndarray, row: np.ndarray, example, by) -> np.ndarray:
        """Slopes of moves of a unit before the last layer, whose values are z (batch,)."""
        out = np.empty(len(example))
        hidden_slopes(
            self.head, kind, np.ascontiguousarray(z), self.scores, self.exps, self.sums, self.t,
            self.pull, np.ascontiguousarray(row), example, by, self.share, self.h, out,
        )  # fmt: skip
        return out

    def last(self, unit: int, example, by) -> np.ndarray:
        """Slopes of moves of a unit of the last layer."""
        out = np.empty(len(example))
        last_slopes(
            self.head, self.scores, self.exps, self.sums, self.t, self.pull, unit, example, by,
            self.share, self.h, out,
        )  # fmt: skip
        return out


KINDS = {"Identity": IDENTITY, "Sigmoid": SIGMOID, "Tanh": TANH, "ReLU": RELU}
