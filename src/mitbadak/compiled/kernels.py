"""A training step compiled as a whole: forward, loss, backward and update in one arena.

All floats of a step (parameters, optimizer state, activations, gradients) lie in one array, the
arena; ``plan`` holds, a line per layer, where each begins. So one compiled function serves nets of
any depth and width. Rows are padded to ``LANES`` floats with zeros, which stay zero.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import binding
from numba import njit

from mitbadak.compiled import vector

# Columns of a line of the plan.
N_IN, N_OUT, ROW_IN, ROW_OUT, W, B, A, D, WT, G, GB, ACTIVATION, STATE = range(13)
PLAN_COLUMNS = 13
# Entries of the settings.
LAYERS, HEAD, OPTIMIZER, SPARSE, ROOM, ZEROS, SHIFTED = range(7)
SETTINGS = 7
IDENTITY, SIGMOID, TANH, RELU = range(4)
SOFTMAX, MEAN_SQUARED, SUM_SQUARED = range(3)
SGD, MOMENTUM, ADAM = range(3)

AHEAD = 4  # examples between asking the memory for one and computing it
# A block of a product that fills the vector registers: 4 x 4 of 16 floats, or 6 x 2 of 8.
ROWS, BLOCK = (4, 64) if binding.get_host_cpu_features().get("avx512f") else (6, 16)

forward_64, forward_32, forward_16 = map(vector.sparse_forward, vector.WIDTHS)
filing_64, filing_32, filing_16 = map(vector.sparse_forward_filing, vector.WIDTHS)
backward_64, backward_32, backward_16 = map(vector.sparse_backward, vector.WIDTHS)
tile_64, tile_32, tile_16 = (vector.product(ROWS, min(w, BLOCK)) for w in vector.WIDTHS)
line_64, line_32, line_16 = (vector.product(1, min(w, BLOCK)) for w in vector.WIDTHS)
exponential, logistic, hyperbolic = vector.exponential, vector.logistic, vector.hyperbolic
prefetch: Any = vector.prefetch
compiled = njit(cache=True, nogil=True, error_model="numpy")


@compiled
def block(columns, most):
    """The widest block that fits: a power of two, since others are taken apart at a cost."""
    for width in (64, 32):
        if width <= min(columns, most):
            return width
    return 16


@compiled
def product(m, n, k, c, c_step, start, start_step, a, a_row, a_column, b, b_step):
    """``c = start + a b`` for c of m by n; addresses, and steps in bytes. n is padded."""
    j = 0
    while j < n:
        width = block(n - j, BLOCK)
        shift = 4 * j
        i = 0
        while i < m:
            full = i + ROWS <= m
            ci, si, ai = c + i * c_step + shift, start + i * start_step + shift, a + i * a_row
            bj = b + shift
            if full:
                if width == 64:
                    tile_64(ci, c_step, si, start_step, ai, a_row, a_column, bj, b_step, k)
                elif width == 32:
                    tile_32(ci, c_step, si, start_step, ai, a_row, a_column, bj, b_step, k)
                else:
                    tile_16(ci, c_step, si, start_step, ai, a_row, a_column, bj, b_step, k)
                i += ROWS
            else:
                if width == 64:
                    line_64(ci, c_step, si, start_step, ai, a_row, a_column, bj, b_step, k)
                elif width == 32:
                    line_32(ci, c_step, si, start_step, ai, a_row, a_column, bj, b_step, k)
                else:
                    line_16(ci, c_step, si, start_step, ai, a_row, a_column, bj, b_step, k)
                i += 1
        j += width


@compiled
def sparse_layer(
    base, line, indptr, columns, values, scale, picked, following, counts, files, room
):
    """The first layer on pixels that are mostly 0; files them by column for the way back.

    While one example is computed, memory is asked for one a little later, or, near the end, for
    the next batch's: rows at random places would otherwise be waited for.
    """
    step = 4 * line[ROW_OUT]
    table, bias, out = base + 4 * line[W], base + 4 * line[B], base + 4 * line[A]
    cols, vals, lut = columns.ctypes.data, values.ctypes.data, scale.ctypes.data
    tally, filed = counts.ctypes.data, files.ctypes.data
    counts[:] = 0
    n = picked.size
    for i in range(n):
        soon = picked[i + AHEAD] if i + AHEAD < n else -1
        if soon < 0 and i + AHEAD - n < following.size:
            soon = following[i + AHEAD - n]
        if soon >= 0:
            first, last = indptr[soon], indptr[soon + 1]
            for k in range(first, last, 32):
                prefetch(cols + 2 * k)
            for k in range(first, last, 64):
                prefetch(vals + k)
        first = indptr[picked[i]]
        length = indptr[picked[i] + 1] - first
        c, v = cols + 2 * first, vals + first
        j = 0
        while j < line[ROW_OUT]:
            width = block(line[ROW_OUT] - j, 64)
            o, s, t = out + i * step + 4 * j, bias + 4 * j, table + 4 * j
            if j == 0:
                if width == 64:
                    filing_64(o, s, t, step, c, v, length, lut, tally, filed, room, i)
                elif width == 32:
                    filing_32(o, s, t, step, c, v, length, lut, tally, filed, room, i)
                else:
                    filing_16(o, s, t, step, c, v, length, lut, tally, filed, room, i)
            else:
                if width == 64:
                    forward_64(o, s, t, step, c, v, length, lut)
                elif width == 32:
                    forward_32(o, s, t, step, c, v, length, lut)
                else:
                    forward_16(o, s, t, step, c, v, length, lut)
            j += width


@compiled
def sparse_gradient(base, line, target, scale, counts, files, room):
    """Add ``x^T d`` to the rows at ``target``, column by column of x, from what was filed."""
    step = 4 * line[ROW_OUT]
    d, lut, filed = base + 4 * line[D], scale.ctypes.data, files.ctypes.data
    for column in range(line[N_IN]):
        n = np.int64(counts[column])
        if n == 0:
            continue
        f = filed + 4 * column * room
        j = 0
        while j < line[ROW_OUT]:
            width = block(line[ROW_OUT] - j, 64)
            row, dj = target + column * step + 4 * j, d + 4 * j
            if width == 64:
                backward_64(row, dj, step, f, n, lut)
            elif width == 32:
                backward_32(row, dj, step, f, n, lut)
            else:
                backward_16(row, dj, step, f, n, lut)
            j += width


@compiled
def activate(kind, address, n):
    if kind == SIGMOID:
        logistic(address, address, n)
    elif kind == TANH:
        hyperbolic(address, address, n)
    elif kind == RELU:
        vector.rectify(address, address, n)


@compiled
def slope(kind, address, output, n):
    """Multiply d by the activation's derivative, taken from its output."""
    if kind == SIGMOID:
        vector.logistic_slope(address, address, output, n)
    elif kind == TANH:
        vector.hyperbolic_slope(address, address, output, n)
    elif kind == RELU:
        vector.rectify_slope(address, address, output, n)


@compiled
def softmax_loss(scores, d, address, labels, targets, picked, classes, shifted):
    """Cross entropy of rows of scores; leaves its gradient in d, and d's padding zero."""
    n, width = scores.shape
    for i in range(n):
        top = scores[i, 0]
        for k in range(1, classes):
            if scores[i, k] > top or scores[i, k] != scores[i, k]:
                top = scores[i, k]
        for k in range(width):
            d[i, k] = scores[i, k] - top
        if labels.size:
            shifted[i] = d[i, labels[picked[i]]]
        else:
            pull = np.float32(0)
            for k in range(classes):
                pull += targets[picked[i], k] * d[i, k]
            shifted[i] = pull
    exponential(address, address, n * width)
    loss = 0.0
    share = np.float32(1.0 / n)
    for i in range(n):
        total = np.float32(0)
        for k in range(classes):
            total += d[i, k]
        if labels.size:
            loss += math.log(total) - shifted[i]
            factor = share / total
            for k in range(classes):
                d[i, k] *= factor
            d[i, labels[picked[i]]] -= share
        else:
            weight = np.float32(0)
            for k in range(classes):
                weight += targets[picked[i], k]
            loss += weight * math.log(total) - shifted[i]
            factor = weight * share / total
            for k in range(classes):
                d[i, k] = d[i, k] * factor - targets[picked[i], k] * share
        for k in range(classes, width):
            d[i, k] = 0
    return loss / n


@compiled
def squared_loss(scores, d, labels, targets, picked, outputs, mean):
    """Half the sum of squares, or their mean; leaves the gradient in d."""
    n, width = scores.shape
    loss = 0.0
    factor = np.float32(2.0 / (n * outputs)) if mean else np.float32(1)
    for i in range(n):
        for k in range(width):
            d[i, k] = 0
        for k in range(outputs):
            t = targets[picked[i], k] if targets.size else np.float32(labels[picked[i]] == k)
            difference = scores[i, k] - t
            loss += difference * difference
            d[i, k] = difference * factor
    return loss / (n * outputs) if mean else 0.5 * loss


@compiled
def forward(arena, plan, settings, data, examples, labels, targets, picked, following):
    """All layers on a batch; leaves the gradient of the scores; returns the loss."""
    indptr, columns, values, scale, counts, files = data
    base = arena.ctypes.data
    n, layers = picked.size, settings[LAYERS]
    for number in range(layers):
        line = plan[number]
        step = 4 * line[ROW_OUT]
        if number == 0 and settings[SPARSE]:
            sparse_layer(base, line, indptr, columns, values, scale, picked, following, counts,
                         files, settings[ROOM])  # fmt: skip
        else:
            if number == 0:
                gather(arena, settings, line, examples, picked, scale)
                a = base + 4 * settings[ROOM]
            else:
                a = base + 4 * plan[number - 1, A]
            product(n, line[ROW_OUT], line[N_IN], base + 4 * line[A], step, base + 4 * line[B], 0,
                    a, 4 * line[ROW_IN], 4, base + 4 * line[W], step)  # fmt: skip
        activate(line[ACTIVATION], base + 4 * line[A], n * line[ROW_OUT])
    line = plan[layers - 1]
    size = n * line[ROW_OUT]
    scores = arena[line[A] : line[A] + size].reshape((n, line[ROW_OUT]))
    d = arena[line[D] : line[D] + size].reshape((n, line[ROW_OUT]))
    if settings[HEAD] == SOFTMAX:
        shifted = arena[settings[SHIFTED] : settings[SHIFTED] + n]
        return softmax_loss(scores, d, base + 4 * line[D], labels, targets, picked, line[N_OUT],
                            shifted)  # fmt: skip
    mean = settings[HEAD] == MEAN_SQUARED
    return squared_loss(scores, d, labels, targets, picked, line[N_OUT], mean)


@compiled
def gather(arena, settings, line, examples, picked, scale):
    """Rows of x into the arena, bytes through ``scale``."""
    start, step = settings[ROOM], line[ROW_IN]
    for i in range(picked.size):
        row = examples[picked[i]]
        at = start + i * step
        for j in range(row.size):
            arena[at + j] = row[j] * scale[1]


@compiled
def backward(arena, plan, settings, data, rates, n):
    """Gradients of all layers from the gradient of the scores, and the update."""
    _, _, _, scale, counts, files = data
    base = arena.ctypes.data
    zeros = base + 4 * settings[ZEROS]
    for back in range(settings[LAYERS]):
        number = settings[LAYERS] - 1 - back
        line = plan[number]
        step, d = 4 * line[ROW_OUT], base + 4 * line[D]
        if number > 0:
            below = plan[number - 1]
            transpose(arena, line)
            product(n, line[ROW_IN], line[N_OUT], base + 4 * below[D], 4 * line[ROW_IN], zeros, 0,
                    d, step, 4, base + 4 * line[WT], 4 * line[ROW_IN])  # fmt: skip
            slope(below[ACTIVATION], base + 4 * below[D], base + 4 * below[A], n * line[ROW_IN])
            a = base + 4 * below[A]
        else:
            a = base + 4 * settings[ROOM]
        straight = settings[OPTIMIZER] == SGD  # the update is added to the weights themselves
        if straight:
            arena[line[D] : line[D] + n * line[ROW_OUT]] *= np.float32(-rates[0])
        target = base + 4 * (line[W] if straight else line[G])
        sums = line[B] if straight else line[GB]
        if not straight:
            arena[sums : sums + line[ROW_OUT]] = 0
        if number == 0 and settings[SPARSE]:
            if not straight:
                arena[line[G] : line[G] + line[N_IN] * line[ROW_OUT]] = 0
            sparse_gradient(base, line, target, scale, counts, files, settings[ROOM])
        else:
            start, start_step = (target, step) if straight else (zeros, 0)
            product(line[N_IN], line[ROW_OUT], n, target, step, start, start_step, a, 4,
                    4 * line[ROW_IN], d, step)  # fmt: skip
        if line[GB] >= 0:
            bias = arena[sums : sums + line[ROW_OUT]]
            for i in range(n):
                at = line[D] + i * line[ROW_OUT]
                bias += arena[at : at + line[ROW_OUT]]
        if not straight:
            apply(arena, line, settings[OPTIMIZER], rates)


@compiled
def transpose(arena, line):
    n_in, n_out, row_in, row_out = line[N_IN], line[N_OUT], line[ROW_IN], line[ROW_OUT]
    for i in range(n_in):
        for j in range(n_out):
            arena[line[WT] + j * row_in + i] = arena[line[W] + i * row_out + j]


@compiled
def apply(arena, line, optimizer, rates):
    """Momentum or Adam on the weights and biases of one layer."""
    size = line[N_IN] * line[ROW_OUT]
    one = np.float32(1)
    for part in range(2 if line[GB] >= 0 else 1):
        n = size if part == 0 else line[ROW_OUT]
        p0 = line[W] if part == 0 else line[B]
        g0 = line[G] if part == 0 else line[GB]
        s0 = line[STATE] if part == 0 else line[STATE] + 2 * size
        p, g = arena[p0 : p0 + n], arena[g0 : g0 + n]
        s1, s2 = arena[s0 : s0 + n], arena[s0 + n : s0 + 2 * n]
        if optimizer == MOMENTUM:
            lr, momentum = np.float32(rates[0]), np.float32(rates[1])
            for i in range(n):
                s1[i] = momentum * s1[i] - lr * g[i]
                p[i] += s1[i]
        else:
            beta1, beta2 = np.float32(rates[1]), np.float32(rates[2])
            eps = np.float32(rates[3])
            lr, root = np.float32(rates[0] / rates[4]), np.float32(1 / rates[5])
            for i in range(n):
                s1[i] = beta1 * s1[i] + (one - beta1) * g[i]
                s2[i] = beta2 * s2[i] + (one - beta2) * (g[i] * g[i])
                p[i] -= lr * s1[i] / (np.sqrt(s2[i]) * root + eps)


@compiled
def count_rows(x, starts):
    """``starts[i + 1]``: how many entries of the first i + 1 rows are not 0."""
    for i in range(x.shape[0]):
        count = 0
        for j in range(x.shape[1]):
            count += x[i, j] != 0
        starts[i + 1] = starts[i] + count


@compiled
def compress_rows(x, starts, columns, values):
    """The columns and values of the entries that are not 0."""
    for i in range(x.shape[0]):
        k = starts[i]
        for j in range(x.shape[1]):
            if x[i, j] != 0:
                columns[k] = j
                values[k] = x[i, j]
                k += 1


@compiled
def count_right(arena, line, labels, targets, picked):
    """How many rows of the scores are largest at the labelled class; a row with NaN is not."""
    right = 0
    for i in range(picked.size):
        scores = arena[line[A] + i * line[ROW_OUT] : line[A] + i * line[ROW_OUT] + line[N_OUT]]
        best, true, broken = 0, 0, False
        for k in range(scores.size):
            broken |= scores[k] != scores[k]
            if scores[k] > scores[best]:
                best = k
            if targets.size and targets[picked[i], k] > targets[picked[i], true]:
                true = k
        if labels.size:
            true = labels[picked[i]]
        right += best == true and not broken
    return right
