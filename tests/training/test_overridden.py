"""Methods that a net's own class overrides: training follows them, or refuses; it ignores none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.core.errors import DtypeError, StateError
from mitbadak.nn.network import Sequential
from mitbadak.nn.overriding import GRADIENTS, WAYS_OUT
from mitbadak.nn.passes import NetResult

X = np.random.default_rng(0).normal(size=(60, 4))
T = np.arange(60) % 3
NAMES = np.array(["a", "b", "c"])[T]
ENGINES = ["auto", "numpy"]
PENALTY = 0.05


def penalty(net: Any) -> float:
    """Of the weights, as ``L2`` penalizes them."""
    return PENALTY * sum(float((p**2).sum()) for name, p in net.params.items() if name[0] == "W")


def penalized(net: Any, gradient: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    factor = {name: 2 * PENALTY * (name[0] == "W") for name in gradient}
    return {name: g + factor[name] * net.params[name] for name, g in gradient.items()}


def loss(self, x, t, **mode):
    return Sequential.loss(self, x, t, **mode) + penalty(self)


def gradient(self, x, t, **mode):
    return penalized(self, Sequential.gradient(self, x, t, **mode))


def loss_and_gradient(self, x, t, **mode):
    value, grads = Sequential.loss_and_gradient(self, x, t, **mode)
    return value + penalty(self), penalized(self, grads)


def compute(self, x, t, **mode):
    value, grads, buffers = Sequential.compute(self, x, t, **mode)
    return NetResult(value + penalty(self), penalized(self, grads), buffers)


def without_mode(method: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, x, t: method(self, x, t)


OWN = {
    "loss and gradient": {"loss": loss, "gradient": gradient},
    "loss and loss_and_gradient": {"loss": loss, "loss_and_gradient": loss_and_gradient},
    "loss and compute": {"loss": loss, "compute": compute},
    "without modes": {"loss": without_mode(loss), "gradient": without_mode(gradient)},
}


def net_of(methods: dict[str, Any], *, modal: bool = False, **options: Any) -> Any:
    kind: Any = type("Own", (mb.MLP,), methods)
    norm = {"dropout": 0.2, "batch_norm": True} if modal else {}
    return kind([4, 8, 3], "tanh", init="xavier", rng=0, **norm, **options)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("modal", [False, True])
@pytest.mark.parametrize("case", OWN)
def test_a_penalty_in_a_nets_own_methods_is_trained_as_the_same_in_the_optimizer_is(
    case: str, modal: bool, engine: str
) -> None:
    if modal and case == "without modes":
        pytest.skip("such a net is refused in training mode")
    own = net_of(OWN[case], modal=modal, dtype="float64")
    plain = net_of({}, modal=modal, dtype="float64")
    rule = mb.Chain(mb.L2(2 * PENALTY), mb.SGD(0.1))
    histories = [
        mb.fit(own, X, T, optimizer=mb.SGD(0.1), epochs=3, rng=1, engine=engine, callbacks=[]),
        mb.fit(plain, X, T, optimizer=rule, epochs=3, rng=1, engine="numpy", callbacks=[]),
    ]
    for name, array in own.params.items():
        np.testing.assert_allclose(array, plain.params[name], rtol=1e-10, atol=1e-12)
    for name, array in own.buffers.items():
        np.testing.assert_allclose(array, plain.buffers[name], rtol=1e-10)
    first = penalty(net_of({}, modal=modal, dtype="float64"))
    assert histories[0].losses[0] == pytest.approx(histories[1].losses[0] + first)
    measured = mb.evaluate(own, X, T)
    assert measured["loss"] == own.loss(X, T) != mb.evaluate(plain, X, T)["loss"]


IGNORED = {
    "scores": lambda self, x, **mode: Sequential.scores(self, x, **mode) / 2,
    "loss": loss,
    "forward": lambda self, x: x,
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("place", ["class", "subclass of one with a gradient", "instance"])
@pytest.mark.parametrize("name", WAYS_OUT)
def test_what_the_gradient_does_not_know_of_is_refused(name: str, place: str, engine: str) -> None:
    if place == "class":
        net = net_of({name: IGNORED[name]})
    elif place == "instance":
        net = net_of({})
        setattr(net, name, IGNORED[name].__get__(net))
    else:
        base: Any = type("Base", (mb.MLP,), {"compute": compute})
        net = type("Own", (base,), {name: IGNORED[name]})([4, 8, 3], rng=0)  # pyright: ignore
    with pytest.raises(StateError, match=f"has its own {name}, which the gradient that fit"):
        mb.fit(net, X, T, epochs=1, engine=engine, callbacks=[])


def test_the_numerical_gradient_is_that_of_the_nets_own_loss() -> None:
    for method in ("loss", "scores"):
        net = net_of({method: IGNORED[method]}, dtype="float64")
        before = {name: a.copy() for name, a in net.params.items()}
        slopes = net.numerical_gradient(X, T, progress=False)
        full = net.numerical_gradient(X, T, structured=False, progress=False)
        assert all(np.array_equal(g, full[name]) for name, g in slopes.items())
        mb.fit(net, X, T, epochs=1, batch_size=60, gradient="numerical", progress=False,
               optimizer=mb.SGD(0.5), sampling="shuffle", rng=0, callbacks=[])  # fmt: skip
        for name, array in net.params.items():
            np.testing.assert_allclose(array, before[name] - 0.5 * slopes[name], atol=1e-7)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("loss_name", ["softmax_cross_entropy", "mean_squared_error"])
@pytest.mark.parametrize("method", ["accuracy", "accuracy_of"])
def test_an_own_accuracy_is_what_history_and_evaluate_report(
    method: str, loss_name: str, engine: str
) -> None:
    net = net_of({method: lambda self, first, t: 0.375}, loss=loss_name)
    history = mb.fit(net, X, T, validation=0.3, epochs=2, rng=0, engine=engine, callbacks=[])
    assert history["validation_accuracy"] == history["train_accuracy"] == [0.375] * 3
    assert mb.evaluate(net, X, T, batch_size=7)["accuracy"] == net.accuracy(X, T) == 0.375


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("labels", [T, NAMES], ids=["indices", "names"])
def test_own_targets_are_applied_once(labels: np.ndarray, engine: str) -> None:
    own = net_of({"targets": lambda self, t: 2 - Sequential.targets(self, t)})
    plain = net_of({})
    mb.fit(own, X, labels, epochs=2, rng=0, engine=engine, callbacks=[])
    mb.fit(plain, X, 2 - T, epochs=2, rng=0, engine="numpy", callbacks=[])
    for name, array in own.params.items():
        np.testing.assert_array_equal(array, plain.params[name])
    assert mb.evaluate(own, X, labels) == mb.evaluate(plain, X, 2 - T)
    slopes = own.numerical_gradient(X, T, progress=False)
    for name, slope in plain.numerical_gradient(X, 2 - T, progress=False).items():
        np.testing.assert_array_equal(slope, slopes[name])


@pytest.mark.parametrize(("methods", "said"), [
    ({"loss": lambda self, x, t: np.ones(3), "gradient": gradient}, "Own.loss must return a num"),
    ({"loss": lambda self, x, t: None, "gradient": gradient}, "Own.loss must return a number"),
    ({"gradient": lambda self, x, t: [1, 2]}, "Own.gradient must return a dict"),
    ({"loss_and_gradient": lambda self, x, t: {}}, "must return a pair"),
    ({"compute": lambda self, x, t: (1.0, {})}, "must return NetResult"),
    ({"accuracy": lambda self, x, t: "good"}, "Own.accuracy must return a number"),
])  # fmt: skip
def test_own_methods_that_return_something_else_are_told_what_is_wanted(
    methods: dict[str, Any], said: str
) -> None:
    with pytest.raises(DtypeError, match=said):
        mb.fit(net_of(methods), X, T, epochs=1, callbacks=[])


@pytest.mark.parametrize("name", ["scores", "loss"])
def test_a_graph_of_the_layers_is_not_passed_off_as_that_of_the_net(name: str) -> None:
    with pytest.raises(StateError, match=f"overrides {name}. Override graph"):
        net_of({name: IGNORED[name]}).graph(X, T)


def test_every_method_of_a_net_that_takes_part_in_training_is_followed_or_refused() -> None:
    """A new method of nets enters one of these lists, with its test above."""
    followed = {*GRADIENTS, *WAYS_OUT, "accuracy", "accuracy_of", "targets"}
    called_by_those = {"checked_input", "check_input", "check_width", "is_one_image"}
    without_effect = {"answer", "predict", "classify", "summary", "graph", "numerical_gradient",
                      "astype", "config"}  # fmt: skip
    methods = {name for name, value in vars(Sequential).items()
               if callable(value) and not name.startswith("_")}  # fmt: skip
    assert methods <= followed | called_by_those | without_effect
