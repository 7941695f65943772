"""Optimizers and schedules from names and plain settings."""

from __future__ import annotations

import math

import pytest

from mitbadak.core.errors import RangeError, UnknownNameError
from mitbadak.optim import (
    L1,
    L2,
    OPTIMIZERS,
    PLAIN_SCHEDULES,
    SGD,
    Adam,
    Chain,
    ClipNorm,
    Constant,
    Cosine,
    OneCycle,
    StepDecay,
    WarmUp,
    build_optimizer,
    optimizer,
    plain_schedule,
)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_without_further_settings_the_plain_rule_is_built(name):
    made = build_optimizer(name, 0.1)
    assert type(made) is OPTIMIZERS[name]
    assert made.config() == optimizer(name, lr=0.1).config()


def test_all_settings_together():
    made = build_optimizer(
        "adam", 0.1, schedule="cosine", warmup=10, l2=0.01, l1=0.02, clip_norm=1.0, updates=100
    )
    expected = Chain(L2(0.01), L1(0.02), ClipNorm(1.0), Adam(WarmUp(Cosine(0.1, 90), 10)))
    assert made.config() == expected.config()
    assert optimizer(**made.config()).config() == expected.config()


@pytest.mark.parametrize(
    ("settings", "part"),
    [({"l2": 0.1}, L2(0.1)), ({"l1": 0.1}, L1(0.1)), ({"clip_norm": 0.1}, ClipNorm(0.1))],
)
def test_each_setting_adds_its_part(settings, part):
    made = build_optimizer("sgd", 0.1, **settings)
    assert made.config() == Chain(part, SGD(0.1)).config()


@pytest.mark.parametrize("name", PLAIN_SCHEDULES)
def test_every_schedule_fits_the_length_of_the_training(name):
    for warmup in (0, 9) if name != "onecycle" else (0,):
        rates = [plain_schedule(name, 0.5, warmup=warmup, updates=99)(k) for k in range(99)]
        assert max(rates) == pytest.approx(0.5, rel=0.01)
        if warmup:
            assert rates[:3] == pytest.approx([0.05, 0.1, 0.15])
        last = {"constant": 0.5, "step": 0.005, "exponential": 0.005, "cosine": 0, "onecycle": 0}
        assert rates[-1] == pytest.approx(last[name], rel=0.1, abs=0.001)


def test_the_schedules_by_hand():
    assert plain_schedule("constant", 0.5) == Constant(0.5)
    assert plain_schedule("constant", 0.5, warmup=3) == WarmUp(0.5, 3)
    assert plain_schedule("step", 0.5, updates=90) == StepDecay(0.5, every=30)
    assert plain_schedule("step", 0.5, updates=1) == StepDecay(0.5, every=1)
    assert plain_schedule("onecycle", 0.5, updates=90) == OneCycle(0.5, 90)
    assert plain_schedule("exponential", 0.5, updates=2)(1) == pytest.approx(0.05)


def test_invalid_settings_are_refused():
    def refused(error, message, **settings):
        with pytest.raises(error, match=message):
            build_optimizer(**{"name": "sgd", "lr": 0.1, "updates": 100, **settings})

    refused(UnknownNameError, "unknown optimizer 'adm'; did you mean 'adam'", name="adm")
    refused(UnknownNameError, "unknown schedule 'cos'; did you mean 'cosine'", schedule="cos")
    refused(UnknownNameError, "unknown schedule 'warmup'", schedule="warmup")
    refused(RangeError, "lr must be a finite number above 0", lr=0.0)
    refused(RangeError, "l2 must be a finite number of at least 0; got -1", l2=-1.0)
    refused(RangeError, "l1 must be a finite number of at least 0; got nan", l1=math.nan)
    refused(RangeError, "clip_norm must be a finite number of at least 0", clip_norm=-1.0)
    refused(RangeError, "warmup must be a whole number of at least 0", warmup=-1)
    refused(RangeError, "'cosine' needs updates, the length", schedule="cosine", updates=None)
    refused(RangeError, "updates must be a whole number", schedule="cosine", updates=0)
    refused(
        RangeError, "warmup must be shorter than the training's 100 updates; got 100",
        schedule="cosine", warmup=100,
    )  # fmt: skip
    refused(RangeError, "onecycle has its own warm-up; got warmup 5", schedule="onecycle", warmup=5)


def test_unknown_parts_of_a_chain_are_refused():
    with pytest.raises(
        UnknownNameError, match="unknown part of a chain 'clipnrm'; did you mean 'c"
    ):
        optimizer("chain", parts=[{"name": "clipnrm", "limit": 1.0}, {"name": "sgd"}])
