"""What a net's own class overrides, so that training follows it or refuses it, never ignores it."""

from __future__ import annotations

import copy
from typing import Any, NoReturn

import numpy as np

from mitbadak.core.errors import DtypeError, StateError, brief
from mitbadak.nn.passes import NetResult

BASE = "mitbadak.nn.network"  # the module of Sequential, which imports this one
GRADIENTS = ("compute", "loss_and_gradient", "gradient")  # each builds on the one before it
WAYS_OUT = {  # what the gradient of the layers and the head knows nothing of
    "scores": "Make what it adds a layer of the net (class Mine(mb.Layer, operation=f))",
    "loss": "Weight decay is optimizer=mb.Chain(mb.L2(0.0001), mb.SGD(0.1)), and another loss is "
    "a head (class Mine(mb.Head, operation=f))",
    "forward": "A net calls its layers by itself; make what forward does a layer of the net (class "
    "Mine(mb.Layer, operation=f))",
}


def depth(net: Any, name: str) -> int:
    """How far up the classes of a net a method is defined; -1 in the net itself.

    Example:
        >>> from mitbadak.nn import MLP
        >>> class Mine(MLP):
        ...     def loss(self, x, t, *, training=False, rng=None):
        ...         return 2 * super().loss(x, t, training=training, rng=rng)
        >>> [depth(Mine([2, 3]), name) for name in ("loss", "scores")]
        [0, 2]
    """
    if name in vars(net):
        return -1
    classes = type(net).__mro__
    return next((k for k, cls in enumerate(classes) if name in vars(cls)), len(classes))


def is_own(net: Any, *names: str) -> bool:
    """Whether a net has another method than ``Sequential`` under one of these names."""
    here = [cls.__module__ for cls in type(net).__mro__].index(BASE)
    return any(depth(net, name) < here for name in names)


def gradient_method(net: Any) -> str:
    """The method that defines the gradient in training: the one that was overridden last."""
    return min(GRADIENTS, key=lambda name: depth(net, name))


def check_followed(net: Any, gradient: str = "backprop") -> None:
    """Refuse a net that overrides what its gradient, inherited from another class, ignores.

    Args:
        net: about to be trained.
        gradient: with ``numerical``, the loss is differentiated, whatever it is.

    Raises:
        StateError: with the line that does it.
    """
    method = gradient_method(net)
    for name, way in WAYS_OUT.items():  # a forward that there is not is as far up as can be
        if gradient == "numerical" and name != "forward":
            continue
        if depth(net, name) >= depth(net, method):
            continue
        raise StateError(
            f"fit: {type(net).__name__} has its own {name}, which the gradient that fit follows "
            f"does not know of. {way}; or override gradient(self, x, t) in the same class."
        )


def refuse_graph(net: Any) -> None:
    """Refuse to draw the layers and the head as the graph of a net that computes something else.

    Raises:
        StateError: with the method that does.
    """
    for name in ("scores", "loss"):
        if depth(net, name) < depth(net, "graph"):
            raise StateError(
                f"{type(net).__name__}.graph would show the layers and the head, and "
                f"{type(net).__name__} overrides {name}. Override graph as well, or make what "
                f"{name} adds a layer or a head."
            )


def batch_result(net: Any, x: Any, t: Any, rng: np.random.Generator | None) -> NetResult:
    """Loss, gradient and updated buffers of a batch in training, by the net's own methods.

    Args:
        net: changes nothing in it, though its ``gradient`` may.
        x, t: a batch.
        rng: for noise.
    """
    mode: dict[str, Any] = {"training": True, "rng": rng} if net.mode_dependent else {}
    method, owner = gradient_method(net), type(net).__name__
    if method == "compute":
        result = net.compute(x, t, **mode)
        if not isinstance(result, NetResult):
            _refuse(owner, method, "NetResult(loss, gradient, buffers)", result)
        return result
    before = {name: array.copy() for name, array in net.buffers.items()}
    try:
        if method == "gradient":
            again = {**mode, "rng": copy.deepcopy(rng)} if mode else {}  # meets the same noise
            loss, gradient = net.loss(x, t, **again), net.gradient(x, t, **mode)
        else:
            pair: Any = net.loss_and_gradient(x, t, **mode)
            if not isinstance(pair, tuple) or len(pair) != 2:
                _refuse(owner, method, "a pair (loss, gradient)", pair)
            loss, gradient = pair
        buffers = {name: array.copy() for name, array in net.buffers.items()} if mode else {}
    finally:
        net.buffers.update(before)
    if not isinstance(gradient, dict):
        _refuse(owner, method, "a dict with a gradient for each parameter", gradient)
    return NetResult(as_loss(owner, loss), gradient, buffers)


def as_loss(owner: str, value: Any, method: str = "loss") -> float:
    """The loss, or another measure, that a net's own method returned, as a float.

    Raises:
        DtypeError: it is no number.
    """
    if np.ndim(value) == 0 and np.asarray(value).dtype.kind in "iuf":
        return float(value)
    return _refuse(owner, method, "a number, such as a mean over the batch", value)


def _refuse(owner: str, method: str, expected: str, value: Any) -> NoReturn:
    raise DtypeError(f"fit: {owner}.{method} must return {expected}; got {brief(value)}.")
