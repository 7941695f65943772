"""Copies and pickles in every state: independent of the original, or refused in words."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from mitbadak import nn, optim
from mitbadak.book.surface import layers as book
from mitbadak.core.errors import StateError
from mitbadak.graph import nodes

X = np.random.default_rng(0).normal(size=(12, 4))
T = np.arange(12) % 3
HOW: dict[str, Callable[[Any], Any]] = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda thing: pickle.loads(pickle.dumps(thing)),
}
NEEDED = {"Affine": (4, 4), "BatchNorm": (4,), "LayerNorm": (4,), "Dropout": (0.3,),
          "Reshape": ((1, 2, 2),), "Convolution": (1, 2, 2)}  # fmt: skip
IMAGES = dict.fromkeys(("Convolution", "MaxPooling", "AveragePooling"), X.reshape(12, 1, 2, 2))
LAYERS = {
    **{
        name: (lambda kind=kind, name=name: kind(*NEEDED.get(name, ())))
        for name, kind in nn.Layer.registry.items()
        if kind.__module__.startswith("mitbadak.")
    },
    "of an operation": lambda: mb.Layer(mb.relu),
}
BOOK = {
    "MatMul": lambda: book.MatMul(np.eye(4)),
    "Affine": lambda: book.Affine(np.eye(4), np.ones(4)),
    **{name: getattr(book, name) for name in ("Relu", "Sigmoid", "Softmax")},
}
NODES = {
    "Add": (nodes.Add, (X, X)),
    "Multiply": (nodes.Multiply, (X, X)),
    "MatMul": (nodes.MatMul, (X, X.T.copy())),
    "Sum": (nodes.Sum, (X,)),
}


def forward(layer: Any) -> Any:
    mode = {"training": True, "rng": 0} if getattr(layer, "differs_in_training", False) else {}
    images: dict[str, Any] = {**IMAGES}
    return layer.forward(images.get(type(layer).__name__, X), **mode)


def states(make: Callable[[], Any], run: Callable[[Any], Any] = forward) -> dict[str, Any]:
    """A layer before forward, after it, and after backward."""
    fresh, ran, done = make(), make(), make()
    run(ran)
    done.backward(np.ones_like(run(done)))
    return {"fresh": fresh, "after forward": ran, "after backward": done}


def backward_is_refused_until_it_has_a_forward_of_its_own(twin: Any, run: Any = forward) -> None:
    with pytest.raises(StateError, match="backward needs a forward"):
        twin.backward(np.ones((12, 4)))
    assert run(twin) is not None


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("name", LAYERS)
def test_layers(name: str, how: str) -> None:
    for state, layer in states(LAYERS[name]).items():
        twin = HOW[how](layer)
        for kind in ("params", "buffers", "grads"):
            own, copied = getattr(layer, kind), getattr(twin, kind)
            assert copied.keys() == own.keys()
            for key, array in copied.items():
                np.testing.assert_array_equal(array, own[key])
                assert not np.shares_memory(array, own[key])
        for array in twin.params.values():
            array += 1.0
        if state == "after forward":  # still that of the original, whatever became of the copy
            other = LAYERS[name]()
            other.params.update({key: a.copy() for key, a in layer.params.items()})
            dy = np.ones_like(forward(other))
            np.testing.assert_array_equal(layer.backward(dy), other.backward(dy))
        backward_is_refused_until_it_has_a_forward_of_its_own(twin)


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("name", BOOK)
def test_layers_of_the_books(name: str, how: str) -> None:
    run = lambda layer: layer.forward(X)  # noqa: E731
    for layer in states(BOOK[name], run).values():
        twin = HOW[how](layer)
        for own, copied in zip([*layer.params, *layer.grads], [*twin.params, *twin.grads],
                               strict=True):  # fmt: skip
            np.testing.assert_array_equal(own, copied)
            assert not np.shares_memory(own, copied)
        backward_is_refused_until_it_has_a_forward_of_its_own(twin, run)


@pytest.mark.parametrize("how", HOW)
def test_the_last_layer_of_the_books(how: str) -> None:
    layer = book.SoftmaxWithLoss()
    loss = layer.forward(X[:, :3], T)
    twin = HOW[how](layer)
    assert twin.loss == loss
    with pytest.raises(StateError, match="backward needs a forward first"):
        twin.backward()
    assert layer.backward().shape == (12, 3)


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("name", NODES)
def test_nodes_of_the_book(name: str, how: str) -> None:
    kind, arrays = NODES[name]
    for node in states(kind, lambda node: node.forward(*arrays)).values():
        twin = HOW[how](node)
        with pytest.raises(StateError, match="backward needs a forward first"):
            twin.backward(1.0)
        np.testing.assert_array_equal(twin.forward(*arrays), node.forward(*arrays))


def test_a_net_of_book_layers_keeps_its_lists_together() -> None:
    class Net:
        def __init__(self) -> None:
            self.layers = [book.Affine(np.eye(4), np.zeros(4)), book.Sigmoid()]
            self.params = [p for layer in self.layers for p in layer.params]

    net = Net()
    net.layers[0].forward(X)
    twin = copy.deepcopy(net)
    optim.SGD(0.1).update(twin.params, [np.ones((4, 4)), np.ones(4)])
    np.testing.assert_array_equal(twin.layers[0].params[0], twin.params[0])
    np.testing.assert_array_equal(net.params[0], np.eye(4))


class Copies(mb.Callback):
    """Copies net, optimizer and history in the middle of a training."""

    def __init__(self, how: Callable[[Any], Any], at: int):
        self.how, self.at, self.taken, self.refused = how, at, (), ""

    def on_step_end(self, trainer: mb.training.Trainer) -> None:
        if trainer.step == self.at:
            parts = trainer.net, trainer.optimizer, trainer.history
            self.taken = tuple(map(self.how, parts))
            self.before = {name: a.copy() for name, a in trainer.net.params.items()}
            with pytest.raises(StateError, match=r"Copy trainer\.net"):
                self.how(trainer)


@pytest.mark.parametrize("engine", ["auto", "numpy"])
@pytest.mark.parametrize("how", HOW)
def test_a_net_in_the_middle_of_a_training(how: str, engine: str) -> None:
    settings: Any = {"batch_size": 4, "rng": 0, "engine": engine}
    whole = mb.MLP([4, 5, 3], rng=0, batch_norm=True, dropout=0.2)
    copies = Copies(HOW[how], at=2)
    mb.fit(whole, X, T, optimizer=mb.Adam(), epochs=2, callbacks=[copies], **settings)
    taken: Any = copies.taken
    net, rule, history = taken
    assert rule.steps == 2
    assert len(history.losses) == 2
    for name, array in net.params.items():
        np.testing.assert_array_equal(array, copies.before[name])
        assert not np.shares_memory(array, whole.params[name])
    rule.update(net.params, net.gradient(X, T, training=True, rng=0))
    again = mb.MLP([4, 5, 3], rng=0, batch_norm=True, dropout=0.2)
    mb.fit(again, X, T, optimizer=mb.Adam(), epochs=2, callbacks=[], **settings)
    for name, array in whole.params.items():  # the copies have changed nothing
        np.testing.assert_array_equal(array, again.params[name])


@pytest.mark.parametrize("how", HOW)
def test_variables_that_the_user_made_are_copied_and_others_refused(how: str) -> None:
    v = mb.Variable(np.array([2.0, 3.0]), "v")
    y = (v**2).sum()
    y.backward()
    twin = HOW[how](v)
    assert (twin.name, twin.number > y.number) == ("v", True)
    assert not twin.value.flags.writeable
    np.testing.assert_array_equal(twin.grad, v.grad)
    assert not np.shares_memory(twin.grad, v.grad)
    z = (twin * v).sum() + twin.sum()
    z.backward()
    np.testing.assert_array_equal(v.grad, [2.0, 3.0])
    np.testing.assert_array_equal(twin.grad, [3.0, 4.0])
    for computed in (y, z, mb.sigmoid(v)):
        with pytest.raises(StateError, match=r"computed from others\. Copy what it was"):
            HOW[how](computed)


OTHERS: dict[str, Callable[[], Any]] = {
    **{name: (lambda name=name: optim.as_optimizer("copy", name)) for name in optim.OPTIMIZERS},
    **{name: (lambda kind=kind: kind()) for name, kind in nn.heads.HEADS.items()},
    "chain": lambda: mb.Chain(mb.L2(0.1), mb.ClipNorm(1.0), mb.Adam(mb.Cosine(0.1, 100))),
    "groups": lambda: mb.Groups({"b*": mb.SGD(), "*": mb.Adam()}),
    "head of an operation": lambda: mb.Head(mb.mean_squared_error),
    "history": lambda: mb.History([{"epoch": 0, "train_loss": 1.0}]),
    "data set": lambda: mb.Dataset(X, T),
    "predictor": lambda: mb.Predictor(mb.MLP([4, 5, 3], rng=0)),
    "early stopping": lambda: mb.EarlyStopping(patience=3),
    "progress": mb.PrintProgress,
    "doctor": mb.Doctor,
    "shift": lambda: mb.RandomShift((8, 8)),
    "settings": mb.TrainConfig,
    "operation": lambda: mb.relu,
}


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("name", OTHERS)
def test_everything_else_that_a_training_is_made_of(name: str, how: str) -> None:
    thing = OTHERS[name]()
    twin = HOW[how](thing)
    assert type(twin) is type(thing)
    if type(thing).__repr__ is not object.__repr__:
        assert repr(twin) == repr(thing)
