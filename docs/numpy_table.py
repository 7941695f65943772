"""Write docs/numpy.md and docs/numpy.ko.md, the table of NumPy functions on variables.

Run it after changing primitives. A remark that is new needs its Korean in ``docs/numpy_korean.py``.

python docs/numpy_table.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy_korean as korean

from mitbadak.functions.primitives import catalog

PAGES = {"en": Path(__file__).with_name("numpy.md"), "ko": Path(__file__).with_name("numpy.ko.md")}
HEAD = """# NumPy on variables

[한국어](numpy.ko.md)

What each NumPy function does when one of its arguments is a `Variable`, as of NumPy {version}. This
page is written by `python docs/numpy_table.py`; `tests/graph/test_catalog.py` keeps it true.

- **differentiable**: the result is a variable, with derivatives of every order. Values and
  gradients of orders 1 to 3 are compared with JAX in `tests/graph/test_numpy_surface.py`. A
  remark names the forms that are refused.
- **piecewise constant**: small changes of the input do not change the result. Floats, such as
  those of `np.floor`, are variables with derivative 0; indices, masks and counts are plain arrays.
- **refused**: a `DtypeError` says why, and what to write instead.

Arguments have the same meaning as in NumPy, by position or by name. Values, shapes and indices that
NumPy refuses for arrays are refused for variables too, in functions, methods and operators, by an
error of both NumPy's and Mitbadak's class that gives NumPy's reason. A wrong number of arguments,
or a name that the function does not have, never reaches the variable: that is NumPy's own
`TypeError`. `out=` is always refused, and so is `array += variable`, since a plain array does not
record how it was computed. Methods (`x.sum(0)`, `x.reshape(2, -1)`, `x.clip(0, 1)`) are the
functions of the same name. `float(x)` and the functions of `math` are refused, because their result
would have lost its history: use NumPy's functions, or `x.item()` if you need only the number.

Where a derivative does not exist, these conventions apply.

- The derivative of `abs` at 0 is 0. In a tie, `maximum` and `minimum` give the gradient to their
  second argument, so that relu'(0) = 0; `max` and `min` share it equally among the tied entries. At
  a bound, `clip` gives the gradient to the bound.
- The derivative of `0 ** b` with respect to `b` is 0 for b >= 0, and NaN for b < 0. That of
  `heaviside(x, h)` with respect to `h` is 1 where x is 0, and 0 elsewhere.
- For `std` of equal entries and for `hypot` at the origin the gradient is NaN, and so it is for
  `norm` at the origin, except for the orders 1, inf and -inf, which follow `abs`, `max` and `min`,
  and 0, a count. At a pole, such as `sqrt` at 0, derivatives are infinite.
- Where eigenvalues (`eigh`, `eigvalsh`) or singular values (`svd`, `svdvals`, `norm` of order 2, -2
  or "nuc", `cond`) are equal, or equal but for rounding, a function of the values alone has a
  gradient. It is right for functions that treat equal values alike, such as a sum of their
  logarithms; the largest one has a kink there, and gets one of its slopes. Second derivatives are
  NaN in the entries that mix the vectors of equal values, and third ones are NaN altogether. The
  vectors of equal values have no derivative, and a function of all of them, such as
  `(v * np.sqrt(l)) @ v.T`, has one that cannot be computed from theirs: both are NaN. The same
  holds for singular values of 0 of a matrix that is not square. Write such a function without the
  decomposition (`a @ a`, `np.linalg.slogdet`, `np.sum(a * a)`) if you need its derivatives there.

{counts}

| NumPy function | on a variable | why, or which forms |
|---|---|---|
"""


def page(language: str) -> str:
    """The whole page, in English ("en") or Korean ("ko")."""
    rows = catalog()
    kinds = [kind for _, kind, _ in rows]
    counts = {kind: kinds.count(kind) for kind in sorted(set(kinds))}
    if language == "ko":
        counted = korean.counted(len(rows), counts)
        rows = [(name, korean.KINDS[kind], korean.REMARKS[why]) for name, kind, why in rows]
    else:
        each = ", ".join(f"{count} are {kind}" for kind, count in counts.items())
        counted = f"Of {len(rows)} functions {each}."
    head = (korean.HEAD if language == "ko" else HEAD).format(
        version=np.__version__, counts=counted
    )
    return head + "".join(f"| `{name}` | {kind} | {why} |\n" for name, kind, why in rows)


if __name__ == "__main__":
    for language, path in PAGES.items():
        path.write_text(page(language), encoding="utf-8")
