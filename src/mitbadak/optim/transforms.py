"""Transforms of gradients before the update rule: penalties and clipping, as values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any, ClassVar

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.errors import UnknownNameError, listed, positive
from mitbadak.core.warned import warn
from mitbadak.optim.base import Keyed

Gradients = Mapping[Any, Any]
SMALLEST_SUM = 1e-280  # of squares; below it, terms under the smallest float, 1e-308, would count


@dataclass(frozen=True)
class Transform:
    """Base of the transforms in a ``Chain``; pure: gradients and parameters stay untouched.

    Attributes:
        name: the name in its ``config``.
    """

    name: ClassVar[str] = "transform"

    def __call__(self, params: Keyed, gradients: Gradients) -> dict[Any, Any]:
        """New gradients for the same keys."""
        raise NotImplementedError

    def config(self) -> dict[str, Any]:
        """JSON-serializable name and settings."""
        return {"name": self.name, **asdict(self)}

    def _keep_positive(self, name: str) -> None:
        value = positive(type(self).__name__, name, getattr(self, name))
        object.__setattr__(self, name, value)


@explained
@dataclass(frozen=True)
class ClipNorm(Transform):
    """Scale all gradients by ``limit / norm`` if their global norm exceeds ``limit``.

    The norm is taken over all entries of all gradients together, so the direction is kept.
    PyTorch's ``clip_grad_norm_`` adds 1e-6 to the norm it divides by. Gradients with NaN or
    infinity pass unchanged, since no scale would help, and the rule then refuses them. If squares
    overflow or underflow, the entries are divided by the largest first.

    References:
        Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks,
        ICML 2013, algorithm 1.

    Example:
        >>> ClipNorm(1.0)({}, {"W": np.array([3.0]), "b": np.array([4.0])})
        {'W': array([0.6]), 'b': array([0.8])}
    """

    name: ClassVar[str] = "clipnorm"
    limit: float

    def __post_init__(self) -> None:
        self._keep_positive("limit")

    def __call__(self, params: Keyed, gradients: Gradients) -> dict[Any, Any]:
        largest, relative = _length(gradients)
        norm = largest * relative
        if not (math.isfinite(largest) and norm > self.limit):
            return dict(gradients)
        factor = self.limit / norm

        def clipped(g: Any) -> Any:
            if factor >= np.finfo(np.asarray(g).dtype).tiny:
                return g * factor
            size = float(np.max(np.abs(g), initial=0.0)) or 1.0  # a subnormal factor loses digits
            return (g / size) * (self.limit * (size / largest / relative))

        return {key: clipped(g) for key, g in gradients.items()}


@explained
@dataclass(frozen=True)
class ClipValue(Transform):
    """Clip every entry to ``[-limit, limit]``; the direction may change.

    Example:
        >>> ClipValue(1.0)({}, {"W": np.array([-3.0, 0.5])})
        {'W': array([-1. ,  0.5])}
    """

    name: ClassVar[str] = "clipvalue"
    limit: float

    def __post_init__(self) -> None:
        self._keep_positive("limit")

    def __call__(self, params: Keyed, gradients: Gradients) -> dict[Any, Any]:
        return {key: np.clip(g, -self.limit, self.limit) for key, g in gradients.items()}


@dataclass(frozen=True)
class Penalty(Transform):
    """Base of penalties on parameters, which add their gradient to that of the loss.

    Attributes:
        strength: factor of the penalty.
        names: pattern of the penalized parameters. ``W*`` spares biases; ``*`` takes all, also
            those in lists, which have no names.
    """

    name: ClassVar[str] = "penalty"
    strength: float
    names: str = "W*"

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "size" in vars(cls):
            warn(
                f"{cls.__name__}.size(p) should now be penalty_of(p).",
                DeprecationWarning,
            )
            cls.penalty_of = vars(cls)["size"]

    def __post_init__(self) -> None:
        self._keep_positive("strength")

    def __call__(self, params: Keyed, gradients: Gradients) -> dict[Any, Any]:
        chosen = matching(type(self).__name__, self.names, gradients)
        return {k: g + self.slope(params[k]) if k in chosen else g for k, g in gradients.items()}

    def value(self, params: Mapping[Any, Any]) -> float:
        """The penalty itself, to be added to a reported loss.

        Raises:
            UnknownNameError: the pattern matches no parameter.
        """
        chosen = matching(type(self).__name__, self.names, params)
        return math.fsum(self.penalty_of(np.asarray(params[key], np.float64)) for key in chosen)

    def slope(self, p: Any) -> Any:
        """Gradient of the penalty of one parameter."""
        raise NotImplementedError

    def penalty_of(self, p: np.ndarray) -> float:
        """The penalty of one parameter."""
        raise NotImplementedError


@explained
@dataclass(frozen=True)
class L2(Penalty):
    """``strength / 2 * sum w^2`` with gradient ``strength * w``; the one half is the book's.

    PyTorch's ``weight_decay`` has the same gradient (on biases too); scikit-learn's ``alpha``
    also divides by the batch size, and Keras's ``L2`` leaves out the one half.

    Example:
        >>> penalty, params = L2(0.5), {"W1": np.array([2.0, -4.0]), "b1": np.array([8.0])}
        >>> penalty.value(params)
        5.0
        >>> penalty(params, {"W1": np.zeros(2), "b1": np.zeros(1)})
        {'W1': array([ 1., -2.]), 'b1': array([0.])}
    """

    name: ClassVar[str] = "l2"

    def slope(self, p: Any) -> Any:
        return self.strength * p

    def penalty_of(self, p: np.ndarray) -> float:
        return self.strength / 2 * float(np.sum(p * p))


@explained
@dataclass(frozen=True)
class L1(Penalty):
    """``strength * sum |w|`` with gradient ``strength * sign(w)``, 0 where w is 0.

    Weights are driven towards 0 and then oscillate around it, since updates have a finite length:
    they become small, but not exactly 0.

    Example:
        >>> penalty, params = L1(0.5), {"W1": np.array([2.0, 0.0])}
        >>> penalty.value(params)
        1.0
        >>> penalty(params, {"W1": np.zeros(2)})
        {'W1': array([0.5, 0. ])}
    """

    name: ClassVar[str] = "l1"

    def slope(self, p: Any) -> Any:
        return self.strength * np.sign(p)

    def penalty_of(self, p: np.ndarray) -> float:
        return self.strength * float(np.sum(np.abs(p)))


TRANSFORMS: dict[str, type[Transform]] = {t.name: t for t in (L2, L1, ClipValue, ClipNorm)}


def global_norm(gradients: Gradients) -> float:
    """Euclidean norm of all gradients as one vector, summed in float64.

    Example:
        >>> global_norm({"W": np.array([[3.0]]), "b": np.array([4.0])})
        5.0
    """
    largest, relative = _length(gradients)
    return largest * relative


def _length(gradients: Gradients) -> tuple[float, float]:
    """A scale, and the norm of all gradients in units of it; the scale is 1 unless squares
    overflow or underflow."""
    parts = [np.asarray(g, np.float64).ravel() for g in gradients.values()]
    with np.errstate(over="ignore"):
        total = sum(float(g @ g) for g in parts)
    if SMALLEST_SUM <= total < math.inf:
        return 1.0, math.sqrt(total)
    largest = float(np.max([np.max(np.abs(g), initial=0.0) for g in parts], initial=0.0))
    if largest == 0 or not math.isfinite(largest):
        return largest, 1.0
    return largest, math.sqrt(sum(float((g / largest) @ (g / largest)) for g in parts))


def matching(owner: str, pattern: str, keys: Iterable[Any]) -> set[Any]:
    """The keys that match a name pattern (``*``, ``?``, ``[...]``; case-sensitive).

    Raises:
        UnknownNameError: no key matches, or the keys are list indices and the pattern is not ``*``.
    """
    known = list(keys)
    if pattern == "*":
        return set(known)
    if any(not isinstance(key, str) for key in known):
        raise UnknownNameError(
            f"{owner}: the parameters in a list have no names for the pattern {pattern!r}. Give a "
            "dict, {'W1': ..., 'b1': ...}, or the pattern '*' for all."
        )
    matches = {key for key in known if fnmatchcase(key, pattern)}
    if not matches:
        raise UnknownNameError(
            f"{owner}: the pattern {pattern!r} matches no parameter; the parameters are "
            f"{listed(known)}."
        )
    return matches
