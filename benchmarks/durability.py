"""Is anything ever lost? Training runs that are killed, told to end, and starved of disk space.

    python benchmarks/durability.py --kills 200

Each blow falls on a run that goes on from the one before, until it is done; its weights, losses
and rows must then be those of a run that nobody disturbed, to the bit. Half of the blows are aimed
at writes: they fall within 20 ms of one that was seen in the run folder.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mitbadak.runs import RunFolder
from mitbadak.runs.model_file import read

AIMED_SECONDS = 0.020
MOST_WRITES = 8  # the one that is aimed at is among so many that come first
POLL_SECONDS = 0.0002
SETUPS = {
    "kernels, momentum, held-out share": (
        "mnist", "--epochs", "4", "--optimizer", "momentum", "--lr", "0.02", "--validation", "0.1",
        "--engine", "compiled",
    ),
    "NumPy, Adam, early stopping": (
        "mnist", "--hidden", "20", "--epochs", "3", "--optimizer", "adam", "--lr", "0.005",
        "--validation", "0.1", "--early-stopping", "2", "--engine", "numpy",
    ),
    "dropout, batch norm, shifts, a schedule": (
        "mnist", "--hidden", "20", "--epochs", "2", "--activation", "relu", "--dropout", "0.2",
        "--batch-norm", "--shift", "2", "--optimizer", "adamw", "--lr", "0.002", "--schedule",
        "cosine", "--l2", "0.0001", "--clip-norm", "5", "--validation", "0.1",
    ),
    "spiral, a row every few milliseconds": ("spiral", "--epochs", "3000", "--engine", "numpy"),
}  # fmt: skip
COMMAND = (sys.executable, "-m", "mitbadak", "train")


def begin(out: Path, settings: tuple[str, ...]) -> subprocess.Popen[str]:
    """The run in ``out``, started anew or gone on with: what a person would type."""
    there = (out / "config.json").exists()
    how = ("--resume", str(out)) if there else (*settings, "--out", str(out))
    return subprocess.Popen(
        [*COMMAND, *how], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def results(out: Path) -> object:
    """All that a run leaves that does not say how long it took."""
    run = RunFolder(out)
    history = run.read_history()
    rows = [{k: v for k, v in row.items() if k != "seconds"} for row in history]
    files = [read(run.model), read(run.checkpoint)]
    arrays = [{name: a.tobytes() for name, a in file.arrays.items()} for file in files]
    return arrays, history.losses, rows


def seen(out: Path) -> tuple:
    """What changes when something is written into a folder."""
    try:
        with os.scandir(out) as entries:
            found = [(e.name, e.stat().st_mtime_ns, e.stat().st_size) for e in entries]
    except OSError:
        found = []
    return tuple(sorted(found))


def wait_for_write(out: Path, process: subprocess.Popen[str], count: int) -> bool:
    """Wait until so many writes were seen; False if the process ended first."""
    last = seen(out)
    while count and process.poll() is None:
        now = seen(out)
        count -= now != last
        last = now
        time.sleep(POLL_SECONDS)
    return count == 0


def moment(out: Path, process: subprocess.Popen[str], length: float, aimed: bool) -> bool:
    """Wait for the moment of a blow; False if the process was done before."""
    if aimed:
        if not wait_for_write(out, process, random.randint(1, MOST_WRITES)):
            return False
        time.sleep(random.uniform(0, 0.9 * AIMED_SECONDS))
        return process.poll() is None
    try:
        process.wait(random.uniform(0.05, length))
    except subprocess.TimeoutExpired:
        return True
    return False


class Trial:
    """Runs of one setup under blows, and what came of them.

    Args:
        folder: where they run.
        settings: of ``mitbadak train``.
    """

    def __init__(self, folder: Path, settings: tuple[str, ...]):
        self.folder, self.settings = folder, settings
        self.outcomes: Counter[str] = Counter()
        self.numbers = itertools.count(1)
        began = time.perf_counter()
        self.end_undisturbed(folder / "whole")
        self.length = time.perf_counter() - began
        self.expected = results(folder / "whole")
        self.out = folder / "run0"

    def end_undisturbed(self, out: Path) -> None:
        process = begin(out, self.settings)
        _, said = process.communicate()
        if process.returncode != 0:
            raise SystemExit(f"{out} did not end well: {process.returncode} {said}")

    def blow(self, strike: Callable[[subprocess.Popen[str]], None], aimed: bool) -> None:
        """One blow; when the run is done before it falls, compare and begin another."""
        while True:
            process = begin(self.out, self.settings)
            if moment(self.out, process, self.length, aimed):
                strike(process)
                return
            _, said = process.communicate()
            if process.returncode != 0:
                raise SystemExit(f"{self.out} failed by itself: {process.returncode} {said}")
            self.compare()

    def compare(self) -> None:
        """Hold a run that is done against the undisturbed one; begin another."""
        if results(self.out) != self.expected:
            raise SystemExit(f"{self.out} differs from {self.folder / 'whole'}")
        self.outcomes["runs compared, equal to the bit"] += 1
        shutil.rmtree(self.out)
        self.out = self.folder / f"run{next(self.numbers)}"

    def finish(self) -> None:
        self.end_undisturbed(self.out)
        self.compare()

    def kill(self, process: subprocess.Popen[str]) -> None:
        process.kill()
        process.communicate()
        self.outcomes["killed"] += 1

    def terminate(self, process: subprocess.Popen[str]) -> None:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate()
        code = process.returncode
        if code == 128 + signal.SIGTERM and said.count("\n") == 1:
            self.outcomes["ended in order with code 143"] += 1
        elif code == -signal.SIGTERM:
            self.outcomes["ended before Python listened to signals"] += 1
        elif code == 0:
            self.outcomes["was done already"] += 1
        else:
            raise SystemExit(f"SIGTERM ended a run with code {code} and {said!r}")

    def starve(self, process: subprocess.Popen[str]) -> None:
        """Fill the disk until the run ends, then make room again."""
        filler = self.folder / "filler"
        with open(filler, "wb", buffering=0) as file:  # goes on, so what is freed is taken too
            while process.poll() is None:
                try:
                    file.write(bytes(65536))
                except OSError:
                    time.sleep(POLL_SECONDS)
        _, said = process.communicate()
        filler.unlink()
        if process.returncode == 1 and "No space left" in said and said.count("\n") == 1:
            self.outcomes["ended with code 1 and one line about the space"] += 1
        elif process.returncode == 0:
            self.outcomes["was done already"] += 1
        else:
            raise SystemExit(f"a full disk ended a run with {process.returncode} and {said!r}")


@contextmanager
def small_disk(size: str) -> Iterator[Path]:
    """A file system of so many bytes in memory; needs the right to mount."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def series(folder: Path, strike: str, count: int) -> Counter[str]:
    """So many blows of a kind, shared among the setups, every other one aimed at a write."""
    found: Counter[str] = Counter()
    for number, (name, settings) in enumerate(SETUPS.items()):
        share = count // len(SETUPS) + (number < count % len(SETUPS))
        place = folder / f"{strike}{number}"
        place.mkdir()
        trial = Trial(place, settings)
        for blow in range(share):
            trial.blow(getattr(trial, strike), aimed=blow % 2 == 0)
        trial.finish()
        shutil.rmtree(place)
        print(f"{strike}, {name}: {dict(trial.outcomes)}", flush=True)
        found += trial.outcomes
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=200, help="kill -9")
    parser.add_argument("--terms", type=int, default=60, help="SIGTERM")
    parser.add_argument("--full-disks", type=int, default=30, help="no space left; needs root")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    chosen = parser.parse_args()
    random.seed(chosen.seed)
    began, found = time.perf_counter(), {}
    with tempfile.TemporaryDirectory() as folder:
        for strike, count in (("kill", chosen.kills), ("terminate", chosen.terms)):
            if count:
                found[strike] = series(Path(folder), strike, count)
    if chosen.full_disks:
        with small_disk("16m") as folder:
            found["starve"] = series(folder, "starve", chosen.full_disks)
    print(json.dumps({"seed": chosen.seed, **found}))
    print(f"nothing was lost ({time.perf_counter() - began:.0f} s)")


if __name__ == "__main__":
    main()
