"""Import, and the first line of ``mitbadak train``: cold processes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cold import mitbadak_command
from machine import cores_by_label
from rows import OURS, Goal, Options, Row, Section, over_ours
from where import profile_command

IMPORT, FIRST_LINE = "import mitbadak", "mitbadak train: first line"
BEFORE = "mitbadak before"
SLOWEST = 0.54  # s; what both took before there were kernels in C, at most
NOT_SLOWER = Goal(1.0, 2.0)


def measure(name: str, label: str, options: Options) -> list[Row]:
    seconds_of = _import if name == IMPORT else _first_line
    sources: dict[str, str | None] = {OURS[0]: None}
    if options.before:
        sources[BEFORE] = options.before
    if name == IMPORT:
        sources["import numpy"] = None
    values: dict[str, list[float]] = {peer: [] for peer in sources}
    for number in range(options.rounds + 1):
        for peer, source in list(sources.items())[:: 1 if number % 2 else -1]:
            module = "numpy" if peer == "import numpy" else "mitbadak"
            seconds = seconds_of(module, source)
            if number:  # the first round warms every cache
                values[peer].append(seconds)
    rows = []
    for peer in sources:
        goals = [NOT_SLOWER] if peer == BEFORE else []
        if peer == OURS[0]:
            goals = [Goal(SLOWEST, SLOWEST / 2, of="values", at_most=True)]
        rows.append(Row(name, label, peer, "s", values[peer], over_ours(values, peer),
                        goals=goals))  # fmt: skip
    return rows


def _environment(source: str | None) -> dict[str, str]:
    """The environment in which Mitbadak comes from another checkout's sources."""
    return {**os.environ, "PYTHONPATH": source} if source else dict(os.environ)


def _import(module: str, source: str | None) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True, env=_environment(source))
    return time.perf_counter() - began


def _first_line(module: str, source: str | None) -> float:
    """Seconds from the start to the first line, whichever stream it is on; then it is ended."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*mitbadak_command(), "train", "--out", f"{folder}/run"]
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   text=True, env=_environment(source))  # fmt: skip
        assert process.stdout is not None
        with process.stdout:
            line = process.stdout.readline()
            seconds = time.perf_counter() - began
            process.kill()
        process.wait()
    if not line.startswith("mnist"):
        raise RuntimeError(f"mitbadak train began with {line!r}")
    return seconds


def profile(name: str, label: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        cores = cores_by_label()["all"]
        if name == FIRST_LINE:
            train = ["mitbadak", "train", "--epochs", "0", "--out", f"{folder}/run"]
            return profile_command(train, cores)
        script = Path(folder) / "import.py"
        script.write_text("import mitbadak\n")
        return profile_command([str(script)], cores)


SECTION = Section("startup", lambda _: [(IMPORT, ""), (FIRST_LINE, "")], measure, profile)
