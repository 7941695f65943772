"""Every deterministic number that the five notes print, or that follows from what they run."""

from __future__ import annotations

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.descent import ellipse, sphere
from mitbadak.nn import Affine, Sequential

T = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
Y1 = np.array([0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0])
Y2 = np.array([0.1, 0.05, 0.1, 0.0, 0.05, 0.1, 0.0, 0.6, 0.0, 0.0])


def function_2(x):
    return x[0] ** 2 + x[1] ** 2


# Chapter 3: functions


def test_sum_squared_error_prints_what_the_note_prints():
    assert float(mb.sum_squared_error(Y1, T)) == 0.09750000000000003
    assert float(mb.sum_squared_error(Y2, T)) == 0.5975


@pytest.mark.parametrize("t", [T, 2], ids=["one-hot", "index"])
def test_cross_entropy_error_prints_what_the_note_prints(t):
    assert float(mb.cross_entropy_error(Y1, t)) == 0.510825457099338
    assert float(mb.cross_entropy_error(Y2, t)) == 2.302584092994546


def test_cross_entropy_error_is_the_mean_over_the_batch():
    both = mb.cross_entropy_error(np.stack([Y1, Y2]), [2, 2])
    assert float(both) == pytest.approx((0.510825457099338 + 2.302584092994546) / 2, rel=1e-15)


def test_cross_entropy_error_is_capped_by_its_epsilon():
    assert float(mb.cross_entropy_error(np.eye(2), [1, 0])) == pytest.approx(16.118095651)


def test_the_books_softmax_example():
    y = mb.softmax(np.array([0.3, 2.9, 4.0]))
    np.testing.assert_allclose(y, [0.01821127, 0.24519181, 0.73659691], atol=5e-9)


def test_the_books_numerical_derivatives():
    def f(x):
        return 0.01 * x**2 + 0.1 * x

    assert mb.numerical_diff(f, 5) == 0.1999999999990898
    assert mb.numerical_diff(f, 10) == 0.2999999999986347


# Chapter 4: gradient and descent


@pytest.mark.parametrize(("x", "printed"), [((3, 4), (6, 8)), ((0, 2), (0, 4)), ((3, 0), (6, 0))])
def test_the_three_gradients_of_the_notes(x, printed):
    g = mb.numerical_gradient(function_2, np.array(x, float))
    assert str(g.round(8) + 0.0) == str(np.array(printed, float))


def test_the_gradient_unrounded():
    g = mb.numerical_gradient(function_2, np.array([3.0, 4.0]))
    assert g.tolist() == [6.00000000000378, 7.999999999999119]


@pytest.mark.parametrize(
    ("lr", "printed"),
    [
        (0.1, "[-6.11110793e-10  8.14814391e-10]"),
        (1e-10, "[-2.99999994  3.99999992]"),
        (10.0, "[-2.58983747e+13 -1.29524862e+12]"),
    ],
)
def test_the_three_descents_of_the_notes(lr, printed):
    x, _ = mb.gradient_descent(function_2, np.array([-3.0, 4.0]), lr=lr)
    assert str(x) == printed


def test_the_descent_with_a_hundredth():
    # 100 steps of x <- 0.98 x
    x, _ = mb.gradient_descent(function_2, np.array([-3.0, 4.0]), lr=0.01)
    np.testing.assert_allclose(x, 0.98**100 * np.array([-3.0, 4.0]), rtol=1e-9)
    np.testing.assert_allclose(x, [-0.39785867, 0.53047822], rtol=1e-8)


def test_the_points_of_the_notes_figure():
    result = mb.gradient_descent(function_2, np.array([-3.0, 4.0]), lr=0.1, step_num=20)
    assert result.history.shape == (20, 2)
    np.testing.assert_allclose(result.history[0], [-3, 4])
    np.testing.assert_allclose(result.history[-1], [-0.04323456, 0.05764607], atol=5e-9)


def test_the_named_surfaces_are_the_notes_and_the_books():
    for x in ([-3.0, 4.0], [0.5, -1.25], [-7.0, 2.0]):
        assert sphere(np.array(x)) == function_2(x)
        assert ellipse(np.array(x)) == x[0] ** 2 / 20.0 + x[1] ** 2


def test_simple_net_with_the_books_weights():
    net = Sequential(Affine(2, 3, bias=False, dtype=np.float64))
    net.params["W1"] = [
        [0.47355232, 0.9977393, 0.84668094],
        [0.85557411, 0.03563661, 0.69422093],
    ]
    x, t = np.array([0.6, 0.9]), np.array([0, 0, 1])
    p = net.scores(x)
    np.testing.assert_allclose(p, [1.05414809, 0.63071653, 1.1328074], rtol=1e-8)
    assert p.argmax() == 2
    assert net.loss(x, t) == pytest.approx(0.92806853663411, rel=1e-7)
    dW = [[0.21924757, 0.14356243, -0.36281], [0.32887136, 0.21534364, -0.5442150]]
    np.testing.assert_allclose(net.gradient(x, t)["W1"], dW, atol=2e-7)
    np.testing.assert_allclose(net.numerical_gradient(x, t)["W1"], dW, atol=2e-7)


def test_simple_net_as_the_notes_type_it():
    """With ``cross_entropy_error`` and its 1e-7, through f(W) that ignores its argument."""
    W = np.array([[0.47355232, 0.9977393, 0.84668094], [0.85557411, 0.03563661, 0.69422093]])
    x, t = np.array([0.6, 0.9]), np.array([0, 0, 1])

    def f(_):
        return mb.cross_entropy_error(mb.softmax(x @ W), t)

    assert float(f(W)) == pytest.approx(0.92806829, abs=5e-9)
    dW = [[0.21924757, 0.14356243, -0.36281], [0.32887136, 0.21534364, -0.5442150]]
    np.testing.assert_allclose(mb.numerical_gradient(f, W), dW, atol=2e-7)


def test_the_shapes_of_the_two_layer_net():
    net = mb.TwoLayerNet(input_size=784, hidden_size=100, output_size=10, rng=0)
    shapes = {name: p.shape for name, p in net.params.items()}
    assert shapes == {"W1": (784, 100), "b1": (100,), "W2": (100, 10), "b2": (10,)}
    assert list(net.params) == ["W1", "b1", "W2", "b2"]


def test_the_three_layer_net_of_chapter_3_has_its_shapes():
    net = mb.MLP([784, 50, 100, 10], rng=0)
    assert [p.shape for p in net.params.values()] == [
        (784, 50), (50,), (50, 100), (100,), (100, 10), (10,),
    ]  # fmt: skip
    assert net.predict(np.zeros(784)).shape == (10,)
    assert net.predict(np.zeros((100, 784))).shape == (100, 10)


def test_an_evaluation_count_is_what_the_notes_would_wait_for():
    """784-50-10 has 39,760 parameters, each moved both ways: 79,520 evaluations."""
    net = mb.TwoLayerNet(784, 50, 10, rng=0)
    assert 2 * sum(p.size for p in net.params.values()) == 79_520


# The second book, chapter 1


def test_the_spiral_of_the_notes():
    x, t = mb.load_spiral(1984, one_hot=True)
    assert x.shape == (300, 2)
    assert t.shape == (300, 3)
    assert x[1].tolist() == [-0.00097698643152699, 0.009952160444476976]
    assert x[-1].tolist() == [-0.5974310265949212, 0.7894150799558737]
    assert x.sum() == -13.916731190759947
    assert t.argmax(axis=1).tolist() == [0] * 100 + [1] * 100 + [2] * 100


def test_repeat_and_sum_nodes_have_the_shapes_of_the_notes(rng):
    """Repeat (1, 8) -> (7, 8) goes back by a sum to (1, 8); Sum is its dual."""
    from mitbadak.functions import primitives

    x, dy = rng.normal(size=(1, 8)), rng.normal(size=(7, 8))
    y, (repeat_back, _) = primitives.broadcast_to.vjp(x, (7, 8))
    assert y.shape == (7, 8)
    np.testing.assert_array_equal(repeat_back(dy), dy.sum(axis=0, keepdims=True))
    y, (sum_back,) = primitives.sum.vjp(dy, axis=0, keepdims=True)
    assert y.shape == (1, 8)
    assert sum_back(x).shape == (7, 8)
    assert (sum_back(x) == x).all()


# MNIST


def test_the_share_of_sixes_that_a_broken_update_printed_for_ever():
    """0.09863333 and 0.0958: what a net scores that answers 6 for everything."""
    (_, t_train), (_, t_test) = mb.load_mnist(normalize=False)
    assert float(np.mean(t_train == 6)) == 0.09863333333333334
    assert float(np.mean(t_test == 6)) == 0.0958


def test_a_fresh_net_has_a_loss_of_ln_10():
    net = mb.TwoLayerNet(784, 50, 10, rng=0)
    (_, _), (x, t) = mb.load_mnist()
    assert net.loss(x[:1000], t[:1000]) == pytest.approx(np.log(10), abs=0.01)
