"""A learner's own ``numerical_gradient``: made fast only where it is the definition."""

from __future__ import annotations

import ast
import sys

import numpy as np
import pytest

from book.recognition import learners
from book.recognition.learners import TwoLayerNet, batch
from mitbadak.book.recognition import Recognizer, step_of, with_wrapped_definitions, wrap
from mitbadak.functions.numerical import numerical_gradient


def notes_in_one_dimension(f, x):
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


def below_first_and_backwards(f, x):
    h = 1e-5
    grad = np.empty(x.shape)
    for at in reversed(list(np.ndindex(*x.shape))):
        value = x[at]
        x[at] = value - h
        below = f(x)
        x[at] = value + h
        grad[at] = (f(x) - below) / (2 * h)
        x[at] = value
    return grad


def on_the_flat_view(f, x):
    flat, h = x.reshape(-1), 1e-4
    grad = np.zeros(flat.size)
    for i, value in enumerate(flat.copy()):
        flat[i] = value + h
        above = f(x)
        flat[i] = value - h
        grad[i] = (above - f(x)) / (2 * h)
        flat[i] = value
    return grad.reshape(x.shape)


def forward_difference(f, x):
    h, grad, before = 1e-4, np.zeros_like(x), f(x)
    for at in np.ndindex(*x.shape):
        value = x[at]
        x[at] = value + h
        grad[at] = (f(x) - before) / h
        x[at] = value
    return grad


def divided_by_h(f, x):
    return 2 * learners.numerical_gradient(f, x)


def never_restored(f, x):
    h, grad = 1e-4, np.zeros_like(x)
    for at in np.ndindex(*x.shape):
        x[at] += h
        above = f(x)
        x[at] -= 2 * h
        grad[at] = (above - f(x)) / (2 * h)
    return grad


def rows_of_the_notes(f, x):
    """``range(len(x))`` on a matrix: each row is moved as a whole."""
    h, grad = 1e-4, np.zeros_like(x)
    for idx in range(len(x)):
        tmp_val = x[idx].copy()
        x[idx] = tmp_val + h
        fxh1 = f(x)
        x[idx] = tmp_val - h
        fxh2 = f(x)
        grad[idx] = (fxh1 - fxh2) / (2 * h)
        x[idx] = tmp_val
    return grad


def of_copies(f, x):
    """Gives f a copy, which an f that ignores its argument never sees."""
    h, grad = 1e-4, np.zeros_like(x)
    for at in np.ndindex(*x.shape):
        above, below = x.copy(), x.copy()
        above[at] += h
        below[at] -= h
        grad[at] = (f(above) - f(below)) / (2 * h)
    return grad


def a_sign_wrong(f, x):
    return -learners.numerical_gradient(f, x)


def one_entry_wrong(f, x):
    grad = learners.numerical_gradient(f, x)
    grad.flat[-1] = 0
    return grad


def in_float32(f, x):
    return learners.numerical_gradient(f, x).astype(np.float32)


def that_prints(f, x):
    print("gradient")
    return learners.numerical_gradient(f, x)


def only_small_arrays(f, x):
    if x.size > 50:
        return np.zeros_like(x)
    return learners.numerical_gradient(f, x)


def other_entries_of_large_arrays(f, x):
    if x.size <= 50:
        return learners.numerical_gradient(f, x)
    return forward_difference(f, x)


DEFINITIONS = {
    learners.numerical_gradient: 1e-4, numerical_gradient: 1e-4, below_first_and_backwards: 1e-5,
    on_the_flat_view: 1e-4,
}  # fmt: skip
FAULTY = [
    forward_difference, divided_by_h, never_restored, rows_of_the_notes, of_copies, a_sign_wrong,
    one_entry_wrong, in_float32, that_prints, only_small_arrays, other_entries_of_large_arrays,
]  # fmt: skip


def silent():
    return Recognizer(say=lambda line: None)


def a_net(rng):
    net = TwoLayerNet(20, 8, 8, 1.0, rng=rng)
    return net, *batch(rng, 10, 20, 8)


@pytest.mark.parametrize("own", DEFINITIONS)
def test_a_definition_is_known_by_what_it_does(own, rng):
    assert step_of(own, 2) == DEFINITIONS[own]
    net, x, t = a_net(rng)
    recognizer = silent()
    calls = []

    def counted(f, W):
        calls.append(W.shape)
        return own(f, W)

    fast = wrap(counted, recognizer)
    loss_W = lambda W: net.loss(x, t)  # noqa: E731
    for key in ("W1", "b1", "W2", "b2"):
        value = net.params[key]
        result = fast(loss_W, value)
        assert recognizer.why is None
        # The two definitions with h = 1e-5 round ten times as much.
        np.testing.assert_allclose(result, own(loss_W, value), rtol=0, atol=1e-9)
    assert recognizer.last is not None
    probes = [shape for shape in calls if shape in ((7,), (3, 4))]
    assert len(probes) == 2, "found out once for each number of axes"


def test_one_dimension_only():
    assert step_of(notes_in_one_dimension, 1) == 1e-4
    assert step_of(notes_in_one_dimension, 2) is None
    with pytest.raises(IndexError):
        wrap(notes_in_one_dimension, silent())(np.sum, np.ones((70, 2)))


@pytest.mark.parametrize("own", FAULTY)
def test_a_faulty_one_keeps_its_numbers(own, rng, capsys):
    net, x, t = a_net(rng)
    twin = {key: value.copy() for key, value in net.params.items()}
    loss_W = lambda W: net.loss(x, t)  # noqa: E731
    plain = own(loss_W, net.params["W1"])
    written, left = capsys.readouterr().out, net.params["W1"].copy()
    net.params["W1"][...] = twin["W1"]
    fast = wrap(own, silent())(loss_W, net.params["W1"])
    np.testing.assert_array_equal(fast, plain)
    assert capsys.readouterr().out == written
    np.testing.assert_array_equal(net.params["W1"], left)


def test_small_arrays_and_other_calls_are_passed_on(rng):
    seen = []

    def own(f, x, h=1e-4):
        seen.append((f, x, h))
        return "own"

    fast = wrap(own, silent())
    assert fast.__name__ == "own"
    small, large = np.ones(3), np.ones(100)
    assert fast(np.sum, small) == fast(np.sum, large, 1e-3) == fast(np.sum, x=large) == "own"
    assert fast(np.sum, [1.0] * 100) == "own"
    assert [(type(x), h) for _, x, h in seen[:3]] == [
        (np.ndarray, 1e-4), (np.ndarray, 1e-3), (np.ndarray, 1e-4),
    ]  # fmt: skip


SCRIPT = """
import numpy as np

def numerical_gradient(f, x):
    h = 1e-4
    grad = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
    while not it.finished:
        idx = it.multi_index
        tmp_val = x[idx]
        x[idx] = float(tmp_val) + h
        fxh1 = f(x)
        x[idx] = tmp_val - h
        fxh2 = f(x)
        grad[idx] = (fxh1 - fxh2) / (2 * h)
        x[idx] = tmp_val
        it.iternext()
    return grad

class Net:
    def __init__(self):
        self.W = np.linspace(-1, 1, 120).reshape(12, 10)

    def loss(self, x, t):
        return np.mean((np.tanh(x @ self.W) - t) ** 2)

    def numerical_gradient(self, x, t):
        return numerical_gradient(lambda W: self.loss(x, t), self.W)

net = Net()
x, t = np.linspace(0, 1, 60).reshape(5, 12), np.ones((5, 10))
grad = net.numerical_gradient(x, t)
line = __import__("sys")._getframe().f_lineno
"""


def test_definitions_in_a_script_are_wrapped():
    plain: dict = {"__name__": "__main__"}
    exec(compile(SCRIPT, "script.py", "exec"), plain)
    recognizer = silent()
    tree = with_wrapped_definitions(ast.parse(SCRIPT), "_fast")
    fast: dict = {"__name__": "__main__", "_fast": lambda own: wrap(own, recognizer)}
    exec(compile(tree, "script.py", "exec"), fast)
    assert recognizer.last is not None, recognizer.why
    np.testing.assert_allclose(fast["grad"], plain["grad"], rtol=0, atol=1e-10)
    assert fast["line"] == plain["line"]
    assert fast["Net"].numerical_gradient.__code__.co_name == "numerical_gradient"
    assert "sys" in sys.modules
