"""From the prompt to 97% test accuracy: cold processes in turn, wall time and peak memory."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

PEERS = ("mitbadak", "sklearn", "torch", "jax_scan")


def once(peer: str) -> tuple[float, float, float]:
    """Seconds, peak MB and accuracy of one cold process."""
    script = str(Path(__file__).with_name("reach.py"))
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, script, peer], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{peer} failed")
    return time.perf_counter() - began, usage.ru_maxrss / 1024, float(said.split()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    for peer in PEERS:
        once(peer)  # warms the disk and every cache of compiled code
    found = {peer: [] for peer in PEERS}
    for _ in range(rounds):
        for peer in PEERS:
            found[peer].append(once(peer))
    print(
        "| peer | seconds | / mitbadak | 10-90% | peak MB | accuracy |\n|---|---|---|---|---|---|"
    )
    ours = np.array([seconds for seconds, _, _ in found["mitbadak"]])
    for peer, runs in found.items():
        seconds, memory, accuracy = np.array(runs).T
        low, middle, high = np.quantile(seconds / ours, [0.1, 0.5, 0.9])
        print(f"| {peer} | {np.median(seconds):.2f} | {middle:.2f} | {low:.2f}-{high:.2f} "
              f"| {memory.max():.0f} | {accuracy.min():.4f} |")  # fmt: skip


if __name__ == "__main__":
    main()
