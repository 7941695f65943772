"""predict, evaluate and ``mitbadak.load`` agree on a run's own files, for every kind of source.

Each kind makes training data and the raw test examples; the answers for these have as many right as
``evaluate`` counts on the test set, whichever way they are asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

import mitbadak as mb
from command_line import Capture, printed
from mitbadak.data import MADE, load_spiral, write_idx
from mitbadak.data.standardized import split_rows
from mitbadak.runs import Model, Session, TrainConfig
from mitbadak.runs.quality import regression_quality

SIDE = 8


class Made(NamedTuple):
    """A source, and its test examples as a user has them.

    Attributes:
        data: what ``mitbadak train`` takes.
        files: for ``predict``; none where it reads no such files.
        picked: the test examples among the answers for the files.
        x, t: raw test examples, and their labels: class names, or numbers.
        label: the column of the labels, if it is not the last one.
        settings: how the pictures are read.
    """

    data: str
    files: list[str]
    picked: np.ndarray | slice
    x: Any
    t: np.ndarray
    label: str | None = None
    settings: Any = MappingProxyType({})


def table(classes: int, seed: int = 0) -> Made:
    rng = np.random.default_rng(seed)
    t = np.arange(12 * classes) % classes
    x = np.round(np.stack([50 + 9.0 * t, -7 + rng.normal(size=len(t))], axis=-1), 3)
    names = np.array([f"kind {k}" for k in range(classes)])[t]
    lines = [f"{a},{b},{name}\n" for (a, b), name in zip(x, names, strict=True)]
    Path("table.csv").write_text("size,noise,kind\n" + "".join(lines))
    order = {name: k for k, name in enumerate(sorted(set(names)))}
    codes = np.array([order[name] for name in names])
    rows = split_rows("table.csv", codes, 0.2, 0)[1]
    return Made("table.csv", ["table.csv"], rows, x[rows], names[rows])


def numbers_table() -> Made:
    rng = np.random.default_rng(0)
    x = np.round(rng.normal([3, 100], [1, 30], (80, 2)), 3)
    price = np.round(200_000 + 50_000 * x[:, 0] + 900 * x[:, 1], 1)
    lines = [f"{p},{a},{b}\n" for p, (a, b) in zip(price, x, strict=True)]
    Path("prices.csv").write_text("price,rooms,area\n" + "".join(lines))
    rows = split_rows("prices.csv", price[:, None], 0.2, 0)[1]
    return Made("prices.csv", ["prices.csv"], rows, x[rows], price[rows], "price")


def pictures(classes: int, n: int, light: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Bytes of shape (n, SIDE, SIDE), each class with its own pattern."""
    patterns = np.random.default_rng(classes).integers(0, 2, (classes, SIDE, SIDE)) * 150
    t = np.arange(n) % classes
    x = (patterns[t] + np.random.default_rng(1).integers(0, 100, (n, SIDE, SIDE))).astype(np.uint8)
    return (255 - x if light else x), t


def archive(scale: str, classes: int = 3, first: int = 0) -> Made:
    x, t = pictures(classes, 20 * classes)
    t = t + first
    change: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "bytes": lambda x: x,
        "words": lambda x: x.astype(np.int64) * 16,
        "float pixels": lambda x: x.astype(np.float32),
        "unit floats": lambda x: x / 255,
        "signed floats": lambda x: x / 127.5 - 1,
        "ink": lambda x: (x > 127).astype(np.uint8),
    }
    x, cut = change[scale](x), 15 * classes
    np.savez("a.npz", x_train=x[:cut], y_train=t[:cut], x_test=x[cut:], y_test=t[cut:])
    return Made("a.npz", [], slice(None), x[cut:], t[cut:])


def color_archive() -> Made:
    x, t = pictures(3, 60)
    x = np.stack([x, 255 - x, x // 2], axis=-1)
    np.savez("c.npz", x_train=x[:45], y_train=t[:45], x_test=x[45:], y_test=t[45:])
    return Made("c.npz", [], slice(None), x[45:], t[45:])


def points_archive(real: bool, outputs: int = 1) -> Made:
    rng = np.random.default_rng(0)
    x = rng.normal([5, -300], [2, 40], (100, 2))
    t = x[:, :1] @ np.ones((1, outputs)) * 1e4 if real else (x[:, 0] > 5).astype(int)
    np.savez("p.npz", x_train=x[:80], y_train=t[:80], x_test=x[80:], y_test=t[80:])
    return Made("p.npz", [], slice(None), x[80:], t[80:])


def idx_folder(classes: int) -> Made:
    x, t = pictures(classes, 20 * classes)
    cut = 15 * classes
    Path("idx").mkdir()
    for part, rows in (("train", slice(0, cut)), ("t10k", slice(cut, None))):
        write_idx(Path("idx") / f"{part}-images-idx3-ubyte", x[rows])
        write_idx(Path("idx") / f"{part}-labels-idx1-ubyte", t[rows].astype(np.uint8))
    return Made("idx", [], slice(None), x[cut:], t[cut:])


def class_folders(classes: int, light: bool) -> Made:
    x, t = pictures(classes, 20 * classes, light)
    cut, files, names = 15 * classes, [], np.array([f"c{k:02}" for k in t])
    for k, image in enumerate(x):
        folder = Path("folders") / ("train" if k < cut else "test") / names[k]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{k}.png")
        files += [str(folder / f"{k}.png")] * (k >= cut)
    return Made("folders", files, slice(None), x[cut:], names[cut:])


def drawn_folders(**settings: Any) -> Made:
    """Dark bars on light paper, which are inverted."""
    rng, n = np.random.default_rng(0), 60
    x, t, files = np.full((n, 20, 20), 240, np.uint8), np.arange(n) % 3, []
    for k, image in enumerate(x):
        top, left = rng.integers(2, 8, 2)
        height, width = ((12, 4), (12, 8), (8, 8))[t[k]]
        image[top : top + height, left : left + width] = 20
        folder = Path("drawn") / ("train" if k < 45 else "test") / f"c{t[k]}"
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{k}.png")
        files += [str(folder / f"{k}.png")] * (k >= 45)
    names = np.array([f"c{k}" for k in t])[45:]
    return Made("drawn", files, slice(None), x[45:], names, settings=settings)


def named(name: str) -> Made:
    test = MADE[name]()[1] if name != "spiral" else None
    x, t = load_spiral(rng=1985) if test is None else (test.x, test.t)
    return Made(name, [], slice(None), x, t.argmax(axis=1) if name == "spiral" else t)


KINDS: dict[str, Callable[[], Made]] = {
    **{f"table of {k} classes": lambda k=k: table(k) for k in (2, 3, 11, 30)},
    "table of numbers": numbers_table,
    **{f"archive of {scale}": lambda scale=scale: archive(scale)
       for scale in ("bytes", "words", "float pixels", "unit floats", "signed floats", "ink")},
    "archive of colors": color_archive,
    "archive of points": lambda: points_archive(False),
    "archive of numbers": lambda: points_archive(True),
    "archive of two numbers": lambda: points_archive(True, 2),
    **{f"IDX of {k} classes": lambda k=k: idx_folder(k) for k in (2, 11)},
    **{f"folders of {k} classes, {'light' if light else 'dark'}":
       lambda k=k, light=light: class_folders(k, light)
       for k in (2, 12) for light in (False, True)},
    "folders of drawings, dark": drawn_folders,
    "folders of drawings, centered": lambda: drawn_folders(center=True),
    "folders of drawings, centered and inverted": lambda: drawn_folders(center=True, tone="invert"),
    "archive of labels from 1": lambda: archive("bytes", first=1),
    "moons": lambda: named("moons"),
    "regression": lambda: named("regression"),
}  # fmt: skip


@pytest.fixture(params=KINDS)
def made(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch) -> Made:
    monkeypatch.chdir(tmp_path)
    source = KINDS[request.param]()
    monkeypatch.setattr("mitbadak.cli.evaluate._picture", lambda *_: {})
    real = source.t.dtype.kind == "f" and source.data != "regression"
    given = {"targets": "numbers" if real else None, "label": source.label, **source.settings}
    Session.start(TrainConfig.for_data(source.data, epochs=6, **given), "run").train()
    return source


def right(answers: Any, t: np.ndarray) -> float:
    return float(np.mean([str(a) == str(b) for a, b in zip(answers, t, strict=True)]))


def test_every_way_of_asking_gives_the_same_answers(made: Made, capfd: Capture) -> None:
    report = json.loads(printed(capfd, "evaluate", "run", "--json"))
    model = mb.load("run")
    assert isinstance(model, Model)
    outputs = model.predict(made.x)
    one = made.x[3] if not made.settings else made.x[3:4]  # of another size than the net's
    np.testing.assert_allclose(np.squeeze(model.predict(one)), np.squeeze(outputs[3]), rtol=1e-5)
    ways = {"python": outputs}
    if made.files:
        ways["paths"] = model.predict(made.files)[made.picked]
        answers = json.loads(printed(capfd, "predict", "run", *made.files, "--json"))["predictions"]
        answers = [answer["answer"] for answer in answers]
        ways["predict"] = np.array(answers)[made.picked]
    if not model.classes:
        for way, y in ways.items():
            quality = regression_quality(made.t.reshape(len(made.t), -1), y.reshape(len(y), -1))
            for name, value in quality.items():
                assert report[name] == pytest.approx(value, rel=1e-5), way
        return
    assert report["test_accuracy"] == pytest.approx(model.accuracy(made.x, made.t), abs=1e-9)
    for way, y in ways.items():
        names = y if way == "predict" else np.array(model.classes)[y.argmax(axis=1)]
        assert right(names, made.t) == pytest.approx(report["test_accuracy"], abs=1e-9), way
    assert right(model.classify(made.x), made.t) == pytest.approx(report["test_accuracy"], abs=1e-9)
    assert model.loss(made.x, made.t) == pytest.approx(report["test_loss"], rel=1e-5)
