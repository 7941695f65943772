"""A digit on its way through a net: what each layer makes of it, and which pixels spoke."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from mitbadak.lab.drawing.nets import Reader
from mitbadak.nn import Sequential

HIDDEN_FROM_VIEW = ("Affine", "Convolution", "Flatten", "Reshape", "Dropout", "BatchNorm")


class Seen(NamedTuple):
    """What a layer made of one digit.

    Attributes:
        number: of the layer in the net, from 0.
        kind: its name.
        values: shape (units,), or (channels, height, width).
    """

    number: int
    kind: str
    values: np.ndarray


class Reading(NamedTuple):
    """What a net makes of a digit.

    Attributes:
        probabilities: of each class.
        asked: the class whose score the gradient is of.
        gradient: of that score with respect to the input, shape (28, 28).
        row: the input itself, shape (28, 28).
        layers: those that are shown.
    """

    probabilities: np.ndarray
    asked: int
    gradient: np.ndarray
    row: np.ndarray
    layers: list[Seen]


def shown_layers(net: Sequential) -> list[int]:
    """The layers whose output is shown: activations and pools, and the scores.

    Example:
        >>> from mitbadak.nn import MLP
        >>> shown_layers(MLP([4, 3, 2], rng=0))
        [1, 2]
    """
    last = len(net.layers) - 1
    kinds = [type(layer).__name__ for layer in net.layers]
    return [i for i, kind in enumerate(kinds) if i == last or kind not in HIDDEN_FROM_VIEW]


def read(
    reader: Reader,
    net: Sequential,
    digit: np.ndarray,
    *,
    cut: Sequence[tuple[int, int]] = (),
    asked: int = -1,
) -> Reading:
    """Show a net a digit.

    Args:
        reader: says how pixels become an input.
        net: the reader's own net, or a broken copy of it.
        digit: pixels from 0 to 255, shape (28, 28).
        cut: layers and units whose output is put to 0.
        asked: the class whose score the gradient is of; -1 for the likeliest.
    """
    row = np.asarray(reader.rows(digit), net.dtype)
    masks, shown = _masks(cut), shown_layers(net)
    y, passed, layers = row, [], []
    for number, layer in enumerate(net.layers):
        result = layer.compute(y, training=False, rng=None)
        y, units = result.y, masks.get(number, [])
        y = _without(y, units)
        passed.append((result.pullbacks[0], units))
        if number in shown:
            layers.append(Seen(number, type(layer).__name__, np.asarray(y[0])))
    probabilities = np.asarray(net.answer(y)[0], float)
    best = int(np.argmax(probabilities))
    asked = best if not 0 <= asked < len(probabilities) else asked
    dy = np.zeros_like(y)
    dy[0, asked] = 1
    for to_x, units in reversed(passed):
        dy = to_x(_without(dy, units))
    shape = digit.shape
    return Reading(probabilities, asked, np.asarray(dy).reshape(shape), row.reshape(shape), layers)


def with_noise(net: Sequential, share: float, seed: int) -> Sequential:
    """A copy of a net with noise on its weights.

    Args:
        net: stays as it is.
        share: the deviation of the noise, over that of the weights of the same array.
        seed: of the noise; the same one makes the same noise, whatever its size.

    Example:
        >>> from mitbadak.nn import MLP
        >>> net = MLP([4, 3, 2], rng=0)
        >>> bool((with_noise(net, 0.0, 1).params["W1"] == net.params["W1"]).all())
        True
    """
    if not share:
        return net
    noisy, rng = copy.deepcopy(net), np.random.default_rng(seed)
    for name, array in net.params.items():
        noise = rng.standard_normal(array.shape)
        if array.ndim > 1:
            noisy.params[name] = (array + share * array.std() * noise).astype(array.dtype)
    return noisy


def looks_for(net: Sequential, layer: int, unit: int) -> np.ndarray | None:
    """The weights of a unit of the first layer, as a picture; None for any other layer.

    Args:
        layer: of the unit's output: the affine layer or the activation behind it.
    """
    affine = [i for i, own in enumerate(net.layers) if type(own).__name__ == "Affine"]
    if not affine or affine[0] != 0 or layer >= (affine[1] if len(affine) > 1 else len(net.layers)):
        return None
    weights = next(iter(net.params.values()))
    if weights.shape[0] != 28 * 28 or not 0 <= unit < weights.shape[1]:
        return None
    return np.asarray(weights[:, unit]).reshape(28, 28)


def _masks(cut: Sequence[tuple[int, int]]) -> dict[int, list[int]]:
    masks: dict[int, list[int]] = defaultdict(list)
    for layer, unit in cut:
        masks[layer].append(unit)
    return masks


def _without(y: Any, units: list[int]) -> Any:
    """Outputs (or their gradients) with some units, or channels, put to 0."""
    there = [unit for unit in units if 0 <= unit < y.shape[1]]
    if not there:
        return y
    y = np.array(y)
    y[:, there] = 0
    return y
