"""The machine's cores. Imports nothing that reads the environment set by ``pin``."""

from __future__ import annotations

import os


def cores_by_label() -> dict[str, list[int]]:
    """The cores of the setting "one" (the last that this process may use) and of "all"."""
    if hasattr(os, "sched_getaffinity"):
        available = sorted(os.sched_getaffinity(0))
    else:
        available = list(range(os.cpu_count() or 1))
    return {"one": available[-1:], "all": available}


def pin(cores: list[int]) -> None:
    """Pin this process to some cores, with as many threads, before any library is loaded."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
        os.environ[name] = str(len(cores))
    if len(cores) == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
