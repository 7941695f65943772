"""What a training begins with or ends with is no fault: trained nets, schedules, clipped losses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.doctor.doctor import Doctor
from mitbadak.doctor.findings import NOTE
from mitbadak.doctor.runs import diagnose_run, diagnose_session
from mitbadak.runs import Session, TrainConfig

SPIRAL = mb.load_spiral()
UPDATES = 600


SCHEDULES: dict[str, Callable[[float], Any]] = {
    "cosine": lambda lr: mb.Cosine(lr, updates=UPDATES),
    "warm-up": lambda lr: mb.WarmUp(mb.Cosine(lr, updates=UPDATES), updates=100),
    "one cycle": lambda lr: mb.OneCycle(2 * lr, updates=UPDATES),
    "exponential": lambda lr: mb.Exponential(2 * lr, factor=0.97),
}


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize(("rule", "lr"), [(mb.Adam, 0.02), (mb.SGD, 0.4)])
def test_a_schedule_that_ends_near_zero_is_sound(rule: Any, lr: float, schedule: str) -> None:
    doctor, net = Doctor(), mb.MLP([2, 30, 3], "relu", rng=0)
    mb.fit(net, SPIRAL, optimizer=rule(SCHEDULES[schedule](lr)), batch_size=50,
           epochs=UPDATES // 6, rng=0, callbacks=[doctor])  # fmt: skip
    assert all(f.severity == NOTE for f in doctor.report().findings), str(doctor.report())


class Net:
    """Affine layers and softmax, with the loss of the notes, in which a logarithm is clipped."""

    def __init__(self, widths: list[int], activation: str, scale: float | None = None) -> None:
        rng = np.random.default_rng(0)
        self.relu = activation == "relu"
        self.params: dict[str, np.ndarray] = {}
        for k, (n_in, n_out) in enumerate(pairwise(widths), 1):
            spread = 1 / np.sqrt(n_in) if scale is None else scale
            self.params[f"W{k}"] = spread * rng.normal(size=(n_in, n_out))
            self.params[f"b{k}"] = np.zeros(n_out)
        self.depth = len(widths) - 1

    def predict(self, x: np.ndarray) -> np.ndarray:
        self.inputs = []
        for k in range(1, self.depth + 1):
            self.inputs.append(x)
            a = x @ self.params[f"W{k}"] + self.params[f"b{k}"]
            x = a if k == self.depth else np.maximum(a, 0) if self.relu else np.tanh(a)
        e = np.exp(x - x.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, x: np.ndarray, t: np.ndarray) -> float:
        return float(-np.sum(t * np.log(self.predict(x) + 1e-7)) / len(x))

    def gradient(self, x: np.ndarray, t: np.ndarray) -> dict[str, np.ndarray]:
        d, grads = (self.predict(x) - t) / len(x), {}
        for k in range(self.depth, 0, -1):
            below = self.inputs[k - 1]
            grads[f"W{k}"], grads[f"b{k}"] = below.T @ d, d.sum(axis=0)
            slope = (below > 0) if self.relu else 1 - below**2
            d = d @ self.params[f"W{k}"].T * slope
        return grads


def watched(
    net: Net, batches: Iterator[tuple[np.ndarray, np.ndarray]], lr: float, *, told: bool = True
) -> Doctor:
    doctor = Doctor()
    for x, t in batches:
        outputs, loss, grads = net.predict(x), net.loss(x, t), net.gradient(x, t)
        for name in grads:
            net.params[name] -= lr * grads[name]
        more: dict[str, Any] = {}
        if told:
            more = {"outputs": outputs, "lr": lr, "loss_of": lambda x=x, t=t: net.loss(x, t)}
        doctor.observe(params=net.params, grads=grads, loss=loss, batch=(x, t), **more)
    return doctor


def drawn(x: np.ndarray, t: np.ndarray, batch: int, steps: int) -> Iterator[Any]:
    rng, labels = np.random.default_rng(1), t if t.ndim == 2 else np.eye(int(t.max()) + 1)[t]
    for _ in range(steps):
        rows = rng.choice(len(x), batch)
        yield x[rows], labels[rows]


@pytest.mark.parametrize("case", ["pixels", "initial weights", "rate"])
def test_a_right_gradient_beside_a_clipped_loss_is_not_called_wrong(case: str) -> None:
    (x, t), _ = mb.load_mnist()
    factor, scale, lr = {"pixels": (255.0, None, 1e-5), "initial weights": (1.0, 1.0, 0.1),
                         "rate": (1.0, None, 100.0)}[case]  # fmt: skip
    net = Net([784, 50, 10], "relu", scale)
    doctor = watched(net, drawn(x[:5000] * factor, t[:5000], 100, 150), lr)
    report = doctor.report()
    assert "gradient-wrong" not in {f.code for f in report.findings}, str(report)


@pytest.mark.parametrize("rare", [3, 5, 10])
def test_rare_classes_that_are_learned_are_not_called_shuffled(rare: int) -> None:
    rng = np.random.default_rng(rare)
    x, t = rng.normal(size=(600, 4)), np.zeros(600, np.intp)
    t[:rare], x[:rare] = 1, x[:rare] + 3
    doctor = watched(Net([4, 8, 2], "relu"), drawn(x, t, 100, 400), 0.5, told=False)
    assert "labels-shuffled" not in {f.code for f in doctor.report().findings}


@pytest.mark.parametrize("told", [False, True])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_net_that_was_trained_before_is_sound(activation: str, told: bool) -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(300, 5))
    t = (x @ rng.normal(size=(5, 4))).argmax(axis=1)
    net = Net([5, 16, 4], activation)
    for batch, labels in drawn(x, t, 300, 3000):
        grads = net.gradient(batch, labels)
        for name in grads:
            net.params[name] -= 1.0 * grads[name]
    report = watched(net, drawn(x, t, 60, 200), 0.05, told=told).report()
    assert all(f.severity == NOTE for f in report.findings), str(report)


def test_nothing_falls_where_nothing_changes() -> None:
    x, t = SPIRAL
    net = Net([2, 8, 3], "tanh", 0.0)
    codes = [f.code for f in watched(net, drawn(x, t, 30, 200), 0.1).report().findings]
    assert codes[0] == "symmetric-weights"
    assert "too-little-training" not in codes


def test_softmax_on_one_unit_with_the_slope_of_the_books() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 5))
    t = (x[:, :1] > 0).astype(float)
    net = Net([5, 12, 1], "tanh")
    batches = ((x[k : k + 20], t[k : k + 20]) for k in list(range(0, 200, 20)) * 8)
    assert watched(net, batches, 0.1).report().findings[0].code == "softmax-on-one-unit"


@pytest.mark.parametrize("engine", ["numpy", "auto"])
def test_a_look_at_a_net_that_overflows_does_not_end_the_training_otherwise(engine: str) -> None:
    net, doctor = mb.MLP([2, 20, 20, 3], "relu", rng=0), Doctor()
    for name in net.params:
        net.params[name] *= 1e16
    history = mb.fit(net, SPIRAL, epochs=2, batch_size=50, engine=engine, callbacks=[doctor])
    assert history.stopped
    assert doctor.report().first is not None


@pytest.mark.parametrize("engine", ["numpy", "auto"])
@pytest.mark.parametrize("command", [False, True])
def test_a_run_that_overflowed_is_looked_at_without_a_warning(
    engine: str, command: bool, tmp_path: Path
) -> None:
    """At the end of ``train`` and in ``diagnose``, where a warning would be an error here."""
    config = TrainConfig.for_data("spiral", epochs=3, lr=1e39, engine=engine)
    session = Session.start(config, tmp_path / "run")
    session.train()
    report = diagnose_run(tmp_path / "run") if command else diagnose_session(session)
    assert [finding.code for finding in report.findings] == ["lr-too-large"]


@pytest.mark.once
@pytest.mark.parametrize("sizes", [[2, 10, 3], [2, 20, 20, 3], [2, 20, 20, 20, 3]])
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
@pytest.mark.parametrize("rule", [mb.SGD, mb.Momentum, mb.Adam])
@pytest.mark.parametrize("lr", [1e39, 1e10, 1e4])
def test_a_rate_at_which_a_step_or_two_overflow_is_too_large(
    sizes: list[int], activation: str, rule: Any, lr: float
) -> None:
    """Whether the loss, a parameter, the gradient or only its square cannot be held."""
    net, doctor = mb.MLP(sizes, activation, rng=0), Doctor(trials=False)
    mb.fit(net, SPIRAL, epochs=3, batch_size=50, optimizer=rule(lr), rng=0, callbacks=[doctor])
    assert doctor.report().findings[0].code == "lr-too-large"
    assert "nan" not in doctor.report().text()


@pytest.mark.parametrize(("gradient", "where"), [(1.0, "loss"), (np.nan, "W")])
def test_a_loss_that_is_never_finite_is_named(gradient: float, where: str) -> None:
    doctor, W = Doctor(), np.ones((4, 3))
    rng = np.random.default_rng(0)
    for _ in range(30):
        x = rng.normal(size=(10, 4))
        W -= 0.01 * gradient
        doctor.observe(params={"W": W}, grads={"W": np.full((4, 3), gradient)}, loss=np.nan,
                       batch=(x, (x[:, 0] > 0).astype(int)))  # fmt: skip
    first = doctor.report().first
    assert first is not None
    assert (first.code, first.where) == ("non-finite-data", where)
    assert "loss" in first.text


def test_what_more_to_hand_over_is_said_where_nothing_is_wrong() -> None:
    x, t = SPIRAL
    report = watched(Net([2, 8, 3], "tanh"), drawn(x, t, 30, 60), 0.1, told=False).report()
    assert report.first is None
    assert "observe is given outputs, loss_of" in report.text()
    told = watched(Net([2, 8, 3], "tanh"), drawn(x, t, 30, 60), 0.1).report()
    assert "is given" not in told.text()


def test_a_page_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        Doctor().report().save(tmp_path / "no" / "a.html")


@pytest.mark.parametrize("lr", [np.nan, -1.0, np.inf])
def test_a_rate_that_is_none_is_refused(lr: float) -> None:
    with pytest.raises(mb.MitbadakError, match="observe expects lr as a number from 0 on"):
        Doctor().observe(params=np.ones(2), grads=np.ones(2), loss=1.0, lr=lr)


@pytest.mark.parametrize("lr", [1e-7, 1e-5])
def test_a_checkup_finds_a_rate_however_far_off_the_one_asked_for_is(lr: float) -> None:
    net = mb.MLP([2, 10, 3], rng=0)
    result = mb.checkup(net, SPIRAL, optimizer=mb.SGD(lr), epochs=300, batch_size=30)
    assert "lr-too-small" in {f.code for f in result.findings}, str(result)


@pytest.mark.parametrize("seed", range(12))
def test_a_short_training_has_no_softmax_twice(seed: int) -> None:
    """At first all answers are alike, and the loss of probabilities taken for scores is near the
    right one."""
    x, t = SPIRAL
    net, doctor = mb.MLP([2, 10, 3], rng=seed), Doctor(trials=False)
    mb.fit(
        net, (x, t), optimizer=mb.SGD(1.0), epochs=1, batch_size=30, rng=seed, callbacks=[doctor]
    )
    assert "softmax-twice" not in {finding.code for finding in doctor.report().findings}


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
@pytest.mark.parametrize("lr", [100.0, 1000.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_saturated_units_of_an_unknown_net_are_not_called_relus(
    activation: str, lr: float, dtype: type
) -> None:
    """A loop without answers: the gradient of a saturated unit is exactly 0, too."""
    rng = np.random.default_rng(0)
    x, t = rng.random((200, 64)), rng.integers(0, 4, 200)
    net, doctor = (
        mb.MLP([64, 20, 4], activation, init=0.01, rng=0, dtype=dtype),
        Doctor(trials=False),
    )
    for _ in range(40):
        rows = rng.integers(0, 200, 50)
        loss, grads = net.loss_and_gradient(x[rows], t[rows])
        for key in grads:
            net.params[key] -= lr * grads[key]
        doctor.observe(params=net.params, grads=grads, loss=loss, batch=(x[rows], t[rows]))
    found = doctor.report().findings
    assert "dead-relu" not in {finding.code for finding in found}
