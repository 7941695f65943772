"""Run every case beside every peer, turn by turn, and write a table and a picture."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from cases import CASES, Case
from peers import PEERS

HERE = Path(__file__).parent
AGREE = 2e-3  # relative, of the mean loss of the first turn: float32 against float64


class Worker:
    """A peer in its own process; it has run one turn when it is ready."""

    def __init__(self, peer: str, case: str, cores: list[int], threads: int):
        request = {"peer": peer, "case": case, "cores": cores, "threads": threads}
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py"), json.dumps(request)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.peer = peer
        self.losses: list[float] = self._answer()["losses"]

    def turn(self) -> float:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self._answer()["seconds"]

    def close(self) -> None:
        self.process.communicate()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        assert self.process.stderr is not None
        raise RuntimeError(self.process.stderr.read()[-2000:])


def measure(case: Case, peers: list[str], cores: list[int], rounds: int) -> dict[str, Any]:
    """Microseconds per step of every peer in every round, and which peers agree."""
    workers, failed = [], {}
    for peer in peers:
        try:
            workers.append(Worker(peer, case.name, cores, len(cores)))
        except RuntimeError as error:
            failed[peer] = str(error).strip().splitlines()[-1]
    reference = next((w for w in workers if w.peer == "book"), workers[0])
    expected = float(np.mean(reference.losses))
    wrong = {w.peer: float(np.mean(w.losses)) for w in workers
             if abs(np.mean(w.losses) - expected) > AGREE * abs(expected)}  # fmt: skip
    times: dict[str, list[float]] = {w.peer: [] for w in workers}
    for number in range(rounds):
        for worker in workers[:: 1 if number % 2 else -1]:
            times[worker.peer].append(worker.turn() / case.steps * 1e6)
    for worker in workers:
        worker.close()
    return {"times": times, "wrong": wrong, "failed": failed, "loss": expected}


def ratios(times: dict[str, list[float]], peer: str) -> tuple[float, float, float]:
    """Median, 10% and 90% quantile over the rounds of a peer's time over Mitbadak's."""
    all_ratios = np.array(times[peer]) / np.array(times["mitbadak"])
    low, middle, high = np.quantile(all_ratios, [0.1, 0.5, 0.9])
    return float(middle), float(low), float(high)


def table(results: dict[str, Any]) -> str:
    """The results as Markdown: a row per case and peer, at-least targets beside them."""
    lines = ["| case | cores | peer | us per step | peer / mitbadak | 10-90% | at least |",
             "|---|---|---|---|---|---|---|"]  # fmt: skip
    for key, found in results.items():
        name, cores = key.split(" @ ")
        goals = dict(CASES[name].at_least)
        for peer, times in found["times"].items():
            middle, low, high = ratios(found["times"], peer)
            note = " (losses differ)" if peer in found["wrong"] else ""
            goal = f"{goals[peer]:g}" if peer in goals else ""
            lines.append(f"| {name} | {cores} | {peer}{note} | {np.median(times):.1f} "
                         f"| {middle:.2f} | {low:.2f}-{high:.2f} | {goal} |")  # fmt: skip
        lines += [f"| {name} | {cores} | {p} | failed: {e} | | | |"
                  for p, e in found["failed"].items()]  # fmt: skip
    return "\n".join(lines) + "\n"


def picture(results: dict[str, Any], path: Path) -> None:
    """Bars: how many times longer a step takes than Mitbadak's, case by case."""
    from mitbadak import plots

    figure = plots.new_figure(10, 1.2 + 1.6 * len(results))
    panels = np.atleast_1d(figure.subplots(len(results), 1, sharex=True))
    for ax, (key, found) in zip(panels, results.items(), strict=True):
        peers = sorted(found["times"], key=lambda p: np.median(found["times"][p]))
        middle = [ratios(found["times"], p) for p in peers]
        colours = [plots.ORANGE if p.startswith("mitbadak") else plots.BLUE for p in peers]
        ax.barh(peers, [m for m, _, _ in middle], color=colours, height=0.7)
        for y, (m, low, high) in enumerate(middle):
            ax.plot([low, high], [y, y], color="black", linewidth=1)
            ax.text(high, y, f"  {m:.1f}", va="center", fontsize=8)
        name, cores = key.split(" @ ")
        said = "one core" if cores == "one" else "all cores"
        ax.set_title(f"{name}, {said}", fontsize=9, loc="left")
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(labelsize=8)
    panels[-1].set_xlabel("time per training step, in Mitbadak's (line: 10-90% of the rounds)")
    plots.save_figure(figure, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(CASES), help="cases, by name")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--cores", choices=["one", "all", "both"], default="both")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--out", type=Path, default=HERE / "results")
    options = parser.parse_args()
    available = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    settings = {"one": available[-1:], "all": available}
    results: dict[str, Any] = {}
    options.out.mkdir(exist_ok=True)
    for name in options.only.split(","):
        for label in ("one", "all") if options.cores == "both" else (options.cores,):
            found = measure(CASES[name], options.peers.split(","), settings[label], options.rounds)
            results[f"{name} @ {label}"] = found
            print(table({f"{name} @ {label}": found}), flush=True)
            (options.out / "steps.json").write_text(json.dumps(results))
    (options.out / "steps.md").write_text(table(results))
    picture(results, options.out / "steps.png")


if __name__ == "__main__":
    main()
