"""Planted faults in loops drawn by seeds; the whole bench is benchmarks/doctor/bench.py."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from mitbadak.doctor.doctor import Doctor

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
from doctor.faults import FAULTS
from doctor.loops import draw, run

CERTAIN = {  # invariants: named in whatever loop has them
    "lr + gradient", "uphill", "update of a copy", "a parameter left out", "constant inputs",
    "NaN in the data", "equal weights", "no mean over the batch", "wrong gradient",
}  # fmt: skip


@pytest.mark.parametrize("seed", [0, 2, 7])
@pytest.mark.parametrize("name", sorted(CERTAIN))
def test_an_invariant_that_is_broken_is_named_first(name: str, seed: int) -> None:
    loop, doctor = draw(seed, sets=("moons", "table", "numbers")), Doctor()
    loop.steps = 60
    FAULTS[name].plant(loop)
    run(loop, doctor)
    first = doctor.report().first
    assert first is not None
    assert first.code in FAULTS[name].codes, str(doctor.report())


@pytest.mark.parametrize("seed", range(6))
def test_healthy_loops_are_left_in_peace(seed: int) -> None:
    loop, doctor = draw(seed, sets=("moons", "table", "numbers", "spiral")), Doctor()
    losses = run(loop, doctor)
    if np.mean(losses[-20:]) < 0.8 * losses[0]:
        assert doctor.report().first is None, str(doctor.report())
