"""A folder of images by class as a data set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mitbadak.core.errors import FormatError, MitbadakWarning, RangeError
from mitbadak.data.images import image_folder, layouts


def fill(folder: Path, count: int, tone: int = 0, size: tuple[int, int] = (4, 3)) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for k in range(count):
        Image.new("L", size, tone + k).save(folder / f"{k}.png")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Ten cats from tone 0 and twenty dogs from tone 100."""
    root = tmp_path / "pets"
    fill(root / "cat", 10)
    fill(root / "dog", 20, 100)
    return root


def test_classes_pixels_and_labels_belong_together(root: Path) -> None:
    source = image_folder(root)
    assert source.preparation.classes == ("cat", "dog")
    assert (source.preparation.kind, source.preparation.shape) == ("images", (3, 4))
    for part in (source.train, source.test):
        assert part.x.dtype == np.uint8
        assert np.array_equal(part.x[:, 0] >= 100, part.t == 1)
        assert (part.x == part.x[:, :1]).all()
        assert part.divisor == 255


def test_the_test_set_has_the_share_of_every_class(root: Path) -> None:
    source = image_folder(root, test_share=0.3)
    assert np.bincount(source.test.t).tolist() == [3, 6]
    assert np.bincount(source.train.t).tolist() == [7, 14]
    tones = np.concatenate([source.train.x[:, 0], source.test.x[:, 0]])
    assert sorted(tones.tolist()) == [*range(10), *range(100, 120)]


def test_the_same_seed_draws_the_same_test_set(root: Path) -> None:
    first, again, other = (image_folder(root, rng=seed).test.x for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_train_and_test_folders_are_kept_apart(tmp_path: Path) -> None:
    for part, tone in (("train", 0), ("test", 200)):
        fill(tmp_path / part / "10", 3, tone)
        fill(tmp_path / part / "9", 2, tone + 10)
    source = image_folder(tmp_path)
    assert source.preparation.classes == ("9", "10")  # numbers by their value
    assert (source.train.x < 100).all()
    assert (source.test.x >= 200).all()
    assert (np.bincount(source.train.t).tolist(), len(source.test)) == ([2, 3], 5)


def test_classes_may_be_named_train_and_test(tmp_path: Path) -> None:
    for name in ("train", "test"):  # models of railways, say, and of other things
        fill(tmp_path / name, 5)
    source = image_folder(tmp_path)
    assert source.preparation.classes == ("test", "train")
    assert (len(source.train), len(source.test)) == (8, 2)


def test_the_fingerprint_follows_names_and_contents(root: Path) -> None:
    before = image_folder(root).fingerprint
    assert image_folder(root, rng=5).fingerprint == before
    (root / "cat" / "0.png").rename(root / "cat" / "00.png")
    renamed = image_folder(root).fingerprint
    Image.new("L", (4, 3), 77).save(root / "cat" / "00.png")
    assert len({before, renamed, image_folder(root).fingerprint}) == 3


def test_sizes_that_differ_are_scaled_to_28_with_a_warning(root: Path) -> None:
    fill(root / "cat", 1, size=(8, 9))
    with pytest.warns(MitbadakWarning, match=r"differ in size .* all are scaled to 28 x 28"):
        source = image_folder(root)
    assert source.preparation.shape == (28, 28)
    assert image_folder(root, shape=(2, 5)).train.x.shape[1] == 10  # no warning


def test_hidden_files_are_ignored(root: Path) -> None:
    (root / ".git").mkdir()
    (root / "cat" / ".DS_Store").write_text("x")
    (root / "cat" / "Thumbs.db").write_text("x")
    (root / "README.txt").write_text("x")
    assert len(image_folder(root).train) + len(image_folder(root).test) == 30


def test_a_file_that_is_not_an_image_is_refused_by_name(root: Path) -> None:
    (root / "cat" / "notes.txt").write_text("x")
    with pytest.raises(FormatError, match=r"notes\.txt is not an image"):
        image_folder(root)
    (root / "cat" / "notes.txt").rename(root / "cat" / "notes.png")
    with pytest.raises(FormatError, match=r"notes\.png is damaged, or not an image"):
        image_folder(root)


def test_folders_within_classes_are_refused(root: Path) -> None:
    (root / "cat" / "more").mkdir()
    with pytest.raises(FormatError, match="more is not an image"):
        image_folder(root)


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_link_that_leads_out_is_refused(root: Path, tmp_path: Path, what: str) -> None:
    fill(tmp_path / "elsewhere", 2)
    link = root / "cat" / "out.png" if what == "file" else root / "bird"
    target = tmp_path / "elsewhere"
    try:
        link.symlink_to(target / "0.png" if what == "file" else target)
    except OSError:
        pytest.skip("this system makes no links")
    with pytest.raises(FormatError, match="a link that leads out"):
        image_folder(root)


def test_a_link_that_stays_inside_is_followed(root: Path) -> None:
    try:
        (root / "cat" / "copy.png").symlink_to(root / "cat" / "0.png")
    except OSError:
        pytest.skip("this system makes no links")
    source = image_folder(root)
    assert len(source.train) + len(source.test) == 31


def test_limits_are_checked_before_memory_is_allocated(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(layouts, "MOST_IMAGES", 29)
        with pytest.raises(FormatError, match="holds 30 images; at most 29"):
            image_folder(root)
    with monkeypatch.context() as patch:
        patch.setattr(layouts, "MOST_FILE_BYTES", 10)
        with pytest.raises(FormatError, match=r"\.png is larger than"):
            image_folder(root)
    with pytest.raises(FormatError, match=r"holds 30 images of 20000 x 20000, 11,444 MiB"):
        image_folder(root, shape=(20000, 20000))


def test_bad_layouts_and_numbers_are_refused(root: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        image_folder(tmp_path / "nowhere")
    with pytest.raises(FormatError, match=r"at least two classes; it holds 0"):
        image_folder(root / "cat")
    (root / "fish").mkdir()
    with pytest.raises(FormatError, match="holds no image of class 'fish'"):
        image_folder(root)
    (root / "fish").rmdir()
    with pytest.raises(RangeError, match="test_share must lie"):
        image_folder(root, test_share=1.0)
    with pytest.raises(RangeError, match="holds out 0 and leaves 30"):
        image_folder(root, test_share=0.0)
    with pytest.raises(RangeError, match="shape must be a whole number"):
        image_folder(root, shape=(0, 3))
