"""A correct backward pass of the net under examination, into which faults can be introduced."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from mitbadak import functions
from mitbadak.core.errors import MitbadakError
from mitbadak.functions.differentiable import Pullback
from mitbadak.gradcheck.subjects import Subject
from mitbadak.nn.activations import ACTIVATIONS, Activation, Identity
from mitbadak.nn.heads import Head, MeanSquaredError, SoftmaxCrossEntropy, SumSquaredError
from mitbadak.nn.network import Sequential
from mitbadak.nn.stages import affine_stages

SAME_LOSS = 1e-9  # relative: a net whose loss is this close to the reference's has the same form
NamedStage = tuple[str, str, Activation]  # the names of W and b ("" for none), and the activation


class BookCrossEntropy(SoftmaxCrossEntropy, abstract=True):
    """Softmax, then the cross entropy with the book's 1e-7 inside the logarithm."""

    def vjp(self, scores: np.ndarray, t: Any) -> tuple[float, Pullback]:
        y, (through_softmax,) = functions.softmax.vjp(scores)
        loss, (dy, _) = functions.cross_entropy_error.vjp(y, t)
        return float(loss), lambda d: through_softmax(dy(d))


GUESSED_HEADS: tuple[Head, ...] = (
    SoftmaxCrossEntropy(), BookCrossEntropy(), MeanSquaredError(), SumSquaredError(),
)  # fmt: skip


class Reference:
    """Affine layers and activations with a head, after the forward pass on one batch.

    Args:
        stages: for each affine layer the names of its W and b ("" for none) and the activation
            after it (``Identity()`` for none).
        arrays: the parameters by name.
        x, t: the batch.
        head: the loss.
    """

    def __init__(
        self, stages: list[NamedStage], arrays: Mapping[str, np.ndarray], x: Any, t: Any, head: Head
    ):
        self.stages, self.t, self.head = stages, np.asarray(t), head
        self.inputs: list[np.ndarray] = []
        self.slopes: list[Callable[[np.ndarray], np.ndarray]] = []
        self.weights = [arrays[W] for W, _, _ in stages]
        y = np.atleast_2d(np.asarray(x, np.float64))
        self.t = self.t if np.ndim(x) == 2 else self.t[None]
        for W, b, activation in stages:
            self.inputs.append(y)
            y, (pullback,) = activation.vjp(y @ arrays[W] + (arrays[b] if b else 0.0))
            self.slopes.append(pullback)
        self.scores = y
        self.outputs = y.shape[-1]
        self.loss = head.vjp(y, self.t)[0]

    def gradient(
        self,
        *,
        without: int = -1,
        head: Head | None = None,
        kept: Callable[[int, np.ndarray], np.ndarray] = lambda i, W: W,
        axis: int = 0,
    ) -> dict[str, Any]:
        """The correct gradient, or one with a fault.

        Args:
            without: the stage whose activation's derivative is left out.
            head: another loss, whose gradient is taken instead.
            kept: the weights used in the backward pass, given a stage and its own weights.
            axis: the axis over which gradients of biases are summed.
        """
        d = (head or self.head).vjp(self.scores, self.t)[1](1.0)
        gradients: dict[str, Any] = {}
        for i in range(len(self.stages) - 1, -1, -1):
            W, b, _ = self.stages[i]
            d = d if i == without else self.slopes[i](d)
            gradients[W] = self.inputs[i].T @ d
            if b:
                gradients[b] = d.sum(axis=axis)
            if i:
                d = d @ kept(i, self.weights[i]).T
        return gradients

    def faults(self) -> Iterator[tuple[str, str, Callable[[str], Any]]]:
        """Each fault that is possible here: its name, its explanation, and the faulty gradient."""
        if isinstance(self.head, SoftmaxCrossEntropy):
            with_epsilon = isinstance(self.head, BookCrossEntropy)
            other = SoftmaxCrossEntropy() if with_epsilon else BookCrossEntropy()
            yield ("1e-7 in the logarithm", "Either the loss or the gradient has the book's 1e-7 "
                   "inside the logarithm, but not both: use the same form for both.",
                   self.gradient(head=other).get)  # fmt: skip
        for i, (W, _, activation) in enumerate(self.stages):
            name = activation.operation.__name__
            if not isinstance(activation, Identity):
                yield (f"missing derivative of the {name}",
                       f"The {name} after {W} passes its gradient on unchanged; it "
                       "must be multiplied by the activation's derivative.",
                       self.gradient(without=i).get)  # fmt: skip
        yield ("wrong axis", "The gradient of a bias is summed over the examples (axis 0), giving "
               "one number per unit; here it was summed over the other axis.",
               self.gradient(axis=1).get)  # fmt: skip
        for i, (W, _, _) in enumerate(self.stages[1:], 1):
            if self.weights[i].shape[0] == self.weights[i].shape[1]:
                faulty = self.gradient(kept=lambda k, A, i=i: A.T if k == i else A)
                yield ("transpose", f"The backward pass multiplies by {W} instead of its "
                       "transpose.", faulty.get)  # fmt: skip


def reference_of(subject: Subject) -> Reference | None:
    """The reference for a net, if it consists of known parts."""
    if subject.net is None:
        return None
    if isinstance(subject.net, Sequential):
        stages = _stages_of(subject.net)
        candidates = [(stages, subject.net.head)] if stages else []
    else:
        candidates = [(g, head) for g in _guesses(subject.arrays) for head in GUESSED_HEADS]
    base_loss = subject.loss()
    for stages, head in candidates:
        try:
            with warnings.catch_warnings():  # a guess may not fit the labels
                warnings.simplefilter("ignore")
                reference = Reference(stages, subject.arrays, subject.x, subject.t, head)
        except (MitbadakError, ValueError, IndexError, KeyError):
            continue
        if abs(reference.loss - base_loss) <= SAME_LOSS * max(abs(base_loss), 1e-12):
            return reference
    return None


def _stages_of(net: Sequential) -> list[NamedStage]:
    """The stages of a net of affine layers with a known head; empty for other nets."""
    before, stages = affine_stages(net.layers)
    if before or not net.head.has_example_losses:
        return []
    parts: list[NamedStage] = []
    for number, stage in enumerate(stages, 1):
        if stage.activation is None:
            return []
        b = f"b{number}" if stage.affine.bias else ""
        parts.append((f"W{number}", b, stage.activation))
    return parts


def _guesses(arrays: Mapping[str, np.ndarray]) -> Iterator[list[NamedStage]]:
    """Possible stages for W1, b1, W2, ...: affine layers with one activation between them."""
    numbers = sorted(int(name[1:]) for name in arrays if name[:1] == "W" and name[1:].isdigit())
    if not numbers or numbers != list(range(1, len(numbers) + 1)):
        return
    names = [(f"W{k}", f"b{k}" if f"b{k}" in arrays else "") for k in numbers]
    for activation in ACTIVATIONS.values():
        yield [
            (W, b, activation() if k < len(names) else Identity())
            for k, (W, b) in enumerate(names, 1)
        ]
