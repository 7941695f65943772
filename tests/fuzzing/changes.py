"""Changes to bytes, to JSON and to tables: what is readable without taking anything apart."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from random import Random
from typing import Any

NUMBERS = (0, 1, 2, 3, 7, 127, 128, 255, 256, 65535, 1 << 16, 1 << 24, (1 << 31) - 1, 1 << 31,
           (1 << 32) - 1)  # fmt: skip
RAW = (
    "1e999999", "-1e999999", "NaN", "Infinity", "-Infinity", "-0.0", "1e-400", "0.5", "-1",
    "1e18", "9" * 400, "9" * 5000, "-" + "9" * 400, '"\\ud800"', '"\\u0000"', '""',
    "[" * 1500 + "]" * 1500, '{"a":' * 1200 + "1" + "}" * 1200, "true", "false", "null", "[]",
    "{}", "[[]]", '[{"a": [1, "b"]}]', '"a"', "1000000000000", "10000", "4294967296",
    "18446744073709551616", "[1, 2, 3]", '"float64"', '"..\\/..\\/x"', '"밑바닥"',
)  # fmt: skip
"""Values that a JSON reader may trip over, as they stand in the text."""
WORDS = (
    "adam", "momentum", "sgd", "relu", "tanh", "Tanh", "Affine", "Sequential", "MLP",
    "TwoLayerNet", "F64", "F16", "BF16", "I64", "U8", "BOOL", "I32", "F8_E4M3", "C64", "float64",
    "images", "table", "points", "numpy", "auto", "test", "xavier", "he", "shuffle", "chain",
    "groups", "l2", "clip_norm", "lion", "cosine", "warmup", "onecycle", "Dropout", "BatchNorm",
    "huber", "numbers", "parts", "rules", "lr", "x.csv",
)  # fmt: skip

CELLS = (
    "", "?", "nan", "inf", "1_000", "1,5", "٣", "0x10", " 7 ", "1e308", "-1e308", "1e-320",
    "\ufeff", "=1+1", "x" * 3000, "'", "1\u00a0000", "\u2028", "-", "+1", "1.", ".5", "#N/A", "NA",
    "None", "5%", "$1,000", "(3)", "3 kg", "1.2.2020", "2020-02-30", "99999-01-01", "12:61", "\\",
    "#", "sep=;", "1,234.5", "31/12/1999", "9" * 400 + "%", "yes", "TRUE",
)  # fmt: skip
"""Cells of a table that are no good number, or only just."""


def plain(content: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    """A change that knows no format."""
    at = rng.randrange(len(content) + 1)
    to = min(len(content), at + rng.choice((1, 1, 2, 4, 8, 64)))
    match rng.randrange(8):
        case 0 | 1:
            flipped = bytes([content[at] ^ (1 << rng.randrange(8))]) if at < to else b""
            return content[:at] + flipped + content[at + 1 :]
        case 2:
            return content[:at]
        case 3:
            return content[:at] + content[to:]
        case 4:
            return content[:at] + rng.randbytes(to - at + 1) + content[at:]
        case 5:
            return content[:to] + content[at:to] * rng.choice((1, 2, 30)) + content[to:]
        case 6:
            number = rng.choice(NUMBERS).to_bytes(4, rng.choice(("big", "little")))
            return content[:at] + number + content[at + 4 :]
        case _:
            other = rng.choice(others) if others else content
            return content[:at] + other[rng.randrange(len(other) + 1) :]


def json_text(content: bytes, rng: Random) -> bytes:
    """A JSON file with values, names or structure changed."""
    return dumped(changed(json.loads(content), rng)).encode("utf-8", "surrogatepass")


def json_lines(content: bytes, rng: Random) -> bytes:
    """One JSON object per line, with a line changed, doubled, dropped or moved."""
    lines = content.split(b"\n")
    at = rng.randrange(len(lines))
    match rng.randrange(6):
        case 0:
            lines.insert(at, rng.choice(lines))
        case 1:
            del lines[at]
        case 2:
            lines[at] = rng.choice(RAW).encode()
        case _:
            lines[at] = json_text(lines[at], rng)
    return b"\n".join(lines)


def table(content: bytes, rng: Random) -> bytes:
    """A table of cells with one of them changed, or a row or a column doubled, dropped or moved."""
    text = content.decode("utf-8-sig")
    parting = max(",;\t|", key=text.count)
    rows = [line.split(parting) for line in text.split("\n")]
    row = rng.choice(rows)
    at = rng.randrange(len(row))
    match rng.randrange(9):
        case 0:
            rows.insert(rng.randrange(len(rows) + 1), list(row))
        case 1:
            rows.remove(row)
        case 2:
            rows = [[*cells, *cells[at : at + 1]] for cells in rows]
        case 3:
            rows = [cells[:at] + cells[at + 1 :] for cells in rows]
        case 4:
            row[at] = rng.choice(('"' + row[at] + '"', '"' + row[at], f'"{parting}"', '"\n"'))
        case 5:
            rows = rows * rng.choice((2, 20))
        case 6:
            other, end = rng.choice(",;\t "), rng.choice(("\r\n", "\r", "\n\n", "\0"))
            return end.join(map(other.join, rows)).encode("utf-8", "surrogatepass")
        case _:
            row[at] = rng.choice((*RAW, *WORDS, *CELLS))
    return "\n".join(map(parting.join, rows)).encode("utf-8", "surrogatepass")


def dumped(tree: Any) -> str:
    """A tree as JSON, its marks replaced by the raw values that they stand for."""
    return re.sub(r'"<raw (\d+)>"', lambda m: RAW[int(m[1])], json.dumps(tree))


def changed(tree: Any, rng: Random) -> Any:
    """A tree with something in it replaced, dropped, doubled or renamed."""
    if isinstance(tree, dict) and tree and rng.random() < 0.85:
        key = rng.choice(list(tree))
        if rng.random() < 0.1:
            return {name: value for name, value in tree.items() if name != key}
        if rng.random() < 0.08:
            return {**tree, _value(rng, name=True): tree[key]}
        return {**tree, key: changed(tree[key], rng)}
    if isinstance(tree, list) and tree and rng.random() < 0.85:
        at = rng.randrange(len(tree))
        if rng.random() < 0.15:
            return tree[:at] + [tree[at]] * rng.choice((0, 2, 40)) + tree[at + 1 :]
        return [*tree[:at], changed(tree[at], rng), *tree[at + 1 :]]
    return _value(rng)


def _value(rng: Random, *, name: bool = False) -> Any:
    kind = rng.random()
    if name or kind < 0.25:
        return rng.choice(WORDS)
    if kind < 0.4:
        return rng.choice((*NUMBERS, -1, -(1 << 31), 1 << 40))
    return f"<raw {rng.randrange(len(RAW))}>"
