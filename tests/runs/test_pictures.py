"""Pictures become the same rows in training, from their files and from arrays of their pixels.

The rows of the test set, which ``evaluate`` reads, are those of ``predict`` and of a loaded model,
for every kind of drawing and every way of reading it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mitbadak.core.errors import FormatError, MitbadakWarning, RangeError, ShapeError
from mitbadak.data import PictureOptions, Source, mnist_datasets, open_source, write_idx
from mitbadak.nn import MLP
from mitbadak.runs import Model
from mitbadak.runs.fresh import pictures_for

pytestmark = pytest.mark.once

TRAIN, TEST = 14, 5
Draw = Callable[[np.ndarray], np.ndarray]


@cache
def digits() -> np.ndarray:
    return mnist_datasets()[1].x[: TRAIN + TEST].reshape(-1, 28, 28)


def bars() -> np.ndarray:
    """Light on dark, of any length and at any place."""
    rng, x = np.random.default_rng(0), np.zeros((TRAIN + TEST, 20, 16), np.uint8)
    for image in x:
        top, left = rng.integers(2, 11, 2)
        image[top : top + int(rng.integers(2, 8)), left : left + 3] = 250
    return x


def clear(tone: int) -> Draw:
    return lambda x: np.stack([np.full_like(x, tone)] * 3 + [x], axis=-1)


def colored(x: np.ndarray) -> np.ndarray:
    ink = x[..., None] / 255
    return np.rint(np.array([250, 240, 200]) * (1 - ink) + np.array([30, 50, 180]) * ink)


def mixed(x: np.ndarray) -> np.ndarray:
    x = x.copy()
    x[::2] = 255 - x[::2]
    return x


DRAWINGS: dict[str, Draw] = {
    "light": lambda x: x,
    "dark": lambda x: 255 - x,
    "mixed": mixed,
    "large and dark": lambda x: np.kron(255 - x, np.ones((1, 3, 3), np.uint8)),
    "large and light": lambda x: np.kron(x, np.ones((1, 3, 3), np.uint8)),
    "wide": lambda x: np.pad(255 - x, ((0, 0), (0, 0), (10, 10)), constant_values=255),
    "white on clear": clear(255),
    "black on clear": clear(0),
    "colored": colored,
}
OPTIONS: list[dict] = [
    {}, {"tone": "keep"}, {"tone": "invert"}, {"color": "rgb"}, {"color": "rgb", "tone": "invert"},
    {"center": True}, {"center": True, "tone": "invert"}, {"center": True, "tone": "keep"},
    {"center": True, "size": "20"}, {"center": True, "size": "30x20", "tone": "invert"},
    {"size": "13"}, {"size": "28"}, {"size": "28", "tone": "invert"}, {"size": "40x20"},
    {"paper": "white"}, {"paper": "black"},
]  # fmt: skip


def in_folders(root: Path, x: np.ndarray) -> list[Path]:
    """The pictures in two classes; and the files of the test set."""
    for i, image in enumerate(x.astype(np.uint8)):
        folder = root / ("train" if i < TRAIN else "test") / "ab"[i % 2]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{i:02}.png")
    return sorted((root / "test").rglob("*.png"))


def in_idx(root: Path, x: np.ndarray, name: str = "") -> None:
    root.mkdir()
    for part, rows in (("train", slice(0, TRAIN)), ("test", slice(TRAIN, None))):
        labels = (np.arange(len(x)) % 2).astype(np.uint8)
        write_idx(root / f"{name}{part}-images-idx3-ubyte", x[rows])
        write_idx(root / f"{name}{part}-labels-idx1-ubyte", labels[rows])


def model_of(source: Source) -> Model:
    return Model(MLP([source.preparation.n_in or 0, 2], rng=0), source.preparation)


def same_rows(source: Source, files: list[Path], arrays: np.ndarray) -> None:
    """The rows of the test set, of its files, and of arrays of pixels."""
    rows = source.test.batch(slice(None))[0]
    model = model_of(source)
    seen = np.concatenate(pictures_for(files, source.preparation))
    np.testing.assert_array_equal(model.rows_of_files(seen), rows)
    np.testing.assert_array_equal(model.rows([str(file) for file in files]), rows)
    np.testing.assert_array_equal(model.rows(arrays), rows)
    np.testing.assert_array_equal(model.rows(arrays.astype(np.int64)), rows)
    np.testing.assert_allclose(model.rows(arrays / 255), rows, atol=1e-6)
    np.testing.assert_array_equal(model.rows(arrays[:1]), rows[:1])
    if arrays.shape[1:] == source.preparation.shape:
        np.testing.assert_array_equal(model.rows(arrays[0]), rows[0])
        np.testing.assert_array_equal(model.rows(arrays.reshape(len(arrays), -1)), rows)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("drawing", DRAWINGS)
@pytest.mark.parametrize("draw", [digits, bars])
@pytest.mark.filterwarnings("ignore::mitbadak.core.errors.MitbadakWarning")
def test_rows_are_the_same_from_a_folder(draw, drawing: str, options: dict, tmp_path: Path) -> None:
    files = in_folders(tmp_path, DRAWINGS[drawing](draw()))
    source = open_source(tmp_path, pictures=PictureOptions(**options))
    same_rows(source, files, np.stack([np.asarray(Image.open(file)) for file in files]))


@pytest.mark.parametrize(
    ("name", "orientation"),
    [
        ("", "auto"), ("", "transposed"), ("emnist-", "auto"), ("emnist-", "upright"),
        (".npz", "auto"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("drawing", ["light", "dark", "mixed", "large and dark", "wide"])
@pytest.mark.parametrize("draw", [digits, bars])
@pytest.mark.filterwarnings("ignore::mitbadak.core.errors.MitbadakWarning")
def test_rows_are_the_same_from_arrays(
    draw, drawing: str, orientation: str, name: str, tmp_path: Path
) -> None:
    x = DRAWINGS[drawing](draw())
    lies = orientation == "transposed" or (orientation, name) == ("auto", "emnist-")
    if name == ".npz":
        np.savez(tmp_path / "set.npz", x_train=x[:TRAIN], y_train=np.arange(TRAIN) % 2,
                 x_test=x[TRAIN:], y_test=np.arange(TEST) % 2)  # fmt: skip
        source = open_source(tmp_path / "set.npz")
    else:
        in_idx(tmp_path / "set", x.swapaxes(1, 2) if lies else x, name)
        source = open_source(tmp_path / "set", pictures=PictureOptions(orientation=orientation))
    in_folders(tmp_path / "files", x)
    files = sorted((tmp_path / "files" / "test").rglob("*.png"), key=lambda file: file.name)
    same_rows(source, files, (x.swapaxes(1, 2) if lies else x)[TRAIN:])


@pytest.mark.parametrize("share", [0.0, 0.04])
def test_images_off_center_are_the_same_rows_wherever_they_are(
    share: float, tmp_path: Path
) -> None:
    """Some images of a centered set are not, in the training set or in the test set."""
    x = np.tile(digits(), (3, 1, 1))[:50]
    off = [49] if share == 0 else [3, 49]
    x[off] = np.roll(x[off], 3, axis=1)
    for i, image in enumerate(x):
        folder = tmp_path / ("train" if i < 40 else "test") / "ab"[i % 2]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{i:02}.png")
    files = sorted((tmp_path / "test").rglob("*.png"))
    source = open_source(tmp_path)
    assert source.preparation.pictures is not None
    assert source.preparation.pictures.center == "mass"
    same_rows(source, files, np.stack([np.asarray(Image.open(file)) for file in files]))


@pytest.mark.parametrize("tone", ["keep", "invert"])
def test_new_drawings_are_cut_out_in_the_tone_of_the_training(tone: str, tmp_path: Path) -> None:
    """``--center`` makes them light or dark as the training images are."""
    in_folders(tmp_path, bars() if tone == "invert" else 255 - bars())
    source = open_source(tmp_path, pictures=PictureOptions(tone=tone))
    page = np.full((80, 90), 240, np.uint8)
    page[20:60, 30:40] = 20
    for k, image in enumerate((page, 255 - page)):
        Image.fromarray(image).save(tmp_path / f"{k}.png")
        ((seen,),) = pictures_for([tmp_path / f"{k}.png"], source.preparation, center=True)
        assert np.median(seen) == 255
        assert seen[10, 8] == 0


def test_prepared_pixels_are_told_from_raw_ones(tmp_path: Path) -> None:
    files = in_folders(tmp_path, 255 - bars())
    source = open_source(tmp_path)
    model = model_of(source)
    with pytest.warns(MitbadakWarning, match=r"are light on dark, and .* are dark on .*model\.net"):
        model.rows(source.test.x)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.rows(np.asarray(Image.open(files[0])))


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (np.full((2, 20, 16), 999), RangeError, r"lie in 0\.\.255; got 999 to 999"),
        (np.full((2, 20, 16), -1), RangeError, r"lie in 0\.\.255; got -1"),
        (np.full((2, 20, 16), 3.0), RangeError, r"must lie in \[0, 1\]"),
        (np.full((30, 40), 9, np.uint8), ShapeError, r"got \(30, 40\)\. One picture .* x\[None\]"),
        (np.full((3, 4, 5, 6, 7), 9, np.uint8), ShapeError, r"pictures of shape \(n, height"),
    ],
)
def test_arrays_that_are_no_pictures_are_refused(
    x: np.ndarray, error: type[Exception], message: str, tmp_path: Path
) -> None:
    in_folders(tmp_path, 255 - bars())
    with pytest.raises(error, match=message):
        model_of(open_source(tmp_path)).rows(x)


def test_two_digits_in_an_array_are_refused_before_any_warning(tmp_path: Path) -> None:
    in_folders(tmp_path, digits())
    model = model_of(open_source(tmp_path))
    two = np.concatenate([digits()[0], digits()[1]], axis=1)
    Image.fromarray(two).save(tmp_path / "two.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for x in (two[None], str(tmp_path / "two.png")):
            with pytest.raises(FormatError, match="shows 2 digits"):
                model.rows(x)
