"""The contract of every schedule, and each formula worked by hand."""

from __future__ import annotations

import dataclasses
import json
import math
import re

import pytest
from hypothesis import given, strategies as st

from mitbadak import optim
from mitbadak.core.errors import RangeError, UnknownNameError
from mitbadak.optim import (
    Constant,
    Cosine,
    Exponential,
    OneCycle,
    Schedule,
    StepDecay,
    WarmUp,
    schedule,
)

# Each with its highest rate, and refused settings with part of the message.
TABLE: dict[str, tuple[Schedule, float, list[tuple[dict, str]]]] = {
    "constant": (Constant(0.5), 0.5, []),
    "step": (
        StepDecay(0.5, every=7, factor=0.3),
        0.5,
        [({"every": 0}, "every must be a whole number of at least 1; got 0"),
         ({"factor": 1.5}, r"factor must lie in \(0, 1\], or the rate would grow"),
         ({"factor": 0.0}, "factor must be a finite number above 0")],
    ),
    "exponential": (
        Exponential(0.5, factor=0.9), 0.5, [({"factor": 2.0}, r"factor must lie in \(0, 1\]")],
    ),
    "cosine": (
        Cosine(0.5, updates=40, least=0.01),
        0.5,
        [({"updates": 0}, "updates must be a whole number of at least 1"),
         ({"least": 0.6}, "least must be at most lr, 0.5; got 0.6"),
         ({"least": -0.1}, "least must be a finite number above 0")],
    ),
    "onecycle": (
        OneCycle(0.5, updates=40),
        0.5,
        [({"updates": 1}, "updates must be a whole number of at least 2"),
         ({"rise": 1.0}, r"rise must lie in \[0, 1\)"), ({"start": 0.0}, "start"),
         ({"end": math.inf}, "end")],
    ),
    "warmup": (
        WarmUp(Cosine(0.5, updates=40), updates=10), 0.5, [({"updates": -1}, "updates")],
    ),
}  # fmt: skip
each = pytest.mark.parametrize(("made", "highest"), [t[:2] for t in TABLE.values()], ids=TABLE)


@each
@given(done=st.integers(0, 10**9))
def test_rates_are_floats_above_0_and_never_above_the_highest(made, highest, done):
    rate = made(done)
    assert type(rate) is float
    assert 0 < rate <= highest * (1 + 1e-12)
    assert math.isfinite(rate)


@each
def test_the_highest_rate_is_reached(made, highest):
    assert max(map(made, range(60))) == pytest.approx(highest, rel=1e-6)


@each
def test_the_rate_depends_on_the_count_alone(made, highest):
    there = [made(k) for k in range(60)]
    assert [made(k) for k in reversed(range(60))] == there[::-1]


@each
def test_a_schedule_is_rebuilt_from_its_config_as_json(made, highest):
    config = json.loads(json.dumps(made.config()))
    assert config == made.config()
    assert schedule(**config) == made
    assert type(schedule(**config)) is type(made)
    assert optim.SGD(config).lr == made(0)


@each
def test_a_schedule_is_a_value(made, highest):
    assert dataclasses.replace(made) == made
    assert hash(dataclasses.replace(made)) == hash(made)
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.lr = 1.0
    assert type(made).__name__ in repr(made)


@each
def test_a_negative_count_is_refused(made, highest):
    with pytest.raises(RangeError, match="updates done must be a whole number of at least 0"):
        made(-1)


@pytest.mark.parametrize("name", TABLE)
def test_invalid_settings_are_refused(name):
    made, _, refused = TABLE[name]
    rate = "after" if name == "warmup" else "lr"
    for bad in (0, -1.0, math.nan, math.inf, True):
        with pytest.raises(RangeError, match=f"{rate} must be a finite number above 0"):
            dataclasses.replace(made, **{rate: bad})
    for settings, message in refused:
        with pytest.raises(RangeError, match=f"{type(made).__name__}: .*{message}"):
            dataclasses.replace(made, **settings)


def test_every_schedule_is_in_the_table_and_has_a_name():
    kinds = {k for k in vars(optim).values() if isinstance(k, type) and issubclass(k, Schedule)}
    assert kinds - {Schedule} == set(optim.SCHEDULES.values())
    assert set(TABLE) == set(optim.SCHEDULES)
    for name, (made, _, _) in TABLE.items():
        assert type(made) is optim.SCHEDULES[name]
    message = "unknown schedule 'cosin'; did you mean 'cosine'? Known: constant, step, exponential"
    with pytest.raises(UnknownNameError, match=re.escape(message)):
        schedule("cosin")


def test_a_decayed_rate_stays_above_0():
    assert Exponential(1.0, 0.5)(10**6) > 0
    assert Cosine(1.0, 10)(10) > 0


def test_step_decay_by_hand():
    # lr 1, a half after every 3: 1 1 1 0.5 0.5 0.5 0.25
    assert [StepDecay(1.0, 3, 0.5)(k) for k in range(7)] == [1, 1, 1, 0.5, 0.5, 0.5, 0.25]


def test_cosine_by_hand():
    # From 1 to 0.2 over 3: cos 0 = 1, cos 60 = 1/2, cos 120 = -1/2, cos 180 = -1.
    # 0.2 + 0.8 (1 + cos) / 2 = 1, 0.8, 0.4, 0.2, and stays.
    result = [Cosine(1.0, 3, least=0.2)(k) for k in (0, 1, 2, 3, 4, 100)]
    assert result == pytest.approx([1, 0.8, 0.4, 0.2, 0.2, 0.2], rel=1e-14)


def test_warm_up_by_hand():
    # Four steps of a quarter lead up to the first rate, 1, of a schedule that then starts afresh.
    result = [WarmUp(Exponential(1.0, 0.5), 3)(k) for k in range(6)]
    assert result == [0.25, 0.5, 0.75, 1.0, 0.5, 0.25]
    assert WarmUp(0.5, 0)(0) == 0.5


def test_one_cycle_by_hand():
    # 10 updates, rise 0.3: from 1/4 at 0 to the top, 1, at update 2; then down to 1/4/5 at 9.
    # Halfway up: (1/4 + 1) / 2 = 0.625. Beyond the end it stays.
    made = OneCycle(1.0, 10, rise=0.3, start=4.0, end=5.0)
    result = [made(k) for k in (0, 1, 2, 9, 10, 99)]
    assert result == pytest.approx([0.25, 0.625, 1, 0.05, 0.05, 0.05], rel=1e-14)
    assert made(2) > made(3) > made(8) > made(9)


@pytest.mark.parametrize("updates", [2, 3, 4])
def test_one_cycle_of_few_updates_starts_at_the_top_where_there_is_no_room_to_rise(updates):
    made = OneCycle(1.0, updates, rise=0.0)
    assert made(0) == 1.0
    assert made(updates - 1) == pytest.approx(1 / 25 / 1e4)
