"""Piecewise constant functions and predicates: plain results, the same as for an array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numpy_surface.calls import draw

X = draw(3, 4)
CORNERS = np.array([0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -3.0, 1e300, np.inf, -np.inf, np.nan])
TIES = np.array([1.0, 2.0, 2.0, 0.0, 0.0, -1.0])
Form = Callable[[Any, Any], Any]  # (np, x)


def each(name: str) -> list[tuple[Form, np.ndarray]]:
    def form(np, x):
        return getattr(np, name)(x)

    return [(form, X), (form, CORNERS), (form, np.array(0.5)), (form, np.zeros((0, 2)))]


def against(name: str) -> list[tuple[Form, np.ndarray]]:
    def f(np):
        return getattr(np, name)

    return [
        (lambda np, x: [f(np)(x, 0.5), f(np)(0.5, x), f(np)(x, x), f(np)(x, X), f(np)(X, x)], X),
        (lambda np, x: f(np)(x, CORNERS[:, None]), CORNERS),
    ]


def at(x: np.ndarray, *forms: Form) -> list[tuple[Form, np.ndarray]]:
    return [(form, x) for form in forms]


CONSTANT: dict[str, list[tuple[Form, np.ndarray]]] = {
    **{
        name: each(name)
        for name in (
            "floor",
            "ceil",
            "trunc",
            "rint",
            "round",
            "around",
            "fix",
            "sign",
            "signbit",
            "isnan",
            "isinf",
            "isfinite",
            "isneginf",
            "isposinf",
            "isreal",
            "iscomplex",
            "iscomplexobj",
            "isrealobj",
            "logical_not",
            "argwhere",
            "flatnonzero",
            "count_nonzero",
            "any",
            "all",
            "shape",
            "ndim",
            "size",
            "zeros_like",
            "ones_like",
            "imag",
            "spacing",
        )
    },
    **{
        name: against(name)
        for name in (
            "greater",
            "greater_equal",
            "less",
            "less_equal",
            "equal",
            "not_equal",
            "logical_and",
            "logical_or",
            "logical_xor",
            "isclose",
            "allclose",
            "array_equal",
            "array_equiv",
        )
    },
    "nonzero": at(X, lambda np, x: [np.nonzero(x), np.nonzero(x > 0)]),
    "floor_divide": at(X, lambda np, x: [np.floor_divide(x, 0.3), np.floor_divide(2.0, x)]),
    "round ": at(X, lambda np, x: [np.round(x, 1), np.round(x, decimals=2), np.around(x, 1)]),
    "argmax": at(
        X,
        lambda np, x: [
            np.argmax(x),
            np.argmax(x, 0),
            np.argmax(x, axis=-1),
            np.argmax(x, axis=1, keepdims=True),
        ],
    ),
    "argmin": at(X, lambda np, x: [np.argmin(x), np.argmin(x, 0), np.argmin(x, axis=-1)]),
    "nanargmax": at(X, lambda np, x: np.nanargmax(x, axis=1)),
    "nanargmin": at(X, lambda np, x: np.nanargmin(x)),
    "argsort": [
        *at(X, lambda np, x: [np.argsort(x), np.argsort(x, 0), np.argsort(x, axis=None)]),
        *at(TIES, lambda np, x: np.argsort(x, kind="stable")),
    ],
    "argpartition": at(X, lambda np, x: np.argpartition(x, 1, axis=0)[1]),
    "lexsort": at(X, lambda np, x: np.lexsort((x[0], x[1]))),
    "searchsorted": at(
        X,
        lambda np, x: [
            np.searchsorted(np.arange(3.0), x),
            np.searchsorted(np.sort(X[0]), x[1], side="right"),
            np.searchsorted(np.sort(x[0]), [0.1, 0.4]),
        ],
    ),
    "digitize": at(X, lambda np, x: np.digitize(x, [-1.0, 0.0, 1.0])),
    "any ": at(X, lambda np, x: [np.any(x > 0, axis=0), np.any(x, 1), np.all(x, axis=-1)]),
    "count_nonzero ": at(X, lambda np, x: np.count_nonzero(x > 0, axis=0)),
    "isin": at(TIES, lambda np, x: np.isin(x, [2.0, 0.0])),
    "empty_like": at(X, lambda np, x: np.empty_like(x) * 0 == 1),
    "full_like ": at(
        X, lambda np, x: [np.full_like(x, 2.0), np.zeros_like(x, dtype=int), np.ones_like(x, float)]
    ),
    "size ": at(X, lambda np, x: [np.size(x, 0), np.shape(x[0])]),
    "result_type": at(X, lambda np, x: np.result_type(x, np.float32) == np.float64),
    "can_cast": at(X, lambda np, x: np.can_cast(np.result_type(x), np.float64)),
    "common_type": at(X, lambda np, x: np.common_type(x) is np.float64),
    "shares_memory": at(X, lambda np, x: np.shares_memory(x, np.zeros(2))),
    "may_share_memory": at(X, lambda np, x: np.may_share_memory(x, np.zeros(2))),
    "array_repr": at(X, lambda np, x: isinstance(np.array_repr(x), str)),
    "array_str": at(X, lambda np, x: isinstance(np.array_str(x), str)),
    "array2string": at(X, lambda np, x: isinstance(np.array2string(x), str)),
    "min_scalar_type": at(np.array(1.5), lambda np, x: np.min_scalar_type(x) == np.float16),
    "tril_indices_from": at(X, lambda np, x: np.tril_indices_from(x)),
    "triu_indices_from": at(X, lambda np, x: np.triu_indices_from(x, 1)),
    "diag_indices_from": at(X, lambda np, x: np.diag_indices_from(x[:, :3])),
    "linalg.matrix_rank": at(X, lambda np, x: np.linalg.matrix_rank(x)),
    "einsum_path": at(X, lambda np, x: np.einsum_path("ij,jk->ik", x, x.T)[0][0]),
    "frexp": at(X, lambda np, x: np.frexp(x)[1]),
}
# A name with a trailing space is another form of the same function.
