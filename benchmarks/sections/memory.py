"""Peak resident memory of five epochs on MNIST, in cold processes."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from cases import BEST
from cold import cold_contest, reach
from reach import REACHING
from rows import OURS, Goal, Options, Row, Section, fastest, goals_for, over_ours

CASE = "5 epochs"
ROUNDS = 5  # at most; memory hardly varies
OUR_GOAL = Goal(250, 150, of="values", at_most=True)


def measure(name: str, label: str, options: Options) -> list[Row]:
    commands = dict.fromkeys(options.chosen(REACHING), reach(name))
    with tempfile.TemporaryDirectory() as folder:
        commands[OURS[0]] = lambda peer, cores: _command_line(Path(folder))
        result = cold_contest(commands, "megabytes", min(options.rounds, ROUNDS))
    megabytes = result.of("megabytes")
    best = fastest(megabytes, megabytes)
    rows = []
    for peer, runs in result.runs.items():
        goals = goals_for(peer, best, ((BEST, 1.0, None),))
        note = f"test accuracy {min(r.accuracy for r in runs):.4f}"
        rows.append(Row(name, label, peer, "MB", megabytes[peer], over_ours(megabytes, peer),
                        result.threads[peer], note, goals=[OUR_GOAL] if peer == OURS[0] else goals)
                    )  # fmt: skip
    return rows + [Row(name, label, peer, "MB", note=f"failed: {why}", counts=False)
                   for peer, why in result.failed.items()]  # fmt: skip


def _command_line(folder: Path) -> list[str]:
    """``mitbadak train`` into a run folder that is not there yet."""
    run = folder / f"run{len(list(folder.iterdir()))}"
    return [sys.executable, "-m", "mitbadak", "train", "--epochs", "5", "--out", str(run)]


SECTION = Section("memory", lambda _: [(CASE, "")], measure)
