"""The arguments of the estimators: what is allowed, checked when ``fit`` is called."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

import numpy as np

from mitbadak.core.engines import ENGINES
from mitbadak.core.errors import RangeError, unknown_name

NAMES: dict[str, tuple[str, ...]] = {
    "activation": ("identity", "logistic", "tanh", "relu"),
    "solver": ("lbfgs", "sgd", "adam"),
    "learning_rate": ("constant", "invscaling", "adaptive"),
    "loss": ("squared_error", "poisson"),
    "engine": tuple(ENGINES),
}
# Least value, most value, and whether the bounds themselves are allowed.
NUMBERS: dict[str, tuple[float, float, bool, bool]] = {
    "alpha": (0, math.inf, True, False),
    "learning_rate_init": (0, math.inf, False, False),
    "power_t": (0, math.inf, True, False),
    "tol": (0, math.inf, True, False),
    "momentum": (0, 1, True, True),
    "validation_fraction": (0, 1, True, False),
    "beta_1": (0, 1, True, False),
    "beta_2": (0, 1, True, False),
    "epsilon": (0, math.inf, False, False),
}
WHOLE = ("max_iter", "max_fun", "n_iter_no_change")
FLAGS = ("shuffle", "warm_start", "nesterovs_momentum", "early_stopping")


def check_arguments(estimator: Any) -> None:
    """Refuse arguments that no training could use.

    Raises:
        RangeError, UnknownNameError: with what was expected; both are a ``ValueError``.
    """
    owner = type(estimator).__name__
    for name, value in estimator.get_params(deep=False).items():
        if name in NAMES and value not in NAMES[name]:
            raise unknown_name(name, str(value), NAMES[name])
        if name in NUMBERS and not _lies_in(value, *NUMBERS[name]):
            kind = "a finite number" if value in (math.inf, -math.inf) else "a number"
            raise RangeError(
                f"{owner} expects {name} to be {kind} {_bounds(*NUMBERS[name])}; got {value!r}."
            )
        if name in WHOLE and not (value == math.inf and name == "n_iter_no_change"):
            _check_whole(owner, name, value)
        if name in FLAGS and not isinstance(value, bool | np.bool_):
            raise RangeError(f"{owner} expects {name} to be True or False; got {value!r}.")
        if name == "verbose" and not _is_verbosity(value):
            raise RangeError(
                f"{owner} expects verbose to be True, False or a whole number of at least 0; got "
                f"{value!r}."
            )
    if not (isinstance(estimator.batch_size, str) and estimator.batch_size == "auto"):
        _check_whole(owner, "batch_size", estimator.batch_size)
    for width in np.atleast_1d(np.asarray(estimator.hidden_layer_sizes, object)).tolist():
        _check_whole(owner, "each of hidden_layer_sizes", width)


def _is_verbosity(value: Any) -> bool:
    return isinstance(value, bool | np.bool_) or (isinstance(value, Integral) and int(value) >= 0)


def _check_whole(owner: str, name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise RangeError(
            f"{owner} expects {name} to be a whole number of at least 1; got {value!r}."
        )


def _bounds(least: float, most: float, with_least: bool, with_most: bool) -> str:
    """The numbers that are allowed, in words.

    Example:
        >>> _bounds(0, 1, True, True), _bounds(0, 1, True, False)
        ('from 0 to 1', 'of at least 0 and below 1')
        >>> _bounds(0, math.inf, False, False)
        'above 0'
    """
    if with_least and with_most:
        return f"from {least:g} to {most:g}"
    low = f"of at least {least:g}" if with_least else f"above {least:g}"
    if most == math.inf:
        return low
    return f"{low} and {'at most' if with_most else 'below'} {most:g}"


def _lies_in(value: Any, least: float, most: float, with_least: bool, with_most: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    value = float(value)
    return least < value < most or (value == least and with_least) or (value == most and with_most)
