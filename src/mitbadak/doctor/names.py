"""What the classes and the inputs of a training are called, where that is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mitbadak.core.printing import clipped, visible
from mitbadak.data.preparation import Preparation
from mitbadak.data.targets import number

LISTED = 10  # columns or classes that are named
LETTERS = 40  # of a name


@dataclass(frozen=True)
class Names:
    """Names by number. What has no name is called by its number.

    Attributes:
        classes: of the classes.
        columns: of the inputs.

    Example:
        >>> names = Names(classes=("cat", "dog", "7"), columns=("age",))
        >>> names.class_of(1), names.class_of(2), names.class_of(3), names.columns_of([0, 1])
        ("'dog'", '7', '3', "'age', 1")
    """

    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    @classmethod
    def of(cls, net: Any, preparation: Preparation | None = None) -> Names:
        """Those that a net or the preparation of its data knows.

        Args:
            net: one of ours, or a loaded model.
            preparation: of the data; by default that of the model.
        """
        own = preparation or getattr(net, "preparation", None) or Preparation("points")
        learned = tuple(map(str, getattr(net, "classes", ())))
        return cls(own.classes or learned, own.columns if own.kind == "table" else ())

    def class_of(self, k: int) -> str:
        """A class in words."""
        return _named(self.classes, k)

    def classes_of(self, numbers: Iterable[int]) -> str:
        """Some classes in words."""
        return _listed([self.class_of(int(k)) for k in numbers])

    def columns_of(self, numbers: Iterable[int]) -> str:
        """Some inputs in words."""
        return _listed([_named(self.columns, int(k)) for k in numbers])


def _named(names: tuple[str, ...], k: int) -> str:
    if not 0 <= k < len(names):
        return str(k)
    name = clipped(visible(names[k]), LETTERS)
    return name if number(name) is not None else f"'{name}'"


def _listed(names: list[str]) -> str:
    return ", ".join(names[:LISTED]) + (", ..." if len(names) > LISTED else "")
