"""Each item of a checkup, on nets and data with a fault that it must name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from mitbadak import functions
from mitbadak.doctor.checkup.result import Checkup
from mitbadak.functions.differentiable import differentiable
from mitbadak.nn import Layer

pytestmark = pytest.mark.once


def table(n: int = 300, seed: int = 0, columns: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng((1, seed))
    centers = np.random.default_rng(1).normal(size=(3, columns)) * 1.5
    t = rng.integers(0, 3, n)
    return centers[t] + rng.normal(size=(n, columns)), t


def net_of(*widths: int, activation: str = "relu", **options: Any) -> mb.MLP:
    return mb.MLP(list(widths), activation, rng=0, **options)


def checked(net: Any, data: Any, **settings: Any) -> Checkup:
    return mb.checkup(net, data, **{"batch_size": 20, "optimizer": mb.Adam(0.01)} | settings)


def severity(result: Checkup, item: str, code: str) -> str:
    """How grave a finding of an item is."""
    return next(f.severity for f in result[item].findings if f.code == code)


def test_answers_given_with_great_certainty_are_an_initial_loss_too_high() -> None:
    net = net_of(5, 20, 3)
    net.params["W2"] *= 50
    result = checked(net, table())
    assert severity(result, "initial-loss", "initial-loss") == "warning"
    assert "times that of an answer that knows nothing" in result["initial-loss"].findings[0].text


def test_a_trained_net_is_noted() -> None:
    net = net_of(5, 20, 3)
    mb.fit(net, table(), optimizer=mb.Adam(0.02), epochs=20, batch_size=20, rng=0, callbacks=[])
    result = checked(net, table())
    assert severity(result, "initial-loss", "initial-loss") == "note"
    assert "before any training" in result["initial-loss"].findings[0].text


def test_parameters_that_are_not_finite() -> None:
    net = net_of(5, 20, 3)
    net.params["W1"][0, 0] = np.nan
    first = checked(net, table()).report.first
    assert first is not None
    assert first.code == "initial-loss"
    assert "not a finite number" in first.text


def test_the_expectation_is_log_classes_or_the_variance() -> None:
    item = checked(net_of(5, 20, 3), table())["initial-loss"]
    assert item.measures["expected"] == pytest.approx(np.log(3))
    x, _ = table()
    t = 2 * x[:, :1] + 3
    item = checked(net_of(5, 20, 1, loss="mean_squared_error"), (x, t))["initial-loss"]
    assert item.measures["expected"] == pytest.approx(t[:256].var(), rel=0.2)


def test_softmax_on_one_unit() -> None:
    x, _ = table()
    result = checked(net_of(5, 20, 1), (x, np.zeros(len(x), int)))
    assert severity(result, "initial-loss", "softmax-on-one-unit") == "fault"


def test_weights_of_zero_learn_nothing_by_heart() -> None:
    result = checked(net_of(5, 20, 20, 3, init="zeros"), table())
    assert severity(result, "one-batch", "one-batch-not-learned") == "fault"
    assert severity(result, "zeroed-inputs", "inputs-ignored") == "fault"
    assert severity(result, "learning-rate", "no-rate-learns") == "fault"
    assert severity(result, "sizes", "symmetric-weights") == "fault"
    assert severity(result, "sizes", "dead-relu") == "warning"


def test_inputs_that_reach_nothing_are_ignored() -> None:
    net = net_of(5, 20, 3)
    net.params["b1"][:] = -1000
    result = checked(net, table())
    assert severity(result, "zeroed-inputs", "inputs-ignored") == "fault"


@differentiable
def _slanted(x: np.ndarray) -> Any:
    return np.tanh(x), (lambda dy: 0.9 * dy * (1 - np.tanh(x) ** 2),)  # 0.9 is wrong


class Slanted(Layer, operation=_slanted):
    """A tanh with a wrong derivative."""


def test_a_wrong_derivative_is_named_with_the_parameters_that_it_reaches() -> None:
    net = mb.Sequential(mb.Affine(5, 10, rng=0), Slanted(), mb.Affine(10, 3, rng=1))
    result = checked(net, table())
    assert severity(result, "gradient", "gradient-wrong") == "fault"
    assert result["gradient"].findings[0].evidence["names"] == "W1, b1"


class Restless(Layer):
    """Adds noise that no seed decides."""

    def call(self, x: np.ndarray, *, training: bool | None = False, rng: Any = None) -> Any:
        noise = np.random.default_rng().normal(size=np.shape(x))
        return mb.nn.Call(functions.identity, ()) if noise is None else _with(noise)


def _with(noise: np.ndarray) -> Any:
    @differentiable
    def shifted(x: np.ndarray) -> Any:
        return x + noise.astype(np.asarray(x).dtype), (lambda dy: dy,)

    return mb.nn.Call(shifted)


def test_a_loss_that_differs_from_call_to_call() -> None:
    net = mb.Sequential(mb.Affine(5, 10, rng=0), Restless(), mb.Affine(10, 3, rng=1))
    result = checked(net, table())
    assert severity(result, "gradient", "gradient-wrong") == "warning"
    assert "differ from call to call" in result["gradient"].findings[0].text


def test_a_rate_that_diverges_is_too_large_and_the_range_is_named() -> None:
    result = checked(net_of(5, 20, 3), table(), optimizer=mb.SGD(300.0))
    assert severity(result, "learning-rate", "lr-too-large") == "fault"
    measures = result["learning-rate"].measures
    assert 0.001 < measures["low"] < measures["high"] < 30
    assert measures["low_from"] <= measures["low"] <= measures["low_to"]


def test_a_rate_with_which_a_training_gets_nowhere_is_too_small() -> None:
    result = checked(net_of(5, 20, 3), table(), optimizer=mb.SGD(1e-7), epochs=2)
    assert severity(result, "learning-rate", "lr-too-small") == "warning"
    assert result["learning-rate"].measures["low"] > 1e-5


def test_a_rate_given_apart_is_that_of_the_optimizer() -> None:
    rule = mb.Adam(0.01)
    assert checked(net_of(5, 20, 3), table(), optimizer=rule, lr=1e-3)["learning-rate"].measures[
        "asked"
    ] == pytest.approx(1e-3)
    assert rule.lr == 0.01


def test_a_net_without_nonlinearity_is_noted() -> None:
    result = checked(net_of(5, 20, 3, activation="identity"), table())
    assert severity(result, "sizes", "no-nonlinearity") == "note"


def test_saturated_units() -> None:
    net = net_of(5, 20, 20, 3, activation="sigmoid")
    net.params["W1"] *= 1e4
    net.params["b1"] += 1
    assert "saturated" in [f.code for f in checked(net, table())["sizes"].findings]


def test_gradients_that_grow_on_their_way_back() -> None:
    net = net_of(5, 20, 20, 3, activation="identity")
    net.params["W1"] *= 1e-4
    net.params["W2"] *= 1e2
    net.params["W3"] *= 1e2
    assert "exploding-gradient" in [f.code for f in checked(net, table())["sizes"].findings]


@pytest.mark.parametrize(
    ("change", "code", "grave"),
    [
        (lambda x: x * 0 + 1, "inputs-constant", "fault"),
        (lambda x: np.column_stack([x, np.ones(len(x))])[:, 1:], "columns-constant", "note"),
        (lambda x: x * 1000, "inputs-not-normalised", "warning"),
        (lambda x: x * [1, 1, 1, 1, 1e5], "inputs-not-normalised", "fault"),
    ],
)
def test_inputs(change: Any, code: str, grave: str) -> None:
    x, t = table()
    result = checked(net_of(5, 20, 3), (change(x), t), optimizer=mb.SGD(0.01) if "fault" in grave
                     else mb.Adam(0.01))  # fmt: skip
    assert code in [f.code for f in result["inputs"].findings], str(result)
    if code != "inputs-not-normalised":
        assert severity(result, "inputs", code) == grave


@pytest.mark.parametrize(
    ("outputs", "change", "code", "grave"),
    [
        (4, lambda t: t, "class-missing", "warning"),
        (3, lambda t: np.where(np.arange(len(t)) % 40, np.minimum(t, 1), 2), "class-imbalance",
         "note"),
        (3, lambda t: t * 0, "targets-constant", "fault"),
    ],
)  # fmt: skip
def test_labels(outputs: int, change: Any, code: str, grave: str) -> None:
    x, t = table()
    assert severity(checked(net_of(5, 20, outputs), (x, change(t))), "labels", code) == grave


def test_targets_far_from_zero_that_do_not_fit_the_rate() -> None:
    x, _ = table()
    data = (x, 5e5 + 1e5 * x[:, :1])
    net = net_of(5, 20, 1, loss="mean_squared_error")
    result = checked(net, data, optimizer=mb.SGD(0.1))
    assert severity(result, "labels", "targets-not-normalised") == "fault"
    assert result["one-batch"].passed  # the net is not to blame


def test_targets_that_no_answer_can_reach() -> None:
    x, _ = table()
    net = mb.Sequential(mb.Affine(5, 1, rng=0), mb.Sigmoid(), loss="mean_squared_error")
    result = checked(net, (x, 3 + x[:, :1]))
    assert severity(result, "labels", "head-does-not-fit") == "fault"


def test_labels_of_other_rows() -> None:
    train, _ = mb.mnist_datasets()
    x, t = train.batch(np.arange(400))
    shuffled = np.random.default_rng(0).permutation(t)
    net = net_of(784, 10, 10)
    assert severity(checked(net, (x, shuffled)), "neighbors", "labels-shuffled") == "warning"
    assert checked(net, (x, t))["neighbors"].findings == ()


def test_equal_inputs_with_different_labels() -> None:
    x, t = table(100)
    result = checked(net_of(5, 20, 3), (np.concatenate([x, x]), np.concatenate([t, (t + 1) % 3])))
    assert severity(result, "neighbors", "label-noise") == "note"


def test_test_rows_among_the_training_rows() -> None:
    x, t = table()
    new = table(60, 2)
    both = (np.concatenate([new[0], x[:30]]), np.concatenate([new[1], t[:30]]))
    result = checked(net_of(5, 20, 3), (x, t), test=both)
    assert severity(result, "train-test", "train-test-overlap") == "warning"
    assert result["train-test"].measures["equal"] == 30
    assert checked(net_of(5, 20, 3), (x, t), test=new)["train-test"].findings == ()


def test_test_rows_that_are_nearly_training_rows() -> None:
    x, t = table(columns=12)
    near = x[:60] + 1e-3 * np.random.default_rng(0).normal(size=(60, 12))
    result = checked(net_of(12, 20, 3), (x, t), test=(near, t[:60]))
    assert result["train-test"].findings[0].evidence["kind"] == "near"
    assert result["train-test"].measures["equal"] == 0
    new = checked(net_of(12, 20, 3), (x, t), test=table(60, 2, 12))
    assert new["train-test"].findings == ()


def test_whole_numbers_that_are_equal_by_chance_are_a_note() -> None:
    rng = np.random.default_rng(0)
    x, t = rng.integers(0, 4, (300, 3)).astype(float), rng.integers(0, 3, 300)
    result = checked(net_of(3, 20, 3), (x, t), test=(x[:100], t[:100]))
    assert severity(result, "train-test", "train-test-overlap") == "note"


def test_sets_that_differ() -> None:
    x, t = table()
    result = checked(net_of(5, 20, 3), (x, t), test=(255 * table(60, 2)[0], table(60, 2)[1]))
    assert severity(result, "train-test", "train-test-differ") == "warning"
    order = np.argsort(t, kind="stable")
    cut = ((x[order][:200], t[order][:200]), (x[order][200:], t[order][200:]))
    result = checked(net_of(5, 20, 3), cut[0], test=cut[1])
    assert severity(result, "train-test", "train-test-differ") == "warning"


def test_a_forecast_of_long_work_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    result = checked(net_of(5, 20, 3), table(), epochs=10**9)
    assert severity(result, "forecast", "takes-long") == "note"
    assert "minutes" in result["forecast"].sentence()
    monkeypatch.setattr("mitbadak.doctor.checkup.forecast.free_bytes", lambda: 1000)
    assert severity(checked(net_of(5, 20, 3), table()), "forecast", "memory-too-small") == "fault"


def test_the_cause_stands_before_what_follows_from_it() -> None:
    x, t = table()
    result = checked(net_of(5, 20, 3), (x * [1, 1, 1, 1, 1e4], t), optimizer=mb.SGD(0.1))
    codes = [finding.code for finding in result.findings]
    assert codes[0] == "inputs-not-normalised", codes
    assert {"lr-too-large", "initial-loss"} <= set(codes)
    assert "labels-shuffled" not in codes  # the large column does not decide who is a neighbor
    wrong = mb.Sequential(mb.Affine(5, 10, rng=0), Slanted(), mb.Affine(10, 3, rng=1))
    assert checked(wrong, (x, t)).findings[0].code == "gradient-wrong"
    first = checked(net_of(5, 20, 20, 3, init="zeros"), (x, t)).findings[0]
    assert first.code == "symmetric-weights"
