"""The machine's cores. Imports nothing that reads the environment set by ``pin``."""

from __future__ import annotations

import os
from typing import Any

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")


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
    os.environ.update(_settings(cores))


def environment(cores: list[int]) -> dict[str, str]:
    """The environment of a process with as many threads as cores."""
    return {**os.environ, **_settings(cores)}


def pinned(cores: list[int]) -> dict[str, Any]:
    """Arguments of ``subprocess.Popen`` for a process that is pinned before it starts."""
    if not hasattr(os, "sched_setaffinity"):
        return {}
    return {"preexec_fn": lambda: os.sched_setaffinity(0, cores)}


def _settings(cores: list[int]) -> dict[str, str]:
    settings = dict.fromkeys(THREADS, str(len(cores)))
    if len(cores) == 1:
        settings["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    return settings
