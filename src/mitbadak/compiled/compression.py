"""Bytes that are mostly 0 as columns and values of what is not, 64 at a time where there is code.

Processors with AVX-512 VBMI2 push the bytes that are not 0 together in one instruction. Elsewhere
every byte is written and only those that are not 0 stay, which needs no branch either.
"""

from __future__ import annotations

from llvmlite import binding, ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from mitbadak.compiled.dense import kernel
from mitbadak.compiled.vector import BYTE, INT, LONG, SHORT, bytes_at, shorts

WIDE = bool(binding.get_host_cpu_features().get("avx512vbmi2"))
BLOCK, HALF = 64, 32


def _pushed_together(b, vector, kept):
    """The entries of a vector where ``kept`` is true, first; the rest is anything."""
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
    """Append 64 bytes from ``pixels``, of which the first stands in ``column``; how many stayed."""

    def generate(target, b, signature, args):
        pixels, column, columns, values = args
        block = ir.VectorType(BYTE, BLOCK)
        loaded = b.load(b.inttoptr(pixels, block.as_pointer()))
        loaded.align = 1
        kept = b.icmp_unsigned("!=", loaded, ir.Constant(block, None))
        _write(b, values, _pushed_together(b, loaded, kept))
        for first in (0, HALF):
            part = _half(b, kept, first)
            run = ir.VectorType(SHORT, HALF)
            start = b.insert_element(ir.Constant(run, ir.Undefined), b.trunc(column, SHORT),
                                     ir.Constant(INT, 0))  # fmt: skip
            zero = ir.Constant(ir.VectorType(INT, HALF), None)
            names = b.add(b.shuffle_vector(start, start, zero),
                          ir.Constant(run, list(range(first, first + HALF))))  # fmt: skip
            _write(b, columns, _pushed_together(b, names, part))
            columns = b.add(columns, b.mul(_count(b, part), ir.Constant(LONG, 2)))
        return _count(b, kept)

    return types.intp(types.intp, types.intp, types.intp, types.intp), generate


@kernel
def compress_row(row, width, columns, values, k):
    """Append the entries of a row that are not 0, from entry k on; where they end.

    Up to ``plan.SLACK`` entries beyond are written too, and mean nothing.
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
