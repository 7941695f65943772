"""The layers of a net from what is given: layers, nets, names, or all of them in one list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mitbadak.core.arguments import refuse_a_class
from mitbadak.core.errors import DtypeError, brief
from mitbadak.nn.activations import activation
from mitbadak.nn.layer import Layer


def stacked(owner: str, parts: Iterable[Any]) -> tuple[Layer, ...]:
    """Layers in order.

    Args:
        owner: who takes them, for messages.
        parts: layers; nets, which are replaced by their layers; names of activations; or a single
            list of these.

    Raises:
        DtypeError: something else is among them, such as a class or a function.
        UnknownNameError: there is no activation of that name.

    Example:
        >>> from mitbadak.nn import Affine
        >>> stacked("Sequential", [[Affine(2, 3), "relu"]])
        (Affine(2, 3), ReLU())
    """
    parts = tuple(parts)
    if len(parts) == 1 and isinstance(parts[0], (list, tuple)):
        parts = tuple(parts[0])
    return tuple(_layers(owner, parts))


def _layers(owner: str, parts: Iterable[Any]) -> Iterator[Layer]:
    for part in parts:
        if isinstance(part, Layer):
            yield part
        elif isinstance(part, str):
            yield activation(part)
        elif isinstance(inside := getattr(part, "layers", None), tuple):  # another net
            yield from inside
        else:
            _refuse(owner, part)


def _refuse(owner: str, part: Any) -> None:
    example = "mb.ReLU()"
    if isinstance(part, type) and issubclass(part, Layer):
        example = f"mb.{part.__name__}()"
    refuse_a_class(owner, part, "layers", example)
    raise DtypeError(
        f"{owner} expects layers, such as mb.Affine(4, 8) or mb.ReLU(); got {brief(part)}. A layer "
        "of your own is a class derived from mb.Layer."
    )
