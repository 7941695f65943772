"""How results show themselves where they are the last line of a cell or of a prompt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mitbadak as mb
from mitbadak.training import Trainer

X = np.random.default_rng(0).normal(size=(50, 4))
T = np.arange(50) % 3


def net() -> mb.MLP:
    return mb.MLP([4, 8, 3], rng=0)


def history() -> mb.History:
    return mb.fit(net(), X, T, epochs=2, rng=0, callbacks=[])


def descent(**options: Any) -> Any:
    return mb.gradient_descent(lambda x: (x**2).sum(), np.ones(50), **options)


def source(folder: Path) -> mb.Source:
    table = folder / "a.csv"
    columns = ",".join(f"column{k}" for k in range(20))
    rows = "".join(f"{','.join([str(k)] * 20)},{'xy'[k % 2]}\n" for k in range(30))
    table.write_text(f"{columns},label\n{rows}")
    return mb.open_source(table)


def model(folder: Path) -> mb.Model:
    found = source(folder)
    return mb.Model(mb.MLP([found.train.x.shape[1], 2]), found.preparation)


RESULTS: dict[str, Callable[[Path], Any]] = {
    "History": lambda folder: history(),
    "History()": lambda folder: mb.History(),
    "Predictor": lambda folder: mb.Predictor(net()),
    "DescentResult": lambda folder: descent(),
    "TracePoint": lambda folder: descent(trace=True).trace[0],
    "GradientReport": lambda folder: mb.check_gradients(net(), X[:5], T[:5]),
    "Finding": lambda folder: mb.check_gradients(net(), X[:5], T[:5]).findings[0],
    "Checkup": lambda folder: mb.checkup(net(), X, T, epochs=1, rng=0),
    "NetResult": lambda folder: net().compute(X, T),
    "Source": source,
    "Preparation": lambda folder: source(folder).preparation,
    "Model": lambda folder: model(folder),
    "Dataset": lambda folder: mb.Dataset(X, T),
    "Trainer": lambda folder: Trainer(net(), (X, T)),
    "EarlyStopping": lambda folder: mb.EarlyStopping(3, min_delta=0.1),
    "PrintProgress": lambda folder: mb.PrintProgress(every=2),
    "TrainConfig": lambda folder: mb.TrainConfig(hidden=(5,), epochs=1),
    "Doctor": lambda folder: mb.Doctor(),
    "MLP": lambda folder: net(),
    "Params": lambda folder: net().params,
    "Variable": lambda folder: mb.Variable(X),
    "Drawing": lambda folder: mb.draw((mb.Variable(X) * 2).sum()),
    "Groups": lambda folder: mb.Groups({"b*": mb.SGD(0.1), "*": mb.Adam()}),
    "Chain": lambda folder: mb.Chain(mb.L2(0.1), mb.SGD(mb.WarmUp(0.1, updates=5))),
    "RandomShift": lambda folder: mb.RandomShift((28, 28)),
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_shows_itself_in_one_line(name: str, tmp_path: Path) -> None:
    shown = repr(RESULTS[name](tmp_path))
    assert shown.startswith(name.removesuffix("()") + "("), shown
    assert "\n" not in shown
    assert len(shown) <= 200
    assert "object at 0x" not in shown
    assert "array(" not in shown


def test_what_they_show() -> None:
    assert repr(history()).startswith("History(3 rows, train_loss 1.")
    assert repr(mb.Predictor(net(), engine="numpy")) == (
        "Predictor(MLP([4, 8, 3], activation='sigmoid'), engine 'numpy')"
    )
    assert repr(descent()) == "DescentResult(x=float64 of shape (50,), 100 steps, step limit)"
    once = mb.gradient_descent(lambda x: (x**2).sum(), [3.0, 4.0], lr=0.25, step_num=1)
    assert repr(once) == "DescentResult(x=[1.5, 2], 1 step, step limit)"
    assert repr(mb.Dataset(X, T)) == ("Dataset(x=float64 of shape (50, 4), t=int64 of shape (50,))")
    assert repr(mb.TrainConfig(hidden=(5,), epochs=1)) == "TrainConfig(hidden=(5,), epochs=1)"
