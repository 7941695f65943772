"""Training steps: how long one takes within a training, for every peer side by side."""

from __future__ import annotations

from cases import STEPS, material, steps_of
from peers import STEPPING
from rows import Options, Row, Section

from sections.fits import contest_of, profile_of


def cases(labels: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, label) for label in labels for name, c in STEPS.items() if label in c.cores]


def measure(name: str, label: str, options: Options) -> list[Row]:
    case = STEPS[name]
    steps = case.epochs * steps_of(case, len(material(case).x))
    peers = options.chosen(case.peers or STEPPING)
    return contest_of(case, peers, label, options.rounds, "us per step", 1e6 / steps)


SECTION = Section("steps", cases, measure, lambda name, label: profile_of(STEPS[name], label))
