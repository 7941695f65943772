"""Losses and layers of users, whose values broadcast by accident: refused where they are formed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.core.errors import DtypeError, MitbadakError, ShapeError
from mitbadak.nn import Head, Layer

X = np.random.default_rng(0).normal(size=(6, 4))


@mb.differentiable
def absolute_error(scores, t):
    sign = np.sign(scores - t) / scores.size
    return np.mean(np.abs(scores - t)), (lambda dy: dy * sign, None)


@mb.differentiable
def hinge(scores, t):
    rows, n = np.arange(len(t)), len(t)
    margins = np.maximum(0, 1 + scores - scores[rows, t][:, None])
    margins[rows, t] = 0
    share = (margins > 0) / n
    share[rows, t] -= share.sum(axis=1)
    return margins.sum() / n, (lambda dy: dy * share, None)


@mb.differentiable
def entries(scores, t):
    return np.abs(scores - t), (lambda dy: dy, None)


@mb.differentiable
def summed(scores, t):
    return np.mean((scores - t) ** 2), (lambda dy: dy * (scores - t).sum(axis=0), None)


class DistanceError(Head, operation=absolute_error):
    """Of real targets."""

    for_regression = True


class Unsaid(Head, operation=absolute_error):
    """The same, which does not say that it is for real targets."""


class Derived(mb.MeanSquaredError, operation=absolute_error):
    """Of a built-in class."""


class Hinge(Head, operation=hinge):
    """Of class indices."""


class Entries(Head, operation=entries):
    """No number."""

    for_regression = True


class Summed(Head, operation=summed):
    """A gradient of another shape."""

    for_regression = True


USES: dict[str, Callable[[Any, Any], Any]] = {
    "loss": lambda net, t: net.loss(X, t),
    "gradient": lambda net, t: net.gradient(X, t),
    "numerical gradient": lambda net, t: net.numerical_gradient(X, t, progress=False),
    "graph": lambda net, t: net.graph(X, t),
    "evaluate": lambda net, t: mb.evaluate(net, X, t),
    "fit": lambda net, t: mb.fit(net, X, t, epochs=1, callbacks=[]),
    "check": lambda net, t: mb.check_gradients(net, X, t),
}
OF_REAL_TARGETS = [DistanceError, Unsaid, Derived, lambda: Head(absolute_error)]


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("head", OF_REAL_TARGETS)
@pytest.mark.parametrize(("n_out", "shape"), [(1, (6,)), (1, (1, 6)), (1, (1, 1)), (3, (6, 1)),
                                              (3, (1, 3)), (3, (3,)), (6, (6,))])  # fmt: skip
def test_targets_of_another_shape_never_broadcast(
    n_out: int, shape: tuple[int, ...], head: Callable[[], Head], use: str
) -> None:
    net = mb.MLP([4, 5, n_out], loss=head(), rng=0, dtype="float64")
    with pytest.raises(MitbadakError, match=r"expects t of shape|same number of examples"):
        USES[use](net, np.ones(shape))


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("head", OF_REAL_TARGETS)
@pytest.mark.parametrize("n_out", [1, 3])
def test_targets_of_the_shape_of_the_scores_are_taken(
    n_out: int, head: Callable[[], Head], use: str
) -> None:
    net = mb.MLP([4, 5, n_out], loss=head(), rng=0, dtype="float64")
    assert USES[use](net, np.full((6, n_out), 5.0)) is not None


def test_class_indices_are_taken_by_losses_of_classes_alone() -> None:
    t = np.array([0, 2, 1, 0, 1, 2])
    net = mb.MLP([4, 5, 3], loss=Hinge(), rng=0, dtype="float64")
    for name in USES.keys() - {"graph"}:
        assert USES[name](net, t) is not None
    with pytest.raises(DtypeError, match=r"Hinge\(\) expects t of shape \(6, 3\).*as integers"):
        net.loss(X, t * 1.0)
    with pytest.raises(ShapeError, match=r"DistanceError\(\) expects t of shape \(6, 3\)"):
        mb.MLP([4, 5, 3], loss=DistanceError(), rng=0).loss(X, t)


def test_the_message_names_what_would_come_of_it_and_what_to_write() -> None:
    net = mb.MLP([4, 5, 1], loss=DistanceError(), rng=0)
    with pytest.raises(ShapeError) as problem:
        net.loss(X, np.ones(6))
    assert str(problem.value) == (
        "DistanceError() expects t of shape (6, 1), that of the scores; got (6,), which would "
        "broadcast to (6, 6). Use t[:, None]."
    )


@pytest.mark.parametrize("use", ["loss", "gradient", "evaluate", "fit"])
def test_a_loss_that_is_no_number_is_refused(use: str) -> None:
    net = mb.MLP([4, 5, 2], loss=Entries(), rng=0)
    with pytest.raises(ShapeError, match=r"must be a number; its operation returned.*\(6, 2\)"):
        USES[use](net, np.ones((6, 2)))


@pytest.mark.parametrize("use", ["gradient", "fit"])
def test_a_gradient_of_another_shape_than_the_scores_is_refused(use: str) -> None:
    net = mb.MLP([4, 5, 2], loss=Summed(), rng=0)
    with pytest.raises(ShapeError, match=r"pullback of the scores must return.*\(6, 2\); got \(2"):
        USES[use](net, np.ones((6, 2)))


@pytest.mark.parametrize("use", ["gradient", "fit"])
def test_a_layers_gradient_of_another_shape_than_x_is_refused(use: str) -> None:
    @mb.differentiable
    def doubled(x):
        return 2 * x, (lambda dy: 2 * dy.sum(axis=0),)

    class Doubled(Layer, operation=doubled):
        """Its pullback sums over the batch."""

    net = mb.Sequential(mb.Affine(4, 5, rng=0), Doubled(), mb.Affine(5, 2, rng=1))
    with pytest.raises(ShapeError, match=r"Doubled\(\): the pullback of x must return the shape"):
        USES[use](net, np.array([0, 1, 0, 1, 0, 1]))


def test_real_targets_of_an_own_loss_have_no_accuracy() -> None:
    net = mb.MLP([4, 5, 3], loss=DistanceError(), rng=0)
    t = np.random.default_rng(0).normal(size=(6, 3))
    assert mb.evaluate(net, X, t).keys() == {"loss"}
    assert "train_accuracy" not in mb.fit(net, X, t, epochs=1, callbacks=[]).names


def test_a_loss_of_targets_of_another_form_says_so() -> None:
    @mb.differentiable
    def weighted(scores, t):
        error = scores - t[:, :1]
        return np.mean(t[:, 1:] * error**2), (
            lambda dy: 2 * dy * t[:, 1:] * error / error.size, None)  # fmt: skip

    class Weighted(Head, operation=weighted):
        """Targets with the weight of each example beside them."""

        for_regression = True

        def check_shapes(self, scores, targets):
            if targets.shape != (len(scores), 2):
                raise ShapeError("Weighted expects a target and a weight for each example.")

    net = mb.MLP([4, 5, 1], loss=Weighted(), rng=0, dtype="float64")
    assert mb.check_gradients(net, X, np.ones((6, 2))).ok
    with pytest.raises(ShapeError, match="a target and a weight"):
        net.loss(X, np.ones(6))
