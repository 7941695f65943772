"""Changes inside formats whose lengths and checksums must fit, or nothing is read: arrays."""

from __future__ import annotations

import gzip
import io
import json
import math
import re
import warnings
import zipfile
from random import Random
from typing import Any

from fuzzing.changes import NUMBERS, RAW, WORDS, changed, dumped, plain

TYPES = (
    "|u1", "<f4", "<f8", "<f2", ">i8", "|b1", "<U3", "<U0", "|O", "|S3", "<c8", "<M8[s]", "<f16",
    "<i1", "<u8", "V8", "=f8", "<U9999", "<f3",
)  # fmt: skip
SHAPES = (
    "()", "(0,)", "(3,)", "(10,)", "(10, 1)", "(10, 2)", "(2, 5)", "(0, 1099511627776)",
    "(4294967296, 4294967296)", "(-1,)", "(True,)", "[10]", "10", "(1.0,)", "(10, 0)", "(10,) * 2",
    "(" + "1, " * 70 + ")", "(" * 300 + ")" * 300, "9" * 5000, "('a',)",
)  # fmt: skip


def safetensors(content: bytes, rng: Random) -> bytes:
    """A safetensors file with its header changed; its length is right (mostly), as is the padding.

    The header holds a description in JSON of its own, which is changed as JSON.
    """
    length = int.from_bytes(content[:8], "little")
    header, body = json.loads(content[8 : 8 + length]), content[8 + length :]
    described = header.get("__metadata__", {}).get("mitbadak")
    if described and rng.random() < 0.65:
        header["__metadata__"]["mitbadak"] = dumped(changed(json.loads(described), rng))
        text = json.dumps(header)
    elif rng.random() < 0.5:
        body, text = _other_array(header, body, rng)
    else:
        text = dumped(changed(header, rng))
    packed = text.encode("utf-8", "surrogatepass")
    packed += b" " * (-len(packed) % 8)
    length = len(packed) if rng.random() < 0.97 else rng.choice((0, 1 << 40, (1 << 64) - 1))
    return length.to_bytes(8, "little") + packed + body


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


def npz(content: bytes, rng: Random) -> bytes:
    """A zip file of arrays, one of them changed; the checksums and (mostly) the sizes fit."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(m.filename, archive.read(m), m.compress_type) for m in archive.infolist()]
    at = rng.randrange(len(members))
    name, inside, way = members[at]
    match rng.randrange(8):
        case 0:
            names = ("x", "t", "y", "x_train", "y_train", "images", "../x", "/x", "a\0b", "\u200b")
            name = rng.choice(names) + ".npy"
        case 1:
            way = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))
        case 2:
            inside = plain(inside, [body for _, body, _ in members], rng)
        case 3:
            inside = members[rng.randrange(len(members))][1]
        case _:
            inside = _npy(inside, rng)
    members[at] = (name, inside, way)
    if rng.random() < 0.1:
        members.insert(at, rng.choice(members))
    packed = bytearray(_zipped(members))
    if rng.random() < 0.2:  # the fields of a member's entry in the list at the end
        starts = [m.start() for m in re.finditer(b"PK\x01\x02", packed)]
        field = rng.choice(starts) + rng.choice((8, 10, 16, 20, 24, 28, 30, 38, 42))
        packed[field : field + 2] = rng.choice(NUMBERS).to_bytes(4, "little")[: rng.choice((2, 4))]
    return bytes(packed)


def _zipped(members: list[tuple[str, bytes, int]]) -> bytes:
    packed = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(packed, "w") as archive:
        warnings.simplefilter("ignore")  # two members of one name
        for name, body, way in members:
            archive.writestr(zipfile.ZipInfo(name), body, way)
    return packed.getvalue()


def _npy(content: bytes, rng: Random) -> bytes:
    """An array with another header, which says its own length; the entries fit half of the time."""
    start = 10 if content[6] == 1 else 12
    length = int.from_bytes(content[8:start], "little")
    header, body = content[start : start + length].decode("latin-1"), content[start + length :]
    match rng.randrange(5):
        case 0:
            header = re.sub(r"'descr': '[^']*'", f"'descr': '{rng.choice(TYPES)}'", header)
        case 1:
            header = re.sub(r"'shape': \([^)]*\)", f"'shape': {rng.choice(SHAPES)}", header)
        case 2:
            header = header.replace("False", "True")
        case 3:
            values = ("1e999", "nan", "-1", "[]", "{}", "__import__('os')", *RAW, *WORDS)
            value = rng.choice(values)
            header = re.sub(r"(False|True|'[^']*'(?=,))", lambda _: value, header, count=1)
        case _:
            header = plain(header.encode("latin-1"), [], rng).decode("latin-1")
    if rng.random() < 0.5:
        shape = re.search(r"'shape': \(([\d, ]*)\)", header)
        width = re.search(r"'descr': '.([a-zA-Z])(\d+)", header)
        if shape and width:
            sides = [int(side) for side in shape[1].split(",") if side.strip()]
            wanted = math.prod(sides) * int(width[2]) * (4 if width[1] == "U" else 1)
            if wanted < 8192:
                body = (body * (wanted // max(1, len(body)) + 1))[:wanted]
    return content[:8] + len(header).to_bytes(start - 8, "little") + header.encode("latin-1") + body


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
