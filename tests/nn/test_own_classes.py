"""Layers, heads and nets of users: written in a few lines, saved, and loaded again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from mitbadak import functions, nn
from mitbadak.core.errors import FormatError, StateError, UnknownNameError
from mitbadak.functions.differentiable import differentiable
from mitbadak.nn import Call, Head, Layer, LayerResult, heads, option
from mitbadak.runs import load, save
from mitbadak.runs.model_file import Stored, write

X, T = np.random.default_rng(0).normal(size=(5, 3)), [0, 1, 0, 1, 1]


@differentiable
def scale(x, *, factor):
    return factor * x, (lambda dy: factor * dy,)


@differentiable
def shift(x, by):
    return x + by, (lambda dy: dy, lambda dy: dy.sum(axis=0))


@differentiable
def absolute_error(scores, t, *, weight):
    sign = weight * np.sign(scores - t) / scores.size
    return weight * np.mean(np.abs(scores - t)), (lambda dy: dy * sign, None)


class Scale(Layer, operation=scale):
    """Multiplies by a number."""

    factor: float = option(default=2.0)


class Shift(Layer, operation=shift):
    """Adds a number to each column, which is learned."""

    n: int

    def __post_init__(self) -> None:
        self.params["by"] = np.zeros(self.n)


class Noise(Layer):
    """Adds noise in training."""

    std: float = 0.1
    differs_in_training = draws = True

    def call(self, x, *, training=False, rng=None) -> Call:
        if not training:
            return Call(functions.identity)
        return Call(shift, (np.random.default_rng(rng).normal(0, self.std, x.shape[1:]),))


class AbsoluteError(Head, operation=absolute_error):
    """The mean of absolute errors."""

    weight: float = option(default=1.0)
    for_regression = True


class Earlier(Layer):
    """A layer as it was written when no method knew ``training``."""

    def __init__(self, factor: float = 2.0) -> None:
        super().__init__(scale, factor=factor)

    def predict(self, x):  # pyright: ignore[reportIncompatibleMethodOverride]
        return 3.0 * super().predict(x)

    def vjp(self, x):  # pyright: ignore[reportIncompatibleMethodOverride]
        y, (pullback,) = super().vjp(x)
        return 3.0 * y, (lambda dy: 3.0 * pullback(dy),)


class Tempered(mb.MLP):
    """A net whose scores are halved, by a method that does not know ``training``."""

    def scores(self, x):  # pyright: ignore[reportIncompatibleMethodOverride]
        return super().scores(x) / 2


OWN: dict[str, Callable[[], nn.Sequential]] = {
    "a field": lambda: nn.Sequential(nn.Affine(3, 2, rng=0, dtype="float64"), Scale(factor=0.5)),
    "a parameter": lambda: nn.Sequential(nn.Affine(3, 2, rng=0, dtype="float64"), Shift(2)),
    "noise": lambda: nn.Sequential(Noise(std=0.3), nn.Affine(3, 2, rng=0, dtype="float64")),
    "earlier": lambda: nn.Sequential(nn.Affine(3, 2, rng=0, dtype="float64"), Earlier(5.0)),
    "a net": lambda: Tempered([3, 4, 2], rng=0, dtype="float64"),
}


@pytest.mark.parametrize("name", sorted(OWN.keys() - {"a net"}))
@pytest.mark.parametrize("training", [False, True])
def test_the_gradient_of_an_own_layer_agrees_with_the_definition(name, training):
    net = OWN[name]()
    gradient = net.gradient(X, T, training=training, rng=3)
    numerical = net.numerical_gradient(X, T, training=training, rng=3, progress=False)
    for key, g in gradient.items():
        np.testing.assert_allclose(g, numerical[key], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", OWN)
def test_own_classes_are_saved_and_loaded(name, tmp_path):
    net, path = OWN[name](), tmp_path / "net.safetensors"
    for key, a in net.params.items():
        net.params[key] = a + 0.1
    save(net, path)
    again = load(path)
    assert type(again) is type(net)
    assert repr(again) == repr(net)
    np.testing.assert_array_equal(again.predict(X), net.predict(X))


@pytest.mark.parametrize(
    "head", [AbsoluteError(), AbsoluteError(weight=2.0), nn.Huber(), nn.Huber(delta=0.5)], ids=repr
)
def test_a_loaded_net_has_the_settings_of_its_head(head, tmp_path):
    net = nn.MLP([3, 2], loss=head, rng=0)
    save(net, tmp_path / "net.safetensors")
    again = load(tmp_path / "net.safetensors")
    assert repr(again.head) == repr(head)
    assert again.loss(X, np.ones((5, 2))) == net.loss(X, np.ones((5, 2)))


def test_configs_of_built_in_layers_and_heads_stay_what_files_hold():
    net = nn.Sequential(
        nn.Affine(2, 3, bias=False), nn.BatchNorm(3, momentum=0.2), nn.LeakyReLU(0.2),
        nn.Dropout(0.3), nn.LayerNorm(3), nn.ELU(), nn.GELU(), loss=nn.Huber(2.0),
    )  # fmt: skip
    assert json.dumps(net.config()) == json.dumps({
        "net": "Sequential",
        "layers": [
            {"layer": "Affine", "n_in": 2, "n_out": 3, "bias": False},
            {"layer": "BatchNorm", "eps": 1e-5, "n": 3, "momentum": 0.2},
            {"layer": "LeakyReLU", "slope": 0.2},
            {"layer": "Dropout", "rate": 0.3},
            {"layer": "LayerNorm", "eps": 1e-5, "n": 3},
            {"layer": "ELU", "alpha": 1.0},
            {"layer": "GELU"},
        ],
        "loss": {"head": "huber", "delta": 2.0},
        "dtype": "float32",
    })  # fmt: skip
    for name in heads.HEADS:
        assert nn.MLP([2, 2], loss=name).config()["loss"] == name


class WithArray(Layer, operation=functions.tanh):
    """Has a field that JSON cannot hold."""

    values: Any = None


class WithTuple(Layer, operation=functions.tanh):
    """Has a field that comes back from JSON as a list."""

    shape: tuple[int, ...] = ()


class Hidden(Layer):
    """Keeps a setting that is no field."""

    def __init__(self, power: int = 1) -> None:
        super().__init__(functions.tanh)
        self.power = power


class Required(Layer):
    """Needs a setting that is no field."""

    def __init__(self, power: int) -> None:
        super().__init__(functions.tanh)


class Setting(Layer):
    """Keeps any setting as an attribute."""

    def __init__(self, setting: Any = np.sin) -> None:
        super().__init__(functions.tanh)
        self.setting = setting


def from_a_factory() -> Layer:
    def make() -> type[Layer]:
        class Made(Layer, operation=functions.tanh):
            """One of several classes with this name."""

        return Made

    first, _ = make(), make()
    return first()


def with_a_method_of_its_own() -> Layer:
    layer = nn.ReLU()
    layer.call = lambda x, **mode: nn.Call(functions.tanh)
    return layer


def with_the_name_of_a_built_in() -> Layer:
    class Dropout(Layer, operation=functions.tanh):
        """Not dropout."""

    return Dropout()


def with_the_name_of_another() -> Layer:
    class Scale(Layer, operation=functions.tanh):
        """Another class than the one above."""

    other = Scale()
    Layer.registry["Scale"] = globals()["Scale"]
    return other


def with_another_operation() -> Layer:
    layer = nn.Tanh()
    layer.operation = functions.sigmoid  # pyright: ignore[reportAttributeAccessIssue]
    return layer


REFUSED: dict[str, tuple[Callable[[], Layer], str]] = {
    "no class": (lambda: Layer(functions.tanh), "no name for its operation. Define a class for it"),
    "array": (lambda: WithArray(np.ones(2)), "holds values that JSON cannot represent"),
    "NaN": (lambda: Scale(float("nan")), "holds values that JSON cannot represent"),
    "tuple": (lambda: WithTuple((1, 2)), "its config would differ"),
    "attribute": (lambda: Hidden(3), "its attribute 'power' would differ"),
    "argument": (lambda: Required(3), "its class cannot be recreated from"),
    "built-in name": (with_the_name_of_a_built_in, "the name of Mitbadak's own Dropout.*Rename"),
    "other name": (with_the_name_of_another, r"the name of .*test_own_classes\.Scale.*Rename"),
    "operation": (with_another_operation, "its operation would differ"),
    "method": (with_a_method_of_its_own, "its attribute 'call' would differ"),
    "factory": (from_a_factory, "the name of .*Made.*Rename"),
    "NumPy scalar": (lambda: Setting(np.float32(2)), "its attribute 'setting' would differ"),
    "function": (lambda: Setting(np.cos), "its attribute 'setting' would differ"),
    "object": (lambda: Setting(object()), "its attribute 'setting' would differ"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_load_could_not_make_again_is_not_saved(case, tmp_path):
    make, message = REFUSED[case]
    net = nn.Sequential(make())
    with pytest.raises(StateError, match=f"cannot be saved: .*{message}"):
        save(net, tmp_path / "net.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_a_head_without_a_class_and_a_net_with_attributes_are_not_saved(tmp_path):
    path = tmp_path / "net.safetensors"
    net = nn.MLP([3, 2], loss=Head(functions.mean_squared_error), rng=0)
    with pytest.raises(StateError, match="no name for its operation"):
        save(net, path)
    tempered = OWN["a net"]()
    tempered.temperature = 3.0  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(StateError, match="a file does not keep its attribute 'temperature'"):
        save(tempered, path)


def test_built_in_classes_are_never_replaced_and_own_ones_by_later_ones():
    built_in = nn.Dropout
    with_the_name_of_a_built_in()
    assert Layer.registry["Dropout"] is built_in
    assert Layer.from_config({"layer": "Dropout", "rate": 0.2}).predict(X) is not None

    def cell() -> type[Layer]:
        class Twice(Layer, operation=functions.tanh):
            """A class in a cell that is run twice."""

        return Twice

    first, second = cell(), cell()
    assert Layer.registry["Twice"] is second is not first
    assert isinstance(Layer.from_config({"layer": "Twice"}), second)


def test_an_instance_from_the_first_run_of_a_cell_can_still_be_saved(tmp_path: Path):
    cell = "class Rerun(Layer, operation=functions.tanh): ..."
    notebook: dict[str, Any] = {"__name__": "notebook", "Layer": Layer, "functions": functions}
    exec(cell, notebook)
    first = notebook["Rerun"]()
    exec(cell, notebook)
    save(nn.Sequential(first), tmp_path / "net.safetensors")
    assert type(load(tmp_path / "net.safetensors").layers[0]) is notebook["Rerun"]


def test_a_class_that_was_not_imported_is_named_with_the_remedy(tmp_path: Path):
    remedy = r"did you mean 'Scale'\?.* If the class is your own, import the file that defines it"
    with pytest.raises(UnknownNameError, match=rf"unknown layer 'Scael'; {remedy} first"):
        Layer.from_config({"layer": "Scael"})
    path = tmp_path / "net.safetensors"
    config = {**nn.Sequential().config(), "layers": [{"layer": "NotImported"}]}
    write(path, Stored({}, {"net": config}))
    with pytest.raises(FormatError, match="import the file that defines"):
        load(path)


def test_methods_of_the_earlier_interface_are_adapted_or_refused():
    layer = Earlier()
    np.testing.assert_array_equal(layer.predict(X, training=True, rng=0), 6 * X)  # pyright: ignore
    np.testing.assert_array_equal(layer.compute(X).y, 6 * X)
    layer.forward(X)
    np.testing.assert_array_equal(layer.backward(np.ones_like(X)), np.full(X.shape, 6.0))
    with pytest.raises(StateError, match="differs in training, so its predict must take training="):

        class Deaf(Layer, operation=functions.tanh):
            differs_in_training = True

            def predict(self, x):  # pyright: ignore[reportIncompatibleMethodOverride]
                return x

    with pytest.raises(StateError, match="defines news, which is now called updated_buffers"):

        class Observing(nn.BatchNorm):
            def news(self, observed, batch):
                return {}

    with pytest.warns(DeprecationWarning, match="set differs_in_training = True"):

        class Modal(nn.ModalLayer):
            def call(self, x, *, training=False, rng=None) -> Call:
                return Call(functions.tanh)

    assert nn.Sequential(Modal()).mode_dependent
    net = Tempered([3, 2], dropout=0.5, batch_norm=True, rng=0)
    net = nn.Sequential(nn.Dropout(0.5), *net.layers)
    net.__class__ = Tempered
    with pytest.raises(StateError, match=r"Tempered.scores does not take training=, but the net"):
        net.loss(X, T, training=True, rng=0)


def test_an_own_vjp_cannot_update_buffers_unnoticed():
    class Half(nn.BatchNorm):
        """A batch normalization whose pullback is halved."""

        def vjp(self, x, *, training=None, rng=None):
            y, (to_x, *others) = super().vjp(x, training=training, rng=rng)
            return y, (lambda dy: to_x(dy) / 2, *others)

    assert isinstance(Half(3).compute(X, training=False), LayerResult)
    with pytest.raises(StateError, match="overrides vjp, which does not return updated buffers"):
        Half(3).compute(X, training=True)


def test_a_layer_without_an_operation_says_what_it_needs():
    class Empty(Layer):
        """Has neither operation nor call."""

    with pytest.raises(StateError, match=r"Empty\(\) has no operation. Give its class one"):
        Empty().predict(X)


def test_only_defaults_of_arguments_that_are_not_kept_vanish_from_the_class():
    class Kept(Layer, operation=functions.tanh):
        """Has a class attribute with the name of an argument."""

        power = 3

        def __init__(self, power: int = 2, operation: object = None) -> None:
            super().__init__()

    assert Kept().power == 3  # pyright: ignore[reportAttributeAccessIssue]
    np.testing.assert_array_equal(Kept().predict(X), np.tanh(X))
    assert not hasattr(nn.Affine, "dtype")
    assert nn.LeakyReLU.slope == 0.01
