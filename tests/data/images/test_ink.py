"""Light, lines and parts: what lies between a picture and its digits."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from drawn_digits import KINDS
from mitbadak.core.errors import FormatError, MitbadakWarning
from mitbadak.data import mnist_datasets
from mitbadak.data.images import as_digit, digits_in
from mitbadak.data.images.digits import read_digits
from mitbadak.data.images.paper import difference
from mitbadak.data.images.parts import Part, digits_of, looks_like_several, parts_of
from mitbadak.data.images.rules import without_frames, without_lines
from mitbadak.data.images.scaling import dilated, eroded

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    """Test digits, shape (60, 28, 28)."""
    return mnist_datasets()[1].x[:60].reshape(-1, 28, 28)


def on_paper(digit: np.ndarray, side: int = 150, margin: int = 40) -> np.ndarray:
    """Where there is ink, shape (side + 2 margin, side + 2 margin)."""
    large = np.asarray(Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC))
    return np.pad(large > 100, margin)


@pytest.mark.parametrize("size", range(1, 12))
def test_windows_are_those_of_the_definition(size: int, rng: np.random.Generator) -> None:
    for _ in range(20):
        gray = rng.integers(0, 99, tuple(rng.integers(1, 14, 2)))
        before = (size - 1) // 2
        for function, pick in ((dilated, np.max), (eroded, np.min)):
            expected = [
                [
                    pick(gray[max(0, i - before) : i - before + size,
                              max(0, j - before) : j - before + size])
                    for j in range(gray.shape[1])
                ]
                for i in range(gray.shape[0])
            ]  # fmt: skip
            assert np.array_equal(function(gray, size), expected)


@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("depth", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("angle", [0, 30, 90, 200])
def test_ink_has_one_tone_in_light_and_shade(
    light: bool, depth: float, angle: float, digits: np.ndarray
) -> None:
    mask = on_paper(digits[0])
    down, right = np.mgrid[: len(mask), : len(mask)] - len(mask) / 2
    across = np.cos(np.radians(angle)) * right + np.sin(np.radians(angle)) * down
    paper, ink = (60.0, 230.0) if light else (230.0, 20.0)
    gray = np.where(mask, ink, paper) * np.where(across > 5, 1 - depth, 1)
    rest, noise = difference(gray)
    inner = eroded(mask, 5) & (np.abs(across - 5) > 12)
    outer = ~dilated(mask, 5) & (np.abs(across - 5) > 3)
    assert noise < 5
    assert rest[inner].min() > 4 * np.abs(rest[outer]).max() + 50
    assert rest[inner].max() < 1.3 * rest[inner].min()


def test_a_shadow_without_ink_is_empty_paper() -> None:
    page = np.full((150, 150), 240.0)
    page[:, 70:] *= 0.5
    with pytest.raises(FormatError, match="no ink found"):
        as_digit(page)


def test_digits_hold_no_lines(digits: np.ndarray) -> None:
    for digit in digits:
        for mask in (on_paper(digit), on_paper(digit, margin=1)):
            cleared, doubt = without_lines(mask)
            assert not doubt
            assert np.array_equal(cleared, mask)


@pytest.mark.parametrize("slope", [-0.06, 0.0, 0.03])
@pytest.mark.parametrize("width", [1, 3, 6])
@pytest.mark.parametrize("upright", [False, True])
def test_ruled_lines_are_taken_out_and_strokes_stay(
    slope: float, width: int, upright: bool, digits: np.ndarray
) -> None:
    for digit in digits[:12]:
        mask = on_paper(digit)
        ruled = mask.T.copy() if upright else mask.copy()
        columns = np.arange(len(mask))
        for at in range(20, len(mask), 55):
            top = np.rint(at + slope * (columns - len(mask) / 2)).astype(int)
            for row in range(width):
                ruled[np.clip(top + row, 0, len(mask) - 1), columns] = True
        ruled = ruled.T if upright else ruled
        cleared, doubt = without_lines(ruled)
        assert not doubt
        lost, left = mask & ~cleared, cleared & ~dilated(mask, 9)
        assert left.sum() <= 0.02 * ruled.sum()
        assert lost.sum() <= (0.08 + 0.025 * width) * mask.sum()


def test_one_line_across_the_picture_is_doubtful_and_a_long_stroke_stays() -> None:
    mask = np.zeros((100, 100), bool)
    mask[20:60, 40:50] = True
    mask[80:82] = True
    cleared, doubt = without_lines(mask)
    assert doubt == "a line across the picture was left out"
    assert not cleared[78:84].any()
    four = np.zeros((100, 70), bool)  # cut out along its ink, drawn with a thin pen
    four[:65, :3] = four[62:65] = four[:, 50:53] = True
    cleared, doubt = without_lines(four)
    assert np.array_equal(cleared, four)
    assert doubt == "a straight line from edge to edge was taken for a stroke"


def part(top: int, bottom: int, left: int, right: int, name: int = 1, fill: float = 0.3) -> Part:
    area = round(fill * (bottom - top) * (right - left))
    return Part((name,), top, bottom, left, right, area, 200.0 * area)


FRAMES = {
    "frame": (part(5, 195, 5, 195, 1, 0.05), True),
    "comb": (part(120, 195, 10, 190, 1, 0.05), True),
    "small circle": (part(40, 160, 50, 150, 1, 0.05), True),
    "filled": (part(5, 195, 5, 195, 1, 0.6), False),
    "beside": (part(60, 140, 150, 190, 1, 0.05), False),
    "low": (part(150, 180, 60, 140, 1, 0.05), False),
}


@pytest.mark.parametrize("name", FRAMES)
def test_what_encloses_a_digit_is_left_out(name: str) -> None:
    frame, is_frame = FRAMES[name]
    digit = part(60, 140, 70, 130, 2)
    left, doubt = without_frames([frame, digit], (200, 200))
    assert (left == [digit]) == is_frame
    assert bool(doubt) == (name == "small circle")


# Boxes (top, bottom, left, right), and which of them are digits, in reading order.
ROWS = {
    "two beside one another": ([(0, 100, 0, 60), (10, 95, 80, 130)], [(0,), (1,)]),
    "slanting": ([(0, 100, 40, 100), (0, 100, 80, 140)], [(0,), (1,)]),
    "seventeen and a half": (
        [(0, 100, 0, 15), (0, 100, 40, 90), (55, 100, 110, 150)], [(0,), (1,), (2,)]
    ),
    "a five and its bar": ([(30, 100, 0, 60), (0, 20, 40, 90)], [(0, 1)]),
    "a bar over it": ([(30, 100, 0, 60), (0, 20, 10, 60)], [(0, 1)]),
    "halves of a three": ([(0, 48, 0, 50), (55, 100, 5, 60)], [(0, 1)]),
    "one below the other": ([(0, 90, 0, 50), (110, 200, 5, 60)], [(0,), (1,)]),
    "two rows of two": (
        [(120, 200, 0, 50), (0, 90, 70, 120), (0, 90, 5, 60), (121, 200, 70, 130)],
        [(2,), (1,), (0,), (3,)],
    ),
    "a four in two strokes": ([(0, 60, 0, 50), (0, 100, 20, 60)], [(0, 1)]),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_parts_make_up_digits(name: str) -> None:
    boxes, expected = ROWS[name]
    parts = [part(*box, name=k) for k, box in enumerate(boxes)]
    found, doubts = digits_of(sorted(parts, key=lambda p: p.left))
    assert [tuple(sorted(digit.names)) for digit in found] == expected
    assert not doubts


def test_what_is_neither_digit_nor_dirt_is_doubtful() -> None:
    digit, blot = part(0, 100, 0, 60, 1), part(80, 100, 120, 140, 2)
    assert digits_of([digit, blot]) == ([digit], ["a mark beside the digit was left out"])


def test_ink_of_several_digits_is_told_by_its_width_and_by_bridges(digits: np.ndarray) -> None:
    assert looks_like_several(np.ones((10, 14), bool))
    two = np.zeros((100, 90), bool)
    two[:, :20] = two[10:, 60:] = two[50:60] = True
    assert looks_like_several(two)
    assert not looks_like_several(two[:, :61])  # a four, say
    masks = [on_paper(digit, margin=0) for digit in digits]
    inks = [m[np.ix_(m.any(axis=1), m.any(axis=0))] for m in masks]
    assert sum(map(looks_like_several, inks)) <= 3


def test_parts_are_measured(rng: np.random.Generator) -> None:
    mask = np.zeros((30, 40), bool)
    mask[2:12, 3:9] = mask[15:29, 20:38] = mask[0, 39] = True
    ink = np.where(mask, rng.uniform(100, 200, mask.shape), 0)
    labels, parts = parts_of(mask, ink)
    assert [(p.top, p.bottom, p.left, p.right, p.area) for p in parts] == [
        (2, 12, 3, 9, 60), (15, 29, 20, 38, 252)
    ]  # fmt: skip
    for one in parts:
        own = np.isin(labels, one.names)
        assert one.mass == pytest.approx(ink[own].sum())
        assert own.sum() == one.area


def test_one_digit_is_expected_of_a_picture_of_two(digits: np.ndarray) -> None:
    page = np.concatenate([on_paper(digits[0]), on_paper(digits[1])], axis=1) * 255.0
    with pytest.raises(FormatError, match=r"holds 2 digits; one was expected\. Use digits_in"):
        as_digit(page)
    both = digits_in(page)
    for seen, digit in zip(both, digits, strict=False):
        assert np.corrcoef(seen.ravel(), digit.ravel())[0, 1] > 0.9


def test_a_page_of_text_is_refused() -> None:
    page = np.zeros((400, 400))
    page[::16, :] = 0
    for row in range(8, 392, 16):
        page[row : row + 8, 8:392:8] = 255
        page[row : row + 8, 9:392:8] = 255
    with pytest.raises(FormatError, match=r"has \d+ strokes or more; cut single digits out"):
        digits_in(page)


def test_doubts_are_warnings(digits: np.ndarray) -> None:
    page = np.pad(on_paper(digits[0]) * 255.0, ((0, 0), (0, 120)))
    page[180:210, 300:330] = 255
    with pytest.warns(MitbadakWarning, match="may be read wrongly: a mark beside the digit"):
        as_digit(page)


@pytest.mark.parametrize("noise", [0.0, 6.0, 12.0])
@pytest.mark.parametrize("slope", [0, 20, 60])
@pytest.mark.parametrize("tone", [120, 200])
def test_light_ink_on_black_paper_is_read_in_noise_and_uneven_light(
    noise: float, slope: int, tone: int, digits: np.ndarray
) -> None:
    """Black paper reflects nothing, so that its tone says nothing about the light on it."""
    rng = np.random.default_rng(0)
    for digit in digits[:6]:
        mask = on_paper(digit)
        right = np.linspace(-0.5, 0.5, len(mask))
        page = np.where(mask, tone, 0) + slope * right + rng.normal(0, noise, mask.shape)
        seen = as_digit(np.clip(np.rint(page), 0, 255).astype(np.uint8))
        assert np.corrcoef(seen.ravel(), digit.ravel())[0, 1] > 0.7


NOISES = {
    "uniform": lambda rng, n: rng.integers(0, 256, (n, n)),
    "normal": lambda rng, n: 128 + rng.normal(0, 60, (n, n)),
    "black or white": lambda rng, n: (rng.random((n, n)) < 0.5) * 255,
    "black on light": lambda rng, n: 255 - (rng.random((n, n)) < 0.2) * 255,
    "white on black": lambda rng, n: (rng.random((n, n)) < 0.2) * 255,
    "blocks": lambda rng, n: np.kron(rng.integers(0, 256, (n // 4, n // 4)), np.ones((4, 4))),
}


@pytest.mark.parametrize("side", [28, 60, 200, 400])
@pytest.mark.parametrize("noise", NOISES)
def test_noise_is_refused_or_doubtful(noise: str, side: int) -> None:
    for seed in range(3):
        page = NOISES[noise](np.random.default_rng(seed), side)
        try:
            digits, doubts = read_digits(np.clip(page, 0, 255).astype(np.uint8), (28, 28))
        except FormatError:
            continue
        assert doubts or len(digits) > 1


def test_drawings_are_no_noise() -> None:
    rng, x = np.random.default_rng(0), mnist_datasets()[1].x[:6].reshape(-1, 28, 28)
    for name in ("plain", "photo", "shadow, noisy", "squared, dark", "dirt", "thin"):
        page = np.asarray(KINDS[name][0]([*x[:3]], rng).convert("L"))
        assert not [d for d in read_digits(page, (28, 28))[1] if "tangle" in d]
