"""From the prompt to 97% of the test set: cold processes, wall time."""

from __future__ import annotations

from cases import BEST
from cold import cold_contest, reach
from reach import REACHING
from rows import Options, Row, Section, fastest, goals_for, over_ours

CASE = "97%"
WANTED = ((BEST, 1.0, None), ("torch", 2.0, 4.0), ("jax_scan", 2.0, 4.0))


def measure(name: str, label: str, options: Options) -> list[Row]:
    peers = options.chosen(REACHING)
    result = cold_contest(dict.fromkeys(peers, reach(name)), "seconds", options.rounds)
    seconds = result.of("seconds")
    best = fastest(seconds, seconds)
    rows = [
        Row(name, label, peer, "s", seconds[peer], over_ours(seconds, peer), result.threads[peer],
            f"test accuracy {min(r.accuracy for r in runs):.4f}",
            goals=goals_for(peer, best, WANTED))
        for peer, runs in result.runs.items()
    ]  # fmt: skip
    return rows + [Row(name, label, peer, "s", note=f"failed: {why}", counts=False)
                   for peer, why in result.failed.items()]  # fmt: skip


SECTION = Section("accuracy", lambda _: [(CASE, "")], measure)
