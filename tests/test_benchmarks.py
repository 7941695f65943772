"""The benchmarks time every step they report, and give every peer the same arrays."""

from __future__ import annotations

from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kernels import needs_kernels
from mitbadak.data import load_mnist

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


@needs_kernels
@pytest.mark.parametrize("method", ["_evaluate", "_train_epochs"])
def test_steps_that_no_clock_saw_are_an_error(monkeypatch: Any, method: str) -> None:
    from peers.mitbadak import ClockedTrainer

    monkeypatch.delattr(ClockedTrainer, method)
    with pytest.raises(RuntimeError, match="ClockedTrainer timed"):
        clocked(SMALLEST[0], apart=False)


def test_peers_read_the_arrays_of_load_mnist() -> None:
    from digits import read_digits, read_pixels

    for normalize, ours in ((True, read_digits()), (False, read_pixels())):
        theirs = load_mnist(normalize=normalize)
        for a, b in zip(chain(*ours), chain(*theirs), strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b)


def test_on_the_way_to_an_accuracy_everyone_trains_on_the_same_arrays(monkeypatch: Any) -> None:
    import peers
    import reach

    import mitbadak as mb

    given = {}

    def fit(net: Any, train: Any, *, test: Any, **options: Any) -> Any:
        given["mitbadak"] = [*train, *test]
        return {"test_accuracy": [1.0]}

    def make(peer: str, case: Any, m: Any) -> Any:
        given[peer] = [m.x, m.t, m.x_test, m.t_test]
        return peers.Net(lambda: None, lambda order: np.empty(0), lambda x: np.eye(10)[m.t_test])

    monkeypatch.setattr(mb, "fit", fit)
    monkeypatch.setattr(peers, "make", make)
    for peer in reach.REACHING:
        case = reach.recipe_of("97%", peer)
        train = reach.mitbadak if peer == "mitbadak" else partial(reach.other, peer)
        assert train(case, 0.97, 0) == 1.0
    assert set(given) == set(reach.REACHING)
    for arrays in given.values():
        for a, b in zip(arrays, given["mitbadak"], strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b)


@pytest.mark.slow
@pytest.mark.parametrize(("peer", "library"), [("torch", "torch"), ("jax_scan", "jax")])
def test_a_peer_measures_bytes_as_it_measures_floats(peer: str, library: str) -> None:
    pytest.importorskip(library)
    import peers
    from cases import Case, material

    answers = []
    for data in ("mnist", "mnist bytes"):
        case = Case("", data=data, examples=2050)
        m = material(case)
        net = peers.make(peer, case, m)
        net.run(np.arange(2050))
        assert net.measure is not None
        answers.append([*net.measure(), *net.predict(m.x_test[:5]).ravel()])
    np.testing.assert_allclose(*answers, atol=1e-5)
