"""The wire format of protocol buffers, as far as model files need it.

A message is a sequence of fields, each a number with a wire type and then its value: a varint, four
bytes, eight bytes, or so many bytes. Numbers of fields and their meanings are in ``onnx_file``.

References:
    Protocol Buffers, Encoding, protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any

from mitbadak.core.errors import FormatError

VARINT, EIGHT_BYTES, BYTES, FOUR_BYTES = 0, 1, 2, 5
MOST_VARINT = 10  # bytes
Fields = dict[int, list[Any]]


def varint(value: int) -> bytes:
    """A whole number in groups of 7 bits, the lowest first; negative ones as 64 bits.

    Example:
        >>> varint(150), varint(-1)[-1:]
        (b'\\x96\\x01', b'\\x01')
    """
    value &= (1 << 64) - 1
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def message(fields: Iterable[tuple[int, Any]]) -> bytes:
    """Fields as a message: whole numbers, floats, text, and bytes, which may be messages.

    Args:
        fields: pairs of a field's number and its value.

    Example:
        >>> message([(1, 150), (2, "testing"), (3, 0.5)])
        b'\\x08\\x96\\x01\\x12\\x07testing\\x1d\\x00\\x00\\x00?'
    """
    parts = []
    for number, value in fields:
        if isinstance(value, float):
            parts.append(varint(number << 3 | FOUR_BYTES) + struct.pack("<f", value))
        elif isinstance(value, int):
            parts.append(varint(number << 3 | VARINT) + varint(value))
        else:
            content = value.encode() if isinstance(value, str) else value
            parts += [varint(number << 3 | BYTES) + varint(len(content)), content]
    return b"".join(parts)


def fields_of(content: bytes) -> Fields:
    """The fields of a message by their numbers, each a list of its values in order.

    Args:
        content: the message.

    Returns:
        Whole numbers without sign, and bytes; of four or eight bytes these.

    Raises:
        FormatError: it is cut off, or is no message.

    Example:
        >>> fields_of(message([(1, 150), (2, "a"), (2, "b")]))
        {1: [150], 2: [b'a', b'b']}
    """
    fields: Fields = {}
    place = 0
    while place < len(content):
        key, place = _read_varint(content, place)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, place = _read_varint(content, place)
        else:
            length = {EIGHT_BYTES: 8, FOUR_BYTES: 4}.get(kind, -1)
            if kind == BYTES:
                length, place = _read_varint(content, place)
            if number == 0 or length < 0 or length > len(content) - place:
                raise FormatError("a message is cut off, or damaged")
            value, place = content[place : place + length], place + length
        fields.setdefault(number, []).append(value)
    return fields


def signed(value: int) -> int:
    """A whole number of 64 bits with its sign.

    Example:
        >>> signed((1 << 64) - 1)
        -1
    """
    return value - (1 << 64) if value >> 63 else value


def whole_numbers(values: Iterable[Any]) -> list[int]:
    """The numbers of a repeated field, one by one or packed together.

    Raises:
        FormatError: it holds something else.

    Example:
        >>> whole_numbers([5, b'\\x01\\x96\\x01'])
        [5, 1, 150]
    """
    numbers = []
    for value in values:
        if isinstance(value, int):
            numbers.append(signed(value))
            continue
        place = 0
        while place < len(value):
            number, place = _read_varint(value, place)
            numbers.append(signed(number))
    return numbers


def bytes_of(value: Any) -> bytes:
    """A field's value that should be bytes, refused if it is a number."""
    if not isinstance(value, bytes):
        raise FormatError("a message is damaged")
    return value


def text_of(fields: Fields, number: int) -> str:
    """The text in a field, "" where there is none.

    Raises:
        FormatError: it is no text.
    """
    try:
        return bytes_of(fields.get(number, [b""])[-1]).decode()
    except UnicodeDecodeError:
        raise FormatError("a message is damaged") from None


def _read_varint(content: bytes, place: int) -> tuple[int, int]:
    value = 0
    for i, byte in enumerate(content[place : place + MOST_VARINT]):
        value |= (byte & 0x7F) << 7 * i
        if byte < 0x80:
            return value & (1 << 64) - 1, place + i + 1
    raise FormatError("a message is cut off, or damaged")
