"""What a user can say about how a table is read, where the automatic choice is not right."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable
from dataclasses import dataclass, fields

from mitbadak.core.errors import RangeError, UnknownNameError, brief, unknown_name
from mitbadak.data.tables.dates import DAY_FIRST, MONTH_FIRST

AUTO = "auto"
DELIMITERS = {
    "comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "space": " ",
}  # fmt: skip
"""By the words that flags and messages use; a space stands for runs of spaces and tabs."""
DECIMALS = {"point": ".", "comma": ","}
DATES = {"month-first": MONTH_FIRST, "day-first": DAY_FIRST}
WORDS = {"delimiter": DELIMITERS, "decimal": DECIMALS, "dates": DATES}
"""What the words of a setting stand for, which may be given themselves."""
NO_HEADER, FIRST_LINE = "none", "first"
ALL = "*"
MOST_SKIPPED = 10**6  # lines


@dataclass(frozen=True)
class TableOptions:
    """How a table is to be read: ``auto``, or what the user knows better.

    Attributes:
        drop: names of columns to leave out, separated by commas; a name that holds a comma in
            quotes, as in a .csv file.
        keep: names of columns to use although they would be left out; ``*`` for all, and for the
            last column as the label whatever others are called.
        categories: names of columns whose numbers are categories, such as postal codes.
        missing: what stands in cells without a value, besides empty ones, separated by commas;
            ``auto`` among them adds the usual marks, such as NA and ``?``.
        delimiter: ``comma``, ``semicolon``, ``tab``, ``bar`` or ``space``, or the character.
        decimal: ``point`` or ``comma``, or the character.
        dates: ``month-first`` or ``day-first``, for dates such as 2/3/2020.
        encoding: of the text, such as ``cp949``.
        header: the number of the line that holds the names of the columns, ``first`` for the first
            line that is not empty, or ``none``.

    Raises:
        RangeError: a value of another type or form.
        UnknownNameError: an unknown delimiter, decimal sign, order of dates or encoding.

    Example:
        >>> options = TableOptions(drop='id,"size, cm"', delimiter=";", header="3")
        >>> options.names("drop"), options.delimiter, options.header_line
        (('id', 'size, cm'), 'semicolon', 3)
    """

    drop: str = ""
    keep: str = ""
    categories: str = ""
    missing: str = AUTO
    delimiter: str = AUTO
    decimal: str = AUTO
    dates: str = AUTO
    encoding: str = AUTO
    header: str = AUTO

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, str):
                raise RangeError(f"{field.name} must be text; got {brief(value)}.")
        for name, words in WORDS.items():
            value = getattr(self, name)
            by_sign = {sign: word for word, sign in words.items()}
            word = by_sign.get(value, value.lower())
            if word not in (AUTO, *words):
                raise unknown_name(name, value, (AUTO, *words))
            object.__setattr__(self, name, word)
        if self.encoding != AUTO:
            _check_encoding(self.encoding)
        words = (AUTO, NO_HEADER, FIRST_LINE)
        number = self.header.isascii() and self.header.isdigit() and int(self.header[:9])
        if self.header not in words and not 0 < number <= MOST_SKIPPED:
            raise RangeError(
                f"header must be {', '.join(words)}, or the number of the line that holds the "
                f"names of the columns; got {brief(self.header)}."
            )

    @property
    def header_line(self) -> int | None:
        """The number of the line that holds the names; 0 for none, None where it is looked for."""
        if self.header in (AUTO, FIRST_LINE):
            return None
        return 0 if self.header == NO_HEADER else int(self.header)

    def names(self, which: str) -> tuple[str, ...]:
        """The entries of ``drop``, ``keep``, ``categories`` or ``missing``."""
        return split_names(getattr(self, which))

    def all_kept(self) -> bool:
        """Whether no column is left out on its own account."""
        return self.keep == ALL


AUTOMATIC_TABLE = TableOptions()


def split_names(text: str) -> tuple[str, ...]:
    """Names that are separated by commas, those with commas in quotes.

    Example:
        >>> split_names('id, "a, b" ,c')
        ('id', 'a, b', 'c')
    """
    try:
        cells = next(csv.reader([text.replace("\n", " ")], skipinitialspace=True), [])
    except csv.Error:
        cells = text.split(",")
    return tuple(cell.strip() for cell in cells if cell.strip())


def joined_names(names: tuple[str, ...] | list[str]) -> str:
    """The inverse of ``split_names``, for the arguments that messages suggest.

    Example:
        >>> print(joined_names(["id", "a, b"]))
        id,"a, b"
    """
    return ",".join(
        '"' + name.replace('"', '""') + '"' if "," in name or '"' in name else name
        for name in names
    )


def typed(name: str, names: Iterable[str]) -> str:
    """An argument with a list of names, as it is typed.

    Example:
        >>> print(typed("drop", ["id", "size, cm"]))
        drop='id,"size, cm"'
    """
    return f"{name}={joined_names(tuple(names))!r}"


def _check_encoding(name: str) -> None:
    try:
        info = codecs.lookup(name)
        known = info._is_text_encoding and info.incrementaldecoder is not None  # type: ignore
    except (LookupError, ValueError):  # null characters raise the latter
        known = False
    if not known:
        raise UnknownNameError(
            f"unknown encoding {name!r}. Python knows, for example, utf-8, utf-16, cp949, cp1252, "
            "shift_jis and gb18030."
        )
