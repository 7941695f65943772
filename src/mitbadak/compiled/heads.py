"""Losses of rows of scores, their gradients, and how many predictions are correct."""

from __future__ import annotations

import math

import numpy as np

from mitbadak.compiled import plan as p, vector
from mitbadak.compiled.dense import kernel
from mitbadak.compiled.vector import doubles, floats, ints

exponential = vector.exponential


@kernel
def label(job, example):
    return ints(job[p.LABELS] + 8 * example, 1)[0]


@kernel
def head_rows(job, base, line):
    """The loss of each example and, in d, its gradient by the scores; the padding of d is 0."""
    if job[p.HEAD] == p.SOFTMAX:
        softmax_rows(job, base, line)
    else:
        squared_rows(job, base, line)


@kernel
def largest(row, classes):
    """The largest score of a row; NaN if any is NaN."""
    top = row[0]
    for k in range(1, classes):
        if row[k] > top or row[k] != row[k]:
            top = row[k]
    return top


@kernel
def softmax(address, rows, line):
    """The softmax of rows of scores, in place."""
    width, classes = line[p.ROW_OUT], line[p.N_OUT]
    for i in range(rows):
        row = floats(address + 4 * i * width, width)
        top = largest(row, classes)
        for k in range(width):
            row[k] -= top
    exponential(address, address, rows * width)
    for i in range(rows):
        row, total = floats(address + 4 * i * width, classes), np.float32(0)
        for k in range(classes):
            total += row[k]
        for k in range(classes):
            row[k] /= total


@kernel
def softmax_rows(job, base, line):
    first, last, width, classes = job[p.FIRST], job[p.LAST], line[p.ROW_OUT], line[p.N_OUT]
    scores, d = (
        floats(base + 4 * line[p.A], last * width),
        floats(base + 4 * line[p.D], last * width),
    )
    picked = ints(job[p.PICKED], job[p.LAST])
    shifted, losses = floats(job[p.SHIFTED], job[p.LAST]), doubles(job[p.LOSSES], job[p.LAST])
    for i in range(first, last):
        row = i * width
        top = largest(floats(base + 4 * (line[p.A] + row), classes), classes)
        for k in range(width):
            d[row + k] = scores[row + k] - top
        target_score = np.float32(0)
        if job[p.LABELS]:
            target_score = d[row + label(job, picked[i])]
        else:
            t = floats(job[p.TARGETS] + 4 * picked[i] * classes, classes)
            for k in range(classes):
                target_score += t[k] * d[row + k]
        shifted[i] = target_score
    slopes = base + 4 * (line[p.D] + first * width)
    exponential(slopes, slopes, (last - first) * width)
    share = np.float32(1.0 / job[p.N])
    for i in range(first, last):
        row, total = i * width, np.float32(0)
        for k in range(classes):
            total += d[row + k]
        if job[p.LABELS]:
            losses[i] = math.log(total) - shifted[i]
            factor = share / total
            for k in range(classes):
                d[row + k] *= factor
            d[row + label(job, picked[i])] -= share
        else:
            t = floats(job[p.TARGETS] + 4 * picked[i] * classes, classes)
            weight = np.float32(0)
            for k in range(classes):
                weight += t[k]
            losses[i] = weight * math.log(total) - shifted[i]
            factor = weight * share / total
            for k in range(classes):
                d[row + k] = d[row + k] * factor - t[k] * share
        for k in range(classes, width):
            d[row + k] = 0


@kernel
def squared_rows(job, base, line):
    """Sums of squared errors; ``batch_loss`` multiplies them by the factor of the loss."""
    first, last, width, outputs = job[p.FIRST], job[p.LAST], line[p.ROW_OUT], line[p.N_OUT]
    scores, d = (
        floats(base + 4 * line[p.A], last * width),
        floats(base + 4 * line[p.D], last * width),
    )
    picked, losses = ints(job[p.PICKED], last), doubles(job[p.LOSSES], last)
    factor = np.float32(1)
    if job[p.HEAD] == p.MEAN_SQUARED:
        factor = np.float32(2.0 / (job[p.N] * outputs))
    for i in range(first, last):
        row, total = i * width, 0.0
        for k in range(outputs):
            if job[p.LABELS]:
                t = np.float32(label(job, picked[i]) == k)
            else:
                t = floats(job[p.TARGETS] + 4 * (picked[i] * outputs + k), 1)[0]
            difference = scores[row + k] - t
            total += difference * difference
            d[row + k] = difference * factor
        for k in range(outputs, width):
            d[row + k] = 0
        losses[i] = total


@kernel
def batch_loss(job, line):
    """The loss of the whole batch, summed in the same order however many parts computed it."""
    losses, total = doubles(job[p.LOSSES], job[p.N]), 0.0
    for i in range(job[p.N]):
        total += losses[i]
    if job[p.HEAD] == p.SOFTMAX:
        return total / job[p.N]
    if job[p.HEAD] == p.MEAN_SQUARED:
        return total / (job[p.N] * line[p.N_OUT])
    return 0.5 * total


@kernel
def count_right(job, base, line):
    """How many of this part's examples are predicted correctly; one with a NaN score never is."""
    correct, classes = 0, line[p.N_OUT]
    picked = ints(job[p.PICKED], job[p.LAST])
    for i in range(job[p.FIRST], job[p.LAST]):
        scores = floats(base + 4 * (line[p.A] + i * line[p.ROW_OUT]), classes)
        best, true, broken = 0, 0, False
        for k in range(classes):
            broken |= scores[k] != scores[k]
            if scores[k] > scores[best]:
                best = k
        if job[p.LABELS]:
            true = label(job, picked[i])
        else:
            t = floats(job[p.TARGETS] + 4 * picked[i] * classes, classes)
            for k in range(classes):
                if t[k] > t[true]:
                    true = k
        correct += best == true and not broken
    return correct
