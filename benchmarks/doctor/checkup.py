"""Silence of the checkup: every activation at depths 1 to 3 on five sets; prints what it raises.

python benchmarks/doctor/checkup.py [SEEDS]
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np

import mitbadak as mb
from mitbadak.nn.activations import ACTIVATIONS


def table(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    t = rng.integers(0, 3, 200)
    return rng.normal(size=(3, 5))[t] * 1.5 + rng.normal(size=(200, 5)), t


def numbers(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    x = rng.normal(size=(200, 4))
    return x, np.sin(x[:, :1]) + 0.5 * x[:, 1:2] + 0.1 * rng.normal(size=(200, 1))


def digits(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    train, _ = mb.mnist_datasets()
    return train.batch(rng.choice(60_000, 1500, replace=False))


SETS: dict[str, tuple[Any, int, int, int, dict[str, Any]]] = {
    "mnist": (digits, 784, 50, 10, {"optimizer": mb.SGD(0.1)}),
    "spiral": (lambda _: mb.load_spiral(), 2, 10, 3,
               {"optimizer": mb.SGD(0.3), "batch_size": 30, "epochs": 300}),
    "moons": (lambda _: mb.load_moons(), 2, 10, 2,
              {"optimizer": mb.Adam(0.1), "batch_size": 20, "epochs": 60}),
    "table": (table, 5, 10, 3, {"optimizer": mb.Adam(0.01), "batch_size": 20}),
    "numbers": (numbers, 4, 10, 1, {"optimizer": mb.Adam(0.01), "batch_size": 20}),
}  # fmt: skip


def main(seeds: int) -> None:
    """Print a line for each checkup that raises more than notes, and how many there were."""
    loud = total = 0
    began = time.process_time()
    for seed in range(seeds):
        for name, (make, n_in, hidden, n_out, settings) in SETS.items():
            loss = "mean_squared_error" if name == "numbers" else "softmax_cross_entropy"
            for activation in ACTIVATIONS:
                for depth in (1, 2, 3):
                    widths = [n_in, *[hidden] * depth, n_out]
                    net = mb.MLP(widths, activation, loss=loss, rng=(seed, depth))
                    result = mb.checkup(net, make(np.random.default_rng(seed)), **settings)
                    total += 1
                    if not result.ok:
                        loud += 1
                        for finding in result.findings:
                            if finding.severity != "note":
                                print(f"{name} {activation} {depth} seed {seed}: {finding.text}")
    seconds = (time.process_time() - began) / total
    print(f"{loud} of {total} raise more than notes; {seconds:.2f} s of one core each")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
