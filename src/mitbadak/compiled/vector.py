"""Vector code for Numba: the few inner loops that are slow as plain loops, written as LLVM IR.

Each is an ``@intrinsic`` on addresses. A row of up to 64 floats is one LLVM vector, which LLVM maps
to the registers of the machine, and sums stay in registers throughout. Rows are padded to a
multiple of ``LANES`` floats, so that no loop needs a remainder.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import njit
from numba.core import cgutils, types
from numba.extending import intrinsic
from numba.np.numpy_support import carray

from mitbadak.compiled.plan import LANES

WIDTHS = (64, 32, 16)  # of a block of columns: four, two or one of the widest registers

FLOAT, BYTE, SHORT, INT, LONG = (
    ir.FloatType(), ir.IntType(8), ir.IntType(16), ir.IntType(32), ir.IntType(64),
)  # fmt: skip
Builder = Any
Value = Any


def vector_of(width: int) -> ir.VectorType:
    return ir.VectorType(FLOAT, width)


def constant(value: float, width: int) -> ir.Constant:
    return ir.Constant(vector_of(width), [value] * width)


def at(b: Builder, address: Value, kind: ir.Type, index: Value | int = 0) -> Value:
    """Pointer to entry ``index`` of an array of ``kind`` that starts at ``address``."""
    index = ir.Constant(LONG, index) if isinstance(index, int) else index
    return b.gep(b.inttoptr(address, kind.as_pointer()), [index])


def broadcast(b: Builder, scalar: Value, width: int) -> Value:
    """A vector with the scalar in every lane."""
    undefined = ir.Constant(vector_of(width), ir.Undefined)
    first = b.insert_element(undefined, scalar, ir.Constant(INT, 0))
    return b.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(INT, width), [0] * width))


def load(b: Builder, address: Value, width: int) -> Value:
    loaded = b.load(b.inttoptr(address, vector_of(width).as_pointer()))
    loaded.align = 4
    return loaded


def store(b: Builder, address: Value, value: Value) -> None:
    stored = b.store(value, b.inttoptr(address, value.type.as_pointer()))
    stored.align = 4


def call(b: Builder, name: str, *args: Value) -> Value:
    """Call an LLVM intrinsic on vectors, such as ``fma``."""
    kind = args[0].type
    function_type = ir.FunctionType(kind, [kind] * len(args))
    full = f"llvm.{name}.v{kind.count}f32"
    return b.call(cgutils.get_or_insert_function(b.module, function_type, full), args)


def count_up(b: Builder, n: Value, sums: list[Value], body: Callable) -> list[Value]:
    """``for k in range(n): sums = body(k, sums)``, with the sums in registers."""
    before = b.block
    head, inside, done = (b.append_basic_block(name) for name in ("head", "inside", "done"))
    b.branch(head)
    b.position_at_end(head)
    k = b.phi(LONG)
    carried = [b.phi(s.type) for s in sums]
    b.cbranch(b.icmp_signed("<", k, n), inside, done)
    b.position_at_end(inside)
    new = body(k, carried)
    following = b.add(k, ir.Constant(LONG, 1))
    b.branch(head)
    for phi, first, later in zip([k, *carried], [ir.Constant(LONG, 0), *sums], [following, *new],
                                 strict=True):  # fmt: skip
        phi.add_incoming(first, before)
        phi.add_incoming(later, b.block)
    b.position_at_end(done)
    return carried


def view_of(kind: Any) -> Any:
    """A function that views ``n`` entries of ``kind`` at an address as an array."""

    @intrinsic
    def pointer(context, address):
        def generate(target, b, signature, args):
            return b.inttoptr(args[0], target.get_value_type(signature.return_type))

        return types.CPointer(kind)(types.intp), generate

    @njit
    def view(address, n):
        return carray(pointer(address), n)  # pyright: ignore[reportCallIssue]

    return view


floats, doubles, ints, bytes_at, shorts, counters = map(
    view_of, (types.float32, types.float64, types.int64, types.uint8, types.uint16, types.int32)
)


def _returning_nothing(count: int) -> Any:
    """Signature of an intrinsic that takes addresses and integers and returns nothing."""
    return types.void(*[types.intp] * count)


def _sum_of_rows(b, width, out, start, table, stride, columns, values, n, scale, also=None):
    """IR for ``out = start + sum_k scale[values_k] * table[columns_k]``, for one example.

    ``also(column, value)`` generates more code for each pixel.
    """

    def body(k, sums):
        column = b.zext(b.load(at(b, columns, SHORT, k)), LONG)
        value = b.zext(b.load(at(b, values, BYTE, k)), LONG)
        x = broadcast(b, b.load(at(b, scale, FLOAT, value)), width)
        row = load(b, b.add(table, b.mul(column, stride)), width)
        if also is not None:
            also(column, value)
        return [call(b, "fma", x, row, sums[0])]

    (total,) = count_up(b, n, [load(b, start, width)], body)
    store(b, out, total)


def sparse_forward(width: int) -> Any:
    """``out = start + sum_k scale[values_k] * table[columns_k]`` for the pixels of one example."""

    @intrinsic
    def kernel(context, out, start, table, stride, columns, values, n, scale):
        def generate(target, b, signature, args):
            _sum_of_rows(b, width, *args)
            return target.get_dummy_value()

        return _returning_nothing(8), generate

    return kernel


def sparse_forward_filing(width: int) -> Any:
    """The same, and file each pixel's (example, value) under its column for the backward pass."""

    @intrinsic
    def kernel(
        context,
        out,
        start,
        table,
        stride,
        columns,
        values,
        n,
        scale,
        counts,
        files,
        capacity,
        example,
    ):
        def generate(target, b, signature, args):
            counts, files, capacity, example = args[8:]
            tag = b.shl(example, ir.Constant(LONG, 8))

            def file(column, value):
                filed = at(b, counts, INT, column)
                number = b.load(filed)
                place = b.add(b.mul(column, capacity), b.zext(number, LONG))
                b.store(b.trunc(b.or_(tag, value), INT), at(b, files, INT, place))
                b.store(b.add(number, ir.Constant(INT, 1)), filed)

            _sum_of_rows(b, width, *args[:8], also=file)
            return target.get_dummy_value()

        return _returning_nothing(12), generate

    return kernel


def sparse_backward(width: int) -> Any:
    """``row += sum_k scale[value_k] * table[example_k]`` over the pixels filed under one column."""

    @intrinsic
    def kernel(context, row, table, stride, files, n, scale):
        def generate(target, b, signature, args):
            row, table, stride, files, n, scale = args

            def body(k, sums):
                filed = b.zext(b.load(at(b, files, INT, k)), LONG)
                value = b.and_(filed, ir.Constant(LONG, 255))
                example = b.lshr(filed, ir.Constant(LONG, 8))
                x = broadcast(b, b.load(at(b, scale, FLOAT, value)), width)
                d = load(b, b.add(table, b.mul(example, stride)), width)
                return [call(b, "fma", x, d, sums[0])]

            (total,) = count_up(b, n, [load(b, row, width)], body)
            store(b, row, total)
            return target.get_dummy_value()

        return _returning_nothing(6), generate

    return kernel


def product(rows: int, width: int) -> Any:
    """``c[i] = start[i] + sum_k a[i, k] * b[k]`` for a block of ``rows`` by ``width`` of c.

    Steps between entries are in bytes, so that a may be a transposed view. With a step of 0,
    ``start`` is the same row for all, such as a bias.
    """

    @intrinsic
    def kernel(context, c, c_step, start, start_step, a, a_row, a_column, b_address, b_step, n):
        def generate(target, b, signature, args):
            c, c_step, start, start_step, a, a_row, a_column, b_address, b_step, n = args
            lines = [ir.Constant(LONG, i) for i in range(rows)]
            sums = [load(b, b.add(start, b.mul(i, start_step)), width) for i in lines]
            a_rows = [b.add(a, b.mul(i, a_row)) for i in lines]

            def body(k, sums):
                line = load(b, b.add(b_address, b.mul(k, b_step)), width)
                shift = b.mul(k, a_column)
                entries = [b.load(at(b, b.add(row, shift), FLOAT)) for row in a_rows]
                return [
                    call(b, "fma", broadcast(b, x, width), line, total)
                    for x, total in zip(entries, sums, strict=True)
                ]

            for i, total in zip(lines, count_up(b, n, sums, body), strict=True):
                store(b, b.add(c, b.mul(i, c_step)), total)
            return target.get_dummy_value()

        return _returning_nothing(10), generate

    return kernel


def elementwise(generate_entry: Callable, inputs: int) -> Any:
    """``out[...] = entry(in...)`` over ``n`` floats, n a multiple of ``LANES``."""

    def loop(b, n, addresses, out):
        def body(k, sums):
            shift = b.mul(k, ir.Constant(LONG, 4 * LANES))
            values = [load(b, b.add(address, shift), LANES) for address in addresses]
            store(b, b.add(out, shift), generate_entry(b, *values))
            return []

        count_up(b, b.sdiv(n, ir.Constant(LONG, LANES)), [], body)

    if inputs == 1:

        @intrinsic
        def unary(context, out, x, n):
            def generate(target, b, signature, args):
                loop(b, args[2], [args[1]], args[0])
                return target.get_dummy_value()

            return _returning_nothing(3), generate

        return unary

    @intrinsic
    def binary(context, out, x, y, n):
        def generate(target, b, signature, args):
            loop(b, args[3], [args[1], args[2]], args[0])
            return target.get_dummy_value()

        return _returning_nothing(4), generate

    return binary


# exp by Cody and Waite's reduction and a polynomial of degree 6: x = n ln 2 + r, |r| <= ln 2 / 2,
# exp(x) = 2^n exp(r); ln 2 in two parts so that n ln 2 is exact. Error below 1 unit in the last
# place of float32 over [-87, 88] (Moshier's Cephes, expf, has the same form and coefficients).
LOG2_E, LN2_HIGH, LN2_LOW = 1.44269504088896341, 0.693359375, -2.12194440e-4
EXP_COEFFICIENTS = (
    1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1,
    5.0000001201e-1,
)  # fmt: skip
EXP_LOW, EXP_HIGH = -87.3, 88.3


def exp_entry(b: Builder, x: Value) -> Value:
    """IR for exp of a vector, clamped to the range in which float32 has normal numbers."""
    width = x.type.count

    def c(value):
        return constant(value, width)

    # Compared so that NaN stays NaN, which LLVM's own minnum and maxnum would replace.
    x = b.select(b.fcmp_ordered(">", x, c(EXP_HIGH)), c(EXP_HIGH), x)
    x = b.select(b.fcmp_ordered("<", x, c(EXP_LOW)), c(EXP_LOW), x)
    n = call(b, "rint", b.fmul(x, c(LOG2_E)))
    r = call(b, "fma", n, c(-LN2_HIGH), x)
    r = call(b, "fma", n, c(-LN2_LOW), r)
    p = c(EXP_COEFFICIENTS[0])
    for coefficient in EXP_COEFFICIENTS[1:]:
        p = call(b, "fma", p, r, c(coefficient))
    p = b.fadd(call(b, "fma", p, b.fmul(r, r), r), c(1.0))
    whole = ir.VectorType(INT, width)
    exponent = b.add(b.fptosi(n, whole), ir.Constant(whole, [127] * width))
    power = b.bitcast(b.shl(exponent, ir.Constant(whole, [23] * width)), vector_of(width))
    return b.fmul(p, power)


def sigmoid_entry(b: Builder, x: Value) -> Value:
    one = constant(1.0, x.type.count)
    return b.fdiv(one, b.fadd(one, exp_entry(b, b.fneg(x))))


def hyperbolic_entry(b: Builder, x: Value) -> Value:
    """tanh x = 1 - 2 / (1 + exp 2x); near 0, where that cancels, x - x^3/3 + ... to x^9."""
    width = x.type.count

    def c(value):
        return constant(value, width)

    far = b.fsub(c(1.0), b.fdiv(c(2.0), b.fadd(c(1.0), exp_entry(b, b.fmul(x, c(2.0))))))
    square = b.fmul(x, x)
    p = c(62 / 2835)
    for coefficient in (-17 / 315, 2 / 15, -1 / 3):
        p = call(b, "fma", p, square, c(coefficient))
    near = call(b, "fma", b.fmul(p, square), x, x)
    return b.select(b.fcmp_ordered("<", square, c(0.04)), near, far)


def _rectified(b: Builder, x: Value) -> Value:
    zero = constant(0.0, x.type.count)
    return b.select(b.fcmp_ordered("<", x, zero), zero, x)  # NaN stays


def _logistic_slope(b: Builder, d: Value, y: Value) -> Value:
    return b.fmul(d, b.fmul(y, b.fsub(constant(1.0, y.type.count), y)))


def _hyperbolic_slope(b: Builder, d: Value, y: Value) -> Value:
    return b.fmul(d, b.fsub(constant(1.0, y.type.count), b.fmul(y, y)))


def _rectified_slope(b: Builder, d: Value, y: Value) -> Value:
    zero = constant(0.0, y.type.count)
    return b.select(b.fcmp_ordered(">", y, zero), d, zero)


exponential = elementwise(exp_entry, 1)
logistic = elementwise(sigmoid_entry, 1)
hyperbolic = elementwise(hyperbolic_entry, 1)
rectify = elementwise(_rectified, 1)
logistic_slope = elementwise(_logistic_slope, 2)
hyperbolic_slope = elementwise(_hyperbolic_slope, 2)
rectify_slope = elementwise(_rectified_slope, 2)


@intrinsic
def prefetch(context, address):
    """Prefetch the cache line at an address that will be read soon."""

    def generate(target, b, signature, args):
        pointer = BYTE.as_pointer()
        function_type = ir.FunctionType(ir.VoidType(), [pointer, INT, INT, INT])
        function = cgutils.get_or_insert_function(b.module, function_type, "llvm.prefetch.p0")
        hints = [ir.Constant(INT, hint) for hint in (0, 3, 1)]  # for reading, all caches, data
        b.call(function, [b.inttoptr(args[0], pointer), *hints])
        return target.get_dummy_value()

    return types.void(types.intp), generate
