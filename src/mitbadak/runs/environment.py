"""What the bits of a run depend on besides its settings, for a resumed run to compare."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import Any

import numpy as np

from mitbadak import __version__
from mitbadak.core.engines import Engine, native
from mitbadak.core.errors import RunFolderError
from mitbadak.core.warned import warn
from mitbadak.functions.blas import few_blas_threads

OTHER_BITS = "the losses may now differ in their last digits from those of an unbroken run"
# What may differ, in words, and the consequence.
MATTERS = {
    "mitbadak": ("Mitbadak", OTHER_BITS),
    "numpy": ("NumPy", OTHER_BITS),
    "engine": ("the engine", OTHER_BITS),
    "blas_threads": ("the number of BLAS threads", OTHER_BITS),
    "level": ("the level of the kernels", OTHER_BITS),
    "machine": ("the machine", OTHER_BITS),
}


def environment(engine: Engine, data: str) -> dict[str, str]:
    """The environment that a run computes in.

    Args:
        engine: engine of the run.
        data: fingerprint of the data set.

    Returns:
        Strings under ``data`` and the names in ``MATTERS``.
    """
    result = {
        "data": data,
        "mitbadak": __version__,
        "numpy": np.__version__,
        "engine": engine.name,
        "machine": f"{platform.system()} {platform.machine()}",
    }
    if engine.name == "compiled":
        return result | {"level": str(native("library").level())}
    return result | {"blas_threads": _blas_threads()}


def compare(before: Mapping[str, Any], now: Mapping[str, str], run: object) -> None:
    """Compare the environment of a resumed run with the one recorded in its checkpoint.

    Raises:
        RunFolderError: the data are not those that the run was trained on.

    Warns:
        MitbadakWarning: anything else differs; one warning for each difference.
    """
    if before.get("data", now["data"]) != now["data"]:
        raise RunFolderError(
            f"the data have changed since {run} was trained on them (their fingerprint was "
            f"{before['data']!s:.20}, now it is {now['data'][:20]}). Restore the old data, or "
            "start a new run."
        )
    if before.get("engine") == now["engine"] == "compiled":  # by the kernels of an earlier version
        before = {"level": "unknown", **before}
    for name, (subject, consequence) in MATTERS.items():
        if name in before and name in now and before[name] != now[name]:
            warn(
                f"{run} is resumed in another environment: {subject} was {before[name]!s:.40} "
                f"and is now {now[name]}; {consequence}."
            )


def _blas_threads() -> str:
    from threadpoolctl import threadpool_info

    with few_blas_threads():
        pools = threadpool_info()
    counts = {pool["num_threads"] for pool in pools if pool["user_api"] == "blas"}
    return ", ".join(map(str, sorted(counts))) or "unknown"
