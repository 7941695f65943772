"""Tables: files of rows and columns, as spreadsheets, pandas and R write them."""

from __future__ import annotations

from mitbadak.data.tables.encoder import TableEncoder
from mitbadak.data.tables.options import TableOptions
from mitbadak.data.tables.reading import Table, read_table
from mitbadak.data.tables.rows import open_table

__all__ = [
    "Table",
    "TableEncoder",
    "TableOptions",
    "open_table",
    "read_table",
]
