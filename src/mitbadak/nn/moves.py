"""The numerical gradient of a whole net, by following what one moved weight changes.

The definition runs the net twice for every parameter. But moving one weight of a layer moves one
unit, by the weight's input times the step, and only for the examples whose input there is not
zero; everything before that unit stays as it was. So the net is computed once, and then only what
lies after each moved unit again, for all examples and inputs of that unit together; inputs of the
same value are computed once. What comes out are the same central differences. No derivative of
anything is used: this remains an independent witness of backpropagation.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from mitbadak.core.engines import choose_engine, compiled
from mitbadak.core.errors import positive
from mitbadak.core.progress import Progress, duration
from mitbadak.functions.labels import as_distribution
from mitbadak.functions.numerical import H
from mitbadak.nn import losses
from mitbadak.nn.layers import ELEMENTWISE, Affine, Flatten, Identity, Layer, ReLU, Sigmoid, Tanh
from mitbadak.nn.modes import Dropout

SECONDS_PER_ENTRY = 1e-8  # of a moved score, in NumPy, on one core
COMPILED = (Identity, Sigmoid, ReLU, Tanh)  # activations that the kernels know
ROWS_AT_ONCE = 4096  # moved examples in one pass: a few MB, which stay in the second-level cache


@dataclass(frozen=True)
class Stage:
    """An affine layer, what comes in, what it gives, and the activations after it."""

    affine: Affine
    x: np.ndarray
    z: np.ndarray
    after: list[Layer]


def can_follow(layers: tuple[Layer, ...], head: losses.Head) -> bool:
    """Whether every layer is affine or works entry by entry, so that a move can be followed.

    After training Dropout passes everything on, and Flatten only says how entries are arranged.
    """
    known = (losses.SoftmaxCrossEntropy, losses.MeanSquaredError, losses.SumSquaredError)
    return type(head) in known and all(
        type(a) in (Affine, Dropout, Flatten, *ELEMENTWISE) for a in layers
    )


def engine_for_moves(requested: str, layers: tuple[Layer, ...], x: np.ndarray) -> str:
    """The engine for one structured gradient, from a forecast of its arithmetic."""
    widths = [layer.n_out for layer in layers if isinstance(layer, Affine)]
    first = np.count_nonzero(x) * widths[0] if widths else 0
    rest = len(x) * sum(a * b for a, b in pairwise(widths))
    after = sum(a * b for a, b in pairwise(widths[1:])) + sum(widths[1:])
    seconds = (first + rest) * 2 * after * SECONDS_PER_ENTRY
    return choose_engine(requested, seconds=seconds).name


class Follower:
    """A net in float64 with its values on one batch, ready to have its weights moved.

    Args:
        layers: of the net, with float64 parameters.
        head: its loss.
        x: shape (batch, n_in), float64.
        t: labels in any form that the head takes.
        h: step of the central difference.
        engine: ``numpy`` or ``compiled``; the second computes the last two layers in kernels.
    """

    def __init__(
        self,
        layers: tuple[Layer, ...],
        head: losses.Head,
        x,
        t,
        h: float = H,
        engine: str = "numpy",
    ):
        self.h = positive("numerical_gradient", "h", h)
        self.head = head
        self.stages: list[Stage] = []
        y = x
        for layer in layers:
            if isinstance(layer, Affine):
                z = layer.predict(y)
                self.stages.append(Stage(layer, y, z, []))
                y = z
            else:
                if self.stages:
                    self.stages[-1].after.append(layer)
                y = layer.predict(y)
        head.loss(y, t)  # refuses whatever the definition's own evaluations would refuse
        if isinstance(head, losses.SoftmaxCrossEntropy):
            self.t = as_distribution("numerical_gradient", t, y.shape)
        else:
            self.t = head.targets(y, t)
        self.share = 1.0
        if head.averages:
            self.share = 1 / len(y) if isinstance(head, losses.SoftmaxCrossEntropy) else 1 / y.size
        # A score of minus infinity masks a class: 0 where no label points at it, as in the loss.
        self.masks = bool(np.isneginf(y).any())
        self.kernels: Any = None
        if not self.masks and engine == "compiled" and self.stages and not self.stages[-1].after:
            half = 0.5 if isinstance(head, losses.SumSquaredError) else 1.0
            self.kernels = compiled("moves").CompiledMoves(
                y,
                self.t,
                cross_entropy=self._classifies(),
                share=self.share * (1.0 if self._classifies() else half),
                h=self.h,
            )

    def gradients(self, report: Progress | None = None) -> list[np.ndarray]:
        """One gradient per parameter, in the net's order."""
        units = sum(stage.affine.n_out for stage in self.stages)
        done, began, found = 0, time.perf_counter(), []
        for number, stage in enumerate(self.stages):
            W = np.zeros((stage.affine.n_in, stage.affine.n_out))
            b = np.zeros(stage.affine.n_out)
            moves = _Moves(stage.x)
            for unit in range(stage.affine.n_out):
                slopes = self._slopes(number, unit, moves)
                W[:, unit] = moves.collect(slopes)
                b[unit] = slopes[-len(self.t) :].sum()
                done += 1
                if report is not None:
                    left = (time.perf_counter() - began) * (units - done) / done
                    report(done, units, f"numerical gradient: {done} of {units} units, about "
                                        f"{duration(left)} left")  # fmt: skip
            found += [W, b] if "b" in stage.affine.params else [W]
        return found

    def _slopes(self, number: int, unit: int, moves: _Moves) -> np.ndarray:
        """The central difference of each move of one unit: of its weights, then of its bias."""
        example, by = moves.with_bias, moves.inputs * self.h
        if self.kernels is not None and number == len(self.stages) - 1:
            return self.kernels.last(unit, example, by)
        after = self.stages[number].after
        known = len(after) <= 1 and all(type(layer) in COMPILED for layer in after)
        if self.kernels is not None and number == len(self.stages) - 2 and known:
            row = self.stages[-1].affine.params["W"][unit]
            return self.kernels.hidden(after, self.stages[number].z[:, unit], row, example, by)
        slopes = np.empty(len(example))
        for start in range(0, len(example), ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            rows, step = example[part], by[part]
            above = self._losses(number, unit, rows, step)
            below = self._losses(number, unit, rows, -step)
            slopes[part] = (above - below) / (2 * self.h)
        return slopes

    def _losses(self, number: int, unit: int, rows: np.ndarray, by: np.ndarray) -> np.ndarray:
        """Each example's share of the loss when ``unit`` of a stage is moved by ``by``."""
        stage = self.stages[number]
        if number == len(self.stages) - 1:
            z = stage.z[rows]
            z[:, unit] += by
            return self._head(_through(stage.after, z), rows)
        before, moved = stage.z[rows, unit], stage.z[rows, unit] + by
        change = _through(stage.after, moved) - _through(stage.after, before)
        following = self.stages[number + 1]
        y = following.z[rows] + change[:, None] * following.affine.params["W"][unit]
        y = _through(following.after, y)
        for later in self.stages[number + 2 :]:
            y = _through(later.after, later.affine.predict(y))
        return self._head(y, rows)

    def _classifies(self) -> bool:
        return isinstance(self.head, losses.SoftmaxCrossEntropy)

    def _head(self, scores: np.ndarray, rows: np.ndarray) -> np.ndarray:
        t = self.t[rows]
        if isinstance(self.head, losses.SoftmaxCrossEntropy):
            top = scores.max(axis=1)
            total = np.exp(scores - top[:, None]).sum(axis=1)
            scores = np.where(t == 0, 0.0, scores) if self.masks else scores
            return (t.sum(axis=1) * (top + np.log(total)) - (t * scores).sum(axis=1)) * self.share
        half = 0.5 if isinstance(self.head, losses.SumSquaredError) else 1.0
        return half * ((scores - t) ** 2).sum(axis=1) * self.share


class _Moves:
    """The moves that a layer's weights make: one for each example and each value among its inputs.

    Where an input is 0, its weight moves nothing. A bias moves every example by an input of 1.

    Attributes:
        with_bias, inputs: the example and the input of each move, the bias's moves last.
    """

    def __init__(self, x: np.ndarray):
        self.n_in = x.shape[1]
        rows, self.column = np.nonzero(x)
        values = x[rows, self.column]
        order = np.lexsort((values, rows))
        first = np.ones(len(order), bool)
        first[1:] = (np.diff(rows[order]) != 0) | (np.diff(values[order]) != 0)
        batch = len(x)
        self.with_bias = np.concatenate([rows[order][first], np.arange(batch)])
        self.inputs = np.concatenate([values[order][first], np.ones(batch)])
        self.move = np.empty(len(order), np.intp)
        self.move[order] = np.cumsum(first) - 1

    def collect(self, slopes: np.ndarray) -> np.ndarray:
        """Slopes of the moves, summed over the examples of each input."""
        return np.bincount(self.column, weights=slopes[self.move], minlength=self.n_in)


def _through(layers: list[Layer], y: np.ndarray) -> np.ndarray:
    for layer in layers:
        y = layer.predict(y)
    return y
