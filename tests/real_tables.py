"""Small tables with the traits of real ones, each a file as somebody would have saved it."""

from __future__ import annotations

import csv
import io

import numpy as np

ROWS = 60
KINDS = ("ant", "bee", "cow")


def cells(n: int = ROWS) -> list[list[str]]:
    """Rows of size, weight, color and kind; the kind can be told from the others."""
    rng = np.random.default_rng(0)
    rows = []
    for k in range(n):
        size, weight = 2 * (k % 3) + rng.normal() / 3, 10 - 3 * (k % 3) + rng.normal() / 3
        color = ("red", "green", "blue")[(k + (k % 7 == 0)) % 3]
        rows.append([f"{size:.2f}", f"{weight:.1f}", color, KINDS[k % 3]])
    return rows


HEADER = ["size", "weight", "color", "kind"]


def written(rows: list[list[str]], header: list[str] | None = HEADER, **how: object) -> str:
    """Rows as the csv module writes them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, **{"lineterminator": "\n", **how})  # type: ignore[arg-type]
    if header:
        writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def with_column(name: str, values: list[str], at: int = 0, rows: list[list[str]] | None = None):
    """The table with one more column."""
    rows = cells() if rows is None else rows
    header = [*HEADER[:at], name, *HEADER[at:]]
    return written(
        [[*row[:at], value, *row[at:]] for row, value in zip(rows, values, strict=True)], header
    )


def labeled(labels: list[str]) -> str:
    """The table with other labels."""
    return written([[*row[:3], t] for row, t in zip(cells(), labels, strict=True)])


def _commas() -> str:
    rows = [[a.replace(".", ","), b.replace(".", ","), c, t] for a, b, c, t in cells()]
    return written(rows, delimiter=";")


def _spaces() -> str:
    lines = [f"{a:>8}  {b:>6}\t{c!r:<8} {t}" for a, b, c, t in cells()]
    return "\n".join(["size  weight color  kind", *lines]).replace("'", '"') + "\n"


def _row_names() -> str:
    rows = [f'"{k}","{c}",{a},{b},"{t}"' for k, (a, b, c, t) in enumerate(cells(), 1)]
    return "\n".join(['"color","size","weight","kind"', *rows]) + "\n"


def _holes() -> list[list[str]]:
    rows = cells()
    marks = ["", "NA", "?", "#N/A", "."]
    for k in range(0, ROWS, 4):
        rows[k][k % 2] = marks[k // 4 % 5]
    for k in range(1, ROWS, 9):
        rows[k][2] = ""
    return rows


def _unlabeled() -> list[list[str]]:
    rows = cells()
    for k, mark in ((3, ""), (7, "NA"), (20, "nan")):
        rows[k][3] = mark
    return rows


def _dates(shape: str) -> list[str]:
    return [shape.format(y=2019 + k % 3, m=k % 12 + 1, d=k % 28 + 1) for k in range(ROWS)]


def _numbered(texts: list[str]) -> list[str]:
    return [texts[k % len(texts)] for k in range(ROWS)]


PLAIN = written(cells())
TABLES: dict[str, bytes] = {
    "comma": PLAIN.encode(),
    "BOM": b"\xef\xbb\xbf" + PLAIN.encode(),
    "Windows ends": PLAIN.replace("\n", "\r\n").encode(),
    "old Mac ends": PLAIN.replace("\n", "\r").encode(),
    "semicolon": written(cells(), delimiter=";").encode(),
    "tab": written(cells(), delimiter="\t").encode(),
    "bar": written(cells(), delimiter="|").encode(),
    "spaces": _spaces().encode(),
    "all quoted": written(cells(), quoting=csv.QUOTE_ALL).encode(),
    "apostrophes": written(cells(), [f"'{name}'" for name in HEADER]).encode(),
    "commas in quotes": PLAIN.replace("red", '"light, red"').encode(),
    "doubled quotes": PLAIN.replace("red", '"a ""hot"" red, dark"').encode(),
    "escaped quotes": PLAIN.replace("red", r'"a \"hot\" red, dark"').encode(),
    "line ends in quotes": PLAIN.replace("red", '"light\nred"').encode(),
    "UTF-16": PLAIN.encode("utf-16"),
    "UTF-16 big": b"\xfe\xff" + PLAIN.encode("utf-16-be"),
    "UTF-16 unmarked": PLAIN.encode("utf-16-le"),
    "Korean of Windows": PLAIN.replace("kind", "종류").replace("red", "빨강").encode("cp949"),
    "Windows-1252": PLAIN.replace("red", "rosé").replace("kind", "größe").encode("cp1252"),
    "sep line": b"sep=;\n" + written(cells(), delimiter=";").encode(),
    "blank lines": b"\n\n" + PLAIN.replace("\n", "\n\n").encode(),
    "comments": b"# measured in spring\n# by hand\n" + PLAIN.encode(),
    "header as a comment": b"# " + PLAIN.encode(),
    "title": b"Animals of 2020\n\n" + PLAIN.encode(),
    "trailing commas": PLAIN.replace("\n", ",\n").encode(),
    "trailing commas in rows": PLAIN.replace("\n", ",\n").replace("kind,", "kind", 1).encode(),
    "decimal commas": _commas().encode(),
    "row names of R": _row_names().encode(),
    "index of pandas": with_column("", [str(k) for k in range(ROWS)]).encode(),
    "row numbers": with_column("id", [str(100 + 3 * k) for k in range(ROWS)]).encode(),
    "names": with_column("animal", [f"animal {k}" for k in range(ROWS)]).encode(),
    "one value": with_column("place", ["here"] * ROWS).encode(),
    "one number": with_column("year", ["2020"] * ROWS).encode(),
    "no values": with_column("notes", [""] * ROWS).encode(),
    "missing values": written(_holes()).encode(),
    "no label": written(_unlabeled()).encode(),
    "rare kinds": with_column("town", _numbered(["a", "b"])[:56] + list("wxyz")).encode(),
    "percent": with_column("share", _numbered(["12%", "7.5 %", "-3%"])).encode(),
    "thousands": with_column("price", _numbered(["1,200", "800", "12,345.50"])).encode(),
    "dollars": with_column("price", _numbered(["$1,200", "$800", "($3.50)"])).encode(),
    "units": with_column("mass", _numbered(["60 kg", "7.5 kg"])).encode(),
    "yes and no": with_column("wild", _numbered(["yes", "no", "no"])).encode(),
    "true and false": with_column("wild", _numbered(["TRUE", "FALSE"])).encode(),
    "ISO dates": with_column("date", _dates("{y}-{m:02}-{d:02}")).encode(),
    "dates with times": with_column("date", _dates("{y}-{m:02}-{d:02} 12:{d:02}:00")).encode(),
    "American dates": with_column("date", _dates("{m}/{d}/{y}")).encode(),
    "German dates": with_column("date", _dates("{d:02}.{m:02}.{y}")).encode(),
    "dates in either order": with_column("date", _dates("2/{m}/{y}")).encode(),
    "points in either order": with_column("date", _dates("2.{m}.{y}")).encode(),
    "negatives in parentheses": with_column("gain", _numbered(["7", "(3.5)", "12"])).encode(),
    "two columns of one name": with_column("size", _numbered(["1.5", "2", "4"]), 1).encode(),
    "a column without a name": with_column("", _numbered(["1.5", "2", "4"]), 2).encode(),
    "two classes as numbers": labeled(_numbered(["0", "1"])).encode(),
    "a class called NA": labeled(_numbered(["EU", "NA", "AS"])).encode(),
    "numbers": labeled([f"{float(row[0]) * 3 + 1:.3f}" for row in cells()]).encode(),
    "prices": labeled([f"$1,{k % 50 + 100}.{k % 9}0" for k in range(ROWS)]).encode(),
}  # fmt: skip
"""Files by trait. The last column is the label."""
