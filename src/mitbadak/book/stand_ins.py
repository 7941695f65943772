"""Weights and pictures that stand in for files of the books: made once, and kept in a cache.

The weights are trained from fixed seeds, so one installation always makes the same ones.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mitbadak import nn, optim, training
from mitbadak.book import draws
from mitbadak.book.notices import notice, text_of
from mitbadak.book.pickles import load_arrays, pickled
from mitbadak.book.surface import optimizer
from mitbadak.book.surface.convnets import DeepConvNet, SimpleConvNet
from mitbadak.core.errors import FormatError
from mitbadak.core.files import write_atomically
from mitbadak.core.progress import StderrProgress, duration
from mitbadak.data import load_mnist

VERSION = 1  # of what is made here; a change makes the cache anew
IMAGES, BATCH = 20_000, 100  # which convolutional nets see, once
Weights = tuple[dict[str, np.ndarray], float]


def cache_folder() -> Path:
    """Where what was made is kept: ``$MITBADAK_CACHE``, or the system's folder for caches."""
    if chosen := os.environ.get("MITBADAK_CACHE"):
        return Path(chosen)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "mitbadak"


def weights_file(name: str) -> str:
    """The file with weights for ``name``, trained now if they have not been before."""
    train, seconds = TRAININGS[name]
    path = cache_folder() / f"v{VERSION}" / f"trained-{name}"
    accuracy = _accuracy_of(path)
    if accuracy is None:
        notice("weights-training", name=name, time=text_of(seconds))
        arrays, accuracy = train()
        path = _kept(path, pickled(arrays))
        _kept(_measures_of(path), json.dumps({"test_accuracy": accuracy}).encode())
    notice("weights-trained", name=name, accuracy=accuracy, folder=path.parent)
    return str(path)


def picture_file(name: str) -> str:
    """The file with a picture for ``name``."""
    path = cache_folder() / f"v{VERSION}" / f"drawn-{name}"
    if not path.exists():
        path = _kept(path, _cactus(gray="gray" in name))
    notice("picture-drawn", name=name)
    return str(path)


def _measures_of(path: Path) -> Path:
    return path.with_suffix(".json")


def _accuracy_of(path: Path) -> float | None:
    """The test accuracy of cached weights; None if they are missing or damaged."""
    try:
        load_arrays(path)
        return float(json.loads(_measures_of(path).read_text(encoding="utf-8"))["test_accuracy"])
    except (OSError, FormatError, KeyError, TypeError, ValueError):
        return None


def _kept(path: Path, content: bytes) -> Path:
    """Write a file into the cache, or where that fails into a temporary folder."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
    except OSError:
        path = Path(tempfile.mkdtemp(prefix="mitbadak-")) / path.name
        path.write_bytes(content)
    return path


def _three_layers() -> Weights:
    """784-50-100-10 with sigmoids, as the book's ``sample_weight.pkl``, in float32."""
    (x, t), test = load_mnist()
    net = nn.MLP([784, 50, 100, 10], rng=0)
    training.fit(net, (x, t), optimizer=optim.SGD(0.1), epochs=20, rng=0, callbacks=[])
    arrays = {name: np.array(array) for name, array in net.params.items()}
    return arrays, float(net.accuracy(*test))


def _convolutional(make: Callable[[], Any], name: str) -> Weights:
    """A net of chapters 7 or 8 after one pass over some images, in float32 while it is trained."""
    (x, t), (x_test, t_test) = load_mnist(flatten=False)
    with draws.apart(0):
        net = make()
        for layer, names in net.layers_with_params():
            for attribute, key in names.items():
                net.params[key] = net.params[key].astype(np.float32)
                setattr(layer, attribute, net.params[key])
        _train(net, x, t, name)
        accuracy = float(net.accuracy(x_test, t_test))
    return {key: array.astype(np.float64) for key, array in net.params.items()}, accuracy


def _train(net: Any, x: np.ndarray, t: np.ndarray, name: str) -> None:
    progress, begun = StderrProgress(), time.perf_counter()
    rule, updates = optimizer.Adam(lr=0.001), IMAGES // BATCH
    order = draws.order(len(x))[:IMAGES].reshape(updates, BATCH)
    for done, rows in enumerate(order, 1):
        rule.update(net.params, net.gradient(x[rows], t[rows]))
        left = duration((time.perf_counter() - begun) / done * (updates - done))
        words = text_of("weights-progress", name=name, done=done, total=updates, left=left)
        progress(done, updates, words)


def _cactus(*, gray: bool) -> bytes:
    """A cactus in a desert, 256 x 256, as PNG."""
    from PIL import Image, ImageDraw

    side = 256
    picture = Image.new("RGB", (side, side))
    draw = ImageDraw.Draw(picture)
    for row in range(side):  # the sky, from blue to sand
        share = row / side
        draw.line([(0, row), (side, row)], (120 + int(110 * share), 180, 235 - int(90 * share)))
    draw.ellipse((186, 24, 232, 70), (250, 220, 120))
    draw.rectangle((0, 200, side, side), (220, 180, 120))
    draw.ellipse((-60, 170, 140, 260), (205, 165, 105))
    for box in ((110, 50, 150, 225), (60, 105, 86, 150), (60, 130, 130, 156),
                (176, 85, 200, 135), (130, 112, 200, 138)):  # fmt: skip
        draw.rounded_rectangle(box, 13, (60, 130, 70))
    for x in (120, 130, 140):  # ribs
        draw.line([(x, 62), (x, 218)], (40, 100, 55), 2)
    for y in range(70, 215, 18):  # thorns
        for x in (112, 126, 146):
            draw.line([(x - 3, y), (x + 3, y - 4)], (235, 235, 200), 1)
    content = io.BytesIO()
    (picture.convert("L") if gray else picture).save(content, "PNG")
    return content.getvalue()


TRAININGS: dict[str, tuple[Callable[[], Weights], str]] = {
    "sample_weight.pkl": (_three_layers, "some-seconds"),
    "params.pkl": (lambda: _convolutional(SimpleConvNet, "params.pkl"), "a-minute"),
    "deep_convnet_params.pkl": (
        lambda: _convolutional(DeepConvNet, "deep_convnet_params.pkl"),
        "some-minutes",
    ),
}
PICTURES = ("cactus.png", "cactus_gray.png", "lena.png", "lena_gray.png")
MAKERS: dict[str, Callable[[str], str]] = {
    **dict.fromkeys(TRAININGS, weights_file),
    **dict.fromkeys(PICTURES, picture_file),
}
