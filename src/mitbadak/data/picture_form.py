"""How pictures became the images of a data set, so that new ones become images alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mitbadak.core.errors import FormatError
from mitbadak.data.stored_fields import count, one_of, read_fields, real, yes_or_no

CENTERS = ("", "mass", "box")
TONES = ("", "light", "dark")
COLORS = ("gray", "rgb")
PAPERS = ("auto", "white", "black")
MOST_SIDE = 1 << 16  # pixels
LARGEST = 1e300  # of black and white, so that their difference is finite


@dataclass(frozen=True)
class PictureForm:
    """The form of the images of a data set.

    Attributes:
        center: what lies in the middle of each image: the center of ``mass`` of the ink, as in
            MNIST, or its ``box``. New pictures are then cut out along their ink, scaled and moved
            there. "" where pictures are only scaled.
        box: with ``center``, the pixels of the longer side of the ink.
        exact: with ``center``, whether this holds of all images that were looked at. Where not, new
            pictures of their size are taken as they are.
        tone: ``light`` for light strokes on dark, ``dark`` for dark ones on light, "" for neither.
        inverted: whether the pixels of pictures that were not cut out were inverted.
        color: ``gray``, or ``rgb`` for three numbers per pixel.
        paper: what transparent pixels were put on: ``white``, ``black``, or ``auto``, which suits
            each picture, where none was transparent.
        transposed: whether rows and columns are swapped, as in EMNIST's files.
        stretched: whether pictures of other proportions were scaled too.
        black, white: what these are in the images, before they are divided.
        of_files: whether the images were read from picture files. Arrays of pixels are then taken
            to be what such files hold, and otherwise to be images as they are stored.

    Example:
        >>> PictureForm("mass", 20, exact=True, tone="light").describe()
        'light on dark, ink of 20 pixels, its center of mass in the middle'
    """

    center: str = ""
    box: int = 0
    exact: bool = False
    tone: str = ""
    inverted: bool = False
    color: str = "gray"
    paper: str = "white"
    transposed: bool = False
    stretched: bool = False
    black: float = 0.0
    white: float = 255.0
    of_files: bool = False

    def describe(self) -> str:
        """The form in words, for the user."""
        tone = {"light": "dark", "dark": "light", "": ""}[self.tone] if self.inverted else self.tone
        words = [{"light": "light on dark", "dark": "dark on light", "": ""}[tone]]
        words += ["inverted"] * self.inverted
        if self.color == "rgb":
            words.append("in color")
        if self.center:
            where = {"mass": "its center of mass", "box": "its box"}[self.center]
            words.append(f"ink of {self.box} pixels, {where} in the middle")
        if self.transposed:
            words.append("rows and columns swapped")
        if self.paper == "black":
            words.append("transparent parts black")
        return ", ".join(filter(None, words))

    @classmethod
    def read(cls, value: Any) -> PictureForm | None:
        """The form that a model file describes; None for none.

        Raises:
            FormatError: the value does not describe one.
        """
        if value is None:
            return None
        form = read_fields(cls, value, _FIELDS, "the form of its pictures")
        finite = all(abs(tone) <= LARGEST for tone in (form.black, form.white))
        if not finite or form.white <= form.black or bool(form.center) != (form.box > 0):
            raise FormatError("the form of its pictures is described by contradictory numbers.")
        return form


_FIELDS = {
    "center": one_of(*CENTERS),
    "box": count(MOST_SIDE),
    "tone": one_of(*TONES),
    "color": one_of(*COLORS),
    "paper": one_of(*PAPERS),
    **dict.fromkeys(("exact", "inverted", "transposed", "stretched", "of_files"), yes_or_no),
    **dict.fromkeys(("black", "white"), real),
}
MNIST_FORM = PictureForm("mass", 20, exact=True, tone="light", paper="auto")
