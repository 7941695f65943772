"""Values that operations of users return, checked where nets use them."""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.core.errors import DtypeError, ShapeError, brief


def as_number(owner: str, value: Any) -> float:
    """A loss as a float.

    Raises:
        ShapeError, DtypeError: it is an array, or no real number.

    Example:
        >>> as_number("Mine()", np.float32(0.5))
        0.5
    """
    if isinstance(value, float):
        return float(value)
    array = np.asarray(value)
    if array.shape != ():
        raise ShapeError(
            f"{owner}: the loss must be a number; its operation returned an array of shape "
            f"{array.shape}. Take its mean, and divide the pullback by the number of entries."
        )
    if array.dtype.kind not in "biuf":
        raise DtypeError(f"{owner}: the loss must be a real number; got {brief(value)}.")
    return float(array)


def of_shape(owner: str, name: str, gradient: Any, shape: tuple[int, ...]) -> Any:
    """A gradient as it is, refused if it does not have the shape of what it is the gradient of.

    Args:
        owner: whose pullback returned it.
        name: what it is the gradient of.
        gradient, shape: to be compared.

    Raises:
        ShapeError: it has another shape, usually because something was broadcast.
    """
    if np.shape(gradient) == shape:
        return gradient
    raise ShapeError(
        f"{owner}: the pullback of {name} must return the shape of {name}, {shape}; got "
        f"{np.shape(gradient)}. Was something broadcast? Sum over those axes."
    )


def check_targets(owner: str, shape: tuple[int, ...], targets: Any, *, indices: bool) -> None:
    """Refuse targets that would broadcast against scores.

    Args:
        owner: the loss that takes both.
        shape: of the scores, (batch, n_out) or (n_out,).
        targets: of the same shape, or class indices without the last axis.
        indices: whether the loss may take class indices.

    Raises:
        ShapeError: another shape.
        DtypeError: one number for each example that is no class index.

    Example:
        >>> check_targets("Mine()", (5, 1), np.zeros(5), indices=False)
        Traceback (most recent call last):
            ...
        mitbadak.core.errors.ShapeError: Mine() expects t of shape (5, 1), that of the scores; got
        (5,), which would broadcast to (5, 5). Use t[:, None].
    """
    given = np.shape(targets)
    if given == shape:
        return
    are_indices = given == shape[:-1] and indices and shape[-1] > 1
    if are_indices and np.asarray(targets).dtype.kind in "biu":
        return
    also = f" or class indices of shape {shape[:-1]}" if indices and shape[-1:] > (1,) else ""
    if are_indices:
        raise DtypeError(
            f"{owner} expects t of shape {shape}, that of the scores,{also} as integers; got "
            f"{np.asarray(targets).dtype} of shape {given}. Use t.astype(int) for indices."
        )
    try:
        result = np.broadcast_shapes(shape, given)
        spread = f", which would broadcast to {result}" if result != shape else ", which broadcasts"
    except ValueError:
        spread = ""
    remedy = " Use t[:, None]." if (*given, 1) == shape else ""
    raise ShapeError(
        f"{owner} expects t of shape {shape}, that of the scores{also and ','}{also}; got {given}"
        f"{spread}.{remedy}"
    )
