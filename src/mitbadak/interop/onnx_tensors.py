"""The tensors of ONNX files as arrays.

References:
    ONNX, onnx.proto, github.com/onnx/onnx, for the numbers of fields and data types.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mitbadak.core.errors import FormatError
from mitbadak.interop.protobuf import Fields, bytes_of, fields_of, text_of, whole_numbers

FLOAT, BOOL, FLOAT16, DOUBLE, BFLOAT16 = 1, 9, 10, 11, 16  # TensorProto.DataType
DTYPES = {FLOAT: "<f4", 2: "u1", 3: "i1", 4: "<u2", 5: "<i2", 6: "<i4", 7: "<i8", BOOL: "u1",
          FLOAT16: "<u2", DOUBLE: "<f8", 12: "<u4", 13: "<u8", BFLOAT16: "<u2"}  # fmt: skip
# How the bits of other kinds become numbers.
MEANT: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    BOOL: lambda a: a != 0,
    FLOAT16: lambda a: a.view("<f2").astype(np.float32),
    BFLOAT16: lambda a: (a.astype("<u4") << 16).view("<f4"),
}
TENSOR = {"dims": 1, "data_type": 2, "float_data": 4, "int32_data": 5, "int64_data": 7, "name": 8,
          "raw_data": 9, "double_data": 10, "uint64_data": 11, "data_location": 14}  # fmt: skip
WHOLE = {7: "int64_data", 12: "uint64_data", 13: "uint64_data"}  # all others: int32_data


def tensor_of(content: Any) -> tuple[str, np.ndarray]:
    """The name of a TensorProto, and its numbers as an array.

    Raises:
        FormatError: it is damaged, in another file, or of a kind that nets do not have.
    """
    fields = fields_of(bytes_of(content))
    name, kind = text_of(fields, TENSOR["name"]), fields.get(TENSOR["data_type"], [0])[-1]
    shape = whole_numbers(fields.get(TENSOR["dims"], []))
    if fields.get(TENSOR["data_location"], [0])[-1]:
        raise FormatError(f"the tensor {name!r} is in another file; save the model in one file")
    if kind not in DTYPES:
        raise FormatError(
            f"the tensor {name!r} is of the ONNX data type {kind}; expected floats, whole numbers "
            "or booleans. Export the model in float32"
        )
    data = _numbers(fields, kind)
    if any(n < 0 for n in shape) or int(np.prod(shape, dtype=object)) != data.size:
        raise FormatError(f"the tensor {name!r} has {data.size:,} numbers for the shape {shape}")
    return name, data.reshape(shape)


def _numbers(fields: Fields, kind: int) -> np.ndarray:
    dtype = np.dtype(DTYPES[kind])
    as_meant = MEANT.get(kind, lambda a: a)
    if TENSOR["raw_data"] in fields:
        raw = bytes_of(fields[TENSOR["raw_data"]][-1])
    elif kind in (FLOAT, DOUBLE):
        which = TENSOR["float_data" if kind == FLOAT else "double_data"]
        raw = b"".join(map(bytes_of, fields.get(which, [])))
    else:
        values = whole_numbers(fields.get(TENSOR[WHOLE.get(kind, "int32_data")], []))
        lowest, highest = np.iinfo(dtype).min, np.iinfo(dtype).max
        values = [v % (1 << 64) for v in values] if kind == 13 else values  # without sign
        if any(not lowest <= v <= highest for v in values):
            raise FormatError("a tensor holds a number that is too large for its kind")
        return as_meant(np.array(values, dtype))
    if len(raw) % dtype.itemsize:
        raise FormatError("a tensor is cut off")
    return as_meant(np.frombuffer(raw, dtype))
