"""Functions that reduce or run along axes: positional and keyword axes, negative, reordered."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpy_surface.calls import Call, Table, call, draw, positive

X, Y = draw(3, 4), draw(2, 3, 4)
TIES = np.array([[1.0, 2.0, 2.0], [0.0, 0.0, -1.0], [2.0, 1.0, 2.0]])
ZEROS = np.array([[0.0, 2.0, -1.0], [0.0, 0.0, 3.0], [1.5, 0.5, 2.0]])
GAPS = np.array([[np.nan, 2.0, -1.0], [0.5, np.nan, 3.0], [1.5, 0.5, 2.0]])
# Differences on an uneven grid, of second order at the ends, of every unit vector.
_DIFFERENCES = np.gradient(np.eye(4), [0.0, 0.5, 2.0, 2.5], axis=1, edge_order=2)
EMPTY, FIRST = np.zeros((0, 3)), np.int64(1)
QUARTERS = np.array([25.0, 75.0])
MASK = np.array([[True, False, True, True], [True, True, False, True], [False, True, True, True]])


def reduction(name: str, x: Any = X, y: Any = Y, *, orders: int = 3) -> list[Call]:
    """The forms that all reductions share."""

    def forms(np, x, y):
        f = getattr(np, name)
        return [f(x), f(x, axis=-1), f(y, axis=(-1, 0), keepdims=True)]

    def more(np, x, y):
        f = getattr(np, name)
        return [
            f(x, 0),
            f(x, axis=1, keepdims=True),
            f(x, keepdims=True),
            f(y, axis=(0, -1)),
            f(y, (2, 1)),
            f(y, axis=-2),
            f(x, axis=None),
        ]

    return [
        call(forms, x, y, orders=orders),
        call(more, x, y, orders=1),
        call(lambda np, x: getattr(np, name)(x), 1.7),
        call(lambda np, x: getattr(np, name)(x, axis=()), x[:2, :2]),
    ]


REDUCTIONS: Table = {
    "sum": [
        *reduction("sum"),
        call(lambda np, x: np.sum(x), EMPTY),
        call(lambda np, x: np.sum(x, axis=0), EMPTY),
        call(lambda np, x: np.sum(x, 0, float), X),
        call(lambda np, x: np.sum(x, dtype=float), X),
        call(lambda np, x: np.sum(x, initial=2.0), X),
        call(lambda np, x: np.sum(x, axis=1, where=MASK), X),
        call(lambda np, x: sum(x), X),
        call(lambda np, x: np.sum(x * x, FIRST), X),
    ],
    "mean": [
        *reduction("mean"),
        call(lambda np, x: np.mean(x, 1, float), X),
        call(lambda np, x: np.mean(x, where=MASK), X),
    ],
    "prod": [
        *reduction("prod"),
        *(call(lambda np, x, axis=axis: np.prod(x, axis), ZEROS) for axis in (None, 0, 1)),
        call(lambda np, x: np.prod(x), [0.0, 0.0, 2.0]),
        call(lambda np, x: np.prod(x), EMPTY),
        call(lambda np, x: np.prod(x, initial=2.0), X),
    ],
    "var": [
        *reduction("var"),
        call(lambda np, x: [np.var(x, axis=1, where=MASK), np.var(x, where=MASK, ddof=1)], X),
        call(lambda np, x: np.var(x, 0, ddof=1), X),
        call(lambda np, x: np.var(x, axis=(0, 2), ddof=1), Y),
        call(lambda np, x: np.var(x), np.ones(4)),
        call(
            lambda np, x: np.var(x, axis=1, mean=np.mean(x, axis=1, keepdims=True)),
            X,
            theirs=lambda np, x: np.var(x, axis=1),
        ),
    ],
    "std": [
        *reduction("std")[:2],
        call(lambda np, x: np.std(x, 0, ddof=1), X),
        call(
            lambda np, x: [np.std(x), np.std(x, keepdims=True)],
            1.7,
            theirs=lambda np, x: [0.0 * x, 0.0 * x],
            why="the deviation of one number is 0 wherever it lies; JAX has 0/0",
        ),
        call(
            lambda np, x: np.std(x, axis=1),
            draw(3, 1),
            theirs=lambda np, x: 0.0 * x[:, 0],
            why="as above",
        ),
        call(
            lambda np, x: np.std(x, 1, None, None, 1),
            X,
            theirs=lambda np, x: np.std(x, axis=1, ddof=1),
        ),
    ],
    "max": [
        *reduction("max"),
        *(call(lambda np, x, axis=axis: np.max(x, axis), TIES) for axis in (None, 0, 1)),
        call(lambda np, x: np.max(x, initial=0.5), X),
        call(lambda np, x: np.max(x), [1.0, np.inf, 2.0], orders=1),
    ],
    "min": [
        *reduction("min"),
        *(call(lambda np, x, axis=axis: np.min(x, axis), TIES) for axis in (None, 0, 1)),
        call(lambda np, x: np.min(x, initial=0.5), X),
    ],
    "amax": [call(lambda np, x: np.amax(x, 0), X)],
    "amin": [call(lambda np, x: np.amin(x, axis=(-1, 0)), X)],
    "ptp": [call(lambda np, x: [np.ptp(x), np.ptp(x, 0), np.ptp(x, axis=-1, keepdims=True)], X)],
    "median": [
        call(
            lambda np, x, y: [
                np.median(x),
                np.median(x, 0),
                np.median(x, axis=-1, keepdims=True),
                np.median(y, axis=(0, 2)),
            ],
            X,
            Y,
        ),
        call(lambda np, x: np.median(x), draw(5)),
    ],
    "percentile": [
        call(
            lambda np, x: [
                np.percentile(x, 30),
                np.percentile(x, QUARTERS, axis=0),
                np.percentile(x, 50.0, axis=-1, keepdims=True),
            ],
            X,
        ),
        call(
            lambda np, x: np.percentile(x, [25, 75], 1),
            X,
            theirs=lambda np, x: np.percentile(x, QUARTERS, 1),
        ),
    ],
    "quantile": [
        call(
            lambda np, x: [
                np.quantile(x, 0.3),
                np.quantile(x, np.array([0.1, 0.9]), axis=1),
                np.quantile(x, 0.5, axis=0, keepdims=True),
                np.quantile(x, 1.0),
            ],
            X,
        ),
        *(
            call(lambda np, x, m=m: np.quantile(x, 0.37, axis=1, method=m), X)
            for m in ("lower", "higher", "nearest", "midpoint")
        ),
    ],
    "average": [
        call(
            lambda np, x, w: [
                np.average(x),
                np.average(x, 0),
                np.average(x, axis=1, weights=w),
                np.average(x, weights=w * np.ones((3, 4))),
            ],
            X,
            positive(4),
        ),
        call(
            lambda np, x: np.average(x, axis=-1, weights=[1.0, 2.0, 3.0, 4.0]),
            X,
            theirs=lambda np, x: np.average(x, axis=-1, weights=np.arange(1.0, 5.0)),
        ),
    ],
    "cumsum": [
        call(
            lambda np, x, y: [
                np.cumsum(x),
                np.cumsum(x, 0),
                np.cumsum(x, axis=-1),
                np.cumsum(y, axis=-2),
            ],
            X,
            Y,
        ),
        call(lambda np, x: np.cumsum(x), 2.0),
        call(lambda np, x: np.cumsum(x, axis=0), EMPTY),
    ],
    "cumprod": [
        call(lambda np, x, y: [np.cumprod(x), np.cumprod(x, 0), np.cumprod(y, axis=-2)], X, Y),
        call(lambda np, x: np.cumprod(x, axis=1), ZEROS),
    ],
    "nansum": [call(lambda np, x: [np.nansum(x), np.nansum(x, 0), np.nansum(x, axis=-1)], GAPS)],
    "nanmean": [
        call(lambda np, x: [np.nanmean(x), np.nanmean(x, 0), np.nanmean(x, axis=-1)], GAPS)
    ],
    "nanprod": [call(lambda np, x: [np.nanprod(x), np.nanprod(x, 0)], GAPS)],
    "nanmax": [call(lambda np, x: [np.nanmax(x), np.nanmax(x, 0)], GAPS)],
    "nanmin": [call(lambda np, x: [np.nanmin(x), np.nanmin(x, axis=-1)], GAPS)],
    "nanvar": [
        call(lambda np, x: np.nanvar(x, axis=1, ddof=1), GAPS),
        call(lambda np, x: [np.nanvar(x), np.nanvar(x, 0)], GAPS),
    ],
    "nanstd": [call(lambda np, x: [np.nanstd(x), np.nanstd(x, 1)], GAPS)],
    "trapezoid": [
        call(lambda np, y: [np.trapezoid(y), np.trapezoid(y, dx=0.5), np.trapezoid(y, axis=0)], X),
        call(lambda np, y, x: np.trapezoid(y, x), X, np.cumsum(positive(4))),
        call(lambda np, y, x: np.trapezoid(y, x, axis=0), X, np.cumsum(positive(3))),
        call(lambda np, y, x: np.trapezoid(y, x, axis=1), Y, np.cumsum(positive(3))),
    ],
    "diff": [
        call(
            lambda np, x: [
                np.diff(x),
                np.diff(x, axis=0),
                np.diff(x, 2),
                np.diff(x, n=0),
                np.diff(x, 1, -2),
            ],
            X,
        ),
        call(lambda np, x, p: np.diff(x, axis=1, prepend=p, append=p), X, draw(3, 1)),
        call(lambda np, x: np.diff(x, prepend=0.0), X),
        call(lambda np, x: np.diff(x, n=3), draw(3)),
    ],
    "gradient": [
        call(
            lambda np, x: np.gradient(x, np.array([0.0, 0.5, 2.0, 2.5]), axis=1, edge_order=2),
            X,
            theirs=lambda np, x: x @ _DIFFERENCES,
        ),
        call(lambda np, x: [np.gradient(x, axis=0), np.gradient(x, 0.5, axis=1)], X),
        call(lambda np, x: np.gradient(x), draw(5)),
    ],
    "convolve": [
        *(
            call(lambda np, x, k, m=m: np.convolve(x, k, m), draw(5), draw(3))
            for m in ("full", "same", "valid")
        ),
        call(lambda np, x, k: np.convolve(x, k), draw(2), draw(4)),
    ],
    "correlate": [
        call(lambda np, x, k, m=m: np.correlate(x, k, mode=m), draw(5), draw(3))
        for m in ("full", "same", "valid")
    ],
    "cumulative_sum": [call(lambda np, x: np.cumulative_sum(x, axis=1), X)],
    "cumulative_prod": [call(lambda np, x: np.cumulative_prod(x, axis=1), X)],
    "nancumsum": [call(lambda np, x: [np.nancumsum(x), np.nancumsum(x, 0)], GAPS)],
    "nancumprod": [call(lambda np, x: [np.nancumprod(x), np.nancumprod(x, 0)], GAPS)],
    "nanmedian": [call(lambda np, x: [np.nanmedian(x), np.nanmedian(x, 0)], GAPS)],
    "nanpercentile": [call(lambda np, x: np.nanpercentile(x, 30.0), GAPS)],
    "nanquantile": [call(lambda np, x: np.nanquantile(x, 0.3, axis=0), GAPS)],
    "ediff1d": [call(lambda np, x: np.ediff1d(x), X)],
    "cov": [call(lambda np, x: np.cov(x), X)],
    "corrcoef": [call(lambda np, x: np.corrcoef(x), X)],
    "interp": [
        call(lambda np, x: np.interp(x, np.array([1.0]), np.array([2.0])), [0.0, 1.0, 2.0]),
        call(
            lambda np, x, fp: np.interp(x, [0.0, 1.0, 2.5], fp),
            [-0.5, 0.3, 1.7, 3.0],
            draw(3),
            theirs=lambda np, x, fp: np.interp(x, np.array([0.0, 1.0, 2.5]), fp),
        ),
    ],
    "unwrap": [call(lambda np, x: np.unwrap(x), 4 * draw(6))],
}
