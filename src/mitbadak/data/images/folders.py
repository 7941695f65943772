"""A folder with one folder of images per class, as a data set."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from mitbadak.core.arguments import explained, renamed
from mitbadak.core.errors import FormatError, RangeError, share, whole
from mitbadak.core.file_errors import missing_file
from mitbadak.core.typing import Seed
from mitbadak.core.warned import warn
from mitbadak.data.dataset import Dataset
from mitbadak.data.images.digits import as_picture, read_digits
from mitbadak.data.images.forms import LOOKED_AT, measured_form, tone_of
from mitbadak.data.images.layouts import Files, Layout, find_layout
from mitbadak.data.images.options import (
    AUTO,
    AUTOMATIC_PICTURES,
    OF_FOLDERS,
    PictureOptions,
)
from mitbadak.data.images.placing import mnist_box
from mitbadak.data.images.reading import Picture, decode
from mitbadak.data.picture_form import PictureForm
from mitbadak.data.preparation import Preparation
from mitbadak.data.settings import TEST_SHARE, changed, refuse, refuse_test_share
from mitbadak.data.source import Source
from mitbadak.data.splits import stratified_split

DEFAULT_SHAPE = (28, 28)
MOST_BYTES = 1 << 32  # for all pixels in memory, 4 GiB
SAME = 1.05  # between the proportions of two pictures that are called the same


@explained
@renamed(seed="rng")
def image_folder(
    path: str | os.PathLike[str],
    *,
    shape: tuple[int, int] | None = None,
    pictures: PictureOptions = AUTOMATIC_PICTURES,
    test_share: float = TEST_SHARE,
    rng: Seed = 0,
) -> Source:
    """A folder of images by class as a data set.

    The layout is ``CLASS/*.png``, or ``train/CLASS/*.png``, ``test/CLASS/*.png`` and perhaps
    ``val/CLASS/*.png``, also under names such as ``Training`` and ``valid``, and in a folder that
    holds nothing else. Without a test folder, a validation folder is the test set. Hidden files are
    ignored; other files that are not images are refused, and so are links that lead out of the
    folder.

    Colors become gray. If nearly all images are dark drawings on light paper, they are inverted, so
    that paper is 0. ``pictures`` changes both.

    Args:
        path: the folder.
        shape: (height, width) to scale all images to. By default the size in ``pictures``, or the
            common size of the images, or 28 x 28 with a warning if they differ.
        pictures: how the images are read.
        test_share: share of each class, drawn at random, that becomes the test set if there is
            none.
        rng: a seed or generator for that draw.

    Returns:
        The sets, with x as bytes of shape (n, height * width), or (n, height * width * 3) in color,
        and t as class indices in the order of ``preparation.classes``; the fingerprint is the
        SHA-256 of names and contents.

    Raises:
        FormatError: there are fewer than two classes; an image is damaged or not an image, or a
            link leads out of the folder; there are too many images; or a setting would be ignored.
        NotASourceError: there are no folders of images at all.
        RangeError: ``test_share`` or ``shape`` is invalid, or leaves a set empty; ``pictures`` asks
            for two things that exclude each other.
        FileNotFoundError: the folder does not exist.

    Warns:
        MitbadakWarning: the images differ in size, or some of them are read with doubts.

    Example:
        >>> import tempfile
        >>> from PIL import Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for kind, tone in (("dark", 10), ("light", 240)):
        ...         (Path(folder) / kind).mkdir()
        ...         for k in range(5):
        ...             Image.new("L", (4, 3), tone + k).save(Path(folder) / kind / f"{k}.png")
        ...     source = image_folder(folder)
        >>> source.preparation.classes, source.preparation.shape
        (('dark', 'light'), (3, 4))
        >>> len(source.train), len(source.test), source.train.x.shape
        (8, 2, (8, 12))
    """
    root = Path(path)
    if not root.is_dir():
        raise missing_file(root, is_folder=True)
    test_share = share("image_folder", "test_share", test_share)
    if shape is not None:
        height, width = (whole("image_folder", "shape", side) for side in shape)
        shape = (height, width)
    flags = changed(pictures, but=OF_FOLDERS)
    refuse(root, "a folder of pictures by class", flags, "IDX files (and first_class for .npz)")
    if pictures.center and pictures.color == "rgb":
        raise RangeError("image_folder: center makes ink gray; it cannot keep the color rgb.")
    layout = find_layout(root)
    if "test" in layout.parts:
        refuse_test_share(root, test_share)
    files = sorted(file for part in layout.parts.values() for file in part)
    images = _Images(root, files, pictures, shape or pictures.shape)
    images.read()
    t = np.array([k for _, k in files])
    rows = _rows_of_parts(layout, files, t, test_share, rng)
    inverted = images.is_inverted(rows["train"])
    if inverted:
        np.subtract(255, images.pixels, out=images.pixels)
    x = images.pixels.reshape(len(images.pixels), -1)
    parts = {
        part: Dataset(x[mine], t[mine], divisor=255, name=f"{root.name} {part}")
        for part, mine in rows.items()
    }
    stored = images.pixels.shape[1:]
    form = images.form(inverted=inverted)
    others = [data for part, data in parts.items() if part != "train"]
    form = measured_form(parts["train"], stored, form, others, scaled=images.scaled)
    form = replace(form, **images.placed(inverted=inverted))
    preparation = Preparation("images", stored, 255, classes=layout.classes, pictures=form)
    return Source(
        parts["train"], parts["test"], preparation, images.fingerprint,
        validation=parts.get("validation"), notes=images.notes(layout, inverted=inverted),
    )  # fmt: skip


def _rows_of_parts(
    layout: Layout, files: Files, t: np.ndarray, test_share: float, rng: Seed
) -> dict[str, np.ndarray]:
    """A mask of the images of each part: train, test and perhaps validation."""
    part_of = {name: part for part, found in layout.parts.items() for name, _ in found}
    parts = np.array([part_of[name] for name, _ in files], object)
    if "test" not in layout.parts:
        drawn = np.flatnonzero(parts != "validation")
        parts[drawn] = "train"
        parts[drawn[stratified_split(t[drawn], test_share, rng)[1]]] = "test"
    names = [name for name in ("train", "test", "validation") if (parts == name).any()]
    return {name: parts == name for name in names}


@dataclass
class _Images:
    """The images of a folder, while they are read.

    Attributes:
        root, files: where they are.
        options: how they are read.
        shape: (height, width); the common size of the images where it is None.
        pixels: bytes of shape (n, height, width), or (n, height, width, 3) in color.
        fingerprint: the SHA-256 of names and contents.
        paper: what transparent pixels are put on.
        with_color, clear, light: how many images have colors, are transparent somewhere, and are
            light drawings on a transparent ground.
        scaled, stretched: whether some had another size, and other proportions.
        refused: why the first picture was refused that may be read on another paper.
        doubtful: the names of those that may be read wrongly, with the reason.
    """

    root: Path
    files: Files
    options: PictureOptions
    shape: tuple[int, int] | None
    pixels: np.ndarray = field(default_factory=lambda: np.empty((0, 0, 0), np.uint8))
    fingerprint: str = ""
    paper: str = "white"
    with_color: int = 0
    clear: int = 0
    light: int = 0
    scaled: bool = False
    stretched: bool = False
    refused: FormatError | None = None
    doubtful: list[str] = field(default_factory=list)

    def read(self) -> None:
        """Read all of them; again if only then it is known on what, or how large."""
        if self.options.paper != AUTO:
            self.paper = self.options.paper
        self._read_once()
        if self.options.paper == AUTO and 2 * self.light > self.clear > 0:
            self.paper = "black"
            self._read_once()
        if self.refused is not None:
            raise self.refused
        if self.doubtful:
            warn(
                f"{len(self.doubtful):,} of {len(self.files):,} images in {self.root} may be read "
                f"wrongly; the first is {self.doubtful[0]}."
            )

    def _read_once(self) -> None:
        digest = hashlib.sha256()
        self.with_color = self.clear = self.light = 0
        self.scaled = self.stretched = False
        self.doubtful, self.refused = [], None
        may_differ = self.shape is not None or self.options.center
        shape = self.shape or (DEFAULT_SHAPE if self.options.center else None)
        for row, (name, _) in enumerate(self.files):
            content = (self.root / name).read_bytes()
            # Lengths come first, so that no two folders hash the same bytes by a moved boundary.
            for part in (os.fsencode(name), content):
                digest.update(len(part).to_bytes(8, "big") + part)
            picture = decode(content, self.root / name, color=self.options.color, paper=self.paper)
            own = (picture.pixels.shape[0], picture.pixels.shape[1])
            shape = shape or own
            if row == 0:
                self._make_room(shape)
            if own != shape and not may_differ:
                self._warn_of_sizes(name, own, shape)
                self.shape = DEFAULT_SHAPE
                return self._read_once()
            self._count(picture, shape)
            try:
                self.pixels[row] = self._scaled(name, picture, shape)
            except FormatError as problem:
                if not picture.clear:
                    raise
                self.refused = self.refused or problem  # on this paper, which may be the wrong one
        self.fingerprint = digest.hexdigest()
        return None

    def _make_room(self, shape: tuple[int, int]) -> None:
        channels = (3,) if self.options.color == "rgb" else ()
        needed = len(self.files) * int(np.prod((*shape, *channels)))
        if needed > MOST_BYTES:
            raise FormatError(
                f"{self.root} holds {len(self.files):,} images of {shape[1]} x {shape[0]}, "
                f"{needed >> 20:,} MiB; the limit is {MOST_BYTES >> 20:,} MiB. Scale them down "
                "with size='64'."
            )
        self.pixels = np.empty((len(self.files), *shape, *channels), np.uint8)

    def _warn_of_sizes(self, name: str, own: tuple[int, int], first: tuple[int, int]) -> None:
        warn(
            f"the images in {self.root} differ in size ({name} is {own[1]} x {own[0]}, the first "
            f"{first[1]} x {first[0]}): all are scaled to {DEFAULT_SHAPE[1]} x {DEFAULT_SHAPE[0]}. "
            "Choose another size with size='64'."
        )

    def _count(self, picture: Picture, shape: tuple[int, int]) -> None:
        height, width = picture.pixels.shape[:2]
        self.scaled |= (height, width) != shape
        proportions = width / height * shape[0] / shape[1]
        self.stretched |= max(proportions, 1 / proportions) > SAME
        self.with_color += picture.has_color
        self.clear += picture.clear > 0
        self.light += picture.is_light_drawing

    def _scaled(self, name: str, picture: Picture, shape: tuple[int, int]) -> np.ndarray:
        if not self.options.center:
            return np.rint(as_picture(picture.pixels, shape)).astype(np.uint8)
        try:
            digits, doubts = read_digits(picture.pixels, shape)
        except FormatError as problem:
            raise FormatError(f"{self.root / name}: {problem}") from None
        if len(digits) > 1:
            raise FormatError(
                f"{self.root / name} shows {len(digits)} digits; with center=True each image must "
                "show one."
            )
        self.doubtful += [f"{name}: {doubts[0]}"] if doubts else []
        return np.rint(digits[0]).astype(np.uint8)

    def is_inverted(self, train: np.ndarray) -> bool:
        """Whether the pixels are to be inverted; ``train`` is a mask of the training images."""
        options = self.options
        if options.tone != AUTO or options.color == "rgb" or options.center:
            return options.tone == "invert"
        rows = np.flatnonzero(train)
        return tone_of(self.pixels[rows[:: max(1, len(rows) // LOOKED_AT)]].astype(float)) == "dark"

    def form(self, *, inverted: bool) -> PictureForm:
        """What is known from reading."""
        paper = self.paper if self.clear or self.options.paper != AUTO else AUTO
        return PictureForm(
            color=self.options.color, paper=paper, inverted=inverted, stretched=self.stretched,
            of_files=True,
        )  # fmt: skip

    def placed(self, *, inverted: bool) -> dict[str, Any]:
        """The fields of the form that follow if each image was cut out: light, then inverted."""
        if not self.options.center:
            return {}
        height, width = self.pixels.shape[1:3]
        tone = "dark" if inverted else "light"
        return {
            "center": "mass", "box": mnist_box((height, width)), "exact": True, "tone": tone,
            "inverted": False,
        }  # fmt: skip

    def notes(self, layout: Layout, *, inverted: bool) -> tuple[str, ...]:
        """What was found and decided, for the user."""
        notes = [layout.note]
        if self.with_color and self.options.color == "gray":
            notes.append(f"{self.with_color:,} images in color became gray (color='rgb' keeps it)")
        if inverted and self.options.tone == AUTO:
            notes.append("dark drawings on light paper were inverted (tone='keep' leaves them)")
        if self.paper == "black" and self.options.paper == AUTO:
            notes.append("light drawings on a transparent ground were put on black (paper='white')")
        return tuple(filter(None, notes))
