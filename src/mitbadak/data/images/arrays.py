"""Arrays of pixels as picture files hold them, brought into the form of a set read from files."""

from __future__ import annotations

import math

import numpy as np

from mitbadak.core.errors import FormatError, MitbadakError, ShapeError
from mitbadak.core.typing import Array, Float, Shaped
from mitbadak.core.warned import warn
from mitbadak.data.images.forms import in_form, tones_of
from mitbadak.data.images.paper import PEAK
from mitbadak.data.images.reading import as_read
from mitbadak.data.picture_form import PictureForm

CHANNELS = (1, 2, 3, 4)  # gray, gray and opacity, colors, colors and opacity
LOOKED_AT = 500  # pictures whose tone is looked at


def pictures_in(
    x: Shaped[Array, ...], shape: tuple[int, ...]
) -> tuple[Shaped[Array, "n height width *channels"], bool]:
    """Pictures in an array.

    Args:
        x: shape (n, height, width), (n, height, width, channels) or (n, 1, height, width), of any
            size; (n, entries) or (entries,) in the size of the set; or one picture of that size.
        shape: shape of an image of the set.

    Returns:
        The pictures, and whether it was one.

    Raises:
        ShapeError: the array has another shape.
    """
    entries, is_color = math.prod(shape), len(shape) == 3
    is_one = x.shape[: min(x.ndim, 3)][:2] == shape[:2] and (
        x.ndim == 2 or (x.ndim == 3 and x.shape[2] in CHANNELS)
    )
    if is_one:
        return x[None], True
    if x.shape == (entries,):
        return x.reshape(1, *shape), True
    if x.ndim == 2 and x.shape[1] == entries:
        return x.reshape(-1, *shape), False
    if x.ndim == 4 and x.shape[1] == 1 and x.shape[3] not in CHANNELS:
        x = x[:, 0]
    if x.size and (x.ndim == 3 or (x.ndim == 4 and x.shape[3] in CHANNELS)):
        return x, False
    if x.ndim and not len(x):
        return x.reshape(0, *shape), False
    sides = f"height, width{', 3' if is_color else ''}"
    raise ShapeError(
        f"expected examples of {entries} numbers, or pictures of shape (n, {sides}); got "
        f"{x.shape}. One picture of another size is x[None]."
    )


def arrays_in_form(
    x: Shaped[Array, "n height width *channels"], shape: tuple[int, ...], form: PictureForm
) -> Float[Array, "n rows columns *more"]:
    """Pictures in memory as images of the set, as ``in_form`` makes them of files.

    Args:
        x: whole numbers from 0 black to 255 white, or floats from 0 to 1.
        shape: shape of an image of the set.
        form: of the set, which was read from files.

    Returns:
        The images as they would be stored in the set.

    Raises:
        FormatError: there is no ink where it is to be cut out, or several digits are.

    Warns:
        MitbadakWarning: pictures may be read wrongly.
    """
    is_whole = x.dtype.kind in "iu"
    if not form.center and x.shape[1:] == shape:
        pixels = x.astype(np.float64) if is_whole else x * PEAK
        images = PEAK - pixels if form.inverted else pixels
        _warn_of_tone(images, form)
        return images
    made, doubtful = [], []
    for k, picture in enumerate(x):
        pixels = picture if is_whole else np.clip(np.rint(picture * PEAK), 0, PEAK)
        try:
            pixels = as_read(pixels.astype(np.uint8), color=form.color, paper=form.paper)
            images, doubts = in_form(pixels, shape, form)
        except MitbadakError as problem:
            raise FormatError(f"x[{k}]: {problem}") from None
        if len(images) > 1:
            raise FormatError(
                f"x[{k}] shows {len(images)} digits; one was expected. Cut them apart."
            )
        made.append(images)
        doubtful += [f"x[{k}]: {doubts[0]}"] if doubts else []
    if doubtful:
        message = f"{len(doubtful):,} of {len(x):,} pictures may be read wrongly; {doubtful[0]}."
        warn(message)
    return np.concatenate([*made, np.empty((0, *shape))])


def _warn_of_tone(images: np.ndarray, form: PictureForm) -> None:
    """Warn of images whose tone is the opposite of that of the set.

    So are, for instance, rows that were taken from a set whose pictures are inverted already.
    """
    step = max(1, len(images) // LOOKED_AT)
    some = np.asarray(images[::step], np.float64)
    opposite = {"light": -1, "dark": 1, "": 2}[form.tone]
    if not len(some) or np.mean(tones_of(some) == opposite) <= 0.5:
        return
    words = {-1: "dark on light", 1: "light on dark"}
    sign = -1 if form.inverted else 1
    warn(
        f"these pictures are {words[opposite * sign]}, and the training pictures are "
        f"{words[-opposite * sign]}. Arrays hold pixels as picture files do, 0 for black; what is "
        "prepared already goes to model.net."
    )
