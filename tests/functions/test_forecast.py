"""What the numerical gradient says beforehand of the time that it takes."""

from __future__ import annotations

import re

import numpy as np
import pytest

from mitbadak.functions import numerical


class Clock:
    """A clock that evaluations move on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("pause_at", [None, 1, 2, 3, 5, 8])
@pytest.mark.parametrize(("first", "each"), [(10.0, 0.01), (0.01, 0.01), (0.5, 0.002)])
def test_a_slow_evaluation_is_not_taken_for_all(
    first: float,
    each: float,
    pause_at: int | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The first one loads code, and later a busy machine may pause."""
    pause = 0.0 if pause_at is None else 0.3
    clock, calls = Clock(), []
    monkeypatch.setattr(numerical.time, "perf_counter", clock)

    def f(x: np.ndarray) -> float:
        clock.now += (each if calls else first) + (pause if len(calls) == pause_at else 0)
        calls.append(1)
        return float(x.sum())

    numerical.numerical_gradient(f, np.ones(1000))
    took = first + each * (len(calls) - 1) + pause
    said = capsys.readouterr().err
    assert ("about" in said) == (took > numerical.LONG_SECONDS)
    if "about" in said:
        forecast = re.search(r"about (\d+) s", said)
        assert forecast is not None
        assert int(forecast[1]) == pytest.approx(took, rel=0.2)
