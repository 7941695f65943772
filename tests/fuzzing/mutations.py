"""What strangers might send: valid files, damaged at random or by one who knows the format.

Bytes changed at random die at a checksum or a length. So where a format has one, the content is
taken apart, changed inside and put together again.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import zlib
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

NUMBERS = (0, 1, 2, 3, 7, 127, 128, 255, 256, 65535, 1 << 16, 1 << 24, (1 << 31) - 1, 1 << 31,
           (1 << 32) - 1)  # fmt: skip
NO_LONGER_OF_ITS_FORMAT = (
    ValueError, TypeError, LookupError, AttributeError, RecursionError, OSError, EOFError,
    zlib.error,
)  # fmt: skip
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
    "images", "table", "points", "numpy", "auto", "test", "xavier", "he", "shuffle",
)  # fmt: skip


def mutate(name: str, content: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    """One changed version of a file.

    Args:
        name: of the file; its ending tells the format.
        content: what it holds now.
        others: other files of the kind, to take pieces from.
        rng: what draws.
    """
    by_format = next((f for ending, f in FORMATS.items() if name.endswith(ending)), None)
    change = by_format if by_format and rng.random() < 0.7 else None
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        try:
            content = change(content, rng) if change else plain(content, others, rng)
        except NO_LONGER_OF_ITS_FORMAT:
            content = plain(content, others, rng)
    return content


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
    return _dumped(_changed(json.loads(content), rng)).encode("utf-8", "surrogatepass")


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


def safetensors(content: bytes, rng: Random) -> bytes:
    """A safetensors file with its header changed; its length is right (mostly), as is the padding.

    The header holds a description in JSON of its own, which is changed as JSON.
    """
    length = int.from_bytes(content[:8], "little")
    header, body = json.loads(content[8 : 8 + length]), content[8 + length :]
    described = header.get("__metadata__", {}).get("mitbadak")
    if described and rng.random() < 0.65:
        header["__metadata__"]["mitbadak"] = _dumped(_changed(json.loads(described), rng))
        text = json.dumps(header)
    elif rng.random() < 0.5:
        body, text = _other_array(header, body, rng)
    else:
        text = _dumped(_changed(header, rng))
    packed = text.encode("utf-8", "surrogatepass")
    packed += b" " * (-len(packed) % 8)
    said = len(packed) if rng.random() < 0.97 else rng.choice((0, 1 << 40, (1 << 64) - 1))
    return said.to_bytes(8, "little") + packed + body


def idx(content: bytes, rng: Random) -> bytes:
    """An IDX file, gzipped or not, with another type or side, its length right half of the time."""
    zipped = content[:2] == b"\x1f\x8b"
    inside = bytearray(gzip.decompress(content) if zipped else content)
    match rng.randrange(4):
        case 0:
            inside[2] = rng.choice((8, 9, 0x0B, 0x0C, 0x0D, 0x0E, 0x0A))
        case 1:
            inside[3] = rng.choice((0, 1, 2, 3, 4, 32, 33))
            inside[4:4] = bytes(4 * rng.randrange(3))
        case _:
            at = 4 + 4 * rng.randrange(max(1, min(inside[3], (len(inside) - 4) // 4)))
            inside[at : at + 4] = rng.choice(NUMBERS).to_bytes(4, "big")
    begin = 4 + 4 * inside[3]
    sides = [int.from_bytes(inside[i : i + 4], "big") for i in range(4, begin, 4)]
    width = {0x0B: 2, 0x0C: 4, 0x0D: 4, 0x0E: 8}.get(inside[2], 1)
    length = math.prod(sides) * width
    if length < 4096 and rng.random() < 0.7:
        body = bytes(inside[begin:]) or b"\0"
        inside[begin:] = (body * (length // len(body) + 1))[:length]
    return gzip.compress(bytes(inside), rng.randrange(10), mtime=0) if zipped else bytes(inside)


FORMATS: dict[str, Callable[[bytes, Random], bytes]] = {
    ".json": json_text,
    ".jsonl": json_lines,
    ".safetensors": safetensors,
    ".idx": idx,
}


def _dumped(tree: Any) -> str:
    """A tree as JSON, its marks replaced by the raw values that they stand for."""
    return re.sub(r'"<raw (\d+)>"', lambda m: RAW[int(m[1])], json.dumps(tree))


def _changed(tree: Any, rng: Random) -> Any:
    """A tree with something in it replaced, dropped, doubled or renamed."""
    if isinstance(tree, dict) and tree and rng.random() < 0.85:
        key = rng.choice(list(tree))
        if rng.random() < 0.1:
            return {name: value for name, value in tree.items() if name != key}
        if rng.random() < 0.08:
            return {**tree, _value(rng, name=True): tree[key]}
        return {**tree, key: _changed(tree[key], rng)}
    if isinstance(tree, list) and tree and rng.random() < 0.85:
        at = rng.randrange(len(tree))
        if rng.random() < 0.15:
            return tree[:at] + [tree[at]] * rng.choice((0, 2, 40)) + tree[at + 1 :]
        return [*tree[:at], _changed(tree[at], rng), *tree[at + 1 :]]
    return _value(rng)


def _value(rng: Random, *, name: bool = False) -> Any:
    kind = rng.random()
    if name or kind < 0.25:
        return rng.choice(WORDS)
    if kind < 0.4:
        return rng.choice((*NUMBERS, -1, -(1 << 31), 1 << 40))
    return f"<raw {rng.randrange(len(RAW))}>"


def _other_array(header: dict[str, Any], body: bytes, rng: Random) -> tuple[bytes, str]:
    """Another array in the header, with offsets and body that fit (mostly)."""
    names = [name for name in header if name != "__metadata__"]
    entry = header[rng.choice(names)]
    match rng.randrange(5):
        case 0:  # as many bytes under another type
            entry["dtype"], times = rng.choice((("I32", 1), ("U32", 1), ("F64", 0.5), ("F16", 2)))
            entry["shape"] = [int(math.prod(entry["shape"]) * times)]
        case 1:  # as many entries in another shape
            entry["shape"] = rng.choice((entry["shape"][::-1], [*entry["shape"], 1], [0, 1 << 40]))
        case 2:  # one more array, of no or few entries
            size = rng.choice((0, 4))
            shape = (
                [1] if size else rng.choice(([0], [0, 1 << 40], [0] * 70, [1 << 62, 0, 1 << 62]))
            )
            end = [len(body), len(body) + size]
            header[rng.choice(WORDS)] = {"dtype": "F32", "shape": shape, "data_offsets": end}
            body += bytes(size)
        case 3:  # two names for the same bytes
            header[rng.choice(WORDS)] = dict(entry)
        case _:
            entry["data_offsets"] = [rng.choice((-1, 0, 4, 1 << 63)), rng.choice((0, 4, 1 << 63))]
    return body, json.dumps(header)
