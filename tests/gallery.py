"""Every picture of the house, drawn from ordinary data and from data that are hard to draw.

``GALLERY`` has a function from a language to a figure for each. To look at them:

    python tests/gallery.py FOLDER [PART OF A NAME]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from mitbadak import MLP, Dataset, History, gradient_descent, plots
from mitbadak.data import Preparation, load_moons, load_spiral
from mitbadak.descent import DescentResult, descend, himmelblau, rosenbrock, sphere
from mitbadak.optim import OPTIMIZERS, SGD
from mitbadak.plots.notebook import figure_of
from mitbadak.runs.quality import calibration, confusion_matrix
from mitbadak.training import fit

Draw = Callable[[str], Figure]

WIDE = ("동해물과 백두산이 마르고 닳도록", "하느님이 보우하사", "우리나라 만세", "무궁화", "삼천리")
LONG = tuple(f"a class with quite a long name, number {k}" for k in range(5))
SHORT = ("cat", "dog", "cow")
TITLE = "digits, 784-50-10 sigmoid, sgd lr 0.1"


def seeded(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


# --- curves ---


def history(
    epochs: int,
    steps: int = 10,
    *,
    accuracy: Callable[[float], float] | None = lambda share: 0.95 - 0.85 * np.exp(-6 * share),
    loss: Callable[[float], float] = lambda share: 0.2 + 2.1 * np.exp(-5 * share),
    sets: Sequence[str] = ("train", "test"),
    kept: int | None = None,
) -> History:
    """A course of training, as functions of the share of the epochs that are done."""
    rows: list[dict[str, Any]] = []
    for epoch in range(epochs + 1):
        share = epoch / max(epochs, 1)
        row: dict[str, Any] = {"epoch": epoch, "step": epoch * steps}
        for k, name in enumerate(sets):
            if accuracy is not None:
                row[f"{name}_accuracy"] = min(1.0, accuracy(share) * (1 - 0.01 * k))
            row[f"{name}_loss"] = loss(share) * (1 + 0.05 * k)
        rows.append({**row, "seconds": epoch / 10})
    noise = seeded().normal(1, 0.1, epochs * steps).clip(0.5)
    losses = [loss(k / max(1, epochs * steps)) * float(noise[k]) for k in range(epochs * steps)]
    made = History(rows, losses)
    made.kept = kept
    return made


def _lost(share: float) -> float:
    return np.nan if share > 0.4 else 2.3


HISTORIES: dict[str, Callable[[], History]] = {
    "ordinary": lambda: history(17, 60),
    "three sets, kept": lambda: history(
        40, sets=("train", "validation", "test"), kept=22
    ),
    "no epoch": lambda: history(0),
    "one epoch": lambda: history(1, 6),
    "3000 epochs": lambda: history(3000, 1),
    "losses not finite": lambda: history(9, loss=_lost),
    "nothing finite": lambda: history(3, loss=lambda _: np.nan, accuracy=lambda _: np.nan),
    "constant": lambda: history(12, accuracy=lambda _: 1.0, loss=lambda _: 1.0),
    "constant 0": lambda: history(12, accuracy=lambda _: 0.0, loss=lambda _: 0.0),
    "huge": lambda: history(12, loss=lambda share: 1e30 * (1 + share), accuracy=None),
    "tiny": lambda: history(12, loss=lambda share: 1e-12 * (2 - share), accuracy=None),
    "exploded": lambda: history(12, loss=lambda share: 10 ** (10 * share - 1), accuracy=None),
    "empty": lambda: History([], []),
}  # fmt: skip


def _curves(make: Callable[[], History], title: str = TITLE) -> Draw:
    return lambda lang: plots.training_figure(make(), title, lang=lang)


# --- the plane ---


@cache
def spiral_net(epochs: int = 60) -> MLP:
    net = MLP([2, 10, 3], rng=0)
    fit(net, load_spiral(), optimizer=SGD(1.0), epochs=epochs, rng=0, callbacks=[])
    return net


def plane(
    net: MLP,
    data: Dataset,
    lang: str,
    test: Dataset | None = None,
    preparation: Preparation | None = None,
) -> Figure:
    with plots.lettering(lang):
        figure = plots.new_figure(5.5, 5.5)
        ax = plots.decision_boundary(
            net, data, figure.subplots(), test=test, preparation=preparation, points=60, lang=lang
        )  # fmt: skip
        plots.set_title(ax, "spiral, 2-10-3 sigmoid, sgd lr 1", fontsize=10)
        return figure


def many_classes(classes: int) -> Dataset:
    angle = 2 * np.pi * np.arange(10 * classes) / (10 * classes)
    return Dataset(np.stack([np.cos(angle), np.sin(angle)], 1), np.arange(10 * classes) // 10)


def _points(scale: Sequence[float], shift: Sequence[float] = (0, 0)) -> Dataset:
    return Dataset(seeded().normal(size=(60, 2)) * scale + shift, np.arange(60) % 2)


PLANES: dict[str, Draw] = {
    "spiral": lambda lang: plane(
        spiral_net(), Dataset(*load_spiral()), lang, Dataset(*load_spiral(1985))
    ),
    "untrained": lambda lang: plane(MLP([2, 3], init="zeros"), Dataset(*load_spiral()), lang),
    "yes or no": lambda lang: plane(
        MLP([2, 1], loss="sigmoid_cross_entropy", rng=0), Dataset(*load_moons()), lang
    ),
    "30 classes": lambda lang: plane(MLP([2, 30], rng=0), many_classes(30), lang),
    "12 classes": lambda lang: plane(MLP([2, 12], rng=0), many_classes(12), lang, many_classes(12)),
    "one class": lambda lang: plane(
        MLP([2, 2], rng=0), Dataset(seeded().normal(size=(20, 2)), np.zeros(20, int)), lang
    ),
    "one point": lambda lang: plane(
        MLP([2, 2], rng=0), Dataset(np.zeros((1, 2)), np.array([1])), lang
    ),
    "flat": lambda lang: plane(MLP([2, 2], rng=0), _points((1e3, 1.0)), lang),
    "tall": lambda lang: plane(MLP([2, 2], rng=0), _points((1.0, 1e4)), lang),
    "tiny": lambda lang: plane(MLP([2, 2], rng=0), _points((1e-9, 1e-9)), lang),
    "huge": lambda lang: plane(MLP([2, 2], rng=0), _points((1e9, 1e9)), lang),
    "far away": lambda lang: plane(MLP([2, 2], rng=0), _points((1, 1), (1e6, 1e6)), lang),
    "not finite": lambda lang: plane(_broken(), _points((1, 1)), lang),
    "table": lambda lang: plane(
        MLP([2, 3], rng=0), _standardized(), lang, _standardized(), preparation=TABLE
    ),
    "table, long names": lambda lang: plane(
        MLP([2, 5], rng=0), _standardized(5), lang, preparation=_table_of(LONG)
    ),
    "table, wide names": lambda lang: plane(
        MLP([2, 5], rng=0), _standardized(5), lang, preparation=_table_of(WIDE)
    ),
}


def _standardized(classes: int = 3) -> Dataset:
    return Dataset(seeded().normal(size=(60, 2)), np.arange(60) % classes)


def _table_of(names: Sequence[str]) -> Preparation:
    return Preparation("table", columns=(names[0], names[1]), label="t", classes=tuple(names),
                       mean=(70.0, 1e6), std=(12.0, 5e4))  # fmt: skip


TABLE = Preparation("table", columns=("petal length (cm)", "petal width (cm)"), label="species",
                    mean=(3.8, 1.2), std=(1.7, 0.7), classes=SHORT)  # fmt: skip


def _broken() -> MLP:
    net = MLP([2, 2], rng=0)
    net.params["W1"] = np.full((2, 2), np.nan, np.float32)
    return net


def line(x: np.ndarray, t: np.ndarray, lang: str, preparation: Preparation | None = None) -> Figure:
    with plots.lettering(lang):
        figure = plots.new_figure(5.5, 4.0)
        net = MLP([1, 8, t.reshape(len(t), -1).shape[1]], loss="mean_squared_error", rng=0)
        ax = plots.fitted_curve(
            net, Dataset(x, t), figure.subplots(), preparation=preparation, lang=lang
        )
        plots.set_title(ax, "regression, 1-8-1 sigmoid, adam lr 0.01", fontsize=10)
        return figure


LINES: dict[str, Draw] = {
    "ordinary": lambda lang: line(*_sine(80), lang),
    "one point": lambda lang: line(*_sine(1), lang),
    "constant": lambda lang: line(_sine(20)[0], np.ones(20), lang),
    "huge": lambda lang: line(_sine(20)[0] * 1e12, _sine(20)[1] * 1e30, lang),
    "tiny": lambda lang: line(_sine(20)[0] * 1e-12, _sine(20)[1] * 1e-30, lang),
    "three outputs": lambda lang: line(_sine(20)[0], np.stack([_sine(20)[1]] * 3, 1), lang),
}


def _sine(n: int) -> tuple[np.ndarray, np.ndarray]:
    x = np.linspace(-3, 3, n)
    return x[:, None], np.sin(x)


# --- descents ---


def path(result: DescentResult, f: Any, lang: str) -> Figure:
    title = "sphere, sgd, lr 0.1"
    with plots.lettering(lang, [title]):
        figure = plots.new_figure(5.5, 5.5)
        plots.set_title(plots.descent_path(result, figure.subplots(), f, lang=lang), title)
        return figure


def _down(f: Any, start: Sequence[float], lr: float, steps: int) -> DescentResult:
    return gradient_descent(f, np.array(start, float), lr, steps)


DESCENTS: dict[str, Draw] = {
    "ordinary": lambda lang: path(_down(sphere, (-3, 4), 0.1, 20), sphere, lang),
    "single step": lambda lang: path(_down(sphere, (-3, 4), 0.1, 1), sphere, lang),
    "no step": lambda lang: path(_down(sphere, (-3, 4), 0.1, 0), None, lang),
    "diverged": lambda lang: path(
        gradient_descent(sphere, [-3.0, 4.0], lr=10.0, gradient=lambda x: 2 * x), sphere, lang
    ),
    "lost to rounding": lambda lang: path(_down(sphere, (-3, 4), 10.0, 100), sphere, lang),
    "downhill for ever": lambda lang: path(
        _down(lambda x: -(x[0] ** 4) - x[1], (1, 1), 0.5, 60), None, lang
    ),
    "tiny": lambda lang: path(_down(sphere, (1e-9, 1e-9), 0.1, 20), sphere, lang),
    "huge": lambda lang: path(_down(sphere, (1e9, 1e9), 0.1, 20), sphere, lang),
    "in a notebook": lambda lang: figure_of(_down(sphere, (-3, 4), 0.1, 20), "x" * 80, lang),
}


@cache
def _race(surface: str, steps: int) -> dict[str, DescentResult]:
    f = {"rosenbrock": rosenbrock, "himmelblau": himmelblau, "sphere": sphere}[surface]
    start = {"rosenbrock": (-1.2, 1.0), "himmelblau": (0.0, 0.0), "sphere": (-3.0, 4.0)}[surface]
    return {
        name: descend(f, np.array(start), make(lr=0.01), steps) for name, make in OPTIMIZERS.items()
    }


RACES: dict[str, Draw] = {
    "rosenbrock": lambda lang: plots.race_figure(
        _race("rosenbrock", 60), rosenbrock, "rosenbrock", lang=lang
    ),
    "single step": lambda lang: plots.race_figure(_race("sphere", 1), sphere, lang=lang),
    "no step": lambda lang: plots.race_figure(_race("himmelblau", 0), himmelblau, lang=lang),
    "one runner": lambda lang: plots.race_figure(
        {"sgd": _down(sphere, (-3, 4), 0.1, 20)}, sphere, "", lang=lang
    ),
    "runs away": lambda lang: plots.race_figure(
        {"sgd": gradient_descent(sphere, [-3.0, 4.0], lr=1.2, step_num=90),
         "momentum": _down(sphere, (-3, 4), 0.1, 90)}, sphere, lang=lang,
    ),
    "below zero": lambda lang: plots.race_figure(
        {"sgd": _down(_slope, (1, 1), 0.1, 40)}, _slope, "sum", lang=lang
    ),
    "long names": lambda lang: plots.race_figure(
        {name: _down(sphere, (-3, 4), 0.1, 9) for name in (*LONG, *WIDE)}, sphere, lang=lang
    ),
    "tiny": lambda lang: plots.race_figure(
        {"sgd": _down(sphere, (1e-9, 1e-9), 0.1, 20)}, sphere, lang=lang
    ),
}  # fmt: skip


def _slope(x: np.ndarray) -> float:
    return float(-x[0] - 2 * x[1])


# --- runs and weights ---


def _runs(count: int, names: Sequence[str] = (), epochs: int = 17) -> Draw:
    def draw(lang: str) -> Figure:
        made = {
            (names[k] if names else f"mnist-{k:03}"): history(epochs, 2, kept=epochs // 2 or None)
            for k in range(count)
        }
        return plots.compare_figure(made, lang=lang)

    return draw


COMPARISONS: dict[str, Draw] = {
    "two": _runs(2), "one": _runs(1), "28": _runs(28), "one epoch": _runs(3, epochs=1),
    "long names": _runs(5, LONG), "wide names": _runs(5, WIDE), "3000 epochs": _runs(2, (), 3000),
    "no accuracy": lambda lang: plots.compare_figure(
        {"a": history(5, accuracy=None), "b": history(5, loss=_lost)}, lang=lang
    ),
    "huge": lambda lang: plots.compare_figure({"a": HISTORIES["huge"]()}, lang=lang),
}  # fmt: skip


def weights(sizes: Sequence[int], shape: tuple[int, ...] = (), scale: float = 1.0) -> Draw:
    def draw(lang: str) -> Figure:
        net = MLP(sizes, rng=0)
        for name in list(net.params):
            net.params[name] = net.params[name] * scale
        return plots.weights_figure(net, shape, f"digits: {net!r}", lang=lang)

    return draw


WEIGHTS: dict[str, Draw] = {
    "digits": weights([784, 50, 10], (28, 28)),
    "three units": weights([16, 3, 2], (4, 4)),
    "one unit": weights([16, 1], (4, 4)),
    "colors": weights([48, 12, 3], (3, 4, 4)),
    "1234 units": weights([16, 1234, 3], (4, 4)),
    "matrices": weights([2, 10, 3]),
    "one matrix": weights([2, 1]),
    "six matrices": weights([4, 9, 9, 9, 9, 9, 3]),
    "twenty matrices": weights([4, *[9] * 19, 3]),
    "zeros": weights([4, 9, 3], scale=0.0),
    "tiny": weights([4, 9, 3], scale=1e-20),
    "huge": weights([4, 9, 3], scale=1e20),
}


# --- predictions ---


def probabilities(n: int, classes: int, sharpness: float = 4.0) -> np.ndarray:
    scores = sharpness * seeded(1).normal(size=(n, classes))
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def quality(
    names: tuple[str, ...] | list[str],
    below: str = "",
    n: int = 300,
    title: str = TITLE,
    **given: Any,
) -> Draw:
    def draw(lang: str) -> Figure:
        classes = len(names)
        p = given.get("p", probabilities(n, classes))
        mixed = np.where(seeded(2).random(len(p)) < 0.8, p.argmax(1), np.arange(len(p)) % classes)
        t = given.get("t", mixed)
        predicted = p.argmax(axis=1)
        matrix = confusion_matrix(t, predicted, classes) * given.get("times", 1)
        wrong = np.flatnonzero(predicted != t)[:12]

        def images(part: Any) -> None:
            plots.misclassified_images(
                seeded().random((len(wrong), 28, 28)),
                [names[int(k)] for k in t[wrong]],
                [names[int(k)] for k in predicted[wrong]],
                p[wrong].max(axis=1).tolist(),
                part,
                lang=lang,
            )

        def points(part: Any) -> None:
            left, right = part.subplots(1, 2)
            x = seeded().normal(size=(n, 2)) * given.get("scale", 1.0)
            plots.misclassified_points(x, t, predicted, names, left, lang=lang)
            sure = p.max(axis=1)
            is_right = predicted == t
            plots.confidence_histogram(sure[is_right], sure[~is_right], right, lang=lang)

        drawn = {"images": images, "points": points}.get(below)
        calibrated = calibration(p, t) if given.get("calibrated", True) else None
        return plots.quality_figure(matrix, calibrated, names, title, below=drawn, lang=lang)

    return draw


DIGITS = tuple(map(str, range(10)))
QUALITIES: dict[str, Draw] = {
    "digits": quality(DIGITS, "images"),
    "points": quality(SHORT, "points"),
    "points, long names": quality(LONG, "points"),
    "points, 30 classes": quality([str(k) for k in range(30)], "points", 600),
    "points, tiny": quality(SHORT, "points", scale=1e-9),
    "30 classes": quality([f"class number {k}" for k in range(30)], "images", 3000),
    "100 classes": quality([str(k) for k in range(100)], "images", 3000),
    "wide names": quality(WIDE, "images"),
    "long names": quality(LONG, "images"),
    "16 wide names": quality([f"{WIDE[k % 5]}{k}" for k in range(16)], "images", 2000),
    "millions": quality(DIGITS, "images", times=1_000_000),
    "16 classes, millions": quality([f"c{k}" for k in range(16)], "", times=1_000_000),
    "nothing wrong": quality(SHORT, "images", t=probabilities(300, 3).argmax(1)),
    "all wrong": quality(SHORT, "points", t=(probabilities(300, 3).argmax(1) + 1) % 3),
    "one example": quality(SHORT, "images", 1),
    "one class": quality(("only",), "", p=np.ones((9, 1)), t=np.zeros(9, int)),
    "no probabilities": quality(SHORT, "", calibrated=False),
    "no title": quality(SHORT, "images", title=""),
    "long title": quality(SHORT, "images", title=f"a run: {MLP([784, *[100] * 8, 10], rng=0)!r}"),
}


def _values(n: int, scale: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    t = seeded().normal(size=n) * scale
    return t, t + 0.3 * scale * seeded(1).normal(size=n)


REGRESSIONS: dict[str, Draw] = {
    "ordinary": lambda lang: plots.regression_figure(*_values(200), TITLE, lang=lang),
    "one point": lambda lang: plots.regression_figure([1.0], [2.0], TITLE, lang=lang),
    "exact": lambda lang: plots.regression_figure(_values(50)[0], _values(50)[0], lang=lang),
    "constant": lambda lang: plots.regression_figure(np.ones(9), np.ones(9), TITLE, lang=lang),
    "huge": lambda lang: plots.regression_figure(*_values(50, 1e30), TITLE, lang=lang),
    "tiny": lambda lang: plots.regression_figure(*_values(50, 1e-30), TITLE, lang=lang),
    "three outputs": lambda lang: plots.regression_figure(
        _values(60)[0].reshape(-1, 3), _values(60)[1].reshape(-1, 3), TITLE, lang=lang
    ),
}


def predictions(n: int, names: Sequence[str], files: Sequence[str] = (), **given: Any) -> Draw:
    def draw(lang: str) -> Figure:
        images = given.get("images", seeded().integers(0, 256, (n, 28, 28)).astype(np.uint8))
        titles = [files[k % len(files)] if files else f"photo{k}.jpg" for k in range(n)]
        p = probabilities(n, len(names))
        truth = [names[k % len(names)] for k in range(n)] if given.get("known") else []
        return plots.prediction_figure(images, titles, p, names, truth=truth, lang=lang)

    return draw


PREDICTIONS: dict[str, Draw] = {
    "three": predictions(3, DIGITS),
    "one": predictions(1, SHORT),
    "twelve": predictions(12, DIGITS),
    "one class": predictions(2, ("only",)),
    "known": predictions(6, DIGITS, known=True),
    "known, wide names": predictions(3, WIDE, known=True),
    "known, one class": predictions(1, ("only",), known=True),
    "long names": predictions(5, LONG, ["a file with a very long name indeed, a photograph.jpeg"]),
    "wide names": predictions(5, WIDE, ["필기체 숫자를 찍은 아주 긴 이름의 사진 파일.jpg"]),
    "floats": predictions(2, DIGITS, images=seeded().normal(size=(2, 8, 8))),
    "flat": predictions(1, DIGITS, images=np.zeros((1, 4, 40), np.uint8)),
}


def sweep(count: int, measure: str = "accuracy", names: Sequence[str] = ("lr",)) -> Draw:
    def draw(lang: str) -> Figure:
        rng = np.random.default_rng(0)
        made = []
        for number in range(count):
            rate = float(10 ** rng.uniform(-3, 1))
            kinds: dict[str, Any] = {
                "lr": rate, "hidden": ((5,), (10,), (20, 20))[number % 3],
                "batch_size": 8 << number % 4,
                "batch_norm": bool(number % 2),
                "optimizer": ("sgd", "momentum", "adam")[number % 3],
                "activation": ("relu", "sigmoid", "tanh", "leaky_relu", "softplus")[number % 5],
                "dropout": float(rng.random() / 2), "schedule": "constant",
            }  # fmt: skip
            value = float(np.exp(-abs(np.log10(rate))) * rng.uniform(0.9, 1))
            value = value if measure == "accuracy" else 1e3 ** (1 - value)
            state = "pruned" if number % 4 == 3 else "finished"
            made.append((number, {n: kinds[n] for n in names}, value, state))
        best = (max if measure == "accuracy" else min)(
            (m for m in made if m[3] == "finished"), key=lambda m: m[2], default=(None,)
        )[0]
        return plots.sweep_figure(made, measure=measure, log=("lr",), best=best, lang=lang)

    return draw


EVERYTHING = ("lr", "hidden", "batch_size", "batch_norm", "optimizer", "activation", "dropout",
              "schedule")  # fmt: skip
SWEEPS = {
    "ordinary": sweep(30, names=("lr", "hidden")),
    "one setting": sweep(12),
    "one trial": sweep(1),
    "loss": sweep(40, "loss", ("lr", "dropout")),
    "all settings": sweep(40, names=EVERYTHING),
}

ROOMS: dict[str, dict[str, Draw]] = {
    "curves": {name: _curves(make) for name, make in HISTORIES.items()},
    "boundary": PLANES,
    "fit": LINES,
    "descent": DESCENTS,
    "race": RACES,
    "compare": COMPARISONS,
    "weights": WEIGHTS,
    "quality": QUALITIES,
    "regression": REGRESSIONS,
    "prediction": PREDICTIONS,
    "sweep": SWEEPS,
}
GALLERY = {f"{room}: {name}": draw for room, cases in ROOMS.items() for name, draw in cases.items()}
"""Every picture, by its room and its data."""


def main(folder: str, part: str = "") -> None:
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, draw in GALLERY.items():
        if part not in name:
            continue
        for lang in ("en", "ko"):
            path = Path(folder) / f"{name.replace(': ', '-').replace(' ', '_')}.{lang}.png"
            try:
                plots.save_figure(draw(lang), path)
            except Exception as problem:
                print(f"{name} ({lang}): {type(problem).__name__}: {problem}")


if __name__ == "__main__":
    main(*sys.argv[1:])
