"""Folders of pictures as people lay them out: parts under their usual names, and archives."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mitbadak.core.errors import FormatError, MitbadakWarning, NotASourceError
from mitbadak.data import open_source
from mitbadak.data.images import image_folder


def fill(folder: Path, tone: int, count: int = 6) -> None:
    """Two classes of pictures whose tone says which part they are of."""
    for kind in "ab":
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for k in range(count):
            Image.new("L", (4, 3), tone + k + 10 * (kind == "b")).save(folder / kind / f"{k}.png")


LAYOUTS = {
    "three parts": (("train", "val", "test"), (12, 12, 12)),
    "two parts": (("train", "test"), (12, None, 12)),
    "long names": (("training", "validation", "testing"), (12, 12, 12)),
    "capital letters": (("Train", "Val", "Test"), (12, 12, 12)),
    "all capitals": (("TRAIN", "TEST"), (12, None, 12)),
    "no test set": (("train", "valid"), (12, None, 12)),
    "dev": (("train", "dev", "test"), (12, 12, 12)),
    "a training set alone": (("train",), (10, None, 2)),
}


@pytest.mark.parametrize("wrapped", ["", "pets", "pets/pets-v2"])
@pytest.mark.parametrize("name", LAYOUTS)
def test_parts_are_found_under_their_names(name: str, wrapped: str, tmp_path: Path) -> None:
    parts, (train, validation, test) = LAYOUTS[name]
    for i, part in enumerate(parts):
        fill(tmp_path / wrapped / part, 60 * i)
    source = open_source(tmp_path)
    assert source.preparation.classes == ("a", "b")
    assert len(source.train) == train
    assert len(source.test) == test
    assert (source.validation and len(source.validation)) == validation
    assert source.train.x.max() < 60
    if source.validation is not None:
        assert 60 <= source.validation.x.min() <= source.validation.x.max() < 120
    if len(parts) > 1:
        assert source.test.x.min() >= 60 * (len(parts) - 1)
        assert all(part in " ".join(source.notes) for part in parts)
    assert ("is the test set" in " ".join(source.notes)) == (name == "no test set")
    inside = wrapped if len(parts) > 1 else "/".join(filter(None, (wrapped, parts[0])))
    looked_in = [note.split(";")[0] for note in source.notes if note.startswith("looked in")]
    assert looked_in == [f"looked in {inside}"] * bool(inside)


def test_what_archives_leave_behind_is_ignored(tmp_path: Path) -> None:
    for part in ("train", "test", "__MACOSX/train"):
        fill(tmp_path / part, 0)
    (tmp_path / "README.md").write_text("x")
    (tmp_path / ".DS_Store").write_text("x")
    assert len(image_folder(tmp_path).train) == 12


def test_parts_may_lack_classes_but_the_training_set_none(tmp_path: Path) -> None:
    for part in ("train", "val", "test"):
        fill(tmp_path / part, 0)
    for part in ("val", "test"):
        for path in (tmp_path / part / "b").iterdir():
            path.unlink()
    source = image_folder(tmp_path)
    assert source.validation is not None
    assert set(source.validation.t) == {0}
    for path in (tmp_path / "test" / "a").iterdir():
        path.unlink()
    with pytest.raises(FormatError, match=r"the test part of .* holds no images"):
        image_folder(tmp_path)
    fill(tmp_path / "test", 0)
    for path in (tmp_path / "train" / "b").iterdir():
        path.unlink()
    with pytest.raises(FormatError, match=r"the training part of .* holds no image of class 'b'"):
        image_folder(tmp_path)


MIXED = {
    "classes beside parts": (("train", "test", "cats"), "beside its folders of parts"),
    "two training sets": (("train", "training", "test"), "two folders for its train set"),
    "no training set": (("val", "test"), "holds no folder train (or training), but 'test', 'val'"),
}


@pytest.mark.parametrize("name", MIXED)
def test_what_cannot_be_understood_is_refused_with_the_layout(name: str, tmp_path: Path) -> None:
    folders, message = MIXED[name]
    for folder in folders:
        fill(tmp_path / folder, 0)
    with pytest.raises(FormatError, match=re.escape(message)) as error:
        image_folder(tmp_path)
    if name != "two training sets":
        assert "CLASS/IMAGE, or with folders train, val and test" in str(error.value)


def test_pictures_of_unknown_classes_are_refused_with_the_remedy(tmp_path: Path) -> None:
    fill(tmp_path / "train", 0)
    (tmp_path / "test").mkdir()
    Image.new("L", (4, 3)).save(tmp_path / "test" / "1.png")
    with pytest.raises(FormatError, match=r"test holds no folders of classes.*mitbadak predict"):
        image_folder(tmp_path)


def test_parts_that_hold_pictures_only_are_classes(tmp_path: Path) -> None:
    for name in ("training", "val", "cars"):  # models of railways, say
        (tmp_path / name).mkdir()
        for k in range(5):
            Image.new("L", (4, 3), k).save(tmp_path / name / f"{k}.png")
    assert image_folder(tmp_path).preparation.classes == ("cars", "training", "val")


def test_a_folder_with_neither_files_nor_classes_is_no_source(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    with pytest.raises(NotASourceError, match="at least two classes; it holds 1"):
        open_source(tmp_path)


def test_the_order_of_classes_is_the_same_in_all_parts(tmp_path: Path) -> None:
    for part, names in (("train", ("10", "9", "cat")), ("test", ("cat", "9"))):
        for k, name in enumerate(names):
            (tmp_path / part / name).mkdir(parents=True)
            for i in range(3):
                Image.new("L", (4, 3), 50 * k + i).save(tmp_path / part / name / f"{i}.png")
    source = image_folder(tmp_path)
    assert source.preparation.classes == ("9", "10", "cat")
    assert np.bincount(source.test.t, minlength=3).tolist() == [3, 0, 3]


@pytest.mark.parametrize("place", ["", "train", "test", "wrapped"])
def test_pictures_of_no_class_are_left_out_with_a_warning(place: str, tmp_path: Path) -> None:
    root = tmp_path / "set"
    base = root / "v2" if place == "wrapped" else root
    for part in ("train", "test"):
        fill(base / part, 0)
    where = root / ("" if place == "wrapped" else place)
    for name in ("loose.png", "other.JPG"):
        Image.new("L", (4, 3)).save(where / name)
    (where / "notes.txt").write_text("x")
    with pytest.warns(MitbadakWarning, match=r"2 images are left out, .*the first is .*loose\.png"):
        assert len(open_source(root).train) == 12
