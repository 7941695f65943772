"""Answers in float32 are those of float64, for every net, and almost nothing is computed twice."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from threadpoolctl import threadpool_info

from mitbadak.book.mode import Settings, book_mode
from mitbadak.book.surface.answers import _scores, answers
from mitbadak.book.surface.layers import Affine
from mitbadak.book.surface.nets import MultiLayerNet, MultiLayerNetExtend
from mitbadak.book.surface.two_layer_net import TwoLayerNet, TwoLayerNetOfLayers


def net_of(widths: list[int], activation: str, scale: float, rng: np.random.Generator) -> Any:
    net = MultiLayerNet(widths[0], widths[1:-1], widths[-1], activation)
    for array in net.params.values():
        array[...] = scale * rng.normal(size=array.shape)
    return net


@given(
    widths=st.lists(st.sampled_from([2, 3, 10, 50]), min_size=2, max_size=5),
    activation=st.sampled_from(["sigmoid", "relu"]),
    scale=st.sampled_from([1e-9, 1e-3, 0.3, 5.0, 1e5, 1e30]),
    kind=st.sampled_from(["f4", "f8", "u1", "i8"]),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=100)
def test_the_answers_are_those_of_float64(widths, activation, scale, kind, seed):
    rng = np.random.default_rng(seed)
    net = net_of(widths, activation, scale, rng)
    x = rng.integers(0, 255, (40, widths[0])).astype(kind)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(answers(net, x), net.predict(x).argmax(axis=1))


@given(
    widths=st.lists(st.sampled_from([2, 10, 50, 784]), min_size=2, max_size=4),
    activation=st.sampled_from(["sigmoid", "relu"]),
    scale=st.sampled_from([0.01, 1.0, 30.0]),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=50)
def test_scores_differ_by_no_more_than_is_said(widths, activation, scale, seed):
    rng = np.random.default_rng(seed)
    net, x = net_of(widths, activation, scale, rng), rng.normal(size=(30, widths[0]))
    scores, margin = _scores(net.layer_list(), x)
    assert scores.dtype == np.float32
    # float32 has about 7 digits, and x has them too
    assert np.abs(scores - net.predict(x)).max() <= margin


def test_ties_and_near_ties_are_settled_in_float64(monkeypatch):
    net = TwoLayerNet(2, 2, 3)
    net.params["W1"] = 30.0 * np.eye(2)
    net.params["W2"] = np.array([[1.0, 1.0 + 1e-12, 0.0], [0.0, 0.0, 9.0]])
    x = np.array([[1.0, -1.0], [-1.0, 1.0], [1.0, -1.0]])
    again = []
    whole = TwoLayerNet.predict
    watched = functools.wraps(whole)(lambda self, x: again.append(len(x)) or whole(self, x))
    monkeypatch.setattr(TwoLayerNet, "predict", watched)
    assert answers(net, x).tolist() == [1, 2, 1]
    assert again == [2]


@pytest.mark.parametrize("net", [
    MultiLayerNetExtend(6, [4], 3, use_batchnorm=True), MultiLayerNetExtend(6, [4], 3,
                                                                            use_dropout=True),
    MultiLayerNet(6, [4], 1),
], ids=["batch norm", "dropout", "one output"])  # fmt: skip
def test_other_nets_answer_as_they_predict(net):
    x = np.random.default_rng(0).normal(size=(5, 6))
    np.testing.assert_array_equal(answers(net, x), net.predict(x).argmax(axis=1))


def test_nan_in_a_net_or_in_inputs_is_answered_as_numpy_does():
    net, x = TwoLayerNet(4, 3, 2), np.ones((3, 4))
    x[1, 2] = np.nan
    net.params["b2"][0] = np.nan
    assert answers(net, x).tolist() == net.predict(x).argmax(axis=1).tolist()


def test_nets_of_the_first_book_return_new_gradients_each_time():
    net, x, t = TwoLayerNet(4, 3, 2), np.ones((3, 4)), np.array([0, 1, 0])
    first = net.gradient(x, t)
    kept = {key: grad.copy() for key, grad in first.items()}
    net.gradient(2 * x, t)
    for key, grad in first.items():
        np.testing.assert_array_equal(grad, kept[key])
    affine = next(layer for layer in net.layer_list() if type(layer) is Affine)
    assert affine.dW.dtype == np.float64


def test_small_products_have_a_thread_of_their_own_while_book_mode_is_on():
    def threads() -> set[int]:
        return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

    before = threads()
    with book_mode(Settings()):
        assert threads() <= {1}
    assert threads() == before


@pytest.mark.parametrize("base", [
    lambda kind: type("Own", (kind, TwoLayerNet), {})(4, 5, 3),
    lambda kind: type("Own", (kind, TwoLayerNetOfLayers), {})(4, 5, 3),
    lambda kind: type("Own", (kind, MultiLayerNet), {})(4, [5], 3),
    lambda kind: type("Own", (kind, MultiLayerNetExtend), {})(4, [5], 3),
])  # fmt: skip
@pytest.mark.parametrize("how", ["class", "instance"])
def test_a_learners_own_predict_says_what_the_scores_are(base: Any, how: str) -> None:
    """As with the books' code: loss and accuracy ask ``predict``, which takes x alone."""

    class Shifted:
        def predict(self, x: Any) -> Any:
            return np.roll(super().predict(x), 1, axis=1)  # type: ignore[misc]

    class Plain:
        pass

    net = base(Shifted if how == "class" else Plain)
    if how == "instance":
        before = net.predict
        net.predict = lambda x: np.roll(before(x), 1, axis=1)
    x = np.random.default_rng(0).normal(size=(9, 4))
    best = net.predict(x).argmax(axis=1)
    assert net.accuracy(x, best) == 1.0
    assert net.loss(x, best) < net.loss(x, (best + 1) % 3)
    assert net.gradient(x, best)["W1"].shape == (4, 5)
