"""One unit with its numbers: what comes in, what it makes of it, the update about to be made."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from mitbadak.lab.playground.building import Sets, affine_layers, build_net, build_rule
from mitbadak.lab.playground.features import features
from mitbadak.lab.playground.recording import Moment
from mitbadak.nn.activations import Activation


def touch(
    moment: Moment, sets: Sets, layer: int, unit: int, point: tuple[float, float]
) -> dict[str, Any] | None:
    """The numbers of a unit for one point of the plane.

    Args:
        moment: of the run.
        sets: its data, for the gradient.
        layer: from 1; the last one is the answer.
        unit: from 0.
        point: x1, x2.

    Returns:
        ``x``, ``w`` and ``wx`` for each input, ``b``, ``z = w x + b``, ``y`` and ``slope`` (dy/dz)
        of the activation; ``gradient`` and ``update`` of each weight and of the bias, for the whole
        training set. None where there is no such unit.
    """
    classes = sets.points.classes
    net = build_net(moment.settings, classes)
    for name, value in moment.params.items():
        if name not in net.params or net.params[name].shape != value.shape:
            return None
        net.params[name] = value.copy()
    affine = affine_layers(net)
    if not 1 <= layer <= len(affine) or not 0 <= unit < affine[layer - 1].params["b"].size:
        return None
    number = net.layers.index(affine[layer - 1])
    names = moment.settings["features"]
    x = features(np.array([point]), names).astype(np.float32)
    with np.errstate(all="ignore"):
        for before in net.layers[:number]:
            x = before.predict(x)
        z = affine[layer - 1].predict(x)
        y, slope = _activated(net.layers[number + 1 :], z)
        gradient, update = _next_update(net, moment, sets)
    W, b = f"W{layer}", f"b{layer}"
    w = net.params[W][:, unit]
    return {
        "layer": layer, "unit": unit, "point": list(point), "last": layer == len(affine),
        "activation": moment.settings["layers"][layer - 1]["activation"]
        if layer < len(affine) else "",
        "x": x[0].tolist(), "w": w.tolist(), "wx": (w * x[0]).tolist(),
        "b": float(net.params[b][unit]), "z": float(z[0, unit]),
        "y": float(y[0, unit]), "slope": float(slope[0, unit]),
        "gradient": [*gradient[W][:, unit].tolist(), float(gradient[b][unit])],
        "update": [*update[W][:, unit].tolist(), float(update[b][unit])],
    }  # fmt: skip


def _activated(layers: Any, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Value and slope of the activation that follows, if one does."""
    if not layers or not isinstance(layers[0], Activation):
        return z, np.ones_like(z)
    layer = layers[0]
    return layer.forward(z), layer.backward(np.ones_like(z))


def _next_update(
    net: Any, moment: Moment, sets: Sets
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The gradient on the whole training set, and what the optimizer would make of it."""
    train = sets.dataset(moment.settings["features"], test=False)
    x, t = train.batch(np.arange(len(train)), net.dtype)
    gradient = dict(net.gradient(x, t, training=False))
    rule = build_rule(moment.settings, 1)
    rule.state, rule.steps = copy.deepcopy(moment.optimizer)
    after = {name: value.copy() for name, value in net.params.items()}
    before = {name: value.copy() for name, value in after.items()}
    if all(np.isfinite(g).all() for g in gradient.values()):
        rule.update(after, {name: g.copy() for name, g in gradient.items()})
    return gradient, {name: after[name] - before[name] for name in after}
