"""The first layer on pixels that are mostly 0: only nonzero entries are computed with."""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.compiled import plan as p, vector
from mitbadak.compiled.compression import compress_row
from mitbadak.compiled.dense import block, kernel
from mitbadak.compiled.vector import counters, ints

AHEAD = 8  # examples between prefetching one and computing it
CACHE_LINE = 64

forward_64, forward_32, forward_16 = map(vector.sparse_forward, vector.WIDTHS)
filing_64, filing_32, filing_16 = map(vector.sparse_forward_filing, vector.WIDTHS)
backward_64, backward_32, backward_16 = map(vector.sparse_backward, vector.WIDTHS)
prefetch: Any = vector.prefetch


@kernel
def upcoming(job, i):
    """The example that is due in ``AHEAD`` examples, in this batch or the next; -1 for none."""
    soon = i + AHEAD
    if soon < job[p.LAST]:
        return ints(job[p.PICKED], job[p.LAST])[soon]
    soon += job[p.FIRST] - job[p.LAST]
    if soon < job[p.FOLLOWING_N]:
        return ints(job[p.FOLLOWING], job[p.FOLLOWING_N])[soon]
    return -1


@kernel
def compress_batch(job):
    """Compress the picked rows into the buffers that the sparse layer reads."""
    first, last, width = job[p.FIRST], job[p.LAST], job[p.WIDTH]
    starts, picked = ints(job[p.STARTS], last - first + 1), ints(job[p.PICKED], last)
    starts[0] = 0
    for i in range(first, last):
        soon = upcoming(job, i)
        if soon >= 0:
            for at in range(0, width, CACHE_LINE):
                prefetch(job[p.EXAMPLES] + soon * width + at)
        at = i - first
        row = job[p.EXAMPLES] + picked[i] * width
        starts[at + 1] = compress_row(row, width, job[p.COLUMNS], job[p.VALUES], starts[at])


@kernel
def prefetch_row(job, soon):
    """Prefetch an example's compressed row.

    Batches are random, so the processor cannot predict which rows come next.
    """
    starts = ints(job[p.STARTS] + 8 * soon, 2)
    for k in range(starts[0], starts[1], CACHE_LINE // 2):
        prefetch(job[p.COLUMNS] + 2 * k)
    for k in range(starts[0], starts[1], CACHE_LINE):
        prefetch(job[p.VALUES] + k)


@kernel
def sparse_affine(job, base, line):
    """``a = x W + b``; also files the pixels by column for the backward pass."""
    step = 4 * line[p.ROW_OUT]
    table, bias, out = base + 4 * line[p.W], base + 4 * line[p.B], base + 4 * line[p.A]
    lut, capacity = job[p.SCALE], job[p.CAPACITY]
    tally = job[p.COUNTS] + 4 * job[p.PART] * job[p.WIDTH]
    filed = job[p.FILES] + 4 * job[p.PART] * job[p.WIDTH] * capacity
    learning = job[p.LEARNING] != 0
    if learning:
        counts = counters(tally, job[p.WIDTH])
        for column in range(job[p.WIDTH]):
            counts[column] = 0
    picked = ints(job[p.PICKED], job[p.LAST])
    for i in range(job[p.FIRST], job[p.LAST]):
        at = i - job[p.FIRST]
        if job[p.SOURCE] == p.COMPRESSED:
            soon = upcoming(job, i)
            if soon >= 0:
                prefetch_row(job, soon)
            at = picked[i]
        bounds = ints(job[p.STARTS] + 8 * at, 2)
        c, v, length = (
            job[p.COLUMNS] + 2 * bounds[0],
            job[p.VALUES] + bounds[0],
            bounds[1] - bounds[0],
        )
        j = 0
        while j < line[p.ROW_OUT]:
            width = block(line[p.ROW_OUT] - j, 64)
            o, s, t = out + i * step + 4 * j, bias + 4 * j, table + 4 * j
            if j == 0 and learning:
                if width == 64:
                    filing_64(o, s, t, step, c, v, length, lut, tally, filed, capacity, i)
                elif width == 32:
                    filing_32(o, s, t, step, c, v, length, lut, tally, filed, capacity, i)
                else:
                    filing_16(o, s, t, step, c, v, length, lut, tally, filed, capacity, i)
            else:
                if width == 64:
                    forward_64(o, s, t, step, c, v, length, lut)
                elif width == 32:
                    forward_32(o, s, t, step, c, v, length, lut)
                else:
                    forward_16(o, s, t, step, c, v, length, lut)
            j += width


@kernel
def sparse_gradient(job, base, line, target, first, last):
    """Add ``x^T d`` to rows first to last at ``target``, from the pixels filed by column."""
    step, capacity, lut = 4 * line[p.ROW_OUT], job[p.CAPACITY], job[p.SCALE]
    d = base + 4 * line[p.D]
    for part in range(job[p.PARTS]):
        counts = counters(job[p.COUNTS] + 4 * part * line[p.N_IN], line[p.N_IN])
        filed = job[p.FILES] + 4 * part * line[p.N_IN] * capacity
        for column in range(first, last):
            n = np.int64(counts[column])
            if n == 0:
                continue
            f = filed + 4 * column * capacity
            j = 0
            while j < line[p.ROW_OUT]:
                width = block(line[p.ROW_OUT] - j, 64)
                row, dj = target + column * step + 4 * j, d + 4 * j
                if width == 64:
                    backward_64(row, dj, step, f, n, lut)
                elif width == 32:
                    backward_32(row, dj, step, f, n, lut)
                else:
                    backward_16(row, dj, step, f, n, lut)
                j += width
