"""What stands beside a net offers what a net offers; loaders return labels in one form."""

from __future__ import annotations

import inspect
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.core.errors import DtypeError, MitbadakError, StateError

X = np.random.default_rng(0).normal(size=(40, 2))
T = np.arange(40) % 3


def trained() -> mb.MLP:
    net = mb.MLP([2, 6, 3], rng=0)
    mb.fit(net, X, np.array(["ant", "bee", "cow"])[T], epochs=2, rng=0, callbacks=[])
    return net


def model(net: mb.MLP) -> mb.Model:
    names = tuple(map(str, net.classes))
    columns = mb.Preparation("table", columns=("a", "b"), classes=names)
    return mb.Model(net, columns)


@pytest.fixture(params=["predictor", "numpy predictor", "pickled", "loaded", "model", "of a model"])
def beside(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[mb.MLP, Any]:
    net = trained()
    mb.save(net, tmp_path / "a.safetensors")
    makers = {
        "predictor": lambda: mb.Predictor(net),
        "numpy predictor": lambda: mb.Predictor(net, engine="numpy"),
        "pickled": lambda: pickle.loads(pickle.dumps(mb.Predictor(net))),
        "loaded": lambda: mb.load(tmp_path / "a.safetensors"),
        "model": lambda: model(net),
        "of a model": lambda: mb.Predictor(model(net)),
    }
    return net, makers[request.param]()


def test_it_answers_as_the_net_does(beside: tuple[mb.MLP, Any]) -> None:
    net, other = beside
    for name in ("predict", "scores", "classify", "__call__"):
        ours, theirs = getattr(net, name)(X), getattr(other, name)(X)
        if name == "classify":
            assert ours.tolist() == theirs.tolist()
        else:
            np.testing.assert_allclose(ours, theirs, rtol=1e-5)
        one = getattr(other, name)(X[0])
        assert np.shape(one) == np.shape(getattr(net, name)(X[0]))
    assert other(X[:1]).shape == (1, 3)
    assert other.accuracy(X, T) == net.accuracy(X, T)
    assert other.loss(X, T) == pytest.approx(net.loss(X, T))
    assert tuple(other.classes) == net.classes
    assert other.n_out == 3
    assert [*other.params] == [*net.params]


def test_it_has_every_method_of_a_net(beside: tuple[mb.MLP, Any]) -> None:
    net, other = beside
    for name, _ in inspect.getmembers(type(net), callable):
        if not name.startswith("_"):
            assert hasattr(other, name), name
    for name in ("layers", "params", "head", "classes", "n_in", "n_out", "dtype"):
        assert hasattr(other, name), name


def test_what_it_has_not_is_explained(beside: tuple[mb.MLP, Any]) -> None:
    _, other = beside
    assert other
    with pytest.raises(AttributeError, match=r"mb\.fit\(net, x, t"):
        other.fit(X, T)
    with pytest.raises(AttributeError, match=r"net\.predict\(x\)"):
        other.predict_proba(X)
    if not isinstance(other, mb.Predictor):
        with pytest.raises(MitbadakError, match=r"len\(net\.layers\)"):
            len(other)
        with pytest.raises(MitbadakError, match=r"net\.layers\[0\]"):
            other[0]


LOADERS = [mb.load_spiral, mb.load_xor, mb.load_moons, mb.load_circles, mb.load_blobs]


@pytest.mark.parametrize("load", LOADERS)
def test_made_sets_return_labels_in_one_form(load: Any) -> None:
    x, t = load()
    same, rows = load(one_hot=True)
    np.testing.assert_array_equal(x, same)
    assert (t.dtype, t.ndim, rows.dtype, rows.ndim) == (np.int64, 1, np.int64, 2)
    np.testing.assert_array_equal(rows, np.eye(t.max() + 1)[t])
    with pytest.raises(DtypeError, match=r"one_hot (must be|expects) True or False"):
        load(one_hot="yes")


def test_every_loader_of_classes_is_in_the_list() -> None:
    names = {name for name in mb.__all__ if name.startswith("load_")}  # pyright: ignore
    others = {"load_mnist", "load_regression", "load_weights"}
    assert names - others == {load.__name__ for load in LOADERS}
    assert "one_hot" in inspect.signature(mb.load_mnist).parameters


@pytest.mark.once
def test_mnist_returns_labels_in_the_same_form() -> None:
    for loaded in (mb.load_mnist(one_hot=True), mb.load_mnist(one_hot_label=True)):
        for (_, rows), (_, t) in zip(loaded, mb.load_mnist(), strict=True):
            assert (t.dtype, rows.dtype) == (np.int64, np.int64)
            np.testing.assert_array_equal(rows.argmax(axis=1), t)


@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "sigmoid_cross_entropy"])
@pytest.mark.parametrize("form", [np.asarray, list, lambda t: np.asarray(t, object)])
def test_yes_and_no_come_back_as_yes_and_no(loss: str, form: Any, tmp_path: Path) -> None:
    t = form(X[:, 0] > 0)
    net = mb.MLP([2, 4, 2 if loss.startswith("softmax") else 1], loss=loss, rng=0)
    mb.fit(net, X, t, epochs=30, optimizer="adam", lr=0.05, rng=0, callbacks=[])
    answers = net.classify(X)
    assert answers.dtype == np.bool_
    assert np.mean(answers == (X[:, 0] > 0)) == net.accuracy(X, t) > 0.8
    assert net.accuracy(X, t) == net.accuracy(X, (X[:, 0] > 0).astype(int))
    mb.save(net, tmp_path / "a.safetensors")
    again = mb.load(tmp_path / "a.safetensors")
    assert again.classes == (False, True)
    np.testing.assert_array_equal(again.classify(X), answers)


class TorchLike:
    """An optimizer as PyTorch has it."""

    def __init__(self, params: Any = (), lr: float = 0.1):
        self.params, self.lr = params, lr

    def step(self) -> None: ...

    def zero_grad(self) -> None: ...


class BookLike:
    """An optimizer as the book has it."""

    def update(self, params: Any, grads: Any) -> None: ...


@pytest.mark.parametrize("given", [TorchLike, TorchLike(), BookLike, BookLike()])
def test_an_optimizer_of_another_library_is_refused_with_how_to_write_one(given: Any) -> None:
    kind = given if isinstance(given, type) else type(given)
    from mitbadak.optim import as_optimizer

    for owner in ("fit", "descend", "checkup"):
        with pytest.raises(DtypeError, match=rf"class {kind.__name__}\(mb\.Optimizer\)"):
            as_optimizer(owner, given)


def test_a_step_without_arguments_is_refused_where_it_is_defined() -> None:
    with pytest.raises(StateError, match=r"def decrement\(self, key, gradient, lr\)"):

        class Torchlike(mb.Optimizer):
            def step(self) -> None: ...  # type: ignore[override]
