"""Write docs/numpy.md, the table of NumPy functions on variables. Run after changing primitives.

python docs/numpy_table.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mitbadak.functions.primitives import catalog

PAGE = Path(__file__).with_name("numpy.md")
HEAD = """# NumPy on variables

What each NumPy function does when one of its arguments is a `Variable`, as of NumPy {version}. This
page is written by `python docs/numpy_table.py`; `tests/graph/test_catalog.py` keeps it true.

- **differentiable**: the result is a variable, with derivatives of every order. Values and
  gradients of orders 1 to 3 are compared with JAX in `tests/graph/test_numpy_surface.py`.
- **piecewise constant**: small changes of the input do not change the result. Floats, such as
  those of `np.floor`, are variables with derivative 0; indices, masks and counts are plain arrays.
- **refused**: a `DtypeError` says why, and what to write instead.

Arguments have the same meaning as in NumPy, by position or by name. A call that NumPy refuses for
arrays is refused for variables too, by an error of both NumPy's and Mitbadak's class that gives
NumPy's reason. `out=` is always refused, and
so is `array += variable`, since a plain array does not record how it was computed. Methods
(`x.sum(0)`, `x.reshape(2, -1)`, `x.clip(0, 1)`) are the functions of the same name. `float(x)` and
the functions of `math` are refused, because their result would have lost its history: use NumPy's
functions, or `x.item()` if you need only the number.

Where a derivative does not exist, these conventions apply. The derivative of `abs` at 0 is 0. In a
tie, `maximum` and `minimum` give the gradient to their second argument, so that relu'(0) = 0;
`max` and `min` share it equally among the tied entries. At a bound, `clip` gives the gradient to
the bound. The derivative of `0 ** b` with respect to `b` is 0. For `std` of equal entries, and for
`norm` and `hypot` at the origin, the gradient is NaN.

{counts}

| NumPy function | on a variable | why |
|---|---|---|
"""


def page() -> str:
    """The whole page."""
    rows = catalog()
    kinds = [kind for _, kind, _ in rows]
    counts = ", ".join(f"{kinds.count(kind)} are {kind}" for kind in dict.fromkeys(sorted(kinds)))
    head = HEAD.format(version=np.__version__, counts=f"Of {len(rows)} functions {counts}.")
    return head + "".join(f"| `{name}` | {kind} | {why} |\n" for name, kind, why in rows)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
