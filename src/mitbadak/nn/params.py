"""A net's parameters under the book's names, read and written in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, MutableMapping, Sequence

import numpy as np

from mitbadak.errors import DtypeError, ShapeError, StateError, unknown_name
from mitbadak.nn.layers import Layer


class Params(MutableMapping[str, np.ndarray]):
    """A net's parameters by name, live: reading gives the net's own array, assigning replaces it.

    So the notes' update ``net.params[key] -= lr * grad[key]`` trains the net as printed.
    """

    def __init__(self, layers: Sequence[Layer]):
        self._owners = _numbered(layers)

    def __getitem__(self, name: str) -> np.ndarray:
        layer, key = self.owner(name)
        return layer.params[key]

    def __setitem__(self, name: str, value) -> None:
        layer, key = self.owner(name)
        current = layer.params[key]
        if value is current:
            return
        replacement = np.asarray(value)
        if replacement.dtype.kind not in "biuf":
            raise DtypeError(f"params[{name!r}] expects numbers; got {replacement.dtype}.")
        if replacement.shape != current.shape:
            raise ShapeError(
                f"params[{name!r}] expects shape {current.shape}; got {replacement.shape}."
            )
        layer.params[key] = replacement.astype(current.dtype, copy=False)

    def __delitem__(self, name: str) -> None:
        raise StateError(f"params[{name!r}] cannot be deleted: the net's layers need it.")

    def __iter__(self) -> Iterator[str]:
        return iter(self._owners)

    def __len__(self) -> int:
        return len(self._owners)

    def __repr__(self) -> str:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in self.items())
        return f"Params({shapes})"

    def owner(self, name: str) -> tuple[Layer, str]:
        """The layer that holds a parameter, and the parameter's name there."""
        try:
            return self._owners[name]
        except KeyError:
            raise unknown_name("parameter", name, self._owners) from None


def _numbered(layers: Sequence[Layer]) -> dict[str, tuple[Layer, str]]:
    """Parameter names as in the book: the layer's own, with its number among its kind."""
    owners: dict[str, tuple[Layer, str]] = {}
    numbers: Counter[type] = Counter()
    for layer in layers:
        numbers[type(layer)] += 1
        for key in layer.params:
            owners[f"{key}{numbers[type(layer)]}"] = (layer, key)
    return owners
