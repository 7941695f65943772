"""A race as an animated GIF."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from PIL import Image

from mitbadak.core.files import write_atomically
from mitbadak.core.progress import Progress
from mitbadak.plots.axes import finish
from mitbadak.plots.gif import GIF_DPI, GIF_FRAMES, canvas_image, gif_of
from mitbadak.plots.races import (  # fmt: skip
    Function,
    Results,
    draw_background,
    draw_path,
    height_axes,
    height_line,
    limit_text,
    name_of,
    path_line,
    runners_of,
    shared_legend,
    with_exit_note,
)
from mitbadak.plots.style import GRAY, lettering, missing_letters_as_boxes, new_figure, set_title


def save_race_gif(
    results: Results,
    f: Function,
    path: str | os.PathLike[str],
    title: str = "",
    *,
    lang: str = "en",
    progress: Progress | None = None,
) -> None:
    """Write the race as an animation that loops, whole or not at all.

    It has at most 60 frames and 2 MB. Early steps, where most happens, are shown one by one,
    later ones further apart.

    Args:
        results: by optimizer name; all from one function of two numbers.
        f: the function.
        path: path of the GIF; its folder must exist.
        title: title of the figure; the function's name by default.
        lang: language of the labels, ``en`` or ``ko``.
        progress: called as ``progress(done, total, message)`` after each frame.

    Raises:
        OSError: the file cannot be written; an existing one is left unchanged.
    """
    with lettering(lang, [*results, title]) as say, missing_letters_as_boxes():
        film = _Film(results, f, title, lang, say)
        last = max(len(result.path) for result in results.values()) - 1
        steps = _steps_shown(last, GIF_FRAMES)
        frames = []
        for number, step in enumerate(steps, 1):
            frames.append(film.frame(step))
            if progress is not None:
                progress(number, len(steps), f"animation: frame {number} of {len(steps)}")
    write_atomically(path, gif_of(frames))


class _Film:
    """A figure whose background is drawn once; each frame adds the lines up to a step."""

    def __init__(self, results: Results, f: Function, title: str, lang: str, say: Any):
        self.say = say
        self.runners, window = runners_of(results, f)
        self.figure = new_figure(8.0, 4.8)
        self.figure.set_dpi(GIF_DPI)
        self.left, self.right = self.figure.subplots(1, 2)
        points = draw_background(self.runners, f, self.left, window, say)
        self.paths = [path_line(runner, self.left) for runner in self.runners]
        self.heads = [
            self.left.plot([], [], runner.marker, color=runner.color, markersize=8,
                           markeredgecolor="white")[0]
            for runner in self.runners
        ]  # fmt: skip
        self.lines = [height_line(runner, self.right) for runner in self.runners]
        height_axes(self.runners, self.right, say)
        finish(self.right)
        self.right.set_title(limit_text(results, f, say), fontsize=9, color=GRAY)
        self.counter = self.left.set_title(say("step"), fontsize=10)
        names = {r.title(): with_exit_note(r, r.title(), say) for r in self.runners}
        shared_legend(self.figure, self.left, names, fontsize=8)
        set_title(self.figure, title or name_of(f), fontsize=12)
        # Start and minima are drawn in every frame, so that paths do not cover them.
        self.moving = [*self.paths, *self.heads, *points, *self.lines, self.counter]
        for artist in self.moving:
            artist.set_animated(True)
        self.canvas: Any = self.figure.canvas
        self.canvas.draw()
        self.background = self.canvas.copy_from_bbox(self.figure.bbox)

    def frame(self, step: int) -> Image.Image:
        """The picture after ``step`` steps."""
        self.canvas.restore_region(self.background)
        self.counter.set_text(f"{self.say('step')} {step}")
        for runner, line, head, height in zip(
            self.runners, self.paths, self.heads, self.lines, strict=True
        ):
            draw_path(runner, line, step + 1)
            head.set_data(*runner.path[: step + 1][-1:].T)
            height.set_data(np.arange(len(runner.heights))[: step + 1], runner.heights[: step + 1])
        for artist in self.moving:
            artist.axes.draw_artist(artist)
        return canvas_image(self.canvas)


def _steps_shown(last: int, most: int) -> list[int]:
    """At most ``most`` of the steps 0 to last, closer together at the start."""
    if last < most:
        return list(range(last + 1))
    return sorted({round(last * (k / (most - 1)) ** 1.7) for k in range(most)})
