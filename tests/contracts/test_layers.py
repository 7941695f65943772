"""The contract of every layer, head and initializer."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import numpy as np
import pytest

from mitbadak import nn
from mitbadak.errors import ShapeError, StateError
from mitbadak.nn import layers, losses
from mitbadak.numerical import numerical_gradient
from mitbadak.training import weights

B, I, O = 5, 4, 3  # noqa: E741

LAYERS: dict[str, Callable[[], layers.Layer]] = {
    "Affine": lambda: nn.Affine(I, O, rng=0, dtype=np.float64),
    "Affine without bias": lambda: nn.Affine(I, O, bias=False, rng=0, dtype=np.float64),
    "Identity": nn.Identity,
    "Sigmoid": nn.Sigmoid,
    "ReLU": nn.ReLU,
    "Tanh": nn.Tanh,
}
HEADS: dict[str, tuple[losses.Head, Callable[[np.random.Generator], np.ndarray]]] = {
    "SoftmaxCrossEntropy": (nn.SoftmaxCrossEntropy(), lambda rng: rng.integers(0, O, B)),
    "SoftmaxCrossEntropy, rows": (
        nn.SoftmaxCrossEntropy(),
        lambda rng: rng.dirichlet(np.ones(O), B),
    ),
    "MeanSquaredError": (nn.MeanSquaredError(), lambda rng: rng.normal(size=(B, O))),
    "MeanSquaredError, classes": (nn.MeanSquaredError(), lambda rng: rng.integers(0, O, B)),
    "SumSquaredError": (nn.SumSquaredError(), lambda rng: rng.normal(size=(B, O))),
}
each_layer = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS.keys())
each_head = pytest.mark.parametrize(("head", "labels"), HEADS.values(), ids=HEADS.keys())


@each_layer
def test_backward_is_the_numerical_gradient(make, rng):
    layer = make()
    for p in layer.params.values():
        p += rng.normal(size=p.shape)
    x, dy = rng.normal(size=(B, I)), None
    y = layer.forward(x)
    dy = rng.normal(size=y.shape)
    dx = layer.backward(dy)

    def loss(_):
        return np.sum(dy * layer.predict(x))

    np.testing.assert_allclose(dx, numerical_gradient(loss, x), rtol=1e-6, atol=1e-7)
    for name, p in layer.params.items():
        np.testing.assert_allclose(
            layer.grads[name], numerical_gradient(loss, p), rtol=1e-6, atol=1e-7
        )
        assert layer.grads[name].shape == p.shape


@each_layer
def test_predict_is_forward_without_keeping_anything(make, rng):
    layer, x = make(), rng.normal(size=(B, I))
    x.flags.writeable = False
    np.testing.assert_array_equal(layer.predict(x), layer.forward(x))
    assert layer.backward(np.ones_like(layer.predict(x))).shape == x.shape


@each_layer
def test_each_forward_serves_one_backward(make, rng):
    layer, x = make(), rng.normal(size=(B, I))
    with pytest.raises(StateError, match="backward needs a forward first"):
        layer.backward(x)
    y = layer.forward(x)
    layer.backward(y)
    with pytest.raises(StateError, match="each forward serves one backward"):
        layer.backward(y)


@each_layer
def test_backward_is_refused_after_a_captured_array_changed(make, rng):
    layer = make()
    names = ["x", *layer.params]
    for name in names:
        x = rng.normal(size=(B, I))
        y = layer.forward(x)
        captured = x if name == "x" else layer.params[name]
        captured.flat[-1] += 1e-3
        with pytest.raises(StateError, match=f"'{name}' changed between forward and backward"):
            layer.backward(y)


@each_layer
def test_a_layer_survives_its_config_and_pickle(make, rng):
    layer, x = make(), rng.normal(size=(B, I))
    again = layers.from_config(layer.config(), dtype=np.float64)
    again.params = dict(layer.params)
    for twin in (again, pickle.loads(pickle.dumps(layer))):
        assert repr(twin) == repr(layer)
        np.testing.assert_array_equal(twin.predict(x), layer.predict(x))


@each_head
def test_the_gradient_of_a_head_is_the_numerical_gradient(head, labels, rng):
    scores, t = rng.normal(size=(B, O)), labels(rng)
    scores.flags.writeable = t.flags.writeable = False
    loss, pullback = head.vjp(scores, t)
    assert loss == head.loss(scores, t)
    expected = numerical_gradient(lambda s: head.loss(s, t), scores.copy())
    np.testing.assert_allclose(pullback(1.0), expected, rtol=1e-6, atol=1e-7)


@each_head
def test_the_answer_of_a_head_has_the_shape_of_the_scores(head, labels, rng):
    scores = rng.normal(size=(B, O)).astype(np.float32)
    answer = head.answer(scores)
    assert answer.shape == scores.shape
    assert answer.dtype == np.float32


@each_head
def test_a_head_refuses_labels_of_another_length(head, labels, rng):
    with pytest.raises(ShapeError):
        head.loss(rng.normal(size=(B + 1, O)), labels(rng))


@pytest.mark.parametrize("loss", losses.HEADS)
@pytest.mark.parametrize("activation", layers.ACTIVATIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_kind_of_net_survives_a_file_to_the_bit(loss, activation, dtype, rng, tmp_path):
    net = nn.MLP([I, 6, O], activation, loss=loss, rng=rng, dtype=dtype)
    weights.save(net, tmp_path / "net.safetensors")
    again = weights.load(tmp_path / "net.safetensors")
    x = rng.normal(size=(B, I))
    assert again.config() == net.config()
    np.testing.assert_array_equal(again.predict(x), net.predict(x))


def test_every_public_layer_head_and_name_is_in_the_tables():
    def kinds_in(module, base):
        kinds = [k for k in vars(module).values() if isinstance(k, type) and issubclass(k, base)]
        return {k.__name__ for k in kinds if k is not base and not k.__name__.startswith("_")}

    assert kinds_in(layers, layers.Layer) <= {name.split(" ")[0] for name in LAYERS}
    assert kinds_in(losses, losses.Head) <= {name.split(",")[0] for name in HEADS}
    tabled = {type(make()).__name__ for make in layers.ACTIVATIONS.values()}
    assert tabled == kinds_in(layers, layers.Layer) - {"Affine"}
    assert {type(make()).__name__ for make in losses.HEADS.values()} == kinds_in(
        losses, losses.Head
    )
