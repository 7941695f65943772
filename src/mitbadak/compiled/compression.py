"""Compress rows of bytes that are mostly 0 to the columns and values of their nonzero entries.

Processors with AVX-512 VBMI2 compress 64 bytes in one instruction. Elsewhere every byte is written,
and the position advances only after a nonzero one, which needs no branch either.
"""

from __future__ import annotations

from llvmlite import binding, ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from mitbadak.compiled.dense import kernel
from mitbadak.compiled.vector import BYTE, INT, LONG, SHORT, bytes_at, shorts

WIDE = bool(binding.get_host_cpu_features().get("avx512vbmi2"))
BLOCK, HALF = 64, 32


def _compressed(b, vector, kept):
    """The entries where ``kept`` is true, moved to the front; the other lanes are unspecified."""
    kind = vector.type
    name = f"llvm.x86.avx512.mask.compress.v{kind.count}i{kind.element.width}"
    function = cgutils.get_or_insert_function(
        b.module, ir.FunctionType(kind, [kind, kind, kept.type]), name
    )
    return b.call(function, [vector, ir.Constant(kind, None), kept])


def _write(b, address, vector):
    b.store(vector, b.inttoptr(address, vector.type.as_pointer())).align = 1


def _count(b, kept):
    ones = b.bitcast(kept, ir.IntType(kept.type.count))
    return b.zext(b.ctpop(ones), LONG) if kept.type.count < 64 else b.ctpop(ones)


def _half(b, kept, first):
    lanes = ir.Constant(ir.VectorType(INT, HALF), list(range(first, first + HALF)))
    return b.shuffle_vector(kept, kept, lanes)


@intrinsic
def compress_block(context, pixels, column, columns, values):
    """Append the nonzero ones of 64 bytes, the first of which is ``column``; return their count."""

    def generate(target, b, signature, args):
        pixels, column, columns, values = args
        block = ir.VectorType(BYTE, BLOCK)
        loaded = b.load(b.inttoptr(pixels, block.as_pointer()))
        loaded.align = 1
        kept = b.icmp_unsigned("!=", loaded, ir.Constant(block, None))
        _write(b, values, _compressed(b, loaded, kept))
        for first in (0, HALF):
            part = _half(b, kept, first)
            run = ir.VectorType(SHORT, HALF)
            start = b.insert_element(ir.Constant(run, ir.Undefined), b.trunc(column, SHORT),
                                     ir.Constant(INT, 0))  # fmt: skip
            zero = ir.Constant(ir.VectorType(INT, HALF), None)
            numbers = b.add(b.shuffle_vector(start, start, zero),
                          ir.Constant(run, list(range(first, first + HALF))))  # fmt: skip
            _write(b, columns, _compressed(b, numbers, part))
            columns = b.add(columns, b.mul(_count(b, part), ir.Constant(LONG, 2)))
        return _count(b, kept)

    return types.intp(types.intp, types.intp, types.intp, types.intp), generate


@kernel
def compress_row(row, width, columns, values, k):
    """Append the nonzero entries of a row, starting at entry k; return where they end.

    Up to ``plan.SLACK`` entries beyond the end are overwritten with meaningless values.
    """
    j = 0
    if WIDE:
        while j + BLOCK <= width:
            k += compress_block(row + j, j, columns + 2 * k, values + k)  # pyright: ignore[reportCallIssue]
            j += BLOCK
    pixels = bytes_at(row, width)
    while j < width:
        value = pixels[j]
        shorts(columns + 2 * k, 1)[0] = j
        bytes_at(values + k, 1)[0] = value
        k += value != 0
        j += 1
    return k
