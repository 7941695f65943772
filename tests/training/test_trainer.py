"""The training loop: what it updates, evaluates, leaves alone and refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mitbadak.core.errors import (
    DtypeError,
    LabelError,
    MitbadakError,
    NonFiniteError,
    RangeError,
    ShapeError,
    StateError,
    UnknownNameError,
)
from mitbadak.data import Dataset, load_spiral
from mitbadak.nn import MLP, Affine, Sequential, Tanh
from mitbadak.optim import SGD, Adam
from mitbadak.training import Callback, Trainer, evaluate
from small_runs import T, X, assert_same_bits, copied, spiral_net, train

CLASSES = T.argmax(axis=1)


class Watched(MLP):
    """A net that remembers the batches it learned from."""

    def __init__(self, *args: Any, **more: Any):
        super().__init__(*args, **more)
        self.batches: list[np.ndarray] = []

    def loss_and_gradient(self, x, t, **mode):
        self.batches.append(x)
        return super().loss_and_gradient(x, t, **mode)


def test_rows_run_from_before_the_first_update_to_the_last_epoch() -> None:
    net, untrained = spiral_net(), evaluate(spiral_net(), (X, T))
    history = train(net, test=load_spiral(1985))
    assert (history["epoch"], history["step"]) == ([0, 1, 2], [0, 10, 20])
    assert history[0]["train_loss"] == untrained["loss"]
    assert history[0]["train_accuracy"] == untrained["accuracy"]
    trained = evaluate(net, load_spiral(1985))
    assert history[-1]["test_loss"] == trained["loss"]
    assert history[-1]["test_accuracy"] == trained["accuracy"]
    assert (history.stopped, history.engine) == ("", "numpy")


def test_every_step_records_a_loss_and_the_last_batch_of_an_epoch_is_short() -> None:
    net = Watched([2, 10, 3], rng=0)
    history = train(net, batch_size=128)
    assert [len(x) for x in net.batches] == [128, 128, 44, 128, 128, 44]
    assert len(history.losses) == 6
    assert history[1]["train_loss"] == np.mean(history.losses[:3])
    assert history[2]["train_loss"] == np.mean(history.losses[3:])


def test_zero_epochs_change_nothing() -> None:
    net = spiral_net()
    before = copied(net)
    assert len(train(net, epochs=0)) == 1
    assert_same_bits(net.params, before)


def test_training_lowers_the_loss_and_raises_the_accuracy() -> None:
    history = train(spiral_net(), optimizer=Adam(0.05), epochs=60)
    assert history[-1]["train_loss"] < 0.5 * history[0]["train_loss"]
    assert history[-1]["train_accuracy"] > 0.8


def test_the_net_is_changed_in_place() -> None:
    net = spiral_net()
    arrays, before = dict(net.params), copied(net)
    train(net)
    for name, array in net.params.items():
        assert array is arrays[name]
        assert not np.array_equal(array, before[name])


def test_the_same_seed_gives_the_same_bits_and_another_seed_others() -> None:
    nets = [spiral_net() for _ in range(3)]
    histories = [train(net, rng=s, validation=0.1) for net, s in zip(nets, (7, 7, 8), strict=True)]
    assert_same_bits(nets[0].params, nets[1].params)
    assert histories[0].losses == histories[1].losses
    assert histories[0].losses != histories[2].losses


def test_a_validation_share_is_split_off_and_never_trained_on() -> None:
    class Sets(Callback):
        def on_train_begin(self, trainer: Trainer) -> None:
            learn, watch = trainer.sets["train"], trainer.sets["validation"]
            assert learn is not None
            assert watch is not None
            self.learn, self.watch = learn, watch

    sets, net = Sets(), Watched([2, 10, 3], rng=0)
    history = train(net, validation=0.2, callbacks=[sets], epochs=1)
    assert (len(sets.learn), len(sets.watch)) == (240, 60)
    assert sets.learn.rows is not None
    assert sets.watch.rows is not None
    assert sorted([*sets.learn.rows, *sets.watch.rows]) == list(range(300))
    learned = {tuple(row) for x in net.batches for row in x}
    assert learned == {tuple(row) for row in sets.learn.batch(slice(None))[0]}
    assert history[-1]["validation_loss"] == evaluate(net, sets.watch)["loss"]
    assert len(history["validation_accuracy"]) == 2


def test_a_separate_validation_set_leaves_the_training_set_whole() -> None:
    net = spiral_net()
    history = train(net, validation=load_spiral(1985))
    assert history["step"][-1] == 20
    assert history[-1]["validation_loss"] == evaluate(net, load_spiral(1985))["loss"]


def test_shuffling_takes_each_example_once_and_replacement_does_not() -> None:
    x = np.arange(300.0, dtype=np.float32)[:, None] / 300
    seen = {}
    for sampling in ("shuffle", "replacement"):
        net = Watched([1, 3], rng=0)
        train(net, (x, CLASSES), batch_size=128, epochs=1, sampling=sampling)
        seen[sampling] = np.concatenate(net.batches)[:, 0]
    assert sorted(seen["shuffle"]) == list(x[:, 0])
    # As many draws as batches hold, the last one not cut short; some examples come twice.
    assert len(seen["replacement"]) == 3 * 128
    assert len(set(seen["replacement"])) < 300


@pytest.mark.parametrize("sampling", ["shuffle", "replacement"])
def test_every_epoch_takes_the_examples_in_a_new_order(sampling: str) -> None:
    net = Watched([2, 10, 3], rng=0)
    train(net, batch_size=300, epochs=3, sampling=sampling)
    assert len({x.tobytes() for x in net.batches}) == 3


def test_training_by_the_definition_agrees_with_backpropagation() -> None:
    nets = [MLP([2, 3, 3], rng=0, init=1.0, dtype=np.float64) for _ in range(2)]
    for net, gradient in zip(nets, ("backprop", "numerical"), strict=True):
        train(net, (X[::10], T[::10]), batch_size=10, epochs=3, gradient=gradient)
    for name, array in nets[0].params.items():
        assert np.allclose(nets[1].params[name], array, rtol=0, atol=1e-6)


def test_examples_are_left_untouched() -> None:
    x, t = X.copy(), T.copy()
    x.flags.writeable = t.flags.writeable = False
    train(spiral_net(), (x, t), test=(x, t), validation=0.1)
    assert np.array_equal(x, X)
    assert np.array_equal(t, T)


def test_ten_examples_of_ten_classes_are_not_mixed_up() -> None:
    """A batch of 10 against 10 classes is where (10,) and (10, 10) could broadcast."""
    x, t = np.random.default_rng(0).random((10, 4)), np.arange(10)[::-1].copy()
    nets = [MLP([4, 6, 10], rng=0) for _ in range(2)]
    runs = [
        train(net, (x, labels), batch_size=10, epochs=3)
        for net, labels in zip(nets, (t, np.eye(10)[t]), strict=True)
    ]
    assert runs[0].losses == runs[1].losses
    assert runs[0]["train_accuracy"] == runs[1]["train_accuracy"]
    assert_same_bits(nets[0].params, nets[1].params)


def test_pixels_kept_as_bytes_train_to_the_bits_of_floats() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (60, 8)).astype(np.uint8)
    t = np.arange(60) % 3
    nets = [MLP([8, 5, 3], rng=0) for _ in range(2)]
    train(nets[0], Dataset(pixels, t, divisor=255))
    train(nets[1], (pixels / np.float32(255), t))
    assert_same_bits(nets[0].params, nets[1].params)


FRACTIONS = T * 0.7 + 0.2
IMAGES = np.zeros((300, 1, 2))
REFUSED: dict[str, tuple[dict[str, Any], type[MitbadakError], str]] = {
    "too narrow": ({"x": X[:, :1]}, ShapeError, r"expects x of shape \(batch, 2\).*got"),
    "images": ({"x": IMAGES}, ShapeError, r"Flatten the images: load_mnist\(flatten=True\)"),
    "one number each": ({"x": X[:, 0]}, ShapeError, r"expects x of shape \(batch, 2\)"),
    "fewer labels": ({"t": T[:-1]}, ShapeError, r"same number .*x \(300, 2\) and t \(299, 3\)"),
    "empty": ({"x": X[:0], "t": T[:0]}, ShapeError, "train is empty"),
    "NaN": ({"x": np.where(X[1, 0] == X, np.nan, X)}, NonFiniteError, r"NaN .*first at \(1, 0\)"),
    "text": ({"x": X.astype(str)}, DtypeError, "expects x as real numbers"),
    "bytes": ({"x": np.full((300, 2), 9, np.uint8)}, DtypeError, r"divisor=255.*or x / 255"),
    "class 3 of 3": (
        {"t": np.maximum(CLASSES, [3] + [0] * 299)},
        LabelError,
        r"indices in 0\.\.2 \(3 classes\); got 3",
    ),
    "class -1": ({"t": np.minimum(CLASSES, [-1] + [2] * 299)}, LabelError, "got -1"),
    "float classes": ({"t": CLASSES * 1.0}, DtypeError, r"got float64.*Use t\.astype\(int\)"),
    "column": ({"t": CLASSES[:, None]}, ShapeError, r"Use t\[:, 0\] to drop the last axis"),
    "4 columns": ({"t": np.eye(4)[CLASSES]}, ShapeError, r"or \(n, 3\).*got \(300, 4\)"),
    "no distribution": ({"t": FRACTIONS}, LabelError, r"summing to 1; row 0 is .*\(sum 1\.3\)"),
    "negative share": ({"t": T * 3 - 2 / 3}, LabelError, "not negative"),
    "NaN label": ({"t": np.where(T == 1, np.nan, 0)}, NonFiniteError, "every label must be finite"),
    "wrong test": ({"test": (X, CLASSES + 1)}, LabelError, r"indices in 0\.\.2"),
    "wrong validation": ({"validation": (X[:, :1], T)}, ShapeError, "expects x of shape"),
    "large batch": ({"batch_size": 301}, RangeError, "batch_size 301 .*Use at most 300"),
    "no batch": ({"batch_size": 0}, RangeError, "batch_size must be .*at least 1; got 0"),
    "epochs": ({"epochs": -1}, RangeError, "epochs must be .*at least 0; got -1"),
    "all held out": ({"validation": 1.0}, RangeError, r"validation must lie in \[0, 1\); got 1"),
    "none held out": ({"validation": 0.001}, RangeError, "holds out 0 and leaves 300 for"),
    "engine": ({"engine": "numpi"}, UnknownNameError, "engine 'numpi'; did you mean 'numpy'"),
    "sampling": ({"sampling": "shufle"}, UnknownNameError, "did you mean 'shuffle'"),
    "gradient": ({"gradient": "backprob"}, UnknownNameError, "did you mean 'backprop'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_settings_are_refused_before_anything_changes(case: str) -> None:
    settings, error, message = REFUSED[case]
    settings = dict(settings)
    examples = (settings.pop("x", X), settings.pop("t", T))
    net = spiral_net()
    before = copied(net)
    with pytest.raises(error, match=message):
        train(net, examples, **settings)
    assert_same_bits(net.params, before)


def test_examples_are_rows_even_if_no_layer_has_a_width() -> None:
    net = Sequential(Tanh(), loss="mean_squared_error")
    with pytest.raises(ShapeError, match=r"train: x must be of shape \(n, n_in\); got \(60,\)"):
        train(net, (np.ones(60), np.ones(60)))


def test_missing_kernels_are_not_replaced_silently(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mitbadak.native.library._load", lambda: (None, "there are none"))
    with pytest.raises(StateError, match=r"engine 'compiled' .*there are none. Use engine='numpy'"):
        train(spiral_net(), engine="compiled")


@pytest.mark.parametrize("lr", [0.0, -0.1, float("nan"), float("inf")])
def test_a_learning_rate_must_be_above_0(lr: float) -> None:
    with pytest.raises(RangeError, match="SGD: lr must be a finite number above 0; got"):
        SGD(lr)


def plain_net(n: int, loss: str = "softmax_cross_entropy") -> Sequential:
    """A net whose scores are its inputs."""
    net = Sequential(Affine(n, n), loss=loss)
    net.params["W1"] = np.eye(n)
    return net


def test_evaluation_does_not_drop_the_last_short_batch() -> None:
    # Of ten examples in batches of four only the two of the last batch are right.
    x = np.eye(2, dtype=np.float32)[[0] * 8 + [1, 1]]
    measures = evaluate(plain_net(2), (x, np.ones(10, int)), batch_size=4)
    assert measures["accuracy"] == 0.2
    # Scores (1, 0) for the wrong class cost ln(1 + e), for the right one ln(1 + 1/e).
    assert measures["loss"] == pytest.approx(0.8 * np.log(1 + np.e) + 0.2 * np.log(1 + 1 / np.e))


@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "mean_squared_error"])
@pytest.mark.parametrize("batch_size", [1, 7, 300, 1000])
def test_evaluation_in_batches_equals_evaluation_of_the_whole_set(
    loss: str, batch_size: int
) -> None:
    net = spiral_net(loss=loss, dtype=np.float64, init=1.0)
    measures = evaluate(net, (X, CLASSES), batch_size=batch_size)
    assert measures["loss"] == pytest.approx(net.loss(X, CLASSES), rel=1e-12)
    assert measures["accuracy"] == net.accuracy(X, CLASSES)


def test_a_summed_loss_is_summed_over_the_batches() -> None:
    net = spiral_net(loss="sum_squared_error", dtype=np.float64)
    measures = evaluate(net, (X, T), batch_size=7)
    assert measures["loss"] == pytest.approx(net.loss(X, T), rel=1e-12)
    assert measures["accuracy"] == net.accuracy(X, T)


def test_real_targets_have_no_accuracy() -> None:
    net = spiral_net(loss="sum_squared_error", dtype=np.float64)
    assert list(evaluate(net, (X, T * 0.5))) == ["loss"]


def test_scores_of_nan_are_never_right() -> None:
    net = plain_net(2)
    net.params["W1"][...] = np.nan
    measures = evaluate(net, (np.ones((4, 2)), np.zeros(4, int)))
    assert measures["accuracy"] == 0.0
    assert np.isnan(measures["loss"])
