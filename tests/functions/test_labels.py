"""The three forms of labels mean the same, and labels that would broadcast are refused."""

from __future__ import annotations

import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from mitbadak import (
    cross_entropy_error,
    mean_squared_error,
    nn,
    one_hot,
    softmax,
    softmax_cross_entropy,
    sum_squared_error,
)
from mitbadak.core.errors import DtypeError, LabelError, LabelWarning, NonFiniteError, ShapeError
from mitbadak.functions import huber
from mitbadak.functions.labels import (
    as_distribution,
    class_indices,
    predicted_and_true,
    rows_are_distributions,
)
from strategies import arrays_BK_B

LOSSES = {
    "softmax_cross_entropy": softmax_cross_entropy,
    "cross_entropy_error": cross_entropy_error,
}
PROBABILITIES = np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])

each_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)


def loss_and_gradient(loss: Any, scores: np.ndarray, t: Any) -> tuple[float, np.ndarray]:
    value, (pullback, of_labels) = loss.vjp(scores, t)
    assert of_labels is None
    return float(value), pullback(1.0)


@each_loss
@given(arrays_BK_B())
def test_indices_and_one_hot_rows_of_any_dtype_give_equal_loss_and_gradient(
    loss: Any, drawn: tuple[np.ndarray, np.ndarray]
) -> None:
    logits, t = drawn
    scores = logits if loss is softmax_cross_entropy else softmax(logits)
    value, gradient = loss_and_gradient(loss, scores, t)
    rows = np.eye(scores.shape[1])[t]
    for same in (
        rows,
        rows.astype(np.uint8),
        rows.astype(bool),
        rows.astype(np.float32),
        t.tolist(),
    ):
        value_too, gradient_too = loss_and_gradient(loss, scores, same)
        assert value_too == value
        assert np.array_equal(gradient_too, gradient)


@each_loss
@given(arrays_BK_B(), st.floats(0, 1))
def test_a_distribution_mixes_the_losses_and_gradients_of_its_classes(
    loss: Any, drawn: tuple[np.ndarray, np.ndarray], share: float
) -> None:
    logits, t = drawn
    scores = logits if loss is softmax_cross_entropy else softmax(logits)
    eye = np.eye(scores.shape[1])
    mixed = share * eye[t] + (1 - share) * eye[0]
    value, gradient = loss_and_gradient(loss, scores, mixed)
    of_t, gradient_of_t = loss_and_gradient(loss, scores, t)
    of_0, gradient_of_0 = loss_and_gradient(loss, scores, np.zeros_like(t))
    assert value == pytest.approx(share * of_t + (1 - share) * of_0, rel=1e-12, abs=1e-12)
    wanted = share * gradient_of_t + (1 - share) * gradient_of_0
    assert np.allclose(gradient, wanted, rtol=1e-9, atol=1e-12)


@each_loss
def test_ten_labels_against_ten_classes_are_indices_and_do_not_broadcast(loss: Any) -> None:
    # In the notes' code a batch of 10 against 10 classes ran silently with a wrong gradient.
    scores = softmax(np.arange(100.0).reshape(10, 10) % 7)
    t = np.array([3, 1, 4, 1, 5, 9, 2, 6, 5, 3])
    value, gradient = loss_and_gradient(loss, scores, t)
    value_rows, gradient_rows = loss_and_gradient(loss, scores, np.eye(10)[t])
    assert value == value_rows
    assert np.array_equal(gradient, gradient_rows)


@each_loss
def test_one_example_takes_an_index_or_a_row(loss: Any) -> None:
    row = np.array([0.0, 0.0, 1.0])
    assert float(loss(PROBABILITIES[0], 2)) == float(loss(PROBABILITIES[0], row))
    assert float(loss(PROBABILITIES[0], 2)) == float(loss(PROBABILITIES[:1], [2]))


@each_loss
@pytest.mark.parametrize(
    ("t", "error", "message"),
    [
        ([[2], [0]], ShapeError, "got (2, 1). Use t[:, 0] to drop the last axis."),
        ([2], ShapeError, "got (1,). x and t must hold the same number of examples."),
        ([2, 0, 1], ShapeError, "got (3,). x and t must hold the same number of examples."),
        (2, ShapeError, "expects t of shape (2,) (class indices) or (2, 3)"),
        (np.eye(3), ShapeError, "got (3, 3). x and t must hold the same number of examples."),
        (np.eye(4)[:2], ShapeError, "for scores of shape (2, 3); got (2, 4)."),
        (np.ones((2, 3, 1)), ShapeError, "for scores of shape (2, 3); got (2, 3, 1)."),
        ([2.0, 0.0], DtypeError, "class indices as integers; got float64 of shape (2,)"),
        ([True, False], DtypeError, "class indices as integers; got bool of shape (2,)"),
        (["2", "0"], DtypeError, "class indices as integers; got <U1"),
        ([["a", "b", "c"]] * 2, DtypeError, "expects t as numbers; got <U1"),
        ([2, 3], LabelError, "expects class indices in 0..2 (3 classes); got 3."),
        (np.array([2, 2**63], np.uint64), LabelError, "(3 classes); got 9223372036854775808."),
        (np.array([2, -(2**63)]), LabelError, "(3 classes); got -9223372036854775808."),
        (np.array([2, 0], object), DtypeError, "class indices as integers; got object"),
        ([np.nan, 0], DtypeError, "class indices as integers; got float64 of shape (2,)"),
        ([2j, 0], DtypeError, "class indices as integers; got complex128 of shape (2,)"),
        (np.ma.masked_array([2, 0], [False, True]), DtypeError, "t is a masked array"),
        (np.ma.masked_array(np.eye(3)[:2], np.eye(3)[:2] > 0), DtypeError, "t is a masked array"),
        ([[0, 1, 0], [1]], ShapeError, "nested lists of different lengths"),
        (np.eye(3)[:2] * 1j, DtypeError, "expects t as numbers; got complex128"),
        (np.eye(3, dtype=object)[:2], DtypeError, "expects t as numbers; got object"),
        ([-1, 0], LabelError, "expects class indices in 0..2 (3 classes); got -1."),
        ([[np.nan, 0, 1], [0, 1, 0]], NonFiniteError, "t holds NaN or infinity"),
        ([[np.inf, 0, 1], [0, 1, 0]], NonFiniteError, "t holds NaN or infinity"),
    ],
    ids=lambda value: None if isinstance(value, type) else str(value).replace("\n", "")[:40],
)
def test_the_loss_refuses_labels_of_a_wrong_form_by_its_name(
    loss: Any, t: Any, error: type[Exception], message: str
) -> None:
    name = next(name for name, known in LOSSES.items() if known is loss)
    with pytest.raises(error, match=f"^{name}.*{re.escape(message)}"):
        loss(PROBABILITIES, t)


@each_loss
def test_an_empty_batch_is_refused(loss: Any) -> None:
    with pytest.raises(ShapeError, match=r"expects at least one example; got scores \(0, 3\)"):
        loss(PROBABILITIES[:0], np.zeros(0, int))


@pytest.mark.parametrize("shape", [(), (2, 3, 4)])
def test_scores_must_be_one_row_or_a_batch_of_rows(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"loss expects scores of shape \(batch, classes\)"):
        as_distribution("loss", np.zeros(shape), shape)


@each_loss
def test_rows_that_do_not_sum_to_1_warn_and_stay_exact(loss: Any) -> None:
    t = np.array([[0.5, 1.0, 0.0], [1.0, 1.0, 1.0]])
    with pytest.warns(LabelWarning, match="rows of t do not sum to 1"):
        value, gradient = loss_and_gradient(loss, PROBABILITIES, t)
    logs = np.log(softmax(PROBABILITIES) if loss is softmax_cross_entropy else PROBABILITIES + 1e-7)
    assert value == pytest.approx(-(t * logs).sum() / 2, rel=1e-12)
    difference = np.zeros_like(PROBABILITIES)
    for at in np.ndindex(2, 3):  # by the definition, so that the row sums are not assumed
        moved = np.array([PROBABILITIES, PROBABILITIES])
        moved[:, *at] += (1e-6, -1e-6)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", LabelWarning)
            difference[at] = (loss(moved[0], t) - loss(moved[1], t)) / 2e-6
    assert np.allclose(gradient, difference, atol=1e-8)


@pytest.mark.parametrize("excess", [0.0, 9e-4, -9e-4])
def test_rows_with_rounded_entries_do_not_warn(excess: float) -> None:
    # Warnings are errors here, so it is enough that this runs.
    rows = as_distribution("loss", np.array([[0.5, 0.5 + excess]]), (1, 2))
    assert rows[0, 1] == 0.5 + excess


@pytest.mark.parametrize(
    "call",
    ["mitbadak.softmax_cross_entropy(y, t)", "net.loss(x, t)", "net.gradient(x, t)"],
)
def test_the_warning_points_at_the_line_of_the_caller(tmp_path: Path, call: str) -> None:
    # In a process of its own: the type checks of the test run stand between caller and callee.
    script = tmp_path / "user.py"
    script.write_text(
        "import warnings, mitbadak, numpy as np\n"
        "x, y, t = np.zeros((2, 4)), np.zeros((2, 3)), np.ones((2, 3))\n"
        "net = mitbadak.MLP([4, 3], rng=0)\n"
        "with warnings.catch_warnings(record=True) as caught:\n"
        "    warnings.simplefilter('always')\n"
        f"    {call}\n"
        "for w in caught: print(w.filename, w.lineno, w.category.__name__)\n"
    )
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert run.stdout.split("\n")[0] == f"{script} 6 LabelWarning"


@given(st.integers(1, 9).flatmap(
    lambda n: st.tuples(st.just(n), st.lists(st.integers(0, n - 1), max_size=9))
))  # fmt: skip
def test_one_hot_has_a_single_1_at_each_class(drawn: tuple[int, list[int]]) -> None:
    classes, t = drawn
    rows = one_hot(np.array(t, int), classes)
    assert rows.shape == (len(t), classes)
    assert rows.tolist() == [[float(k == label) for k in range(classes)] for label in t]


def test_one_hot_takes_a_single_label_and_has_the_requested_dtype() -> None:
    row = one_hot(np.uint8(2), 3, dtype=np.float32)
    assert (row.tolist(), row.dtype) == ([0, 0, 1], np.float32)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64, np.uint64])
def test_class_indices_of_any_integer_dtype_are_equal(dtype: type) -> None:
    indices = class_indices("net", np.array([0, 2], dtype), 3)
    assert (indices.tolist(), indices.dtype) == ([0, 2], np.intp)


def test_nan_scores_give_no_prediction() -> None:
    scores = np.array([[0.1, np.nan], [np.nan, np.nan], [0.3, 0.2]])
    predicted, true = predicted_and_true("accuracy", scores, [1, 0, 0])
    assert (predicted.tolist(), true.tolist()) == ([-1, -1, 0], [1, 0, 0])


@pytest.mark.parametrize(
    ("t", "error", "message"),
    [
        ([[1], [0]], ShapeError, r"got \(2, 1\). Use t\[:, 0\]"),
        ([1], ShapeError, "same number of examples"),
        ([1.0, 0.0], DtypeError, "class indices as integers"),
        ([1, 3], LabelError, r"in 0..2 \(3 classes\); got 3"),
        ([[0, np.nan, 1], [0, 1, 0]], NonFiniteError, "t holds NaN or infinity"),
        ([["a", "b", "c"]] * 2, DtypeError, "expects t as numbers"),
        (np.ma.masked_array([1, 0], [False, True]), DtypeError, "t is a masked array"),
    ],
)
def test_accuracy_refuses_the_same_labels_as_the_loss(
    t: list, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^accuracy.*{message}"):
        predicted_and_true("accuracy", PROBABILITIES, t)


def test_distributions_are_recognized_row_by_row() -> None:
    rows = np.array([[0.5, 0.5], [1.5, -0.5], [1.0, 1.0], [0.0, 0.0], [0.0, 1.0]])
    assert rows_are_distributions("net", rows, 2).tolist() == [True, False, False, False, True]


@pytest.mark.parametrize(
    ("t", "error", "message"),
    [
        (np.ones((2, 1)), ShapeError, r"got \(2, 1\). Use t\[:, 0\]"),
        (np.ones((2, 4)), ShapeError, r"got \(2, 4\)"),
        (np.full((2, 3), np.nan), NonFiniteError, "NaN or infinity"),
        (np.full((2, 3), "a"), DtypeError, "t as numbers"),
    ],
)
def test_a_whole_set_of_wrong_rows_is_refused(
    t: np.ndarray, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^net.*{message}"):
        rows_are_distributions("net", t, 3)


@pytest.mark.parametrize("head", [
    nn.SoftmaxCrossEntropy(), nn.MeanSquaredError(), nn.SumSquaredError(), nn.Huber(),
    nn.SigmoidCrossEntropy(),
], ids=repr)  # fmt: skip
@pytest.mark.parametrize("t", [
    np.ma.masked_array(np.eye(2), np.eye(2) > 0), np.eye(2) * 1j, np.eye(2).astype(str),
    np.eye(2, dtype=object),
], ids=["masked", "complex", "text", "objects"])  # fmt: skip
def test_every_head_refuses_labels_that_are_not_real_numbers(head: nn.Head, t: np.ndarray) -> None:
    for ask in (head.loss, head.vjp):
        with pytest.raises(DtypeError, match=r"masked array|real numbers|t as numbers"):
            ask(np.zeros((2, 2)), t)


@pytest.mark.parametrize("loss", [mean_squared_error, sum_squared_error, huber])
def test_squared_errors_refuse_labels_that_are_not_real_numbers(loss: Any) -> None:
    for wrong in (np.ma.masked_array([1.0], [True]), np.array([1j]), np.array(["1"])):
        for y, t in ((wrong, np.ones(1)), (np.ones(1), wrong)):
            with pytest.raises(DtypeError, match=r"masked array|real numbers"):
                loss(y, t)


def test_integers_beyond_the_range_of_float16_are_refused() -> None:
    t = np.array([[2**63, 0, 0]], np.uint64)
    with pytest.raises(NonFiniteError, match="t holds NaN or infinity in float16"):
        as_distribution("loss", t, (1, 3), np.float16)


def test_a_nets_input_must_not_be_masked() -> None:
    net, x = nn.MLP([2, 3], rng=0), np.ma.masked_array(np.ones((1, 2)), [[False, True]])
    for ask in (lambda: net.predict(x), lambda: net.loss(x, [1]), lambda: net.gradient(x, [1])):
        with pytest.raises(DtypeError, match="MLP: x is a masked array"):
            ask()
