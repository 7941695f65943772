"""Pictures of the quality of predictions, and of several runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection

from mitbadak.core.errors import RangeError
from mitbadak.plots import (
    compare_figure,
    confidence_histogram,
    confusion,
    misclassified_images,
    misclassified_points,
    new_figure,
    prediction_figure,
    quality_figure,
    regression_figure,
    reliability,
    save_figure,
)
from mitbadak.plots.compare import MOST_RUNS
from mitbadak.plots.quality import shown
from mitbadak.runs.quality import calibration
from mitbadak.training import History

MATRIX = np.array([[8, 2, 0], [1, 9, 0], [0, 0, 5]])
NAMES = ("cat", "dog", "cow")


@pytest.fixture
def ax() -> Axes:
    return new_figure().subplots()


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_the_confusion_matrix_shows_counts_in_their_cells(ax: Axes) -> None:
    assert confusion(MATRIX, NAMES, ax) is ax
    counts = {
        (text.get_position()[1], text.get_position()[0]): text.get_text() for text in ax.texts
    }
    assert counts == {(0, 0): "8", (0, 1): "2", (1, 0): "1", (1, 1): "9", (2, 2): "5"}
    assert [tick.get_text() for tick in ax.get_yticklabels()] == list(NAMES)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("prediction", "truth")
    right, wrong = (np.ma.MaskedArray(image.get_array()).data for image in ax.get_images())
    assert np.allclose(right, wrong)
    assert np.allclose(right[0], [0.8, 0.2, 0])


def test_a_hundred_classes_are_drawn_without_names_and_counts(ax: Axes, tmp_path: Path) -> None:
    confusion(np.eye(100, dtype=int), [str(k) for k in range(100)], ax)
    assert texts(ax) == []
    save_figure(ax.get_figure(), tmp_path / "a.png")  # type: ignore[arg-type]


def test_the_reliability_diagram_shows_non_empty_bins(ax: Axes) -> None:
    measured = calibration([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]], [0, 1, 1], bins=5)
    reliability(measured, ax)
    diagonal, line = ax.get_lines()
    assert np.asarray(diagonal.get_xdata()).tolist() == [0, 1]
    assert np.asarray(line.get_xdata()).tolist() == pytest.approx([0.75, 0.9])
    assert np.asarray(line.get_ydata()).tolist() == [0.5, 1]
    assert str(line.get_label()) == f"accuracy (ECE {measured.error:.4f})"
    heights = [patch.get_height() for patch in ax.patches]  # type: ignore[attr-defined]
    assert heights == pytest.approx([0, 0, 0, 2 / 3, 1 / 3])


def test_each_mistake_is_labeled_with_truth_and_prediction() -> None:
    figure = new_figure()
    misclassified_images(np.zeros((2, 4, 4)), ["1", "$5$"], ["7", "3"], [0.99, 0.8], figure)
    titles = [ax.get_title() for ax in figure.axes]
    assert titles[:2] == ["truth 1\nprediction 7 (0.990)", "truth \\$5\\$\nprediction 3 (0.800)"]
    assert not any(titles[2:])
    empty = new_figure()
    misclassified_images(np.zeros((0, 4, 4)), [], [], [], empty)
    assert "none" in [text.get_text() for text in empty.texts]


def test_each_image_is_beside_its_likeliest_classes() -> None:
    p = np.array([[0.1, 0.7, 0.2]])
    figure = prediction_figure(np.ones((1, 3, 3)), ["a.png"], p, NAMES)
    left, right = figure.axes
    assert left.get_title() == "a.png"
    assert [tick.get_text() for tick in right.get_yticklabels()] == ["dog", "cow", "cat"]
    widths = [patch.get_width() for patch in right.patches]  # type: ignore[attr-defined]
    assert widths == pytest.approx([0.7, 0.2, 0.1])


def test_wrong_answers_are_told_from_right_ones_in_words_and_by_a_frame() -> None:
    p = np.array([[0.1, 0.7, 0.2]] * 3)
    figure = prediction_figure(
        np.ones((3, 3, 3)), ["a.png", "b.png", "c.png"], p, NAMES, truth=["dog", "cow", None]
    )
    images = [ax for ax in figure.axes if ax.images]
    assert [ax.get_title() for ax in images] == [
        "a.png\nright", "b.png\nwrong, truth cow", "c.png"
    ]  # fmt: skip
    assert [len(ax.patches) for ax in images] == [0, 1, 0]
    first = [ax.patches[0].get_facecolor() for ax in figure.axes if not ax.images]
    assert first[1] != first[0] == first[2]


@pytest.mark.parametrize(("images", "limits"), [
    (np.full((1, 3, 3), 20, np.uint8), (0, 255)), (np.full((2, 3, 3), 225, np.uint8), (0, 255)),
    (np.full((1, 3, 3), 0.3), (0, 1)), (np.linspace(-2, 3, 9).reshape(1, 3, 3), (-2, 3)),
])  # fmt: skip
def test_grays_look_the_same_in_every_picture(images: np.ndarray, limits: tuple) -> None:
    names, p = ["a.png"] * len(images), np.full((len(images), 3), 1 / 3)
    figure = prediction_figure(images, names, p, NAMES)
    assert {ax.images[0].get_clim() for ax in figure.axes if ax.images} == {limits}


@pytest.mark.parametrize("n", range(1, 13))
def test_many_predictions_stand_in_two_columns(n: int) -> None:
    names = [f"{k}.png" for k in range(n)]
    figure = prediction_figure(np.ones((n, 3, 3)), names, np.full((n, 3), 1 / 3), NAMES)
    seen = [ax.get_title() for ax in figure.axes if ax.images]
    assert seen == names
    assert figure.get_figheight() <= 13
    assert figure.get_figwidth() == pytest.approx(6.4 if n <= 4 else 12.8)


def test_a_single_mistake_among_many_is_pale(ax: Axes) -> None:
    confusion([[999, 1], [0, 1000]], ("no", "yes"), ax)
    wrong = ax.images[1]
    color = np.asarray(wrong.cmap(wrong.norm(np.array([0.001])))).reshape(-1)
    assert color[:3].min() > 0.9


def test_misclassified_points_have_rings(ax: Axes) -> None:
    x = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    misclassified_points(x, [0, 1, 2], [0, 2, 2], NAMES, ax)
    scattered = [c for c in ax.collections if isinstance(c, PathCollection)]
    ring = scattered[3]
    assert np.asarray(ring.get_offsets()).tolist() == [[1, 0]]
    assert np.allclose(ring.get_edgecolor(), scattered[2].get_facecolor())
    legend = ax.get_legend()
    assert legend is not None
    assert legend.get_texts()[-1].get_text() == "misclassified (ringed) (1)"


def test_right_and_wrong_predictions_are_counted_separately(ax: Axes) -> None:
    confidence_histogram([0.9, 0.99], [0.5], ax)
    assert ax.get_legend_handles_labels()[1] == ["right (2)", "wrong (1)"]
    confidence_histogram([], [], new_figure().subplots())  # no predictions are not an error


def history(accuracy: float, **more: float) -> History:
    rows = [
        {"epoch": k, "step": k, "train_loss": 2.0 / (k + 1), "test_accuracy": accuracy * k, **more}
        for k in range(3)
    ]
    return History(rows)


def test_runs_differ_in_color_line_style_and_label() -> None:
    figure = compare_figure({f"run{k}": history(k / 100) for k in range(MOST_RUNS)})
    left, right = figure.axes
    looks = {(line.get_color(), line.get_linestyle()) for line in right.get_lines()}
    assert len(looks) == MOST_RUNS
    assert [line.get_color() for line in left.get_lines()] == [
        line.get_color() for line in right.get_lines()
    ]
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels[:2] == ["run0 0.0000", "run1 0.0200"]
    assert np.asarray(left.get_lines()[0].get_ydata()).tolist() == [2, 1, pytest.approx(2 / 3)]


@pytest.mark.parametrize(("runs", "told"), [(2, "epoch 0: 0.1000, 0.1000"),
                                            (5, "epoch 0: 0.1000–0.1000")])  # fmt: skip
def test_compared_accuracies_use_the_height_of_their_axis(runs: int, told: str) -> None:
    values = [0.1, 0.8, 0.9]
    rows = [{"epoch": k, "train_loss": 1.0, "test_accuracy": v} for k, v in enumerate(values)]
    figure = compare_figure({f"run{k}": History(rows) for k in range(runs)})
    low, high = figure.axes[1].get_ylim()
    assert 0.75 < low < 0.8
    assert 0.9 < high < 0.95
    assert [text.get_text() for text in figure.legends[0].get_texts()][-1] == told


def test_a_run_without_a_test_set_shows_its_validation_accuracy() -> None:
    rows = [{"epoch": 0, "step": 0, "train_loss": 1.0, "validation_accuracy": 0.5}]
    figure = compare_figure({"a": History(rows), "b": History([{"epoch": 0, "train_loss": None}])})
    first, second = figure.axes[1].get_lines()
    assert np.asarray(first.get_ydata()).tolist() == [0.5]
    assert np.isnan(np.asarray(second.get_ydata(), float)).all()


@pytest.mark.parametrize("count", [0, MOST_RUNS + 1])
def test_too_many_runs_and_none_are_refused(count: int) -> None:
    with pytest.raises(RangeError, match=f"can show 1 to {MOST_RUNS} runs; got {count}"):
        compare_figure({str(k): history(0.1) for k in range(count)})


def test_names_are_escaped_and_shortened() -> None:
    assert shown("a$b\n") == r"a\$b\n"
    assert shown("x" * 40) == "x" * 13 + "..."
    assert shown("가" * 40) == "가" * 6 + "..."


def test_korean_names_are_drawn_in_english_pictures(tmp_path: Path, korean) -> None:
    names = ("고양이", "개", "소")
    with korean.hint():
        save_figure(quality_figure(MATRIX, None, names), tmp_path / "a.png")
    seen = prediction_figure(np.ones((1, 3, 3)), ["숫자.png"], [[0.1, 0.9, 0]], names)
    save_figure(seen, tmp_path / "b.png")  # a letter that is missing warns, and fails
    save_figure(compare_figure({"실험": history(0.1)}), tmp_path / "c.png")


def test_every_picture_can_be_drawn_in_korean(tmp_path: Path, korean) -> None:
    measured = calibration([[0.9, 0.1, 0], [0.2, 0.8, 0]], [0, 1])

    def below(part) -> None:
        left, right = part.subplots(1, 2)
        misclassified_points(np.zeros((1, 2)), [0], [1], NAMES, left, lang="ko")
        confidence_histogram([0.9], [0.5], right, lang="ko")

    with korean.hint():
        figure = quality_figure(MATRIX, measured, NAMES, below=below, lang="ko")
    assert figure.axes[0].get_ylabel() == korean.word("정답", "truth")
    others = [
        quality_figure(MATRIX, None, NAMES, lang="ko"),
        regression_figure([1.0, 2.0], [1.0, 3.0], lang="ko"),
        prediction_figure(np.ones((1, 3, 3)), ["a"], [[0.1, 0.9, 0]], NAMES, lang="ko"),
        compare_figure({"a": history(0.1)}, lang="ko"),
    ]
    page = new_figure()
    misclassified_images(np.zeros((1, 2, 2)), ["1"], ["2"], [0.9], page, lang="ko")
    for number, drawn in enumerate([figure, *others, page]):
        save_figure(drawn, tmp_path / f"{number}.png")  # a letter that is missing warns, and fails
