"""How the time of a training step grows with width, batch, depth and number of images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace

import numpy as np
from cases import Case, steps_of
from machine import cores_by_label
from rows import Options, Row, Section
from turns import Worker

from sections.stream import images_on_disk, train

PEERS = ("mitbadak", "jax_scan", "torch", "sklearn", "book")
ROUNDS = 5  # at most
FLOPS_PER_TURN, MOST_STEPS, LEAST_STEPS = 4e9, 500, 3
DEFAULT = Case("growth")
WIDTHS = (10, 32, 100, 316, 1000, 4096)
BATCHES = (1, 10, 100, 1000, 10_000)
DEPTHS = (1, 2, 3, 5, 7, 10)
IMAGES = (1000, 10_000, 100_000, 1_000_000, 10_000_000)
# More floats would not fit into memory; the book's are float64.
MOST_IN_MEMORY = {"book": 100_000}
MOST_IMAGES = 1_000_000
LEAST_ON_DISK = 1_000_000  # from here on Mitbadak also reads the images from disk, as bytes

SIZES: dict[str, tuple[tuple[int, ...], Callable[[int], Case]]] = {
    "width": (WIDTHS, lambda n: replace(DEFAULT, widths=(784, n, 10))),
    "batch": (BATCHES, lambda n: replace(DEFAULT, batch=n)),
    "depth": (DEPTHS, lambda n: replace(DEFAULT, widths=(784, *[50] * n, 10))),
    "images": (IMAGES, lambda n: replace(DEFAULT, data="shifted mnist", images=n)),
}


def cases(labels: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, "one") for name in SIZES]


def measure(name: str, label: str, options: Options) -> list[Row]:
    """Each peer by itself: what counts here is the shape of its curve."""
    sizes, case_of = SIZES[name]
    rounds = min(options.rounds, ROUNDS)
    rows = []
    for size in sizes:
        case = case_of(size)
        for peer in options.chosen(PEERS):
            if case.images <= MOST_IN_MEMORY.get(peer, MOST_IMAGES):
                rows.append(_steps(f"{name} {size}", peer, shortened(case), rounds))
        if case.images >= LEAST_ON_DISK:
            rows.append(_from_disk(f"{name} {size}", size))
    return rows


def size_of(row: Row) -> int:
    """The number that a row of this section is about."""
    return int(row.case.split()[-1])


def shortened(case: Case) -> Case:
    """The case with so few examples that an epoch is some hundredths of a second."""
    if case.data != DEFAULT.data:
        return case  # what counts there is that images come from random places in memory
    weights = sum(a * b for a, b in zip(case.widths, case.widths[1:], strict=False))
    steps = int(FLOPS_PER_TURN / (6 * case.batch * weights))
    steps = int(np.clip(steps, LEAST_STEPS, MOST_STEPS))
    return replace(case, examples=min(case.images, steps * case.batch))


def _steps(name: str, peer: str, case: Case, rounds: int) -> Row:
    request = {"case": asdict(case), "measuring": False}
    try:
        worker = Worker("peers", peer, request, cores_by_label()["one"])
    except RuntimeError as error:
        return Row(name, "one", peer, "us per step", note=f"failed: {error}", counts=False)
    steps = steps_of(case, case.examples or case.images)
    times = [worker.turn() / steps * 1e6 for _ in range(rounds)]
    worker.close()
    return Row(name, "one", peer, "us per step", times, threads=1)


def _from_disk(name: str, images: int) -> Row:
    """An epoch read from files; a batch is ``DEFAULT.batch`` images."""
    with images_on_disk(images) as files:
        us = train(files).us_per_image * DEFAULT.batch
    return Row(name, "one", "mitbadak", "us per step", [us], threads=1, note="read from disk")


SECTION = Section("growth", cases, measure)
