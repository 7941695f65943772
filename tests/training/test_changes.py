"""Changes that callbacks make during training: both engines apply or refuse them alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from kernels import needs_kernels
from mitbadak.core.errors import MitbadakError
from mitbadak.data import Dataset
from mitbadak.nn.heads import MeanSquaredError
from mitbadak.training import Callback, evaluate, fit

pytestmark = needs_kernels
X, T = mb.load_spiral()
X = X.astype(np.float32)
HALF = Dataset(X[:150], T[:150], name="half")
BYTES = Dataset(np.arange(60, dtype=np.uint8).reshape(30, 2), np.arange(30) % 3, divisor=9)


class At(Callback):
    """Does something once, at the end of a step or of an epoch."""

    def __init__(self, change: Callable[[Any], None], event: str):
        self.change, self.event = change, event
        self.before: dict[str, np.ndarray] = {}

    def on_train_begin(self, trainer) -> None:
        self.before = dict(trainer.net.params)

    def before_update(self, trainer, loss, grads) -> None:
        if self.event == "gradient" and trainer.step == 13:
            self.change(trainer)

    def on_step_end(self, trainer) -> None:
        if self.event == "step" and trainer.step == 13:
            self.change(trainer)

    def on_epoch_end(self, trainer, row) -> None:
        if self.event == "epoch" and row["epoch"] == 1:
            self.change(trainer)


class Halving(Callback):
    """Sees every gradient, and halves the learning rate once."""

    def before_update(self, trainer, loss, grads) -> None:
        assert set(grads) == set(trainer.net.params)

    def on_step_end(self, trainer) -> None:
        trainer.optimizer.lr = 0.02


def fill(array: np.ndarray, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=array.shape).astype(np.float32)


def assign(trainer) -> None:
    trainer.net.params["W1"] = fill(trainer.net.params["W1"])


def assign_transposed(trainer) -> None:
    trainer.net.params["W1"] = fill(trainer.net.params["W1"].T).T


def assign_double(trainer) -> None:
    trainer.net.params["W2"] = fill(trainer.net.params["W2"]).astype(np.float64)


def assign_to_the_layer(trainer) -> None:
    params = trainer.net.layers[0].params
    params["W"] = fill(params["W"])


def write_in_place(trainer) -> None:
    trainer.net.params["b1"][...] = 0.5


def write_to_arrays_from_before(trainer) -> None:
    (watcher,) = (c for c in trainer.callbacks if isinstance(c, At))
    watcher.before["W1"] *= -1


def assign_a_view_of_itself(trainer) -> None:
    trainer.net.params["W1"] = trainer.net.params["W1"][::-1]


def other_rate(trainer) -> None:
    trainer.optimizer.lr = 0.01


def other_momentum(trainer) -> None:
    trainer.optimizer.momentum = 0.1


def forget_velocity(trainer) -> None:
    trainer.optimizer.state["velocity"].clear()


def assign_velocity(trainer) -> None:
    velocity = trainer.optimizer.state["velocity"]
    velocity["W1"] = fill(velocity["W1"])


def other_optimizer(trainer) -> None:
    trainer.optimizer = mb.Adam(0.02)


def other_head(trainer) -> None:
    trainer.net.head = MeanSquaredError()


def other_test(trainer) -> None:
    trainer.test = HALF


def other_test_of_bytes(trainer) -> None:
    trainer.sets["test"] = BYTES


def other_train(trainer) -> None:
    trainer.train = HALF


def train_as_a_pair(trainer) -> None:
    trainer.sets["train"] = (X[100:], T[100:])


def other_rule(trainer) -> None:
    trainer.optimizer = mb.optim.Chain(mb.optim.ClipNorm(0.5), mb.RMSProp(0.02))


def watch_gradients(trainer) -> None:
    trainer.callbacks.append(Halving())


def other_rate_of_dropout(trainer) -> None:
    trainer.net.layers[DROPOUT].rate = 0.9


def other_slope(trainer) -> None:
    trainer.net.layers[LEAKY].slope = 0.5


def other_momentum_of_statistics(trainer) -> None:
    trainer.net.layers[NORM].momentum = 0.9


def other_batch_size(trainer) -> None:
    trainer.batch_size = 70


def own_batches(trainer) -> None:
    trainer.draw_batches = lambda n, size, rng: iter([[1, 2, 3], np.arange(size)])


APPLIED = [
    assign, assign_transposed, assign_double, assign_to_the_layer, write_in_place,
    write_to_arrays_from_before, assign_a_view_of_itself, other_rate, other_momentum,
    forget_velocity, assign_velocity, other_optimizer, other_head, other_test,
    other_test_of_bytes, other_train, train_as_a_pair, other_batch_size, own_batches, other_rule,
    watch_gradients,
]  # fmt: skip


def training(engine: str, change: Callable[[Any], None], event: str):
    net = mb.MLP([2, 8, 3], rng=0)
    history = fit(net, (X, T), test=(X, T), epochs=4, batch_size=30, rng=0, engine=engine,
                  optimizer=mb.Momentum(0.1), callbacks=[At(change, event)])  # fmt: skip
    assert history.engine == engine
    return net, history


@pytest.mark.parametrize("event", ["gradient", "step", "epoch"])
@pytest.mark.parametrize("change", APPLIED, ids=lambda c: c.__name__)
def test_both_engines_apply_a_change(change, event):
    (net, expected), (twin, measured) = (training(e, change, event) for e in ("numpy", "compiled"))
    np.testing.assert_allclose(measured.losses, expected.losses, rtol=2e-3, atol=1e-5)
    for name, array in net.params.items():
        np.testing.assert_allclose(twin.params[name], array, rtol=2e-3, atol=2e-4)
    _, unchanged = training("numpy", lambda trainer: None, event)
    rows = [[{**row, "seconds": 0} for row in h.rows] for h in (expected, unchanged)]
    assert rows[0] != rows[1], "the change made no difference, so this test would see nothing"


def write_gradients(grads: dict) -> None:
    grads["W1"] *= 0
    grads["b2"][...] = 1


def assign_gradients(grads: dict) -> None:
    grads["W1"] = np.zeros_like(grads["W1"])
    grads["b2"] = np.ones_like(grads["b2"])


class EditingGradients(Callback):
    def __init__(self, edit: Callable[[Any], None]):
        self.edit = edit

    def before_update(self, trainer, loss, grads) -> None:
        self.edit(grads)


@pytest.mark.parametrize("rule", [mb.SGD, mb.Momentum, mb.Adam])
@pytest.mark.parametrize("edit", [write_gradients, assign_gradients])
def test_both_engines_update_by_the_gradients_that_a_callback_leaves(edit, rule):
    params = []
    for engine in ("numpy", "compiled"):
        net = mb.MLP([2, 8, 3], rng=0)
        first = net.params["W1"].copy()
        fit(net, (X, T), epochs=1, batch_size=30, rng=0, engine=engine, optimizer=rule(0.01),
            callbacks=[EditingGradients(edit)])  # fmt: skip
        np.testing.assert_array_equal(net.params["W1"], first)
        assert (net.params["b2"] < -0.05).all()
        params.append(net.params)
    for name, array in params[0].items():
        np.testing.assert_allclose(params[1][name], array, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda grads: grads.pop("W1"), "W1"),
        (lambda grads: grads.update(W1=np.zeros((3, 3), np.float32)), "W1"),
    ],
    ids=["missing", "another shape"],
)
def test_gradients_that_do_not_fit_are_refused(edit, message, engine):
    with pytest.raises(MitbadakError, match=message):
        fit(mb.MLP([2, 8, 3], rng=0), (X, T), epochs=1, batch_size=30, rng=0, engine=engine,
            callbacks=[EditingGradients(edit)])  # fmt: skip


NORM, LEAKY, DROPOUT = 1, 2, 3  # places of these layers


@pytest.mark.parametrize(
    "change", [other_rate_of_dropout, other_slope, other_momentum_of_statistics],
    ids=lambda c: c.__name__,
)  # fmt: skip
def test_both_engines_apply_a_change_of_a_layer_s_settings(change):
    rows = []
    for engine, changed in (("numpy", True), ("compiled", True), ("numpy", False)):
        net = mb.Sequential(mb.Affine(2, 8, rng=0), mb.nn.BatchNorm(8), mb.nn.LeakyReLU(),
                            mb.nn.Dropout(0.2), mb.Affine(8, 3, rng=1))  # fmt: skip
        callbacks = [At(change if changed else lambda trainer: None, "step")]
        history = fit(net, (X, T), test=(X, T), epochs=2, batch_size=30, rng=0, engine=engine,
                      callbacks=callbacks)  # fmt: skip
        rows.append((history.losses, history[-1]["test_loss"]))
    np.testing.assert_allclose(rows[1][0], rows[0][0], rtol=1e-3)
    assert rows[1][1] == pytest.approx(rows[0][1], rel=1e-3)
    assert rows[2][1] != pytest.approx(rows[0][1], rel=1e-3)


def other_transforms(trainer) -> None:
    trainer.optimizer.transforms = (mb.optim.L2(0.5),)


def other_rule_at_the_end(trainer) -> None:
    trainer.optimizer.rules = (mb.RMSProp(0.02),)


def other_patterns(trainer) -> None:
    trainer.optimizer.patterns = ("W*", "*")


def other_limit(trainer) -> None:
    trainer.net.head.delta = 0.1


COMPOSED = {
    other_transforms: lambda: mb.optim.Chain(mb.optim.ClipNorm(0.5), mb.Momentum(0.1)),
    other_rule_at_the_end: lambda: mb.optim.Chain(mb.optim.ClipNorm(0.5), mb.SGD(0.1)),
    other_patterns: lambda: mb.optim.Groups({"b*": mb.Momentum(0.3), "*": mb.Momentum(0.1)}),
    other_limit: lambda: mb.SGD(0.1),
}


@pytest.mark.parametrize("event", ["gradient", "step", "epoch"])
@pytest.mark.parametrize("change", COMPOSED, ids=lambda c: c.__name__)
def test_both_engines_apply_a_change_inside_an_optimizer_or_a_head(change, event):
    losses, measured = [], []
    for engine, changed in (("numpy", True), ("compiled", True), ("numpy", False)):
        net = mb.MLP([2, 8, 3], rng=0, loss="huber")
        callbacks = [At(change if changed else lambda trainer: None, event)]
        history = fit(net, (X, T), test=(X, T), epochs=2, batch_size=30, rng=0, engine=engine,
                      optimizer=COMPOSED[change](), callbacks=callbacks)  # fmt: skip
        losses.append(history.losses)
        measured.append(history[-1]["test_loss"])
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-3)
    assert measured[1] == pytest.approx(measured[0], rel=1e-3)
    assert measured[2] != pytest.approx(measured[0], rel=1e-3)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
@pytest.mark.parametrize(
    ("before", "train", "after"),
    [(150, HALF, 150), (30, HALF, 150), (30, HALF, 75), (30, None, 300)],
    ids=["set", "set and batch size", "set and two batches", "batch size"],
)
def test_the_next_epoch_draws_from_the_new_set_in_batches_of_the_new_size(
    engine, before, train, after
):
    """The learning rate is so small that an epoch's mean loss is the loss on the whole set."""
    expected = []

    def change(trainer) -> None:
        trainer.batch_size = after
        if train is not None:
            trainer.train = train
        expected.append(evaluate(trainer.net, trainer.train)["loss"])

    net = mb.MLP([2, 8, 3], rng=0, init=1.0)
    history = fit(net, (X, T), epochs=2, batch_size=before, rng=0, engine=engine,
                  optimizer=mb.SGD(1e-6), callbacks=[At(change, "epoch")])  # fmt: skip
    losses = history.losses[300 // before :]
    assert len(losses) == (300 if train is None else len(train)) // after
    assert np.mean(losses) == pytest.approx(expected[0], rel=1e-4)
    if train is not None:
        assert history[0]["train_loss"] != pytest.approx(expected[0], rel=1e-3)


def test_the_returned_net_is_the_one_that_was_evaluated():
    for change in (assign, write_to_arrays_from_before, assign_to_the_layer):
        net, history = training("compiled", change, "epoch")
        measured = history[-1]["test_loss"]
        assert measured == pytest.approx(evaluate(net, (X, T))["loss"], rel=1e-5)


def test_an_assigned_array_is_the_one_that_is_trained():
    mine: list[np.ndarray] = []

    def hand_in(trainer) -> None:
        mine.append(fill(trainer.net.params["W1"]))
        trainer.net.params["W1"] = mine[0]

    for engine in ("numpy", "compiled"):
        mine.clear()
        net, _ = training(engine, hand_in, "epoch")
        assert net.params["W1"] is mine[0]
        assert not np.array_equal(mine[0], fill(mine[0]))


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_hooks_find_parameters_and_state_up_to_date(engine):
    class Watch(Callback):
        def __init__(self):
            self.seen: list[float] = []

        def on_train_begin(self, trainer) -> None:
            self.W = trainer.net.params["W1"]  # kept, and to be live for good
            self.velocity = trainer.optimizer.state["velocity"]

        def before_update(self, trainer, loss, grads) -> None:
            last = self.seen[-2:] or [float(self.W.sum())]
            assert float(trainer.net.params["W1"].sum()) == last[0]

        def on_step_end(self, trainer) -> None:
            assert trainer.net.params["W1"] is self.W
            self.seen += [float(self.W.sum()), float(self.velocity["W1"].sum())]

    watch, net = Watch(), mb.MLP([2, 8, 3], rng=0)
    fit(net, (X, T), epochs=1, batch_size=30, rng=0, engine=engine, optimizer=mb.Momentum(0.1),
        callbacks=[watch])  # fmt: skip
    assert len(set(watch.seen)) == 20
    assert watch.seen[-2] == float(net.params["W1"].sum())


def swap_net(trainer) -> None:
    trainer.net = mb.MLP([2, 8, 3], rng=1)


def append_layer(trainer) -> None:
    trainer.net.layers += (mb.Affine(3, 3, rng=0),)


def replace_params(trainer) -> None:
    trainer.net.params = {name: a.copy() for name, a in trainer.net.params.items()}


def drop_bias(trainer) -> None:
    del trainer.net.layers[0].params["b"]


def read_only(trainer) -> None:
    trainer.net.params["W1"].flags.writeable = False


def no_optimizer(trainer) -> None:
    trainer.optimizer = 0.1


def no_head(trainer) -> None:
    trainer.net.head = 0.1


def sets_of(name: str, x: Any, t: Any) -> Callable[[Any], None]:
    return lambda trainer: trainer.sets.update({name: (x, t)})


def batches_of(*rows: Any) -> Callable[[Any], None]:
    def change(trainer) -> None:
        trainer.draw_batches = lambda n, size, rng: iter(rows)

    return change


def batch_size_of(size: Any) -> Callable[[Any], None]:
    return lambda trainer: setattr(trainer, "batch_size", size)


def number_of_epochs(epochs: Any) -> Callable[[Any], None]:
    return lambda trainer: setattr(trainer, "epochs", epochs)


def dtype_of(dtype: Any) -> Callable[[Any], None]:
    return lambda trainer: setattr(trainer.net, "dtype", dtype)


REFUSED: dict[str, tuple[Callable[[Any], None], str]] = {
    "another net": (swap_net, "trainer.net was replaced while training; assign to net.params"),
    "another layer": (append_layer, "net.layers was replaced while training"),
    "params as a dict": (replace_params, r"assign its entries: net.params\['W1'\]"),
    "no bias": (drop_bias, r"had the parameters W, b when training began and has W now"),
    "read-only": (read_only, "Momentum: parameter 'W1' is read-only. Train a copy"),
    "no optimizer": (no_optimizer, "optimizer must be of type Optimizer; got 0.1"),
    "no head": (no_head, "net.head must be of type Head; got 0.1"),
    "short t": (sets_of("train", X, T[:9]), "same number of examples"),
    "wide x": (sets_of("train", np.ones((30, 5)), T[:30]), "expects x of shape"),
    "NaN": (sets_of("train", X * np.nan, T), "train: x holds NaN"),
    "label 9": (sets_of("test", X, T + 9), "got 11"),
    "negative label": (sets_of("test", X, T - 1), "got -1"),
    "wide test": (sets_of("test", np.ones((30, 5)), T[:30]), "expects x of shape"),
    "too few": (sets_of("train", X[:9], T[:9]), "batch_size 30 is larger than the training set"),
    "rows beyond": (batches_of([0, 300]), r"a drawn batch must lie in 0\.\.299"),
    "negative rows": (batches_of([-1]), r"must lie in 0\.\.299 .* got -1"),
    "a mask": (batches_of(np.ones(300, bool)), r"must be integers; got bool. Use np.flatnonzero"),
    "float rows": (batches_of(np.ones(3)), "must be integers; got float64"),
    "no rows": (batches_of([]), "at least one row"),
    "a large batch": (batches_of(np.arange(31)), "at most batch_size = 30 examples; got 31"),
    "epochs in letters": (number_of_epochs("a"), "epochs must be a whole number"),
    "negative epochs": (number_of_epochs(-1), "epochs must be a whole number"),
    "no sets": (lambda trainer: trainer.sets.clear(), "must hold train, validation and test; it"),
    "a set too many": (lambda trainer: trainer.sets.update(dev=None), "it holds train.* dev"),
    "a number for a callback": (
        lambda trainer: trainer.callbacks.append(3),
        "a list of .*; got 3",
    ),
    "the class of a dtype": (dtype_of(np.float64), "net.dtype must be of type dtype; got <class"),
    "batch_size": (batch_size_of(0), "batch_size must be a whole number"),
    "large batch_size": (batch_size_of(301), "batch_size 301 is larger"),
}


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
@pytest.mark.parametrize("case", REFUSED)
def test_both_engines_refuse_a_change_that_they_cannot_apply(case, engine):
    change, message = REFUSED[case]
    with pytest.raises(MitbadakError, match=message):
        training(engine, change, "epoch")


class Mine(mb.SGD):
    """An optimizer of a user."""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda trainer: setattr(trainer, "augment", lambda x, rng: x), "no kernel for <function"),
        (lambda trainer: setattr(trainer, "optimizer", Mine(0.1)), "no kernel for Mine"),
        (lambda trainer: setattr(trainer.net, "dtype", np.dtype(float)), "the net is float64"),
        (lambda trainer: trainer.net.params.__setitem__("b1", trainer.net.params["W1"][0]),
         "b1.* share memory"),
    ],
)  # fmt: skip
def test_kernels_never_ignore_a_change_that_only_numpy_supports(change, message):
    training("numpy", change, "epoch")
    with pytest.raises(MitbadakError, match=message):
        training("compiled", change, "epoch")
