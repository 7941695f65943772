"""Results: rows of measurements, goals for them, and both as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from cases import BEST

OURS = ("mitbadak", "mitbadak_numpy")


@dataclass(frozen=True)
class Options:
    """What the command line asked for.

    Attributes:
        rounds: how often everything that takes turns is measured.
        labels: settings of cores, "one" and "all".
        peers: those to measure; empty for all.
        images: of the section ``stream``.
        full: also run the whole numerical gradient by its definition.
        before: the folder ``src`` of an earlier checkout, to be compared with at startup.
    """

    rounds: int
    labels: tuple[str, ...]
    peers: tuple[str, ...] = ()
    images: int = 8_100_000
    full: bool = False
    before: str = ""

    def chosen(self, peers: Iterable[str]) -> list[str]:
        """The peers to be measured, with Mitbadak always among them, for the ratios."""
        return [p for p in peers if not self.peers or p in self.peers or p == OURS[0]]


@dataclass(frozen=True)
class Section:
    """A part of the suite.

    Attributes:
        name: for the command line.
        cases: for settings of cores, every case with the setting it is measured on ("" where
            settings play no role).
        measure: a case on a setting, as rows.
        profile: where Mitbadak's time goes in a case on a setting.
    """

    name: str
    cases: Callable[[tuple[str, ...]], list[tuple[str, str]]]
    measure: Callable[[str, str, Options], list[Row]]
    profile: Callable[[str, str], str] | None = None


@dataclass(frozen=True)
class Goal:
    """What a row must reach, and what it should reach.

    Attributes:
        at_least, stretch: the two marks; no stretch where there is nothing beyond.
        of: which numbers of the row count, ``ratios`` or ``values``.
        at_most: smaller is better.
        against: for the table, where it is not the row's peer.
    """

    at_least: float
    stretch: float | None = None
    of: str = "ratios"
    at_most: bool = False
    against: str = ""


@dataclass(frozen=True)
class Row:
    """The measurements of one peer in one case.

    Attributes:
        case, cores, peer: of the measurement.
        unit: of the values.
        values: one per round.
        ratios: one per round, a value over Mitbadak's of the same round.
        threads: how many cores the peer was given.
        note: why a row does not count or has no values.
        counts: False where the peer failed or computed something else.
    """

    case: str
    cores: str
    peer: str
    unit: str
    values: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    threads: int | None = None
    note: str = ""
    counts: bool = True
    goals: list[Goal] = field(default_factory=list)


def row_from(kept: dict[str, Any]) -> Row:
    """The row that ``dataclasses.asdict`` made a dict of."""
    return Row(**{**kept, "goals": [Goal(**goal) for goal in kept["goals"]]})


def fastest(values: dict[str, list[float]], peers: Iterable[str]) -> str | None:
    """The peer with the smallest median, without Mitbadak."""
    others = [p for p in peers if p not in OURS and values.get(p)]
    return min(others, key=lambda p: np.median(values[p]), default=None)


def goals_for(
    peer: str, best: str | None, wanted: Iterable[tuple[str, float, float | None]]
) -> list[Goal]:
    """The goals on ratios that concern a peer; one against the best is the best one's."""
    goals = []
    for against, at_least, stretch in wanted:
        if against == peer:
            goals.append(Goal(at_least, stretch))
        elif against == BEST and best == peer:
            goals.append(Goal(at_least, stretch, against=f"the best of all peers: {peer}"))
    return goals


def over_ours(values: dict[str, list[float]], peer: str) -> list[float]:
    """A peer's values over Mitbadak's, round by round."""
    return (np.array(values[peer]) / np.array(values[OURS[0]])).tolist()


def spread(numbers: list[float]) -> tuple[float, float, float]:
    """The 10% quantile, the median and the 90% quantile."""
    low, middle, high = np.quantile(numbers, [0.1, 0.5, 0.9])
    return float(low), float(middle), float(high)


def verdict(goal: Goal, middle: float) -> str:
    sign = -1 if goal.at_most else 1
    if goal.stretch is not None and sign * middle >= sign * goal.stretch:
        return "stretch"
    return "at least" if sign * middle >= sign * goal.at_least else "below"


def below(row: Row) -> bool:
    """Whether a row misses what a goal asks for at least."""
    middles = [(goal, spread(getattr(row, goal.of))[1]) for goal in row.goals]
    return any(verdict(goal, middle) == "below" for goal, middle in middles)


def goal_table(rows: Iterable[tuple[Row, str]]) -> str:
    """A line per goal, with the measurement, the verdict, and the command that measures it."""
    lines = ["| case | against | measured (10-90%) | at least | stretch | verdict | `run.py` |",
             "|---|---|---|---|---|---|---|"]  # fmt: skip
    for row, command in rows:
        for goal in row.goals:
            low, middle, high = spread(getattr(row, goal.of))
            unit = f" {row.unit}" if goal.of == "values" else ""
            sign = "at most " if goal.at_most else ""
            stretch = "" if goal.stretch is None else f"{sign}{goal.stretch:g}"
            result = verdict(goal, middle) if row.counts else f"does not count: {row.note}"
            lines.append(
                f"| {_named(row)} | {goal.against or row.peer} "
                f"| {_number(middle)}{unit} ({_number(low)}-{_number(high)}) "
                f"| {sign}{goal.at_least:g} | {stretch} | {result} | `{command}` |"
            )
    return "\n".join(lines) + "\n"


def full_table(rows: Iterable[Row]) -> str:
    """A line per row."""
    lines = ["| case | peer | threads | median | unit | over mitbadak | 10-90% | note |",
             "|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for row in rows:
        middle = _number(spread(row.values)[1]) if row.values else ""
        over = span = ""
        if row.ratios:
            low, ratio, high = spread(row.ratios)
            over, span = _number(ratio), f"{_number(low)}-{_number(high)}"
        lines.append(f"| {_named(row)} | {row.peer} | {row.threads or ''} | {middle} | {row.unit} "
                     f"| {over} | {span} | {row.note} |")  # fmt: skip
    return "\n".join(lines) + "\n"


def _named(row: Row) -> str:
    return row.case + {"one": ", one core", "all": ", all cores"}.get(row.cores, "")


def _number(value: float) -> str:
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{value:.1e}"
