"""The pictures of the READMEs, in both languages, made anew.

    python docs/pictures.py

Half a minute; growth.png and the benchmarks' pictures come from ``benchmarks/run.py``.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

import mitbadak as mb
from mitbadak.plots.graph import draw

IMAGES = Path(__file__).parent / "images"
LANGUAGES = {"en": "", "ko": ".ko"}  # and how the names of their pictures end
APPLES = {
    "en": ("apple", "apples", "orange", "oranges", "tax", "price"),
    "ko": ("사과", "사과 개수", "오렌지", "오렌지 개수", "소비세", "금액"),
}


def mitbadak(*args: object) -> None:
    """The command, as a person types it."""
    subprocess.run([sys.executable, "-m", "mitbadak", *map(str, args)], check=True)


def apples(lang: str, path: Path) -> None:
    """The price of two apples and three oranges, with its gradients."""
    values = (100.0, 2.0, 150.0, 3.0, 1.1)
    *names, total = APPLES[lang]
    apple, n_apples, orange, n_oranges, tax = (
        mb.Variable(value, name) for value, name in zip(values, names, strict=True)
    )
    price = (apple * n_apples + orange * n_oranges) * tax
    price.name = total
    price.backward()
    draw(price).save(path)


def hand_drawn(folder: Path) -> list[Path]:
    """A few test digits as someone might have drawn and photographed them."""
    x = mb.load_mnist(normalize=False)[1][0]
    files = []
    for k, (row, side, dark) in enumerate(((0, 90, True), (1, 140, False), (18, 200, True))):
        digit = Image.fromarray(255 - x[row].reshape(28, 28) if dark else x[row].reshape(28, 28))
        paper = Image.new("L", (side + 60, side + 40), 235 if dark else 0)
        paper.paste(digit.resize((side, side), Image.Resampling.BICUBIC), (40 - 15 * k, 12))
        paper = Image.fromarray(np.minimum(np.asarray(paper), 235).astype(np.uint8))
        files.append(folder / f"photo{k + 1}.jpg")
        paper.save(files[-1], quality=70)
    return files


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        photos = hand_drawn(folder)
        for lang, ending in LANGUAGES.items():
            language = ("--lang", lang)
            digits, spiral = folder / lang / "digits", folder / lang / "spiral"
            mitbadak("train", "--out", digits, *language)
            mitbadak("train", "spiral", "--out", spiral, *language)
            mitbadak("evaluate", digits, *language)
            for made, name in (
                (digits / "curves.png", "training"),
                (digits / "quality.png", "quality"),
                (spiral / "boundary.png", "boundary"),
            ):
                shutil.copyfile(made, IMAGES / f"{name}{ending}.png")
            mitbadak(
                "predict", digits, *photos, "--picture", IMAGES / f"predict{ending}.png", *language
            )
            descent = ("descend", "sphere", "--start=-3,4", "--lr", 0.1, "--steps", 20)
            mitbadak(*descent, "--picture", IMAGES / f"descent{ending}.png", *language)
            race = ("descend", "rosenbrock", "--race", "--steps", 200)
            mitbadak(*race, "--picture", IMAGES / f"race{ending}.png", *language)
            apples(lang, IMAGES / f"graph-apples{ending}.svg")
        mitbadak(*race, "--gif", IMAGES / "race.gif")


if __name__ == "__main__":
    main()
