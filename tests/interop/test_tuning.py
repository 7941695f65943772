"""Sweeps: what is tried, that every parameter set counts once, and what a sweep leaves."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from mitbadak.cli import main
from mitbadak.core.errors import (
    MitbadakError,
    RangeError,
    RunFolderError,
    StateError,
    StorageError,
)
from mitbadak.interop import Range, tune
from mitbadak.interop.tuning.addresses import without_password
from mitbadak.interop.tuning.definition import define
from mitbadak.interop.tuning.ledger import fail, families_of, may_run, requeue_lost
from mitbadak.interop.tuning.ranges import (
    TUNABLE,
    distributions_of,
    from_plain,
    ranges_of,
    setting_of,
    to_plain,
)
from mitbadak.interop.tuning.storages import open_storage, quiet
from mitbadak.interop.tuning.sweep import Sweep
from mitbadak.runs.config import TrainConfig

optuna = pytest.importorskip("optuna")

QUICK = {"epochs": 4, "engine": "numpy", "hidden": (3,)}
RANGES = {"lr": "0.001..1:log", "activation": "tanh,relu"}


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("lr", "0.01..10:log", Range(0.01, 10.0, log=True)),
        ("lr", ".5..2", Range(0.5, 2.0)),
        ("l2", "0..1e-2:1e-3", Range(0.0, 0.01, step=0.001)),
        ("batch_size", "16..256:16", Range(16.0, 256.0, step=16.0)),
        ("hidden", "5,10,20", ((5,), (10,), (20,))),
        ("hidden", "50|50,100|", ((50,), (50, 100), ())),
        ("hidden", "5..50", Range(5.0, 50.0)),
        ("batch_norm", "on,off", (True, False)),
        ("optimizer", "sgd, adam", ("sgd", "adam")),
        ("init", "0.001..1:log", Range(0.001, 1.0, log=True)),
    ],
)
def test_what_to_try_is_read_and_drawn_as_a_setting(name: str, text: str, values: Any) -> None:
    ranges = ranges_of({name: text})
    assert ranges == {name: values}
    assert from_plain(json.loads(json.dumps(to_plain(ranges)))) == ranges
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(20):
        drawn = setting_of(name, study.ask(distributions_of(ranges)).params[name])
        config = TrainConfig(**{name: drawn})  # which checks it
        assert getattr(config, name) == drawn
        if isinstance(values, tuple):
            assert drawn in values
        else:
            number = float(drawn[0] if name == "hidden" else drawn)
            assert values.low <= number <= values.high * (1 + 1e-9)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "needs something to try"),
        ({"lrr": "1..2"}, "did you mean 'lr'"),
        ({"data": "a,b"}, "unknown setting to try"),
        ({"validation": "0.1,0.2"}, "unknown setting to try"),
        ({"lr": "1.."}, r"lr expects LOW\.\.HIGH"),
        ({"lr": "a..b"}, r"lr expects LOW\.\.HIGH"),
        ({"lr": "2..1"}, "low below high"),
        ({"lr": "0..1:log"}, "above 0 where log is on"),
        ({"lr": "0..1:-1"}, "a step above 0"),
        ({"lr": "0.5"}, "two or more different values"),
        ({"hidden": "5,5"}, "two or more different values"),
        ({"hidden": "a,b"}, "hidden expects"),
        ({"batch_norm": "on,maybe"}, "batch_norm expects"),
        ({"batch_norm": "0..1"}, "batch_norm has no range of numbers"),
        ({"optimizer": "0..1"}, "optimizer has no range of numbers"),
        ({"batch_size": "1.5..3"}, "batch_size is a whole number"),
        ({"lr": 0.1}, "should be a Range, a list of two"),
        ({"lr": [0.1]}, "should be a Range, a list of two"),
    ],
)
def test_what_cannot_be_tried_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(MitbadakError, match=message):
        ranges_of(given)


def test_settings_that_can_be_tried_are_settings() -> None:
    assert set(TUNABLE) < set(vars(TrainConfig()))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"lr": 0.1}, "cannot be both fixed and tried"),
        ({"validation": 0.0}, "validation is 0"),
        ({"by": "accurcy"}, "did you mean 'accuracy'"),
        ({"epochs": -1}, "epochs must be a whole number"),
        ({"data": "xorr"}, "did you mean 'xor'"),
        ({"tried": {"activation": "relu,foo"}}, "activation foo cannot be tried: unknown"),
        ({"tried": {"activation": "foo,relu"}}, "activation foo cannot be tried: unknown"),
        ({"tried": {"dropout": "0..2"}}, "dropout 2 cannot be tried: "),
        ({"tried": {"dropout": "-1..0.5"}}, "dropout -1 cannot be tried: "),
        ({"tried": {"dropout": [0, 0.5, 2]}}, "dropout 2 cannot be tried: "),
        ({"tried": {"lr": "0..1"}}, "lr 0 cannot be tried: "),
        ({"tried": {"batch_size": "16,1"}, "batch_norm": True}, "batch_size 1 cannot be tried: "),
        ({"tried": {"batch_size": "16..100000"}}, "batch_size 100000 cannot be tried: "),
        ({"tried": {"hidden": "5|10,0"}}, "hidden 10,0 cannot be tried: "),
        ({"tried": {"schedule": "constant,foo"}}, "schedule foo cannot be tried: "),
        ({"tried": {"dtype": "float32,float3"}}, "dtype float3 cannot be tried: "),
        ({"tried": {"lr": "0.1,1"}, "dropout": 2}, "^train: dropout must"),
    ],
)
def test_a_sweep_that_cannot_run_is_refused_before_it_starts(
    arguments: dict[str, Any], message: str, tmp_path: Path
) -> None:
    data, tried = arguments.pop("data", "xor"), arguments.pop("tried", {"lr": "0.1,1"})
    fixed = {name: value for name, value in QUICK.items() if name not in tried}
    with pytest.raises(MitbadakError, match=message):
        tune(data, tried, out=tmp_path / "s", **{**fixed, **arguments})
    assert not (tmp_path / "s").exists()


def test_ends_that_are_never_drawn_are_not_checked(tmp_path: Path) -> None:
    result = tune("xor", {"dropout": "0..1:0.3"}, trials=2, out=tmp_path / "s", **QUICK)
    assert result.count("finished") == 2
    tried = define("xor", {"early_stopping": "3,5"}, QUICK)  # needs what is held out
    assert tried.fixed["validation"] == 0.2


def test_the_measure_and_the_validation_set_follow_the_data() -> None:
    classes = define("xor", {"lr": "0.1,1"}, QUICK)
    assert (classes.monitor, classes.direction) == ("validation_accuracy", "maximize")
    numbers = define("regression", {"lr": "0.1,1"}, {**QUICK, "loss": "mean_squared_error"})
    assert (numbers.monitor, numbers.direction) == ("validation_loss", "minimize")
    assert classes.fixed["validation"] == 0.2
    assert define("xor", {"lr": "0.1,1"}, {**QUICK, "validation": 0.5}).fixed["validation"] == 0.5


@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(1, 4))
@settings(max_examples=25, deadline=None)
def test_no_parameter_set_is_lost_or_counted_twice(seed: int, trials: int, processes: int) -> None:
    """Processes that die anywhere between two writes, drawn at random."""
    draw = random.Random(seed)
    with quiet():
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed % 2**32))
    space = {"lr": optuna.distributions.FloatDistribution(0, 1)}
    at_work: list[Any] = []
    deaths = 0
    for _ in range(1000):
        families = families_of(study.get_trials(deepcopy=False), trials)
        if len(families) == trials and all(f.result for f in families) and not at_work:
            break
        if at_work and (len(at_work) == processes or draw.random() < 0.5):
            trial = at_work.pop(draw.randrange(len(at_work)))
            if draw.random() < 0.4 and deaths < 30:  # it dies, and is noticed
                deaths += 1
                fail(study, trial.number)
                if draw.random() < 0.5:  # or whoever notices dies before anything else
                    requeue_lost(study)
                    if draw.random() < 0.2:  # two notice at once
                        study.add_trial(_again(study, trial))
            else:
                study.tell(trial, trial.params["lr"])
            continue
        requeue_lost(study)
        waiting = any(t.state.name == "WAITING" for f in families for t in f.trials)
        if len(families) < trials or waiting:
            trial = study.ask(space)
            if may_run(study, trial, trials):
                at_work.append(trial)
    families = families_of(study.get_trials(deepcopy=False), trials)
    assert len(families) == trials
    assert all(f.result is not None for f in families)
    assert len({t.params["lr"] for f in families for t in f.trials}) == trials


def _again(study: Any, trial: Any) -> Any:
    before = study.get_trials(deepcopy=True)[trial.number]
    history = [*before.system_attrs.get("retry_history", []), before.number]
    with quiet():
        return optuna.create_trial(
            state=optuna.trial.TrialState.WAITING, params=before.params,
            distributions=before.distributions, system_attrs={"retry_history": history},
        )  # fmt: skip


def drawn(result: Any) -> list[tuple[Any, ...]]:
    return [(t.number, t.settings, t.state, t.value) for t in result.trials]


def test_a_sweep_that_is_interrupted_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole = tune("xor", RANGES, trials=7, out=tmp_path / "whole", **QUICK)
    sweep = Sweep.start(define("xor", RANGES, QUICK), tmp_path / "parts")

    def interrupt(trial: Any) -> None:
        if trial.number % 3 == 1:
            raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            sweep.run(7, told=interrupt)
        sweep = Sweep.resume(tmp_path / "parts")
        assert sweep.wanted == 7
    assert drawn(sweep.run(7)) == drawn(whole)
    assert drawn(Sweep.resume(tmp_path / "whole").run(5)) == drawn(whole)[:5]
    assert len(list((tmp_path / "parts" / "runs").iterdir())) == 7
    best = whole.best
    assert best.run is not None
    assert best.value == max(t.value or 0 for t in whole.trials)
    assert (best.run / "model.safetensors").is_file()
    assert main(["evaluate", str(best.run), "--json"]) == 0


@pytest.mark.skipif(os.name == "nt", reason="kills by a POSIX signal")
def test_a_run_that_was_killed_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    out = tmp_path / "s"
    line = ["tune", "mnist", "--try", "lr=0.1,0.2", "--trials", "2", "--epochs", "15",
            "--hidden", "2", "--no-prune", "--out", str(out), "-q"]  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "mitbadak", *line])
    history = out / "runs" / "0000" / "history.jsonl"
    for _ in range(600):
        if history.is_file() and '"epoch": 3' in history.read_text():
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    result = Sweep.resume(out).run(1)
    assert [t.state for t in result.trials] == ["finished"]
    assert sorted(p.name for p in (out / "runs").iterdir()) == ["0000"]
    assert history.read_text().count('"epoch": 2,') == 1


def test_runs_that_fall_behind_are_stopped(tmp_path: Path) -> None:
    rates = {"lr": "0.00001|0.5|0.6|0.7|0.8|0.9|1"}
    given: Any = {"epochs": 40, "engine": "numpy", "hidden": (3,), "by": "loss"}
    result = tune("xor", rates, trials=12, out=tmp_path / "s", **given)
    stopped = [t for t in result.trials if t.state == "pruned"]
    assert stopped
    assert all(4 < t.epochs < 40 and t.value is None for t in stopped)
    assert max(t.epochs for t in result.trials if t.state == "finished") == 40
    kept = tune("xor", rates, trials=6, out=tmp_path / "k", prune=False, **given)
    assert kept.count("finished") == 6


def test_runs_that_diverge_count_as_failed(tmp_path: Path) -> None:
    given: Any = {"epochs": 3, "engine": "numpy", "hidden": (3,), "optimizer": "sgd",
                  "loss": "mean_squared_error"}  # fmt: skip
    result = tune("regression", {"lr": "1e30,2e30"}, trials=2, out=tmp_path / "s", **given)
    assert result.count("failed") == len(result.trials) == 2
    assert all(t.why for t in result.trials)
    with pytest.raises(StateError, match="no trial has finished"):
        _ = result.best


def test_values_that_no_net_can_have_count_as_failed(tmp_path: Path) -> None:
    """In company: alone, each of them is fine."""
    ranges = {"batch_size": "16,1", "batch_norm": "off,on"}
    result = tune("xor", ranges, trials=10, out=tmp_path / "s", prune=False, **QUICK)
    for trial in result.trials:
        refused = trial.settings == {"batch_size": 1, "batch_norm": True}
        assert trial.state == ("failed" if refused else "finished")
        assert bool(trial.why) == refused
    assert result.count("failed") > 0


def test_several_processes_share_a_sweep(tmp_path: Path) -> None:
    result = tune("xor", RANGES, trials=4, workers=2, out=tmp_path / "s", **QUICK)
    assert [t.number for t in result.trials] == [0, 1, 2, 3]
    assert result.count("open") == 0
    assert len({t.settings["lr"] for t in result.trials}) == 4
    assert (tmp_path / "s" / "sweep.journal").is_file()


def test_the_command_prints_what_came_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    line = ["tune", "xor", "--try", "lr=0.1..1:log", "--epochs", "2", "--engine", "numpy"]
    assert main([*line, "--trials", "2", "--out", "s"]) == 0
    out = capsys.readouterr().out
    assert "tuning on xor: 2 parameter sets, by validation accuracy" in out
    assert "best run: s/runs/000" in out.replace(os.sep, "/")
    assert (tmp_path / "s" / "sweep.png").stat().st_size > 1000
    assert main(["tune", "--resume", "s", "--trials", "3", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [t["trial"] for t in answer["trials"]] == [0, 1, 2]
    assert answer["best"]["validation_accuracy"] == answer["best"]["value"]
    assert main(["tune", "--resume", "s", "--lang", "ko"]) == 0
    out = capsys.readouterr().out
    assert "설정 3가지" in out
    assert "parameter sets" not in out


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (["xor"], "needs something to try"),
        (["xor", "--try", "lr"], "--try expects SETTING=VALUES"),
        (["xor", "--try", "lr=1,2", "--try", "lr=3,4"], "names lr twice"),
        (["xor", "--try", "lr=1..0.1", "--epochs", "1"], "--try lr cannot be used: Range expects"),
        (["xor", "--try", "lr=a..1", "--epochs", "1"], "--try lr cannot be used: lr expects LOW"),
        (["xor", "--try", "lr=1,1", "--epochs", "1"], "--try lr cannot be used: lr should have"),
        (["xor", "--try", "activation=0..1", "--epochs", "1"], "--try activation cannot be used"),
        (["xor", "--try", "dropout=0..1", "--epochs", "1"], "--try dropout cannot be used: "),
        (["xor", "--try", "batch-size=1.5..2", "--epochs", "1"], "--try batch-size cannot be used"),
        (["xor", "--try", "activation=relu,foo"], "--try activation cannot be used: activation "
         "foo cannot be tried: unknown activation 'foo'"),
        (["xor", "--try", "lr=1,2", "--lr", "1"], "--try lr and --lr exclude each other"),
        (["xor", "--try", "lr=1,2", "--dropout", "3"], "mitbadak: --dropout must"),
        (["--resume", "missing"], "is not the folder of a sweep"),
        (["--resume", "missing", "--epochs", "3"], "--epochs cannot change"),
        (["xor", "--try", "lr=1,2", "--storage", "postgresql://nobody@127.0.0.1:1/x"],
         "cannot be used"),
    ],
)  # fmt: skip
def test_the_command_refuses_in_one_line(
    line: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["tune", *line]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


def test_without_optuna_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("mitbadak.interop.tuning.storages.find_spec", lambda name: None)
    assert main(["tune", "xor", "--try", "lr=1,2"]) == 2
    assert capsys.readouterr().err == (
        "mitbadak: mitbadak tune needs Optuna: pip install 'mitbadak[tune]'.\n"
    )
    with pytest.raises(StateError, match="needs Optuna"):
        tune("xor", {"lr": "1,2"})


def test_folders_of_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("x")
    with pytest.raises(RunFolderError, match="is not an empty folder"):
        tune("xor", {"lr": "0.1,1"}, out=tmp_path / "full", **QUICK)
    tune("xor", {"lr": "0.1,1"}, trials=1, out=tmp_path / "s", **QUICK)
    with pytest.raises(RunFolderError, match="--resume"):
        tune("xor", {"lr": "0.1,1"}, out=tmp_path / "s", **QUICK)
    with pytest.raises(RangeError, match="several processes cannot share"):
        Sweep.resume(tmp_path / "s").run(2, 2)
    (tmp_path / "s" / "sweep.json").write_text("{")
    with pytest.raises(RunFolderError, match=r"sweep\.json cannot be used"):
        Sweep.resume(tmp_path / "s")


def test_passwords_are_not_written(tmp_path: Path) -> None:
    assert without_password("postgresql://kim:geheim@host:5/x") == "postgresql://kim@host:5/x"
    made = define("xor", {"lr": "0.1,1"}, QUICK)
    Sweep.start(made, tmp_path / "s", storage="postgresql://kim:geheim@host/x")
    assert "geheim" not in (tmp_path / "s" / "sweep.json").read_text()


@pytest.mark.parametrize("losses", [0, 1, 3])
def test_a_database_that_another_process_makes_at_the_same_time_is_opened(
    losses: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import IntegrityError

    opened, real = [], optuna.storages.RDBStorage

    def losing(address: str, **options: Any) -> Any:
        opened.append(address)
        if len(opened) <= losses:
            cause = ValueError('duplicate key value violates unique constraint "pg_type"')
            raise IntegrityError("CREATE TABLE studies", {}, cause)
        return real(address, **options)

    monkeypatch.setattr(optuna.storages, "RDBStorage", losing)
    assert open_storage(str(tmp_path / "sweep.db")).get_all_studies() == []
    assert len(opened) == losses + 1


def test_a_database_that_cannot_be_opened_is_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", pytest.fail)
    (tmp_path / "sweep.db").write_bytes(b"no database at all, and long enough to be read" * 9)
    with pytest.raises(RangeError, match="cannot be opened as one"):
        open_storage(str(tmp_path / "sweep.db"))


def test_a_full_disk_is_named_and_is_no_wrong_storage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    def full(*_: Any, **__: Any) -> Any:
        raise OperationalError("CREATE TABLE", {}, ValueError("database or disk is full"))

    monkeypatch.setattr(optuna.storages, "RDBStorage", full)
    with pytest.raises(StorageError, match=r"cannot be written: .*full.*Free some space"):
        open_storage(str(tmp_path / "sweep.db"))
