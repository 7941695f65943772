"""From the prompt to a test accuracy: cold processes, wall time, every run with another seed."""

from __future__ import annotations

import sys
from itertools import count

from cases import BEST
from cold import HERE, Command, cold_contest
from machine import cores_by_label
from reach import REACHING, RECIPES, recipe_of, stated
from rows import OURS, Goal, Options, Row, Section, fastest, goals_for, over_ours
from where import profile_command

ROUNDS = {"99%": 3}  # at most
AGAINST_BEST = {"97%": (3.0, None)}
OUR_GOALS = {"97%": Goal(1.1, 0.7, of="values", at_most=True),
             "98%": Goal(5, 2.5, of="values", at_most=True),
             "99%": Goal(120, 40, of="values", at_most=True)}  # fmt: skip


def measure(name: str, label: str, options: Options) -> list[Row]:
    commands = {peer: _command(peer, name) for peer in options.chosen(REACHING)}
    rounds = min(options.rounds, ROUNDS.get(name, options.rounds))
    result = cold_contest(commands, label, rounds)
    seconds, goal = result.of("seconds"), float(name.rstrip("%")) / 100
    worst = {peer: min(run.accuracy for run in runs) for peer, runs in result.runs.items()}
    best = fastest(seconds, [peer for peer in seconds if worst[peer] >= goal])
    wanted = [(BEST, *AGAINST_BEST[name])] if name in AGAINST_BEST else []
    rows = []
    for peer in result.runs:
        goals = [OUR_GOALS[name]] if peer == OURS[0] else goals_for(peer, best, wanted)
        missed = sum(run.accuracy < goal for run in result.runs[peer])
        note = stated(recipe_of(name, peer)) + f"; test accuracy {worst[peer]:.4f} or more"
        note += f"; {missed} of {rounds} runs missed the goal" if missed else ""
        rows.append(Row(name, label, peer, "s", seconds[peer], over_ours(seconds, peer),
                        result.threads[peer], note, not missed, goals))  # fmt: skip
    return rows + [Row(name, label, peer, "s", note=f"failed: {why}", counts=False)
                   for peer, why in result.failed.items()]  # fmt: skip


def _command(peer: str, name: str) -> Command:
    seeds = count()
    return lambda: [sys.executable, str(HERE / "reach.py"), peer, name, str(next(seeds))]


def profile(name: str, label: str) -> str:
    return profile_command([str(HERE / "reach.py"), "mitbadak", name, "0"], cores_by_label()[label])


def cases(labels: tuple[str, ...]) -> list[tuple[str, str]]:
    return [
        (name, label) for label in labels for name in RECIPES if label == "one" or name == "97%"
    ]


SECTION = Section("accuracy", cases, measure, profile)
