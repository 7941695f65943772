"""Write docs/numpy.md: what every NumPy function is on a variable. Run after changing primitives.

python docs/numpy_table.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mitbadak.functions.primitives import catalogue

PAGE = Path(__file__).with_name("numpy.md")
HEAD = """# NumPy on variables

What each NumPy function does when one of its arguments is a `Variable`, as of NumPy {version};
written by `python docs/numpy_table.py`, and held to the code by `tests/graph/test_catalogue.py`.

- **differentiable**: the result is a variable, with derivatives of every order. Values and
  gradients of orders 1 to 3 are compared with JAX's in `tests/graph/test_numpy_surface.py`.
- **piecewise constant**: the result does not change with a small step. Floats (such as those of
  `np.floor`) come as variables whose derivative is 0; indices, masks and counts as plain arrays.
- **refused**: a `DtypeError` says why, and what to write instead.

Arguments mean what they mean in NumPy, by position or by name. A call that NumPy refuses for
arrays is refused for variables, with NumPy's reason, by an error that is NumPy's and Mitbadak's
at once. `out=` is refused everywhere, and
so is `array += variable`: an array remembers nothing. Methods (`x.sum(0)`, `x.reshape(2, -1)`,
`x.clip(0, 1)`) are the functions of their names. `float(x)` and the functions of `math` are
refused, since the number would have lost its history: use NumPy's functions, or `x.item()` where
only the number is wanted.

At points where a derivative does not exist: `abs` takes 0 at 0; `maximum` and `minimum` give a
tie to their second argument, so that relu'(0) = 0; `max` and `min` share it equally; `clip` gives
the gradient at a bound to the bound; `0 ** b` has the derivative 0 with respect to `b`; `std` of
equal entries, `norm` and `hypot` at the origin have none and say NaN.

{counts}

| NumPy function | on a variable | why |
|---|---|---|
"""


def page() -> str:
    """The whole page."""
    rows = catalogue()
    kinds = [kind for _, kind, _ in rows]
    counts = ", ".join(f"{kinds.count(kind)} are {kind}" for kind in dict.fromkeys(sorted(kinds)))
    head = HEAD.format(version=np.__version__, counts=f"Of {len(rows)} functions {counts}.")
    return head + "".join(f"| `{name}` | {kind} | {why} |\n" for name, kind, why in rows)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
