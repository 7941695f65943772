"""Every picture draws the names and titles that users give literally."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.cbook import is_math_text
from matplotlib.figure import Figure
from matplotlib.text import Text

from mitbadak import gradient_descent, plots
from mitbadak.descent import sphere
from mitbadak.plots.style import shown
from mitbadak.training import History

NAMES = (
    r"$\frac{$", "$x^2$ $", r"\$a$", "_hidden", "a\x1b[31m\nb", "\u202egnp", "\ud800", "{}%s", "$$",
    "x" * 500,
)  # fmt: skip
pytestmark = [
    pytest.mark.once,
    pytest.mark.filterwarnings("ignore::mitbadak.core.errors.MitbadakWarning"),
]


def history() -> History:
    rows = [{"epoch": k, "step": k, "train_loss": 1.0, "test_accuracy": 0.5} for k in range(3)]
    return History(rows, losses=[1.0, 1.0])


def race(name: str) -> dict:
    return {name: gradient_descent(sphere, [1.0, 2.0], 0.1, 5)}


def points(name: str) -> Figure:
    figure = plots.new_figure()
    x, t = np.zeros((4, 2)), np.array([0, 1, 0, 1])
    plots.misclassified_points(x, t, t, [name, "b"], figure.subplots())
    return figure


def pictures(name: str) -> Figure:
    figure = plots.new_figure()
    plots.misclassified_images(np.zeros((1, 4, 4)), [name], [name], [0.5], figure)
    return figure


def axes_title(name: str) -> Figure:
    figure = plots.new_figure()
    part: Any = figure.subfigures(1, 1)
    plots.set_title(part.subplots(), name)
    return figure


def film(name: str) -> None:
    plots.save_race_gif(race(name), sphere, "race.gif", name)


FIGURES: dict[str, Callable[[str], Figure | None]] = {
    "training": lambda name: plots.training_figure(history(), name),
    "quality": lambda name: plots.quality_figure(np.eye(2, dtype=int), None, [name, "b"], name),
    "regression": lambda name: plots.regression_figure(np.arange(3), np.arange(3), name),
    "prediction": lambda name: plots.prediction_figure(
        np.zeros((1, 4, 4)), [name], np.eye(2)[:1], [name, "b"]
    ),
    "compare": lambda name: plots.compare_figure({name: history()}),
    "race": lambda name: plots.race_figure(race(name), sphere, name),
    "points": points,
    "misclassified_images": pictures,
    "title of axes": axes_title,
    "film": film,
}


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
@pytest.mark.parametrize("kind", FIGURES)
def test_names_are_drawn_literally(
    kind: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    figure = FIGURES[kind](name)
    if figure is None:
        assert (tmp_path / "race.gif").stat().st_size > 1000
        return
    plots.save_figure(figure, "figure.png")
    texts = [text for text in figure.findobj(Text) if isinstance(text, Text) and text.get_visible()]
    beginning = shown(name, 3).removesuffix("...")  # small pictures have room for as much
    of_the_name = [text for text in texts if beginning in text.get_text()]
    assert of_the_name, [text.get_text() for text in texts]
    assert not any(is_math_text(text.get_text()) or text.get_usetex() for text in of_the_name)
    assert all(letter.isprintable() or letter == "\n" for t in texts for letter in t.get_text())


def test_the_users_matplotlib_settings_do_not_affect_names(tmp_path: Path) -> None:
    import matplotlib

    with matplotlib.rc_context({"text.usetex": True, "text.parse_math": False}):
        figure = plots.training_figure(history(), "$x$")
        plots.save_figure(figure, tmp_path / "a.png")
