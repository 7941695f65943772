"""How many threads NumPy's matrix products use."""

from __future__ import annotations

from contextlib import AbstractContextManager

THREADS = 1  # a second one makes small nets slower, several times so on a busy machine


def few_blas_threads() -> AbstractContextManager:
    """While entered, NumPy's matrix products use the number of threads best for small nets."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(THREADS, user_api="blas")
