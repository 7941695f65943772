"""A frozen net gives the same answers as the net itself, on either engine."""

from __future__ import annotations

import copy
import pickle
import threading

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

import mitbadak as mb
from kernels import WHY_NOT, needs_kernels
from mitbadak.core.engines import ENGINES
from mitbadak.core.errors import DtypeError, ShapeError, StateError
from strategies import sizes


@given(
    sizes=sizes(deepest=4),
    activation=st.sampled_from(["sigmoid", "tanh", "relu", "identity"]),
    loss=st.sampled_from(["softmax_cross_entropy", "mean_squared_error"]),
    batch=st.integers(0, 80),
    engine=st.sampled_from(ENGINES),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=100)
def test_answers_are_those_of_the_net(sizes, activation, loss, batch, engine, seed):
    assume(engine != "compiled" or not WHY_NOT)
    rng = np.random.default_rng(seed)
    net = mb.MLP([*sizes[:-1], 30, sizes[-1]], activation, init=1.0, loss=loss, rng=rng)
    x = rng.normal(size=(batch, sizes[0])) * 3
    predictor = mb.Predictor(net, engine=engine)
    np.testing.assert_allclose(predictor.predict(x), net.predict(x), rtol=2e-5, atol=2e-5)
    for one in x[:2]:
        np.testing.assert_allclose(predictor.predict(one), net.predict(one), rtol=2e-5, atol=2e-5)
    plain = mb.Sequential(*net.layers, loss=loss)
    answers = mb.Predictor(plain, engine=engine).predict(x)
    np.testing.assert_allclose(answers, plain.predict(x), rtol=2e-5, atol=2e-5)


def test_later_changes_of_the_net_do_not_matter():
    net = mb.TwoLayerNet(4, 3, 2, rng=0)
    x = np.ones((5, 4), np.float32)
    predictor, before = mb.Predictor(net), net.predict(x)
    net.params["W1"] += 1
    np.testing.assert_allclose(predictor.predict(x), before, rtol=1e-6)
    assert not np.allclose(net.predict(x), before, rtol=1e-6)


def test_concurrent_calls_get_their_own_answers():
    net = mb.MLP([20, 200, 3], rng=0)
    x = np.random.default_rng(0).normal(size=(500, 20)).astype(np.float32)
    expected, predictor, wrong = net.predict(x), mb.Predictor(net), []

    def ask(start: int) -> None:
        for i in range(start, 500, 4):
            for rows in (x[i], x[i : i + 3]):
                answer = predictor.predict(rows)
                if not np.allclose(answer, expected[i : i + 3][: len(answer)] if rows.ndim == 2
                                   else expected[i], atol=1e-5):  # fmt: skip
                    wrong.append(i)

    threads = [threading.Thread(target=ask, args=[start]) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@needs_kernels
def test_the_number_of_threads_does_not_change_the_answers(monkeypatch):
    net = mb.MLP([300, 400, 10], "relu", rng=0)
    x = np.random.default_rng(0).normal(size=(1000, 300)).astype(np.float32)
    answers = []
    for processors in (1, 3):
        for module in ("scores", "team"):
            name = f"mitbadak.native.{module}.processors"
            monkeypatch.setattr(name, lambda n=processors: n)
        answers.append(mb.Predictor(net, engine="compiled").predict(x))
    np.testing.assert_array_equal(*answers)


def test_inputs_and_nets_that_do_not_fit_are_refused():
    predictor = mb.Predictor(mb.TwoLayerNet(4, 3, 2, rng=0))
    with pytest.raises(ShapeError, match=r"'W1' expects x of shape \(batch, 4\) or \(4,\); got"):
        predictor.predict(np.ones(5))
    with pytest.raises(DtypeError, match="got bytes up to 255"):
        predictor.predict(np.full(4, 255, np.uint8))
    double = mb.MLP([4, 2], rng=0, dtype=np.float64)
    assert mb.Predictor(double).engine.name == "numpy"
    if mb.Predictor(mb.TwoLayerNet(4, 3, 2, rng=0)).engine.name == "compiled":
        with pytest.raises(StateError, match="cannot run this net: kernels support float32"):
            mb.Predictor(double, engine="compiled")


class Doubtful(mb.MLP):
    """A net that rounds its answers."""

    def answer(self, scores: np.ndarray) -> np.ndarray:
        return np.round(super().answer(scores), 1)


def test_a_net_that_overrides_answer_is_predicted_on_numpy():
    net = Doubtful([4, 2], rng=0)
    predictor = mb.Predictor(net)
    assert predictor.engine.name == "numpy"
    np.testing.assert_array_equal(predictor.predict(np.ones(4)), net.predict(np.ones(4)))


@pytest.mark.parametrize("engine", ["auto", "numpy"])
def test_a_predictor_can_be_copied_and_pickled(engine):
    x = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    predictor = mb.Predictor(mb.MLP([4, 3, 2], rng=0), engine=engine)
    for twin in (copy.deepcopy(predictor), pickle.loads(pickle.dumps(predictor))):
        assert twin.engine.name == predictor.engine.name
        np.testing.assert_array_equal(twin.predict(x), predictor.predict(x))


@pytest.mark.parametrize("name", ["scores", "answer", "predict"])
@pytest.mark.parametrize("of_the_instance", [False, True])
def test_a_net_with_a_method_of_its_own_answers_with_it(name, of_the_instance):
    class Doubled(mb.MLP):
        pass

    net = Doubled([4, 8, 3], rng=0)
    own = getattr(net, name)
    doubled = lambda *args, **options: 2 * own(*args, **options)  # noqa: E731
    if of_the_instance:
        setattr(net, name, doubled)
    else:
        setattr(Doubled, name, lambda self, *args, **options: doubled(*args, **options))
    x = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    np.testing.assert_array_equal(mb.Predictor(net).predict(x), net.predict(x))


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_images_that_a_net_flattens_are_predicted_in_batches_of_any_size(batch):
    net = mb.Sequential(mb.nn.Flatten(), mb.Affine(4, 3, rng=0))
    x = np.random.default_rng(0).normal(size=(batch, 2, 2)).astype(np.float32)
    answers = mb.Predictor(net).predict(x)
    assert answers.shape == (batch, 3)
    np.testing.assert_allclose(answers, net.predict(x), rtol=1e-5)
