"""Every trap in the notes: what happens there, and what Mitbadak does instead.

The notes' own lines are quoted as printed, so that each test shows both the fault and the remedy.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.core.errors import DtypeError, LabelWarning, ShapeError
from mitbadak.data.batches import steps_per_epoch


def function_2(x):
    return x[0] ** 2 + x[1] ** 2


def notes_numerical_gradient(f, x):
    """As printed in three of the notes: one-dimensional, truncating integers."""
    h = 1e-4
    grad = np.zeros_like(x)
    for idx in range(x.size):
        tmp_val = x[idx]
        x[idx] = tmp_val + h
        fxh1 = f(x)
        x[idx] = tmp_val - h
        fxh2 = f(x)
        grad[idx] = (fxh1 - fxh2) / (2 * h)
        x[idx] = tmp_val
    return grad


def small_net(**options):
    return mb.TwoLayerNet(6, 5, 10, weight_init_std=0.5, rng=3, dtype=np.float64, **options)


def test_labels_as_indices_where_the_notes_expect_one_hot(rng):
    """Notes: AxisError in accuracy, ValueError in gradient; with batch 10 silently wrong."""
    net = small_net()
    x, t = rng.random((10, 6)), rng.integers(0, 10, 10)
    with pytest.raises(np.exceptions.AxisError):
        np.argmax(t, axis=1)
    y = net.predict(x)
    assert (y - t).shape == (10, 10)  # the notes' (y - t) broadcasts silently

    one_hot = mb.one_hot(t, 10)
    assert net.accuracy(x, t) == net.accuracy(x, one_hot)
    assert net.loss(x, t) == net.loss(x, one_hot)
    by_definition = net.numerical_gradient(x, t)
    for name, g in net.gradient(x, t).items():
        np.testing.assert_array_equal(g, net.gradient(x, one_hot)[name])
        np.testing.assert_allclose(g, by_definition[name], atol=1e-8)


def test_a_column_of_labels_does_not_broadcast(rng):
    net, x = small_net(), rng.random((10, 6))
    with pytest.raises(ShapeError, match=r"got \(10, 1\). Use t\[:, 0\] to drop the last axis"):
        net.loss(x, rng.integers(0, 10, (10, 1)))


def test_a_squared_error_that_would_broadcast_is_refused():
    with pytest.raises(ShapeError, match=r"would broadcast to \(10, 10\), and to a wrong loss"):
        mb.mean_squared_error(np.zeros(10), np.zeros((10, 1)))


def test_a_one_dimensional_gradient_loop_on_a_matrix():
    """Notes: IndexError, or with range(len(x)) one wrong number in every column."""
    with pytest.raises(IndexError):
        notes_numerical_gradient(lambda W: np.sum(W**2), np.ones((2, 3)))
    W = np.array([[1.0, 2.0, 3.0]])
    np.testing.assert_allclose(
        mb.numerical_gradient(lambda W: np.sum(W**2), W), [[2, 4, 6]], atol=1e-9
    )


def test_integers_are_refused_with_the_reason():
    """Notes: [25000 35000] instead of [6 8], because 3 + 1e-4 is cut off to 3."""
    wrong = notes_numerical_gradient(function_2, np.array([3, 4]))
    assert wrong.tolist() == [25000, 35000]
    with pytest.raises(DtypeError, match=r"integers cannot hold x \+ 1e-4.*x\.astype\(float\)"):
        mb.numerical_gradient(function_2, np.array([3, 4]))


def test_descent_does_not_change_the_callers_start():
    """Notes: ``x = init_x; x -= lr * grad`` changes the caller's array."""
    start = np.array([-3.0, 4.0])
    start.flags.writeable = False
    mb.gradient_descent(function_2, start, lr=0.1)
    assert start.tolist() == [-3.0, 4.0]


def test_a_gradient_lost_to_rounding_is_not_called_converged():
    """Notes: lr = 10 freezes at -2.6e13, where h = 1e-4 lies below the spacing of floats."""
    result = mb.gradient_descent(function_2, np.array([-3.0, 4.0]), lr=10.0)
    assert result.status == "gradient lost to rounding"
    assert "not a minimum" in result.explanation
    exact = mb.gradient_descent(
        function_2, np.array([-3.0, 4.0]), lr=10.0, gradient=lambda x: 2 * x
    )
    assert str(exact.x) == "[-2.25154873e+128  3.00206497e+128]"
    assert exact.status == "diverged"


def test_epochs_are_counted_in_whole_steps():
    """Notes: ``i % (60000 / 128) == 0`` holds only at 0, 1875, 3750: every fourth epoch."""
    met = [i for i in range(4000) if i % (60000 / 128) == 0]
    assert met == [0, 1875, 3750]
    assert steps_per_epoch(60000, 128) == 469
    assert steps_per_epoch(60000, 100) == 600

    x, t = np.zeros((10, 2)), np.arange(10) % 2
    history = mb.fit(mb.MLP([2, 2], rng=0), (x, t), batch_size=3, epochs=5, callbacks=[])
    assert history["step"] == [0, 4, 8, 12, 16, 20]


def test_epoch_0_is_measured_before_the_first_update():
    """Notes: the first row they print comes after one update."""
    x, t = mb.load_spiral()
    net = mb.TwoLayerNet(2, 10, 3, rng=0)
    before = net.loss(x, t)
    history = mb.fit(net, (x, t), epochs=1, batch_size=30, callbacks=[], rng=0)
    assert history[0]["epoch"] == 0
    assert history[0]["step"] == 0
    assert history[0]["train_loss"] == pytest.approx(before, rel=1e-6)


def test_random_rows_as_labels_warn_and_training_refuses_them(rng):
    """Notes: ``t = np.random.rand(100, 10)`` as dummy labels, which sum to about 5."""
    net, x, t = small_net(), rng.random((8, 6)), rng.random((8, 10))
    with pytest.warns(LabelWarning, match="rows of t do not sum to 1"):
        loss = net.loss(x, t)
    expected = -np.sum(t * np.log(net.predict(x))) / 8
    assert loss == pytest.approx(expected)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LabelWarning)
        by_definition = net.numerical_gradient(x, t)
        for name, g in net.gradient(x, t).items():
            np.testing.assert_allclose(g, by_definition[name], atol=1e-7)
    with pytest.raises(mb.MitbadakError, match="row 0 is"):
        mb.fit(net, (x, t), batch_size=4, callbacks=[])


def test_bytes_as_input_are_refused_where_the_notes_lost_accuracy():
    """Notes: 0..255 pixels gave the overflow warning and 0.9207 where 0..1 gives 0.9352."""
    with pytest.warns(RuntimeWarning, match="overflow"):
        _ = 1 / (1 + np.exp(-np.array([-1000.0])))  # the notes' sigmoid
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert mb.sigmoid(np.array([-1000.0, 1000.0])).tolist() == [0.0, 1.0]
    (_, _), (pixels, _) = mb.load_mnist(normalize=False)
    with pytest.raises(DtypeError, match=r"load_mnist\(normalize=True\) or x / 255"):
        mb.TwoLayerNet(784, 50, 10, rng=0).predict(pixels[:10])


def test_the_notes_loop_trains_the_net_as_printed():
    """With ``lr * grad``; one note has ``lr + grad``, and prints 0.0986 for ever."""
    (x_train, t_train), (x_test, t_test) = mb.load_mnist(normalize=True, one_hot_label=True)
    network = mb.TwoLayerNet(input_size=784, hidden_size=50, output_size=10, rng=0)
    learning_rate, batch_size, train_size = 0.1, 100, x_train.shape[0]
    rng = np.random.default_rng(0)
    for _ in range(600):
        batch_mask = rng.choice(train_size, batch_size)
        x_batch = x_train[batch_mask]
        t_batch = t_train[batch_mask]
        grad = network.gradient(x_batch, t_batch)
        for key in ("W1", "b1", "W2", "b2"):
            network.params[key] -= learning_rate * grad[key]
    assert network.accuracy(x_test, t_test) > 0.7
    assert network.params["W1"].dtype == np.float32


def test_a_plus_instead_of_times_learns_nothing():
    """``params[key] -= learning_rate + grad[key]`` lowers every weight by 0.1 per step."""
    (x_train, t_train), (x_test, t_test) = mb.load_mnist()
    network = mb.TwoLayerNet(784, 50, 10, rng=0)
    rng = np.random.default_rng(0)
    for _ in range(60):
        batch_mask = rng.choice(60000, 100)
        grad = network.gradient(x_train[batch_mask], t_train[batch_mask])
        for key in ("W1", "b1", "W2", "b2"):
            network.params[key] -= 0.1 + grad[key]
    answers = network.predict(x_test).argmax(axis=1)
    assert len(set(answers.tolist())) == 1  # the same class for every image
    assert network.accuracy(x_test, t_test) == float(np.mean(t_test == answers[0]))


def test_the_numerical_gradient_accepts_f_that_ignores_its_argument(rng):
    """Notes: ``def f(W): return net.loss(x, t)`` works only while W is the net's own array."""
    net = small_net()
    x, t = rng.random((3, 6)), [1, 2, 3]
    g = mb.numerical_gradient(lambda _: net.loss(x, t), net.params["W2"])
    np.testing.assert_allclose(g, net.gradient(x, t)["W2"], atol=1e-8)


def test_the_spiral_needs_no_np_int():
    """Notes: ``dtype=np.int`` stops with an AttributeError since NumPy 1.24."""
    assert not hasattr(np, "int")
    assert mb.load_spiral()[1].dtype == np.int64


def test_gradients_may_be_written_into_one_array_as_in_the_second_book():
    """``self.grads[0][...] = dW`` keeps one array alive; an update through a list sees it."""
    W, kept = np.ones((2, 2)), np.zeros((2, 2))
    kept[...] = np.full((2, 2), 0.5)
    mb.SGD(lr=1.0).update([W], [kept])
    np.testing.assert_array_equal(W, 0.5)


def test_softmax_of_a_batch_is_taken_row_by_row():
    """A softmax over the whole batch was behind a gradient check that differed by 0.28."""
    x = np.array([[1.0, 2.0], [1001.0, 1003.0]])
    y = mb.softmax(x)
    np.testing.assert_allclose(y.sum(axis=1), 1.0)
    np.testing.assert_allclose(y[0], mb.softmax(x[0]))


def test_relu_has_one_slope_at_zero():
    """The book's layer says relu'(0) = 0, its relu_grad says 1."""
    _, (pullback,) = mb.relu.vjp(np.zeros(3))
    assert pullback(np.ones(3)).tolist() == [0, 0, 0]
