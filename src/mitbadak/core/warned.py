"""Warnings that point at the line of the user, however deep in the package they arise."""

from __future__ import annotations

import sys
import warnings

from mitbadak.core.errors import MitbadakWarning

PACKAGE = __name__.partition(".")[0]


def warn(message: str, category: type[Warning] = MitbadakWarning) -> None:
    """Warn at the innermost line that is not the package's own.

    Example:
        >>> import warnings
        >>> with warnings.catch_warnings(record=True) as caught:
        ...     warnings.simplefilter("always")
        ...     warn("the loss did not change.")
        >>> print(caught[0].message)
        the loss did not change.
    """
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and _is_own(frame.f_globals.get("__name__", "")):
        frame = frame.f_back
        level += 1
    warnings.warn(message, category, stacklevel=level)


def _is_own(module: str) -> bool:
    return module.partition(".")[0] == PACKAGE
