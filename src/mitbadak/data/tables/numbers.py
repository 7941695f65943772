"""Numbers as spreadsheets show them: decimal commas, thousands, percents, currencies, units."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mitbadak.core.typing import Array, Float64
from mitbadak.data.tables.cells import Marks, plain_numbers
from mitbadak.data.targets import number

CURRENCIES = "$€£¥₩₹"
UNIT = r"[^\W\d_](?:[^\W\d_]|[/²³°µ]){0,14}|[%‰]|°[CF]?|[$€£¥₩₹]"
SPACES = str.maketrans({"\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u2212": "-"})
# Decimal sign and sign between groups of thousands; where several fit, the first is preferred.
SIGNS = ((".", ","), (",", ""), (",", "."), (".", " "), (",", " "), (".", "'"), (",", "'"))


@dataclass(frozen=True)
class NumberForm:
    """How the numbers in a column are written.

    Attributes:
        decimal: the decimal sign.
        group: between groups of three digits, or "" for none.
        before: a currency in front of each number.
        after: a unit, percent sign or currency behind each number.

    Example:
        >>> NumberForm(decimal=",", group=".", after="%").number("1.234,5 %")
        1234.5
        >>> NumberForm(before="$").number("($7.50)"), NumberForm(before="$").number("7 apples")
        (-7.5, None)
    """

    decimal: str = "."
    group: str = ""
    before: str = ""
    after: str = ""

    def number(self, text: str) -> float | None:
        """The number in a cell of this form, or None if it has another form.

        A plain number is read in every form whose decimal sign is the point.
        """
        core = _core(text, self.before, self.after)
        if core is None or not _pattern(self.decimal, self.group).fullmatch(core):
            return None
        plain = core.replace(self.group, "") if self.group else core
        return finite(plain.replace(self.decimal, "."))

    def numbers(self, cells: Sequence[str], marks: Marks) -> Float64[Array, " cells"] | None:
        """All cells as numbers, NaN for missing ones; None if a cell has another form."""
        if self == PLAIN:
            values = plain_numbers(cells)
            if values is not None and ("nan" in marks or not np.isnan(values).any()):
                return values
            values = _with_missing(cells, marks)
            if values is not None:
                return values
        read: dict[str, float | None] = {}
        for cell in set(cells):
            read[cell] = np.nan if cell in marks else self.number(cell)
        if None in read.values():
            return None
        return np.array([read[cell] for cell in cells], np.float64)

    def describe(self) -> str:
        """The form in words, "" for plain numbers.

        Example:
            >>> NumberForm(",", ".", after="%").describe()
            "decimal commas, thousands with '.', '%'"
        """
        parts = ["decimal commas"] * (self.decimal == ",")
        parts += [f"thousands with {self.group!r}"] * bool(self.group)
        parts += [repr(sign) for sign in (self.before, self.after) if sign]
        return ", ".join(parts)


PLAIN = NumberForm()
PARENTHESES = "numbers in parentheses are negative"


def number_forms(texts: Iterable[str]) -> list[NumberForm]:
    """The forms in which all these texts are numbers, the likeliest first.

    Args:
        texts: cells that are not missing.

    Example:
        >>> number_forms(["1,5", "2,25"])[0], number_forms(["$1,200", "$800"])[0].group
        (NumberForm(decimal=',', group='', before='', after=''), ',')
        >>> number_forms(["3 kg", "12 kg"])[0].after, number_forms(["3 kg", "12 g"])
        ('kg', [])
    """
    texts = list(texts)
    if not texts:
        return []
    if all(finite(text) is not None for text in texts):
        return [PLAIN]
    before, after = _around(texts[0])
    plain = NumberForm(before=before, after=after)
    if all(plain.number(text) is not None for text in texts):
        return [plain]
    forms = [NumberForm(decimal, group, before, after) for decimal, group in SIGNS]
    return [form for form in forms if all(form.number(text) is not None for text in texts)]


def are_only_thousands(texts: Iterable[str]) -> bool:
    """Whether points are followed by exactly three digits wherever there are any.

    Example:
        >>> are_only_thousands(["1.200", "800"]), are_only_thousands(["1.25", "800"])
        (True, False)
    """
    texts = [text.strip() for text in texts]
    pattern = _pattern(",", ".")
    return any("." in text for text in texts) and all(map(pattern.fullmatch, texts))


def _with_missing(cells: Sequence[str], marks: Marks) -> Float64[Array, " cells"] | None:
    missing = {cell for cell in set(cells) if cell in marks}
    values = plain_numbers(["nan" if cell in missing else cell for cell in cells])
    if values is not None and any(
        cells[row] not in missing for row in map(int, np.flatnonzero(np.isnan(values)))
    ):
        return None  # the word nan, which is no mark here
    return values


def finite(text: str) -> float | None:
    """The number in a text as a float, or None.

    Example:
        >>> finite("7"), finite("9" * 400)
        (7.0, None)
    """
    value = number(text)
    return None if value is None or abs(value) > sys.float_info.max else float(value)


@functools.lru_cache(maxsize=64)
def _pattern(decimal: str, group: str) -> re.Pattern[str]:
    d, g = re.escape(decimal), re.escape(group)
    whole = rf"(?:[1-9]\d{{0,2}}(?:{g}\d{{3}})+|\d+)" if group else r"\d+"
    return re.compile(rf"[-+]?(?:{whole}(?:{d}\d*)?|{d}\d+)(?:[eE][-+]?\d{{1,3}})?", re.ASCII)


_AROUND = re.compile(
    rf"[-+(]?\s*(?P<before>[{re.escape(CURRENCIES)}]?)\s*[-+]?(?P<core>[\d.,' ]*\d[.,]?)"
    rf"(?:[eE][-+]?\d+)?\s*(?P<after>{UNIT})?\s*\)?"
)


def _around(text: str) -> tuple[str, str]:
    """The currency before and the unit after the number in a text."""
    found = _AROUND.fullmatch(text.translate(SPACES).strip())
    return (found["before"], found["after"] or "") if found else ("", "")


def _core(text: str, before: str, after: str) -> str | None:
    """The number in a text between what stands before and after it; None if something else does.

    Parentheses make a number negative, as in accounting.
    """
    core = text.translate(SPACES).strip()
    negative = core.startswith("(") and core.endswith(")")
    if negative:
        core = core[1:-1].strip()
    sign = core[0] if core[:1] in ("-", "+") else ""
    core = core.removeprefix(sign).strip()
    if before or after:
        if not core.startswith(before) or not core.endswith(after):
            return None
        core = core[len(before) : len(core) - len(after)].strip()
        if core[:1] in ("-", "+"):
            if sign:
                return None
            sign, core = core[0], core[1:].strip()
    if negative:
        return None if sign else f"-{core}"
    return sign + core
