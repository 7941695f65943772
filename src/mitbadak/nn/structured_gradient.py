"""The structured numerical gradient of a net: only what a perturbed weight changes is recomputed.

The definition evaluates the net twice for every parameter. But perturbing one weight of a layer
changes one unit, by the weight's input times h, and only for the examples whose input there is not
zero; everything before that unit stays the same. So the net is evaluated once, and then, for each
unit, what depends on it, for all examples and inputs together. Equal inputs of an example are
computed once. The results are the central differences of the definition. No derivative is used, so
this remains an independent check of backpropagation.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from mitbadak.core.engines import Engine, choose_engine, native
from mitbadak.core.errors import positive
from mitbadak.core.progress import Progress, duration
from mitbadak.functions.numerical import H
from mitbadak.nn.affine import Affine
from mitbadak.nn.heads import Head
from mitbadak.nn.layer import Layer
from mitbadak.nn.stages import (
    IDENTITIES_IN_EVALUATION,
    AffineStage,
    affine_stages,
    is_activation,
)

ROWS_AT_ONCE = 4096  # perturbed examples per pass: a few MB, which stay in the second-level cache


def has_structure(layers: Sequence[Layer], head: Head) -> bool:
    """Whether the structured gradient applies: every layer is affine or elementwise."""
    return head.has_example_losses and all(
        (type(layer) in (Affine, *IDENTITIES_IN_EVALUATION) or is_activation(layer))
        and not getattr(layer, "channels_last", False)  # which changes the order of numbers
        for layer in layers
    )


def engine_of_gradient(
    requested: str,
    stages: Sequence[AffineStage] = (),
    head: Head | None = None,
    scores: np.ndarray | None = None,
) -> Engine:
    """The engine for a numerical gradient, of which kernels compute the structured form.

    Args:
        requested: ``auto``, ``numpy`` or ``compiled``.
        stages, head, scores: parts of the structured form; without them the definition is followed.

    Raises:
        UnknownNameError: an unknown engine.
        StateError: ``compiled`` was requested, and kernels cannot compute this gradient.

    Example:
        >>> engine_of_gradient("auto").name
        'numpy'
    """
    only_numpy = ""
    if scores is None:
        only_numpy = "kernels compute the structured form only"
    elif np.isinf(scores).any():
        only_numpy = "kernels expect finite scores"
    return choose_engine(
        requested, "moves", stages, head, only_numpy=only_numpy, task="compute this gradient"
    )


class StructuredGradient:
    """Central differences of a float64 net's loss on one batch.

    Args:
        layers: layers of the net, with float64 parameters; see ``has_structure``.
        head: its head.
        x: shape (batch, n_in), float64.
        t: labels in any form that the head takes.
        h: half the distance of a central difference.
        engine: ``numpy``, or ``compiled`` for kernels.

    Raises:
        ShapeError, LabelError, DtypeError: labels that the head refuses.
        UnknownNameError, StateError: as ``engine_of_gradient``.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        head: Head,
        x: np.ndarray,
        t: Any,
        h: float = H,
        engine: str = "numpy",
    ):
        self.h = positive("numerical_gradient", "h", h)
        self.head = head
        before, self.stages = affine_stages(layers)
        y = _through(before, x)
        self.inputs: list[np.ndarray] = []
        self.z: list[np.ndarray] = []  # what each affine layer gives
        for stage in self.stages:
            self.inputs.append(y)
            self.z.append(stage.affine.predict(y))
            y = _through(stage.after, self.z[-1])
        head.loss(y, t)  # refuses whatever an evaluation by the definition would refuse
        self.t = head.target_rows(y, t)
        self.term_weight = head.term_weight(y.shape)
        self.kernels: Any = None
        if engine_of_gradient(engine, self.stages, head, y).name == "compiled":
            self.kernels = native("moves").NativeMoves(
                self.stages, self.z, y, self.t, head=head, h=self.h
            )

    def gradients(self, report: Progress | None = None) -> list[np.ndarray]:
        """One gradient per parameter, in the net's order."""
        units = sum(stage.affine.n_out for stage in self.stages)
        done, began, gradients = 0, time.perf_counter(), []
        for number, stage in enumerate(self.stages):
            W = np.zeros((stage.affine.n_in, stage.affine.n_out))
            b = np.zeros(stage.affine.n_out)
            perturbations = Perturbations(self.inputs[number])
            for unit in range(stage.affine.n_out):
                slopes = self._slopes(number, unit, perturbations)
                W[:, unit] = perturbations.collect(slopes)
                b[unit] = slopes[-len(self.t) :].sum()
                done += 1
                if report is not None:
                    left = (time.perf_counter() - began) * (units - done) / done
                    report(done, units, f"numerical gradient: {done} of {units} units, about "
                                        f"{duration(left)} left")  # fmt: skip
            gradients += [W, b] if stage.affine.bias else [W]
        return gradients

    def _slopes(self, number: int, unit: int, perturbations: Perturbations) -> np.ndarray:
        """The central difference for each perturbation of a unit: of its weights, then its bias."""
        example, by = perturbations.examples, perturbations.inputs * self.h
        if self.kernels is not None:
            return self.kernels.slopes(number, unit, example, by)
        slopes = np.empty(len(example))
        for start in range(0, len(example), ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            rows, change = example[part], by[part]
            above = self._losses(number, unit, rows, change)
            below = self._losses(number, unit, rows, -change)
            slopes[part] = (above - below) / (2 * self.h)
        return slopes

    def _losses(self, number: int, unit: int, rows: np.ndarray, by: np.ndarray) -> np.ndarray:
        """Each example's part of the loss when ``unit`` of a stage is shifted by ``by``."""
        stage, z = self.stages[number], self.z[number]
        if number == len(self.stages) - 1:
            z = z[rows]
            z[:, unit] += by
            return self._head(_through(stage.after, z), rows)
        before, shifted = z[rows, unit], z[rows, unit] + by
        change = _through(stage.after, shifted) - _through(stage.after, before)
        following = self.stages[number + 1]
        y = self.z[number + 1][rows] + change[:, None] * following.affine.params["W"][unit]
        y = _through(following.after, y)
        for later in self.stages[number + 2 :]:
            y = _through(later.after, later.affine.predict(y))
        return self._head(y, rows)

    def _head(self, scores: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return self.head.example_losses(scores, self.t[rows]) * self.term_weight


class Perturbations:
    """The changes that perturbed weights make: one for each example and each value of its inputs.

    A weight whose input is 0 changes nothing. A bias acts on every example, like a weight with an
    input of 1.

    Attributes:
        examples, inputs: the example and the input of each perturbation, those of the bias last.
    """

    def __init__(self, x: np.ndarray):
        self.n_in = x.shape[1]
        rows, self.column = np.nonzero(x)
        values = x[rows, self.column]
        order = np.lexsort((values, rows))
        first = np.ones(len(order), bool)
        first[1:] = (np.diff(rows[order]) != 0) | (np.diff(values[order]) != 0)
        batch = len(x)
        self.examples = np.concatenate([rows[order][first], np.arange(batch)])
        self.inputs = np.concatenate([values[order][first], np.ones(batch)])
        self.source = np.empty(len(order), np.intp)
        self.source[order] = np.cumsum(first) - 1

    def collect(self, slopes: np.ndarray) -> np.ndarray:
        """The gradient of a unit's weights: slopes summed over the examples of each input."""
        return np.bincount(self.column, weights=slopes[self.source], minlength=self.n_in)


def _through(layers: Sequence[Layer], y: np.ndarray) -> np.ndarray:
    for layer in layers:
        y = layer.predict(y)
    return y
