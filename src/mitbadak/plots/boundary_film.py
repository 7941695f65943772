"""A decision boundary as it is learned, as an animated GIF."""

from __future__ import annotations

import math
import os
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from PIL import Image

from mitbadak.core.errors import RangeError, ShapeError, StateError, whole
from mitbadak.core.files import picture_format, write_atomically
from mitbadak.core.progress import Progress
from mitbadak.core.warned import warn
from mitbadak.data.dataset import Dataset
from mitbadak.data.preparation import Preparation
from mitbadak.plots.axes import class_style, finish
from mitbadak.plots.boundary import (
    AREA,
    FADED,
    check_plane,
    classes_of,
    draw_examples,
    legend_on_areas,
    line_over,
    over_the_plane,
)
from mitbadak.plots.gif import GIF_DPI, GIF_FRAMES, gif_of
from mitbadak.plots.own_units import OwnUnits
from mitbadak.plots.style import (
    GRAY,
    lettering,
    missing_letters_as_boxes,
    new_figure,
    set_title,
)
from mitbadak.training.history_file import Row
from mitbadak.training.hooks import Callback
from mitbadak.training.trainer import Trainer

POINTS, FEWEST_POINTS = 160, 60  # of the grid along each axis
PRODUCTS = 1e9  # a frame may take; of wide nets the grid is coarser
APART = 1 / 15  # of the epochs so far, from one frame to the next
LEVELS, SHADES = 64, 16  # of sureness, as kept and as drawn: few shades make a small GIF
EXAMPLES = 1000  # drawn of each set
MEASURES = ("train_loss", "train_accuracy", "validation_accuracy", "test_accuracy")
SIDE = 5.4  # inches

Say = Callable[[str], str]


@dataclass(frozen=True)
class Frame:
    """The plane after an epoch.

    Attributes:
        epoch: its number.
        measures: of ``MEASURES``, None where one is unknown.
        plane: compressed; for each point of the grid the class, then how sure the net is of it.
    """

    epoch: int
    measures: tuple[float | None, ...]
    plane: bytes


class BoundaryFilm(Callback):
    """Films the decision boundary of a net with two inputs while it learns.

    The first epochs are shown one by one, later ones further apart, as what a net learns in one
    epoch becomes less and less. Every frame shows a whole epoch; the last one is that of the last
    epoch, or, if the best weights were put back by an ``EarlyStopping`` that comes after the film
    in the list of callbacks, of these. A training that was interrupted has its film up to there,
    and a resumed run goes on with it.

    Args:
        path: of the GIF, which is written when training ends, whole or not at all. Without one,
            call ``save`` afterwards.
        title: drawn above.
        lang: language of the labels, ``en`` or ``ko``.
        preparation: of the data, which are then drawn in their own units, with the names of
            columns and classes.
        frames: at most so many; fewer if the GIF would have more than 2 MB.

    Raises:
        RangeError: fewer than two frames.
        UnknownNameError: the path does not end in ``.gif``.

    Example:
        >>> from mitbadak.data import load_spiral
        >>> from mitbadak.nn import MLP
        >>> from mitbadak.training import fit
        >>> film = BoundaryFilm()
        >>> history = fit(MLP([2, 10, 3], rng=0), load_spiral(), epochs=30, rng=0,
        ...               callbacks=[film])
        >>> [frame.epoch for frame in film.frames][-8:]
        [23, 24, 25, 26, 27, 28, 29, 30]
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        title: str = "",
        *,
        lang: str = "en",
        preparation: Preparation | None = None,
        frames: int = GIF_FRAMES,
    ):
        if path is not None:
            picture_format(path, (".gif",))
        self.path = None if path is None else Path(path)
        self.title, self.lang, self.preparation = title, lang, preparation
        self.most = whole("BoundaryFilm", "frames", frames, least=2)
        self.frames: list[Frame] = []
        self.end: Frame | None = None
        self.kept: int | None = None
        self.points = 0
        self.epochs = 0

    def before_training(self, trainer: Trainer) -> None:
        """Refuse a net or a file that could not be filmed.

        Raises:
            ShapeError: the net has no boundary in the plane.
            RangeError: the folder of the file does not exist.
        """
        net, train = trainer.net, trainer.train
        owner = "a film of the decision boundary"
        check_plane(owner, net, train)
        if not net.head.measures_accuracy(train.t, net.n_out or 0):
            raise ShapeError(f"{owner} shows classes; the targets here are real numbers.")
        if self.path is not None and not self.path.resolve().parent.is_dir():
            raise RangeError(f"BoundaryFilm: there is no folder {self.path.parent} for the film.")

    def on_train_begin(self, trainer: Trainer) -> None:
        self.before_training(trainer)
        self.own = OwnUnits.of(trainer.net, self.preparation)
        self.train, self.test = _few(trainer.train), trainer.test and _few(trainer.test)
        points = math.isqrt(int(PRODUCTS / max(1, sum(map(np.size, trainer.net.params.values())))))
        points = min(max(points, FEWEST_POINTS), POINTS)
        if points != self.points:  # those from a checkpoint are of the same net, and so of as many
            self.frames, self.points = [], points
        self.end = self.kept = None
        self.across, self.up = (line_over(trainer.train.batch(slice(None))[0][:, side], points)
                                for side in (0, 1))  # fmt: skip

    def on_epoch_end(self, trainer: Trainer, row: Row) -> None:
        if not self.frames or _is_apart(row["epoch"], self.frames[-1].epoch, APART):
            self._add(self.frames, trainer, row)

    def on_train_end(self, trainer: Trainer) -> None:
        """Film the last epoch, and write the file."""
        self.film_end(trainer)
        if self.path is None:
            return
        try:
            self.save(self.path)
        except (OSError, StateError) as problem:  # the training is complete, and its history due
            warn(f"BoundaryFilm: no film was written: {problem}")

    def name_after(self, preparation: Preparation) -> None:
        """Draw the data in their own units, with their names, once these are known."""
        self.preparation = preparation
        self.own = OwnUnits.of(None, preparation)

    def film_end(self, trainer: Trainer) -> None:
        """Film the net as it is at the end of a training, as the last frame."""
        self.kept, self.epochs = trainer.history.kept, trainer.epoch
        rows, end = trainer.history.rows, []
        if self.kept is not None:
            at = next((row for row in rows if row["epoch"] == self.kept), {"epoch": self.kept})
            self._add(end, trainer, at)
        elif rows and not trainer.batches_done and rows[-1]["epoch"] == trainer.epoch:
            self._add(end, trainer, rows[-1])
        self.end = end[0] if end else None

    def _add(self, frames: list[Frame], trainer: Trainer, row: Row) -> None:
        """Film the net as it is, unless its numbers are not finite."""
        if not all(np.isfinite(array).all() for array in trainer.net.params.values()):
            return
        predicted, sure = over_the_plane(trainer.net, self.across, self.up)
        if sure is None:
            sure = np.ones(predicted.shape)
        levels = np.round((LEVELS - 1) * sure)
        plane = np.stack([predicted % 256, levels]).astype(np.uint8).tobytes()
        measures = tuple(_finite(row.get(name)) for name in MEASURES)
        frames.append(Frame(row["epoch"], measures, zlib.compress(plane, 1)))

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        values = {"points": self.points, "epochs": [frame.epoch for frame in self.frames],
                  "measures": [list(frame.measures) for frame in self.frames]}  # fmt: skip
        planes = {str(k): np.frombuffer(f.plane, np.uint8) for k, f in enumerate(self.frames)}
        return values, planes

    def load_state(self, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        self.points = whole("BoundaryFilm", "points", values["points"], least=0)
        self.frames = []
        for k, (epoch, measures) in enumerate(
            zip(values["epochs"], values["measures"], strict=True)
        ):
            numbers = tuple(None if value is None else float(value) for value in measures)
            epoch = whole("BoundaryFilm", "epoch", epoch, least=0)
            frame = Frame(epoch, numbers, arrays[str(k)].tobytes())
            self._plane(frame)
            self.frames.append(frame)

    def _plane(self, frame: Frame) -> tuple[np.ndarray, np.ndarray]:
        """The classes of a frame, and how sure the net is of them.

        Raises:
            RangeError: it comes from a damaged checkpoint.
        """
        needed = 2 * self.points**2
        try:
            plane = zlib.decompressobj().decompress(frame.plane, needed + 1)
        except zlib.error:
            plane = b""
        if len(plane) != needed or len(frame.measures) != len(MEASURES):
            raise RangeError(f"BoundaryFilm: the frame of epoch {frame.epoch} is damaged.")
        predicted, sure = np.frombuffer(plane, np.uint8).reshape(2, self.points, self.points)
        return predicted, sure / (LEVELS - 1)

    def shown_frames(self) -> list[Frame]:
        """The frames of the film: at most as many as wanted, among them the first and the last."""
        last = self.end
        before = [f for f in self.frames if last is None or self.kept is not None
                  or f.epoch < last.epoch]  # fmt: skip
        if last is None and before:
            *before, last = before
        if last is None:
            return []
        return [*_thinned(before, self.most - 1), last]

    def save(self, path: str | os.PathLike[str], *, progress: Progress | None = None) -> None:
        """Write the film, whole or not at all.

        Args:
            path: of the GIF.
            progress: called as ``progress(done, total, message)`` after each frame.

        Raises:
            UnknownNameError: the path does not end in ``.gif``.
            StateError: nothing has been filmed.
            OSError: the file cannot be written; an existing one is left unchanged.
        """
        picture_format(path, (".gif",))
        shown = self.shown_frames()
        if not shown:
            raise StateError(
                "BoundaryFilm has no frames. Pass it to fit, callbacks=[film], and train for at "
                "least one epoch with finite numbers."
            )
        names = [self.title, *self.own.names()]
        with lettering(self.lang, names) as say, missing_letters_as_boxes():
            planes = [self._plane(frame) for frame in shown]
            screen, pictures = _Screen(self, [predicted for predicted, _ in planes], say), []
            for number, (frame, plane) in enumerate(zip(shown, planes, strict=True), 1):
                pictures.append(screen.show(*plane, self._caption(frame, say)))
                if progress is not None:
                    progress(number, len(shown), f"animation: frame {number} of {len(shown)}")
        write_atomically(path, gif_of(pictures))

    def _caption(self, frame: Frame, say: Say) -> str:
        """Epoch, loss and accuracies, in words."""
        of = max(self.epochs, frame.epoch)
        is_kept = self.kept is not None and frame is self.end
        loss, *accuracies = frame.measures
        at = f"{say('epoch')} {frame.epoch}/{of}" + (f" ({say('kept')})" if is_kept else "")
        parts = [at, f"{say('loss')} {_number(loss)}"]
        by_set = zip(("train", "validation", "test"), accuracies, strict=True)
        told = [f"{say(name)} {_number(value)}" for name, value in by_set if value is not None]
        if told:
            parts.append(f"{say('accuracy')}: {', '.join(told)}")
        return "   ".join(parts)


class _Screen:
    """A transparent figure that is drawn once; each picture adds a caption, and areas behind."""

    def __init__(self, film: BoundaryFilm, planes: Iterable[np.ndarray], say: Say):
        classes = [int(plane.max()) for plane in (*planes, classes_of(film.train.t))]
        count = max(classes) + 1
        self.rgb = 1 - AREA * (1 - np.array([to_rgb(class_style(k)[0]) for k in range(count)]))
        figure = new_figure(SIDE, SIDE)
        figure.set_dpi(GIF_DPI)
        self.ax: Axes = figure.subplots()
        for patch in (figure.patch, self.ax.patch):
            patch.set_alpha(0)
        draw_examples(film.train, film.test, count, self.ax, say, film.own)
        across, up = film.own.line(film.across, 0), film.own.line(film.up, 1)
        self.ax.set(xlim=_edges(across), ylim=_edges(up))
        legend_on_areas(finish(self.ax)).grid(False)  # it would double the colors
        self.caption = self.ax.set_title("0", fontsize=9, loc="left", animated=True)
        set_title(figure, film.title, fontsize=10)
        self.canvas: Any = figure.canvas
        self.canvas.draw()
        self.drawn = self.canvas.copy_from_bbox(figure.bbox)
        height = np.asarray(self.canvas.buffer_rgba()).shape[0]
        (left, bottom), (right, top) = self.ax.bbox.get_points().round().astype(int)
        self.box = slice(height - top, height - bottom), slice(left, right)
        self.size = int(right - left), int(top - bottom)

    def show(self, predicted: np.ndarray, sure: np.ndarray, caption: str) -> Image.Image:
        """The picture of a plane."""
        self.canvas.restore_region(self.drawn)
        self.caption.set_text(caption)
        self.ax.draw_artist(self.caption)
        over = np.asarray(self.canvas.buffer_rgba()) / np.float32(255)
        picture = np.ones((*over.shape[:2], 3), np.float32)
        picture[self.box] = self._areas(predicted, sure)
        picture += over[..., 3:] * (over[..., :3] - picture)
        return Image.fromarray((255 * picture).round().astype(np.uint8))

    def _areas(self, predicted: np.ndarray, sure: np.ndarray) -> np.ndarray:
        """The classes in color, white where the net guesses, with lines between them."""
        present = np.unique(predicted)
        here = np.argmax([self._scaled(predicted == k) for k in present], axis=0)
        color = self.rgb[present[here]]
        shade = np.round((SHADES - 1) * self._scaled(sure)[..., None]) / (SHADES - 1)
        areas = color + (1 - color) * FADED * (1 - shade)
        border = np.zeros(here.shape, bool)
        border[:, 1:] |= here[:, 1:] != here[:, :-1]
        border[1:] |= here[1:] != here[:-1]
        areas[border] = to_rgb(GRAY)
        return areas

    def _scaled(self, plane: np.ndarray) -> np.ndarray:
        """Values of the grid for every pixel, from the top down."""
        image = Image.fromarray(plane[::-1].astype(np.float32))
        return np.asarray(image.resize(self.size, Image.Resampling.BILINEAR))


def _edges(line: np.ndarray) -> tuple[float, float]:
    """Of the cells around the points of a line."""
    half = (line[1] - line[0]) / 2
    return float(line[0] - half), float(line[-1] + half)


def _is_apart(epoch: int, last: int, apart: float) -> bool:
    """Whether an epoch is far enough from the last one that was filmed."""
    return epoch >= last + max(1, int(last * apart))


def _thinned(frames: list[Frame], most: int) -> list[Frame]:
    """At most so many frames, the later ones further apart."""
    apart, kept = APART, frames
    while len(kept) > max(most, 2):
        apart *= 1.1
        kept = frames[:1]
        for frame in frames[1:]:
            if _is_apart(frame.epoch, kept[-1].epoch, apart):
                kept.append(frame)
    return kept[:most]


def _few(data: Dataset) -> Dataset:
    """Evenly spaced examples of a set, no more than can be told apart."""
    rows = np.linspace(0, len(data) - 1, min(len(data), EXAMPLES)).round().astype(int)
    return Dataset(*data.batch(rows))


def _finite(value: Any) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
