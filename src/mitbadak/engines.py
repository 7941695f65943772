"""Which engine runs: the reference in NumPy, or kernels compiled for speed."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

from mitbadak.errors import StateError, unknown_name

ENGINES = ("auto", "numpy", "compiled")
COMPILED_MODULE = "mitbadak.compiled"  # named here and nowhere else; imported when first used


@dataclass(frozen=True)
class Engine:
    """The engine that runs, and why it was chosen.

    Attributes:
        name: ``"numpy"`` or ``"compiled"``.
        reason: one clause for people.
    """

    name: str
    reason: str


def choose_engine(requested: str = "auto") -> Engine:
    """The engine for ``requested``, one of ``auto``, ``numpy`` and ``compiled``.

    Raises:
        UnknownNameError: for any other name.
        StateError: ``compiled`` was asked for and this installation has no kernels.

    Example:
        >>> choose_engine("numpy")
        Engine(name='numpy', reason='asked for')
    """
    if requested not in ENGINES:
        raise unknown_name("engine", requested, ENGINES)
    if requested == "numpy":
        return Engine("numpy", "asked for")
    if importlib.util.find_spec(COMPILED_MODULE) is None:
        if requested == "compiled":
            raise StateError(
                "engine 'compiled' has no kernels in this version of Mitbadak; "
                "use engine='numpy' or 'auto'."
            )
        return Engine("numpy", "no compiled kernels in this version")
    return Engine("compiled", "asked for" if requested == "compiled" else "available")
