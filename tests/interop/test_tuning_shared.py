"""Sweeps that are interrupted at any point, or shared by several folders and processes."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest

from mitbadak.cli import main
from mitbadak.core.errors import MitbadakError, RangeError, RunFolderError
from mitbadak.interop import tune
from mitbadak.interop.tuning.addresses import hidden, is_journal, is_url, without_password
from mitbadak.interop.tuning.definition import define
from mitbadak.interop.tuning.ledger import fail, families_of
from mitbadak.interop.tuning.living import WORKER, Living
from mitbadak.interop.tuning.storages import open_storage, open_study
from mitbadak.interop.tuning.sweep import Sweep
from mitbadak.interop.tuning.trial import Reporter
from mitbadak.runs.folder import RunFolder

optuna = pytest.importorskip("optuna")

QUICK = {"epochs": 4, "engine": "numpy", "hidden": (3,)}
RANGES = {"lr": "0.001..1:log", "activation": "tanh,relu"}
Hook = Any


def hooked(monkeypatch: pytest.MonkeyPatch, hook: Hook) -> None:
    """Call ``hook(trial, epoch)`` at the end of each epoch of each run of a sweep."""
    real = Reporter.on_epoch_end

    def on_epoch_end(self: Reporter, trainer: Any, row: Any) -> None:
        real(self, trainer, row)
        hook(self.trial, row["epoch"])

    on_epoch_end.without_arrays = True  # type: ignore[attr-defined]
    monkeypatch.setattr(Reporter, "on_epoch_end", on_epoch_end)


def drawn(result: Any) -> list[tuple[Any, ...]]:
    return [(t.number, t.settings, t.state, t.value, t.epochs) for t in result.trials]


def epochs_in(run: Path | None) -> int:
    assert run is not None
    return RunFolder.open(run).read_history().rows[-1]["epoch"]


def test_the_same_seed_draws_the_same_trials_wherever_a_sweep_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In runs and between the values of a trial, also where the estimator draws and prunes."""
    made = define("xor", {**RANGES, "l2": "0..0.01"}, {**QUICK, "epochs": 9}, by="loss")
    whole = Sweep.start(made, tmp_path / "whole").run(14)
    assert whole.count("pruned") > 0
    seed = time.time_ns() % 10**6
    print("interrupted by", seed)
    draw, breaks = random.Random(seed), 0

    def perhaps(share: float) -> None:
        nonlocal breaks
        if breaks < 25 and draw.random() < share:
            breaks += 1
            raise KeyboardInterrupt

    hooked(monkeypatch, lambda trial, epoch: perhaps(0.15))
    real = optuna.samplers.TPESampler.sample_independent

    def sample_independent(*args: Any) -> Any:
        perhaps(0.2)
        return real(*args)

    monkeypatch.setattr(optuna.samplers.TPESampler, "sample_independent", sample_independent)
    sweep, result = Sweep.start(made, tmp_path / "parts"), None
    while result is None:
        try:
            result = sweep.run(14)
        except KeyboardInterrupt:
            sweep = Sweep.resume(tmp_path / "parts")
    assert breaks > 5
    assert drawn(result) == drawn(whole)
    assert [t.run and t.run.name for t in result.trials] == [f"{k:04d}" for k in range(14)]


def half_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path, str]:
    """A sweep whose first trial ended half way in one folder and was finished in another."""
    a, b, journal = tmp_path / "a", tmp_path / "b", str(tmp_path / "j.journal")
    made = define("xor", RANGES, QUICK, prune=False)

    def interrupt(trial: Any, epoch: int) -> None:
        if epoch == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        hooked(patched, interrupt)
        with pytest.raises(KeyboardInterrupt):
            Sweep.start(made, a, storage=journal).run(2)
    Sweep.start(made, b, storage=journal).run(2)
    return a, b, journal


def test_a_result_names_the_folder_in_which_it_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b, journal = half_trained(tmp_path, monkeypatch)
    assert epochs_in(a / "runs" / "0000") == 2
    for folder, named in ((a, ""), (b, journal), (a, journal)):
        result = Sweep.resume(folder, storage=named).run(2)
        assert [t.run for t in result.trials] == [b / "runs" / "0000", b / "runs" / "0001"]
        assert [epochs_in(t.run) for t in result.trials] == [4, 4]
    assert main(["tune", "--resume", str(a), "--json"]) == 0
    best = json.loads(capsys.readouterr().out)["best"]
    assert Path(best["run"]).parent.parent == b
    assert best["where"].endswith(f":{Path(best['run']).resolve()}")


def test_a_run_that_is_elsewhere_is_not_taken_for_one_of_the_same_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b, _ = half_trained(tmp_path, monkeypatch)
    there = str((b / "runs").resolve())
    b.rename(tmp_path / "moved")
    result = Sweep.resume(a).run(2)
    assert [t.run for t in result.trials] == [None, None]
    assert all(there in t.where for t in result.trials)
    assert main(["tune", "--resume", str(a), "--quiet"]) == 0
    assert f"best run: not here, but in {result.best.where}" in capsys.readouterr().out
    back = Sweep.resume(tmp_path / "moved").run(2)  # its own folder knows them wherever it is
    runs = tmp_path / "moved" / "runs"
    assert [t.run for t in back.trials] == [runs / "0000", runs / "0001"]


def test_sweeps_that_share_a_journal_leave_each_others_living_trials_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = define("xor", RANGES, QUICK, prune=False)
    a, b, journal = tmp_path / "a", tmp_path / "b", str(tmp_path / "j.journal")
    begun: list[int] = []

    def other_sweep(trial: Any, epoch: int) -> None:
        if not begun and epoch == 2:
            begun.append(epoch)
            with pytest.raises(KeyboardInterrupt):
                Sweep.start(made, b, storage=journal).run(3, told=stop)

    def stop(result: Any) -> None:
        raise KeyboardInterrupt

    hooked(monkeypatch, other_sweep)
    result = Sweep.start(made, a, storage=journal).run(3)
    study = open_study(open_storage(journal), made, several=False)
    families = families_of(study.get_trials(deepcopy=False))
    assert [len(family.trials) for family in families] == [1, 1, 1]
    assert [t.run and t.run.parent.parent for t in result.trials] == [a, b, a]
    assert [epochs_in(t.run) for t in result.trials] == [4, 4, 4]
    assert not (tmp_path / "j.journal.workers").exists()


def test_a_trial_that_was_taken_away_and_given_back_is_trained_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(trial: Any, epoch: int) -> None:
        if trial.number == 0 and epoch == 2:  # another process takes it for dead
            fail(trial.study, 0)

    hooked(monkeypatch, lose)
    result = Sweep.start(define("xor", RANGES, QUICK, prune=False), tmp_path / "s").run(1)
    (trial,) = result.trials
    assert trial.state == "finished"
    assert epochs_in(trial.run) == trial.epochs == 4
    assert not RunFolder.open(tmp_path / "s/runs/0000").read_history().stopped


def test_the_dead_are_known_from_the_living_at_once(tmp_path: Path) -> None:
    storage = str(tmp_path / "j.journal")
    study = open_study(open_storage(storage), define("xor", RANGES, QUICK), several=True)
    one, other = Living(storage), Living(storage)

    def trial_of(name: str | None) -> Any:
        trial = study.ask()
        if name is not None:
            trial.set_user_attr(WORKER, name)
        return study.get_trials(deepcopy=False)[trial.number]

    assert not one.is_alive(trial_of(other.name))
    assert not one.is_alive(trial_of(None))  # nobody else is there, so nobody will name it
    with other.shown():
        assert one.is_alive(trial_of(other.name))
        assert one.is_alive(trial_of(None))
        assert not one.is_alive(trial_of(Living(storage).name))
        with one.shown():
            assert other.is_alive(trial_of(one.name))
    assert not one.is_alive(trial_of(other.name))


def test_a_database_for_one_process_is_refused_to_a_second_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = define("xor", RANGES, QUICK)
    storage, refused = str(tmp_path / "x.db"), []

    def other_sweep(trial: Any, epoch: int) -> None:
        if not refused:
            with pytest.raises(RangeError, match=r"another process is at it.*\.journal") as problem:
                Sweep.start(made, tmp_path / "b", storage=storage).run(1)
            refused.append(problem)

    hooked(monkeypatch, other_sweep)
    Sweep.start(made, tmp_path / "a", storage=storage).run(1)
    assert refused
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("name", ["x.db", "x.journal", "sqlite:///x.db"])
def test_a_storage_is_found_again_from_anywhere(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    whole = Sweep.start(define("xor", RANGES, QUICK), "s", storage=name).run(1)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert drawn(Sweep.resume("../s").run(1)) == drawn(whole)
    with pytest.raises(RangeError, match="in its own storage"):
        Sweep.resume("../s", storage="other.db")
    (tmp_path / name.removeprefix("sqlite:///")).unlink()
    with pytest.raises(RunFolderError, match=r"storage of the sweep .* is gone"):
        Sweep.resume("../s")


SECRETS = [
    ("postgresql://kim:geheim@host:5/x", "postgresql://kim@host:5/x"),
    ("postgresql://kim:ge%40heim@host/x", "postgresql://kim@host/x"),
    ("postgresql://kim:ge:heim/geheim?geheim@host/x", "postgresql://kim@host/x"),
    ("postgresql://kim:geheim@geheim@host/x", "postgresql://kim@host/x"),
    ("postgresql+psycopg://:geheim@host/x", "postgresql+psycopg://@host/x"),
    ("postgresql://h/x?user=a&password=geheim", "postgresql://h/x?user=a"),
    ("postgresql://h/x?password=geheim", "postgresql://h/x"),
    ("postgresql://h/x?PassWord=geheim&user=a", "postgresql://h/x?user=a"),
    ("postgresql://h/x?p%61ssword=geheim&user=a%26b", "postgresql://h/x?user=a%26b"),
    ("postgresql://h/x?passfile=/geheim&sslpassword=geheim&sslmode=require",
     "postgresql://h/x?sslmode=require"),
    ("postgresql://k:geheim@h/x?password=geheim;user=a", "postgresql://k@h/x?user=a"),
    ("postgresql://h/x?dsn=host%3Dh%20password%3Dgeheim", "postgresql://h/x"),
    ("postgresql://h/x?dbname=postgresql%3A%2F%2Fk%3Ageheim%40h%2Fx", "postgresql://h/x"),
    ("mysql+pymysql://k:geheim@h/x?passwd=geheim", "mysql+pymysql://k@h/x"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "clean"), SECRETS)
def test_passwords_are_not_written_wherever_they_are_in_an_address(
    address: str, clean: str, tmp_path: Path
) -> None:
    assert without_password(address) == clean
    assert without_password(clean) == clean
    Sweep.start(define("xor", RANGES, QUICK), tmp_path / "s", storage=address)
    text = (tmp_path / "s" / "sweep.json").read_text()
    assert clean in text
    assert "geheim" not in text
    assert "heim" not in hidden(f"cannot open {address}", address)
    assert Sweep.resume(tmp_path / "s", storage=address).storage == address


@pytest.mark.parametrize(
    "address",
    ["postgresql://h:5432/x?options=-c%20a%3Db", "postgresql:///x?host=/run/pg", "a/b@c:d.db",
     "sqlite:///a:b@c.db", "x.journal"],
)  # fmt: skip
def test_addresses_without_passwords_stay_as_they_are(address: str) -> None:
    assert without_password(address) == address


@pytest.mark.parametrize(
    "storage",
    ["postgresql://kim:geheim@127.0.0.1:1/x", "postgresql://127.0.0.1:1/x?user=a&password=geheim",
     "postgresql://kim:geheim@127.0.0.1:no/x", "grpc://kim:geheim@127.0.0.1:13000",
     "redis://:geheim@127.0.0.1", "http://geheim:geheim@127.0.0.1/", "none.db", "none.journal",
     "missing/x.db", "missing/x.journal"],
)  # fmt: skip
def test_nothing_is_left_of_a_sweep_whose_storage_is_refused(
    storage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    for name in ("none.db", "none.journal"):
        (tmp_path / name).write_bytes(b"no database at all, and long enough to be read\n" * 9)
    (tmp_path / "empty").mkdir()
    before = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*"))
    line = ["tune", "xor", "--try", "lr=0.1,1", "--epochs", "1", "--storage", storage]
    for out in ([], ["--out", "new/deep"], ["--out", "empty"]):
        assert main([*line, *out]) == 2
        told = capsys.readouterr()
        assert "geheim" not in told.out + told.err.replace("geheim:geheim@", "")
        assert told.err.count("\n") == 1
        assert sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*")) == before
    assert main([*line[:-2], "--out", "empty", "--trials", "1", "-q"]) == 0


def test_storages_that_are_no_databases_are_refused_with_what_to_use() -> None:
    for address, message in (
        ("grpc://127.0.0.1:13000", r"no signs of life.*postgresql://user@host/db"),
        ("redis://127.0.0.1/0", r"redis:// is none\. Use postgresql://user@host/db"),
        ("s3://bucket/key", r"s3:// is none"),
    ):
        with pytest.raises(MitbadakError, match=message):
            open_storage(address)
    assert is_url("postgresql+psycopg://h/x")
    assert not is_url("sqlite+pysqlite:///x.db")
    assert is_journal("x.journal")
    assert not is_journal("x.db")


def test_each_result_of_several_processes_names_its_place(tmp_path: Path) -> None:
    result = tune("xor", RANGES, trials=4, workers=2, out=tmp_path / "s", **QUICK)
    assert all(t.worker and t.where for t in result.trials)
    assert not list((tmp_path / "s").glob("*.workers"))
