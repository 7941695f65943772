"""Labels in their three forms (class indices, one-hot rows, distributions), converted to one.

Every loss uses this module, so labels that would broadcast by accident (a batch of 10 against 10
classes) are refused in one place.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from mitbadak.core.arguments import explained
from mitbadak.core.arrays import as_array
from mitbadak.core.errors import (
    DtypeError,
    LabelError,
    LabelWarning,
    NonFiniteError,
    ShapeError,
    whole,
)
from mitbadak.core.memory import check_memory
from mitbadak.core.warned import warn

ROW_SUM_TOLERANCE = 1e-3  # enough for 10 probabilities rounded to float16


def as_distribution(
    owner: str, t: Any, shape: tuple[int, ...], dtype: DTypeLike = np.float64
) -> np.ndarray:
    """Labels as target distributions with the shape of the scores.

    Args:
        owner: name of the caller, for messages.
        t: class indices of shape ``shape[:-1]`` (integers), or one-hot rows or distributions of
            shape ``shape``.
        shape: shape of the scores, (batch, classes) or (classes,).
        dtype: dtype of the result.

    Raises:
        ShapeError: ``t`` has neither shape.
        DtypeError: class indices are not integers.
        LabelError: an index is outside ``0 .. classes - 1``.
        NonFiniteError: ``t`` holds NaN or infinity.

    Warns:
        LabelWarning: rows do not sum to 1.

    Example:
        >>> as_distribution("loss", [2, 0], (2, 3))
        array([[0., 0., 1.],
               [1., 0., 0.]])
    """
    if not 1 <= len(shape) <= 2:
        raise ShapeError(
            f"{owner} expects scores of shape (batch, classes) or (classes,); got {shape}."
        )
    t = as_array(owner, "t", t)
    if t.shape == shape:
        rows = _number_rows(owner, t, dtype)
        if not _sum_to_one(rows).all():
            warn(
                f"{owner}: rows of t do not sum to 1, so this is not a cross entropy between "
                "distributions; the loss and its gradient stay exact for the rows as given.",
                LabelWarning,
            )
        return rows
    if t.shape == shape[:-1]:
        return one_hot(t, shape[-1], dtype=dtype, owner=owner)
    raise ShapeError(
        f"{owner} expects t of shape {shape[:-1]} (class indices) or {shape} (one-hot or "
        f"distributions) for scores of shape {shape}; got {t.shape}.{_shape_remedy(t, shape)}"
    )


class ClassIndices(np.ndarray):
    """Labels that are class indices already, so that they are not looked up as names again.

    A net whose classes are called 1, 2 and 3 takes 1 from its user as a name, and from the data set
    that was made of the user's labels as an index. What is computed from them is a plain array.

    Example:
        >>> t = np.array([0, 2]).view(ClassIndices)
        >>> t[:1], t + 1
        (ClassIndices([0]), array([1, 3]))
    """

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        return array[()] if return_scalar else np.asarray(array)


@explained
def one_hot(
    t: Any, classes: int, *, dtype: DTypeLike = np.float64, owner: str = "one_hot"
) -> np.ndarray:
    """Class indices as one-hot rows.

    Args:
        t: integers in ``0 .. classes - 1``, shape (batch,) or ().
        classes: number of classes, at least 1.

    Returns:
        Shape ``t.shape + (classes,)``, with a single 1 in each row.

    Raises:
        DtypeError: ``t`` does not hold integers.
        LabelError: an index is out of range.
        RangeError: the number of classes is not a whole number of at least 1.

    Example:
        >>> one_hot([1, 0], 2)
        array([[0., 1.],
               [1., 0.]])
    """
    classes = whole(owner, "classes", classes)
    t = class_indices(owner, t, classes)
    needed = t.size * classes * np.dtype(dtype).itemsize
    check_memory(owner, needed, "Keep the labels as class indices.")
    rows = np.zeros((*t.shape, classes), dtype)
    rows.reshape(-1)[np.arange(0, rows.size, classes) + t.ravel()] = 1
    return rows


def class_indices(owner: str, t: Any, classes: int) -> np.ndarray:
    """``t`` as class indices, checked to be integers in ``0 .. classes - 1``."""
    t = as_array(owner, "t", t)
    if t.dtype.kind not in "iu":
        raise DtypeError(
            f"{owner} expects class indices as integers; got {t.dtype} of shape {t.shape}. "
            "Use t.astype(int) if they are whole numbers."
        )
    if t.size and (int(t.min()) < 0 or int(t.max()) >= classes):
        wrong = int(t.min()) if t.min() < 0 else int(t.max())
        raise LabelError(
            f"{owner} expects class indices in 0..{classes - 1} ({classes} classes); got {wrong}."
        )
    return t.astype(np.intp, copy=False)


def as_soft_labels(
    owner: str, t: Any, shape: tuple[int, ...], dtype: DTypeLike = np.float64
) -> np.ndarray:
    """Binary labels, one per output, as numbers in [0, 1] with the shape of the scores.

    Args:
        owner: name of the caller, for messages.
        t: 0, 1, or soft labels in between, of shape ``shape``; for a single output also without the
            last axis.
        shape: shape of the scores.
        dtype: dtype of the result; integer dtypes become float64.

    Raises:
        ShapeError: ``t`` has neither shape.
        DtypeError: ``t`` does not hold numbers.
        LabelError: an entry is outside [0, 1].
        NonFiniteError: ``t`` holds NaN or infinity.

    Example:
        >>> as_soft_labels("loss", [1, 0], (2, 1))
        array([[1.],
               [0.]])
    """
    t = as_array(owner, "t", t)
    if t.shape != shape and not (shape[-1:] == (1,) and t.shape == shape[:-1]):
        flat = f" or {shape[:-1]}" if shape[-1:] == (1,) else ""
        raise ShapeError(
            f"{owner} expects t of shape {shape}{flat} for scores of shape {shape}; got {t.shape}."
            f"{_shape_remedy(t, shape)}"
        )
    rows = _number_rows(owner, t, np.result_type(dtype, np.float16)).reshape(shape)
    if rows.size and not (rows.min() >= 0 and rows.max() <= 1):
        wrong = rows.min() if rows.min() < 0 else rows.max()
        raise LabelError(
            f"{owner} expects t in [0, 1]: 0, 1, or a soft label in between; got {wrong:g}. Give "
            "one binary label per output; for class indices use softmax_cross_entropy."
        )
    return rows


def predicted_and_true(owner: str, scores: np.ndarray, t: Any) -> tuple[np.ndarray, np.ndarray]:
    """The class with the largest score and the labeled class, for accuracy.

    For a row of scores with NaN the prediction is -1, which is never correct.
    """
    t = as_array(owner, "t", t)
    predicted = np.where(np.isnan(scores).any(axis=-1), -1, scores.argmax(axis=-1))
    if t.shape == scores.shape:
        return predicted, _number_rows(owner, t, np.float64).argmax(axis=-1)
    if t.shape == scores.shape[:-1]:
        return predicted, class_indices(owner, t, scores.shape[-1])
    raise ShapeError(
        f"{owner} expects t of shape {scores.shape[:-1]} (class indices) or {scores.shape} "
        f"(one-hot) for scores of shape {scores.shape}; got {t.shape}."
        f"{_shape_remedy(t, scores.shape)}"
    )


def rows_are_distributions(owner: str, t: np.ndarray, classes: int) -> np.ndarray:
    """Which rows of t, shape (n, classes), are distributions: non-negative and summing to 1."""
    t = as_array(owner, "t", t)
    if t.shape != (len(t), classes):
        raise ShapeError(
            f"{owner} expects t of shape (n,) (class indices) or (n, {classes}) (one-hot or "
            f"distributions); got {t.shape}.{_shape_remedy(t, (len(t), classes))}"
        )
    rows = _number_rows(owner, t, np.float64)
    return np.asarray(_sum_to_one(rows) & (rows >= 0).all(axis=-1))


def _sum_to_one(rows: np.ndarray) -> np.ndarray | np.bool_:
    return np.abs(rows.sum(axis=-1) - 1) <= ROW_SUM_TOLERANCE


def _number_rows(owner: str, t: np.ndarray, dtype: Any) -> np.ndarray:
    if t.dtype.kind not in "biuf":
        raise DtypeError(f"{owner} expects t as numbers; got {t.dtype}.")
    with np.errstate(over="ignore"):
        rows = t.astype(dtype, copy=False)
    if not np.isfinite(rows).all():
        beyond = "" if t.dtype.kind == "f" and not np.isfinite(t).all() else f" in {rows.dtype}"
        raise NonFiniteError(
            f"{owner}: t holds NaN or infinity{beyond}; every label must be finite."
        )
    return rows


def _shape_remedy(t: np.ndarray, shape: tuple[int, ...]) -> str:
    if t.shape == (*shape[:-1], 1):
        return " Use t[:, 0] to drop the last axis."
    if t.shape[:1] != shape[:1]:
        return " x and t must hold the same number of examples."
    return ""
