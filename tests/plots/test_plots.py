"""Pictures show the measurements on the given axes, without pyplot or a display."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.contour import QuadContourSet

from mitbadak import MLP, Dataset, gradient_descent, load_spiral
from mitbadak.core.errors import UnknownNameError
from mitbadak.descent import Status, sphere
from mitbadak.plots import (
    accuracy_curve,
    decision_boundary,
    descent_path,
    loss_curve,
    new_figure,
    save_figure,
    training_figure,
)
from mitbadak.plots.style import DOTS_PER_INCH, lettering
from mitbadak.plots.words import KOREAN
from mitbadak.training import History

START = np.array([-3.0, 4.0])


@pytest.fixture
def ax() -> Axes:
    return new_figure().subplots()


@pytest.fixture
def history() -> History:
    """Three epochs of two steps; the middle row lacks its test measures."""
    rows = [
        {"epoch": 0, "step": 0, "train_loss": 2.3, "train_accuracy": 0.1, "test_loss": 2.4,
         "test_accuracy": 0.2},
        {"epoch": 1, "step": 2, "train_loss": 1.5, "train_accuracy": 0.6, "test_loss": None,
         "test_accuracy": None},
        {"epoch": 2, "step": 4, "train_loss": 0.9, "train_accuracy": 0.8, "test_loss": 1.1,
         "test_accuracy": 0.75},
    ]  # fmt: skip
    return History(rows, losses=[2.0, 1.0, 1.2, 0.6])


def drawn(ax: Axes) -> dict[str, tuple[list[float], list[float]]]:
    """The labeled lines: label -> (x, y)."""
    return {
        str(line.get_label()): (
            np.asarray(line.get_xdata()).tolist(),
            np.asarray(line.get_ydata()).tolist(),
        )
        for line in ax.get_lines()
    }


def legend(ax: Axes) -> list[str]:
    legend = ax.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def test_the_loss_curve_shows_every_batch_and_the_mean_of_each_epoch(
    history: History, ax: Axes
) -> None:
    assert loss_curve(history, ax) is ax
    lines = drawn(ax)
    assert lines["each batch"] == ([1, 2, 3, 4], history.losses)
    # Row 0 is measured before the first update; a mean over an epoch stands at its middle.
    assert lines["train, mean of the epoch"] == ([0, 1, 3], [2.3, 1.5, 0.9])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("updates", "loss")
    assert (ax.get_xlim()[0], ax.get_ylim()[0]) == (0, 0)
    assert legend(ax) == ["each batch", "train, mean of the epoch", "test"]


def test_a_missing_measurement_leaves_a_gap(history: History, ax: Axes) -> None:
    steps, losses = drawn(loss_curve(history, ax))["test"]
    assert steps == [0, 2, 4]
    assert np.array_equal(losses, [2.4, np.nan, 1.1], equal_nan=True)


def test_the_accuracy_curve_shows_each_data_set_per_epoch(history: History, ax: Axes) -> None:
    assert accuracy_curve(history, ax) is ax
    lines = drawn(ax)
    assert lines["train, last 0.8000"] == ([0, 1, 2], [0.1, 0.6, 0.8])
    epochs, accuracies = lines["test, last 0.7500"]
    assert epochs == [0, 1, 2]
    assert np.array_equal(accuracies, [0.2, np.nan, 0.75], equal_nan=True)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "accuracy")
    low, high = ax.get_ylim()
    assert 0.5 < low < 0.6  # of the later epochs; epoch 0 stands in words
    assert 0.8 < high < 0.85
    assert list(lines)[2:] == ["epoch 0: 0.1000, 0.2000"]
    assert all(tick == int(tick) for tick in ax.get_xticks())
    assert legend(ax) == list(lines)


@pytest.mark.parametrize(("values", "low", "high", "said"), [
    ([0.1, 0.79, 0.95], 0.78, 0.96, True),
    ([0.33, 0.33, 0.6, 0.96], 0.29, 1.0, False),
    ([0.5, 0.5, 0.5], 0.49, 0.51, False),
    ([0.9, 0.4, 0.95], 0.37, 0.98, False),
    ([0.1, 1.0, 1.0], 0.995, 1.005, True),
    ([0.9, 0.4, 0.5], 0.37, 0.93, False),
    ([0.2], 0.0, 1.02, False),
])  # fmt: skip
def test_the_axis_of_accuracies_has_the_height_of_the_curves(
    ax: Axes, values: list[float], low: float, high: float, said: bool
) -> None:
    history = History([{"epoch": k, "step": k, "test_accuracy": v} for k, v in enumerate(values)])
    accuracy_curve(history, ax)
    assert ax.get_ylim() == pytest.approx((low, high), abs=0.012)
    assert any(text.startswith("epoch 0: ") for text in legend(ax)) == said


@pytest.mark.parametrize("losses", [[0.695, 0.69, 0.688], [2.3, 1.1, 0.4], [-3.0, -4.0, -4.5]])
def test_the_axis_of_losses_has_room_for_them(ax: Axes, losses: list[float]) -> None:
    rows = [{"epoch": k, "step": k, "train_loss": v} for k, v in enumerate(losses)]
    loss_curve(History(rows), ax)
    low, high = ax.get_ylim()
    room = 0.04 * (max(0.0, *losses) - min(0.0, *losses))
    assert high >= max(losses) + room
    assert low == 0 or low <= min(losses) - room


@pytest.mark.parametrize(("epochs", "marked"), [(40, True), (300, False)])
def test_markers_do_not_run_together(ax: Axes, epochs: int, marked: bool) -> None:
    rows = [{"epoch": k, "step": k, "test_accuracy": 0.5 + k / 1000} for k in range(epochs)]
    accuracy_curve(History(rows), ax)
    assert (ax.get_lines()[0].get_marker() == ".") == marked


def test_the_validation_set_has_its_own_line(ax: Axes) -> None:
    rows = [{"epoch": 0, "step": 0, "validation_accuracy": 0.5, "validation_loss": 1.0}]
    history = History(rows, [1.0])
    assert list(drawn(accuracy_curve(history, ax))) == ["validation, last 0.5000"]
    assert drawn(loss_curve(history, new_figure().subplots()))["validation"] == ([0], [1.0])


def test_the_training_figure_has_both_curves_and_a_title(history: History) -> None:
    figure = training_figure(history, "784-50-10")
    left, right = figure.axes
    assert (left.get_ylabel(), right.get_ylabel()) == ("loss", "accuracy")
    assert figure.get_suptitle() == "784-50-10"


@pytest.mark.parametrize("one_hot", [True, False])
def test_the_decision_boundary_shows_predictions_and_examples(ax: Axes, one_hot: bool) -> None:
    x, t = load_spiral(one_hot=one_hot)
    data = Dataset(x, t)
    # Scores (x0, x1, -x0 - x1): each class has part of the plane, so all three are drawn.
    net = MLP([2, 3], dtype=np.float64, rng=0)
    net.params["W1"] = np.array([[1.0, 0.0, -1.0], [0.0, 1.0, -1.0]])
    assert decision_boundary(net, data, ax, points=41) is ax
    contours = [c for c in ax.collections if isinstance(c, QuadContourSet)]
    areas, lines = [c for c in contours if c.filled], [c for c in contours if not c.filled]
    assert (len(areas), len(lines)) == (3, 2)  # what is around two classes is around the third
    for k, area in enumerate(areas):  # each where its class is predicted, and nowhere else
        inside = [path.contains_points(x) for path in area.get_paths()]
        agreed = np.mean(np.any(inside, axis=0) == (net.classify(x) == k))
        assert agreed > 0.95
    scattered = [c for c in ax.collections if isinstance(c, PathCollection)]
    assert len(scattered) == 3
    for k, points in enumerate(scattered):
        assert np.allclose(np.asarray(points.get_offsets()), x[100 * k : 100 * (k + 1)])
    assert len({np.asarray(points.get_facecolor()).tobytes() for points in scattered}) == 3
    assert legend(ax) == ["class 0", "class 1", "class 2"]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_aspect()) == ("x0", "x1", 1.0)


@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "mean_squared_error"])
def test_the_boundary_fades_where_a_net_guesses(ax: Axes, loss: str) -> None:
    net = MLP([2, 2], loss=loss, dtype=np.float64, rng=0)
    net.params["W1"] = np.array([[-9.0, 9.0], [0.0, 0.0]])
    data = Dataset(np.array([[-1.0, -1.0], [1.0, 1.0]]), np.array([0, 1]))
    decision_boundary(net, data, ax, points=41)
    if loss != "softmax_cross_entropy":  # no probabilities
        assert not ax.images
        return
    white = np.asarray(ax.images[0].get_array())[..., 3]
    assert white[:, 20] == pytest.approx(0.8)
    assert white[:, [0, -1]].max() < 0.01
    assert white[:, 18] == pytest.approx(white[:, 22])


def test_test_examples_are_hollow_in_the_colors_of_their_classes(ax: Axes) -> None:
    x, t = load_spiral()
    test = Dataset(*load_spiral(1985))
    decision_boundary(MLP([2, 3], rng=0), Dataset(x, t), ax, test=test, points=20)
    scattered = [c for c in ax.collections if isinstance(c, PathCollection)]
    assert len(scattered) == 6
    for filled, hollow in zip(scattered[:3], scattered[3:], strict=True):
        assert not np.asarray(hollow.get_facecolor()).size
        np.testing.assert_array_equal(hollow.get_edgecolor(), filled.get_facecolor())
    assert legend(ax) == ["class 0", "class 1", "class 2", "test, hollow"]


def test_the_grid_extends_a_tenth_beyond_the_examples_on_each_side(ax: Axes) -> None:
    class Watched(MLP):
        def scores(self, x: np.ndarray, **mode) -> np.ndarray:
            self.seen = x
            return super().scores(x, **mode)

    net = Watched([2, 2], rng=0)
    data = Dataset(np.array([[0.5, -2.0], [1.0, 1.0]]), np.array([0, 1]))
    decision_boundary(net, data, ax, points=11)
    assert net.seen.shape == (121, 2)
    assert net.seen.min(axis=0) == pytest.approx([0.45, -2.3])
    assert net.seen.max(axis=0) == pytest.approx([1.05, 1.3])
    # Row by row, x0 fastest, as contour reads it: a transposed grid would mirror the picture.
    assert net.seen[1] == pytest.approx([0.51, -2.3])


def test_the_decision_boundary_of_a_yes_or_no_counts_a_score_of_0_as_yes(ax: Axes) -> None:
    net = MLP([2, 1], loss="sigmoid_cross_entropy", init="zeros", rng=0)  # every score is 0
    decision_boundary(net, Dataset(np.eye(2), np.array([0, 1])), ax, points=5)
    (area,) = (c for c in ax.collections if isinstance(c, QuadContourSet))
    _, yes = (c for c in ax.collections if isinstance(c, PathCollection))
    colors = [np.asarray(drawn.get_facecolor())[0, :3] for drawn in (area, yes)]
    assert colors[0] == pytest.approx(colors[1])


def test_a_net_that_predicts_a_single_class_can_be_drawn(ax: Axes) -> None:
    # Such as an untrained net; Matplotlib's contour warning must not end the run.
    x, t = load_spiral()
    decision_boundary(MLP([2, 3], init="zeros", rng=0), Dataset(x, t), ax, points=20)
    assert len([c for c in ax.collections if isinstance(c, PathCollection)]) == 3


def test_the_descent_picture_matches_the_notes(ax: Axes) -> None:
    assert descent_path(gradient_descent(sphere, [-3.0, 3.5], lr=0.1, step_num=20), ax) is ax
    assert (ax.get_xlim(), ax.get_ylim()) == ((-3.5, 3.5), (-4.5, 4.5))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("X0", "X1")
    blue = [line for line in ax.get_lines() if line.get_color() == "blue"]
    assert [line.get_linestyle() for line in blue] == ["--", "--"]
    horizontal, vertical = blue
    assert np.asarray(horizontal.get_ydata()).tolist() == [0, 0]
    assert np.asarray(vertical.get_xdata()).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("lr", "label"), [(0.1, "before each step, unless they overlap"), (0.9, "before each step")]
)
def test_the_descent_picture_shows_the_path_the_points_and_the_end(
    lr: float, label: str, ax: Axes
) -> None:
    result = gradient_descent(sphere, START, lr=lr, step_num=4 if lr > 0.5 else 20)
    lines = drawn(descent_path(result, ax))
    (points,) = (line for line in ax.get_lines() if line.get_label() == label)
    (path,) = (line for line in ax.get_lines() if line.get_color() == points.get_color()
               and line.get_linestyle() == "-")  # fmt: skip
    assert np.array(path.get_xydata()).tolist() == result.path.tolist()
    assert points.get_marker() == "o"
    marked = np.transpose(lines[label]).tolist()
    every = result.history.tolist()
    assert marked[0] == every[0]
    assert marked == every if lr > 0.5 else [p for p in every if p in marked] == marked
    assert np.transpose(lines["end: step limit"]).tolist() == [result.x.tolist()]


def test_the_window_grows_with_a_path_that_leaves_it(ax: Axes) -> None:
    descent_path(gradient_descent(sphere, [-6.0, 1.0], lr=0.1, step_num=3), ax)
    assert ax.get_xlim() == pytest.approx((-6.9, 6.9))
    assert ax.get_ylim() == (-4.5, 4.5)


def test_a_path_to_huge_numbers_is_drawn(ax: Axes, tmp_path: Path) -> None:
    result = gradient_descent(sphere, START, lr=10.0, gradient=lambda x: 2 * x)
    assert result.status is Status.DIVERGED
    save_figure(descent_path(result, ax, sphere).get_figure(), tmp_path / "a.png")  # type: ignore[arg-type]
    assert ax.get_xlim()[1] == pytest.approx(1.15 * 2.25154873e128)


def test_level_lines_are_those_of_the_function(ax: Axes) -> None:
    descent_path(gradient_descent(sphere, START, step_num=0), ax, lambda x: float(x[1]))
    (contours,) = (c for c in ax.collections if isinstance(c, QuadContourSet))
    drawn_heights = [
        (level, np.asarray(path.vertices)[:, 1])
        for level, path in zip(contours.levels, contours.get_paths(), strict=True)
        if np.size(path.vertices)
    ]
    assert len(drawn_heights) > 5
    for level, heights in drawn_heights:
        assert np.allclose(heights, level)


@pytest.mark.parametrize("size", [(9.0, 3.8), (4.0, 5.0)])
def test_a_figure_is_saved_as_png_of_its_size(tmp_path: Path, size: tuple[float, float]) -> None:
    figure = new_figure(*size)
    descent_path(gradient_descent(sphere, START, lr=0.1), figure.subplots())
    save_figure(figure, tmp_path / "a.png")
    content = (tmp_path / "a.png").read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", content[16:24])  # the header chunk comes first
    assert (width, height) == (round(size[0] * DOTS_PER_INCH), round(size[1] * DOTS_PER_INCH))
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_saving_into_a_missing_folder_creates_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        save_figure(new_figure(), tmp_path / "nowhere" / "a.png")
    assert not list(tmp_path.iterdir())


def test_a_failed_save_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "a.png").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space left"):
        save_figure(new_figure(), tmp_path / "a.png")
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"old"]


def test_pictures_need_no_display_and_never_load_pyplot(tmp_path: Path) -> None:
    program = (
        "import sys, mitbadak\n"
        "from mitbadak import plots\n"
        "history = mitbadak.History([{'epoch': 0, 'step': 0, 'train_accuracy': 0.1}], [2.3])\n"
        "plots.save_figure(plots.training_figure(history), sys.argv[1])\n"
        "print('matplotlib.pyplot' in sys.modules)\n"
    )
    without = {"DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND"}
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, tmp_path / "a.png"],
        env={name: value for name, value in os.environ.items() if name not in without},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "False"
    assert (tmp_path / "a.png").stat().st_size > 1000


def test_training_figures_have_korean_labels(history, tmp_path, korean):
    with korean.hint(), lettering("ko") as say:
        figure = training_figure(history, say("accuracy"), lang="ko")
    entries = figure.axes[0].get_legend_handles_labels()[1]
    assert entries[0] == korean.word("미니배치별", "each batch")
    assert figure.axes[1].get_ylabel() == korean.word("정확도", "accuracy")
    save_figure(figure, tmp_path / "ko.png")  # a letter that is missing warns, and fails
    training_figure(history, lang="ko")  # the hint comes once, or its warning would fail here


def test_no_korean_label_is_empty():
    assert all(word and english for english, word in KOREAN.items())


def test_unknown_languages_are_refused():
    with (
        pytest.raises(UnknownNameError, match="unknown language 'kr'; did you mean 'ko'"),
        lettering("kr"),
    ):
        pass
