"""A right backward pass of the net under examination, in which faults can be planted."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from mitbadak import functions
from mitbadak.core.errors import MitbadakError
from mitbadak.functions.differentiable import Differentiable
from mitbadak.functions.labels import one_hot
from mitbadak.gradcheck.subjects import Subject
from mitbadak.nn.layers import Affine, Identity, Layer, ReLU, Sigmoid, Tanh
from mitbadak.nn.losses import MeanSquaredError, SoftmaxCrossEntropy, SumSquaredError
from mitbadak.nn.network import Sequential

SAME_LOSS = 1e-9  # relative: a net whose loss is this close to the reference's is taken for it
ACTIVATIONS: dict[type[Layer], Differentiable] = {
    Sigmoid: functions.sigmoid, Tanh: functions.tanh, ReLU: functions.relu,
    Identity: functions.identity,
}  # fmt: skip
Losses = Callable[[np.ndarray, np.ndarray], Any]


def _cross_entropy(scores: np.ndarray, t: np.ndarray) -> Any:
    return functions.softmax_cross_entropy.vjp(scores, t)


def _book_cross_entropy(scores: np.ndarray, t: np.ndarray) -> Any:
    """Softmax, then the cross entropy with the book's 1e-7 inside the logarithm."""
    y, (through_softmax,) = functions.softmax.vjp(scores)
    loss, (dy, _) = functions.cross_entropy_error.vjp(y, t)
    return loss, (lambda d: through_softmax(dy(d)), None)


def _rows(scores: np.ndarray, t: np.ndarray) -> np.ndarray:
    return t if t.shape == scores.shape else one_hot(t, scores.shape[-1], dtype=scores.dtype)


def _mean_squares(scores: np.ndarray, t: np.ndarray) -> Any:
    return functions.mean_squared_error.vjp(scores, _rows(scores, t))


def _half_sum_of_squares(scores: np.ndarray, t: np.ndarray) -> Any:
    return functions.sum_squared_error.vjp(scores, _rows(scores, t))


LOSSES: dict[str, Losses] = {
    "exact": _cross_entropy, "book": _book_cross_entropy, "mean": _mean_squares,
    "half": _half_sum_of_squares,
}  # fmt: skip
LOSS_OF_HEAD: dict[type, str] = {
    SoftmaxCrossEntropy: "exact", MeanSquaredError: "mean", SumSquaredError: "half",
}  # fmt: skip


class Reference:
    """Affine layers and activations with a loss, on one batch, forward done.

    Args:
        stages: for each affine layer the names of its W and b ("" for none) and the activation
            after it (``identity`` for none).
        arrays: the parameters by name.
        x, t: the batch.
        loss: the name of its loss.
    """

    def __init__(self, stages: list[tuple[str, str, Differentiable]],
                 arrays: Mapping[str, np.ndarray], x: Any, t: Any, loss: str):  # fmt: skip
        self.stages, self.t, self.loss_name = stages, np.asarray(t), loss
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
        self.loss = float(LOSSES[loss](y, self.t)[0])

    def gradient(
        self,
        *,
        without: int = -1,
        loss: str = "",
        kept: Callable[[int, np.ndarray], np.ndarray] = lambda i, W: W,
        axis: int = 0,
    ) -> dict[str, Any]:
        """The gradient; with a fault in it where one is asked for.

        Args:
            without: an activation whose derivative is left out.
            loss: another loss, whose gradient is taken instead.
            kept: what is used for the weights of a layer on the way back.
            axis: that biases are summed over.
        """
        _, pullbacks = LOSSES[loss or self.loss_name](self.scores, self.t)
        d = pullbacks[0](1.0)
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
        """Each fault that can be planted: its name, a sentence, and the gradient it gives."""
        if self.loss_name in ("exact", "book"):
            other = "exact" if self.loss_name == "book" else "book"
            yield ("1e-7 in the logarithm", "One of loss and gradient has the book's 1e-7 inside "
                   "the logarithm, the other has not: use one of the two for both.",
                   self.gradient(loss=other).get)  # fmt: skip
        for i, (W, _, activation) in enumerate(self.stages):
            if activation is not functions.identity:
                yield (f"missing derivative of the {activation.__name__}",
                       f"The {activation.__name__} after {W} passes its gradient on unchanged; it "
                       "must be multiplied by the activation's slope.",
                       self.gradient(without=i).get)  # fmt: skip
        yield ("wrong axis", "A bias gathers its gradient over the examples (axis 0), one number "
               "per unit; here it was summed over the other axis.",
               self.gradient(axis=1).get)  # fmt: skip
        for i, (W, _, _) in enumerate(self.stages[1:], 1):
            if self.weights[i].shape[0] == self.weights[i].shape[1]:
                turned = self.gradient(kept=lambda k, A, i=i: A.T if k == i else A)
                yield ("transpose", f"On the way back the gradient goes through {W} instead of its "
                       "transpose.", turned.get)  # fmt: skip


def reference_of(subject: Subject) -> Reference | None:
    """The reference for a net, if it is one of those that are known."""
    if subject.net is None:
        return None
    if isinstance(subject.net, Sequential):
        stages = _stages(subject.net)
        loss = LOSS_OF_HEAD.get(type(subject.net.head), "")
        candidates = [(stages, loss)] if stages and loss else []
    else:
        candidates = [(stages, loss) for stages in _guesses(subject.arrays) for loss in LOSSES]
    at_rest = subject.loss()
    for stages, loss in candidates:
        try:
            with warnings.catch_warnings():  # a guess may not fit the labels
                warnings.simplefilter("ignore")
                reference = Reference(stages, subject.arrays, subject.x, subject.t, loss)
        except (MitbadakError, ValueError, IndexError, KeyError):
            continue
        if abs(reference.loss - at_rest) <= SAME_LOSS * max(abs(at_rest), 1e-12):
            return reference
    return None


def _stages(net: Sequential) -> list[tuple[str, str, Differentiable]]:
    """The stages of a net of affine layers, each with at most one known activation after it."""
    stages: list[tuple[str, str, Differentiable]] = []
    for layer in net.layers:
        known = next((f for kind, f in ACTIVATIONS.items() if isinstance(layer, kind)), None)
        if isinstance(layer, Affine):
            number = len(stages) + 1
            stages.append((f"W{number}", f"b{number}" if "b" in layer.params else "",
                           functions.identity))  # fmt: skip
        elif known is not None and stages and stages[-1][2] is functions.identity:
            stages[-1] = (*stages[-1][:2], known)
        else:
            return []
    return stages


def _guesses(arrays: Mapping[str, np.ndarray]) -> Iterator[list[tuple[str, str, Differentiable]]]:
    """What a net with W1, b1, W2, ... may be: one kind of activation between affine layers."""
    numbers = sorted(int(name[1:]) for name in arrays if name[:1] == "W" and name[1:].isdigit())
    if not numbers or numbers != list(range(1, len(numbers) + 1)):
        return
    names = [(f"W{k}", f"b{k}" if f"b{k}" in arrays else "") for k in numbers]
    for activation in ACTIVATIONS.values():
        yield [
            (W, b, activation if k < len(names) else functions.identity)
            for k, (W, b) in enumerate(names, 1)
        ]
