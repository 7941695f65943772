"""Constants that shift and scale columns or channels, on their way into a layer beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mitbadak.core.errors import FormatError

FOLDED = ("Add", "Sub", "Mul", "Div")
ROWS, CHANNELS = "columns", "channels"


@dataclass
class Scale:
    """``y = x scale + shift``, one number for all or one for each column or channel.

    Attributes:
        scale, shift: float64, of shape (1,) or (n,).
        along: what they run along, "" for one number for all.
    """

    scale: np.ndarray
    shift: np.ndarray
    along: str = ""

    def then(self, after: Scale) -> Scale:
        """This one, and another one after it."""
        if {self.along, after.along} == {ROWS, CHANNELS}:
            raise FormatError("it scales columns and channels of the same values")
        try:
            return Scale(
                self.scale * after.scale, self.shift * after.scale + after.shift,
                self.along or after.along,
            )  # fmt: skip
        except ValueError:
            raise FormatError(
                f"it scales {self.along} by arrays of {self.scale.size} and {after.scale.size} "
                "numbers"
            ) from None

    def over(self, n: int, along: str) -> tuple[np.ndarray, np.ndarray]:
        """Scale and shift for each of n columns or channels."""
        sizes = {np.size(self.scale), np.size(self.shift)}
        if self.along not in ("", along) or not sizes <= {1, n}:
            raise FormatError(
                f"a constant scales {max(sizes)} {self.along}, and the next layer expects {n} "
                f"{along}"
            )
        return np.broadcast_to(self.scale, (n,)), np.broadcast_to(self.shift, (n,))


def scale_of(op: str, constant: np.ndarray, *, first: bool, shape: tuple[int, ...] | None) -> Scale:
    """What an elementwise operation with a constant does to values.

    Args:
        op: one of ``FOLDED``.
        constant: the other operand.
        first: whether the values are the first operand.
        shape: of an example, 0 for an unknown length; None if nothing is known.

    Raises:
        FormatError: the constant fits neither columns nor channels, or divides by zero.
    """
    if not np.isfinite(constant).all():
        raise FormatError("its constant holds NaN or infinite numbers")
    c, along = _columns(np.asarray(constant, np.float64), shape)
    one, zero = np.ones(1), np.zeros(1)
    if op == "Add":
        return Scale(one, c, along)
    if op == "Sub":
        return Scale(one, -c, along) if first else Scale(-one, c, along)
    if op == "Mul":
        return Scale(c, zero, along)
    if not first:
        raise FormatError("it divides a constant by a layer's output, for which there is no layer")
    with np.errstate(all="ignore"):
        inverse = 1 / c
    if not np.isfinite(inverse).all():
        raise FormatError("it divides by 0. Use a spread above 0 where a column never varies")
    return Scale(inverse, zero, along)


def _columns(c: np.ndarray, shape: tuple[int, ...] | None) -> tuple[np.ndarray, str]:
    """A constant as one number, or one for each column or channel; and which of them."""
    rank = 3 if shape is None else len(shape)  # of an example
    if c.ndim <= rank + 1:
        inner = c[0] if c.ndim > 1 and c.ndim == rank + 1 and len(c) == 1 else c
        if shape is None:
            inner = inner[0] if inner.ndim == 2 and len(inner) == 1 else inner
        if inner.size == 1 and inner.ndim <= rank:
            return inner.reshape(1), ""
        if inner.ndim == 1 and (shape is None or shape == inner.shape):
            return inner, ROWS
        is_of_images = inner.ndim == 3 and inner.shape[1:] == (1, 1)
        if is_of_images and (shape is None or (rank == 3 and shape[0] in (0, len(inner)))):
            return inner.reshape(-1), CHANNELS
    if shape is None:
        values, expected = "values of unknown shape", "one for each column"
    else:
        values = f"values of shape (batch, {', '.join(str(n or '?') for n in shape)})"
        expected = f"one for each of {shape[0] or ''} {CHANNELS if rank == 3 else ROWS}"
    raise FormatError(
        f"its constant of shape {c.shape} is not understood beside {values}; expected one number, "
        f"or {expected}"
    )
