"""A file as columns of numbers, dates and texts.

The first block of rows says what each column is likely to be. Should a later one say otherwise, the
file is read once more for such columns, as text.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from mitbadak.core.errors import FormatError, UnknownNameError, brief, listed, unknown_name
from mitbadak.data.tables.cells import DOUBTFUL, ERRORS, NO_VALUE, NONE, marks_of
from mitbadak.data.tables.columns import Column, Gatherer, Stray
from mitbadak.data.tables.dates import clear_order, date_order
from mitbadak.data.tables.dialect import NAMES, Dialect, detect_dialect
from mitbadak.data.tables.numbers import PLAIN, NumberForm, are_only_thousands, number_forms
from mitbadak.data.tables.options import AUTO, AUTOMATIC_TABLE, DATES, TableOptions, typed
from mitbadak.data.tables.rows import MOST_ROWS, open_table
from mitbadak.data.targets import number

LABEL_NAMES = {"label", "labels", "target", "targets"}
FIRST_LABEL_NAMES = {"class", "classes"}  # elsewhere they may be those of a school or a ship
MOST_SHOWN = 5  # columns listed in a message


@dataclass(frozen=True)
class Table:
    """A file as columns.

    Attributes:
        dialect: how the file holds it.
        columns: by name, in the order of the file, without those that were dropped.
        label: the column that is to be predicted.
        dropped: the columns that the user dropped.
    """

    dialect: Dialect
    columns: dict[str, Column]
    label: str
    dropped: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.columns[self.label])


def read_table(
    path: str | os.PathLike[str],
    *,
    label: str | None = None,
    options: TableOptions = AUTOMATIC_TABLE,
) -> Table:
    """The columns of a table, each of numbers, of dates or of text.

    A column holds numbers if all its cells are numbers of one form, besides those that stand for a
    missing value: plain ones, with a decimal comma, with thousands, percents, of one currency or
    unit. It holds dates if all are dates with their parts in one order. Everything else is text.

    Args:
        path: the file, at most 512 MiB, 10,000,000 rows and 10,000 columns.
        label: the column that is to be predicted, by default the last; if it holds text, missing
            values are among it, since they may be classes.
        options: what the user says about it.

    Raises:
        FormatError: the file is no table: a row has another length than the header, there is no
            row, no header, or a single column; or columns of numbers hold a few other texts.
        UnknownNameError: ``label`` or an option names a column that the file does not have.
        FileNotFoundError: the file does not exist.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "a.csv"
        ...     _ = path.write_text("price;color;sold\\n1,5;red;yes\\nNA;blue;no\\n3;red;no\\n")
        ...     table = read_table(path)
        >>> table.columns["price"].numbers, table.columns["color"].texts, table.label
        (array([1.5, nan, 3. ]), ('red', 'blue'), 'sold')
    """
    path = Path(path)
    dialect = detect_dialect(path, options)
    with open_table(path, dialect) as opened:
        names = opened.names
        label = _label(path, names, opened.repeated, label, options)
        blocks = opened.blocks()
        first = next(blocks, None)
        if first is None:
            raise FormatError(f"{path} has no rows below its header.")
        if options.header == AUTO:
            _check_header(path, names, first)
        gatherers = _expected(path, names, first, dialect, options, label)
        plain = len(gatherers) == len(names) and all(g.is_plain for g in gatherers)
        rest = opened.plain_blocks() if plain else blocks
        _gather(path, gatherers, names, chain([first], rest))
    if any(g.again for g in gatherers):
        as_text = {g.name: g.as_texts() for g in gatherers if g.again}
        with open_table(path, dialect) as opened:
            _gather(path, list(as_text.values()), names, opened.blocks())
        gatherers = [as_text.get(g.name, g) for g in gatherers]
    columns = {g.name: g.column() for g in gatherers}
    _refuse_strays(path, columns)
    return Table(dialect, columns, label, chosen(path, names, "drop", options))


def chosen(path: Path, names: Sequence[str], which: str, options: TableOptions) -> tuple[str, ...]:
    """The columns that ``drop``, ``keep`` or ``categories`` names.

    Raises:
        UnknownNameError: the file has no such column.
    """
    text = getattr(options, which)
    if text in names:  # as a whole, commas included
        return (text,)
    if which == "keep" and options.all_kept():
        return tuple(names)
    asked = options.names(which)
    unknown = [name for name in asked if name not in names]
    if len(unknown) == 1:
        raise unknown_name(f"column of {path} for {which}=...", unknown[0], names)
    if unknown:
        raise UnknownNameError(
            f"unknown columns of {path} for {which}=...: {listed(unknown)}. Known: {listed(names)}."
        )
    return asked


def _label(
    path: Path,
    names: list[str],
    repeated: tuple[str, ...],
    label: str | None,
    options: TableOptions,
) -> str:
    """The column to predict."""
    if len(names) == 1:
        raise FormatError(
            f"{path} has a single column, {brief(names[0], 40)}; inputs and a label are needed. "
            f"Cells may be separated by {', '.join(NAMES.values())}; delimiter=... names another."
        )
    if label is None:
        named = [name for name in names if name.lower() in LABEL_NAMES]
        named += [name for name in names[:1] if name.lower() in FIRST_LABEL_NAMES]
        if named and names[-1] not in named and not options.all_kept():
            raise FormatError(
                f"{path}: which column is to be predicted? The last one is {names[-1]!r}, but "
                f"{', '.join(map(repr, named))} may be meant. Use {typed('label', named[:1])} or "
                f"{typed('label', names[-1:])}."
            )
        label = names[-1]
    if label not in names:
        raise unknown_name(f"column of {path}", label, names)
    if label in repeated:
        raise FormatError(
            f"{path}: {label!r} is to be predicted, and another column has that name. Rename one."
        )
    return label


def _check_header(path: Path, names: list[str], rows: list[list[str]]) -> None:
    """Refuse a first row of values: numbers above numbers, or texts that occur below."""
    as_below = unlike = 0
    for k, name in enumerate(names):
        below = {row[k] for row in rows}
        if number(name) is not None:
            as_below += any(number(cell) is not None for cell in below)
        elif name in below:
            as_below += 1
        else:
            unlike += 1
    numbers = sum(number(name) is not None for name in names)
    if 2 * numbers > len(names) or as_below > unlike:
        shown = ", ".join(names[:MOST_SHOWN])
        raise FormatError(
            f"{path} has no header: its first line holds values ({brief(shown)}), no names of "
            "columns. Add a line with a name for each column, or use header='none', which calls "
            "them 'column 1', 'column 2' and so on; if it is the header, use header='1'."
        )


def _expected(
    path: Path,
    names: list[str],
    rows: list[list[str]],
    dialect: Dialect,
    options: TableOptions,
    label: str,
) -> list[Gatherer]:
    """What the first rows say about each column that is not dropped."""
    dropped = chosen(path, names, "drop", options)
    if label in dropped:
        raise FormatError(f"{path}: {label!r} is to be predicted and cannot be dropped.")
    categories = chosen(path, names, "categories", options)
    chosen(path, names, "keep", options)
    given = options.names("missing")
    of_inputs, of_numbers = marks_of(given), marks_of(given, NO_VALUE | DOUBTFUL)
    of_texts = marks_of(given, NO_VALUE | ERRORS)
    cells = dict(zip(names, zip(*rows, strict=True), strict=True))
    texts = {}
    for name in names:
        marks = of_numbers if name == label else of_inputs
        texts[name] = [cell for cell in dict.fromkeys(cells[name]) if cell not in marks]
    forms = _forms({name: texts[name] for name in names if name not in categories},
                   dialect, options)  # fmt: skip
    no_numbers = [texts[name] for name in names if name not in forms]
    preferred = DATES[options.dates] if options.dates != AUTO else clear_order(no_numbers)
    gatherers = []
    for name in names:
        if name in dropped:
            continue
        form, order = forms.get(name), ""
        if name == label:
            gatherer = Gatherer(name, of_numbers, NONE, form, normal=str.strip, texts=True)
        else:
            is_category = name in categories
            if form is None and not is_category:
                order = date_order(texts[name], preferred)
            gatherer = Gatherer(
                name, of_inputs, of_texts, form, order, preferred=preferred, texts=is_category
            )
        gatherers.append(gatherer)
    return gatherers


def _forms(
    texts: dict[str, list[str]], dialect: Dialect, options: TableOptions
) -> dict[str, NumberForm]:
    """How the numbers of each column are written, where it holds numbers alone.

    A comma may be a decimal sign in one column and separate thousands in another that looks alike,
    so what is clear in one column decides for the others.
    """
    possible = {name: number_forms(cells) or ([PLAIN] if not cells else [])
                for name, cells in texts.items()}  # fmt: skip
    possible = {name: forms for name, forms in possible.items() if forms}
    decimals = {name: {form.decimal for form in forms} for name, forms in possible.items()}
    comma = any(signs == {","} for signs in decimals.values())
    point = any(
        signs == {"."} and any("." in cell for cell in texts[name])
        for name, signs in decimals.items()
    )
    if options.decimal != AUTO:
        comma = options.decimal == "comma"
        point = not comma
    chosen_forms = {}
    for name, forms in possible.items():
        if comma and forms == [PLAIN] and are_only_thousands(texts[name]):
            forms = [NumberForm(",", ".")]
        both = len(decimals[name]) == 2
        if both and comma != point:
            forms = [form for form in forms if (form.decimal == ",") == comma]
        elif both and dialect.delimiter != "," and all("," in cell for cell in texts[name]):
            forms = [form for form in forms if form.decimal == ","]
        chosen_forms[name] = forms[0]
    return chosen_forms


def _gather(
    path: Path,
    gatherers: Sequence[Gatherer],
    names: Sequence[str],
    blocks: Iterable[list[list[str]] | np.ndarray],
) -> None:
    places = {name: k for k, name in enumerate(names)}
    n = 0
    for block in blocks:
        n += len(block)
        if n > MOST_ROWS:
            raise FormatError(f"{path} holds more than {MOST_ROWS:,} rows, the limit.")
        if isinstance(block, np.ndarray):
            for gatherer in gatherers:
                gatherer.add_plain(block[:, places[gatherer.name]].copy())
            continue
        columns = list(zip(*block, strict=True))
        for gatherer in gatherers:
            gatherer.add(columns[places[gatherer.name]])


def _refuse_strays(path: Path, columns: dict[str, Column]) -> None:
    """Refuse columns of numbers with a few other texts, all at once."""
    strays = {name: column.stray for name, column in columns.items() if column.stray is not None}
    if strays:
        raise stray_error(path, strays)


def stray_error(path: Path, strays: dict[str, Stray], *, of_label: bool = False) -> FormatError:
    """The error for columns of numbers that hold something else in a few rows.

    Args:
        path: the file.
        strays: the first other text in each column.
        of_label: whether it is the column that is to be predicted.
    """
    shown = [
        f"{name!r} ({brief(stray.text, 40)} in row {stray.row} below the header)"
        for name, stray in list(strays.items())[:MOST_SHOWN]
    ]
    more = f" and {len(strays) - len(shown)} more" if len(strays) > len(shown) else ""
    texts = list(dict.fromkeys(stray.text for stray in strays.values()))[:MOST_SHOWN]
    missing = typed("missing", ["auto", *texts])
    if of_label:
        remedy = f"{missing} to leave such rows out, or targets='classes' to take it as classes"
    else:
        remedy = (
            f"{missing} to count them as missing, {typed('categories', strays)} to take all cells "
            f"as categories, or {typed('drop', strays)}"
        )
    if all(stray.row == 1 for stray in strays.values()):
        remedy += "; if the first row holds the names of the columns, use header='first'"
    return FormatError(
        f"{path}: {'columns hold' if len(strays) > 1 else 'a column holds'} numbers, and something "
        f"else in a few rows: {', '.join(shown)}{more}. Correct the cells, or use {remedy}."
    )
