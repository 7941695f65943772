"""Calls as other libraries take them, and the line that does it here: asked after a call failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np


def misuse(owner: str, args: tuple, options: Mapping[str, Any]) -> str:
    """What a call to ``owner`` was meant to do, in a sentence with the line for it; "" if unknown.

    Example:
        >>> print(misuse("Affine", (np.ones((4, 3)), np.zeros(3)), {}))
        Affine takes widths, n_in and n_out; got arrays. In Mitbadak: layer = mb.Affine(4, 3);
        layer.params.update(W=W, b=b). For the notes' Affine(W, b): import
        mitbadak.book, then from common.layers import Affine.
        >>> misuse("Affine", (4, 3), {})
        ''
    """
    told = MISUSES.get(owner) or MISUSES.get(_of_every_optimizer(owner))
    return told(owner, args, options) if told else ""


def _of_arrays(owner: str, args: tuple, options: Mapping[str, Any]) -> str:
    """A layer that is given its arrays in place of its widths."""
    given = [*args, *options.values()]
    if not (given and hasattr(given[0], "shape") and _is_array(given[0])):
        return ""
    shape = given[0].shape
    if owner == "Convolution" and len(shape) == 4:
        line = f"layer = mb.Convolution({shape[1]}, {shape[0]}, {shape[2:]})"
        takes, arrays = "channels, filters and size", "W=W, b=b"
    elif owner == "BatchNorm":
        line, takes, arrays = f"layer = mb.BatchNorm({shape[-1]})", "a width, n", "gamma=g, beta=b"
    else:
        widths = ", ".join(map(str, shape)) if len(shape) == 2 else "4, 3"
        line, takes, arrays = f"layer = mb.Affine({widths})", "widths, n_in and n_out", "W=W, b=b"
    notes = {"Affine": "Affine(W, b)", "Convolution": "Convolution(W, b)",
             "BatchNorm": "BatchNormalization(gamma, beta)"}[owner]  # fmt: skip
    return (
        f"{owner} takes {takes}; got arrays. In Mitbadak: {line}; layer.params.update({arrays}). "
        f"For the notes' {notes}: import mitbadak.book, then from common.layers import "
        f"{notes.partition('(')[0]}."
    )


def _is_array(value: Any) -> bool:
    """Whether a value is several numbers or labels."""
    try:
        return np.ndim(value) > 0
    except Exception:  # from an object's own conversion, or of rows of different lengths
        return False


def _of_a_function(owner: str, args: tuple, options: Mapping[str, Any]) -> str:
    y = args[0] if args else options.get("y")
    if hasattr(y, "value") or not callable(y):
        return ""
    return (
        "grad takes variables, grad(y, [x]); got a function. In Mitbadak: mb.gradient_of(f)(x), or "
        "mb.numerical_gradient(f, x)."
    )


def _of_inputs(owner: str, args: tuple, options: Mapping[str, Any]) -> str:
    """A split that is given x and t, and is meant to return their parts."""
    is_both = (len(args) > 1 and _is_array(args[1])) or options.keys() & {"x", "y"}
    if not is_both:
        return ""
    line = {
        "stratified_split": "train, test = mb.stratified_split(t, 0.2, rng=0)",
        "k_fold": "for train, test in mb.k_fold(t, 5, rng=0): ...",
    }[owner]
    return (
        f"{owner} takes the labels alone, and returns rows. In Mitbadak: {line}, and then "
        "x[train], t[train]."
    )


def _of_parameters(owner: str, args: tuple, options: Mapping[str, Any]) -> str:
    """An optimizer that is given what it should update."""
    given = [*args[:1], *(options[name] for name in ("params", "parameters") if name in options)]
    is_params = given and (
        hasattr(given[0], "params")
        or (isinstance(given[0], Mapping) and "name" not in given[0])
        or (isinstance(given[0], Iterable) and not isinstance(given[0], (str, bytes, Mapping)))
    )
    if not is_params:
        return ""
    return (
        f"{owner} takes no parameters, only settings such as lr. In Mitbadak: mb.fit(net, x, t, "
        f"optimizer=mb.{owner}(0.01)), or {owner.lower()}.update(net.params, net.gradient(x, t))."
    )


def _of_an_update(owner: str, args: tuple, options: Mapping[str, Any]) -> str:
    """PyTorch's ``optimizer.step()``, or an update that is given a net."""
    if owner.endswith(".step") and (args or options):
        return ""
    if owner.endswith(".update") and len(args) == 2 and not callable(args[1]):
        return ""
    return (
        f"{owner} takes {'key and gradient' if owner.endswith('.step') else 'params and grads'}. "
        "In Mitbadak: optimizer.update(net.params, net.gradient(x, t))."
    )


def _of_an_array(owner: str, args: tuple, options: Mapping[str, Any]) -> str:
    """A layer that is given its input where it is made."""
    if not (args and _is_array(args[0])):
        return ""
    return (
        f"{owner} is a layer, which is made without its input. In Mitbadak: "
        f"mb.{owner}()(x), or the function mb.{ACTIVATIONS[owner]}(x)."
    )


def _of_layers(owner: str, args: tuple, options: Mapping[str, Any]) -> str:
    """A net that is given its widths, its loss or its optimizer among its layers."""
    example = "mb.Sequential(mb.Affine(4, 8), mb.ReLU(), mb.Affine(8, 3)"
    for arg in args:
        if isinstance(arg, int):
            return "Sequential takes layers; got widths. In Mitbadak: mb.MLP([4, 8, 3])."
        if hasattr(arg, "for_regression"):
            return f"Sequential takes its loss by name. In Mitbadak: {example}, loss={arg!r})."
        if hasattr(arg, "schedule"):
            return (
                "Sequential takes layers; an optimizer is for fit. In Mitbadak: mb.fit(net, x, t, "
                f"optimizer={arg!r})."
            )
    return ""


def _of_a_net(owner: str, args: tuple, options: Mapping[str, Any]) -> str:
    if not (args and hasattr(args[0], "layers")):
        return ""
    return (
        "draw takes a result of variables, not a net. In Mitbadak: mb.draw(net.graph(x[:1], "
        "t[:1]))."
    )


def _of_an_optimizer(owner: str, args: tuple, options: Mapping[str, Any]) -> str:
    """A schedule that is given the optimizer that should follow it."""
    if not (args and hasattr(args[0], "schedule") and hasattr(args[0], "decrement")):
        return ""
    return (
        f"{owner} takes a rate; the optimizer takes the schedule. In Mitbadak: "
        f"mb.{type(args[0]).__name__}(mb.{owner}(0.1, ...))."
    )


def _of_every_optimizer(owner: str) -> str:
    kind, _, method = owner.partition(".")
    return f".{method}" if kind in _OPTIMIZERS else ""


ACTIVATIONS = {
    "ReLU": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "GELU": "gelu", "SiLU": "silu",
    "Softplus": "softplus", "ELU": "elu", "LeakyReLU": "leaky_relu", "Identity": "identity",
    "Flatten": "flatten",
}  # fmt: skip
_SCHEDULES = ("Constant", "StepDecay", "Exponential", "Cosine", "OneCycle", "WarmUp")
_OPTIMIZERS = ("SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam", "AdamW", "Lion")
MISUSES: dict[str, Callable[[str, tuple, Mapping[str, Any]], str]] = {
    "Affine": _of_arrays,
    "Convolution": _of_arrays,
    "BatchNorm": _of_arrays,
    "grad": _of_a_function,
    "stratified_split": _of_inputs,
    "k_fold": _of_inputs,
    "Sequential": _of_layers,
    "draw": _of_a_net,
    ".step": _of_an_update,
    ".update": _of_an_update,
    **dict.fromkeys(_OPTIMIZERS, _of_parameters),
    **dict.fromkeys(_SCHEDULES, _of_an_optimizer),
    **dict.fromkeys(ACTIVATIONS, _of_an_array),
}
