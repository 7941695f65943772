"""Central differences for the last layer and the one before it, compiled, in float64.

The formula is the definition, rearranged for accuracy: the two losses differ by a few small terms,
so exp and log are applied to those, as series where the terms are tiny. No derivative is used: a
wider step shows the error of its curvature as the definition does.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from mitbadak.compiled import plan as p
from mitbadak.compiled.vector import doubles, ints

SMALL = 1 / 64  # below it the series of exp to the 7th power is exact to the last bit: 64^-8 / 8!
NEAR = 1e-3  # below it the series of log(1 + r) to the 5th power is: 1e-18 / 6

# Sums may be reordered and products fused; NaN and infinity keep their meaning.
kernel = njit(nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})


@kernel
def exp_of(u):
    """exp(u), by its series if u is small."""
    return math.exp(u) if abs(u) > SMALL else exp_of_small(u)


@kernel
def exp_of_small(u):
    """exp(u) for ``abs(u) <= SMALL``, without a branch, so that loops are vectorized."""
    p = 1 / 5040
    p = p * u + 1 / 720
    p = p * u + 1 / 120
    p = p * u + 1 / 24
    p = p * u + 1 / 6
    p = p * u + 1 / 2
    p = p * u + 1
    return p * u + 1


@kernel
def log_ratio(a, b):
    """log(a / b), by its series if a and b are nearly equal."""
    r = (a - b) / b
    if not abs(r) < NEAR:
        return math.log(a / b)
    return r * (1 - r * (1 / 2 - r * (1 / 3 - r * (1 / 4 - r / 5))))


@kernel
def log_sum_exp(scores, by, row):
    """``log sum_k exp(scores_k + by row_k)``, for a move of any size."""
    top = -np.inf
    for k in range(row.size):
        top = max(top, scores[k] + by * row[k])
    total = 0.0
    for k in range(row.size):
        total += math.exp(scores[k] + by * row[k] - top)
    return top + math.log(total)


@kernel
def log_sum_exp_of_one(scores, by, unit):
    """The same if only one score moves."""
    top = -np.inf
    for k in range(scores.size):
        top = max(top, scores[k] + (by if k == unit else 0.0))
    total = 0.0
    for k in range(scores.size):
        total += math.exp(scores[k] + (by if k == unit else 0.0) - top)
    return top + math.log(total)


@kernel
def moved_activation(kind, z, exp_minus_z, by):
    """The activation at z + by."""
    if kind == p.SIGMOID:
        return 1 / (1 + exp_minus_z * exp_of(-by))
    if kind == p.TANH:
        return math.tanh(z + by)
    if kind == p.RELU:
        return max(z + by, 0.0)
    return z + by


@kernel
def hidden_slopes(address):
    """Central differences for one unit of the layer before the last; ``plan`` describes the job."""
    job = ints(address, p.MOVES_JOB)
    kind, batch, classes, moves = job[p.KIND], job[p.BATCH], job[p.CLASSES], job[p.MOVES]
    z, row, t = doubles(job[p.Z], batch), doubles(job[p.ROW], classes), job[p.T]
    minus, along = doubles(job[p.SCRATCH], batch), doubles(job[p.SCRATCH] + 8 * batch, batch)
    example, by, out = ints(job[p.EXAMPLE], moves), doubles(job[p.BY], moves), job[p.SLOPES]
    share, h = doubles(job[p.NUMBERS], 2)[0], doubles(job[p.NUMBERS], 2)[1]
    pull, slopes = doubles(job[p.PULL], batch), doubles(out, moves)
    widest = 0.0
    for k in range(classes):
        widest = max(widest, abs(row[k]))
    for i in range(batch):
        minus[i] = math.exp(-z[i]) if kind == p.SIGMOID else 0.0
        targets, total = doubles(t + 8 * i * classes, classes), 0.0
        for k in range(classes):
            total += targets[k] * row[k]
        along[i] = total
    for m in range(moves):
        i = example[m]
        unmoved = moved_activation(kind, z[i], minus[i], 0.0)
        up = moved_activation(kind, z[i], minus[i], by[m]) - unmoved
        down = moved_activation(kind, z[i], minus[i], -by[m]) - unmoved
        scores = doubles(job[p.SCORES] + 8 * i * classes, classes)
        if job[p.LOSS] == p.CROSS_ENTROPY:
            if widest * max(abs(up), abs(down)) <= SMALL:
                exps = doubles(job[p.EXPS] + 8 * i * classes, classes)
                above, below = 0.0, 0.0
                for k in range(classes):
                    above += exps[k] * exp_of_small(up * row[k])
                    below += exps[k] * exp_of_small(down * row[k])
                change = log_ratio(above, below)
            else:
                change = log_sum_exp(scores, up, row) - log_sum_exp(scores, down, row)
            difference = pull[i] * change - (up - down) * along[i]
        else:
            targets, difference = doubles(t + 8 * i * classes, classes), 0.0
            for k in range(classes):
                error = scores[k] - targets[k]
                a, b = up * row[k], down * row[k]
                difference += (a - b) * (2 * error + a + b)
        slopes[m] = difference * share / (2 * h)
    return 0.0


@kernel
def last_slopes(address):
    """Central differences for one unit of the last layer, whose outputs are the scores."""
    job = ints(address, p.MOVES_JOB)
    batch, classes, moves, unit = job[p.BATCH], job[p.CLASSES], job[p.MOVES], job[p.UNIT]
    example, by = ints(job[p.EXAMPLE], moves), doubles(job[p.BY], moves)
    share, h = doubles(job[p.NUMBERS], 2)[0], doubles(job[p.NUMBERS], 2)[1]
    sums, pull, slopes = (
        doubles(job[p.SUMS], batch), doubles(job[p.PULL], batch), doubles(job[p.SLOPES], moves),
    )  # fmt: skip
    for m in range(moves):
        i = example[m]
        scores = doubles(job[p.SCORES] + 8 * i * classes, classes)
        target = doubles(job[p.T] + 8 * (i * classes + unit), 1)[0]
        if job[p.LOSS] == p.CROSS_ENTROPY:
            if abs(by[m]) <= SMALL:
                own = doubles(job[p.EXPS] + 8 * (i * classes + unit), 1)[0]
                above = sums[i] + own * (exp_of_small(by[m]) - 1)
                below = sums[i] + own * (exp_of_small(-by[m]) - 1)
                change = log_ratio(above, below)
            else:
                change = log_sum_exp_of_one(scores, by[m], unit)
                change -= log_sum_exp_of_one(scores, -by[m], unit)
            difference = pull[i] * change - 2 * by[m] * target
        else:
            difference = 4 * by[m] * (scores[unit] - target)
        slopes[m] = difference * share / (2 * h)
    return 0.0
