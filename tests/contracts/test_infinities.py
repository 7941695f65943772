"""Numbers at the limits of floats: masked logits, overflowing squares, and norms of both."""

from __future__ import annotations

import math

import numpy as np
import pytest

import mitbadak as mb
from mitbadak import functions, nn, optim
from mitbadak.functions import normalization
from mitbadak.graph import Variable, grad
from mitbadak.optim import SGD, AdaGrad, Adam, AdamW, Chain, ClipNorm, RMSProp, global_norm

INF = math.inf
FORMS = {  # labels that point at classes 0 and 1 only
    "index": [0], "one-hot": [[1, 0, 0]], "distribution": [[0.25, 0.75, 0.0]],
}  # fmt: skip
MASKED = np.array([[0.0, 1.0, -INF]])


def orders(loss, scores, t):
    """The loss, its gradient, and the gradient of the gradient's weighted sum."""
    x = Variable(scores)
    y = loss(x, t)
    first = grad(y, x, create_graph=True)
    weights = np.arange(1.0, scores.size + 1).reshape(scores.shape)
    return y.item(), np.asarray(first.value), grad(np.sum(first * weights), x)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("form", FORMS)
def test_a_masked_class_adds_nothing_up_to_the_second_order(form, dtype):
    """The result is the same as without the column of the class."""
    t, scores = FORMS[form], MASKED.astype(dtype)
    without = t if form == "index" else np.array(t)[:, :2]
    loss, first, second = orders(functions.softmax_cross_entropy, scores, t)
    inner = orders(functions.softmax_cross_entropy, scores[:, :2], without)
    assert loss == pytest.approx(inner[0], rel=1e-6)
    np.testing.assert_allclose(first, np.hstack([inner[1], [[0]]]), rtol=1e-6)
    np.testing.assert_allclose(second, np.hstack([inner[2], [[0]]]), rtol=1e-5, atol=1e-7)
    head = nn.SoftmaxCrossEntropy()
    assert head.loss(scores, t) == loss
    np.testing.assert_array_equal(head.vjp(scores, t)[1](1.0), first)
    assert first.dtype == dtype


def test_the_masked_logit_of_the_literature():
    # -log(1 / (1 + e)) = log(1 + e) = 1.3133 for logits 0, 1, -inf and label 0.
    assert float(mb.softmax_cross_entropy(MASKED, [0])) == pytest.approx(math.log1p(math.e))


@pytest.mark.parametrize("t", [[2], [[0, 0, 1]], [[0.5, 0.25, 0.25]]])
def test_a_label_of_a_masked_class_gives_an_infinite_loss(t):
    loss, first, _ = orders(functions.softmax_cross_entropy, MASKED, t)
    assert loss == INF
    rows = np.eye(3)[t] if np.ndim(t) == 1 else np.array(t)
    np.testing.assert_allclose(first, mb.softmax(MASKED) - rows, rtol=1e-12)


def test_the_loss_is_nan_if_all_classes_are_masked():
    with np.errstate(invalid="ignore"):
        assert math.isnan(mb.softmax_cross_entropy(np.full((1, 3), -INF), [0]))


def test_nan_in_the_logit_of_another_class_is_not_hidden():
    assert math.isnan(mb.softmax_cross_entropy(np.array([[0.0, 1.0, np.nan]]), [0]))


@pytest.mark.parametrize("f", [functions.softmax, functions.log_softmax])
def test_rows_with_a_masked_logit_have_a_derivative(f):
    value, (pullback,) = f.vjp(MASKED)
    np.testing.assert_allclose(value[:, :2], f(MASKED[:, :2]))
    assert value[0, 2] == (0 if f is functions.softmax else -INF)
    inner = f.vjp(MASKED[:, :2])[1][0](np.array([[1.0, 2.0]]))
    np.testing.assert_allclose(pullback(np.array([[1.0, 2.0, 0.0]])), np.hstack([inner, [[0]]]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("logit", "t", "loss", "slope"),
    [(INF, 1, 0, 0), (INF, 0, INF, 1), (INF, 0.25, INF, 0.75),
     (-INF, 0, 0, 0), (-INF, 1, INF, -1), (-INF, 0.25, INF, -0.25)],
)  # fmt: skip
def test_an_infinite_logit_gives_a_loss_of_0_or_infinity(logit, t, loss, slope, dtype):
    """The other logit, 0.5 with t = 1, adds log(1 + exp(-0.5)), with slope sigmoid(0.5) - 1."""
    scores, rows = np.array([[logit, 0.5]], dtype), np.array([[t, 1.0]])
    result, first, second = orders(functions.sigmoid_cross_entropy, scores, rows)
    assert result == pytest.approx((loss + math.log1p(math.exp(-0.5))) / 2, rel=1e-6)
    s = 1 / (1 + math.exp(-0.5))
    np.testing.assert_allclose(first, [[slope / 2, (s - 1) / 2]], rtol=1e-6)
    np.testing.assert_allclose(second, [[0, 2 * s * (1 - s) / 2]], rtol=1e-6, atol=1e-12)
    assert nn.SigmoidCrossEntropy().loss(scores, rows) == result


def test_probabilities_of_0_without_a_label_add_nothing():
    y, t = np.array([[0.0, 1.0]]), np.array([[0.0, 1.0]])
    loss, (pullback, _) = functions.cross_entropy_error.vjp(y, t)
    assert float(loss) == pytest.approx(-math.log(1 + 1e-7))
    assert pullback(1.0)[0, 0] == 0


def test_a_net_with_a_masked_class_has_the_numerical_gradient_of_its_definition(rng):
    net = nn.MLP([3, 4, 3], init=0.5, rng=0, dtype=np.float64)
    net.params["b2"] = [0.0, 0.0, -INF]
    x, t = rng.normal(size=(5, 3)), [0, 1, 0, 1, 1]
    exact = net.gradient(x, t)
    for structured in (True, False):
        result = net.numerical_gradient(x, t, structured=structured, progress=False)
        for name, g in result.items():
            np.testing.assert_allclose(g, exact[name], atol=1e-7)


# Normalization


HUGE = {np.float32: (1e25, 1e38), np.float64: (1e160, 1e300)}


@pytest.mark.parametrize("dtype", HUGE)
@pytest.mark.parametrize("name", ["batch_norm", "layer_norm"])
def test_columns_whose_squares_overflow_are_normalized_like_others(name, dtype, rng):
    operation = getattr(normalization, name)
    x = rng.normal(size=(4, 4)).astype(dtype)
    gamma, beta, dy = np.ones(4, dtype), np.zeros(4, dtype), rng.normal(size=(4, 4)).astype(dtype)
    ordinary = operation(x, gamma, beta, eps=1e-30)
    for scale in HUGE[dtype]:
        huge = x * (dtype(scale) / np.abs(x).max())
        y, pullbacks = operation.vjp(huge, gamma, beta)[:2]
        np.testing.assert_allclose(y, ordinary, rtol=1e-4, atol=1e-4)
        assert y.dtype == dtype
        expected = operation.vjp(x, gamma, beta, eps=1e-30)[1]
        for i in (1, 2):
            np.testing.assert_allclose(pullbacks[i](dy), expected[i](dy), rtol=1e-3, atol=1e-3)
        back = pullbacks[0](dy) * (dtype(scale) / np.abs(x).max())
        np.testing.assert_allclose(back, expected[0](dy), rtol=1e-3, atol=1e-3)
        # One huge column or row changes no bit of the others.
        mixed = x.copy()
        first = (slice(None), 0) if name == "batch_norm" else (0, slice(None))
        mixed[first] = huge[first]
        rest = (slice(None), slice(1, None)) if name == "batch_norm" else (slice(1, None),)
        np.testing.assert_array_equal(
            operation(mixed, gamma, beta)[rest], operation(x, gamma, beta)[rest]
        )


def test_eps_bounds_a_vanishing_variance():
    for x in (np.full((3, 2), 1e-200), np.array([[1e-200, 0.0], [3e-200, 0.0]])):
        y = normalization.batch_norm(x, np.ones(2), np.zeros(2))
        np.testing.assert_allclose(y, 0, atol=1e-190)


# Norms of gradients


SIZES = {
    "float64": (np.float64, [1e200, 1e155, 1e154, 1.0, 1e-154, 1e-200, 1e-300]),
    "float32": (np.float32, [3e37, 1e20, 1.0, 1e-20, 1e-37]),
}


@pytest.mark.parametrize(("dtype", "sizes"), SIZES.values(), ids=SIZES)
def test_a_norm_is_accurate_at_every_size_and_clipped_to_every_limit(dtype, sizes):
    for size in sizes:
        grads = {"W": np.array([3 * size, 0.0], dtype), "b": np.array([4 * size], dtype)}
        norm = global_norm(grads)
        assert norm == pytest.approx(5 * size, rel=1e-6)
        for limit in (1.0, 1e-30, 5 * size / 3):
            result = ClipNorm(limit)({}, grads)
            if limit >= norm:
                np.testing.assert_array_equal(result["W"], grads["W"])
                continue
            np.testing.assert_allclose(result["W"], [0.6 * limit, 0], rtol=1e-6)
            np.testing.assert_allclose(result["b"], [0.8 * limit], rtol=1e-6)
            assert result["W"].dtype == dtype


def test_an_overflowing_norm_is_clipped_too():
    huge = {"W": np.full(4, 1.7e308)}
    assert global_norm(huge) == INF
    np.testing.assert_allclose(ClipNorm(1.0)({}, huge)["W"], 0.5)
    np.testing.assert_allclose(
        ClipNorm(1.0)({}, {"W": np.full(4, 3e38, np.float32)})["W"], 0.5, rtol=1e-6
    )


def test_ordinary_norms_keep_their_bits(rng):
    for _ in range(20):
        grads = {"W": rng.normal(size=(5, 4)), "b": rng.normal(size=4)}
        norm = math.sqrt(sum(float(g.ravel() @ g.ravel()) for g in grads.values()))
        assert global_norm(grads) == norm
        np.testing.assert_array_equal(
            ClipNorm(0.5)({}, grads)["W"], grads["W"] * (0.5 / norm) if norm > 0.5 else grads["W"]
        )


def test_an_update_by_clipped_gradients_has_the_length_of_the_limit():
    params = {"W": np.zeros(2)}
    Chain(ClipNorm(1.0), SGD(1.0)).update(params, {"W": np.array([1e200, 1e200])})
    np.testing.assert_allclose(params["W"], -math.sqrt(0.5), rtol=1e-12)


@pytest.mark.parametrize("kind", [Adam, AdamW, AdaGrad, RMSProp])
def test_rules_with_squares_are_correct_up_to_the_largest_float_and_refuse_beyond(kind):
    for dtype, largest in ((np.float32, 1e19), (np.float64, 1e154)):
        params = {"W": np.zeros(2, dtype)}
        kind(0.1).update(params, {"W": np.array([largest, 1.0], dtype)})
        assert params["W"][0] == pytest.approx(params["W"][1], rel=1e-4)  # both by the sign
        with pytest.raises(mb.MitbadakError, match=r"whose square float.*Clip it first: Chain\("):
            kind(0.1).update(params, {"W": np.array([20 * largest, 1.0], dtype)})
        Chain(ClipNorm(1.0), kind(0.1)).update(params, {"W": np.array([20 * largest, 1.0], dtype)})
        assert np.isfinite(params["W"]).all()


def test_every_rule_with_squares_is_tested():
    square = {k for k in optim.OPTIMIZERS.values() if k.squares}
    assert square == {Adam, AdamW, AdaGrad, RMSProp}
    for kind in square:  # a slot that is never negative holds squares
        rule = kind(0.1)
        rule.update({"W": np.zeros(1)}, {"W": np.array([-2.0])})
        assert any(kept["W"][0] > 0 for kept in rule.state.values())
