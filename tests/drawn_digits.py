"""Pictures of MNIST's digits as people make them: framed, ruled, shaded, transparent, dirty."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE, DIGIT, AT = 280, 200, 40  # of the paper, of the digit on it, and where that begins
INK, PAPER = 20, 245

Draw = Callable[[Sequence[np.ndarray], np.random.Generator], Image.Image]


def strokes(digit: np.ndarray, side: int = DIGIT) -> np.ndarray:
    """A digit of 28 x 28 bytes, enlarged: 0 where there is paper, 1 where there is ink."""
    image = Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(image, np.float64) / 255


def coverage(digit: np.ndarray, side: int = SIDE, at: tuple[int, int] = (AT, AT)) -> np.ndarray:
    """The enlarged digit on an otherwise empty square."""
    field, ink = np.zeros((side, side)), strokes(digit)
    field[at[0] : at[0] + DIGIT, at[1] : at[1] + DIGIT] = ink
    return field


def inked(ink: np.ndarray, paper: float | np.ndarray = PAPER, tone: float = INK) -> Image.Image:
    """Ink of one tone on paper."""
    return Image.fromarray(np.clip(np.rint(paper + (tone - paper) * ink), 0, 255).astype(np.uint8))


def plain(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
    return inked(coverage(digits[0]))


def _framed(width: int, inset: int, tone: int, radius: int = 0) -> Draw:
    def draw(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
        page = plain(digits, rng)
        corners = [inset, inset, SIDE - 1 - inset, SIDE - 1 - inset]
        ImageDraw.Draw(page).rounded_rectangle(corners, radius, outline=tone, width=width)
        return page

    return draw


def circled(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
    page = plain(digits, rng)
    ImageDraw.Draw(page).ellipse([4, 4, SIDE - 5, SIDE - 5], outline=INK, width=4)
    return page


def comb(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
    """The cell of a form that is open above."""
    page = plain(digits, rng)
    pen = ImageDraw.Draw(page)
    pen.line([(12, 140), (12, 262), (267, 262), (267, 140)], fill=INK, width=3)
    return page


def neighbor_cells(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
    """A cell cut out of a table a little too large: lines run on to the picture's edges."""
    page = plain(digits, rng)
    pen = ImageDraw.Draw(page)
    for at in (14, 266):
        pen.line([(at, 0), (at, SIDE)], fill=INK, width=3)
        pen.line([(0, at), (SIDE, at)], fill=INK, width=3)
    return page


def _ruled(gap: int, tone: int, width: int, *, grid: bool = False, slope: float = 0.0) -> Draw:
    def draw(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
        page = Image.new("L", (SIDE, SIDE), PAPER)
        pen = ImageDraw.Draw(page)
        for at in range(int(rng.integers(gap)) - SIDE // 4, SIDE + SIDE // 4, gap):
            pen.line([(0, at), (SIDE, at + slope * SIDE)], fill=tone, width=width)
            if grid:
                pen.line([(at, 0), (at - slope * SIDE, SIDE)], fill=tone, width=width)
        return inked(coverage(digits[0]), np.asarray(page, np.float64))

    return draw


def _base_line(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
    page = plain(digits, rng)
    ImageDraw.Draw(page).line([(0, 215), (SIDE, 215)], fill=INK, width=3)
    return page


def _shaded(depth: float, angle: float, soft: float, noise: float = 0.0) -> Draw:
    def draw(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
        down, right = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
        across = np.cos(np.radians(angle)) * right + np.sin(np.radians(angle)) * down
        across += rng.uniform(-40, 40)
        light = 1 - depth * np.clip(across / soft + 0.5, 0, 1)
        page = np.asarray(plain(digits, rng), np.float64) * light
        page += rng.normal(0, noise, page.shape) if noise else 0
        return Image.fromarray(np.clip(np.rint(page), 0, 255).astype(np.uint8))

    return draw


def photographed(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
    """Uneven light, noise, and the blur of a lens."""
    down, right = np.mgrid[0 : 1 : SIDE * 1j, 0 : 1 : SIDE * 1j]
    light = 0.9 - 0.35 * down * rng.uniform(0.5, 1) - 0.25 * (right - rng.uniform()) ** 2
    page = np.asarray(plain(digits, rng).filter(ImageFilter.GaussianBlur(2)), np.float64)
    page = page * light + rng.normal(0, 5, page.shape)
    return Image.fromarray(np.clip(np.rint(page), 0, 255).astype(np.uint8))


def _in_falling_light(draw: Draw, loss: float) -> Draw:
    """What was drawn, under light that falls evenly by this share from top to bottom."""

    def fallen(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
        page = np.asarray(draw(digits, rng), np.float64)
        light = 1 - loss * np.linspace(0, 1, len(page))[:, None]
        return Image.fromarray(np.rint(page * light).astype(np.uint8))

    return fallen


def _row(gap: int, count: int = 2) -> Draw:
    """Several digits beside one another, with ``gap`` pixels of paper between their ink."""

    def draw(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
        field, at = np.zeros((SIDE, AT + count * (DIGIT + max(gap, 0)))), AT // 2
        for digit in digits[:count]:
            ink = strokes(digit)
            columns = np.flatnonzero(ink.max(axis=0) > 0.1)
            ink = ink[:, columns[0] : columns[-1] + 1]
            place = field[AT : AT + DIGIT, at : at + ink.shape[1]]
            np.maximum(place, ink, out=place)
            at += ink.shape[1] + gap
        return inked(field[:, : at - gap + AT // 2])

    return draw


def _clear(tone: int | tuple[int, int, int], hidden: int = 255) -> Draw:
    """Strokes on a transparent ground; ``hidden`` is the color of what cannot be seen."""

    def draw(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
        ink = np.clip(coverage(digits[0]), 0, 1)
        pixels = np.full((SIDE, SIDE, 4), hidden, np.uint8)
        pixels[ink > 0, :3] = tone
        pixels[..., 3] = np.rint(ink * 255)
        return Image.fromarray(pixels)

    return draw


def _of_width(change: int) -> Draw:
    """Thinner strokes (below 0) or thicker ones, by pixels of 200."""

    def draw(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
        ink = Image.fromarray(np.rint(np.clip(coverage(digits[0]), 0, 1) * 255).astype(np.uint8))
        size = 2 * (abs(change) // 2) + 1
        filter_ = ImageFilter.MaxFilter(size) if change > 0 else ImageFilter.MinFilter(size)
        return inked(np.asarray(ink.filter(filter_), np.float64) / 255)

    return draw


def dirty(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
    page = plain(digits, rng)
    pen = ImageDraw.Draw(page)
    for _ in range(8):
        x, y, r = *rng.integers(5, SIDE - 5, 2), rng.integers(1, 5)
        pen.ellipse([x - r, y - r, x + r, y + r], fill=int(rng.integers(40, 160)))
    return page


def blob(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
    """A drop of ink in a corner."""
    page = plain(digits, rng)
    x, y, r = *rng.choice([20, SIDE - 20], 2), 11
    ImageDraw.Draw(page).ellipse([x - r, y - r, x + r, y + r], fill=INK)
    return page


def _beside_paper(outline: Sequence[tuple[int, int]], tone: int, drawn: str = "polygon") -> Draw:
    """Something dark that no pen drew, mirrored or not: it goes on beyond the edge of the paper."""

    def draw(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
        page = Image.new("L", (SIDE, SIDE), 0)
        getattr(ImageDraw.Draw(page), drawn)(outline, fill=255)
        dark = np.asarray(page) > 0
        for axis in np.flatnonzero(rng.random(2) < 0.5).tolist():
            dark = np.flip(dark, axis)
        return inked(np.where(dark, 0, coverage(digits[0])), np.where(dark, tone, PAPER))

    return draw


def _printed_bar(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
    """A logo above the digit, on taller paper."""
    page = Image.new("L", (SIDE, SIDE + 120), PAPER)
    page.paste(plain(digits, rng), (0, 120))
    ImageDraw.Draw(page).rectangle([20, 25, SIDE - 20, 125], fill=60)
    return page


def several_cut_out(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
    """Three digits, cut out along the ink."""
    ink = np.asarray(_row(30, 3)(digits, rng)) < 0.9 * PAPER
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    page = _row(30, 3)(digits, rng)
    return page.crop((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))


def colored(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
    ink = coverage(digits[0])[..., None]
    page = np.array([250, 240, 200]) * (1 - ink) + np.array([30, 50, 180]) * ink
    return Image.fromarray(np.clip(np.rint(page), 0, 255).astype(np.uint8))


def chalk(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
    return inked(coverage(digits[0]), 40, 230)


def small_in_a_corner(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
    page = Image.new("L", (900, 600), PAPER)
    page.paste(plain(digits, rng).resize((140, 140)), (700, 30))
    return page


def cut_out(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
    """Cut out along the ink."""
    ink = coverage(digits[0])
    rows, columns = (np.flatnonzero(ink.max(axis=axis) > 0.1) for axis in (1, 0))
    return inked(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def in_rows(digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
    """Two digits, one below the other."""
    return inked(np.concatenate([coverage(d)[20:-20] for d in digits[:2]]))


# By kind: how it is drawn, and how many digits are on it.
KINDS: dict[str, tuple[Draw, int]] = {
    "plain": (plain, 1),
    "colored": (colored, 1),
    "chalk": (chalk, 1),
    "small in a corner": (small_in_a_corner, 1),
    "cut out": (cut_out, 1),
    "photo": (photographed, 1),
    "frame, thin": (_framed(2, 1, INK), 1),
    "frame, thick": (_framed(8, 6, INK), 1),
    "frame, gray": (_framed(3, 10, 170), 1),
    "frame, at the edge": (_framed(3, 0, INK), 1),
    "frame, round": (_framed(3, 5, INK, 40), 1),
    "circle": (circled, 1),
    "comb": (comb, 1),
    "cells": (neighbor_cells, 1),
    "lines, gray": (_ruled(40, 180, 2), 1),
    "lines, black": (_ruled(60, INK, 3), 1),
    "lines, thick": (_ruled(70, 90, 6), 1),
    "lines, slanting": (_ruled(50, 150, 2, slope=0.05), 1),
    "squared paper": (_ruled(30, 190, 1, grid=True), 1),
    "squared, as faint as ink": (_in_falling_light(_ruled(30, 189, 1, grid=True), 0.1), 1),
    "lines, as faint as ink": (_in_falling_light(_ruled(40, 190, 1), 0.1), 1),
    "squared, dark": (_ruled(40, 110, 2, grid=True), 1),
    "base line": (_base_line, 1),
    "shadow, hard": (_shaded(0.45, 0, 1), 1),
    "shadow, deep": (_shaded(0.65, 0, 1), 1),
    "shadow, slanting": (_shaded(0.45, 35, 12), 1),
    "shadow, soft": (_shaded(0.5, 90, 80), 1),
    "shadow, noisy": (_shaded(0.5, -60, 20, 4.0), 1),
    "white on clear": (_clear(255, 0), 1),
    "white on clear white": (_clear(255, 255), 1),
    "black on clear": (_clear(0, 0), 1),
    "black on clear white": (_clear(0, 255), 1),
    "yellow on clear": (_clear((255, 235, 60), 0), 1),
    "thin": (_of_width(-8), 1),
    "thick": (_of_width(10), 1),
    "dirt": (dirty, 1),
    "blob": (blob, 1),
    "edge of the table": (_beside_paper([(0, 0), (38, 0), (38, SIDE), (0, SIDE)], 40), 1),
    "edge, slanting": (_beside_paper([(0, 0), (45, 0), (15, SIDE), (0, SIDE)], 60), 1),
    "edge below": (_beside_paper([(0, 245), (SIDE, 258), (SIDE, SIDE), (0, SIDE)], 90), 1),
    "corner": (_beside_paper([(0, 0), (90, 0), (0, 70)], 150), 1),
    "thumb": (_beside_paper([(-30, 235), (60, 320)], 120, "ellipse"), 1),
    "printed bar": (_printed_bar, 1),
    "several cut out": (several_cut_out, 3),
    "two": (_row(40), 2),
    "two, close": (_row(8), 2),
    "two, touching": (_row(-12), 2),
    "three": (_row(30, 3), 3),
    "one below the other": (in_rows, 2),
}  # fmt: skip
