"""Changes inside picture files: sizes, depths, palettes and notes, with checksums that fit."""

from __future__ import annotations

import struct
import zlib
from random import Random

from fuzzing.changes import NUMBERS, plain

PNG = b"\x89PNG\r\n\x1a\n"
SIDES = (0, 1, 2, 3, 8, 28, 300, 4096, 65535, 1 << 20, (1 << 31) - 1, (1 << 32) - 1)
CHUNKS = (
    (b"tRNS", b"\0"), (b"tRNS", b"\0" * 6), (b"PLTE", b"\0\xff\0" * 2), (b"PLTE", b"\0" * 771),
    (b"eXIf", b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"),
    (b"eXIf", b"II*\0\xff\xff\xff\xff"), (b"zTXt", b"a\0\0" + zlib.compress(bytes(1 << 21))),
    (b"iCCP", b"a\0\0" + zlib.compress(bytes(1 << 21))), (b"iTXt", b"a\0\1\0\0\0x"),
    (b"acTL", b"\0\0\0\2\0\0\0\0"), (b"acTL", b"\xff" * 8), (b"gAMA", b"\0\0\0\0"),
    (b"pHYs", b"\0" * 9), (b"fcTL", b"\0\0\0\0" + b"\xff" * 22), (b"fdAT", b"\0\0\0\1abc"),
    (b"sRGB", b"\0"), (b"IDAT", b""), (b"IEND", b""), (b"abcd", b""), (b"ABCD", b"a" * 99),
    (b"cHRM", b"\0" * 31), (b"bKGD", b"\0\1"), (b"tIME", b""), (b"IHDR", b"\0" * 13),
)  # fmt: skip
DEPTHS = ((0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8),
          (4, 8), (4, 16), (6, 8), (6, 16), (5, 8), (3, 16))  # fmt: skip


def picture(content: bytes, rng: Random) -> bytes:
    """A picture with a change that its decoder gets to see."""
    if content.startswith(PNG) and rng.random() < 0.85:
        return _png(content, rng)
    if rng.random() < 0.6:  # the others have their sizes in the first bytes, without checksums
        return _header(content, rng)
    return plain(content, [], rng)


def _png(content: bytes, rng: Random) -> bytes:
    chunks = _chunks(content)
    at = rng.randrange(len(chunks))
    match rng.randrange(8):
        case 0 | 1:
            chunks = _other_picture(chunks, rng)
        case 2:
            chunks.insert(at, rng.choice(CHUNKS))
        case 3:
            del chunks[at]
        case 4:
            chunks.insert(rng.randrange(len(chunks)), chunks.pop(at))
        case 5:
            chunks.insert(at, chunks[at])
        case 6:
            pixels = b"".join(body for name, body in chunks if name == b"IDAT")
            raw = zlib.compress(plain(zlib.decompress(pixels), [], rng))
            chunks = [(n, raw if n == b"IDAT" else body) for n, body in chunks]
        case _:
            chunks[at] = (chunks[at][0], plain(chunks[at][1], [c[1] for c in CHUNKS], rng))
    return PNG + b"".join(_packed(*chunk) for chunk in chunks)


def _other_picture(chunks: list[tuple[bytes, bytes]], rng: Random) -> list[tuple[bytes, bytes]]:
    """Another size, depth, kind or interlacing; the pixels suffice (mostly)."""
    fields = list(struct.unpack(">IIBBBBB", chunks[0][1]))
    if rng.random() < 0.5:
        fields[rng.randrange(2)] = rng.choice(SIDES)
    if rng.random() < 0.5:
        fields[3], fields[2] = rng.choice(DEPTHS)
    if rng.random() < 0.3:
        fields[6] = rng.choice((0, 1, 1, 2))
    length = fields[1] * (fields[0] * fields[2] * 4 // 8 + 2)
    entries = zlib.compress(rng.randbytes(64) + bytes(length)) if length < 1 << 22 else b""
    head = (b"IHDR", struct.pack(">IIBBBBB", *fields))
    rest = [(n, entries if n == b"IDAT" and entries else body) for n, body in chunks[1:]]
    return [head, *rest]


def _chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    chunks, at = [], len(PNG)
    while at + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        chunks.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + length]))
        at += 12 + length
    return chunks


def _packed(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _header(content: bytes, rng: Random) -> bytes:
    """One number within the first bytes changed: where sizes, depths and offsets are."""
    width = rng.choice((1, 2, 2, 4))
    at = rng.randrange(max(1, min(len(content), rng.choice((32, 64, 700))) - width))
    number = rng.choice((*NUMBERS, *SIDES)) % (1 << 8 * width)
    field = number.to_bytes(width, rng.choice(("big", "little")))
    return content[:at] + field + content[at + width :]
