"""One forward and one backward pass through the layers of a net."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mitbadak.graph import Variable
from mitbadak.nn.layer import LayerResult
from mitbadak.nn.values import of_shape

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

    def __repr__(self) -> str:
        names = ", ".join(self.gradient) or "nothing"
        return f"NetResult(loss={self.loss:.6g}, gradient of {names})"


def there_and_back(
    net: Net,
    y: np.ndarray,
    t: Any,
    training: bool | None,
    rng: np.random.Generator | None,
) -> NetResult:
    """Loss and gradient of checked inputs and targets; changes nothing."""
    if net.is_one_image(y):
        y, t = y[None], np.asarray(t)[None]
    results: list[LayerResult] = []
    for layer in net.layers:
        results.append(layer.compute(y, training=training, rng=rng))
        y = results[-1].y
    loss, pullback = net.head.vjp(y, t)
    gradient = _back(net, results, pullback(1.0))
    return NetResult(loss, gradient, _updated_buffers(net, results) if training else {})


def graph_of(
    net: Net,
    x: np.ndarray,
    t: Any,
    training: bool,
    rng: np.random.Generator | None,
) -> Variable:
    """The graph of the loss of checked inputs and targets, or of their scores where t is None."""
    parameters = iter([Variable(a, name) for name, a in net.params.items()])
    y, one = Variable(x, "x"), net.is_one_image(x)
    y = y[None] if one else y
    for layer in net.layers:
        operation, constants, options = layer.call(y.value, training=training, rng=rng)
        y = operation(y, *islice(parameters, len(layer.params)), *constants, **options)
    y = y[0] if one else y
    if t is None:
        return y
    return net.head.operation(y, net.head.checked_targets(y.value, t), **net.head.options)


def _back(net: Net, results: list[LayerResult], dy: np.ndarray) -> dict[str, np.ndarray]:
    """The parameters' gradients; no input gradient is computed below the first of them."""
    count = len(net.layers)
    first = next((i for i in range(count) if net.layers[i].params), count)
    by_layer: list[list[np.ndarray]] = []
    for i in reversed(range(first, count)):
        to_x, *to_params = results[i].pullbacks
        by_layer.append([pullback(dy) for pullback in to_params])
        if i > first:
            dy = of_shape(repr(net.layers[i]), "x", to_x(dy), np.shape(results[i - 1].y))
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
