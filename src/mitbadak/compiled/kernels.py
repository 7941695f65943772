"""The kernels of a training step. Each entry point takes the address of a job and carries it out.

A step has three phases. ``forward`` and ``backward`` process some rows of the batch, and
``update_weights`` some rows of every weight matrix, so that several threads can share a step. Each
thread processes its part, and the caller waits for all of them between phases. Sums are always
taken in the same order, so that results are bitwise the same for any number of threads.

One compiled function serves nets of any depth and width. All floats are in one array, the arena;
the plan has a line per layer that says where its arrays begin. Rows are padded with zeros to a
multiple of ``LANES`` floats, and the padding stays zero.
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
from mitbadak.compiled.sparse import compress_batch, sparse_affine, sparse_gradient
from mitbadak.compiled.vector import bytes_at, doubles, floats, ints


@kernel
def line_of(job, number):
    """A layer's line of the plan."""
    return ints(job[p.PLAN] + 8 * p.PLAN_COLUMNS * number, p.PLAN_COLUMNS)


@kernel
def share_of(rows, part, parts):
    """The range of ``rows`` that a part processes, in whole blocks of a product."""
    blocks = -(-rows // ROWS)
    return min(rows, blocks * part // parts * ROWS), min(rows, blocks * (part + 1) // parts * ROWS)


@kernel
def forward(address):
    """Run all layers and the loss, with its gradient, on rows FIRST to LAST of the batch.

    Returns the loss of the batch if there is only one part.
    """
    job = ints(address, p.JOB)
    base = job[p.ARENA]
    first, rows, line = job[p.FIRST], job[p.LAST] - job[p.FIRST], line_of(job, 0)
    if job[p.SOURCE] >= p.COMPRESSED:
        if job[p.SOURCE] == p.COMPRESSED_ON_THE_FLY:
            compress_batch(job)
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
            start, stop = share_of(line[p.N_IN], job[p.PART], job[p.PARTS])
            transpose(base, line, start, stop)
    line = line_of(job, job[p.LAYERS] - 1)
    head_rows(job, base, line)
    return batch_loss(job, line) if job[p.PARTS] == 1 and job[p.LEARNING] else 0.0


@kernel
def loss(address):
    """The loss of the batch, after ``forward`` has run on all its parts."""
    job = ints(address, p.JOB)
    return batch_loss(job, line_of(job, job[p.LAYERS] - 1))


@kernel
def evaluate(address):
    """Evaluate this part of a whole set, batch by batch; return how many predictions are correct.

    Each example's loss is written to EACH. The part has its own rows in the arena, from FIRST on.
    """
    job = ints(address, p.JOB)
    first, line, correct = job[p.FIRST], line_of(job, job[p.LAYERS] - 1), 0
    for start in range(job[p.BEGIN], job[p.END], job[p.AT_ONCE]):
        rows = min(job[p.AT_ONCE], job[p.END] - start)
        # Row ``first`` of the arena gets example ``start``.
        job[p.PICKED] = job[p.EXAMPLE_ROWS] + 8 * (start - first)
        job[p.FOLLOWING] = job[p.PICKED] + 8 * rows
        job[p.FOLLOWING_N] = first + min(job[p.AT_ONCE], job[p.END] - start - rows)
        job[p.LAST] = first + rows
        forward(address)
        correct += count_right(job, job[p.ARENA], line)
        losses = doubles(job[p.LOSSES], job[p.LAST])
        each = doubles(job[p.EACH] + 8 * start, rows)
        for i in range(rows):
            each[i] = losses[first + i]
    return float(correct)


@kernel
def backward(address):
    """Backpropagate the gradient of the scores to every layer, for rows FIRST to LAST."""
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
def update_weights(address):
    """Compute the gradients of this part's rows of every weight matrix and update them.

    Part 0 does the same for the biases.
    """
    job = ints(address, p.JOB)
    base = job[p.ARENA]
    in_place = job[p.OPTIMIZER] == p.SGD
    for number in range(job[p.LAYERS]):
        line = line_of(job, number)
        first, last = share_of(line[p.N_IN], job[p.PART], job[p.PARTS])
        step, row_out = 4 * line[p.ROW_OUT], line[p.ROW_OUT]
        target = line[p.W] if in_place else line[p.G]
        if number == 0 and job[p.SOURCE] >= p.COMPRESSED:
            if not in_place:
                clear(base + 4 * (target + first * row_out), (last - first) * row_out)
            sparse_gradient(job, base, line, base + 4 * target, first, last)
        else:
            x = line_of(job, number - 1)[p.A] if number > 0 else job[p.GATHERED]
            c = base + 4 * target + first * step
            start, start_step = (c, step) if in_place else (base + 4 * job[p.ZEROS], 0)
            product(last - first, row_out, job[p.N], c, step, start, start_step,
                    base + 4 * (x + first), 4, 4 * line[p.ROW_IN], base + 4 * line[p.D],
                    step)  # fmt: skip
        updates_bias = job[p.PART] == 0 and line[p.GB] >= 0
        if updates_bias:
            sums = line[p.B] if in_place else line[p.GB]
            if not in_place:
                clear(base + 4 * sums, row_out)
            sum_rows(base + 4 * line[p.D], job[p.N], row_out, base + 4 * sums, row_out)
        if not in_place:
            rates, size = doubles(job[p.RATES], 6), line[p.N_IN] * row_out
            apply(base, job[p.OPTIMIZER], rates, line[p.W], line[p.G], line[p.STATE], size,
                  first * row_out, last * row_out)  # fmt: skip
            if updates_bias:
                state = line[p.STATE] + 2 * size
                apply(base, job[p.OPTIMIZER], rates, line[p.B], line[p.GB], state, row_out, 0,
                      row_out)  # fmt: skip
    return 0.0


@kernel
def update(address):
    """The backward pass and the update, where one part has all rows."""
    backward(address)
    return update_weights(address)


@kernel
def apply(base, optimizer, rates, values, gradients, states, size, first, last):
    """Update entries first to last of a parameter of ``size`` entries by Momentum or Adam."""
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
    """Write the scores of rows FIRST to LAST, dense floats, to OUT, one group of rows at a time.

    With PROBABILITIES set, their softmax.
    """
    job = ints(address, p.JOB)
    base = job[p.ARENA]
    arena_row = job[p.PART] * p.GROUP  # each part has its own rows in the arena
    last = line_of(job, job[p.LAYERS] - 1)
    classes = last[p.N_OUT]
    for first in range(job[p.FIRST], job[p.LAST], p.GROUP):
        rows = min(p.GROUP, job[p.LAST] - first)
        x, step = job[p.EXAMPLES] + 4 * first * job[p.WIDTH], 4 * job[p.WIDTH]
        for number in range(job[p.LAYERS]):
            line = line_of(job, number)
            affine(base, line, arena_row, rows, x, step)
            activate(base, line, arena_row, rows)
            step = 4 * line[p.ROW_OUT]
            x = base + 4 * line[p.A] + arena_row * step
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
    """Write the running count of nonzero bytes, row by row, to STARTS."""
    job = ints(address, p.JOB)
    starts = ints(job[p.STARTS], job[p.N] + 1)
    starts[0] = 0
    for i in range(job[p.N]):
        row, nonzero = bytes_at(job[p.EXAMPLES] + i * job[p.WIDTH], job[p.WIDTH]), 0
        for j in range(job[p.WIDTH]):
            nonzero += row[j] != 0
        starts[i + 1] = starts[i] + nonzero
    return 0.0


@kernel
def compress(address):
    """Compress all rows of bytes to the columns and values of their nonzero entries."""
    job = ints(address, p.JOB)
    starts, width = ints(job[p.STARTS], job[p.N] + 1), job[p.WIDTH]
    for i in range(job[p.N]):
        row = job[p.EXAMPLES] + i * width
        compress_row(row, width, job[p.COLUMNS], job[p.VALUES], starts[i])
    return 0.0
