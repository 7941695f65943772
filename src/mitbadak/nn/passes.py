"""One forward and one backward pass through the layers of a net."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mitbadak.nn.layer import LayerResult

if TYPE_CHECKING:
    from mitbadak.nn.contract import Net


class NetResult(NamedTuple):
    """The result of one forward and one backward pass.

    Attributes:
        loss, gradient: loss and gradient of the batch.
        buffers: the updated buffers by name; empty where nothing is to be updated.
    """

    loss: float
    gradient: dict[str, np.ndarray]
    buffers: dict[str, np.ndarray]


def there_and_back(
    net: Net,
    y: np.ndarray,
    t: Any,
    training: bool | None,
    rng: np.random.Generator | None,
) -> NetResult:
    """Loss and gradient of checked inputs and targets; changes nothing."""
    results: list[LayerResult] = []
    for layer in net.layers:
        results.append(layer.compute(y, training=training, rng=rng))
        y = results[-1].y
    loss, pullback = net.head.vjp(y, t)
    gradient = _back(net, results, pullback(1.0))
    return NetResult(loss, gradient, _updated_buffers(net, results) if training else {})


def _back(net: Net, results: list[LayerResult], dy: np.ndarray) -> dict[str, np.ndarray]:
    """The parameters' gradients; no input gradient is computed below the first of them."""
    count = len(net.layers)
    first = next((i for i in range(count) if net.layers[i].params), count)
    by_layer: list[list[np.ndarray]] = []
    for i in reversed(range(first, count)):
        to_x, *to_params = results[i].pullbacks
        by_layer.append([pullback(dy) for pullback in to_params])
        if i > first:
            dy = to_x(dy)
    in_order = [gradient for gradients in reversed(by_layer) for gradient in gradients]
    return dict(zip(net.params, in_order, strict=True))


def _updated_buffers(net: Net, results: list[LayerResult]) -> dict[str, np.ndarray]:
    """The layers' updated buffers under their names in the net."""
    updated = [
        result.buffers.get(name)
        for layer, result in zip(net.layers, results, strict=True)
        for name in layer.buffers
    ]
    named = zip(net.buffers, updated, strict=True)
    return {name: array for name, array in named if array is not None}
