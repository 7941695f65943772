"""A net's arrays under the book's names, read and written in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mitbadak.core.arrays import as_array
from mitbadak.core.errors import (
    DtypeError,
    MissingAttributeError,
    ShapeError,
    StateError,
    unknown_name,
)
from mitbadak.nn.layer import Layer


class _Arrays(MutableMapping[str, np.ndarray]):
    """Arrays of a net's layers by name, live: reading gives the layer's own array.

    Args:
        layers: layers of the net, in order.
    """

    kind, noun = "", ""  # the layers' attribute, and what one of its arrays is called

    def __init__(self, layers: Sequence[Layer]):
        self._owners: dict[str, tuple[Layer, str]] = {}
        for layer, number in zip(layers, _numbers(layers), strict=True):
            for key in self._of(layer):
                name = f"{key}{number}"
                if name in self._owners:
                    raise StateError(
                        f"two layers have a {self.noun} {name!r}; the second one is {layer!r}. "
                        "Give their classes the same family, so that they are numbered together."
                    )
                self._owners[name] = (layer, key)

    def __getitem__(self, name: str) -> np.ndarray:
        layer, key = self.owner(name)
        return self._of(layer)[key]

    def __setitem__(self, name: str, value: Any) -> None:
        layer, key = self.owner(name)
        current = self._of(layer)[key]
        if value is current:
            return
        replacement = as_array(self.kind, repr(name), value)
        if replacement.dtype.kind not in "biuf":
            raise DtypeError(f"{self.kind}[{name!r}] expects numbers; got {replacement.dtype}.")
        if replacement.shape != current.shape:
            raise ShapeError(
                f"{self.kind}[{name!r}] expects shape {current.shape}; got {replacement.shape}."
            )
        self._of(layer)[key] = replacement.astype(current.dtype, copy=False)

    def __delitem__(self, name: str) -> None:
        raise StateError(f"{self.kind}[{name!r}] cannot be deleted: the net's layers need it.")

    def __iter__(self) -> Iterator[str]:
        return iter(self._owners)

    def __len__(self) -> int:
        return len(self._owners)

    def __repr__(self) -> str:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in self.items())
        return f"{type(self).__name__}({shapes})"

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse an array as an attribute, which would change nothing."""
        if name in getattr(self, "_owners", ()):
            raise StateError(
                f"{name} is an entry, not an attribute. In Mitbadak: net.{self.kind}[{name!r}] = "
                "..."
            )
        super().__setattr__(name, value)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if not name.startswith("_") and name in self._owners:
                raise MissingAttributeError(
                    f"{name} is an entry, not an attribute. In Mitbadak: net.{self.kind}[{name!r}]."
                )
            raise MissingAttributeError(f"net.{self.kind} has no attribute {name!r}.")

    def _of(self, layer: Layer) -> dict[str, np.ndarray]:
        return getattr(layer, self.kind)

    def owner(self, name: str) -> tuple[Layer, str]:
        """The layer that holds an array, and the array's name in that layer."""
        try:
            return self._owners[name]
        except KeyError:
            raise unknown_name(self.noun, name, self._owners) from None


class Params(_Arrays):
    """A net's parameters by name, live: reading gives the net's own array, assigning replaces it.

    So the notes' update ``net.params[key] -= lr * grad[key]`` trains the net as printed.
    """

    kind, noun = "params", "parameter"


class Buffers(_Arrays):
    """A net's buffers by name, live: state such as running means, which is not learned.

    They are saved with the net; optimizers never see them.
    """

    kind, noun = "buffers", "buffer"


def _numbers(layers: Sequence[Layer]) -> list[int]:
    """Each layer's number as in the book, counted within its family, by default its class."""
    count: Counter[Any] = Counter()
    numbers = []
    for layer in layers:
        count[layer.family or type(layer)] += 1
        numbers.append(count[layer.family or type(layer)])
    return numbers
