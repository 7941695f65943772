"""Gradient checking: right gradients pass, and each deliberate fault is detected and named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st

import mitbadak as mb
from gradcheck.nets import BookNet, SquaresNet
from mitbadak import functions as f
from mitbadak.core.errors import (
    DtypeError,
    GradientError,
    NonFiniteError,
    RangeError,
    ShapeError,
    StateError,
    UnknownNameError,
)
from mitbadak.functions.differentiable import differentiable
from mitbadak.gradcheck import assert_gradients, check_gradients
from mitbadak.nn import Affine, Layer, Sequential
from strategies import sizes

Gradient = dict[str, Any]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("fault", ["sum for mean", ""])
def test_a_sum_over_outputs_instead_of_their_mean_is_named(fault, seed):
    rng = np.random.default_rng(seed)
    n_in, n_hidden, more = rng.integers(2, 8, 3)
    n_out = int(rng.integers(3, 8))  # a factor of 2 could be the missing one half as well
    batch = n_out + more  # as many examples as outputs would give both faults the same factor
    net = SquaresNet(n_in, n_hidden, n_out, fault, rng)
    report = check_gradients(net, rng.normal(size=(batch, n_in)), rng.normal(size=(batch, n_out)))
    assert report.ok == (not fault)
    assert [cause.name for cause in report.causes[:1]] == [fault] * bool(fault), str(report)


FAULTS = (
    "missing 1/batch", "mean for sum", "sign", "transpose", "wrong axis",
    "missing derivative of the sigmoid", "stale cache", "1e-7 in the logarithm",
)  # fmt: skip


def drawn(fault: str, seed: int) -> tuple[BookNet, np.ndarray, np.ndarray]:
    """A net of random sizes with a fault, and a batch on which the fault is possible."""
    rng = np.random.default_rng(seed)
    n_in, n_hidden, n_out, batch = rng.integers(2, 8, 4)
    if fault == "transpose":
        n_hidden = n_out  # with other sizes it would not run
    net = BookNet(n_in, n_hidden, n_out, fault, rng)
    return net, rng.normal(size=(batch, n_in)), rng.integers(0, n_out, batch)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_detected_and_its_cause_named_first(fault, seed):
    net, x, t = drawn(fault, seed)
    report = check_gradients(net, x, t)
    assert not report.ok
    assert report.causes[0].name == fault, str(report)
    assert report.causes[0].name in str(report)


@pytest.mark.parametrize("seed", range(100))
def test_right_gradients_of_the_books_net_pass(seed):
    net, x, t = drawn("", seed)
    report = check_gradients(net, x, t)
    assert report.ok, str(report)
    assert not report.causes


@given(
    sizes=sizes(deepest=4),
    activation=st.sampled_from(["sigmoid", "tanh", "relu", "identity"]),
    loss=st.sampled_from(["softmax_cross_entropy", "mean_squared_error", "sum_squared_error"]),
    batch=st.integers(1, 6),
    mode=st.sampled_from(["full", "directions"]),
    seed=st.integers(0, 2**32 - 1),
)
@example([4, 2, 6, 3, 5], "relu", "mean_squared_error", 5, "full", 14173316)  # a gentle kink
@settings(max_examples=20)
def test_right_gradients_of_random_nets_pass(sizes, activation, loss, batch, mode, seed):
    rng = np.random.default_rng(seed)
    net = mb.MLP(sizes, activation, init=1.0, loss=loss, rng=rng)
    x, t = rng.normal(size=(batch, sizes[0])), rng.integers(0, sizes[-1], batch)
    report = check_gradients(net, x, t, mode=mode)
    assert report.ok, str(report)
    assert report.mode == mode


class Faulty(mb.MLP):
    """A net whose gradient is modified before it is returned."""

    change: Callable[[Gradient, np.ndarray], Gradient]

    def gradient(self, x, t, **mode) -> Gradient:
        return type(self).change(super().gradient(x, t, **mode), np.asarray(x))


@pytest.mark.parametrize("mode", ["full", "directions"])
@pytest.mark.parametrize("share", [1e-3, 1e-5])
def test_a_slightly_wrong_gradient_is_detected(share, mode):
    Faulty.change = staticmethod(lambda g, x: g | {"W2": g["W2"] * (1 + share)})
    net = Faulty([4, 5, 3], rng=0, init=1.0)
    x, t = np.random.default_rng(0).normal(size=(6, 4)), np.arange(6) % 3
    report = check_gradients(net, x, t, mode=mode)
    assert [f.name for f in report.findings if f.verdict == "wrong"] == ["W2"]
    with pytest.raises(GradientError, match=r"The gradient is wrong in W2.\n"):
        report.raise_if_failed()
    with pytest.raises(AssertionError, match="wrong in W2"):
        assert_gradients(net, x, t)


def test_a_single_wrong_entry_is_detected_and_shown():
    def change(g: Gradient, x: np.ndarray) -> Gradient:
        g["W1"][2, 1] *= 1.01
        return g

    Faulty.change = staticmethod(change)
    net = Faulty([4, 5, 3], rng=0, init=1.0)
    x, t = np.random.default_rng(0).normal(size=(6, 4)), np.arange(6) % 3
    (wrong,) = [f for f in check_gradients(net, x, t).findings if f.verdict == "wrong"]
    assert (wrong.name, wrong.at) == ("W1", (2, 1))
    assert wrong.analytic / wrong.numerical == pytest.approx(1.01, rel=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda g, x: {k: v for k, v in g.items() if k != "b1"}, "b1 .* has no entry for it"),
        (lambda g, x: g | {"W1": g["W1"].T}, r"shape \(5, 4\) instead of \(4, 5\)"),
        (
            lambda g, x: g | {"b2": g["b2"] * np.nan},
            r"b2 .* NaN in 3 of 3 entries, first at \(0,\)",
        ),
    ],
)
def test_a_gradient_of_the_wrong_form_is_reported_as_such(change, message):
    Faulty.change = staticmethod(change)
    net = Faulty([4, 5, 3], rng=0)
    report = check_gradients(net, np.ones((6, 4)), np.arange(6) % 3)
    with pytest.raises(GradientError, match=message):
        report.raise_if_failed()


def test_a_missing_mean_over_the_outputs_is_named():
    Faulty.change = staticmethod(lambda g, x: {k: v * 3 for k, v in g.items()})
    net = Faulty([4, 5, 3], rng=0, init=1.0, loss="mean_squared_error")
    x, t = np.random.default_rng(0).normal(size=(7, 4)), np.arange(7) % 3
    report = check_gradients(net, x, t)
    assert report.causes[0].name == "sum for mean"
    assert "mean over 3 outputs" in report.causes[0].explanation


def test_entries_that_are_zero_on_both_sides_are_not_tested():
    x = np.random.default_rng(0).normal(size=(6, 4))
    x[:, 1] = 0
    report = check_gradients(mb.MLP([4, 5, 3], rng=0), x, np.arange(6) % 3)
    assert [f.not_tested for f in report.findings] == [5, 0, 0, 0]
    reason = "5 belong to 1 input that is 0 in all 6 examples: both sides are exactly 0"
    assert report.findings[0].reasons == (reason,)
    assert f"5 of 20 not tested ({reason})" in str(report)
    report = check_gradients(lambda a: np.sum(a * 0.0), np.ones(3))
    assert report.findings[0].verdict == "not tested"
    assert report.verdict == "Nothing was tested: every entry is 0 on both sides."
    assert report.ok


def batch_norm_net(x, W1, gamma1, beta1, W2, gamma2, beta2, W3, b3, *, t) -> Any:
    """The book's net with batch normalization after each of two affine layers."""
    y = f.relu(mb.batch_norm(x @ W1, gamma1, beta1))
    y = f.relu(mb.batch_norm(y @ W2, gamma2, beta2))
    return f.softmax_cross_entropy(y @ W3 + b3, t)


@pytest.mark.parametrize("batch", [1, 6])
def test_the_books_check_of_batch_norm_tests_little_on_one_example(batch):
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(batch, 12)), rng.integers(0, 5, batch)
    params = [
        rng.normal(size=(12, 10)) * 0.3, np.ones(10), np.zeros(10),
        rng.normal(size=(10, 8)) * 0.3, np.ones(8), np.zeros(8),
        rng.normal(size=(8, 5)) * 0.3, np.zeros(5),
    ]  # fmt: skip
    report = check_gradients(lambda *p: batch_norm_net(x, *p, t=t), *params)
    verdicts = [finding.verdict for finding in report.findings]
    assert report.ok, str(report)
    if batch == 6:
        assert verdicts == ["right"] * 8
        return
    # One example is its own mean: y is beta exactly, 0, where the ReLU has its kink.
    assert verdicts == ["not tested"] * 5 + ["kink", "not tested", "right"]
    assert report.verdict.endswith("entries were not.")
    kink = report.findings[5]
    assert kink.analytic == 0
    assert abs(kink.numerical) > 1e-3


def test_a_kink_is_examined_from_both_sides():
    report = check_gradients(f.relu, np.array([0.0, 1.0, -2.0]))
    (finding,) = report.findings
    assert (finding.verdict, finding.kinks, finding.at) == ("kink", 1, (0,))
    # A kink within h but not at the point only affects that h.
    near = check_gradients(f.relu, np.array([3e-5, -2e-5, 1.0]))
    assert near.findings[0].verdict == "right"

    @differentiable
    def leaning(x):  # a ReLU with a nonzero slope on its left side
        return np.maximum(x, 0.0), (lambda dy: np.where(x > 0, dy, 0.3 * dy),)

    wrong = check_gradients(leaning, np.array([0.0, 1.0]))
    assert wrong.findings[0].verdict == "wrong"


def test_functions_are_checked_with_their_graph_or_a_given_gradient():
    def g(x, y):
        return np.sum(np.sin(x) * y**2)

    x, y = np.array([0.3, 1.2]), np.array([[1.0], [2.0]])
    assert check_gradients(g, x, y).ok
    by_hand = lambda x, y: (np.sum(np.cos(x) * y**2, axis=0), 2 * y * np.sum(np.sin(x)))  # noqa: E731
    right = check_gradients(g, x, y, gradient=by_hand)
    assert right.ok
    wrong = check_gradients(g, x, y, gradient=lambda x, y: (np.cos(x), 2 * y))
    assert [f.verdict for f in wrong.findings] == ["wrong", "wrong"]
    with pytest.raises(ShapeError, match="gradient returned 1 arrays for 2 arguments"):
        check_gradients(g, x, y, gradient=lambda x, y: [x])
    with pytest.raises(DtypeError, match="f returned a plain number for variables"):
        check_gradients(lambda x: 3.0, x)


def test_operations_with_labels_are_checked_where_they_are_differentiable():
    x = np.random.default_rng(0).normal(size=(4, 3))
    report = check_gradients(f.softmax_cross_entropy, x, np.array([0, 2, 1, 1]))
    assert [finding.name for finding in report.findings] == ["argument 0"]
    assert report.ok
    single = check_gradients(f.affine, x.astype(np.float32), np.ones((3, 2)), np.zeros(2))
    assert single.ok
    assert single.notes == ("argument 0 is float32; it was checked in float64",)


class Refusing(BookNet):
    """A net whose loss raises an error."""

    def loss(self, x, t) -> float:
        raise ValueError("no such width")


def test_a_loss_that_is_not_finite_or_fails_is_reported_and_leaves_the_net_unchanged():
    with pytest.raises(NonFiniteError, match="the loss is nan, so it has no slope"):
        check_gradients(lambda x: np.sum(np.log(x)), np.array([-1.0, 1.0]))
    net = Refusing(2, 3, 2, "", np.random.default_rng(0))
    net.params.update({name: p.astype(np.float32) for name, p in net.params.items()})
    before = dict(net.params)
    with pytest.raises(ValueError, match="no such width"):
        check_gradients(net, np.ones((2, 2)), np.array([0, 1]))
    assert all(net.params[name] is p for name, p in before.items())
    with pytest.raises(RangeError, match="h must be a finite number above 0"):
        check_gradients(f.sigmoid, np.ones(2), h=0.0)
    with pytest.raises(RangeError, match="rtol must be a finite number above 0"):
        check_gradients(f.sigmoid, np.ones(2), rtol=-1.0)


def test_a_kink_of_gentle_slopes_is_a_kink():
    def gentle(x):
        return 1.0 + 1e-6 * np.sum(np.maximum(x, 0.0))

    report = check_gradients(gentle, np.array([0.0, 1.0]))
    assert report.findings[0].verdict == "kink"


class Noisy(mb.MLP):
    def loss(self, x, t, **mode) -> float:
        return super().loss(x, t, **mode) + np.random.default_rng().normal()


class Deaf:
    """A net whose layers keep their own copies of the arrays."""

    def __init__(self) -> None:
        self.W = np.ones((2, 2))
        self.params = {"W1": self.W}

    def loss(self, x, t) -> float:
        return float(np.sum(x @ self.W))

    def gradient(self, x, t) -> Gradient:
        return {"W1": self.W}


def test_subjects_that_cannot_be_checked_are_refused():
    x, t = np.ones((2, 2)), np.array([0, 1])
    with pytest.raises(StateError, match="not the same when computed twice"):
        check_gradients(Noisy([2, 2], rng=0), x, t)
    with pytest.raises(ShapeError, match=r"expects inputs and labels \(x, t\); got 1"):
        check_gradients(mb.MLP([2, 2], rng=0), x)
    with pytest.raises(UnknownNameError, match="unknown mode 'fulll'; did you mean 'full'"):
        check_gradients(mb.MLP([2, 2], rng=0), x, t, mode="fulll")
    with pytest.raises(DtypeError, match=r"expects a net .* got int"):
        check_gradients(3, x)
    with pytest.raises(DtypeError, match="at least one array of floats"):
        check_gradients(f.sigmoid, np.arange(3))


def test_a_foreign_net_gets_its_own_arrays_back():
    net, x, t = drawn("", 3)
    net.params.update({name: p.astype(np.float32) for name, p in net.params.items()})
    before = dict(net.params)
    report = check_gradients(net, x, t)
    assert report.ok, str(report)
    assert "params['W1'] is float32; a float64 copy replaced it during the check" in report.notes
    assert all(net.params[name] is p for name, p in before.items())


def test_a_net_that_does_not_read_its_params_is_refused():
    deaf = Deaf()
    deaf.params = {"W1": np.ones((2, 2))}
    with pytest.raises(StateError, match="does not change when its params do"):
        check_gradients(deaf, np.ones((2, 2)), np.array([0, 1]))


class Bent(Layer):
    """A user's layer with a wrong pullback."""

    def __init__(self) -> None:
        super().__init__(differentiable(lambda x: (np.sin(x), (lambda dy: dy * np.cos(x) * 1.1,))))


def test_unknown_layers_are_checked_by_the_definition():
    net = Sequential(Affine(3, 4, rng=0, init=1.0), Bent(), Affine(4, 2, rng=1, init=1.0))
    report = check_gradients(net, np.random.default_rng(0).normal(size=(5, 3)), np.arange(5) % 2)
    assert [f.verdict for f in report.findings] == ["wrong", "wrong", "right", "right"]


def test_large_subjects_are_compared_along_random_directions():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(300, 100))
    report = check_gradients(lambda x: np.sum(np.sin(x) * a), rng.normal(size=(300, 100)))
    assert report.mode == "directions"
    assert report.ok
    assert report.findings[0].entries == 8
