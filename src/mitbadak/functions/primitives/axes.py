"""Axes in NumPy's numbering, and the shapes that operations along them give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple


def normal_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """Axes as whole numbers from 0 up, in the order given; ``None`` means all of them.

    Raises:
        AxisError: there is no such axis.
        ValueError: an axis is repeated.

    Example:
        >>> normal_axes(-1, 3), normal_axes((-1, 0), 3), normal_axes(None, 3)
        ((2,), (2, 0), (0, 1, 2))
    """
    return tuple(range(ndim)) if axis is None else normalize_axis_tuple(axis, ndim)


def other_axes(axes: Sequence[int], ndim: int) -> tuple[int, ...]:
    """The remaining axes, in their order.

    Example:
        >>> other_axes((1,), 3)
        (0, 2)
    """
    return tuple(i for i in range(ndim) if i not in axes)


def kept_shape(shape: tuple[int, ...], axis: Any) -> tuple[int, ...]:
    """The shape after a reduction along some axes that keeps them with length 1.

    Example:
        >>> kept_shape((2, 3, 4), -1), kept_shape((2, 3, 4), None)
        ((2, 3, 1), (1, 1, 1))
    """
    gone = normal_axes(axis, len(shape)) if shape else ()  # NumPy accepts axis 0 of a scalar
    return tuple(1 if i in gone else n for i, n in enumerate(shape))


def along(axis: int, ndim: int, at: Any) -> tuple[Any, ...]:
    """An index that takes ``at`` along one axis and everything along the others.

    Example:
        >>> along(-1, 2, 0)
        (slice(None, None, None), 0)
    """
    return (*(slice(None),) * normalize_axis_index(axis, ndim), at)


def with_length(shape: tuple[int, ...], axis: int, length: int) -> tuple[int, ...]:
    """The shape with another length along one axis.

    Example:
        >>> with_length((2, 3), -1, 1)
        (2, 1)
    """
    axis = normalize_axis_index(axis, len(shape))
    return (*shape[:axis], length, *shape[axis + 1 :])
