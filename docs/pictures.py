"""The pictures of the READMEs and pages, in both languages, made anew.

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

WHY_A_LOSS = {
    "en": ("how far one weight is moved", "accuracy on 100 images", "loss", "its slope here"),
    "ko": ("가중치 하나를 움직인 거리", "이미지 100장의 정확도", "손실", "이곳의 기울기"),
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


def why_a_loss(lang: str, path: Path) -> None:
    """Accuracy and loss of 100 images while one weight is moved, for the page of that name."""
    words = WHY_A_LOSS[lang]
    (x_train, t_train), (x_test, t_test) = mb.load_mnist()
    net = mb.TwoLayerNet(784, 50, 10, rng=0)
    mb.fit(net, x_train[:2000], t_train[:2000], epochs=20, rng=0, callbacks=[])
    x, t, W = x_test[:100], t_test[:100], net.params["W2"]
    here, distances, seen = W[7, 3].item(), np.linspace(-6, 6, 1201), []
    for distance in distances:
        W[7, 3] = here + distance
        seen.append((net.accuracy(x, t), net.loss(x, t)))
    accuracies, losses = np.array(seen).T
    with mb.plots.lettering(lang, words):
        figure = mb.plots.new_figure()
        stairs, curve = figure.subplots(1, 2)
        stairs.step(distances, accuracies, where="mid", color="#0072B2", linewidth=1)
        near = stairs.inset_axes((0.2, 0.1, 0.42, 0.42))
        near.step(distances, accuracies, where="mid", color="#0072B2", linewidth=1.2)
        near.plot(0, accuracies[600], "o", color="#D55E00")
        near.set(xlim=(-0.5, 0.5), ylim=(accuracies[600] - 0.026, accuracies[600] + 0.026))
        near.tick_params(labelsize=7)
        near.grid(alpha=0.3)
        stairs.indicate_inset_zoom(near)
        curve.plot(distances, losses, color="#0072B2")
        slope = (losses[601] - losses[599]) / (distances[601] - distances[599])
        line = np.array([-3.0, 3.0])
        curve.plot(line, losses[600] + slope * line, "--", color="#D55E00", label=words[3])
        for axes, value, label in (
            (stairs, accuracies[600], words[1]),
            (curve, losses[600], words[2]),
        ):
            axes.plot(0, value, "o", color="#D55E00")
            axes.set(xlabel=words[0], ylabel=label)
            axes.grid(alpha=0.3)
        curve.legend()
        mb.plots.save_figure(figure, path)


def learning(lang: str, path: Path) -> None:
    """The boundary of the spiral while it is learned, in fewer frames than a film usually has."""
    film = mb.plots.BoundaryFilm(path, "spiral, 2-10-3 sigmoid, sgd lr 1", lang=lang, frames=32)
    net, test = mb.MLP([2, 10, 3], rng=0), mb.load_spiral(1985)
    mb.fit(
        net, mb.load_spiral(), test=test, lr=1.0, epochs=300, batch_size=30, rng=0, callbacks=[film]
    )


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
            learning(lang, IMAGES / f"learning{ending}.gif")
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
            why_a_loss(lang, IMAGES / f"why-a-loss{ending}.png")
        mitbadak(*race, "--gif", IMAGES / "race.gif")


if __name__ == "__main__":
    main()
