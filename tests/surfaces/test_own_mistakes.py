"""Classes of users with something left out: what is missing is said where it shows first."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

START = """
import json, sys, warnings
import numpy as np
import mitbadak as mb
warnings.simplefilter("ignore")
x, t = np.random.default_rng(0).normal(size=(20, 4)), np.arange(20) % 3

def fit(net=None, **options):
    options = {"callbacks": [], "epochs": 1, **options}
    return mb.fit(net or mb.MLP([4, 5, 3], rng=0), x, t, **options)

answers = {}
for source in json.load(sys.stdin):
    try:
        exec(source, dict(globals()))
        answers[source] = ["", ""]
    except Exception as error:
        ours = isinstance(error, mb.MitbadakError)
        answers[source] = ["ours" if ours else type(error).__name__, str(error)]
print(json.dumps(answers))
"""
OPTIMIZER = "class Mine(mb.Optimizer):\n"
NO_SUPER = "    def __init__(self, lr=0.1): self.beta = 0.9\n"
RULE = "    def decrement(self, key, gradient, lr): return lr * gradient\n"
CASES = {
    OPTIMIZER + NO_SUPER + RULE + "fit(optimizer=Mine())": "must call super().__init__(lr)",
    OPTIMIZER + NO_SUPER + RULE + "Mine().update({'W': np.ones(2)}, {'W': np.ones(2)})":
        "must call super().__init__(lr)",
    OPTIMIZER + NO_SUPER + RULE + "repr(Mine())": "must call super().__init__(lr)",
    OPTIMIZER + NO_SUPER + RULE + "Mine().lr": "must call super().__init__(lr)",
    OPTIMIZER + "    pass\nfit(optimizer=Mine(0.1))": "def decrement(self, key, gradient, lr)",
    OPTIMIZER + "    def decrement(self, key, gradient): return gradient":
        "Mine.decrement must take key, gradient, lr",
    OPTIMIZER + "    def decrement(self, key, gradient, lr): pass\nfit(optimizer=Mine(0.1))":
        "decrement must return an array of the parameter's shape",
    OPTIMIZER + "    def decrement(self, key, gradient, lr): return 0.1\nfit(optimizer=Mine(0.1))":
        "decrement must return an array of the parameter's shape",
    "class Mine(mb.Schedule): pass\nfit(optimizer=mb.SGD(Mine()))": "def rate(self, done)",
    "class Mine(mb.Layer):\n    def __init__(self): self.y = 1\n"
    "mb.Sequential(mb.Affine(4, 3), Mine()).predict(x)": "class Mine(Layer, operation=...)",
    "class Mine(mb.Callback):\n    def __init__(self): self.n = 0\n"
    "    def on_epoch_end(self, trainer, row): self.n += 1\nfit(callbacks=[Mine()])": "",
    "class Mine(mb.Callback):\n    def on_epoch_end(self, trainer): pass":
        "on_epoch_end must take trainer, row",
    "class Mine(mb.Callback):\n    def before_update(self, trainer, loss): pass":
        "before_update must take trainer, loss, grads",
    "class Mine:\n    def on_epoch_end(self, trainer, row): pass\nfit(callbacks=[Mine()])":
        "must be derived from mb.Callback",
    "class Mine(mb.Head): pass\nmb.MLP([4, 3], loss=Mine()).loss(x, t)":
        "class Mine(Head, operation=...)",
    "class Mine(mb.Head, operation=mb.mean_squared_error):\n    def __init__(self): self.a = 1\n"
    "mb.MLP([4, 3], loss=Mine()).loss(x, np.zeros((20, 3)))": "",
    "class Mine(mb.Sequential):\n    def __init__(self): self.a = 1\nMine().predict(x)":
        "must call super().__init__(...)",
    "class Mine(mb.MLP):\n    def __init__(self): pass\nmb.fit(Mine(), x, t)":
        "must call super().__init__(...)",
    "fit(augment=lambda x: x)": "augment expects a function of two arguments",
    "fit(augment=lambda x, rng: None)": "augment must return the 20 examples",
    "fit(augment=lambda x, rng: x[:3])": "augment must return the 20 examples",
    "fit(augment='flip')": "augment expects a function",
    "fit(augment=lambda x, rng: x.astype(str))": "expects x as numbers",
    "fit(validation=x)": "validation expects a share in [0, 1) to split off, a pair (x, t)",
    "fit(validation=[x, t])": "",
    "fit(validation=(x,))": "validation expects a pair (x, t)",
    "fit(validation=(x, t, t))": "validation expects a pair (x, t)",
    "fit(validation={'x': x})": "validation expects a share",
    "fit(validation=True)": "validation must lie in [0, 1)",
    "fit(test=x)": "test expects a pair (x, t)",
    "mb.fit(mb.MLP([4, 3]))": "fit needs train",
    "mb.fit(mb.MLP([4, 3]), x)": "Give the labels too",
    "mb.fit(mb.MLP([4, 3]), x[:2])": "Give the labels too",
    "mb.fit(mb.MLP([4, 3]), list(zip(x, t)))": "mb.fit(net, *zip(*train))",
    "mb.fit(mb.MLP([4, 3]), {'data': x, 'target': t})":
        "mb.fit(net, train['data'], train['target'])",
    "mb.fit(mb.MLP([4, 3]), {'a': x, 'b': t})": "mb.fit(net, train['a'], train['b'])",
    "mb.fit(mb.MLP([4, 3]), iter([(x, t)]))":
        "x, t = map(np.concatenate, zip(*train)), then mb.fit(net, x, t)",
    "fit(test={'x': x, 't': t})": "test=(test['x'], test['t'])",
    "fit(test=list(zip(x, t)))": "test=tuple(zip(*test))",
    "mb.fit(mb.MLP([4, 3]), *zip(*zip(x, t)), epochs=1, callbacks=[])": "",
    "fit(test=tuple(zip(*list(zip(x, t)))))": "",
    "mb.fit(x, t)": "got an array of shape (20, 4)",
    "mb.fit(mb.MLP([4, 3]), 'data.csv')": "a pair (x, t) or a Dataset; got 'data.csv'",
    "mb.Affine(4, 3, init=lambda: 0)": "init expects a function of (rng, shape)",
    "mb.Convolution(1, 2, 3, init=lambda: 0)": "Convolution: init expects a function",
    "mb.Convolution(1, 2, 3, init=lambda rng, shape: 0)": "its initializer to return (2, 1, 3, 3)",
    "mb.Affine(4, 3, init=lambda shape: np.zeros(shape))": "expects a function of (rng, shape)",
    "mb.Affine(4, 3, init=lambda rng, shape: None)": "its initializer to return",
    "mb.Affine(4, 3, init=lambda rng, shape: np.zeros(3))": "its initializer to return (4, 3)",
    "mb.Affine(4, 3, init=np.zeros)": "init expects a function of (rng, shape)",
    "mb.Chain(mb.SGD(), name='x')": "unknown argument of Chain 'name'",
    "mb.Chain('adam')": "Write Chain(",
    "mb.Groups({'b*': 'sgd'})": "Groups expects optimizers",
    "mb.Groups([mb.SGD()])": "Groups expects optimizers",
    "mb.gradient_descent(lambda x: (x**2).sum(), np.ones(2), steps=3)": "did you mean 'step_num'",
    "mb.gradient_descent(lambda: 1, np.ones(2))": "f expects a function of one argument",
}  # fmt: skip


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", START], input=json.dumps(list(CASES)), capture_output=True,
        text=True, check=True, cwd=tmp_path_factory.mktemp("own"),
    )  # fmt: skip
    return json.loads(done.stdout)


@pytest.mark.parametrize("source", CASES)
def test_what_is_missing_is_said(source: str, answers: dict[str, list[str]]) -> None:
    kind, message = answers[source]
    assert kind == ("ours" if CASES[source] else ""), message
    assert CASES[source] in message


def test_an_error_of_the_users_own_passes_through() -> None:
    source = "def f(x):\n    raise ZeroDivisionError('mine')\nmb.numerical_gradient(f, np.ones(2))"
    done = subprocess.run([sys.executable, "-c", START], input=json.dumps([source]),
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert json.loads(done.stdout)[source] == ["ZeroDivisionError", "mine"]
