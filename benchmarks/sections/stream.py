"""Millions of images on disk: time per image and memory of an epoch, against MNIST in memory."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cases import SIDE, shifted_mnist
from rows import Goal, Options, Row, Section

CHILD = Path(__file__).parent.parent / "streaming.py"
CASE = "stream"
ROUNDS = 5  # at most
IN_MEMORY_EPOCHS = 5  # one lasts some hundredths of a second only
EVERY_SECONDS = 0.005


@dataclass(frozen=True)
class Trained:
    """One process: time per image, and its peak of memory that no file backs (0 if unknown)."""

    us_per_image: float
    megabytes: float


def measure(name: str, label: str, options: Options) -> list[Row]:
    disk, memory = [], []
    with images_on_disk(options.images) as files:
        train(files)  # warms the disk's cache
        for _ in range(min(options.rounds, ROUNDS)):
            memory.append(train([]))
            disk.append(train(files))
    case = f"one epoch of {options.images:,} images on disk"
    times, ours = [r.us_per_image for r in disk], [r.us_per_image for r in memory]
    ratios = [a / b for a, b in zip(times, ours, strict=True)]
    unit, anonymous = "us per image", "MB anonymous"
    return [
        Row(case, label, "mitbadak", unit, times, ratios, note="against MNIST in memory",
            goals=[Goal(2, 1.2, at_most=True, against="MNIST in memory")]),
        Row(case, label, "mitbadak", anonymous, [r.megabytes for r in disk]),
        Row("MNIST in memory", label, "mitbadak", unit, ours),
        Row("MNIST in memory", label, "mitbadak", anonymous, [r.megabytes for r in memory]),
    ]  # fmt: skip


@contextlib.contextmanager
def images_on_disk(images: int) -> Iterator[list[str]]:
    """IDX files of so many images and their labels, in a folder that goes away again."""
    with tempfile.TemporaryDirectory() as folder:
        pictures, classes = Path(folder) / "images.idx", Path(folder) / "labels.idx"
        with pictures.open("wb") as for_x, classes.open("wb") as for_t:
            for_x.write(_header(images, SIDE, SIDE))
            for_t.write(_header(images))
            for x, t in shifted_mnist(images):
                x.tofile(for_x)
                t.tofile(for_t)
        yield [str(pictures), str(classes)]


def train(files: list[str]) -> Trained:
    """A cold training on files, or on MNIST in memory where there are none."""
    epochs = 1 if files else IN_MEMORY_EPOCHS
    process = subprocess.Popen(
        [sys.executable, str(CHILD), str(epochs), *files], stdout=subprocess.PIPE, text=True
    )
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _anonymous_megabytes(process.pid))
        time.sleep(EVERY_SECONDS)
    output, _ = process.communicate()
    if process.returncode:
        raise RuntimeError("streaming.py failed; its message is above")
    return Trained(json.loads(output.splitlines()[-1])["us_per_image"], peak)


def _header(*shape: int) -> bytes:
    unsigned_bytes = 0x08
    return bytes([0, 0, unsigned_bytes, len(shape)]) + b"".join(n.to_bytes(4) for n in shape)


def _anonymous_megabytes(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    sizes = [line.split()[1] for line in lines if line.startswith("RssAnon")]
    return int(sizes[0]) / 1024 if sizes else 0.0


SECTION = Section("stream", lambda _: [(CASE, "")], measure)
