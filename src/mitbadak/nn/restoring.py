"""Nets rebuilt from their description, and the check that this is possible."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from mitbadak.core.errors import FormatError, StateError, UnknownNameError, brief, unknown_name
from mitbadak.nn.declared import Declared, is_built_in
from mitbadak.nn.heads import Head
from mitbadak.nn.layer import Layer
from mitbadak.nn.named_classes import Classes
from mitbadak.nn.network import Sequential

UNSAVED = {"params", "grads", "buffers", "_kept", "_given_options", "operation"}


def from_config(config: Mapping[str, Any]) -> Sequential:
    """A net as ``config`` describes it, with parameters still to be set.

    Raises:
        UnknownNameError: a class of net, layer or head that is not built in and not imported.

    Example:
        >>> from mitbadak.nn import MLP
        >>> from_config(MLP([2, 10, 3], "tanh").config())
        MLP([2, 10, 3], activation='tanh')
    """
    kinds = {"Sequential": Sequential, **Sequential.registry}
    if config["net"] not in kinds:
        error = unknown_name("net", config["net"], kinds)
        raise UnknownNameError(
            f"{error} If the class is your own, import the file that defines it first."
        )
    layers = [Layer.from_config(c, dtype=config["dtype"]) for c in config["layers"]]
    net = object.__new__(kinds[config["net"]])
    Sequential.__init__(net, *layers, loss=config["loss"])
    net.classes = _class_names(net, config.get("classes", ()))
    return net


def _class_names(net: Sequential, names: Any) -> Classes:
    """The names of the classes in a description: texts, whole numbers, or False and True.

    Raises:
        FormatError: they are not as many different texts, or whole numbers, as the net has classes.
    """
    kinds = {type(name) for name in names} if isinstance(names, list | tuple) else {None}
    good = kinds in (set(), {str}, {int}) or [*names] == [False, True]
    if not good or len({*names}) < len(names) or (
        names and net.n_out is not None and net.head.outputs_for(len(names)) != net.n_out
    ):  # fmt: skip
        raise FormatError(f"its classes are {brief(names)}, with {net.n_out} outputs.")
    return tuple(names)


def check_restorable(net: Sequential) -> None:
    """Refuse to save a net that could not be rebuilt from its ``config``.

    Raises:
        StateError: with the part that is the problem, and the remedy.
    """
    kind = type(net)
    if kind is not Sequential:
        _check_class(net, Sequential.registry.get(kind.__name__))
    extra = vars(net).keys() - vars(Sequential()).keys()
    if extra:
        raise StateError(
            f"{net!r} cannot be saved: a file does not keep its attribute {min(extra)!r}. Make it "
            "a class attribute, or save dict(net.params) yourself."
        )
    for part in (*net.layers, net.head):
        _check_part(part, net.dtype)


def _check_class(part: Any, registered: Any) -> None:
    """Refuse an instance of a class that its name in files does not lead to."""
    kind = type(part)
    if registered is None:
        raise StateError(
            f"{part!r} cannot be saved: a file has no name for its operation. Define a class for "
            f"it: class Mine({kind.__name__}, operation=...)."
        )
    same = (registered.__module__, registered.__qualname__) == (kind.__module__, kind.__qualname__)
    if "<locals>" in kind.__qualname__:  # a function may define many classes under one name
        same = registered is kind
    if not same:
        other = f"{registered.__module__}.{registered.__qualname__}"
        other = f"Mitbadak's own {kind.__name__}" if is_built_in(registered) else other
        raise StateError(
            f"{part!r} cannot be saved: its class has the name of {other}, which would be loaded "
            "instead. Rename the class."
        )


def _check_part(part: Layer | Head, dtype: np.dtype) -> None:
    _check_class(part, part.registry.get(part._name))
    config = part.config()
    try:
        text = json.dumps(config, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise StateError(
            f"{part!r} cannot be saved: its config {config!r} holds values that JSON "
            f"cannot represent ({error}). Use numbers, texts, lists and dicts for its fields."
        ) from None
    if is_built_in(type(part)) and not is_overridden(part):
        return
    try:
        family = Layer if isinstance(part, Layer) else Head
        again: Any = family.from_config(
            {"head": config} if isinstance(config, str) else json.loads(text), dtype=dtype
        )
    except Exception as error:  # from the user's own class
        raise StateError(
            f"{part!r} cannot be saved: its class cannot be recreated from {config!r} ({error}). "
            "Declare the arguments of __init__ as fields of the class."
        ) from error
    fields = [(getattr(part, name), getattr(again, name)) for name in part._field_names]
    same = again.config() == config and all(_equal(*values) for values in fields)
    difference = "" if same else "its config"
    difference = difference or _difference(part, again)
    if difference:
        raise StateError(
            f"{part!r} cannot be saved: {difference} would differ when it is recreated from "
            f"{text}. Declare what it depends on as fields of the class, with values that JSON "
            "keeps."
        )


def is_overridden(part: Declared) -> bool:
    """Whether an instance has an operation or a method of its own instead of its class's."""
    own = vars(part).keys() - UNSAVED - set(part._field_names)
    return "operation" in vars(part) or any(callable(vars(part)[name]) for name in own)


def _difference(part: Declared, again: Declared) -> str:
    """An attribute in which two instances differ, or ""."""
    if _named(getattr(part, "operation", None)) != _named(getattr(again, "operation", None)):
        return "its operation"
    for name in ("params", "buffers"):
        shapes = [
            {key: (a.shape, a.dtype) for key, a in getattr(p, name, {}).items()}
            for p in (part, again)
        ]
        if shapes[0] != shapes[1]:
            return f"its {name}"
    fields = getattr(type(part), "__dataclass_fields__", {})
    for name, value in vars(part).items():
        if name not in UNSAVED and name not in fields and not _equal(value, vars(again).get(name)):
            return f"its attribute {name!r}"
    return ""


def _equal(a: Any, b: Any) -> bool:
    """Whether two attributes are the same object, or compare as equal in every entry."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    try:
        return bool(np.array_equal(np.asarray(a, object), np.asarray(b, object)))
    except Exception:  # from an object's own comparison
        return False


def _named(operation: Any) -> tuple[str, str]:
    """What tells an operation from others, even if every instance defines its own."""
    return getattr(operation, "__module__", ""), getattr(operation, "__qualname__", repr(operation))
