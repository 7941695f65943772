"""docs/numpy.md, which lists every NumPy function, agrees with the code and with NumPy."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import numpy as np
import pytest

from mitbadak.functions import differentiable as mechanism
from mitbadak.functions.differentiable import kind_of, numpy_name
from mitbadak.functions.primitives.catalog import CONSTANT, REFUSED, catalog, dispatching

PAGE = Path(__file__).parents[2] / "docs/numpy.md"
# Parameters that no form has to support: a call that passes one is refused by name.
NEVER = {"out", "casting", "subok", "order", "copy", "device", "like", "dtype", "overwrite_input",
         "where", "weights", "kwargs", "signature", "axes", "keepdims", "initial", "returned",
         "rtol", "newshape", "edge_order", "varargs", "operands"}  # fmt: skip


def rows_of_the_page() -> dict[str, tuple[str, str]]:
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.]+)` \| ([\w ]+?) \| (.*?) ?\|$", text, re.MULTILINE)
    return {name: (kind, why) for name, kind, why in rows}


def test_the_page_agrees_with_the_code():
    page = rows_of_the_page()
    assert len(page) > 300
    written_for = re.search(r"as of NumPy (\d+)\.(\d+)", PAGE.read_text(encoding="utf-8"))
    assert written_for
    now = tuple(int(part) for part in np.__version__.split(".")[:2])
    for name, kind, why in catalog():
        if name in page:
            assert page[name] == (kind, why), "run python docs/numpy_table.py"
        else:  # only another version of NumPy may have functions that the page lacks
            assert now != tuple(map(int, written_for.groups())), name


def test_every_numpy_function_is_classified_and_every_refusal_has_a_reason():
    answers = {numpy_name(f): kind_of(f) for f in dispatching()}
    assert {kind for kind, _ in answers.values()} == {
        "differentiable", "piecewise constant", "refused"
    }  # fmt: skip
    assert not [name for name, answer in answers.items() if answer == ("refused", "")]


def test_no_function_is_in_two_lists():
    names = [*CONSTANT.split(), *(name for names in REFUSED.values() for name in names.split())]
    assert len(names) == len(set(names))
    forms = {numpy_name(f).removeprefix("np.") for f in mechanism._FORMS}
    assert not forms & set(names)


@pytest.mark.parametrize("function", list(mechanism._FORMS), ids=numpy_name)
def test_positional_arguments_are_in_numpys_order(function):
    """A form with another order of parameters would take axis for dtype."""
    try:
        theirs = list(inspect.signature(function).parameters.values())
    except ValueError:  # NumPy gives no signature
        return
    form = inspect.signature(mechanism._FORMS[function].call)
    by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    ours = [p.name for p in form.parameters.values() if p.kind in by_place]
    positional = [p.name for p in theirs if p.kind in by_place]
    shared = [name for name in positional if name in ours]
    assert [name for name in ours if name in positional] == shared
    left_out = [name for name in positional if name not in ours]
    for name in left_out:  # only the first, which may have another name, or one at the end
        place = positional.index(name)
        assert place == 0 or not set(positional[place + 1 :]) & set(ours) or name in NEVER, name
