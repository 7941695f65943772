"""Which engine runs: the reference in NumPy, or kernels compiled for speed.

Training, the structured numerical gradient and ``Predictor`` all ask ``choose_engine``.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
from dataclasses import dataclass
from typing import Any

from mitbadak.core.errors import StateError, unknown_name

ENGINES = ("auto", "numpy", "compiled")
COMPILED_MODULE = "mitbadak.compiled"  # named here and nowhere else; imported when first used
COMPILER, INSTALL_COMPILER = "numba", "pip install mitbadak[fast]"
# Loading the kernels costs about 0.1 s more than NumPy alone, compressing MNIST included; work
# must be forecast to take this long on NumPy before ``auto`` loads them.
WORTH_SECONDS = 0.5


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


def choose_engine(
    requested: str = "auto",
    kernels: str = "",
    *subjects: Any,
    seconds: float = math.inf,
    only_numpy: str = "",
    task: str = "run this",
) -> Engine:
    """The engine for a piece of work, with the reason for the choice.

    ``auto`` takes the kernels if they are installed, support the work, and the work is long
    enough to be worth loading them.

    Args:
        requested: ``auto``, ``numpy`` or ``compiled``.
        kernels: the module of the compiled engine that would do the work. Its
            ``why_not(*subjects)`` returns why it cannot, in a clause, or "". By default, any work
            is supported.
        subjects: what the module would work on.
        seconds: forecast for NumPy.
        only_numpy: another reason why the kernels cannot do it, or "".
        task: the work, for the error message.

    Raises:
        UnknownNameError: ``requested`` is not an engine.
        StateError: ``compiled`` was requested, but is not installed or does not support the work.

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
                "engine 'compiled' needs Numba, which is not installed. Install it with: "
                f"{INSTALL_COMPILER}; or use engine='numpy'."
            )
        return Engine("numpy", f"Numba is not installed; {INSTALL_COMPILER} makes it faster")
    if requested == "auto" and seconds < WORTH_SECONDS:
        return Engine("numpy", "the run is too short to be worth loading the kernels")
    reason = only_numpy
    if kernels and not reason:
        reason = compiled(kernels).why_not(*subjects)
    if not reason:
        return Engine("compiled", "asked for" if requested == "compiled" else "Numba is installed")
    if requested == "compiled":
        raise StateError(f"engine 'compiled' cannot {task}: {reason}. Use engine='numpy'.")
    return Engine("numpy", reason)
