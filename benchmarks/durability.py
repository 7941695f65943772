"""Is anything ever lost? Training runs that are killed, terminated and starved of disk space.

    python benchmarks/durability.py --kills 200

After each interruption the run is resumed, until it has finished. Its weights, losses and history
rows must then be those of an undisturbed run, to the bit. Half of the interruptions are aimed at
writes: they come within 20 ms of a change in the run folder.
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
MOST_WRITES = 8  # an interruption is aimed at one of the first so many writes
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
    """Start or resume the run in ``out``, by the command that a user would type."""
    there = (out / "config.json").exists()
    how = ("--resume", str(out)) if there else (*settings, "--out", str(out))
    return subprocess.Popen(
        [*COMMAND, *how], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def results(out: Path) -> object:
    """Everything in a run folder that does not depend on time."""
    run = RunFolder(out)
    history = run.read_history()
    rows = [{k: v for k, v in row.items() if k != "seconds"} for row in history]
    files = [read(run.model), read(run.checkpoint)]
    arrays = [{name: a.tobytes() for name, a in file.arrays.items()} for file in files]
    return arrays, history.losses, rows


def state_of_files(out: Path) -> tuple:
    """Names, times and sizes of the files in a folder, which change with every write."""
    try:
        with os.scandir(out) as entries:
            files = [(e.name, e.stat().st_mtime_ns, e.stat().st_size) for e in entries]
    except OSError:
        files = []
    return tuple(sorted(files))


def wait_for_write(out: Path, process: subprocess.Popen[str], count: int) -> bool:
    """Wait for so many writes; False if the process ended first."""
    last = state_of_files(out)
    while count and process.poll() is None:
        now = state_of_files(out)
        count -= now != last
        last = now
        time.sleep(POLL_SECONDS)
    return count == 0


def moment(out: Path, process: subprocess.Popen[str], length: float, aimed: bool) -> bool:
    """Wait for the moment to interrupt; False if the process ended before it."""
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
    """Interrupted runs with one setting, and their outcomes.

    Args:
        folder: where the run folders are.
        settings: arguments of ``mitbadak train``.
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
        _, message = process.communicate()
        if process.returncode != 0:
            raise SystemExit(f"{out} failed: {process.returncode} {message}")

    def blow(self, strike: Callable[[subprocess.Popen[str]], None], aimed: bool) -> None:
        """Interrupt the run once; if it ends before that, compare it and begin another."""
        while True:
            process = begin(self.out, self.settings)
            if moment(self.out, process, self.length, aimed):
                strike(process)
                return
            _, message = process.communicate()
            if process.returncode != 0:
                raise SystemExit(
                    f"{self.out} failed without an interruption: {process.returncode} {message}"
                )
            self.compare()

    def compare(self) -> None:
        """Compare a finished run with the undisturbed one, and begin another."""
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
        _, message = process.communicate()
        code = process.returncode
        if code == 128 + signal.SIGTERM and message.count("\n") == 1:
            self.outcomes["ended cleanly with code 143"] += 1
        elif code == -signal.SIGTERM:
            self.outcomes["ended before Python handled signals"] += 1
        elif code == 0:
            self.outcomes["had finished already"] += 1
        else:
            raise SystemExit(f"SIGTERM ended a run with code {code} and {message!r}")

    def starve(self, process: subprocess.Popen[str]) -> None:
        """Fill the disk until the run ends, then free it again."""
        filler = self.folder / "filler"
        with open(filler, "wb", buffering=0) as file:  # keeps filling what the run frees
            while process.poll() is None:
                try:
                    file.write(bytes(65536))
                except OSError:
                    time.sleep(POLL_SECONDS)
        _, message = process.communicate()
        filler.unlink()
        if process.returncode == 1 and "No space left" in message and message.count("\n") == 1:
            self.outcomes["ended with code 1 and one line about the space"] += 1
        elif process.returncode == 0:
            self.outcomes["had finished already"] += 1
        else:
            raise SystemExit(f"a full disk ended a run with {process.returncode} and {message!r}")


@contextmanager
def small_disk(size: str) -> Iterator[Path]:
    """A file system of the given size in memory; mounting it needs root."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def series(folder: Path, strike: str, count: int) -> Counter[str]:
    """``count`` interruptions of one kind, shared among the setups; half are aimed at writes."""
    counts: Counter[str] = Counter()
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
        counts += trial.outcomes
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=200, help="kill -9")
    parser.add_argument("--terms", type=int, default=60, help="SIGTERM")
    parser.add_argument("--full-disks", type=int, default=30, help="no space left; needs root")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    chosen = parser.parse_args()
    random.seed(chosen.seed)
    began, counts = time.perf_counter(), {}
    with tempfile.TemporaryDirectory() as folder:
        for strike, count in (("kill", chosen.kills), ("terminate", chosen.terms)):
            if count:
                counts[strike] = series(Path(folder), strike, count)
    if chosen.full_disks:
        with small_disk("16m") as folder:
            counts["starve"] = series(folder, "starve", chosen.full_disks)
    print(json.dumps({"seed": chosen.seed, **counts}))
    print(f"nothing was lost ({time.perf_counter() - began:.0f} s)")


if __name__ == "__main__":
    main()
