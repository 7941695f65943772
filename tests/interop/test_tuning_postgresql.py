"""A PostgreSQL server, two tuning processes, and one of them killed ten times.

The server is Debian's, started here on a free port of 127.0.0.1, in a folder of its own, by a user
without rights.
"""

# pyright: reportMissingImports=false
from __future__ import annotations

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mitbadak.interop.tuning.ledger import families_of
from mitbadak.interop.tuning.storages import open_storage, open_study
from mitbadak.interop.tuning.sweep import Sweep

pytest.importorskip("psycopg")
optuna = pytest.importorskip("optuna")
pytestmark = pytest.mark.slow

KILLS, TRIALS, SECONDS = 10, 36, 600
EPOCHS = 240  # a trial lasts about as long as a process takes to start, so that all kills fit in
HEARTBEAT = 2  # seconds; short, so that the test is


def server_programs() -> Path | None:
    """The folder of the server's programs, which Debian puts outside of the path."""
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    folders += [Path(found).resolve().parent] if found else []
    return next((f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()), None)


def unprivileged() -> dict[str, Any]:
    """How a process is started by somebody without rights: the server refuses root."""
    if os.geteuid() != 0:
        return {}
    names = [name for name in ("postgres", "nobody") if _is_user(name)]
    user = pwd.getpwnam(names[0])
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


@pytest.fixture
def server() -> Iterator[str]:
    """The address of an empty database."""
    programs = server_programs()
    if programs is None:
        pytest.skip("there is no PostgreSQL here (Debian: apt install postgresql)")
    # Not one of pytest's own folders, which nobody else may enter.
    folder, how = Path(tempfile.mkdtemp(prefix="mitbadak-pg-")), unprivileged()
    if how:
        os.chown(folder, how["user"], how["group"])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "sweeper", "-A", "trust", "--no-sync",
         "--no-locale", "-E", "UTF8"],
        check=True, capture_output=True, cwd=folder, **how,
    )  # fmt: skip
    process = subprocess.Popen(
        [programs / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", "",
         "-c", "fsync=off"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, **how,
    )  # fmt: skip
    try:
        _wait_for(port)
        yield f"postgresql://sweeper@127.0.0.1:{port}/postgres"
    finally:
        process.send_signal(signal.SIGINT)  # a fast shutdown
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int) -> None:
    import psycopg

    for _ in range(300):
        try:
            with psycopg.connect(f"postgresql://sweeper@127.0.0.1:{port}/postgres"):
                return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise TimeoutError("the server does not answer")


def tuning(storage: str, out: Path) -> subprocess.Popen[bytes]:
    """The command that is the same on every machine."""
    line = ["tune", "xor", "--try", "lr=0.001..1:log", "--try", "hidden=2,3,5",
            "--epochs", str(EPOCHS), "--no-prune", "--engine", "numpy", "--trials", str(TRIALS),
            "--storage", storage, "--heartbeat", str(HEARTBEAT), "--out", str(out),
            "--quiet"]  # fmt: skip
    log = out.with_suffix(".log")
    with log.open("ab") as file:
        return subprocess.Popen([sys.executable, "-m", "mitbadak", *line], stdout=file, stderr=file)


@pytest.mark.skipif(os.name == "nt", reason="kills by a POSIX signal")
def test_nothing_is_lost_or_counted_twice_while_a_process_is_killed_again_and_again(
    server: str, tmp_path: Path
) -> None:
    seed = int(time.time())
    print("kills drawn by", seed)
    draw = random.Random(seed)
    steady = tuning(server, tmp_path / "a")
    killed = tuning(server, tmp_path / "b")
    kills = 0
    try:
        study = _study_of(server, tmp_path / "b", killed)
        while kills < KILLS and _is_at_work(study, killed):
            time.sleep(draw.uniform(0, 0.5))
            killed.kill()
            killed.wait()
            kills += 1
            killed = tuning(server, tmp_path / "b")
        for process, log in ((steady, "a.log"), (killed, "b.log")):
            assert process.wait(SECONDS) == 0, (tmp_path / log).read_text()
    finally:
        for process in (steady, killed):
            if process.poll() is None:
                process.kill()
                process.wait()
    trials = study.get_trials(deepcopy=False)
    families = families_of(trials, TRIALS)
    done: list[Any] = [family.result for family in families]
    assert len(families) == TRIALS
    assert all(result is not None for result in done)
    drawn = {tuple(sorted(result.params.items())) for result in done}
    assert len(drawn) == TRIALS
    for family in families:  # a trial that is tried again keeps its values
        full = [t.params for t in family.trials if len(t.params) == 2]
        assert all(params == full[0] for params in full)
    assert not [t for t in trials if t.state.name in ("RUNNING", "WAITING")]
    study._storage._backend.engine.dispose()
    print(kills, "kills,", sum(len(f.trials) > 1 for f in families), "parameter sets tried again")
    assert kills == KILLS


def _study_of(server: str, folder: Path, process: subprocess.Popen[bytes]) -> Any:
    """The study, once a process has begun it."""
    for _ in range(10 * SECONDS):
        if (folder / "runs").is_dir() or process.poll() is not None:
            break
        time.sleep(0.1)
    sweep = Sweep.resume(folder, storage=server)
    return open_study(open_storage(server, HEARTBEAT), sweep.definition, several=True)


def _is_at_work(study: Any, process: subprocess.Popen[bytes]) -> bool:
    """Wait until a process has taken a trial; False if it ends before."""
    for _ in range(10 * SECONDS):
        trials = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,))
        mine = [t for t in trials if t.user_attrs.get("worker", "").endswith(f":{process.pid}")]
        if mine or process.poll() is not None:
            return bool(mine)
        time.sleep(0.05)
    raise TimeoutError("the process takes no trial")
