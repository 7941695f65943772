"""A training step compiled: each entry takes the address of a job and does what it says.

A step is three of them. ``forward`` and ``back`` work on some rows of the batch, ``learn`` on some
rows of every weight matrix, so that several threads can share a step: each takes its part of the
rows, and whoever calls waits for all between one entry and the next. Every sum is taken in the same
order however many parts there are, and so gives the same bits.

One compiled function serves nets of any depth and width: all floats lie in one array, the arena,
and ``plan`` holds, a line per layer, where in it each array begins. Rows are padded to ``LANES``
floats with zeros, which stay zero.
"""

from __future__ import annotations

import numpy as np

from mitbadak.compiled import plan as p
from mitbadak.compiled.compression import compress_row
from mitbadak.compiled.dense import (
    ROWS,
    activate,
    affine,
    clear,
    gather,
    kernel,
    product,
    scale_by,
    slope,
    sum_rows,
    transpose,
)
from mitbadak.compiled.heads import batch_loss, count_right, head_rows, softmax
from mitbadak.compiled.sparse import compress_in_passing, sparse_affine, sparse_gradient
from mitbadak.compiled.vector import bytes_at, doubles, floats, ints


@kernel
def line_of(job, number):
    """The line of the plan for a layer."""
    return ints(job[p.PLAN] + 8 * p.PLAN_COLUMNS * number, p.PLAN_COLUMNS)


@kernel
def share_of(rows, part, parts):
    """The first and the last row of a part of ``rows``, in whole blocks of a product."""
    blocks = -(-rows // ROWS)
    return min(rows, blocks * part // parts * ROWS), min(rows, blocks * (part + 1) // parts * ROWS)


@kernel
def forward(address):
    """All layers on rows FIRST to LAST of the batch, and each one's loss and slope of its scores.

    Returns the loss of the batch when one part has all of it.
    """
    job = ints(address, p.JOB)
    base = job[p.ARENA]
    first, rows, line = job[p.FIRST], job[p.LAST] - job[p.FIRST], line_of(job, 0)
    if job[p.SOURCE] >= p.COMPRESSED:
        if job[p.SOURCE] == p.COMPRESSED_IN_PASSING:
            compress_in_passing(job)
        sparse_affine(job, base, line)
    else:
        gather(job, base, line)
        x = base + 4 * (job[p.GATHERED] + first * line[p.ROW_IN])
        affine(base, line, first, rows, x, 4 * line[p.ROW_IN])
    activate(base, line, first, rows)
    for number in range(1, job[p.LAYERS]):
        line, below = line_of(job, number), line_of(job, number - 1)
        x = base + 4 * (below[p.A] + first * below[p.ROW_OUT])
        affine(base, line, first, rows, x, 4 * below[p.ROW_OUT])
        activate(base, line, first, rows)
        if job[p.LEARNING]:
            above, beneath = share_of(line[p.N_IN], job[p.PART], job[p.PARTS])
            transpose(base, line, above, beneath)
    line = line_of(job, job[p.LAYERS] - 1)
    head_rows(job, base, line)
    return batch_loss(job, line) if job[p.PARTS] == 1 and job[p.LEARNING] else 0.0


@kernel
def loss(address):
    """The loss of the batch, once all its parts have been forward."""
    job = ints(address, p.JOB)
    return batch_loss(job, line_of(job, job[p.LAYERS] - 1))


@kernel
def measure(address):
    """Forward on this part of a whole set, batch by batch; how many examples are right.

    Each example's loss goes to EACH. The part has rows of its own in the arena, from FIRST on.
    """
    job = ints(address, p.JOB)
    first, line, right = job[p.FIRST], line_of(job, job[p.LAYERS] - 1), 0
    for start in range(job[p.BEGIN], job[p.END], job[p.AT_ONCE]):
        rows = min(job[p.AT_ONCE], job[p.END] - start)
        # Row ``first`` of the arena takes the example that stands at ``start``.
        job[p.PICKED] = job[p.EXAMPLE_ROWS] + 8 * (start - first)
        job[p.FOLLOWING] = job[p.PICKED] + 8 * rows
        job[p.FOLLOWING_N] = first + min(job[p.AT_ONCE], job[p.END] - start - rows)
        job[p.LAST] = first + rows
        forward(address)
        right += count_right(job, job[p.ARENA], line)
        losses = doubles(job[p.LOSSES], job[p.LAST])
        each = doubles(job[p.EACH] + 8 * start, rows)
        for i in range(rows):
            each[i] = losses[first + i]
    return float(right)


@kernel
def back(address):
    """From the slopes of the scores to those of every layer, for rows FIRST to LAST."""
    job = ints(address, p.JOB)
    base = job[p.ARENA]
    first, rows = job[p.FIRST], job[p.LAST] - job[p.FIRST]
    rate = -np.float32(doubles(job[p.RATES], 1)[0])
    for number in range(job[p.LAYERS] - 1, -1, -1):
        line = line_of(job, number)
        start, step = line[p.D] + first * line[p.ROW_OUT], 4 * line[p.ROW_OUT]
        if number > 0:
            below, into = line_of(job, number - 1), 4 * line[p.ROW_IN]
            d = base + 4 * below[p.D] + first * into
            product(rows, line[p.ROW_IN], line[p.N_OUT], d, into, base + 4 * job[p.ZEROS], 0,
                    base + 4 * start, step, 4, base + 4 * line[p.WT], into)  # fmt: skip
            output = base + 4 * below[p.A] + first * into
            slope(below[p.ACTIVATION], d, output, rows * line[p.ROW_IN])
        if job[p.OPTIMIZER] == p.SGD:  # the update is then added to the weights themselves
            scale_by(base + 4 * start, rows * line[p.ROW_OUT], rate)
    return 0.0


@kernel
def learn(address):
    """Gradients and update of this part's rows of every weight matrix; part 0 has the biases."""
    job = ints(address, p.JOB)
    base = job[p.ARENA]
    straight = job[p.OPTIMIZER] == p.SGD
    for number in range(job[p.LAYERS]):
        line = line_of(job, number)
        first, last = share_of(line[p.N_IN], job[p.PART], job[p.PARTS])
        step, row_out = 4 * line[p.ROW_OUT], line[p.ROW_OUT]
        target = line[p.W] if straight else line[p.G]
        if number == 0 and job[p.SOURCE] >= p.COMPRESSED:
            if not straight:
                clear(base + 4 * (target + first * row_out), (last - first) * row_out)
            sparse_gradient(job, base, line, base + 4 * target, first, last)
        else:
            x = line_of(job, number - 1)[p.A] if number > 0 else job[p.GATHERED]
            c = base + 4 * target + first * step
            start, start_step = (c, step) if straight else (base + 4 * job[p.ZEROS], 0)
            product(last - first, row_out, job[p.N], c, step, start, start_step,
                    base + 4 * (x + first), 4, 4 * line[p.ROW_IN], base + 4 * line[p.D],
                    step)  # fmt: skip
        learns_bias = job[p.PART] == 0 and line[p.GB] >= 0
        if learns_bias:
            sums = line[p.B] if straight else line[p.GB]
            if not straight:
                clear(base + 4 * sums, row_out)
            sum_rows(base + 4 * line[p.D], job[p.N], row_out, base + 4 * sums, row_out)
        if not straight:
            rates, size = doubles(job[p.RATES], 6), line[p.N_IN] * row_out
            apply(base, job[p.OPTIMIZER], rates, line[p.W], line[p.G], line[p.STATE], size,
                  first * row_out, last * row_out)  # fmt: skip
            if learns_bias:
                state = line[p.STATE] + 2 * size
                apply(base, job[p.OPTIMIZER], rates, line[p.B], line[p.GB], state, row_out, 0,
                      row_out)  # fmt: skip
    return 0.0


@kernel
def update(address):
    """The way back and the update, where one part has all rows."""
    back(address)
    return learn(address)


@kernel
def apply(base, optimizer, rates, values, gradients, states, size, first, last):
    """Momentum or Adam on entries first to last of a parameter of ``size`` entries."""
    one = np.float32(1)
    n = last - first
    w, g = floats(base + 4 * (values + first), n), floats(base + 4 * (gradients + first), n)
    s1 = floats(base + 4 * (states + first), n)
    s2 = floats(base + 4 * (states + size + first), n)
    if optimizer == p.MOMENTUM:
        lr, momentum = np.float32(rates[0]), np.float32(rates[1])
        for i in range(n):
            s1[i] = momentum * s1[i] - lr * g[i]
            w[i] += s1[i]
    elif optimizer == p.ADAM:
        beta1, beta2 = np.float32(rates[1]), np.float32(rates[2])
        eps = np.float32(rates[3])
        lr, root = np.float32(rates[0] / rates[4]), np.float32(1 / rates[5])
        for i in range(n):
            s1[i] = beta1 * s1[i] + (one - beta1) * g[i]
            s2[i] = beta2 * s2[i] + (one - beta2) * (g[i] * g[i])
            w[i] -= lr * s1[i] / (np.sqrt(s2[i]) * root + eps)


@kernel
def predict(address):
    """Scores of rows FIRST to LAST of dense floats into OUT, a group of rows after the other.

    Or their softmax, where PROBABILITIES are asked for.
    """
    job = ints(address, p.JOB)
    base = job[p.ARENA]
    room = job[p.PART] * p.GROUP  # each part has rows of its own in the arena
    last = line_of(job, job[p.LAYERS] - 1)
    classes = last[p.N_OUT]
    for first in range(job[p.FIRST], job[p.LAST], p.GROUP):
        rows = min(p.GROUP, job[p.LAST] - first)
        x, step = job[p.EXAMPLES] + 4 * first * job[p.WIDTH], 4 * job[p.WIDTH]
        for number in range(job[p.LAYERS]):
            line = line_of(job, number)
            affine(base, line, room, rows, x, step)
            activate(base, line, room, rows)
            step = 4 * line[p.ROW_OUT]
            x = base + 4 * line[p.A] + room * step
        if job[p.PROBABILITIES]:
            softmax(x, rows, last)
        out = floats(job[p.OUT] + 4 * first * classes, rows * classes)
        for i in range(rows):
            scores = floats(x + i * step, classes)
            for k in range(classes):
                out[i * classes + k] = scores[k]
    return 0.0


@kernel
def count(address):
    """Into STARTS: after row i of the bytes, how many so far are not 0."""
    job = ints(address, p.JOB)
    starts = ints(job[p.STARTS], job[p.N] + 1)
    starts[0] = 0
    for i in range(job[p.N]):
        row, found = bytes_at(job[p.EXAMPLES] + i * job[p.WIDTH], job[p.WIDTH]), 0
        for j in range(job[p.WIDTH]):
            found += row[j] != 0
        starts[i + 1] = starts[i] + found
    return 0.0


@kernel
def compress(address):
    """All rows of bytes as columns and values of what is not 0."""
    job = ints(address, p.JOB)
    starts, width = ints(job[p.STARTS], job[p.N] + 1), job[p.WIDTH]
    for i in range(job[p.N]):
        row = job[p.EXAMPLES] + i * width
        compress_row(row, width, job[p.COLUMNS], job[p.VALUES], starts[i])
    return 0.0
