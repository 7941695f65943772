"""Which engine runs: the reference in NumPy, or kernels in C.

Training, the structured numerical gradient and ``Predictor`` all ask ``choose_engine``.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from mitbadak.core.errors import StateError, unknown_name

ENGINES = ("auto", "numpy", "compiled")
KERNELS = "mitbadak.native"  # named here and nowhere else; imported when first used


def native(module: str) -> Any:
    """A module of ``native``, imported on demand."""
    return importlib.import_module(f"{KERNELS}.{module}")


@dataclass(frozen=True)
class Engine:
    """The engine that runs, and why it was chosen.

    Attributes:
        name: ``"numpy"`` or ``"compiled"``.
        reason: a clause for messages.
    """

    name: str
    reason: str


def choose_engine(
    requested: str = "auto",
    kernels: str = "",
    *subjects: Any,
    only_numpy: str = "",
    task: str = "run this",
) -> Engine:
    """The engine for a piece of work, with the reason for the choice.

    ``auto`` takes the kernels if this installation has them and they support the work.

    Args:
        requested: ``auto``, ``numpy`` or ``compiled``.
        kernels: the module that would do the work on kernels. Its ``why_not(*subjects)`` returns
            why it cannot, in a clause, or "". By default, any work is supported.
        subjects: what the module would work on.
        only_numpy: a reason why this work has no kernels whatever the subjects are, or "".
        task: the work, for the error message.

    Raises:
        UnknownNameError: ``requested`` is not an engine.
        StateError: ``compiled`` was requested, but there are no kernels, or none for this work.

    Example:
        >>> choose_engine("numpy")
        Engine(name='numpy', reason='requested')
    """
    if requested not in ENGINES:
        raise unknown_name("engine", requested, ENGINES)
    if requested == "numpy":
        return Engine("numpy", "requested")
    reason = native("library").why_not() or only_numpy
    if kernels and not reason:
        reason = native(kernels).why_not(*subjects)
    if not reason:
        why = "requested" if requested == "compiled" else "this installation has kernels"
        return Engine("compiled", why)
    if requested == "compiled":
        raise StateError(f"engine 'compiled' cannot {task}: {reason}. Use engine='numpy'.")
    return Engine("numpy", reason)
