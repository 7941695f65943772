"""What a moment looks like: the net's answer over the plane, and every unit's."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from mitbadak.lab.playground.building import build_net
from mitbadak.lab.playground.features import features
from mitbadak.lab.playground.points import EDGE
from mitbadak.lab.playground.recording import Moment
from mitbadak.nn import Sequential
from mitbadak.nn.activations import Activation

FIELD = 80  # points of the plane along each axis
LEAST_UNIT, MOST_UNIT = 12, 32  # the same for the map of a unit
MAP_BYTES = 120_000  # for all units' maps in one frame
BYTE = 255


class Gauges(NamedTuple):
    """Maps of the plane, row by row from the top, as bytes.

    Attributes:
        field: for classes, their probabilities (FIELD, FIELD, classes); for a regression the
            answer from -1 to 1 (FIELD, FIELD, 1).
        units: every hidden unit's output on a coarser grid, (units, n, n), layer by layer, scaled
            to its largest absolute value.
        scales: those largest values, float32 (units,).
    """

    field: np.ndarray
    units: np.ndarray
    scales: np.ndarray


def gauges_of(moment: Moment, classes: int) -> Gauges:
    """The maps of a moment.

    Args:
        moment: of a recording.
        classes: number of classes; 0 for a regression.
    """
    net = build_net(moment.settings, classes)
    for name, value in moment.params.items():
        net.params[name] = value
    names = moment.settings["features"]
    counts = [layer["units"] for layer in moment.settings["layers"]]
    side = unit_side(sum(counts))
    with np.errstate(all="ignore"):
        answers = net.predict(features(grid(FIELD), names).astype(np.float32))
        outputs = _hidden_outputs(net, features(grid(side), names).astype(np.float32))
    field = answers if classes else np.clip(answers, -1, 1) / 2 + 0.5
    units = np.concatenate(outputs, axis=1).T if outputs else np.zeros((0, side * side))
    scales = np.nanmax(np.abs(units), axis=1, initial=1e-9)
    return Gauges(
        _bytes(field).reshape(FIELD, FIELD, -1),
        _bytes(units / scales[:, None] / 2 + 0.5).reshape(-1, side, side),
        scales.astype(np.float32),
    )


@functools.cache
def grid(side: int) -> np.ndarray:
    """The centers of the cells of a grid over the plane, row by row from the top.

    Example:
        >>> grid(2).tolist()
        [[-3.0, 3.0], [3.0, 3.0], [-3.0, -3.0], [3.0, -3.0]]
    """
    along = (np.arange(side) + 0.5) / side * 2 * EDGE - EDGE
    a, b = np.meshgrid(along, -along)
    return np.stack([a.ravel(), b.ravel()], axis=-1)


def unit_side(units: int) -> int:
    """Points along each axis of a unit's map, fewer the more units there are.

    Example:
        >>> unit_side(16), unit_side(700)
        (32, 13)
    """
    return int(np.clip((MAP_BYTES / max(1, units)) ** 0.5, LEAST_UNIT, MOST_UNIT))


def net_shape(settings: Mapping[str, Any], classes: int) -> dict[str, Any]:
    """What the diagram of a net needs."""
    return {"features": settings["features"], "layers": settings["layers"], "classes": classes}


def _hidden_outputs(net: Sequential, x: np.ndarray) -> list[np.ndarray]:
    outputs = []
    for layer in net.layers:
        x = layer.predict(x)
        if isinstance(layer, Activation):
            outputs.append(x)
    return outputs


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.nan_to_num(np.clip(values, 0, 1) * BYTE).astype(np.uint8)
