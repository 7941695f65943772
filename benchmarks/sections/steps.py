"""Training steps: how long one takes, for every peer side by side."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
from cases import CASES
from peers import PEERS
from rows import Options, Row, Section, fastest, goals_for
from turns import contest

AGREE = 2e-3  # relative, of the mean loss of the first turn: float32 against float64


def cases(labels: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, label) for label in labels for name, c in CASES.items() if label in c.cores]


def measure(name: str, label: str, options: Options) -> list[Row]:
    case = CASES[name]
    result = contest("peers", options.chosen(PEERS), asdict(case), label, options.rounds)
    reference = result.answers.get("book", next(iter(result.answers.values())))
    expected = float(np.mean(reference))
    wrong = {
        peer: f"wrong: mean loss {np.mean(losses):.5f} instead of {expected:.5f}"
        for peer, losses in result.answers.items()
        if not abs(np.mean(losses) - expected) <= AGREE * abs(expected)
    }
    best = fastest(result.seconds, [p for p in result.seconds if p not in wrong])
    wanted = [(peer, low, high) for of, peer, low, high in case.goals if of == label]
    goals = {peer: goals_for(peer, best, wanted) for peer in result.seconds}
    return result.rows(name, label, "us per step", 1e6 / case.steps, wrong, goals)


SECTION = Section("steps", cases, measure)
