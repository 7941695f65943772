"""A net as a table: its layers, the shapes that they pass on, and their parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mitbadak.core.printing import table_lines

if TYPE_CHECKING:
    from mitbadak.nn.contract import Net

COLUMNS = ("layer", "output", "parameters", "names")


def summary_rows(net: Net) -> list[tuple[str, str, str, str]]:
    """A row per layer: what it is, the shape of its output, its parameters and their names.

    Example:
        >>> from mitbadak.nn import MLP
        >>> summary_rows(MLP([784, 50, 10]))[0]
        ('Affine(784, 50)', '50', '39,250', 'W1 (784, 50), b1 (50,)')
    """
    rows, width = [], net.n_in
    for layer, shape in zip(net.layers, net.shapes, strict=True):
        width = getattr(layer, "n_out", width)
        output = "?" if width is None and not shape else f"{width:,}" if not shape else _text(shape)
        names = [name for name in net.params if net.params.owner(name)[0] is layer]
        count = sum(net.params[name].size for name in names)
        shapes = ", ".join(f"{name} {net.params[name].shape}" for name in names)
        rows.append((repr(layer), output, f"{count:,}", shapes))
        width = width if shape is None or len(shape) == 1 else None
    return rows


def _text(shape: tuple[int, ...]) -> str:
    """A shape as text.

    Example:
        >>> _text((4320,)), _text((30, 24, 24)), _text((30, 0, 0))
        ('4,320', '30 x 24 x 24', '30 x ? x ?')
    """
    return " x ".join(f"{n:,}" if n else "?" for n in shape)


def summary_lines(net: Net) -> list[str]:
    r"""The table line by line, and below it the sum and the loss.

    Example:
        >>> from mitbadak.nn import MLP
        >>> print(*summary_lines(MLP([4, 8, 3], "relu")), sep="\n")
        layer         output  parameters  names
        Affine(4, 8)       8          40  W1 (4, 8), b1 (8,)
        ReLU()             8           0
        Affine(8, 3)       3          27  W2 (8, 3), b2 (3,)
        67 parameters, float32 (268 bytes); loss softmax_cross_entropy
    """
    rows = [COLUMNS, *summary_rows(net)]
    lines = table_lines(rows, right=(1, 2))
    count = sum(array.size for array in net.params.values())
    loss = net.head.config()
    named = loss if isinstance(loss, str) else repr(net.head)
    bytes_ = count * np.dtype(net.dtype).itemsize
    lines.append(f"{count:,} parameters, {net.dtype} ({bytes_:,} bytes); loss {named}")
    return lines
