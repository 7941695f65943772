"""Hypothesis strategies named by shape letters: B batch, I inputs, O outputs, K classes."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

WIDTHS = st.integers(1, 6)


def floats(shape, low: float = -4.0, high: float = 4.0, dtype=np.float64):
    """Arrays of moderate numbers, away from overflow and from denormals."""
    width = 8 * np.dtype(dtype).itemsize
    entries = st.floats(low, high, width=width, allow_subnormal=False)  # type: ignore[arg-type]
    return hnp.arrays(dtype, shape, elements=entries)


@st.composite
def arrays_BI_IO_O(draw, dtype=np.float64):
    """x (B, I), W (I, O) and b (O,)."""
    batch, n_in, n_out = draw(WIDTHS), draw(WIDTHS), draw(WIDTHS)
    return (
        draw(floats((batch, n_in), dtype=dtype)),
        draw(floats((n_in, n_out), dtype=dtype)),
        draw(floats((n_out,), dtype=dtype)),
    )


@st.composite
def arrays_BK_B(draw, dtype=np.float64):
    """Scores (B, K) and class indices (B,)."""
    batch, classes = draw(WIDTHS), draw(st.integers(2, 6))
    indices = hnp.arrays(np.int64, (batch,), elements=st.integers(0, classes - 1))
    return draw(floats((batch, classes), dtype=dtype)), draw(indices)


@st.composite
def sizes(draw, deepest: int = 3):
    """Widths of a small net, from input to at least two outputs."""
    inner = draw(st.lists(WIDTHS, max_size=deepest - 1))
    return [draw(WIDTHS), *inner, draw(st.integers(2, 5))]
