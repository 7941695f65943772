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


def date_order(texts: Iterable[str]) -> str:
    """The order of the parts in which all texts are dates, or "".

    Days and months that may be either are read as month-day where all of them are separated by
    slashes, as in American spreadsheets, and as day-month otherwise.

    Example:
        >>> date_order(["2/3/2020", "2/28/2020"]), date_order(["2.3.2020", "2.4.2020"])
        ('month-day-year', 'day-month-year')
    """
    texts = list(texts)
    fitting = [
        order for order in ORDERS
        if texts and all(date(text, order) is not None for text in texts)
    ]  # fmt: skip
    ambiguous = {"month-day-year", "day-month-year"} <= set(fitting)
    if ambiguous and not all("/" in text for text in texts):
        return "day-month-year"
    return fitting[0] if fitting else ""


def dates(cells: Sequence[str], order: str, marks: Marks) -> Float64[Array, " cells"] | None:
    """All cells as days, NaN for missing ones; None if one of them is no date in this order."""
    read = {cell: math.nan if cell in marks else date(cell, order) for cell in set(cells)}
    if None in read.values():
        return None
    return np.array([read[cell] for cell in cells], np.float64)


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
