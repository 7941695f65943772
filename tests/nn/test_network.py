"""Nets as a whole: gradients compared with the definition, parameters by name, clear errors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

import mitbadak as mb
from mitbadak.core.errors import DtypeError, RangeError, ShapeError, StateError, UnknownNameError
from mitbadak.nn import Affine, ReLU, Sequential, Sigmoid, Tanh, from_config
from mitbadak.nn.heads import HEADS
from strategies import arrays_BI_IO_O, sizes


@given(
    sizes=sizes(),
    activation=st.sampled_from(["sigmoid", "tanh", "identity"]),
    loss=st.sampled_from(["softmax_cross_entropy", "mean_squared_error", "sum_squared_error"]),
    batch=st.integers(1, 5),
    seed=st.integers(0, 2**32 - 1),
)
def test_backpropagation_agrees_with_the_definition(sizes, activation, loss, batch, seed):
    rng = np.random.default_rng(seed)
    net = mb.MLP(sizes, activation, init=1.0, loss=loss, rng=rng, dtype=np.float64)
    x, t = rng.normal(size=(batch, sizes[0])), rng.integers(0, sizes[-1], batch)
    analytic = net.gradient(x, t)
    by_definition = net.numerical_gradient(x, t, progress=False)
    assert list(analytic) == list(net.params) == list(by_definition)
    for name in analytic:
        np.testing.assert_allclose(analytic[name], by_definition[name], rtol=1e-5, atol=1e-6)


@given(arrays_BI_IO_O())
def test_a_net_of_one_affine_layer_is_the_affine_function(arrays):
    x, W, b = arrays
    net = Sequential(Affine(*W.shape, dtype=np.float64))
    net.params["W1"], net.params["b1"] = W, b
    np.testing.assert_array_equal(net.scores(x), x @ W + b)


def test_a_single_example_and_a_batch_of_one_agree(rng):
    net = mb.MLP([4, 6, 3], rng=rng, dtype=np.float64)
    x = rng.normal(size=4)
    assert net.predict(x).shape == (3,)
    np.testing.assert_allclose(net.predict(x), net.predict(x[None])[0], rtol=1e-14)
    assert net.loss(x, 1) == pytest.approx(net.loss(x[None], [1]))
    assert net.loss(x, [0, 1, 0]) == pytest.approx(net.loss(x, 1))
    assert net.accuracy(x, int(net.predict(x).argmax())) == 1.0
    for name, g in net.gradient(x, 1).items():
        np.testing.assert_allclose(g, net.gradient(x[None], [1])[name], rtol=1e-12)


@pytest.mark.parametrize("loss", sorted(HEADS))
def test_every_net_predicts_what_its_head_makes_of_its_scores(rng, loss):
    net = mb.MLP([4, 3], loss=loss, rng=rng, dtype=np.float64)
    x = rng.normal(size=(5, 4))
    answer = {"softmax_cross_entropy": mb.softmax, "sigmoid_cross_entropy": mb.sigmoid}
    expected = answer.get(loss, mb.identity)(net.scores(x))
    for same in (net, Sequential(*net.layers, loss=loss), mb.Predictor(net, engine="numpy")):
        np.testing.assert_array_equal(same.predict(x), expected)
    np.testing.assert_array_equal(net(x), expected)
    np.testing.assert_array_equal(net.classify(x), expected.argmax(axis=1))
    assert net.classify(x[0]) == expected[0].argmax()


def test_nets_are_float32_and_their_numerical_gradients_float64(rng):
    net = mb.TwoLayerNet(4, 3, 2, rng=rng)
    x, t = rng.normal(size=(5, 4)), [0, 1, 0, 1, 1]
    assert {p.dtype for p in net.params.values()} == {np.dtype(np.float32)}
    assert net.predict(x).dtype == np.float32
    assert {g.dtype for g in net.gradient(x, t).values()} == {np.dtype(np.float32)}
    before = {name: p.copy() for name, p in net.params.items()}
    exact = net.numerical_gradient(x, t)
    assert {g.dtype for g in exact.values()} == {np.dtype(np.float64)}
    for name, p in net.params.items():
        np.testing.assert_array_equal(p, before[name])
        np.testing.assert_allclose(net.gradient(x, t)[name], exact[name], atol=1e-6)


def test_the_same_seed_gives_the_same_net():
    one, two = mb.MLP([4, 3, 2], rng=7), mb.MLP([4, 3, 2], rng=np.random.default_rng(7))
    for name in one.params:
        np.testing.assert_array_equal(one.params[name], two.params[name])
    assert not np.array_equal(mb.MLP([4, 3, 2], rng=8).params["W1"], one.params["W1"])


def test_params_are_live():
    net = mb.MLP([2, 2], rng=0, dtype=np.float64)
    W = net.params["W1"]
    W += 1.0
    assert net.params["W1"] is W
    replacement = np.zeros((2, 2))
    net.params["W1"] = replacement
    assert net.params["W1"] is replacement
    assert net.layers[0].params["W"] is replacement
    net.params["b1"] = [1, 2]
    assert net.params["b1"].tolist() == [1.0, 2.0]
    assert net.scores([[5.0, 5.0]]).tolist() == [[1.0, 2.0]]


def test_params_refuse_assignments_that_would_break_the_net():
    net = mb.MLP([2, 3], rng=0)
    with pytest.raises(ShapeError, match=r"params\['W1'\] expects shape \(2, 3\); got \(3, 2\)"):
        net.params["W1"] = np.zeros((3, 2))
    with pytest.raises(DtypeError, match="expects numbers"):
        net.params["b1"] = ["a", "b", "c"]
    with pytest.raises(UnknownNameError, match="unknown parameter 'w1'; did you mean 'W1'"):
        net.params["w1"]
    with pytest.raises(KeyError):
        net.params["W9"] = np.zeros(3)
    with pytest.raises(StateError, match="cannot be deleted"):
        del net.params["W1"]
    assert "W9" not in net.params
    assert net.params.get("W9") is None


def test_parameters_are_numbered_as_in_the_book():
    net = Sequential(
        Affine(2, 3, bias=False, rng=0), Tanh(), Affine(3, 4, rng=0), ReLU(), Affine(4, 2, rng=0)
    )
    assert list(net.params) == ["W1", "W2", "b2", "W3", "b3"]


def test_a_net_without_parameters_still_has_a_loss():
    net = Sequential(Sigmoid())
    assert list(net.params) == []
    assert net.loss([[0.0, 0.0]], [1]) == pytest.approx(np.log(2))
    assert net.gradient([[0.0, 0.0]], [1]) == {}


def test_inputs_are_not_changed_and_may_be_read_only(rng):
    net = mb.MLP([4, 3], rng=0, dtype=np.float64)
    x, t = rng.normal(size=(5, 4)), np.eye(3)[[0, 1, 2, 0, 1]]
    x.flags.writeable = t.flags.writeable = False
    net.gradient(x, t)
    net.accuracy(x, t)
    net.numerical_gradient(x, t)


def test_wrong_shapes_are_refused_with_a_remedy():
    net = mb.TwoLayerNet(784, 5, 10, rng=0)
    with pytest.raises(
        ShapeError,
        match=r"Affine 'W1' expects x of shape \(batch, 784\) or \(784,\); got \(3, 28, 28\)\. "
        r"Flatten the images: load_mnist\(flatten=True\)",
    ):
        net.predict(np.zeros((3, 28, 28)))
    with pytest.raises(ShapeError, match=r"got \(3, 28\)\.$"):
        net.predict(np.zeros((3, 28)))
    with pytest.raises(ShapeError, match=r"expects x of shape .* got \(\)"):
        net.predict(0.5)
    with pytest.raises(ShapeError, match="must hold the same number of examples"):
        net.loss(np.zeros((3, 784)), [1, 2])
    with pytest.raises(DtypeError, match="expects x as numbers"):
        net.predict(np.array([["a"] * 784]))
    with pytest.raises(DtypeError, match="complex"):
        net.predict(np.zeros((1, 784), complex))


def test_an_empty_batch_has_no_loss():
    net = mb.TwoLayerNet(4, 3, 2, rng=0)
    with pytest.raises(ShapeError, match="at least one example"):
        net.loss(np.zeros((0, 4)), np.zeros(0, int))
    with pytest.raises(ShapeError, match="at least one example"):
        net.accuracy(np.zeros((0, 4)), np.zeros(0, int))


def test_impossible_nets_are_refused():
    with pytest.raises(ShapeError, match=r"Affine\(2, 3\) gives 3 numbers, Affine\(4, 2\)"):
        Sequential(Affine(2, 3, rng=0), Affine(4, 2, rng=0))
    with pytest.raises(DtypeError, match=r"one dtype.*np\.ones\(8, dtype=np\.float32\)"):
        Sequential(Affine(2, 3, rng=0), Affine(3, 2, rng=0, dtype=np.float64))
    with pytest.raises(ShapeError, match="at least two"):
        mb.MLP([784])
    with pytest.raises(RangeError, match="a width must be a whole number of at least 1; got 0"):
        mb.MLP([784, 0, 10])
    with pytest.raises(UnknownNameError, match="unknown activation 'sigmod'; did you mean"):
        mb.MLP([2, 2], "sigmod")
    with pytest.raises(UnknownNameError, match="unknown loss"):
        mb.MLP([2, 2], loss="cross_entropy")
    with pytest.raises(DtypeError, match="expects dtype float32 or float64; got float16"):
        mb.MLP([2, 2], dtype=np.float16)
    with pytest.raises(UnknownNameError, match="unknown net 'RNN'"):
        from_config({"net": "RNN", "layers": [], "loss": "x", "dtype": "float32"})


def test_an_initializer_of_the_wrong_shape_is_refused():
    with pytest.raises(ShapeError, match="initializer to return"):
        Affine(2, 3, init=lambda rng, shape: np.zeros(3))


def test_accuracy_needs_classes():
    with pytest.raises(ShapeError, match="at least two classes"):
        mb.MLP([2, 1], loss="mean_squared_error", rng=0).accuracy([[1.0, 2.0]], [0])


def test_nan_scores_are_never_correct():
    net = mb.MLP([2, 2], rng=0)
    net.params["b1"] = [np.nan, 0.0]
    assert net.accuracy([[1.0, 2.0], [3.0, 4.0]], [0, 1]) == 0.0


def test_reprs_describe_the_net():
    assert repr(mb.MLP([784, 50, 10], "relu", rng=0)) == "MLP([784, 50, 10], activation='relu')"
    assert repr(mb.TwoLayerNet(4, 3, 2, rng=0)) == "TwoLayerNet([4, 3, 2], activation='sigmoid')"
    assert repr(Sequential(Affine(2, 3, bias=False), ReLU())) == (
        "Sequential(Affine(2, 3, bias=False), ReLU())"
    )
    assert repr(mb.MLP([2, 3], rng=0).params) == "Params(W1 (2, 3), b1 (3,))"
