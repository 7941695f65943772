"""The inputs and classes of a data set as pictures show them: by name, and in their own units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import MaxNLocator

from mitbadak.data.preparation import Preparation
from mitbadak.data.tables.dates import EPOCH
from mitbadak.data.targets import number
from mitbadak.plots.style import shown

NAME = 36  # letters of a column beside an axis
MOST_DATES = 4  # on one axis


@dataclass(frozen=True)
class OwnUnits:
    """How a picture calls the inputs and the classes of a net, and undoes their preparation.

    Attributes:
        columns: the names of the inputs.
        classes: the names of the classes; what has none is called by its number.
        preparation: of the data; None draws rows as the net takes them.
    """

    columns: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    preparation: Preparation | None = None

    @classmethod
    def of(cls, net: Any, preparation: Preparation | None) -> OwnUnits:
        """The names that a preparation knows, or else those that a net has learned."""
        learned = tuple(map(str, getattr(net, "classes", ())))
        if preparation is None:
            return cls((), learned)
        return cls(preparation.columns, preparation.classes or learned, preparation)

    @property
    def are_alike(self) -> bool:
        """Whether the inputs have one unit, so that lengths across and up can be compared."""
        return self.preparation is None or self.preparation.kind != "table"

    def names(self) -> tuple[str, ...]:
        """All names, for which a picture may need a font."""
        return (*self.columns, *self.classes)

    def column(self, k: int) -> str:
        """What an axis is called."""
        return shown(self.columns[k], NAME) if k < len(self.columns) else f"x{k}"

    def class_label(self, k: int, say: Callable[[str], str]) -> str:
        """What a legend calls a class."""
        return class_label(self.classes[k] if k < len(self.classes) else str(k), say)

    def rows(self, x: np.ndarray) -> np.ndarray:
        """Rows of the net in the units of their columns."""
        return x if self.preparation is None else self.preparation.columns_of(x)

    def line(self, values: np.ndarray, k: int) -> np.ndarray:
        """Values of one input in its own units."""
        own = self.preparation
        if own is None:
            return values
        mean, std = (own.mean[k], own.std[k]) if own.mean else (0.0, 1.0)
        return (values * std + mean) * (own.divisor or 1.0)

    def label_axes(self, ax: Axes) -> None:
        """Name both axes of a plane after the first two inputs; dates are written as such."""
        ax.set(xlabel=self.column(0), ylabel=self.column(1))
        for k, axis in enumerate((ax.xaxis, ax.yaxis)):
            self.write_dates(axis, k)

    def write_dates(self, axis: Axis, k: int) -> None:
        """Write the ticks of an axis as dates, if its input is one."""
        table = None if self.preparation is None else self.preparation.table
        if table is None:
            return
        orders = [c.order if j == 0 else "" for c in table.columns for j in range(len(c.features))]
        if orders[k] not in ("", "time"):
            axis.set_major_locator(MaxNLocator(MOST_DATES, integer=True))
            axis.set_major_formatter(lambda days, _: _as_date(days))


def class_label(name: str, say: Callable[[str], str]) -> str:
    """A class in a legend: by its name, or where that is a number, as a class.

    Example:
        >>> class_label("setosa", str), class_label("3", str)
        ('setosa', 'class 3')
    """
    return f"{say('class')} {name}" if number(name) is not None else shown(name)


def label_matrix(ax: Axes, rows: Sequence[str], columns: Sequence[str], most: int) -> None:
    """Name the rows and columns of a matrix that is drawn as an image, where there are few."""
    if 0 < len(rows) <= most:
        ax.set_yticks(range(len(rows)), [shown(name) for name in rows], fontsize=7)
    if 0 < len(columns) <= most:
        ax.set_xticks(range(len(columns)), [shown(name) for name in columns], fontsize=7,
                      rotation=60, ha="right", rotation_mode="anchor")  # fmt: skip


def _as_date(days: float) -> str:
    try:
        return date.fromordinal(EPOCH + round(days)).isoformat()
    except (ValueError, OverflowError):
        return ""
