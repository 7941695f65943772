"""Labels as people have them: class names, yes and no."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.core.errors import LabelError, MitbadakError, StateError
from mitbadak.runs import Model

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


# What the classes are called, in the order of the scores; and what the same labels may be given as.
CALLED = {
    "texts": ["ant", "bee", "cow"],
    "digits as text": ["3", "7", "10"],
    "digits as text that could be indices": ["1", "2", "3"],
    "indices as text": ["0", "1", "2"],
    "whole numbers": [10, 20, 30],
    "numbers that could be indices": [1, 2, 3],
    "numbers in part indices": [0, 1, 5],
    "negative numbers": [-1, 0, 1],
    "indices": [0, 1, 2],
}
FORMS = {
    "array": np.array,
    "list": list,
    "tuple": tuple,
    "objects": lambda t: np.array(t, object),
    "StringDType": lambda t: np.array(t, np.dtypes.StringDType()) if isinstance(t[0], str) else t,
    "bytes": lambda t: np.char.encode(np.array(t)) if isinstance(t[0], str) else np.array(t),
    "small": lambda t: np.array(t) if isinstance(t[0], str) else np.array(t, np.int16),
}


@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "mean_squared_error"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("called", CALLED)
def test_every_use_of_a_net_takes_labels_as_they_were_trained_on(
    called: str, form: str, loss: str, tmp_path: Path
) -> None:
    x, indices = points()
    names, as_given = CALLED[called], FORMS[form]
    t = as_given([names[i] for i in indices])
    plain, named = (mb.MLP([4, 8, 3], "relu", loss=loss, rng=0) for _ in range(2))
    settings = {"validation": 0.2, "epochs": 3, "rng": 0, "callbacks": []}
    histories = [
        mb.fit(plain, x, indices, test=(x, indices), **settings),
        mb.fit(named, x, t, test=(x, t), **settings),
    ]
    timed = {"seconds"}
    rows = [[{k: v for k, v in row.items() if k not in timed} for row in h] for h in histories]
    assert rows[0] == rows[1]
    assert named.classes == (() if called == "indices" else tuple(names))
    mb.save(named, tmp_path / "a.safetensors")
    predicted: Any = plain.classify(x)
    for net in (named, mb.load(tmp_path / "a.safetensors")):
        assert net.classify(x).tolist() == [names[i] for i in predicted]
        assert net.loss(x, t) == plain.loss(x, indices)
        assert net.accuracy(x, t) == plain.accuracy(x, indices) == np.mean(
            net.classify(x) == np.array(names)[indices]
        )  # fmt: skip
        assert mb.evaluate(net, x, t) == mb.evaluate(plain, x, indices)
        for key, slope in net.gradient(x, t).items():
            np.testing.assert_array_equal(slope, plain.gradient(x, indices)[key])
        assert net.loss(x[0], t[0]) == plain.loss(x[0], indices[0])
        assert net.loss(x, np.eye(3)[indices]) == plain.loss(x, indices)
    mb.fit(named, x, t, epochs=1, callbacks=[])  # again, with the names that it has
    assert named.classes == (() if called == "indices" else tuple(names))


OTHER_WAY = {  # trained on the one, measured with the other
    "text, then numbers": (["3", "7", "10"], [3, 7, 10]),
    "text that could be indices, then numbers": (["1", "2", "3"], [1, 2, 3]),
    "numbers, then text": ([10, 20, 30], ["10", "20", "30"]),
    "small numbers, then text": ([1, 2, 3], ["1", "2", "3"]),
    "names, then indices": (["ant", "bee", "cow"], [0, 1, 2]),
}


@pytest.mark.parametrize("case", OTHER_WAY)
def test_numbers_and_their_texts_are_the_same_names(case: str) -> None:
    x, indices = points()
    first, then = (np.array(names)[indices] for names in OTHER_WAY[case])
    net = mb.MLP([4, 8, 3], rng=0)
    mb.fit(net, x, first, epochs=2, rng=0, callbacks=[])
    assert net.loss(x, then) == net.loss(x, first)
    assert net.accuracy(x, then) == net.accuracy(x, first)
    assert mb.evaluate(net, x, then) == mb.evaluate(net, x, first)
    assert len(mb.fit(net, x, then, epochs=1, callbacks=[]).losses)


@pytest.mark.parametrize(("names", "other"), [
    ([10, 20, 30], 0), ([10, 20, 30], "40"), ([1, 2, 3], 0), (["3", "7", "10"], 0),
    (["3", "7", "10"], "x"), (["ant", "bee", "cow"], 3),
])  # fmt: skip
def test_a_label_that_is_no_class_is_refused_by_every_use(names: list, other: object) -> None:
    x, indices = points()
    net = mb.MLP([4, 8, 3], rng=0)
    mb.fit(net, x, np.array(names)[indices], epochs=1, callbacks=[])
    before = net.classes
    t = np.array([other] * len(x))
    for use in (net.loss, net.accuracy, net.gradient, net.numerical_gradient,
                lambda x, t: mb.evaluate(net, x, t), lambda x, t: mb.evaluate(net, (x, t)),
                lambda x, t: mb.fit(net, x, t, callbacks=[]),
                lambda x, t: mb.checkup(net, x, t)):  # fmt: skip
        with pytest.raises(LabelError, match=r"no class|class indices in"):
            use(x, t)
    assert net.classes == before


@pytest.mark.parametrize("called", ["texts", "whole numbers", "numbers that could be indices"])
def test_a_checkup_takes_labels_by_name(called: str) -> None:
    x, indices = points()
    net, names = mb.MLP([4, 8, 3], "relu", rng=0), np.array(CALLED[called])[indices]
    codes = [[f.code for f in mb.checkup(net, x, t, rng=0).findings] for t in (names, indices)]
    assert codes[0] == codes[1]
    assert net.classes == ()


def test_some_names_that_are_numbers_leave_open_what_a_number_means() -> None:
    x, indices = points()
    net = mb.MLP([4, 8, 3], rng=0)
    mb.fit(net, x, np.array(["1", "2", "other"])[indices], epochs=1, callbacks=[])
    for use in (net.loss, net.accuracy, lambda x, t: mb.evaluate(net, x, t)):
        with pytest.raises(LabelError, match="some of the classes '1', '2', 'other' are called nu"):
            use(x, indices)
    model = Model(net, mb.Preparation("points", columns=("a", "b", "c", "d"), label="t",
                                      classes=("1", "2", "other")))  # fmt: skip
    with pytest.raises(LabelError, match="are called numbers and others not"):
        model.targets(indices)


@pytest.mark.parametrize("missing", [None, float("nan"), 3])
@pytest.mark.parametrize("form", [list, lambda t: np.array(t, object)])
def test_missing_labels_become_no_class(form, missing: object) -> None:
    x, t = points()
    labels = [*NAMES[t][:-1].tolist(), missing]
    for use in (lambda net: mb.fit(net, x, form(labels), callbacks=[]),
                lambda net: mb.evaluate(net, x, form(labels)),
                lambda net: net.loss(x, form(labels))):  # fmt: skip
        with pytest.raises(LabelError, match="texts and something else: row 0 is 'dog', row 59"):
            use(mb.MLP([4, 8, 3], rng=0))


def test_a_training_that_does_not_start_leaves_no_names() -> None:
    x, t = points()
    net = mb.MLP([4, 8, 3], rng=0)
    cases: list[Any] = [{"epochs": -1}, {"batch_size": 1000}, {"engine": "x"}, {"test": (x, t[:3])}]
    for options in cases:
        with pytest.raises(MitbadakError):
            mb.fit(net, x, NAMES[t], callbacks=[], **options)
        assert net.classes == ()


def test_an_epoch_on_a_set_that_a_callback_gave_knows_the_names() -> None:
    class Swap(mb.Callback):
        def on_epoch_end(self, trainer, row):
            trainer.validation = (x, NAMES[t])

    x, t = points()
    history = mb.fit(mb.MLP([4, 8, 3], rng=0), x, NAMES[t], epochs=2, callbacks=[Swap()])
    assert history["validation_accuracy"][-1] == history["train_accuracy"][-1]


@pytest.mark.parametrize("values", [[-1, 1], [1, 2], ["no", "yes"], [0, 5]])
@pytest.mark.parametrize(("n_out", "loss"), [(2, "softmax_cross_entropy"),
                                             (1, "sigmoid_cross_entropy")])  # fmt: skip
def test_two_classes_may_be_called_anything(n_out: int, loss: str, values: list) -> None:
    x, t = points()
    nets = [mb.MLP([4, 8, n_out], loss=loss, rng=0) for _ in range(2)]
    for net, labels in zip(nets, (t > 0, np.array(values)[(t > 0).astype(int)]), strict=True):
        mb.fit(net, x, labels, epochs=2, rng=0, callbacks=[])
    assert nets[1].classes == tuple(values)
    assert nets[0].loss(x, t > 0) == nets[1].loss(x, np.array(values)[(t > 0).astype(int)])
    answers: Any = nets[1].classify(x).tolist()
    assert {*answers} <= {*values}
