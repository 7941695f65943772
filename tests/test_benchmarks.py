"""The benchmarks time every step they report, and give every peer the same arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
SMALLEST = ("table 4-16-3", "spiral 2-10-3")


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)


def clocked(name: str, *, apart: bool, **changed: Any) -> Any:
    """The trainer of a case of ``FITS``, after its training by the clock."""
    import cases
    from peers.mitbadak import ClockedTrainer, mlp, options_of

    case = cases.FITS[name]
    m = cases.material(case)
    options = options_of(case, len(m.x)) | changed
    net = mlp(case, m.params)
    trainer = ClockedTrainer(net, (m.x, m.t), test=(m.x_test, m.t_test), apart=apart, **options)
    trainer.clocked()
    return trainer


@pytest.mark.parametrize("name", SMALLEST)
@pytest.mark.parametrize("engine", ["numpy", "auto"])
def test_a_training_in_separate_calls_has_no_time_together(name: str, engine: str) -> None:
    trainer = clocked(name, apart=True, engine=engine, epochs=7)
    steps, measures, together = trainer.phases.values()
    assert (steps.steps, measures.rows) == (7 * trainer.steps_per_epoch, 8)
    assert (steps.rows, measures.steps, together.seconds, together.rows) == (0, 0, 0, 0)


@pytest.mark.parametrize("name", SMALLEST)
def test_every_step_and_measurement_is_timed_in_one_phase(name: str) -> None:
    trainer = clocked(name, apart=False)
    phases = trainer.phases.values()
    assert sum(phase.steps for phase in phases) == trainer.step
    assert sum(phase.rows for phase in phases) == trainer.epochs + 1
    assert sum(phase.seconds for phase in phases) < trainer.seconds


@pytest.mark.parametrize("method", ["_evaluate", "_train_epochs"])
def test_steps_that_no_clock_saw_are_an_error(monkeypatch: Any, method: str) -> None:
    from peers.mitbadak import ClockedTrainer

    monkeypatch.delattr(ClockedTrainer, method)
    with pytest.raises(RuntimeError, match="ClockedTrainer timed"):
        clocked(SMALLEST[0], apart=False)
