"""What arrays can do, for traced values: operators, and the methods of NumPy's arrays.

Each method is the NumPy function of its name, so it means the same and is refused alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from mitbadak.core.errors import DtypeError, StateError
from mitbadak.functions import primitives
from mitbadak.functions.differentiable import Traced, no_derivative, value_of


class UnsupportedMethodError(DtypeError, AttributeError):
    """A method of arrays that variables do not have."""


class ArrayLike(Traced):
    """Operators and array methods for traced values; all lead to ``primitives``."""

    __slots__ = ()

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    @property
    def ndim(self) -> int:
        return self.value.ndim

    @property
    def size(self) -> int:
        return self.value.size

    @property
    def dtype(self) -> np.dtype:
        return self.value.dtype

    @property
    def nbytes(self) -> int:
        return self.value.nbytes

    @property
    def itemsize(self) -> int:
        return self.value.itemsize

    @property
    def real(self) -> Any:
        return np.real(self)  # type: ignore[call-overload]

    @property
    def imag(self) -> np.ndarray:
        return np.zeros_like(self.value)

    @property
    def T(self) -> Any:
        return primitives.transpose(self)

    @property
    def mT(self) -> Any:
        return np.matrix_transpose(self)  # type: ignore[call-overload]

    def __add__(self, other: Any) -> Any:
        return primitives.add(self, other)

    def __radd__(self, other: Any) -> Any:
        return primitives.add(other, self)

    def __sub__(self, other: Any) -> Any:
        return primitives.subtract(self, other)

    def __rsub__(self, other: Any) -> Any:
        return primitives.subtract(other, self)

    def __mul__(self, other: Any) -> Any:
        return primitives.multiply(self, other)

    def __rmul__(self, other: Any) -> Any:
        return primitives.multiply(other, self)

    def __truediv__(self, other: Any) -> Any:
        return primitives.divide(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return primitives.divide(other, self)

    def __floordiv__(self, other: Any) -> Any:
        return primitives.floor_divide(self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return primitives.floor_divide(other, self)

    def __mod__(self, other: Any) -> Any:
        return primitives.remainder(self, other)

    def __rmod__(self, other: Any) -> Any:
        return primitives.remainder(other, self)

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    def __pow__(self, other: Any) -> Any:
        return primitives.power(self, other)

    def __rpow__(self, other: Any) -> Any:
        return primitives.power(other, self)

    def __matmul__(self, other: Any) -> Any:
        return primitives.matmul(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return primitives.matmul(other, self)

    def __neg__(self) -> Any:
        return primitives.negative(self)

    def __pos__(self) -> Any:
        return primitives.positive(self)

    def __abs__(self) -> Any:
        return primitives.absolute(self)

    def __lt__(self, other: Any) -> Any:
        return self.value < value_of(other)

    def __le__(self, other: Any) -> Any:
        return self.value <= value_of(other)

    def __gt__(self, other: Any) -> Any:
        return self.value > value_of(other)

    def __ge__(self, other: Any) -> Any:
        return self.value >= value_of(other)

    def __eq__(self, other: Any) -> Any:  # type: ignore[override]
        return self.value == value_of(other)

    def __ne__(self, other: Any) -> Any:  # type: ignore[override]
        return self.value != value_of(other)

    __hash__ = object.__hash__  # variables are told apart, their values compared

    def __getitem__(self, at: Any) -> Any:
        return primitives.index(self, at=_constant_index(at))

    def __setitem__(self, at: Any, value: Any) -> None:
        raise StateError(
            "a variable's entries cannot be assigned: what was computed from them would no longer "
            "fit. Make a new one with np.where or np.concatenate."
        )

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __contains__(self, entry: Any) -> bool:
        return bool(np.any(self.value == value_of(entry)))

    def __bool__(self) -> bool:
        return bool(self.value)

    def __round__(self, decimals: int | None = None) -> Any:
        return np.round(self, decimals or 0)  # type: ignore[call-overload]

    def __int__(self) -> int:
        return int(self.value)

    __trunc__ = __int__

    def __floor__(self) -> int:
        return int(np.floor(self.value))

    def __ceil__(self) -> int:
        return int(np.ceil(self.value))

    def __float__(self) -> float:
        raise DtypeError(
            f"{self!r} would turn into a plain number here, and its derivative would be lost: "
            "float() and the functions of math do that. Use NumPy's functions (np.sin for "
            "math.sin), or .item() where only the number is wanted."
        )

    def as_integer_ratio(self) -> tuple[int, int]:  # which fractions and statistics ask for
        return self.__float__().as_integer_ratio()

    def __complex__(self) -> complex:
        raise DtypeError(f"{self!r} is real, and here it would turn into a complex number.")

    def __format__(self, spec: str) -> str:
        if not spec:
            return str(self)
        if self.ndim:
            raise DtypeError(
                f"the format {spec!r} is for one number; got {self!r}. Format each entry, or use "
                "np.array2string(x.value)."
            )
        return format(self.value[()], spec)

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        raise DtypeError(
            f"{self!r} is a variable, and here it would turn into an array without a history. "
            "Use np.stack to join variables, and .value where no gradient is wanted."
        )

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and hasattr(np.ndarray, name):
            kind = "method" if callable(getattr(np.ndarray, name)) else "attribute"
            raise UnsupportedMethodError(
                f"variables have no {kind} {name!r}, which arrays have: it changes entries in place, or "
                f"gives them without a history. Use .value.{name} where no gradient is wanted."
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def item(self, *at: Any) -> float:
        """The value of a scalar, or of one entry, as a Python number without a history."""
        return self.value.item(*at)

    def tolist(self) -> Any:
        """The values as Python numbers in lists, without a history."""
        return self.value.tolist()

    def astype(self, dtype: Any, *_: Any, **__: Any) -> Any:
        """In another float dtype; whole numbers are plain arrays, as they have no derivative."""
        return primitives.astype(self, dtype)

    def clip(self, min: Any = None, max: Any = None) -> Any:
        return np.clip(self, min, max)  # type: ignore[call-overload]

    def copy(self, order: Any = "C") -> Any:
        return np.copy(self, order)  # type: ignore[call-overload]

    def reshape(self, *shape: Any, order: str = "C", copy: Any = None) -> Any:
        """As of arrays: one shape, or its lengths one by one."""
        one = len(shape) == 1 and not isinstance(shape[0], (int, np.integer))
        return np.reshape(self, shape[0] if one else shape, order=order)  # type: ignore[call-overload]

    def transpose(self, *axes: Any) -> Any:
        """As of arrays: axes one by one, in one tuple, or none for the reverse order."""
        one = len(axes) == 1 and not isinstance(axes[0], (int, np.integer))
        return np.transpose(self, (axes[0] if one else axes) or None)  # type: ignore[call-overload]

    def flatten(self, order: Any = "C") -> Any:
        return np.ravel(self, order)  # type: ignore[call-overload]


def _method(name: str) -> Any:
    function = getattr(np, name)

    def method(self: ArrayLike, *args: Any, **options: Any) -> Any:
        return function(self, *args, **options)

    method.__name__, method.__qualname__ = name, f"ArrayLike.{name}"
    method.__doc__ = f"As ``np.{name}``, of this."
    return method


# Methods of arrays with the arguments of the function of their name.
for _name in (
    "all", "any", "argmax", "argmin", "argpartition", "argsort", "conj", "conjugate",
    "cumprod", "cumsum", "diagonal", "dot", "max", "mean", "min", "nonzero", "prod", "ptp",
    "ravel", "repeat", "round", "searchsorted", "squeeze", "std", "sum", "swapaxes", "take",
    "trace", "var",
):  # fmt: skip
    setattr(ArrayLike, _name, _method(_name))


def _compress(self: ArrayLike, condition: Any, axis: Any = None) -> Any:
    """As ``np.compress``, of this."""
    return np.compress(condition, self, axis)  # type: ignore[call-overload]


ArrayLike.compress = _compress  # type: ignore[attr-defined]


def _constant_index(at: Any) -> Any:
    """An index as a graph may keep it; arrays in it are copied, and variables refused."""
    if isinstance(at, tuple):
        return tuple(map(_constant_index, at))
    if isinstance(at, Traced):
        raise no_derivative(
            "x[variable]", "an index is a whole number or a mask; use .value, or np.where"
        )
    if isinstance(at, list):
        return [_constant_index(part) for part in at]
    return at.copy() if isinstance(at, np.ndarray) else at
