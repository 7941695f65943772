"""Copies and pickles of objects that are in the middle of something."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from mitbadak.core.errors import StateError


class ForgetsForward:
    """Base of what keeps pullbacks between a forward and a backward, which a copy does not get.

    They are functions that hold the arrays of the original. A copy needs a forward of its own, and
    its backward says so.

    Class attributes:
        forgotten: what a copy has in place of the pullbacks, by the name of the attribute.

    Example:
        >>> import copy
        >>> class Doubler(ForgetsForward):
        ...     forgotten = {"pullback": None}
        ...     def __init__(self):
        ...         self.n, self.pullback = 2, lambda dy: self.n * dy
        >>> vars(copy.deepcopy(Doubler()))
        {'n': 2, 'pullback': None}
    """

    forgotten: ClassVar[dict[str, Any]] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), **self.forgotten}


class Uncopied:
    """Base of what stands for work in progress, of which there is one.

    Class attributes:
        instead: what can be copied in its place.
    """

    instead: ClassVar[str] = ""

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise StateError(
            f"a {type(self).__name__} stands for work in progress, which cannot be copied or "
            f"pickled. {self.instead}"
        )
