"""A drawn digit is prepared like MNIST's, whatever its size, place, tone and paper."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from PIL import Image

from mitbadak.core.errors import FormatError, ShapeError
from mitbadak.data import mnist_datasets
from mitbadak.data.images import as_digit, as_picture
from mitbadak.data.images.digits import otsu_threshold
from mitbadak.data.images.parts import connected_parts

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    """The first sixty test digits, shape (60, 28, 28)."""
    return mnist_datasets()[1].x[:60].reshape(-1, 28, 28)


def large(digit: np.ndarray, side: int = 112) -> np.ndarray:
    return np.asarray(Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC))


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    """The cosine of two pictures: 1 if they are the same up to brightness."""
    a, b = a.astype(float).ravel(), b.astype(float).ravel()
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def test_mnists_own_digits_are_unchanged(digits: np.ndarray) -> None:
    for digit in digits:
        assert np.array_equal(as_digit(digit), digit)


@pytest.mark.parametrize("side", [40, 112, 300, 900])
def test_size_and_place_do_not_matter(digits: np.ndarray, side: int) -> None:
    result = []
    for digit in digits[:20]:
        page = np.zeros((2 * side, side + 30), np.uint8)
        page[side - 7 : 2 * side - 7, 30:] = large(digit, side)
        result.append(likeness(as_digit(page), digit))
    assert np.mean(result) > 0.93
    assert min(result) > 0.7  # a thin one, a pixel beside its place


def test_dark_on_light_is_the_same_as_light_on_dark(digits: np.ndarray) -> None:
    for digit in digits[:20]:
        page = large(digit)
        assert np.allclose(as_digit(page), as_digit(255 - page), atol=8)


def test_a_digit_that_touches_the_border_is_still_the_ink(digits: np.ndarray) -> None:
    for digit in digits[:20]:
        rows, columns = np.nonzero(digit > 0)
        tight = digit[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        if min(tight.shape) < 10:
            continue  # a one cut out tightly is all ink: nobody could tell it from paper
        sides = (5 * tight.shape[1], 5 * tight.shape[0])
        page = 255 - np.pad(np.asarray(Image.fromarray(tight).resize(sides)), 2)
        assert likeness(as_digit(page), digit) > 0.75


def test_uneven_light_and_noise_are_removed(digits: np.ndarray, rng: np.random.Generator) -> None:
    down, right = np.mgrid[0:1:112j, 0:1:112j]
    result = []
    for digit in digits[:20]:
        page = 150 + 40 * down + 50 * right - 0.45 * large(digit) + rng.normal(0, 5, (112, 112))
        result.append(likeness(as_digit(page), digit))
    assert np.mean(result) > 0.93
    assert min(result) > 0.7  # a thin one, a pixel beside its place


def test_specks_of_dirt_are_ignored(digits: np.ndarray) -> None:
    page = np.pad(large(digits[0]), 60)
    clean = as_digit(page)
    page = page.copy()
    page[3:5, 5:7] = page[200, 220:222] = 255
    assert likeness(as_digit(page), clean) > 0.999


def test_the_longer_side_is_twenty_and_the_center_of_mass_is_in_the_middle(
    digits: np.ndarray,
) -> None:
    for digit in digits[:20]:
        result = as_digit(large(digit))
        rows, columns = np.nonzero(result > 20)
        assert max(np.ptp(rows), np.ptp(columns)) + 1 in (19, 20)
        down, right = np.mgrid[0:28, 0:28]
        mass = [float((result * axis).sum() / result.sum()) for axis in (down, right)]
        assert np.abs(np.subtract(mass, 14)).max() <= 0.51
        assert (result.dtype, result.shape) == (np.float32, (28, 28))
        assert (result.min(), round(float(result.max()))) == (0, 255)


def stroke(kind: str, side: int, share: float) -> tuple[np.ndarray, float]:
    """A page with one stroke, whose width is a share of its length, and its length when scaled."""
    length = int(0.75 * side)
    width = max(1, round(share * length))
    down, right = np.mgrid[:side, :side] - side // 2 + 0.5
    if kind == "ring":
        ink = np.abs(np.hypot(down, right) - (length - width) / 2) < width / 2
        return np.where(ink, 0, 255).astype(np.uint8), np.pi * 20 * (1 - max(share, 0.1))
    ink = (np.abs(down) < length / 2) & (right > -width / 2) & (right <= width / 2)
    return np.where(ink if kind == "upright" else ink.T, 0, 255).astype(np.uint8), 20.0


@pytest.mark.filterwarnings("ignore:.*its ink is wide")  # a lying stroke is
@pytest.mark.parametrize("side", [150, 280, 400, 900])
@pytest.mark.parametrize("kind", ["upright", "lying", "ring"])
def test_hair_thin_strokes_get_the_width_of_a_pen(kind: str, side: int) -> None:
    """MNIST's strokes are two to three pixels wide; without widening these would have 0.1."""
    for share in (0.004, 0.01, 0.02, 0.03, 0.05, 0.065):
        page, length = stroke(kind, side, share)
        assert 1.7 < as_digit(page).sum() / 255 / length < 2.8, share


@pytest.mark.filterwarnings("ignore:.*its ink is wide")  # a lying stroke is
@pytest.mark.parametrize("side", [150, 400])
@pytest.mark.parametrize("kind", ["upright", "lying", "ring"])
@pytest.mark.parametrize("share", [0.1, 0.15, 0.2])
def test_strokes_of_a_pen_keep_their_width(kind: str, side: int, share: float) -> None:
    page, length = stroke(kind, side, share)
    assert as_digit(page).sum() / 255 / length == pytest.approx(20 * share, rel=0.15)


@pytest.mark.parametrize("tone", [0, 128, 255])
def test_empty_paper_is_refused(tone: int) -> None:
    with pytest.raises(FormatError, match="no ink found"):
        as_digit(np.full((50, 50), tone, np.uint8))


def test_noise_and_a_slope_alone_are_refused(rng: np.random.Generator) -> None:
    for page in (rng.normal(200, 10, (120, 120)), np.tile(np.linspace(100, 220, 80), (60, 1))):
        with pytest.raises(FormatError, match="no ink found"):
            as_digit(np.clip(page, 0, 255))


@pytest.mark.parametrize("shape", [(3,), (0, 4), (2, 3, 4)])
def test_anything_but_a_gray_picture_is_refused(shape: tuple[int, ...]) -> None:
    for function in (as_digit, as_picture):
        with pytest.raises(ShapeError, match="expects one gray picture"):
            function(np.zeros(shape), (28, 28))


@pytest.mark.parametrize("sides", [(1, 40), (40, 1), (2, 2), (1, 1)])
def test_pictures_of_a_few_pixels_are_read_or_refused(sides: tuple[int, int]) -> None:
    page = np.zeros(sides)
    page[-1, -1] = 255
    with contextlib.suppress(FormatError):
        assert as_digit(page).shape == (28, 28)


def test_otsus_threshold_is_the_best_by_definition(rng: np.random.Generator) -> None:
    counts = rng.integers(0, 50, 40) * (rng.random(40) < 0.6)
    levels = np.arange(40)

    def within(k: int) -> float:  # the sum of squares around both means
        return sum(
            float(np.sum(n * (level - np.sum(n * level) / n.sum()) ** 2))
            for n, level in ((counts[: k + 1], levels[: k + 1]), (counts[k + 1 :], levels[k + 1 :]))
            if n.sum()
        )

    assert within(otsu_threshold(counts)) == pytest.approx(min(map(within, range(40))))


def test_connected_parts_are_those_of_a_flood_fill(rng: np.random.Generator) -> None:
    mask = rng.random((30, 30)) < 0.35
    names = connected_parts(mask)
    assert ((names > 0) == mask).all()
    seen = np.zeros_like(mask)
    count = 0
    for start in zip(*np.nonzero(mask), strict=True):
        if seen[start]:
            continue
        count += 1
        reached, waiting = set(), [tuple(map(int, start))]
        while waiting:
            row, column = waiting.pop()
            if (row, column) in reached or not (0 <= row < 30 and 0 <= column < 30):
                continue
            if mask[row, column]:
                reached.add((row, column))
                waiting += [(row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        rows, columns = np.array(sorted(reached)).T
        seen[rows, columns] = True
        assert len(set(names[rows, columns])) == 1
    assert len(np.unique(names[mask])) == count


def test_a_picture_is_scaled_by_its_means() -> None:
    page = np.arange(16.0).reshape(4, 4)
    assert as_picture(page, (2, 2)).tolist() == [[2.5, 4.5], [10.5, 12.5]]
    assert np.array_equal(as_picture(page, (4, 4)), page)
