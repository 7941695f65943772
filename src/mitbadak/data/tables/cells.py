"""What one cell of a table says: nothing, a number, or a text."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from mitbadak.core.typing import Array, Float64

NO_VALUE = frozenset({"", "na", "n/a", "nan", "-nan", "nat", "null"})
"""Cells without a value, in any letter case; as a label too: nobody calls a class so."""
ERRORS = frozenset(
    {"#n/a", "#na", "#n/a n/a", "#null!", "#div/0!", "#value!", "#ref!", "#name?", "#num!",
     "#calc!", "#spill!", "#####"}
)  # fmt: skip
"""What spreadsheets show where a formula failed."""
DOUBTFUL = frozenset(
    {"<na>", "none", "nil", "?", ".", "..", "-", "--", "---", "\u2013", "\u2014", "*", "1.#ind",
     "-1.#ind", "1.#qnan", "-1.#qnan"}
)  # fmt: skip
"""Cells without a value among numbers, which may be classes among labels."""
MISSING = NO_VALUE | ERRORS | DOUBTFUL
# As pandas writes whole numbers of a column that also holds missing values.
WHOLE = re.compile(r"([-+]?\d+)\.0+")


class Marks:
    """The texts that stand for a missing value; spaces around them do not count.

    Args:
        words: in any letter case.
        exact: in just this spelling.

    Example:
        >>> "N/A" in AUTOMATIC, " " in AUTOMATIC, "n/a" in Marks(exact=["N/A"])
        (True, True, False)
    """

    def __init__(self, words: Iterable[str] = (), exact: Iterable[str] = ()):
        self.words, self.exact = frozenset(words), frozenset(exact)

    def __contains__(self, cell: object) -> bool:
        if not isinstance(cell, str):
            return False
        text = cell.strip()
        return text in self.exact or text.lower() in self.words


AUTOMATIC = Marks(MISSING)
NONE = Marks()


def marks_of(given: Iterable[str], automatic: Iterable[str] = MISSING) -> Marks:
    """The marks that a user named: exactly these and empty cells, or more of them.

    Args:
        given: texts; the word ``auto`` stands for the automatic ones.
        automatic: the automatic ones, in lower case.

    Example:
        >>> marks = marks_of(["-99"])
        >>> "-99" in marks, "" in marks, "NA" in marks, "NA" in marks_of(["auto", "-99"])
        (True, True, False, True)
    """
    given = set(given)
    return Marks(automatic if "auto" in given else (), given - {"auto"} | {""})


def plain_numbers(cells: Iterable[str]) -> Float64[Array, " cells"] | None:
    """All cells as numbers, NaN for the word nan; or None if one of them is no finite number.

    Example:
        >>> plain_numbers(["1", " 2.5", "-1e3"]), plain_numbers(["1", "1_000"])
        (array([    1. ,     2.5, -1000. ]), None)
    """
    # float() also accepts "1_000" and digits of any script, which spreadsheets treat as text.
    cells = cells if isinstance(cells, (list, tuple)) else list(cells)
    together = "".join(cells)
    if not together.isascii() or "_" in together:
        return None
    try:
        numbers = np.array(cells, np.float64)
    except ValueError:
        return None
    return None if np.isinf(numbers).any() else numbers


def kind_of(text: str) -> str:
    """A category as it is compared: without spaces around it, whole numbers without ``.0``.

    Example:
        >>> kind_of(" red"), kind_of("3.0"), kind_of("007")
        ('red', '3', '007')
    """
    text = text.strip()
    whole = WHOLE.fullmatch(text)
    return whole[1] if whole else text
