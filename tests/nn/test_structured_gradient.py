"""The structured numerical gradient equals the definition's and uses no derivative."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, strategies as st

import mitbadak as mb
from mitbadak.core.errors import DtypeError, LabelError, ShapeError
from mitbadak.nn import MLP, Affine, Layer, Sequential, Sigmoid, structured_gradient
from mitbadak.nn.activations import ACTIVATIONS
from nets import HEADS, targets_of
from strategies import sizes


@given(
    sizes=sizes(deepest=4),
    activation=st.sampled_from(list(ACTIVATIONS)),
    loss=st.sampled_from(HEADS),
    form=st.sampled_from(["classes", "rows", "floats"]),
    batch=st.integers(1, 5),
    density=st.sampled_from([0.0, 0.4, 1.0]),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_structured_gradient_equals_the_definition(
    sizes, activation, loss, form, batch, density, seed
):
    rng = np.random.default_rng(seed)
    net = MLP(sizes, activation, init=0.7, loss=loss, rng=rng, dtype=np.float64)
    x = rng.normal(size=(batch, sizes[0])) * (rng.random((batch, sizes[0])) < density)
    t = targets_of(loss, form, batch, sizes[-1], rng)
    definition = net.numerical_gradient(x, t, structured=False, progress=False)
    structured = net.numerical_gradient(x, t)
    assert list(structured) == list(definition)
    for name in definition:
        np.testing.assert_allclose(structured[name], definition[name], atol=1e-9)


def test_at_a_kink_it_equals_the_definition_too():
    """At a ReLU's kink a central difference averages both sides; no derivative does."""
    net = MLP([2, 3, 2], "relu", rng=0, dtype=np.float64)
    x = np.zeros((1, 2))  # every unit sits exactly on its kink
    definition = net.numerical_gradient(x, [1], structured=False)
    structured = net.numerical_gradient(x, [1])
    backprop = net.gradient(x, [1])
    for name in definition:
        np.testing.assert_allclose(structured[name], definition[name], atol=1e-11)
    assert not np.allclose(structured["b1"], backprop["b1"], atol=1e-3)


def test_it_detects_a_wrong_backward_pass(monkeypatch):
    from mitbadak import functions

    net = Sequential(
        Affine(4, 3, rng=0, dtype=np.float64), Sigmoid(), Affine(3, 2, rng=1, dtype=np.float64)
    )
    x, t = np.random.default_rng(0).normal(size=(5, 4)), [0, 1, 0, 1, 1]
    right = net.gradient(x, t)
    body = functions.sigmoid.vjp

    def wrong(x):
        y, (pullback,) = body(x)
        return y, (lambda dy: 1.001 * pullback(dy),)

    monkeypatch.setattr(functions.sigmoid, "vjp", wrong)
    numerical = net.numerical_gradient(x, t)
    np.testing.assert_allclose(numerical["W1"], right["W1"], atol=1e-8)
    assert np.abs(net.gradient(x, t)["W1"] - numerical["W1"]).max() > 1e-5


def test_passes_over_parts_of_the_rows_give_the_same_gradient(monkeypatch, rng):
    net = MLP([6, 4, 3], rng=rng, dtype=np.float64)
    x, t = rng.normal(size=(7, 6)), rng.integers(0, 3, 7)
    at_once = net.numerical_gradient(x, t)
    monkeypatch.setattr(structured_gradient, "ROWS_AT_ONCE", 5)
    for name, g in net.numerical_gradient(x, t).items():
        np.testing.assert_allclose(g, at_once[name], atol=1e-14)


def test_a_single_example_and_any_h_are_supported(rng):
    net = MLP([3, 2], rng=rng, dtype=np.float64)
    x = rng.normal(size=3)
    for h in (1e-2, 1e-5):
        definition = net.numerical_gradient(x, 1, h=h, structured=False)
        for name, g in net.numerical_gradient(x, 1, h=h).items():
            np.testing.assert_allclose(g, definition[name], atol=1e-9)


def test_nets_without_the_structure_follow_the_definition(rng):
    """A user's layer may couple entries, so the whole net is evaluated for every parameter."""

    class Doubled(Layer):
        def __init__(self):
            super().__init__(mb.tanh)

        def predict(self, x, **mode):
            return super().predict(x, **mode) * 2.0

    net = Sequential(Affine(3, 2, rng=0, dtype=np.float64), Doubled())
    assert not structured_gradient.has_structure(net.layers, net.head)
    x, totals = rng.normal(size=(2, 3)), []
    gradient = net.numerical_gradient(x, [0, 1], progress=lambda *a: totals.append(a[1]))
    definition = net.numerical_gradient(x, [0, 1], structured=False)
    assert totals[0] == 16  # two evaluations for each of eight parameters
    for name in definition:
        np.testing.assert_array_equal(gradient[name], definition[name])


@pytest.mark.parametrize("structured", [True, False])
@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "mean_squared_error"])
@pytest.mark.parametrize(
    ("x", "t"),
    [
        (np.zeros((0, 3)), np.zeros((0, 2))),
        (np.zeros((4, 3)), np.zeros(2)),
        (np.zeros((4, 3)), np.zeros((4, 1))),
        (np.zeros((4, 3)), np.zeros((1, 2))),
        (np.zeros((4, 3)), [0, 1, 0, 2]),
    ],
    ids=["empty", "one row for all", "a column", "one example's", "out of range"],
)
def test_labels_that_the_definition_refuses_are_refused_here_too(x, t, loss, structured):
    """Labels of another shape would silently broadcast to a wrong gradient."""
    net = MLP([3, 2], loss=loss, rng=0)
    with pytest.raises((ShapeError, LabelError, DtypeError)):
        net.numerical_gradient(x, t, structured=structured)


def test_progress_counts_units(rng):
    reports = []
    net = MLP([3, 4, 2], rng=rng)
    net.numerical_gradient(rng.normal(size=(2, 3)), [0, 1], progress=lambda *a: reports.append(a))
    assert [report[:2] for report in reports] == [(n, 6) for n in range(1, 7)]


@pytest.mark.slow
def test_the_whole_mnist_net_equals_the_definition():
    """All 39,760 parameters, batch 100: the definition takes 79,520 evaluations.

    In a process of its own, without the checks of types, which take most of the time.
    """
    script = """if True:
        import numpy as np
        import mitbadak as mb
        (x, t), _ = mb.load_mnist()
        net = mb.TwoLayerNet(784, 50, 10, rng=0, dtype=np.float64)
        structured = net.numerical_gradient(x[:100], t[:100])
        definition = net.numerical_gradient(
            x[:100], t[:100], structured=False, progress=False
        )
        for name in definition:
            np.testing.assert_allclose(structured[name], definition[name], atol=1e-9)
        print(sum(array.size for array in definition.values()))
    """
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "39760\n"), done.stderr
