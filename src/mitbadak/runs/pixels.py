"""In which range pixels in arrays lie: raw as in training, divided already, or in neither."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mitbadak.core.errors import RangeError
from mitbadak.core.warned import warn
from mitbadak.data.preparation import Preparation

ROUNDING = 1e-6  # by which pixels in [0, 1] may lie beyond, as float32
BYTE = 255.0  # the largest that a byte can be
BEYOND = 2.0  # times the largest number of the training, where pixels were not bytes


def preparation_of_pixels(pixels: np.ndarray, preparation: Preparation) -> Preparation:
    """How arrays of pixels become rows: those that are in [0, 1] already are not divided.

    Args:
        pixels: real numbers, shape (batch, ...).
        preparation: of the training; where its examples are no pixels, it is returned.

    Raises:
        RangeError: they are neither in [0, 1] nor in the range of the training.

    Warns:
        MitbadakWarning: they reach far beyond the training, whose range is not known exactly.
    """
    if pixels.size == 0 or not (preparation.divisor or preparation.kind == "images"):
        return preparation
    low, high = float(pixels.min()), float(pixels.max())
    is_whole = pixels.dtype.kind in "iu"
    of_files = preparation.pictures is not None and preparation.pictures.of_files
    if preparation.divisor is None:
        if of_files and is_whole:
            _check_raw(low, high, BYTE, are_floats=False)
        elif not of_files and not preparation.mean:
            _check_undivided(low, high, is_whole)
        return preparation
    if is_whole or preparation.float_pixels:
        _check_raw(low, high, preparation.divisor, preparation.float_pixels)
        return preparation
    if low < -ROUNDING or high > 1 + ROUNDING:
        raise RangeError(
            f"predict: floating-point pixels must lie in [0, 1]; got {low:g} to {high:g}. Give "
            f"raw pixels as whole numbers, such as x.astype(np.uint8), or x / "
            f"{preparation.divisor:g}."
        )
    return replace(preparation, divisor=None)


def _check_raw(low: float, high: float, divisor: float, are_floats: bool) -> None:
    """Refuse pixels that were divided already, or are of another scale than in training."""
    if 0 < high <= 1 < divisor:
        remedy = (
            f"Give them in the range of the training: x * {divisor:g}."
            if are_floats
            else "Give pixels in [0, 1] as floats: x.astype(float)."
        )
        raise RangeError(
            f"predict: such pixels are divided by {divisor:g}, as in training, and these reach "
            f"only {high:g}. {remedy}"
        )
    most = divisor if divisor == BYTE else BEYOND * divisor
    if low < 0 or high > most:
        raise RangeError(
            f"predict: pixels lie in 0..{divisor:g}; got {low:g} to {high:g}. Bring them into the "
            "range of the training, such as x / 257 for 16 bits, or give floats from 0 to 1."
        )


def _check_undivided(low: float, high: float, are_whole: bool) -> None:
    """Refuse whole numbers where training had none: it would have divided them.

    Undivided are pixels up to 1, and those of which some are negative.
    """
    if low < 0 or high <= 1 + ROUNDING:
        return
    if are_whole:
        raise RangeError(
            "predict: pixels were not divided in training: they lay in [0, 1], or some were "
            f"negative. Got whole numbers from {low:g} to {high:g}. Give them in the range of the "
            "training, such as x / 255; floats are taken as they are."
        )
    if high > BEYOND:
        warn(
            f"these pixels reach {high:g}; in training they were at most 1, or some were negative."
        )
