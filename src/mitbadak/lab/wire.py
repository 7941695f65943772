"""Frames as bytes for the WebSocket: a length, a JSON header, and the arrays behind it.

``[header length: uint32][header][padding to 8][array][padding to 8][array]...``; the header is
the frame's content with ``buffers``, the length of each array. Little-endian as everywhere in a
browser. Arrays begin at multiples of 8, so that typed arrays can look at them where they are.
"""

from __future__ import annotations

import json
import math
import struct
from typing import Any, NamedTuple

ALIGNMENT = 8


class Frame(NamedTuple):
    """What a page gets: a JSON object, and arrays as bytes beside it.

    Attributes:
        content: ``{"type": ..., ...}``.
        buffers: the bytes of arrays that ``content`` describes.
    """

    content: dict[str, Any]
    buffers: tuple[bytes, ...] = ()


def packed(frame: Frame) -> bytes:
    """A frame as one binary message.

    Example:
        >>> message = packed(Frame({"type": "hello"}, (b"abc",)))
        >>> message[:4], message[4:34], message[40:43]
        (b'\\x1e\\x00\\x00\\x00', b'{"type":"hello","buffers":[3]}', b'abc')
    """
    header = json.dumps(
        finite({**frame.content, "buffers": [len(b) for b in frame.buffers]}),
        separators=(",", ":"), ensure_ascii=False, allow_nan=False,
    ).encode()  # fmt: skip
    parts = [struct.pack("<I", len(header)), header, _padding(4 + len(header))]
    for buffer in frame.buffers:
        parts += [buffer, _padding(len(buffer))]
    return b"".join(parts)


def finite(value: Any) -> Any:
    """NaN and infinity as None, since JSON has neither.

    Example:
        >>> finite({"loss": [0.5, float("nan")]})
        {'loss': [0.5, None]}
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: finite(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(entry) for entry in value]
    return value


def _padding(length: int) -> bytes:
    return bytes(-length % ALIGNMENT)
