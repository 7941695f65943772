"""The notes' whole job, from the prompt to the run folder and its picture: cold processes."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from cases import BEST
from cold import HERE, Command, cold_contest, mitbadak_command
from machine import cores_by_label
from rows import OURS, Goal, Options, Row, Section, fastest, goals_for, over_ours
from where import profile_command

CASE = "whole job"
# scikit-learn takes no bytes.
PEERS = ("mitbadak", "sklearn", "torch", "torch_bytes", "jax_scan", "jax_scan_bytes")
RIGHT = 0.94  # test accuracy of this net after 17 epochs is at least this
WRITTEN = ("curves.png", "history.jsonl", "config.json")
TIME, MEMORY = ((BEST, 4.0, 7.0),), ((BEST, 1.0, None),)
OUR_MEMORY = Goal(150, 110, of="values", at_most=True)


def measure(name: str, label: str, options: Options) -> list[Row]:
    peers = options.chosen(PEERS)
    with tempfile.TemporaryDirectory() as folder, _commands(peers, Path(folder)) as commands:
        result = cold_contest(commands, label, options.rounds)
        missing = _missing(Path(folder), peers)
    seconds, megabytes = result.of("seconds"), result.of("megabytes")
    wrong = {p: f"wrote no {', '.join(missing[p])}" for p in seconds if missing[p]}
    wrong |= {p: f"wrong: test accuracy {runs[0].accuracy:.4f}"
              for p, runs in result.runs.items() if runs[0].accuracy < RIGHT}  # fmt: skip
    rows = []
    for case, unit, values, wanted in (
        (name, "s", seconds, TIME),
        (f"{name}: peak memory", "MB", megabytes, MEMORY),
    ):
        best = fastest(values, [peer for peer in values if peer not in wrong])
        for peer, runs in result.runs.items():
            note = wrong.get(peer) or f"test accuracy {runs[-1].accuracy:.4f}"
            goals = goals_for(peer, best, wanted)
            if peer == OURS[0] and unit == "MB":
                goals = [OUR_MEMORY]
            rows.append(Row(case, label, peer, unit, values[peer], over_ours(values, peer),
                            result.threads[peer], note, peer not in wrong, goals))  # fmt: skip
    return rows + [Row(name, label, peer, "s", note=f"failed: {why}", counts=False)
                   for peer, why in result.failed.items()]  # fmt: skip


@contextmanager
def _commands(peers: list[str], folder: Path) -> Iterator[dict[str, Command]]:
    """Each peer's command, into a folder that is not there yet."""
    numbers = count()

    def command(peer: str) -> list[str]:
        out = str(folder / f"{peer}-{next(numbers):03}")
        if peer in OURS:
            return [*mitbadak_command(), "train", "--out", out]
        return [sys.executable, str(HERE / "notes.py"), peer, out]

    yield {peer: lambda peer=peer: command(peer) for peer in peers}


def _missing(folder: Path, peers: list[str]) -> dict[str, list[str]]:
    """What a peer should have written and did not, in its last folder."""
    missing = {}
    for peer in peers:
        written = sorted(folder.glob(f"{peer}-*"))
        files = {f.name for f in written[-1].iterdir() if f.stat().st_size} if written else set()
        missing[peer] = [name for name in WRITTEN if name not in files]
        missing[peer] += [] if any(name.startswith("model.") for name in files) else ["weights"]
    return missing


def profile(name: str, label: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["mitbadak", "train", "--out", f"{folder}/run"]
        return profile_command(arguments, cores_by_label()[label])


SECTION = Section("notes", lambda labels: [(CASE, label) for label in labels], measure, profile)
