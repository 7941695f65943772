"""Cold processes of every peer in turn, each at its better number of cores."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from machine import cores_by_label, environment, pinned
from rows import OURS

HERE = Path(__file__).parent
Command = Callable[[], list[str]]  # a new one for each process


@dataclass(frozen=True)
class Run:
    """One process from start to end, which prints lines such as "test accuracy 0.9"."""

    seconds: float
    megabytes: float
    accuracy: float


def mitbadak_command() -> list[str]:
    """What a user types at the prompt, from this environment."""
    script = Path(sys.executable).with_name("mitbadak")
    return [str(script)] if script.exists() else [sys.executable, "-m", "mitbadak"]


def once(command: list[str], cores: list[int]) -> Run:
    """Run a process on these cores, and read its peak resident memory from the system.

    Raises:
        RuntimeError: the process failed; the last line that it wrote.
    """
    with tempfile.TemporaryFile("w+") as complaints:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=complaints, text=True,
            env=environment(cores), **pinned(cores),
        )  # fmt: skip
        assert process.stdout is not None
        with process.stdout:
            output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if status:
            complaints.seek(0)
            raise RuntimeError((complaints.read().strip().splitlines() or ["no word of why"])[-1])
    accuracy = re.findall(r"test (?:accuracy )?(\d\.\d+)", output)[-1]
    return Run(seconds, usage.ru_maxrss / 1024, float(accuracy))


@dataclass
class ColdContest:
    """The runs of each peer by round, its number of cores, and why a peer did not run."""

    runs: dict[str, list[Run]]
    threads: dict[str, int]
    failed: dict[str, str]

    def of(self, name: str) -> dict[str, list[float]]:
        """One attribute of all runs."""
        return {peer: [getattr(r, name) for r in runs] for peer, runs in self.runs.items()}


def cold_contest(commands: dict[str, Command], label: str, rounds: int) -> ColdContest:
    """Let peers take turns as cold processes, after a first run that warms every cache."""
    settings, chosen = cores_by_label(), {}
    tried = [settings[label]] if label == "one" else [settings["all"], settings["one"]]
    result = ColdContest({}, {}, {})
    for peer, command in commands.items():
        of_peer = tried[:1] if peer in OURS else tried
        try:
            once(command(), of_peer[0])
            first = [once(command(), c).seconds for c in of_peer] if len(of_peer) > 1 else [0.0]
        except RuntimeError as error:
            result.failed[peer] = str(error).replace("|", "/")[:160]
            continue
        chosen[peer] = of_peer[int(np.argmin(first))]
        result.threads[peer], result.runs[peer] = len(chosen[peer]), []
    for number in range(rounds):
        for peer in list(chosen)[:: 1 if number % 2 else -1]:
            result.runs[peer].append(once(commands[peer](), chosen[peer]))
    return result
