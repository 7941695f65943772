"""What variables share with arrays: operators, and the methods of NumPy's arrays.

Each method calls the NumPy function of its name, so both mean the same and are refused alike.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mitbadak.core.errors import DtypeError, MitbadakError, StateError
from mitbadak.functions import primitives
from mitbadak.functions.differentiable import Traced, no_derivative, numpy_name, plain
from mitbadak.functions.numpy_calls import call_numpy


class UnsupportedMethodError(DtypeError, AttributeError):
    """An array method that variables lack."""


def _checked(name: str, on_arrays: Callable[..., Any], own: Callable[..., Any], *args: Any) -> Any:
    """``own(*args)``; what the same call on arrays refuses is an error of both classes."""
    try:
        return own(*args)
    except MitbadakError:
        raise
    except Exception:
        call_numpy(name, on_arrays, plain(args), {})
        raise


def _entries(x: Any, at: Any) -> Any:
    return primitives.index(x, at=at)


def _operators(ufunc: np.ufunc, operation: Callable[..., Any]) -> tuple[Any, Any]:
    """The methods of an operator with a variable on its left, and on its right."""
    name = numpy_name(ufunc)
    return (
        lambda self, other: _checked(name, ufunc, operation, self, other),
        lambda self, other: _checked(name, ufunc, operation, other, self),
    )


def _compared(comparison: Callable[..., Any]) -> Any:
    """A comparison of values; its result is a plain array."""
    name = f"operator.{comparison.__name__}"
    return lambda self, other: call_numpy(name, comparison, plain((self, other)), {})


def _number(convert: Callable[[Any], Any]) -> Any:
    """A method that gives a plain number, or refuses as the array's does."""
    return lambda self: call_numpy(f"{convert.__name__}(x)", convert, (self.value,), {})


class ArrayLike(Traced):
    """Operators and array methods for traced values; all of them lead to ``primitives``."""

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

    __add__, __radd__ = _operators(np.add, primitives.add)
    __sub__, __rsub__ = _operators(np.subtract, primitives.subtract)
    __mul__, __rmul__ = _operators(np.multiply, primitives.multiply)
    __truediv__, __rtruediv__ = _operators(np.divide, primitives.divide)
    __floordiv__, __rfloordiv__ = _operators(np.floor_divide, primitives.floor_divide)
    __mod__, __rmod__ = _operators(np.remainder, primitives.remainder)
    _to_the, __rpow__ = _operators(np.power, primitives.power)
    __matmul__, __rmatmul__ = _operators(np.matmul, primitives.matmul)
    __neg__, __pos__, __abs__ = primitives.negative, primitives.positive, primitives.absolute

    def __pow__(self, other: Any, modulus: Any = None) -> Any:
        if modulus is not None:
            raise no_derivative("pow(x, y, modulus)", "a modulus is for integers; use x**y % z")
        return self._to_the(other)

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    __lt__, __le__ = _compared(operator.lt), _compared(operator.le)
    __gt__, __ge__ = _compared(operator.gt), _compared(operator.ge)
    __eq__, __ne__ = _compared(operator.eq), _compared(operator.ne)
    __hash__ = object.__hash__  # == compares values, but a set holds variables by identity

    def __getitem__(self, at: Any) -> Any:
        at = _constant_index(at)
        return _checked(
            "x[...]", operator.getitem, lambda x, at: primitives.index(x, at=at), self, at
        )

    def __setitem__(self, at: Any, value: Any) -> None:
        raise StateError(
            "the entries of a variable cannot be assigned, because values already computed from "
            "them would no longer fit. Make a new variable with np.where or np.concatenate."
        )

    __len__ = _number(len)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __contains__(self, entry: Any) -> bool:
        return bool(np.any(self == entry))

    __bool__ = _number(bool)

    def __round__(self, decimals: int | None = None) -> Any:
        return np.round(self, decimals or 0)  # type: ignore[call-overload]

    __int__ = __trunc__ = _number(int)

    def __floor__(self) -> int:
        return int(np.floor(self))

    def __ceil__(self) -> int:
        return int(np.ceil(self))

    def __float__(self) -> float:
        raise DtypeError(
            f"{self!r} would become a plain number here and lose its derivative, as float() and "
            "the functions of math do. Use NumPy's functions (np.sin for math.sin), or .item() "
            "where only the number is needed."
        )

    def as_integer_ratio(self) -> tuple[int, int]:  # which fractions and statistics ask for
        return self.__float__().as_integer_ratio()

    def __complex__(self) -> complex:
        raise DtypeError(f"{self!r} is real and cannot become a complex number.")

    def __format__(self, spec: str) -> str:
        if not spec:
            return str(self)
        if self.ndim:
            raise DtypeError(
                f"the format {spec!r} is for a single number; got {self!r}. Format each entry, or "
                "use np.array2string(x.value)."
            )
        return format(self.value[()], spec)

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        raise DtypeError(
            f"{self!r} is a variable and would become an array without a history here. Use "
            "np.stack to join variables, and .value where no gradient is needed."
        )

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and hasattr(np.ndarray, name):
            kind = "method" if callable(getattr(np.ndarray, name)) else "attribute"
            raise UnsupportedMethodError(
                f"variables have no {kind} {name!r}, unlike arrays: it would change entries in "
                f"place, or lose their history. Use .value.{name} where no gradient is needed."
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def item(self, *at: Any) -> float:
        """The value of a scalar, or of one entry, as a Python number without a history."""
        return call_numpy("x.item", self.value.item, at, {})

    def tolist(self) -> Any:
        """The values as Python numbers in lists, without a history."""
        return self.value.tolist()

    def astype(self, dtype: Any, *_: Any, **__: Any) -> Any:
        """A variable of another float dtype; integers have no derivative and come as an array."""
        return primitives.astype(self, dtype)

    def clip(self, min: Any = None, max: Any = None) -> Any:
        return np.clip(self, min, max)  # type: ignore[call-overload]

    def copy(self, order: Any = "C") -> Any:
        return np.copy(self, order)  # type: ignore[call-overload]

    def reshape(self, *shape: Any, order: str = "C", copy: Any = None) -> Any:
        """Takes one shape or its lengths one by one, as arrays do."""
        whole = len(shape) == 1 and not isinstance(shape[0], (int, np.integer))
        return np.reshape(self, shape[0] if whole else shape, order=order)  # type: ignore[call-overload]

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
    method.__doc__ = f"``np.{name}`` of this variable."
    return method


# Array methods whose arguments are those of the NumPy function of the same name.
for _name in (
    "all", "any", "argmax", "argmin", "argpartition", "argsort", "conj", "conjugate",
    "cumprod", "cumsum", "diagonal", "dot", "max", "mean", "min", "nonzero", "prod", "ptp",
    "ravel", "repeat", "round", "searchsorted", "squeeze", "std", "sum", "swapaxes", "take",
    "trace", "var",
):  # fmt: skip
    setattr(ArrayLike, _name, _method(_name))


def _compress(self: ArrayLike, condition: Any, axis: Any = None) -> Any:
    """``np.compress`` of this variable."""
    return np.compress(condition, self, axis)  # type: ignore[call-overload]


ArrayLike.compress = _compress  # type: ignore[attr-defined]


def _constant_index(at: Any) -> Any:
    """A copy of an index that the graph can keep; variables in it are refused."""
    if isinstance(at, tuple):
        return tuple(map(_constant_index, at))
    if isinstance(at, Traced):
        raise no_derivative(
            "x[variable]", "an index is an integer or a mask; use .value, or np.where"
        )
    if isinstance(at, list):
        return [_constant_index(part) for part in at]
    return at.copy() if isinstance(at, np.ndarray) else at
