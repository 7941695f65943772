"""What a user can say about how pictures are read, where the automatic choice is not right."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mitbadak.core.errors import RangeError, brief, known
from mitbadak.data.picture_form import COLORS, PAPERS

AUTO = "auto"
TONES = (AUTO, "keep", "invert")
ORIENTATIONS = (AUTO, "upright", "transposed")
FIRST_CLASSES = (AUTO, "0")
MOST_SIDE = 4096  # pixels; a net on larger images would not fit into memory

KNOWN: dict[str, tuple[str, ...]] = {
    "color": COLORS,
    "paper": PAPERS,
    "tone": TONES,
    "orientation": ORIENTATIONS,
    "first_class": FIRST_CLASSES,
}


@dataclass(frozen=True)
class PictureOptions:
    """How pictures are to be read: ``auto``, or what the user knows better.

    Attributes:
        size: ``auto``, or one number of pixels for both sides, or WIDTHxHEIGHT, to which all
            pictures of a folder are scaled.
        color: ``gray``, or ``rgb`` to keep the colors of a folder's pictures.
        paper: what transparent pixels are put on: ``white``, ``black``, or ``auto``: black if the
            drawings are so light that white would hide them.
        tone: ``keep``, ``invert``, or ``auto``: invert where all pictures are dark drawings on
            light paper, since a net learns faster where most pixels are 0.
        center: cut each picture out along its ink, and scale and center it like MNIST's digits.
        orientation: of IDX files: ``upright``, ``transposed``, or ``auto``: transposed if they are
            named like EMNIST's.
        first_class: the label of the first class in IDX files: ``0``, or ``auto``: the smallest.

    Raises:
        UnknownNameError: an unknown value.
        RangeError: the size is no size.

    Example:
        >>> PictureOptions(size="32x24").shape, PictureOptions(size="64").shape
        ((24, 32), (64, 64))
    """

    size: str = AUTO
    color: str = "gray"
    paper: str = AUTO
    tone: str = AUTO
    center: bool = False
    orientation: str = AUTO
    first_class: str = AUTO

    def __post_init__(self) -> None:
        for name, names in KNOWN.items():
            known(name, getattr(self, name), dict.fromkeys(names))
        if not isinstance(self.center, bool):
            raise RangeError(f"center must be true or false; got {brief(self.center)}.")
        object.__setattr__(
            self, "size", self.size if isinstance(self.size, str) else str(self.size)
        )
        _ = self.shape

    @property
    def shape(self) -> tuple[int, int] | None:
        """The size as (height, width); None for ``auto``."""
        if self.size == AUTO:
            return None
        match = re.fullmatch(r"([1-9]\d{0,3})(?:\s*[xX×]\s*([1-9]\d{0,3}))?", self.size)
        sides = [int(side) for side in match.groups() if side] if match else []
        if not sides or max(sides) > MOST_SIDE:
            raise RangeError(
                f"size must be {AUTO}, a number of pixels from 1 to {MOST_SIDE:,} such as 28, or "
                f"WIDTHxHEIGHT; got {brief(self.size)}."
            )
        return sides[-1], sides[0]


AUTOMATIC_PICTURES = PictureOptions()
OF_FOLDERS = ("size", "color", "paper", "tone", "center")
