"""Measures of answers: by hand, by their definitions, and as scikit-learn gives them."""

from __future__ import annotations

import numpy as np
import pytest

from mitbadak.core.errors import DtypeError, LabelError, ShapeError
from mitbadak.runs.quality import (
    calibration,
    confusion_matrix,
    precision_recall,
    regression_quality,
    worst_misreadings,
)


@pytest.fixture
def answers(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of 300 examples over 5 classes, and labels that are often theirs."""
    scores = rng.normal(0, 2, (300, 5))
    rows = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    t = np.where(rng.random(300) < 0.7, rows.argmax(axis=1), rng.integers(0, 5, 300))
    return rows, t


def test_rows_of_the_confusion_matrix_are_true_classes() -> None:
    assert confusion_matrix([0, 0, 1], [1, 1, 0], 3).tolist() == [[0, 2, 0], [1, 0, 0], [0, 0, 0]]


def test_precision_and_recall_of_an_example_on_paper() -> None:
    # Of 10 cats 8 were seen, of 6 dogs 3, and 2 + 3 mistaken: 8 of 11 "cat" and 3 of 5 "dog" hold.
    quality = precision_recall([[8, 2], [3, 3]])
    assert quality["precision"] == pytest.approx([8 / 11, 3 / 5])
    assert quality["recall"] == pytest.approx([8 / 10, 3 / 6])
    assert quality["f1"] == pytest.approx([16 / 21, 6 / 11])
    assert quality["support"].tolist() == [10, 6]


def test_a_class_that_never_occurs_and_is_never_predicted_counts_0() -> None:
    quality = precision_recall([[2, 0], [0, 0]])
    assert [quality[name][1] for name in ("precision", "recall", "f1", "support")] == [0, 0, 0, 0]


def test_calibration_of_an_example_on_paper() -> None:
    # Two bins. Sure by 0.6 and 0.8, one right: |0.5 - 0.7|. With two classes none is below 0.5.
    quality = calibration([[0.6, 0.4], [0.8, 0.2]], [0, 1], bins=2)
    assert quality.error == pytest.approx(0.2)
    assert quality.confidence == pytest.approx([np.nan, 0.7], nan_ok=True)
    assert quality.accuracy == pytest.approx([np.nan, 0.5], nan_ok=True)
    assert quality.counts.tolist() == [0, 2]


def test_a_confidence_on_an_edge_belongs_to_the_bin_below() -> None:
    assert calibration([[0.5, 0.5], [1, 0]], [0, 0], bins=2).counts.tolist() == [1, 1]


def test_calibration_is_its_formula(answers: tuple[np.ndarray, np.ndarray]) -> None:
    rows, t = answers
    quality = calibration(rows, t)
    sure, right = rows.max(axis=1), rows.argmax(axis=1) == t
    total = 0.0
    for m in range(15):
        mine = (sure > m / 15) & (sure <= (m + 1) / 15)
        if mine.any():
            total += mine.sum() / 300 * abs(right[mine].mean() - sure[mine].mean())
    assert quality.error == pytest.approx(total)
    assert quality.counts.sum() == 300


def test_a_net_that_is_always_right_and_sure_is_calibrated() -> None:
    assert calibration(np.eye(4), range(4)).error == 0
    assert calibration(np.eye(4), [1, 0, 3, 2]).error == 1


def test_float32_probabilities_slightly_above_1_are_accepted() -> None:
    assert calibration(np.array([[1 + 1e-7, 0]], np.float32), [0]).counts[-1] == 1


def test_regression_of_an_example_on_paper() -> None:
    # Errors 1, -1, 0: rmse sqrt(2/3), mae 2/3; the targets' squares around 2 sum to 2: R2 = 0.
    quality = regression_quality([1, 2, 3], [2, 1, 3])
    assert quality == pytest.approx({"r2": 0.0, "rmse": (2 / 3) ** 0.5, "mae": 2 / 3})
    assert regression_quality([5, 5], [5, 5])["r2"] == 1
    assert regression_quality([5, 5], [5, 6])["r2"] == 0


def test_all_measures_agree_with_scikit_learn(
    answers: tuple[np.ndarray, np.ndarray], rng: np.random.Generator
) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rows, t = answers
    predicted = rows.argmax(axis=1)
    t[t == 4] = 3  # a class without examples
    matrix = confusion_matrix(t, predicted, 5)
    assert np.array_equal(matrix, metrics.confusion_matrix(t, predicted, labels=range(5)))
    expected = metrics.precision_recall_fscore_support(
        t, predicted, labels=range(5), zero_division=0
    )
    quality = precision_recall(matrix)
    for name, values in zip(("precision", "recall", "f1", "support"), expected, strict=True):
        assert quality[name] == pytest.approx(values), name
    target, y = rng.normal(size=(2, 50, 3))
    target[:, 1] = 4.0
    quality = regression_quality(target, y)
    assert quality["r2"] == pytest.approx(metrics.r2_score(target, y))
    assert quality["rmse"] == pytest.approx(metrics.mean_squared_error(target, y) ** 0.5)
    assert quality["mae"] == pytest.approx(metrics.mean_absolute_error(target, y))


def test_the_most_confident_mistakes_come_first() -> None:
    rows = np.array([[0.6, 0.4], [0.1, 0.9], [0.95, 0.05], [0.7, 0.3]])
    assert worst_misreadings(rows, [1, 1, 1, 1]).tolist() == [2, 3, 0]
    assert worst_misreadings(rows, [1, 1, 1, 1], most=1).tolist() == [2]
    assert worst_misreadings(rows, [0, 1, 0, 0]).tolist() == []


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(LabelError, match=r"class indices in 0\.\.1"):
        confusion_matrix([0, 2], [0, 1], 2)
    with pytest.raises(DtypeError, match="as integers"):
        confusion_matrix([0.0, 1.0], [0, 1], 2)
    with pytest.raises(ShapeError, match="of one shape"):
        confusion_matrix([0, 1], [0], 2)
    with pytest.raises(ShapeError, match="a square matrix"):
        precision_recall(np.ones((2, 3)))
    with pytest.raises(ShapeError, match="n at least 1"):
        calibration(np.empty((0, 2)), np.empty(0, int))
    for bad in ([[1.5, -0.5]], [[np.nan, 0.5]]):
        with pytest.raises(LabelError, match=r"probabilities in \[0, 1\]"):
            calibration(bad, [0])
    with pytest.raises(ShapeError, match="regression_quality expects t and y"):
        regression_quality([1, 2], [1])


def test_a_dozen_mistakes_are_shown_unless_more_are_asked_for() -> None:
    rows = np.tile([0.9, 0.1], (30, 1))
    assert len(worst_misreadings(rows, np.ones(30, int))) == 12
    assert len(worst_misreadings(rows, np.ones(30, int), most=20)) == 20
