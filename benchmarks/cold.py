"""Cold processes of every peer in turn, each at its better number of cores."""

from __future__ import annotations

import json
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
from machine import cores_by_label
from rows import OURS

REACH = Path(__file__).with_name("reach.py")
Command = Callable[[str, list[int]], list[str]]


@dataclass(frozen=True)
class Run:
    """One process from start to end, which prints lines such as "test accuracy 0.9"."""

    seconds: float
    megabytes: float
    accuracy: float


def reach(recipe: str) -> Command:
    """The command that trains by a recipe, for a peer and cores."""
    return lambda peer, cores: [sys.executable, str(REACH), peer, recipe, json.dumps(cores)]


def once(command: list[str]) -> Run:
    """Run a process, and read its peak resident memory from the system.

    Raises:
        RuntimeError: the process failed; the last line that it wrote.
    """
    with tempfile.TemporaryFile("w+") as complaints:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints, text=True)
        assert process.stdout is not None
        with process.stdout:
            output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if status:
            complaints.seek(0)
            raise RuntimeError((complaints.read().strip().splitlines() or ["no word of why"])[-1])
    return Run(
        seconds, usage.ru_maxrss / 1024, float(re.findall(r"test accuracy ([\d.]+)", output)[-1])
    )


@dataclass
class ColdContest:
    """The runs of each peer by round, its number of cores, and why a peer did not run."""

    runs: dict[str, list[Run]]
    threads: dict[str, int]
    failed: dict[str, str]

    def of(self, name: str) -> dict[str, list[float]]:
        """One attribute of all runs."""
        return {peer: [getattr(r, name) for r in runs] for peer, runs in self.runs.items()}


def cold_contest(commands: dict[str, Command], better_by: str, rounds: int) -> ColdContest:
    """Let peers take turns as cold processes, after a first run that warms every cache."""
    settings, chosen = cores_by_label(), {}
    result = ColdContest({}, {}, {})
    for peer, command in commands.items():
        tried = [settings["all"]] if peer in OURS else list(settings.values())
        try:
            first = [(once(command(peer, c)), once(command(peer, c)))[1] for c in tried]
        except RuntimeError as error:
            result.failed[peer] = str(error).replace("|", "/")[:160]
            continue
        chosen[peer] = tried[int(np.argmin([getattr(run, better_by) for run in first]))]
        result.threads[peer], result.runs[peer] = len(chosen[peer]), []
    for _ in range(rounds):
        for peer, cores in chosen.items():
            result.runs[peer].append(once(commands[peer](peer, cores)))
    return result
