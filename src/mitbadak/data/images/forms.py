"""The form of a data set's images, measured; and new pictures brought into that form."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mitbadak.core.errors import RangeError, ShapeError
from mitbadak.core.typing import Array, Float
from mitbadak.data.dataset import Dataset
from mitbadak.data.images.digits import (
    LEAST_CONTRAST,
    as_picture,
    has_form,
    measured,
    read_digits,
)
from mitbadak.data.images.paper import PEAK
from mitbadak.data.images.placing import mnist_box
from mitbadak.data.picture_form import PictureForm

LOOKED_AT = 500  # images of a set, evenly spaced
MOST_ENTRIES = 1 << 24  # pixels of a set that are looked at, to see whether all are centered
FEWEST = 10  # images that have one tone by chance once in 500 times if half of all have it
ALL_ALIKE = 0.95  # share of the images that must have a form, for the set to have it
EMPTY = 0.5  # share of the pixels that are paper in a set of drawings
EVEN, WITHIN = 0.8, 40.0  # share of a border that is paper, and how far from its tone, of 255
CLEAR_CONTRAST = 64.0  # of 255, between paper and ink
SQUEEZED = 1.5  # between the proportions of two pictures


def measured_form(
    train: Dataset,
    shape: tuple[int, ...],
    form: PictureForm,
    others: Sequence[Dataset] = (),
    *,
    scaled: bool = False,
) -> PictureForm:
    """``form`` with what can be measured on the images of a training set.

    That is what black and white are, the tone, and how ink is placed. Ink that has the same length
    in all images, and its center in the middle, was cut out and centered, as in MNIST and EMNIST;
    new pictures are then treated alike.

    Args:
        train: the training set.
        shape: shape of an image, (height, width) or (height, width, 3).
        form: what is known from reading the pictures.
        others: the other sets, which say whether all images are centered.
        scaled: whether pictures of another size were scaled. New ones then are too, and are not
            cut out.
    """
    images = _some(train, shape, LOOKED_AT)
    black, white = _black_and_white(images, train.divisor)
    images = (images.astype(np.float64) - black) * (PEAK / (white - black))
    form = replace(form, tone=tone_of(images), black=black, white=white)
    if images.ndim != 3 or form.tone != "light" or scaled:
        return form
    longest, _, _ = measured(images)
    box = int(np.bincount(longest).argmax())
    room = 0 < box < min(shape) and np.median(np.mean(images == 0, axis=(1, 2))) >= EMPTY
    for center in ("mass", "box"):
        alike = has_form(images, box, center)
        if room and np.mean(alike) >= ALL_ALIKE:
            exact = alike.all() and _all_have_form((train, *others), shape, black, box, center)
            return replace(form, center=center, box=box, exact=bool(exact))
    return form


def _some(data: Dataset, shape: tuple[int, ...], most: int) -> np.ndarray:
    """At most so many images of a set, evenly spaced, as they are stored."""
    rows = np.unique(np.linspace(0, len(data) - 1, min(len(data), most)).astype(np.intp))
    return data.stored(rows).reshape(-1, *shape)


def _all_have_form(
    sets: Sequence[Dataset], shape: tuple[int, ...], black: float, box: int, center: str
) -> bool:
    """Whether all images have the form, of large sets as many as are quickly looked at."""
    most = max(LOOKED_AT, MOST_ENTRIES // math.prod(shape))
    for data in sets:
        images = _some(data, shape, most)
        for start in range(0, len(images), LOOKED_AT):
            block = images[start : start + LOOKED_AT].astype(np.float64) - black
            if not has_form(block, box, center).all():
                return False
    return True


def _black_and_white(images: np.ndarray, divisor: float | None) -> tuple[float, float]:
    """What black and white are: bytes and what is divided say so, other numbers by their range."""
    if divisor is not None:
        return 0.0, float(divisor)
    low, high = float(images.min()), float(images.max())
    return min(low, 0.0), high if high > 0 and (low < 0 or high > 1) else 1.0


def tone_of(images: np.ndarray) -> str:
    """``light`` if nearly all images are light drawings on dark, ``dark`` the other way round.

    Args:
        images: shape (n, height, width) or (n, height, width, 3), 0 black to 255 white.

    Returns:
        The tone, or "" where images differ, are not drawings on paper, or are too few to tell.
    """
    if len(images) < FEWEST:
        return ""
    tones = tones_of(images)
    for name, sign in (("light", 1), ("dark", -1)):
        if np.mean(tones == sign) >= ALL_ALIKE:
            return name
    return ""


def tones_of(images: np.ndarray) -> np.ndarray:
    """1 for light ink on dark paper, -1 for dark ink on light paper, 0 for anything else."""
    gray = images.mean(axis=-1) if images.ndim == 4 else images
    border = np.concatenate([gray[:, 0], gray[:, -1], gray[:, :, 0], gray[:, :, -1]], axis=1)
    paper = np.median(border, axis=1)
    even = np.mean(np.abs(border - paper[:, None]) <= WITHIN, axis=1) >= EVEN
    rest = gray - paper[:, None, None]
    is_clear = np.abs(rest).max(axis=(1, 2)) >= CLEAR_CONTRAST
    sign = np.sign(np.sum(rest**3, axis=(1, 2)))
    return np.where(even & is_clear, sign, 0).astype(np.intp)


def in_form(
    pixels: np.ndarray, shape: tuple[int, ...], form: PictureForm
) -> tuple[Float[Array, "examples height width *channels"], list[str]]:
    """A picture as images of a set: one, or one for each digit in it.

    Args:
        pixels: bytes, shape (height, width), or (height, width, 3) if the form is in color.
        shape: shape of an image of the set.
        form: of the set.

    Returns:
        The images as they would be stored in the set, and what is doubtful about them, as clauses.

    Raises:
        FormatError: the form is that of digits, and there is no ink in the picture.
        ShapeError: the picture has another number of colors.
    """
    if pixels.shape[2:] != shape[2:]:
        raise ShapeError(f"expected a picture in {form.color}; got shape {pixels.shape}.")
    sides = shape[1::-1] if form.transposed else shape[:2]
    if form.center:
        images, doubts = _cut_out(pixels, (sides[0], sides[1]), form)
    else:
        images = np.rint(as_picture(pixels, (sides[0], sides[1])))[None]
        images = PEAK - images if form.inverted else images
        doubts = _doubts(pixels, images, form)
    if form.transposed:
        images = images.swapaxes(1, 2)
    scale = (form.white - form.black) / PEAK
    return (images * scale + form.black).astype(np.float32), doubts


def _cut_out(
    pixels: np.ndarray, sides: tuple[int, int], form: PictureForm
) -> tuple[np.ndarray, list[str]]:
    """The digits of a picture, in the tone of the set; the whole picture where it is alike."""
    own_size = pixels.shape == sides
    gray = np.uint8(PEAK) - pixels if form.inverted and own_size else pixels
    if own_size and not form.exact and tones_of(gray[None].astype(float))[0] > 0:
        return gray[None].astype(np.float64), []
    images, doubts = read_digits(gray, sides, box=form.box, center=form.center)
    images = np.rint(images).astype(np.float64)
    return PEAK - images if form.tone == "dark" else images, doubts


def _doubts(pixels: np.ndarray, images: np.ndarray, form: PictureForm) -> list[str]:
    """Why a picture that was only scaled may not be what the set is of."""
    doubts = []
    tone = int(tones_of(images)[0])
    wanted = {"light": 1, "dark": -1, "": 0}[form.tone]
    if tone * wanted < 0:
        words = {1: "light on dark", -1: "dark on light"}
        seen, other = (words[-k if form.inverted else k] for k in (tone, wanted))
        flag = "invert=False" if form.inverted else "invert=True"
        more = "" if form.color == "rgb" else ", center=True also cuts it out"
        doubts.append(
            f"it is {seen}, and the training pictures are {other} ({flag} turns it round{more})"
        )
    elif wanted and float(np.ptp(images)) < LEAST_CONTRAST:
        doubts.append("nothing is drawn in it")
    proportions = pixels.shape[1] / pixels.shape[0] * images.shape[1] / images.shape[2]
    if not form.stretched and max(proportions, 1 / proportions) > SQUEEZED:
        doubts.append(
            f"it has {pixels.shape[1]} x {pixels.shape[0]} pixels, so that scaling to "
            f"{images.shape[2]} x {images.shape[1]} squeezes it, as no training picture was"
        )
    return doubts


def centered_form(form: PictureForm, shape: tuple[int, ...], center: bool) -> PictureForm:
    """The form with pictures cut out and centered like MNIST's digits, or only scaled.

    Raises:
        RangeError: pictures are to be cut out, and the form is in color.
    """
    if center == bool(form.center):
        return form
    if center and form.color == "rgb":
        raise RangeError("center makes ink gray, and this net's images are in color. Leave it out.")
    box = mnist_box((shape[0], shape[1])) if center else 0
    return replace(form, center="mass" if center else "", box=box)


def to_look_at(
    images: Float[Array, "n height width *channels"], form: PictureForm | None
) -> Float[Array, "n h w *channels"]:
    """Images as one looks at them: upright, 0 black to 1 white.

    Args:
        images: in the numbers of the raw training images.
        form: theirs; None for models of earlier versions.
    """
    form = PictureForm() if form is None else form
    tones = np.clip((images - form.black) / (form.white - form.black), 0, 1)
    return tones.swapaxes(1, 2) if form.transposed else tones
