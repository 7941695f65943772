"""Dense parts of a training step: matrix products, activations, and copying rows."""

from __future__ import annotations

from llvmlite import binding
from numba import njit

from mitbadak.compiled import plan as p, vector
from mitbadak.compiled.vector import bytes_at, floats, ints

# The block of a product that fills the vector registers: 4 x 4 of 16 floats, or 6 x 2 of 8.
ROWS, BLOCK = (4, 64) if binding.get_host_cpu_features().get("avx512f") else (6, 16)
SIDE = 16  # of a square that is transposed at once; it fits in the L1 cache

tile_64, tile_32, tile_16 = (vector.product(ROWS, min(w, BLOCK)) for w in vector.WIDTHS)
line_64, line_32, line_16 = (vector.product(1, min(w, BLOCK)) for w in vector.WIDTHS)
logistic, hyperbolic = vector.logistic, vector.hyperbolic
kernel = njit(nogil=True, error_model="numpy")


@kernel
def block(columns, most):
    """The widest block that fits: a power of two, since LLVM splits other widths inefficiently."""
    for width in (64, 32):
        if width <= min(columns, most):
            return width
    return 16


@kernel
def product(m, n, k, c, c_step, start, start_step, a, a_row, a_column, b, b_step):
    """``c = start + a b`` for c of shape (m, n), n padded. Takes addresses, and steps in bytes."""
    j = 0
    while j < n:
        width = block(n - j, BLOCK)
        shift = 4 * j
        i = 0
        while i < m:
            full = i + ROWS <= m
            ci, si, ai = c + i * c_step + shift, start + i * start_step + shift, a + i * a_row
            bj = b + shift
            if full:
                if width == 64:
                    tile_64(ci, c_step, si, start_step, ai, a_row, a_column, bj, b_step, k)
                elif width == 32:
                    tile_32(ci, c_step, si, start_step, ai, a_row, a_column, bj, b_step, k)
                else:
                    tile_16(ci, c_step, si, start_step, ai, a_row, a_column, bj, b_step, k)
                i += ROWS
            else:
                if width == 64:
                    line_64(ci, c_step, si, start_step, ai, a_row, a_column, bj, b_step, k)
                elif width == 32:
                    line_32(ci, c_step, si, start_step, ai, a_row, a_column, bj, b_step, k)
                else:
                    line_16(ci, c_step, si, start_step, ai, a_row, a_column, bj, b_step, k)
                i += 1
        j += width


@kernel
def affine(base, line, first, rows, x, x_step):
    """``a = x W + b`` for some rows of a layer."""
    step = 4 * line[p.ROW_OUT]
    product(rows, line[p.ROW_OUT], line[p.N_IN], base + 4 * line[p.A] + first * step, step,
            base + 4 * line[p.B], 0, x, x_step, 4, base + 4 * line[p.W], step)  # fmt: skip


@kernel
def activate(base, line, first, rows):
    out, n = base + 4 * (line[p.A] + first * line[p.ROW_OUT]), rows * line[p.ROW_OUT]
    if line[p.ACTIVATION] == p.SIGMOID:
        logistic(out, out, n)
    elif line[p.ACTIVATION] == p.TANH:
        hyperbolic(out, out, n)
    elif line[p.ACTIVATION] == p.RELU:
        vector.rectify(out, out, n)


@kernel
def slope(kind, d, output, n):
    """Multiply d by the activation's derivative, computed from its output."""
    if kind == p.SIGMOID:
        vector.logistic_slope(d, d, output, n)
    elif kind == p.TANH:
        vector.hyperbolic_slope(d, d, output, n)
    elif kind == p.RELU:
        vector.rectify_slope(d, d, output, n)


@kernel
def gather(job, base, line):
    """Copy the picked rows of x into the arena, scaled."""
    width, step = job[p.WIDTH], line[p.ROW_IN]
    scale, picked = floats(job[p.SCALE], 256), ints(job[p.PICKED], job[p.LAST])
    for i in range(job[p.FIRST], job[p.LAST]):
        out = floats(base + 4 * (job[p.GATHERED] + i * step), width)
        if job[p.SOURCE] == p.ROWS_OF_BYTES:
            pixels = bytes_at(job[p.EXAMPLES] + picked[i] * width, width)
            for j in range(width):
                out[j] = pixels[j] * scale[1]
        else:
            row = floats(job[p.EXAMPLES] + 4 * picked[i] * width, width)
            for j in range(width):
                out[j] = row[j] * scale[1]


@kernel
def transpose(base, line, first, last):
    """Copy rows first to last of W into columns of its transpose, square by square."""
    row_in, row_out = line[p.ROW_IN], line[p.ROW_OUT]
    w = floats(base + 4 * line[p.W], line[p.N_IN] * row_out)
    wt = floats(base + 4 * line[p.WT], line[p.N_OUT] * row_in)
    for i0 in range(first, last, SIDE):
        for j0 in range(0, line[p.N_OUT], SIDE):
            for i in range(i0, min(i0 + SIDE, last)):
                for j in range(j0, min(j0 + SIDE, line[p.N_OUT])):
                    wt[j * row_in + i] = w[i * row_out + j]


@kernel
def clear(address, n):
    x = floats(address, n)
    for i in range(n):
        x[i] = 0


@kernel
def scale_by(address, n, factor):
    x = floats(address, n)
    for i in range(n):
        x[i] *= factor


@kernel
def sum_rows(address, rows, step, out, n):
    """Add rows, ``step`` floats apart, to n floats at ``out``."""
    total = floats(out, n)
    for i in range(rows):
        row = floats(address + 4 * i * step, n)
        for j in range(n):
            total[j] += row[j]
