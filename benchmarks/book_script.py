"""The book's training script of chapter 4: in book mode, and with the book's own way of computing.

``python benchmarks/book_script.py [rounds] [iterations]`` runs one script by turns, each time in a
new process: by ``mitbadak book``, and by Python beside modules that compute as the book does
(``book_way.py``). Both draw the same weights and batches. It prints the processor time of each,
which neighbors on the machine change less than the clock, and the accuracies beside the notes'.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
# Of training and test set at iteration 0, 600, ..., 9600, as the notes print them.
NOTES_TRAIN = (
    .13205, .73367, .87795, .8991, .90735, .9137, .9188, .92355, .92703, .93025, .93407, .93702,
    .93937, .94127, .94273, .94422, .94597,
)  # fmt: skip
NOTES_TEST = (
    .1316, .7955, .8794, .9001, .9116, .9171, .9209, .9258, .9278, .9318, .9348, .9374, .9389,
    .9398, .9417, .9432, .9447,
)  # fmt: skip
SETTLED = 3  # rows before it depend on the draw by more than half a point
ALLOWED = 0.005

SCRIPT = HERE.parent / "tests" / "book" / "scripts" / "ch04" / "train_neuralnet.py"
LENGTH = "iters_num = 10000\n"
LOADER = """
import numpy as np
from mitbadak import load_mnist as shipped
def load_mnist(normalize=True, flatten=True, one_hot_label=False):
    train, test = shipped(normalize, flatten, one_hot_label)
    return tuple((x, t.astype(np.float64)) for x, t in (train, test))
"""


def measured(command: list[str], folder: Path) -> tuple[float, float, str]:
    """Processor time and clock time of a command in seconds, and what it printed."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = {**os.environ, "MPLBACKEND": "agg", "PYTHONPATH": os.pathsep.join(
        [str(HERE.parent / "src"), str(HERE), os.environ.get("PYTHONPATH", "")])}  # fmt: skip
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return processor, time.perf_counter() - began, done.stdout


def script(seed: int, iterations: int) -> str:
    """The book's script, so long, with its numbers drawn from this seed."""
    text = SCRIPT.read_text(encoding="utf-8")
    if LENGTH not in text:
        sys.exit(f"{SCRIPT} should say {LENGTH.strip()}")
    seeded = f"# coding: utf-8\nimport numpy\nnumpy.random.seed({seed})\n"
    return seeded + text.replace(LENGTH, f"iters_num = {iterations}\n")


def accuracies(printed: str) -> np.ndarray:
    """Rows of the two accuracies that a run printed."""
    found = re.findall(r"train acc, test acc \| ([\d.]+), ([\d.]+)", printed)
    return np.array(found, float)


def main(rounds: int = 3, iterations: int = 10_000) -> None:
    with tempfile.TemporaryDirectory() as name:
        alone, beside = Path(name, "ch04"), Path(name, "book", "ch04")
        for folder in (alone, beside, beside / "dataset"):
            folder.mkdir(parents=True)
        (beside / "dataset" / "__init__.py").write_text("")
        (beside / "dataset" / "mnist.py").write_text(LOADER)
        (beside / "two_layer_net.py").write_text("from book_way import TwoLayerNet\n")
        times = {"book mode": [], "the book's way": []}
        for seed in range(rounds):
            commands = {
                "book mode": (["-m", "mitbadak", "book", "train.py"], alone),
                "the book's way": (["train.py"], beside),
            }
            rows = {}
            for who in list(commands)[:: 1 if seed % 2 else -1]:
                arguments, folder = commands[who]
                (folder / "train.py").write_text(script(seed, iterations), encoding="utf-8")
                processor, clock, printed = measured([sys.executable, *arguments], folder)
                times[who].append((processor, clock))
                rows[who] = accuracies(printed)
                print(
                    f"seed {seed}, {who}: {processor:.1f} s of processor time, {clock:.1f} s; "
                    f"accuracies {rows[who][-1][0]:.4f}, {rows[who][-1][1]:.4f}",
                    flush=True,
                )
            apart = np.abs(rows["book mode"] - rows["the book's way"]).max()
            notes = np.array([NOTES_TRAIN, NOTES_TEST]).T[: len(rows["book mode"])]
            off = np.abs(rows["book mode"] - notes)[SETTLED:]
            within = "" if not off.size else (
                f"; from the notes' table from iteration {600 * SETTLED} on at most "
                f"{100 * off.max():.2f} points (allowed: {100 * ALLOWED:.1f})"
            )  # fmt: skip
            print(f"  the two differ by at most {100 * apart:.3f} points{within}")
    for what, column in (("processor time", 0), ("clock time", 1)):
        ours, book = (np.array(times[who])[:, column] for who in ("book mode", "the book's way"))
        ratios = np.sort(book / ours)
        print(
            f"{what}: the book's way takes {np.median(ratios):.2f} times as long as book mode "
            f"({ratios[0]:.2f}-{ratios[-1]:.2f}); medians {np.median(book):.1f} s and "
            f"{np.median(ours):.1f} s"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
