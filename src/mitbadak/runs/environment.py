"""What the bits of a run depend on besides its settings, so that a resumed run can compare."""

from __future__ import annotations

import platform
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from mitbadak import __version__
from mitbadak.core.engines import Engine, compiled
from mitbadak.core.errors import MitbadakWarning, RunFolderError
from mitbadak.training.evaluation import few_blas_threads

SAME_BITS = "the losses may now differ in their last digits from those of an unbroken run"
# What may differ, in words, and what follows from it.
MATTERS = {
    "mitbadak": ("Mitbadak", SAME_BITS),
    "numpy": ("NumPy", SAME_BITS),
    "engine": ("the engine", SAME_BITS),
    "blas_threads": ("threads of NumPy's products", SAME_BITS),
    "threads": ("threads of the kernels", "they give the same bits on any number"),
    "machine": ("the machine", SAME_BITS),
}


def environment(engine: Engine, data: str) -> dict[str, str]:
    """What a run computes with, by name.

    Args:
        engine: that runs.
        data: fingerprint of the data set.

    Returns:
        Strings under ``data`` and the names in ``MATTERS``.
    """
    found = {
        "data": data,
        "mitbadak": __version__,
        "numpy": np.__version__,
        "engine": engine.name,
        "machine": f"{platform.system()} {platform.machine()}",
    }
    if engine.name == "compiled":
        return found | {"threads": str(compiled("team").processors())}
    return found | {"blas_threads": _blas_threads()}


def compare(before: Mapping[str, Any], now: Mapping[str, str], run: object) -> None:
    """Hold what a run goes on with against what it was computed with.

    Raises:
        RunFolderError: the data are not those that the run has learned from.

    Warns:
        MitbadakWarning: anything else differs; each difference by its name.
    """
    if before.get("data", now["data"]) != now["data"]:
        raise RunFolderError(
            f"the data have changed since {run} learned from them (their fingerprint was "
            f"{before['data']!s:.20}, it is {now['data'][:20]}). Put the old data back, or start a "
            "new run."
        )
    for name, (said, follows) in MATTERS.items():
        if name in before and name in now and before[name] != now[name]:
            warnings.warn(
                f"{run} goes on with other means: {said} was {before[name]!s:.40} and is "
                f"{now[name]}; {follows}.",
                MitbadakWarning,
                stacklevel=2,
            )


def _blas_threads() -> str:
    from threadpoolctl import threadpool_info

    with few_blas_threads():
        pools = threadpool_info()
    counts = {pool["num_threads"] for pool in pools if pool["user_api"] == "blas"}
    return ", ".join(map(str, sorted(counts))) or "not known"
