"""One observed update: parameters before and after it, the gradient, the batch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mitbadak.core.arrays import as_array
from mitbadak.core.errors import DtypeError, ShapeError

MOST_ROWS = 1000  # of a batch that are looked at


@dataclass(frozen=True)
class Step:
    """What one call of ``Doctor.observe`` saw.

    Attributes:
        number: counts the observed updates from 1.
        before, after: each parameter before the update and after it; ``before`` is empty at the
            first call, which has nothing to compare with.
        grads: the gradient, by the names of the parameters.
        loss: of the batch.
        x, t: the batch, at most ``MOST_ROWS`` of it; None if it was not given.
        outputs: the net's answers on the batch; None if they were not given.
        lr: the learning rate, as it was given; None if it was not.
    """

    number: int
    before: Mapping[str, np.ndarray]
    after: Mapping[str, np.ndarray]
    grads: Mapping[str, np.ndarray]
    loss: float
    x: np.ndarray | None = None
    t: np.ndarray | None = None
    outputs: np.ndarray | None = None
    lr: float | None = None
    changes: Mapping[str, np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        with np.errstate(all="ignore"):
            changes = {k: self.after[k] - old for k, old in self.before.items()}
        object.__setattr__(self, "changes", changes)

    @property
    def batch_size(self) -> int:
        """How many examples are looked at; 0 without a batch."""
        return 0 if self.x is None else len(self.x)


def named_arrays(name: str, value: Any) -> dict[str, np.ndarray]:
    """Parameters or gradients by name, as float arrays that share no memory with the loop's.

    Args:
        name: of the argument, for messages.
        value: a dict of arrays, a list of them, or a single one. Whatever NumPy can convert is an
            array; tensors of PyTorch are detached first.

    Raises:
        DtypeError: something is not an array of numbers.

    Example:
        >>> named_arrays("params", [np.zeros(2), 1.0])
        {'0': array([0., 0.]), '1': array(1.)}
    """
    arrays = {key: _array(f"{name}[{key!r}]", array) for key, array in own_items(value).items()}
    if not arrays:
        raise ShapeError(f"observe: {name} is empty; arrays by name were expected.")
    return arrays


def own_items(value: Any) -> dict[str, Any]:
    """What the loop holds itself, by name; tensors as arrays that share their memory."""
    if hasattr(value, "keys"):
        items = {str(key): value[key] for key in value.keys()}  # noqa: SIM118 - also net.params
    elif isinstance(value, (list, tuple)):
        items = {str(k): array for k, array in enumerate(value)}
    else:
        items = {"x": value}
    return {key: _plain(array) for key, array in items.items()}


def integer_names(value: Any) -> list[str]:
    """Which of the parameters hold whole numbers, and so cannot take small steps."""
    return [key for key, array in own_items(value).items() if np.asarray(array).dtype.kind in "biu"]


def batch_array(name: str, value: Any, *, all_rows: bool = False) -> np.ndarray | None:
    """Part of a batch as an array of its own, at most ``MOST_ROWS`` rows; None stays None."""
    if value is None:
        return None
    array = as_array("observe", name, _plain(value))
    if array.dtype.kind not in "biuf":
        raise DtypeError(f"observe expects {name} as numbers; got {array.dtype}.")
    if array.ndim == 0:
        raise ShapeError(f"observe expects {name} with an example in each row; got one number.")
    if array.size == 0:
        raise ShapeError(f"observe: {name} is empty; got shape {array.shape}.")
    return array if all_rows else np.array(array[:MOST_ROWS])


def check_rows(**parts: np.ndarray | None) -> None:
    """Refuse parts of a batch that do not have the same number of rows."""
    rows = {name: len(array) for name, array in parts.items() if array is not None}
    if len(set(rows.values())) > 1:
        listed = ", ".join(f"{name} has {n}" for name, n in rows.items())
        raise ShapeError(f"observe expects a row for each example: {listed}.")


def one_number(name: str, value: Any) -> float:
    """A loss or a rate as a float.

    Raises:
        DtypeError: it is not one number.
    """
    try:
        return float("not text" if isinstance(value, str) else _plain(value))
    except (TypeError, ValueError):
        got = getattr(value, "shape", None) or type(value).__name__
        raise DtypeError(f"observe expects {name} as one number; got {got}.") from None


def check_names(params: Mapping[str, np.ndarray], grads: Mapping[str, np.ndarray]) -> None:
    """Refuse gradients that do not belong to the parameters."""
    for name, gradient in grads.items():
        if name not in params:
            raise ShapeError(
                f"observe: grads has {name!r}, which params lacks. Both need the same names; "
                f"params has {', '.join(params)}."
            )
        if gradient.shape != params[name].shape:
            raise ShapeError(
                f"observe: grads[{name!r}] has shape {gradient.shape}, params[{name!r}] has "
                f"{params[name].shape}."
            )


def _array(name: str, value: Any) -> np.ndarray:
    array = as_array("observe", name, value)
    if array.dtype.kind not in "biuf":
        raise DtypeError(f"observe expects {name} as numbers; got {array.dtype}.")
    return np.array(array, dtype=array.dtype if array.dtype.kind == "f" else np.float64)


def _plain(value: Any) -> Any:
    """Tensors that track their gradients without them."""
    return value.detach().cpu().numpy() if hasattr(value, "detach") else value


def sampled(
    arrays: Mapping[str, np.ndarray], names: Sequence[str], most: int | None = None
) -> np.ndarray:
    """Entries of several arrays one after another, as float64.

    Args:
        arrays: by name.
        names: which of them, in this order.
        most: take about so many of all entries, evenly from each array; None takes all.
    """
    parts, total = [], sum(arrays[name].size for name in names)
    for name in names:
        array = arrays[name]
        stride = 1 if most is None else _stride(array.shape, max(1, total // most))
        parts.append(np.asarray(array.reshape(-1)[::stride], np.float64))
    return np.concatenate(parts) if parts else np.empty(0)


def _stride(shape: tuple[int, ...], stride: int) -> int:
    """A stride of about this size that meets every column of a matrix."""
    if not shape or stride >= math.prod(shape):
        return 1
    while math.gcd(stride, shape[-1]) > 1:
        stride += 1
    return stride
