"""Dates and times of day as numbers: days since 1970."""

from __future__ import annotations

import datetime
import functools
import math
import re
from collections.abc import Iterable, Sequence

import numpy as np

from mitbadak.core.typing import Array, Float64
from mitbadak.data.tables.cells import Marks

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FULL_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
EPOCH = datetime.date(1970, 1, 1).toordinal()
CENTURY = 69  # years of two digits from here on are 19.., as in POSIX
_TIME = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:\.\d{1,9})?))?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?(?:\s*(?P<zone>Z|UTC|[-+]\d{2}:?\d{2}))?"
)
_GAP = r"(?:,\s*|[-/. ]\s?)"
_MONTH = r"(?P<month>\d{1,2}|[A-Za-z]{3,9})\.?"
_DAY, _YEAR = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?", r"(?P<year>\d{4})"
_SHORT = r"(?P<year>\d{4}|\d{2})"
ORDERS: dict[str, str] = {
    "year-month-day": rf"{_YEAR}{_GAP}{_MONTH}{_GAP}{_DAY}\.?(?:[T ]\s*{_TIME})?",
    "month-day-year": rf"{_MONTH}{_GAP}{_DAY}{_GAP}{_SHORT}\.?(?:[T, ]\s*{_TIME})?",
    "day-month-year": rf"{_DAY}{_GAP}{_MONTH}{_GAP}{_SHORT}\.?(?:[T, ]\s*{_TIME})?",
    "year-month": rf"{_YEAR}[-/. ]{_MONTH}",
    "month-year": r"(?P<month>[A-Za-z]{3,9})\.?[-/. ](?P<year>\d{4})",
    "year-month-day in Korean": (r"(?P<year>\d{4})년\s*(?P<month>\d{1,2})월\s*(?P<day>\d{1,2})일"),
    "time": _TIME,
}
"""What each part of a date is, in the order in which a column is tried against them."""
MONTH_FIRST, DAY_FIRST = "month-day-year", "day-month-year"
OTHER_WAY = {MONTH_FIRST: DAY_FIRST, DAY_FIRST: MONTH_FIRST}
"""The orders that can be taken for each other, such as in 2/3/2020."""


def date(text: str, order: str) -> float | None:
    """Days since 1970-01-01, with the time of day as a fraction; None for what is no such date.

    Args:
        text: the cell.
        order: a key of ``ORDERS``; a time alone is a fraction of a day.

    Example:
        >>> date("1970-01-02 12:00:00", "year-month-day"), date("Jan 1 2000", "month-day-year")
        (1.5, 10957.0)
        >>> date("31/12/1999", "day-month-year"), date("12/31/1999", "day-month-year")
        (10956.0, None)
    """
    found = _compiled(order).fullmatch(text.strip())
    if found is None:
        return None
    part = found.groupdict()
    days = 0.0
    if "year" in part:
        month = _month(part["month"])
        year = int(part["year"])
        if len(part["year"]) == 2:
            year += 1900 if year >= CENTURY else 2000
        try:
            days = float(datetime.date(year, month, int(part.get("day") or 1)).toordinal() - EPOCH)
        except ValueError:
            return None
    time = _time(part)
    return None if time is None else days + time


def date_order(texts: Iterable[str], preferred: str = "") -> str:
    """The order of the parts in which all texts are dates, or "".

    Args:
        texts: the cells of a column that are not missing.
        preferred: the order where day and month may be either; by default month-day if all of them
            are separated by slashes, as in American spreadsheets, and day-month otherwise.

    Example:
        >>> date_order(["2/3/2020", "2/28/2020"]), date_order(["2.3.2020", "2.4.2020"])
        ('month-day-year', 'day-month-year')
        >>> date_order(["2/3/2020", "2/4/2020"], preferred="day-month-year")
        'day-month-year'
    """
    texts = list(texts)
    fitting = [order for order in ORDERS if texts and _are_dates(texts, order)]
    if set(OTHER_WAY) <= set(fitting):
        slashes = all("/" in text for text in texts)
        return preferred or (MONTH_FIRST if slashes else DAY_FIRST)
    return fitting[0] if fitting else ""


def clear_order(columns: Iterable[Sequence[str]]) -> str:
    """The order of day and month in those columns where only one is possible; "" if there is none,
    or they disagree.

    Example:
        >>> clear_order([["2/3/2020"], ["28/2/2020", "1/3/2020"], ["red"]])
        'day-month-year'
    """
    clear = set()
    for texts in columns:
        fitting = [order for order in OTHER_WAY if texts and _are_dates(texts, order)]
        if len(fitting) == 1 and not any(map(_names_month, texts)):
            clear.add(fitting[0])
    return clear.pop() if len(clear) == 1 else ""


def fit_other_way(cells: Iterable[str], order: str, marks: Marks) -> bool:
    """Whether all cells that are not missing are dates too if day and month change places.

    Example:
        >>> fit_other_way(["2/3/2020", "NA"], MONTH_FIRST, Marks(exact=["NA"]))
        True
        >>> fit_other_way(["2/28/2020"], MONTH_FIRST, Marks())
        False
    """
    other = OTHER_WAY.get(order)
    return other is not None and _are_dates((c for c in set(cells) if c not in marks), other)


def dates(cells: Sequence[str], order: str, marks: Marks) -> Float64[Array, " cells"] | None:
    """All cells as days, NaN for missing ones; None if one of them is no date in this order."""
    read = {cell: math.nan if cell in marks else date(cell, order) for cell in set(cells)}
    if None in read.values():
        return None
    return np.array([read[cell] for cell in cells], np.float64)


def _are_dates(texts: Iterable[str], order: str) -> bool:
    return all(date(text, order) is not None for text in texts)


def _names_month(text: str) -> bool:
    return any(letter.isalpha() for letter in text.split(":")[0])


@functools.cache
def _compiled(order: str) -> re.Pattern[str]:
    return re.compile(ORDERS[order], re.ASCII)


def _month(text: str) -> int:
    """1 to 12, or 0 for what is no month."""
    if text.isdigit():
        return int(text)
    word = text.lower()
    if word in FULL_MONTHS:
        return FULL_MONTHS.index(word) + 1
    return MONTHS.index(word[:3]) + 1 if word in (*MONTHS, "sept") else 0


def _time(part: dict[str, str | None]) -> float | None:
    """The fraction of a day, or None for what is no time of day."""
    hour_text = part.get("hour")
    if hour_text is None:
        return 0.0
    hour, minute = int(hour_text), int(part["minute"] or 0)
    second = float(part["second"] or 0)
    if part["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (part["half"].lower() == "p")
    if hour > 24 or minute > 59 or second >= 61:
        return None
    zone = part["zone"]
    offset = 0.0
    if zone and zone[0] in "+-":
        offset = int(zone[1:3]) * 60 + int(zone[-2:])
        offset = -offset if zone[0] == "-" else offset
    return (hour * 3600 + minute * 60 + second) / 86400 - offset / 1440
