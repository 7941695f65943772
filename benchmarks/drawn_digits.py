"""How well a trained run reads digits from image files made of MNIST's test set.

    mitbadak train --out runs/digits
    python benchmarks/drawn_digits.py runs/digits --count 1000

Test digits are scaled to sides of 20 to 600 pixels and placed off center with margins. Half of
them are inverted to dark on light, some get an uneven background or noise, and all are saved as PNG
or as JPEG of random quality. ``mitbadak predict`` then reads them.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from mitbadak.cli.app import main as mitbadak
from mitbadak.data import load_mnist

SMALLEST, LARGEST = 20, 600
MOST_FILES = 200  # of one command line
REQUIRED = 0.95  # of the accuracy on the originals


def main() -> int:
    """Make the images, predict them, and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("run", help="run folder of 'mitbadak train' on MNIST")
    parser.add_argument("--count", type=int, default=30, help="how many pictures (30)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="write the pictures here and leave them")
    given = parser.parse_args()
    _, (images, labels) = load_mnist(normalize=False, flatten=False)
    rng = np.random.default_rng(given.seed)
    picked = rng.choice(len(images), given.count, replace=False)
    with contextlib.ExitStack() as stack:
        folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        originals, made = [], []
        for number, row in enumerate(picked):
            originals.append(folder / f"original-{number:04}-is-{labels[row]}.png")
            Image.fromarray(images[row, 0]).save(originals[-1])
            made.append(_picture(images[row, 0], number, int(labels[row]), folder, rng))
        right = {
            name: np.array(_answers(given.run, files)) == labels[picked].astype(str)
            for name, files in (("originals", originals), ("pictures", made))
        }
    share = {name: float(flags.mean()) for name, flags in right.items()}
    ratio = share["pictures"] / share["originals"]
    print(json.dumps({"count": given.count, "seed": given.seed, **share, "ratio": round(ratio, 4)}))
    return 0 if ratio >= REQUIRED else 1


def _answers(run: str, files: list[Path]) -> list[str]:
    """The class that ``mitbadak predict`` gives each file."""
    answers = []
    for start in range(0, len(files), MOST_FILES):
        output = io.StringIO()
        some = [str(file) for file in files[start : start + MOST_FILES]]
        with contextlib.redirect_stdout(output):
            code = mitbadak(["predict", run, *some, "--json"])
        if code:
            raise SystemExit(code)
        answers += [one["answer"] for one in json.loads(output.getvalue())["predictions"]]
    return answers


def _picture(
    digit: np.ndarray, number: int, label: int, folder: Path, rng: np.random.Generator
) -> Path:
    """Save one digit; the results for a seed depend on the order of the random draws."""
    side = round(SMALLEST * (LARGEST / SMALLEST) ** rng.random())
    scaled = Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC)
    high, wide = (round(side * (1 + rng.uniform(0, 1.5))) for _ in range(2))
    top, left = rng.integers(0, high - side + 1), rng.integers(0, wide - side + 1)
    ink = np.zeros((high, wide))
    ink[top : top + side, left : left + side] = np.asarray(scaled) / 255
    dark, light = rng.uniform(0, 60), rng.uniform(180, 255)
    tone = dark + (light - dark) * ink
    if number % 2:
        tone = dark + light - tone
    down, right = np.mgrid[0 : 1 : high * 1j, 0 : 1 : wide * 1j] - 0.5
    if rng.random() < 0.3:  # light from one side
        tone = tone + rng.uniform(-40, 40) * down + rng.uniform(-40, 40) * right
    if rng.random() < 0.3:
        tone = tone + rng.normal(0, rng.uniform(2, 12), tone.shape)
    picture = Image.fromarray(np.clip(np.rint(tone), 0, 255).astype(np.uint8))
    if rng.random() < 0.6:
        path = folder / f"made-{number:04}-is-{label}.jpg"
        picture.save(path, quality=int(rng.integers(30, 96)))
    else:
        path = folder / f"made-{number:04}-is-{label}.png"
        picture.save(path)
    return path


if __name__ == "__main__":
    sys.exit(main())
