"""Keywords of NumPy functions have the same effect on variables as on arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mitbadak.graph import Variable

ANGLES = np.array([0.0, 1.0, 2.9, 0.2, 1.4, 5.0, 4.9])
# Singular values 4, 1 and 0.01.
MATRIX = np.array([[0.0, 4.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.01]])


@pytest.mark.parametrize("period", [1.0, 3.0, 7])
def test_unwrap_uses_its_period(period: float) -> None:
    y: Any = np.unwrap(Variable(ANGLES), period=period)
    np.testing.assert_allclose(y.value, np.unwrap(ANGLES, period=period), rtol=1e-15)


def test_each_period_gives_another_result() -> None:
    results = {tuple(np.unwrap(ANGLES, period=p)) for p in (1.0, 3.0, 7, 2 * np.pi)}
    assert len(results) == 4


@pytest.mark.parametrize("keyword", ["rtol", "rcond"])
@pytest.mark.parametrize("tolerance", [1e-6, 0.1, 0.5])
def test_pinv_uses_its_tolerance(keyword: str, tolerance: float) -> None:
    options: dict[str, Any] = {keyword: tolerance}
    y: Any = np.linalg.pinv(Variable(MATRIX), **options)
    np.testing.assert_allclose(y.value, np.linalg.pinv(MATRIX, **options), rtol=1e-12)


@pytest.mark.parametrize(
    ("rank", "expected"),
    [
        (lambda a: np.linalg.matrix_rank(a), 3),
        (lambda a: np.linalg.matrix_rank(a, rtol=0.1), 2),
        (lambda a: np.linalg.matrix_rank(a, rtol=0.5), 1),
        (lambda a: np.linalg.matrix_rank(a, tol=0.5), 2),
    ],
)
def test_matrix_rank_uses_its_tolerance(rank: Callable[[Any], Any], expected: int) -> None:
    assert rank(Variable(MATRIX)) == rank(MATRIX) == expected
