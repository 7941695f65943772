"""Every layer and head differentiated twice: the net's Hessian times a vector."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings, strategies as st

import mitbadak as mb
from mitbadak.graph import grad, in_order
from strategies import sizes


@given(
    sizes=sizes(deepest=3),
    activation=st.sampled_from(["sigmoid", "tanh", "relu", "identity"]),
    loss=st.sampled_from(["softmax_cross_entropy", "mean_squared_error", "sum_squared_error"]),
    batch=st.integers(1, 5),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=40)
def test_hessian_vector_products_of_nets_match_differences_of_gradients(
    sizes, activation, loss, batch, seed
):
    rng = np.random.default_rng(seed)
    net = mb.MLP(sizes, activation, init=1.0, loss=loss, rng=rng, dtype=np.float64)
    for name, p in net.params.items():
        if name.startswith("b"):
            p += rng.normal(size=p.shape)  # off the kink at 0
    x, t = rng.normal(size=(batch, sizes[0])), rng.integers(0, sizes[-1], batch)
    graph = net.graph(x, t)
    at = {v.name: v for v in in_order([graph]) if v.name in net.params}
    direction = {name: rng.normal(size=p.shape) for name, p in net.params.items()}
    slopes = grad(graph, [at[name] for name in net.params], create_graph=True)
    along = sum(np.sum(g * v) for g, v in zip(slopes, direction.values(), strict=True))
    products = grad(along, [at[name] for name in net.params])

    h = 1e-6

    def shifted(by: float) -> dict[str, np.ndarray]:
        twin = net.astype(np.float64)
        for name, v in direction.items():
            twin.params[name] += by * v
        return twin.gradient(x, t)

    above, below = shifted(h), shifted(-h)
    for name, product in zip(net.params, products, strict=True):
        expected = (above[name] - below[name]) / (2 * h)
        scale = 1 + np.abs(expected).max()
        np.testing.assert_allclose(product, expected, atol=2e-4 * scale)
