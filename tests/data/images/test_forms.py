"""Pictures become rows of a net as in training: from the file that was trained on, the same row."""

from __future__ import annotations

import gzip
import re
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mitbadak.core.errors import FormatError, MitbadakWarning, ShapeError, UnknownNameError
from mitbadak.data import Preparation, Source, mnist_datasets, open_source, write_idx
from mitbadak.data.images import image_folder
from mitbadak.data.images.forms import in_form, to_look_at, tone_of
from mitbadak.data.images.options import PictureOptions
from mitbadak.data.picture_form import MNIST_FORM, PictureForm
from mitbadak.runs.fresh import images_for

pytestmark = pytest.mark.once

ALL = slice(None)


def drawings(
    classes: int, n: int, size: tuple[int, int], tone: str, color: bool, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Bars of random length and place; where colors count, each class has its own."""
    height, width = size
    x, t = np.zeros((n, height, width, 3)), np.arange(n) % classes
    inks = rng.uniform(0.4, 1, (classes, 3)) if color else np.ones((classes, 3))
    for image, k in zip(x, t, strict=True):
        top = 1 + k % (height - 3)
        left = int(rng.integers(1, width - 3))
        image[top : top + 2, left : int(rng.integers(left + 2, width))] = inks[k]
    x = {"light": x, "dark": 1 - x, "mixed": np.where(rng.random((n, 1, 1, 1)) < 0.5, x, 1 - x)}[
        tone
    ]
    return np.rint(255 * (0.04 + 0.92 * x)).astype(np.uint8), t


def in_folders(root: Path, x: np.ndarray, t: np.ndarray, held_out: int) -> tuple[Path, list[Path]]:
    """The pictures by class, the last of them as a test set; and its files in the order of rows."""
    for i, (image, k) in enumerate(zip(x, t, strict=True)):
        folder = root / ("train" if i < len(x) - held_out else "test") / f"class {k:02}"
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{i:04}.png")
    return root, sorted((root / "test").rglob("*.png"))


def in_idx(root: Path, x: np.ndarray, t: np.ndarray, held_out: int) -> tuple[Path, list[Path]]:
    """The same in IDX files; and pictures of the test set."""
    root.mkdir()
    cut = len(x) - held_out
    for part, rows in (("train", slice(0, cut)), ("t10k", slice(cut, None))):
        write_idx(root / f"{part}-images-idx3-ubyte", x[rows])
        write_idx(root / f"{part}-labels-idx1-ubyte", t[rows].astype(np.uint8))
    return root, pictures(root.parent / "of idx", x[cut:])


def in_npz(root: Path, x: np.ndarray, t: np.ndarray, held_out: int) -> tuple[Path, list[Path]]:
    """The same in an .npz file; and pictures of the test set."""
    cut, path = len(x) - held_out, root.with_suffix(".npz")
    np.savez(path, x_train=x[:cut], y_train=t[:cut], x_test=x[cut:], y_test=t[cut:])
    return path, pictures(root.parent / "of npz", x[cut:])


def pictures(folder: Path, x: np.ndarray) -> list[Path]:
    folder.mkdir()
    for i, image in enumerate(x):
        Image.fromarray(image).save(folder / f"{i:04}.png")
    return sorted(folder.iterdir())


def same_rows(source: Source, files: list[Path]) -> None:
    """Each file of the test set becomes the row that is evaluated, in silence."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = source.preparation.rows(images_for(files, source.preparation))
    np.testing.assert_array_equal(rows, source.test.batch(ALL)[0])


@pytest.mark.parametrize("tone", ["light", "dark", "mixed"])
@pytest.mark.parametrize("classes", [2, 3, 10, 11, 26])
@pytest.mark.parametrize("size", [(28, 28), (12, 20), (8, 8)])
@pytest.mark.parametrize("kind", [in_folders, in_idx, in_npz])
def test_a_file_of_the_test_set_becomes_its_row(
    kind, classes: int, size: tuple[int, int], tone: str, tmp_path: Path, rng: np.random.Generator
) -> None:
    x, t = drawings(classes, 4 * classes, size, tone, False, rng)
    path, files = kind(tmp_path / "set", x[..., 0], t, 2 * classes)
    source = open_source(path)
    assert source.preparation.shape == size
    assert len(source.preparation.classes) == classes
    same_rows(source, files)


@pytest.mark.parametrize("kind", [in_folders, in_npz])
@pytest.mark.parametrize("tone", ["light", "dark", "mixed"])
def test_so_it_does_in_color(kind, tone: str, tmp_path: Path, rng: np.random.Generator) -> None:
    x, t = drawings(3, 24, (9, 14), tone, True, rng)
    path, files = kind(tmp_path / "set", x, t, 6)
    options = PictureOptions(color="rgb") if kind is in_folders else PictureOptions()
    source = open_source(path, pictures=options)
    assert source.preparation.shape == (9, 14, 3)
    assert source.preparation.pictures is not None
    assert source.preparation.pictures.color == "rgb"
    same_rows(source, files)


@pytest.mark.parametrize(
    "options",
    [
        {"size": "13"},
        {"size": "20x10", "color": "rgb"},
        {"tone": "keep"},
        {"tone": "invert"},
        {"paper": "black"},
        {"center": True},
        {"center": True, "size": "20"},
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore::mitbadak.core.errors.MitbadakWarning")
def test_so_it_does_however_the_folder_is_read(
    options: dict, tmp_path: Path, rng: np.random.Generator
) -> None:
    x, t = drawings(3, 24, (30, 40), "dark", True, rng)
    path, files = in_folders(tmp_path / "set", x, t, 6)
    source = open_source(path, pictures=PictureOptions(**options))
    rows = source.preparation.rows(images_for(files, source.preparation))
    np.testing.assert_array_equal(rows, source.test.batch(ALL)[0])


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("kind", [in_folders, in_idx, in_npz])
def test_mnists_digits_stay_as_they_are_and_others_are_cut_out(
    kind, inverted: bool, tmp_path: Path
) -> None:
    test = mnist_datasets()[1]
    x, t = test.x[:300].reshape(-1, 28, 28), test.t[:300].astype(np.int64)
    path, files = kind(tmp_path / "set", 255 - x if inverted else x, t, 50)
    source = open_source(path)
    form = source.preparation.pictures
    assert form is not None
    same_rows(source, files)
    if inverted and kind is not in_folders:
        assert (form.center, form.tone) == ("", "dark")
        return
    assert (form.center, form.box, form.exact, form.inverted) == ("mass", 20, True, inverted)
    page = np.full((150, 250), 235, np.uint8)
    page[20:130, 60:170] = 235 - 0.8 * np.asarray(Image.fromarray(x[2]).resize((110, 110)))
    Image.fromarray(page).save(tmp_path / "page.png")
    (seen,) = images_for([tmp_path / "page.png"], source.preparation)
    assert np.corrcoef(seen.ravel(), x[2].ravel())[0, 1] > 0.9


def test_transparent_drawings_are_put_on_the_paper_that_shows_them(tmp_path: Path) -> None:
    x, t = mnist_datasets()[1].x[:60].reshape(-1, 28, 28), np.arange(60) % 2
    for tone, paper, inverted in ((255, "black", False), (0, "white", True)):
        clear = np.full((60, 28, 28, 4), tone, np.uint8)
        clear[..., 3] = x
        path, files = in_folders(tmp_path / str(tone), clear, t, 20)
        source = open_source(path)
        form = source.preparation.pictures
        assert form is not None
        assert (form.paper, form.inverted) == (paper, inverted)
        same_rows(source, files)
        index = [int(file.stem) for file in files]
        assert np.abs(source.test.x - x[index].reshape(20, -1).astype(int)).max() <= 1


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 1.0), (0.0, 16.0), (0.0, 255.0)])
def test_pictures_reach_the_range_of_floating_point_pixels(
    low: float, high: float, tmp_path: Path, rng: np.random.Generator
) -> None:
    x, t = drawings(3, 30, (10, 10), "mixed", False, rng)
    x = x[..., 0]
    x[0, 0, :2] = 0, 255  # so that black and white occur
    floats = (low + x / 255 * (high - low)).astype(np.float32)
    path = tmp_path / "set.npz"
    np.savez(path, x_train=floats, y_train=t, x_test=floats[:9], y_test=t[:9])
    source = open_source(path)
    files = pictures(tmp_path / "files", x[:9])
    rows = source.preparation.rows(images_for(files, source.preparation))
    np.testing.assert_allclose(rows, source.test.batch(ALL)[0], atol=2e-6)


def test_emnists_images_lie_and_pictures_are_laid_with_them(tmp_path: Path) -> None:
    test = mnist_datasets()[1]
    x, t = test.x[:200].reshape(-1, 28, 28), test.t[:200] + 1
    lying = x.swapaxes(1, 2)
    for part, rows in (("train", slice(0, 150)), ("test", slice(150, 200))):
        write_idx(tmp_path / f"emnist-digits-{part}-images-idx3-ubyte.gz", lying[rows])
        write_idx(tmp_path / f"emnist-digits-{part}-labels-idx1-ubyte.gz", t[rows].astype(np.uint8))
    source = open_source(tmp_path)
    form = source.preparation.pictures
    assert form is not None
    assert form.transposed
    assert any("orientation='upright'" in note for note in source.notes)
    assert source.preparation.classes == tuple(map(str, range(1, 11)))
    assert any("first_class='0'" in note for note in source.notes)
    same_rows(source, pictures(tmp_path / "upright", x[150:200]))
    shown = to_look_at(source.test.x.reshape(-1, 28, 28).astype(float), form)
    np.testing.assert_allclose(shown, x[150:200] / 255)
    as_stored = open_source(
        tmp_path, pictures=PictureOptions(orientation="upright", first_class="0")
    )
    assert len(as_stored.preparation.classes) == 11
    same_rows(as_stored, pictures(tmp_path / "as stored", lying[150:200]))


def test_names_that_only_end_like_emnist_do_not_lie(tmp_path: Path) -> None:
    x, t = np.zeros((4, 6, 6), np.uint8), np.arange(4, dtype=np.uint8)
    for name, transposed in (("qemnist", False), ("my_emnist", True), ("EMNIST", True)):
        folder = tmp_path / name
        folder.mkdir()
        for part in ("train", "t10k"):
            write_idx(folder / f"{name}-{part}-images-idx3-ubyte", x)
            write_idx(folder / f"{name}-{part}-labels-idx1-ubyte", t)
        form = open_source(folder).preparation.pictures
        assert form is not None
        assert form.transposed == transposed


def test_qmnists_label_files_are_read(tmp_path: Path) -> None:
    x = np.random.default_rng(0).integers(0, 256, (6, 5, 5)).astype(np.uint8)
    t = np.zeros((6, 8), np.int32)
    t[:, 0], t[:, 1:] = [3, 0, 1, 2, 3, 0], 77
    for part in ("train", "test"):
        write_idx(tmp_path / f"qmnist-{part}-images-idx3-ubyte.gz", x)
        write_idx(tmp_path / f"qmnist-{part}-labels-idx2-int.gz", t)
    source = open_source(tmp_path)
    assert source.train.t.tolist() == [3, 0, 1, 2, 3, 0]
    assert source.preparation.classes == ("0", "1", "2", "3")


def test_labels_of_other_shapes_are_still_refused(tmp_path: Path) -> None:
    x = np.zeros((6, 5, 5), np.uint8)
    for wrong in (np.zeros((6, 8), np.uint8), np.zeros((6, 7), np.int32)):
        for part in ("train", "test"):
            write_idx(tmp_path / f"q-{part}-images-idx3-ubyte", x)
            write_idx(tmp_path / f"q-{part}-labels-idx2-int", wrong)
        with pytest.raises(FormatError, match="should hold one label for each of the 6 examples"):
            open_source(tmp_path)


PHOTO = PictureForm(tone="light")


@pytest.mark.parametrize(
    ("form", "draw", "doubt"),
    [
        (PHOTO, lambda x: 255 - x, r"it is dark on light, .* are light on dark \(invert=True"),
        (PictureForm(tone="dark"), lambda x: x, "it is light on dark, .* are dark on light"),
        (
            PictureForm(tone="light", inverted=True),
            lambda x: x,
            "it is light on dark, .*invert=False",
        ),
        (PHOTO, lambda x: x * 0, "nothing is drawn"),
        (PHOTO, lambda x: np.pad(x, ((0, 0), (0, 28))), "56 x 28 pixels, .* squeezes it"),
        (PHOTO, lambda x: x, ""),
        (PictureForm(tone="light", inverted=True), lambda x: 255 - x, ""),
        (PictureForm(), lambda x: 255 - x, ""),
        (PictureForm(stretched=True), lambda x: np.pad(x, ((0, 0), (0, 28))), ""),
    ],
)
def test_a_picture_unlike_those_of_the_training_is_doubtful(form, draw, doubt: str) -> None:
    x = mnist_datasets()[1].x[0].reshape(28, 28)
    _, doubts = in_form(draw(x).astype(np.uint8), (28, 28), form)
    assert bool(doubts) == bool(doubt)
    assert not doubt or re.search(doubt, doubts[0])


def test_the_tone_of_a_set_is_that_of_nearly_all_its_images(rng: np.random.Generator) -> None:
    x = mnist_datasets()[1].x[:100].reshape(-1, 28, 28).astype(float)
    assert tone_of(x) == "light"
    assert tone_of(255 - x) == "dark"
    assert tone_of(np.concatenate([x[:97], 255 - x[97:]])) == "light"
    assert tone_of(np.concatenate([x[:90], 255 - x[90:]])) == ""
    assert tone_of(rng.uniform(0, 255, (50, 9, 9))) == ""
    assert tone_of(np.repeat((255 - x)[..., None], 3, axis=-1)) == "dark"


def test_pictures_of_the_wrong_colors_are_refused() -> None:
    with pytest.raises(ShapeError, match="expected a picture in gray"):
        in_form(np.zeros((3, 3, 3), np.uint8), (3, 3), PictureForm())
    with pytest.raises(ShapeError, match="expected a picture in rgb"):
        in_form(np.zeros((3, 3), np.uint8), (3, 3, 3), PictureForm(color="rgb"))


class TestTheRecord:
    """What is stored of a form can be read again, and nothing else."""

    @pytest.mark.parametrize("form", [None, PictureForm(), MNIST_FORM])
    def test_it_comes_back(self, form: PictureForm | None) -> None:
        preparation = Preparation("images", (28, 28), 255, classes=("a", "b"), pictures=form)
        assert Preparation.from_config(preparation.to_config(), "here") == preparation

    def test_models_without_it_are_read(self) -> None:
        config = Preparation("images", (28, 28), 255).to_config()
        del config["pictures"]
        assert Preparation.from_config(config, "here").pictures is None

    @pytest.mark.parametrize(
        "change",
        [
            {"center": "middle"}, {"tone": 3}, {"color": "cmyk"}, {"paper": "blue"}, {"box": True},
            {"box": 2.5}, {"inverted": 1}, {"white": 0.0}, {"white": float("nan")},
            {"white": float("inf")}, {"black": -1e308}, {"center": "mass", "box": 0}, {"box": 20},
            {"center": "box", "box": 29}, {"color": "rgb"}, {"extra": 1}, {"white": "255"},
        ],
        ids=str,
    )  # fmt: skip
    def test_contradictions_are_refused(self, change: dict) -> None:
        config = Preparation("images", (28, 28), 255, pictures=PictureForm()).to_config()
        config["pictures"] |= change
        with pytest.raises(FormatError):
            Preparation.from_config(config, "here")

    @pytest.mark.parametrize("value", [3, "images", [], {}])
    def test_anything_else_is_refused(self, value: object) -> None:
        config = Preparation("images", (28, 28), 255).to_config()
        with pytest.raises(FormatError, match="form of its pictures"):
            Preparation.from_config({**config, "pictures": value}, "here")


class TestOptions:
    """What users say about their pictures is checked."""

    @pytest.mark.parametrize("size", ["0", "28x", "x28", "28x28x28", "-3", "5000", "28.5", ""])
    def test_a_size_is_one_or_two_sides(self, size: str) -> None:
        with pytest.raises(ValueError, match="size must be auto, a number of pixels"):
            PictureOptions(size=size)

    @pytest.mark.parametrize("name", ["color", "paper", "tone", "orientation", "first_class"])
    def test_unknown_values_are_refused(self, name: str) -> None:
        with pytest.raises(UnknownNameError, match=f"unknown {name} 'nonsense'"):
            replace(PictureOptions(), **{name: "nonsense"})

    def test_they_are_for_folders(self, tmp_path: Path) -> None:
        for where in ("moons", "mnist"):
            with pytest.raises(FormatError, match="is not a folder of pictures; tone='keep'"):
                open_source(where, pictures=PictureOptions(tone="keep"))

    def test_centering_takes_no_colors(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="center makes ink gray"):
            image_folder(tmp_path, pictures=PictureOptions(center=True, color="rgb"))


def test_centered_folders_refuse_two_digits_and_name_doubtful_ones(tmp_path: Path) -> None:
    x = mnist_datasets()[1].x[:20].reshape(-1, 28, 28)
    path, _ = in_folders(tmp_path / "set", x, np.arange(20) % 2, 4)
    two = np.concatenate([x[0], x[1]], axis=1)
    Image.fromarray(two).save(path / "train" / "class 00" / "two.png")
    with pytest.raises(FormatError, match=r"two\.png shows 2 digits; with center=True"):
        open_source(path, pictures=PictureOptions(center=True))
    (path / "train" / "class 00" / "two.png").unlink()
    wide = np.zeros((60, 60), np.uint8)
    wide[28:34, 5:55] = 255
    Image.fromarray(wide).save(path / "train" / "class 00" / "wide.png")
    with pytest.warns(MitbadakWarning, match=r"1 of 21 images .*wide\.png: its ink"):
        open_source(path, pictures=PictureOptions(center=True))


def test_gzip_is_read_as_gzip_reads_it(tmp_path: Path, rng: np.random.Generator) -> None:
    x, t = rng.integers(0, 256, (9, 5, 4)).astype(np.uint8), np.arange(9, dtype=np.uint8) % 3
    for part in ("train", "t10k"):
        for kind, n, array in (("images", 3, x), ("labels", 1, t)):
            write_idx(tmp_path / "plain", array)
            content = (tmp_path / "plain").read_bytes()
            cut = int(rng.integers(len(content)))
            packed = gzip.compress(content[:cut]) + b"\0" * 7 + gzip.compress(content[cut:])
            (tmp_path / f"{part}-{kind}-idx{n}-ubyte.gz").write_bytes(packed + b"\0" * 512)
    assert np.array_equal(open_source(tmp_path).test.x, x.reshape(9, 20))
