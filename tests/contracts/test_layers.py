"""The contract of every layer, head and initializer."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mitbadak import nn
from mitbadak.core.errors import ShapeError, StateError
from mitbadak.functions.numerical import numerical_gradient
from mitbadak.nn import activations, affine, convolution, dropout, heads, norms
from mitbadak.nn.declared import is_built_in
from mitbadak.runs import model_file as weights

B, I, O = 5, 4, 3  # noqa: E741
C, IMAGE = 2, (2, 5, 4)  # channels, and the shape of an image

Make = Callable[[], nn.Layer]
PLAIN: dict[str, Make] = {
    "Affine": lambda: nn.Affine(I, O, rng=0, dtype=np.float64),
    "Affine without bias": lambda: nn.Affine(I, O, bias=False, rng=0, dtype=np.float64),
    "Identity": nn.Identity,
    "Sigmoid": nn.Sigmoid,
    "ReLU": nn.ReLU,
    "Tanh": nn.Tanh,
    "LeakyReLU": nn.LeakyReLU,
    "LeakyReLU of another slope": lambda: nn.LeakyReLU(slope=0.3),
    "ELU": nn.ELU,
    "ELU of another alpha": lambda: nn.ELU(alpha=0.5),
    "GELU": nn.GELU,
    "SiLU": nn.SiLU,
    "Softplus": nn.Softplus,
    "Flatten": nn.Flatten,
    "Reshape": lambda: nn.Reshape((2, 1, I // 2)),
    "Convolution": lambda: nn.Convolution(C, O, 3, rng=0, dtype=np.float64),
    "Convolution of others": lambda: nn.Convolution(
        C, O, (2, 3), (1, 2), (0, 1), bias=False, rng=0, dtype=np.float64
    ),
    "MaxPooling": nn.MaxPooling,
    "MaxPooling of others": lambda: nn.MaxPooling((3, 2), stride=1, pad=(1, 0)),
    "AveragePooling": nn.AveragePooling,
    "AveragePooling of others": lambda: nn.AveragePooling(3, 2, 1),
    "LayerNorm": lambda: nn.LayerNorm(I, dtype=np.float64),
    "LayerNorm of another eps": lambda: nn.LayerNorm(I, eps=0.1, dtype=np.float64),
}
MODAL: dict[str, Make] = {
    "Dropout": lambda: nn.Dropout(0.4),
    "BatchNorm": lambda: nn.BatchNorm(I, dtype=np.float64),
    "BatchNorm of others": lambda: nn.BatchNorm(I, momentum=0.3, eps=0.1, dtype=np.float64),
    "BatchNorm of images": lambda: nn.BatchNorm(C, dtype=np.float64),
}
MODES: dict[str, dict[str, Any]] = {
    "in training": {"training": True, "rng": 3},
    "in evaluation": {"training": False},
}
LAYERS: dict[str, tuple[Make, dict[str, Any]]] = {name: (make, {}) for name, make in PLAIN.items()}
LAYERS |= {
    f"{name} {when}": (make, mode) for name, make in MODAL.items() for when, mode in MODES.items()
}
HEADS: dict[str, tuple[nn.Head, Callable[[np.random.Generator], np.ndarray]]] = {
    "SoftmaxCrossEntropy": (nn.SoftmaxCrossEntropy(), lambda rng: rng.integers(0, O, B)),
    "SoftmaxCrossEntropy, rows": (
        nn.SoftmaxCrossEntropy(),
        lambda rng: rng.dirichlet(np.ones(O), B),
    ),
    "MeanSquaredError": (nn.MeanSquaredError(), lambda rng: rng.normal(size=(B, O))),
    "MeanSquaredError, classes": (nn.MeanSquaredError(), lambda rng: rng.integers(0, O, B)),
    "SumSquaredError": (nn.SumSquaredError(), lambda rng: rng.normal(size=(B, O))),
    "SigmoidCrossEntropy": (nn.SigmoidCrossEntropy(), lambda rng: rng.integers(0, 2, (B, O))),
    "SigmoidCrossEntropy, shares": (
        nn.SigmoidCrossEntropy(),
        lambda rng: rng.uniform(size=(B, O)),
    ),
    "Huber": (nn.Huber(), lambda rng: rng.normal(size=(B, O)) * 3),
    "Huber, classes": (nn.Huber(delta=0.2), lambda rng: rng.integers(0, O, B)),
}


def inputs(layer: nn.Layer, rng: np.random.Generator, extra: int = 0) -> np.ndarray:
    """A batch for a layer: of images where it takes those, and with more columns or channels."""
    channels = getattr(layer, "channels", getattr(layer, "n", I))
    if isinstance(layer, convolution.ImageLayer) or channels == C:
        return rng.normal(size=(B, C + extra, *IMAGE[1:]))
    return rng.normal(size=(B, I + extra))


each_layer = pytest.mark.parametrize(("make", "mode"), LAYERS.values(), ids=LAYERS.keys())
alone = {name: case for name, case in LAYERS.items() if case[1] != MODES["in training"]}
wide = {name: case for name, case in LAYERS.items() if case[0]().params}
each_by_example = pytest.mark.parametrize(("make", "mode"), alone.values(), ids=alone.keys())
each_wide_layer = pytest.mark.parametrize(("make", "mode"), wide.values(), ids=wide.keys())
each_head = pytest.mark.parametrize(("head", "labels"), HEADS.values(), ids=HEADS.keys())


@each_layer
def test_backward_is_the_numerical_gradient(make, mode, rng):
    layer = make()
    for p in layer.params.values():
        p += rng.normal(size=p.shape)
    x = inputs(layer, rng)
    x += np.copysign(1e-2, x)  # central differences must not cross the kink at 0
    y = layer.forward(x, **mode)
    dy = rng.normal(size=y.shape)
    dx = layer.backward(dy)

    def loss(_):
        return np.sum(dy * layer.predict(x, **mode))

    np.testing.assert_allclose(dx, numerical_gradient(loss, x), rtol=1e-6, atol=1e-7)
    for name, p in layer.params.items():
        np.testing.assert_allclose(
            layer.grads[name], numerical_gradient(loss, p), rtol=1e-6, atol=1e-7
        )
        assert layer.grads[name].shape == p.shape


@each_layer
def test_predict_gives_the_output_of_forward(make, mode, rng):
    layer = make()
    x = inputs(layer, rng)
    x.flags.writeable = False
    np.testing.assert_array_equal(layer.predict(x, **mode), layer.forward(x, **mode))
    assert layer.backward(np.ones_like(layer.predict(x, **mode))).shape == x.shape


@each_layer
def test_each_forward_serves_one_backward(make, mode, rng):
    layer = make()
    x = inputs(layer, rng)
    with pytest.raises(StateError, match="backward needs a forward first"):
        layer.backward(x)
    y = layer.forward(x, **mode)
    layer.backward(y)
    with pytest.raises(StateError, match="each forward serves one backward"):
        layer.backward(y)


@each_layer
def test_backward_is_refused_after_a_captured_array_changed(make, mode, rng):
    layer = make()
    names = ["x", *layer.params]
    names += layer.buffers if mode == MODES["in evaluation"] else ()
    for name in names:
        x = inputs(layer, rng)
        y = layer.forward(x, **mode)
        captured = x if name == "x" else (layer.params | layer.buffers)[name]
        captured.flat[-1] += 1e-3
        with pytest.raises(StateError, match=f"'{name}' changed between forward and backward"):
            layer.backward(y)


@each_layer
def test_config_and_pickle_preserve_a_layer(make, mode, rng):
    layer = make()
    x = inputs(layer, rng)
    for name, a in layer.buffers.items():
        layer.buffers[name] = a + rng.uniform(size=a.shape)
    again = nn.Layer.from_config(layer.config(), dtype=np.float64)
    again.params, again.buffers = dict(layer.params), dict(layer.buffers)
    assert again.config() == layer.config()
    for twin in (again, pickle.loads(pickle.dumps(layer))):
        assert repr(twin) == repr(layer)
        np.testing.assert_array_equal(twin.predict(x, **mode), layer.predict(x, **mode))


@each_layer
def test_a_layer_preserves_float32(make, mode, rng):
    layer = make()
    layer.params = {name: a.astype(np.float32) for name, a in layer.params.items()}
    layer.buffers = {name: a.astype(np.float32) for name, a in layer.buffers.items()}
    y = layer.forward(inputs(layer, rng).astype(np.float32), **mode)
    assert layer.backward(y).dtype == y.dtype == np.float32
    kept = [*layer.params.values(), *layer.grads.values(), *layer.buffers.values()]
    assert {a.dtype for a in kept} <= {np.dtype(np.float32)}


@each_by_example
def test_examples_are_independent_in_evaluation(make, mode, rng):
    layer = make()
    x = inputs(layer, rng)
    one_by_one = np.stack([layer.predict(example, **mode) for example in x])
    # Sums in another order; where a sum cancels, its rounding is that of its terms.
    np.testing.assert_allclose(layer.predict(x, **mode), one_by_one, rtol=1e-12, atol=1e-14)


@each_wide_layer
def test_layers_with_a_width_refuse_another_one(make, mode, rng):
    layer = make()
    with pytest.raises(ShapeError, match=r"expects x"):
        layer.predict(inputs(layer, rng, 1), **mode)


@each_layer
def test_vjp_and_predict_change_nothing(make, mode, rng):
    layer = make()
    x = inputs(layer, rng)
    before = {name: a.copy() for name, a in (layer.params | layer.buffers).items()}
    layer.vjp(x, **mode)
    layer.predict(x, **mode)
    for name, a in (layer.params | layer.buffers).items():
        np.testing.assert_array_equal(a, before[name])


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
def test_a_head_says_whether_it_gives_probabilities(head, labels, rng):
    scores = rng.normal(size=(B, O))
    answers = head.answer(scores)
    assert head.gives_probabilities == (0 <= answers.min() <= answers.max() <= 1)
    assert head.gives_probabilities != np.array_equal(answers, scores)


@each_head
def test_predicted_classes_are_what_accuracy_counts_as_right(head, labels, rng):
    for n_out in (1, O):
        scores = rng.integers(-1, 2, (B, n_out)).astype(float)  # with scores of 0 and ties
        if (n_out > 1) != (type(head) is nn.SigmoidCrossEntropy):  # classes, or one yes-or-no
            assert head.accuracy(scores, head.predicted_classes(scores)) == 1


@each_head
def test_config_preserves_a_head(head, labels, rng):
    scores, t = rng.normal(size=(B, O)), labels(rng)
    again = heads.head(head.config())
    assert repr(again) == repr(head)
    assert again.loss(scores, t) == head.loss(scores, t)


@each_head
def test_a_head_refuses_labels_of_another_length(head, labels, rng):
    with pytest.raises(ShapeError):
        head.loss(rng.normal(size=(B + 1, O)), labels(rng))


@pytest.mark.parametrize("loss", heads.HEADS)
@pytest.mark.parametrize("activation", activations.ACTIVATIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("modal", [{}, {"dropout": 0.5, "batch_norm": True}])
def test_saving_and_loading_preserves_every_net_to_the_bit(
    loss, activation, dtype, modal, rng, tmp_path
):
    net = nn.MLP([I, 6, O], activation, loss=loss, rng=rng, dtype=dtype, **modal)
    for name, a in net.buffers.items():
        net.buffers[name] = a + rng.uniform(size=a.shape)
    weights.save(net, tmp_path / "net.safetensors")
    again = weights.load_net(tmp_path / "net.safetensors")
    x = rng.normal(size=(B, I))
    assert again.config() == net.config()
    np.testing.assert_array_equal(again.predict(x), net.predict(x))


def classes_in(base: type, *modules: Any) -> set[str]:
    classes = [k for module in modules for k in vars(module).values() if isinstance(k, type)]
    names = {k.__name__ for k in classes if issubclass(k, base) and k is not base}
    return {name for name in names if not name.startswith("_")}


def test_the_tables_contain_every_public_layer_and_head():
    layers = classes_in(nn.Layer, activations, affine, convolution, dropout, norms)
    layers -= {"Activation", "ImageLayer"}
    registered = {name for name, kind in nn.Layer.registry.items() if is_built_in(kind)}
    assert layers == registered == {name.split(" ")[0] for name in (*PLAIN, *MODAL)}
    modal = {name for name in layers if getattr(nn, name).differs_in_training}
    assert modal == {name.split(" ")[0] for name in MODAL}
    of_activations = {kind.__name__ for kind in activations.ACTIVATIONS.values()}
    assert of_activations == classes_in(activations.Activation, activations)
    of_heads = {kind.__name__ for kind in heads.HEADS.values()}
    assert of_heads == classes_in(nn.Head, heads) == {name.split(",")[0] for name in HEADS}
    assert layers | of_heads <= set(nn.__all__)


@pytest.mark.parametrize("activation", activations.ACTIVATIONS)
def test_an_activation_has_the_name_of_its_operation(activation):
    assert activations.ACTIVATIONS[activation].operation.__name__ == activation


@each_head
def test_the_losses_of_examples_add_up_to_the_loss(head, labels, rng):
    scores, t = rng.normal(size=(B, O)), labels(rng)
    if not head.has_example_losses:
        with pytest.raises(NotImplementedError):
            head.example_losses(scores, head.target_rows(scores, t))
        return
    losses = head.example_losses(scores, head.target_rows(scores, t))
    assert losses.shape == (B,)
    assert losses.sum() * head.term_weight(scores.shape) == pytest.approx(
        head.loss(scores, t), rel=1e-13
    )


@each_head
def test_doubling_the_batch_doubles_the_loss_only_if_it_is_a_sum(head, labels, rng):
    scores, t = rng.normal(size=(B, O)), labels(rng)
    doubled = head.loss(np.tile(scores, (2, 1)), np.concatenate([t, t]))
    assert doubled == pytest.approx(head.loss(scores, t) * (1 if head.averages else 2))
