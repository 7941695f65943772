"""Labels as people have them: class names, yes and no."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.core.errors import LabelError, StateError

NAMES = np.array(["dog", "cat", "eel"])


def points(n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).normal(size=(n, 4))
    return x, np.arange(n) % 3


@pytest.mark.parametrize("form", [np.asarray, list, lambda t: t.astype(object)])
@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "mean_squared_error"])
def test_names_train_as_their_indices_in_sorted_order_do(form, loss: str) -> None:
    x, t = points()
    order = np.argsort(np.argsort(NAMES))
    nets = [mb.MLP([4, 8, 3], loss=loss, rng=0) for _ in range(2)]
    for net, labels in zip(nets, (form(NAMES[t]), order[t]), strict=True):
        mb.fit(net, x, labels, validation=0.2, epochs=3, rng=0, callbacks=[])
    assert nets[0].classes == ("cat", "dog", "eel")
    assert nets[1].classes == ()
    for name, array in nets[0].params.items():
        np.testing.assert_array_equal(array, nets[1].params[name])
    named, plain = (net.classify(x) for net in nets)
    np.testing.assert_array_equal(named, np.sort(NAMES)[plain])
    assert nets[0].accuracy(x, NAMES[t]) == nets[1].accuracy(x, order[t])
    assert nets[0].loss(x, NAMES[t]) == nets[1].loss(x, order[t])
    assert mb.evaluate(nets[0], (x, NAMES[t])) == mb.evaluate(nets[1], (x, order[t]))
    assert mb.check_gradients(nets[0].astype("float64"), x[:5], NAMES[t[:5]]).ok


def test_a_saved_net_keeps_its_names(tmp_path: Path) -> None:
    x, t = points()
    net = mb.MLP([4, 8, 3], rng=0)
    mb.fit(net, x, NAMES[t], epochs=1, callbacks=[])
    mb.save(net, tmp_path / "a.safetensors")
    again = mb.load(tmp_path / "a.safetensors")
    assert again.classes == net.classes
    np.testing.assert_array_equal(again.classify(x), net.classify(x))
    few = t < 2  # one of the names is missing, and the others keep their places
    mb.fit(again, x[few], NAMES[t[few]], epochs=1, callbacks=[])
    assert again.classes == net.classes


@pytest.mark.parametrize(("labels", "said"), [
    (np.array(["a", "b"] * 30), "2 classes"), (np.array(["a", "b", "c", "d"] * 15), "4 classes"),
])  # fmt: skip
def test_more_or_fewer_names_than_outputs_are_refused(labels: np.ndarray, said: str) -> None:
    x, _ = points()
    with pytest.raises(LabelError, match=said):
        mb.fit(mb.MLP([4, 8, 3]), x, labels, epochs=1, callbacks=[])


def test_a_name_that_the_net_does_not_know_is_refused() -> None:
    x, t = points()
    net = mb.MLP([4, 8, 3], rng=0)
    with pytest.raises(LabelError, match="no names for its classes"):
        net.loss(x, NAMES[t])
    mb.fit(net, x, NAMES[t], epochs=1, callbacks=[])
    for use in (net.loss, net.accuracy, net.gradient, net.numerical_gradient):
        with pytest.raises(LabelError, match="no class 'emu'; the net's are 'cat', 'dog', 'eel'"):
            use(x[:1], np.array(["emu"]))
    with pytest.raises(LabelError, match="no class 'emu'"):
        mb.fit(net, x[:1], np.array(["emu"]), epochs=1, callbacks=[])


@pytest.mark.parametrize(("n_out", "loss"), [(2, "softmax_cross_entropy"),
                                             (1, "sigmoid_cross_entropy")])  # fmt: skip
@pytest.mark.parametrize("form", [np.asarray, list])
def test_yes_and_no_are_1_and_0(n_out: int, loss: str, form) -> None:
    x, t = points()
    nets = [mb.MLP([4, 8, n_out], loss=loss, rng=0) for _ in range(2)]
    for net, labels in zip(nets, (form(t > 0), (t > 0).astype(int)), strict=True):
        mb.fit(net, x, labels, epochs=2, rng=0, callbacks=[])
    assert nets[0].accuracy(x, t > 0) == nets[1].accuracy(x, (t > 0).astype(int))
    np.testing.assert_array_equal(nets[0].classify(x), nets[1].classify(x))


def test_a_net_that_predicts_numbers_classifies_nothing() -> None:
    x, _ = points()
    with pytest.raises(StateError, match="predicts numbers"):
        mb.MLP([4, 8, 1], loss="mean_squared_error").classify(x)


def test_one_example_has_one_class() -> None:
    x, t = points()
    net = mb.MLP([4, 8, 3], rng=0)
    assert net.classify(x[0]) == net.predict(x[0]).argmax()
    mb.fit(net, x, NAMES[t], epochs=1, callbacks=[])
    assert str(net.classify(x[0])) in NAMES
