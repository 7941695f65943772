"""Which engine runs: the reference in NumPy, or kernels compiled for speed."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from typing import Any

from mitbadak.core.errors import StateError, unknown_name

ENGINES = ("auto", "numpy", "compiled")
COMPILED_MODULE = "mitbadak.compiled"  # named here and nowhere else; imported when first used
COMPILER, INSTALL_COMPILER = "numba", "pip install mitbadak[fast]"


def compiled(module: str) -> Any:
    """A module of the compiled engine, loaded now."""
    return importlib.import_module(f"{COMPILED_MODULE}.{module}")


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
    if importlib.util.find_spec(COMPILER) is None:
        if requested == "compiled":
            raise StateError(
                f"engine 'compiled' needs Numba, which is not installed. Install it with: "
                f"{INSTALL_COMPILER}; or use engine='numpy'."
            )
        return Engine("numpy", f"Numba is not installed; {INSTALL_COMPILER} makes it faster")
    return Engine("compiled", "asked for" if requested == "compiled" else "Numba is installed")
