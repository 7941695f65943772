"""Peers side by side: each in a pinned process of its own, taking turns round after round."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from machine import cores_by_label
from rows import OURS, Goal, Row, over_ours

WORKER = Path(__file__).with_name("worker.py")
REST = 0.1  # seconds before a turn: OpenBLAS and others keep a core busy for 20 ms after theirs
TRIALS = 5  # turns on each setting of threads, to find a peer's better one


class Worker:
    """A peer in its own process; it has run one turn when it is ready.

    Args:
        module: where ``turn_of(peer, case)`` is.
        peer, case: its arguments; the case as JSON takes it.
        cores: the process is pinned to these, with as many threads.
    """

    def __init__(self, module: str, peer: str, case: Any, cores: list[int]):
        request = {"module": module, "peer": peer, "case": case, "cores": cores}
        self.peer, self.cores = peer, cores
        self.complaints = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, str(WORKER), json.dumps(request)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.complaints, text=True,
        )  # fmt: skip
        self.answer = np.array(self._said()["answer"])

    def turn(self) -> float:
        """Seconds of one turn."""
        assert self.process.stdin is not None
        time.sleep(REST)
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self._said()["seconds"]

    def close(self) -> None:
        self.process.communicate()
        self.complaints.close()

    def _said(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        self.process.wait()
        self.complaints.seek(0)
        raise RuntimeError(_reason(self.complaints.read()))


def _reason(complaints: str) -> str:
    """The line of a traceback that names the error, short."""
    lines = [line.strip() for line in complaints.strip().splitlines()] or ["no word of why"]
    named = [line for line in lines if "Error:" in line or "Exception:" in line]
    return (named or lines)[-1].replace("|", "/")[:160]


@dataclass
class Contest:
    """The results of taking turns.

    Attributes:
        seconds: of each peer, per round.
        answers: what each peer's first turn returned.
        threads: how many cores each peer was given.
        failed: why a peer did not run.
    """

    seconds: dict[str, list[float]] = field(default_factory=dict)
    answers: dict[str, np.ndarray] = field(default_factory=dict)
    threads: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def rows(
        self,
        case: str,
        label: str,
        unit: str,
        scale: dict[str, float] | float,
        wrong: dict[str, str],
        goals: dict[str, list[Goal]],
    ) -> list[Row]:
        """A row per peer; values are seconds times ``scale``."""
        values = {
            peer: [s * (scale[peer] if isinstance(scale, dict) else scale) for s in seconds]
            for peer, seconds in self.seconds.items()
        }
        rows = [
            Row(case, label, peer, unit, values[peer], over_ours(values, peer), self.threads[peer],
                wrong.get(peer, ""), peer not in wrong, goals.get(peer, []))
            for peer in values
        ]  # fmt: skip
        return rows + [Row(case, label, peer, unit, note=f"failed: {why}", counts=False)
                        for peer, why in self.failed.items()]  # fmt: skip


def contest(module: str, peers: list[str], case: Any, label: str, rounds: int) -> Contest:
    """Let peers take turns in alternating order, so that drift affects all of them alike."""
    result, workers = Contest(), []
    for peer in peers:
        try:
            workers.append(started(module, peer, case, label))
        except RuntimeError as error:
            result.failed[peer] = str(error)
    for worker in workers:
        result.answers[worker.peer] = worker.answer
        result.threads[worker.peer] = len(worker.cores)
        result.seconds[worker.peer] = []
    for number in range(rounds):
        for worker in workers[:: 1 if number % 2 else -1]:
            result.seconds[worker.peer].append(worker.turn())
    for worker in workers:
        worker.close()
    return result


def started(module: str, peer: str, case: Any, label: str) -> Worker:
    """A worker at its better number of threads; Mitbadak chooses its own."""
    settings = cores_by_label()
    whole = Worker(module, peer, case, settings[label])
    if peer in OURS or len(settings[label]) == 1:
        return whole
    alone = Worker(module, peer, case, settings["one"])
    times = np.array([[whole.turn(), alone.turn()] for _ in range(TRIALS)])
    better, worse = (whole, alone) if np.diff(np.median(times, 0)) > 0 else (alone, whole)
    worse.close()
    return better
