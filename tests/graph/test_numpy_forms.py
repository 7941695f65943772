"""Every differentiable NumPy function in many forms: variables agree with NumPy, or both refuse.

The forms are made from the calls in the tables of ``numpy_surface``: other spellings, odd options,
and arrays of other dtypes, memory orders and shapes, empty, or full of NaN.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mitbadak
from mitbadak.core.errors import MitbadakError
from mitbadak.functions.differentiable import kind_of, numpy_name
from mitbadak.functions.primitives.catalog import dispatching
from mitbadak.graph import Variable, grad
from numpy_surface import DIFFERENTIABLE
from numpy_surface.calls import flat, quiet
from numpy_surface.forms import (
    RecordedCall,
    over_variables,
    records_by_name,
    spellings,
    variables_of,
    with_other_arrays,
    with_other_options,
)

RECORDS = records_by_name(DIFFERENTIABLE, most=3)
PACKAGE = str(Path(mitbadak.__file__).parent)
TOLERANCES = {2: 4e-3, 4: 1e-5, 8: 1e-9, 16: 1e-9}  # by the width of a float in bytes
# Calls that NumPy accepts for other arrays, but variables refuse, with the reason.
NARROWER = {
    ("np.einsum", "axis 0 empty"): "NumPy's diagonal of an empty array is not initialized",
    ("np.geomspace", "zero"): "both ends need the same sign",
    ("np.linalg.cond", "NaN"): "no singular values, on some machines",
    ("np.linalg.cond", "a NaN"): "no singular values, on some machines",
    ("np.linalg.cond", "infinite"): "no singular values",
    ("np.linalg.norm", "infinite"): "no singular values",
    ("np.linalg.svd", "infinite"): "no singular values",
    ("np.linalg.svdvals", "infinite"): "no singular values",
    ("np.linalg.qr", "axis 0 empty"): "a wide matrix",
    ("np.linalg.qr", "transposed"): "a wide matrix",
}


def outcome(call: Callable[[], Any]) -> tuple[list[np.ndarray] | None, Exception | None]:
    """The values of a call, or its error."""
    with quiet():
        try:
            result = flat(call())
        except Exception as error:
            return None, error
    return [np.asarray(y.value if isinstance(y, Variable) else y) for y in result], None


def is_expected(error: Exception) -> bool:
    """Whether an error is Mitbadak's, or NumPy's from before it dispatched to the variable."""
    if isinstance(error, (MitbadakError, DeprecationWarning, FutureWarning)):
        return True  # newer versions of NumPy raise errors instead
    return all(PACKAGE not in frame.filename for frame in traceback.extract_tb(error.__traceback__))


def check(form: RecordedCall, *, may_refuse: bool) -> None:
    """Compare a call on variables with the same call on their arrays."""
    expected, refusal = outcome(lambda: form.value(lambda v: v.value.copy(order="K")))
    own, own_refusal = outcome(lambda: form.value(lambda v: v))
    if own is None or expected is None:
        assert own_refusal is not None, f"accepted, but NumPy refuses: {refusal}"
        assert is_expected(own_refusal), repr(own_refusal)
        assert may_refuse or refusal is not None, own_refusal
        return
    assert len(own) == len(expected)
    for y, e in zip(own, expected, strict=True):
        assert (y.shape, y.dtype) == (e.shape, e.dtype)
        tolerance = TOLERANCES[e.dtype.itemsize] if e.dtype.kind == "f" else 0
        if e.dtype.kind in "biufc":
            scale = max(1.0, np.max(np.abs(e), where=np.isfinite(e), initial=0.0))
            np.testing.assert_allclose(y, e, rtol=tolerance, atol=tolerance * scale)
        else:
            assert (y == e).all()


def check_gradients(form: RecordedCall) -> None:
    """Every variable of a call has a gradient of its shape and dtype, with create_graph or not."""
    xs: list[Variable] = []

    def fresh(v: Variable) -> Variable:
        xs.append(Variable(v.value))
        return xs[-1]

    with quiet():
        try:
            ys = [y for y in flat(form.value(fresh)) if isinstance(y, Variable)]
        except Exception:
            return
        if not ys:
            return
        for create_graph in (False, True):
            dys = [np.ones(y.shape, y.dtype) for y in ys]
            for x, g in zip(xs, grad(ys, xs, dy=dys, create_graph=create_graph), strict=True):
                assert (g.shape, g.dtype) == (x.shape, x.dtype)


@contextmanager
def naming(label: str, form: RecordedCall) -> Iterator[None]:
    """Adds the form to an error."""
    try:
        yield
    except Exception as error:
        args = over_variables((form.args, form.options), lambda v: f"x{v.shape}:{v.dtype}")
        error.add_note(f"{form.name}, {label}: {args}")
        raise


def test_every_differentiable_function_is_recorded():
    names = {numpy_name(f) for f in dispatching() if kind_of(f)[0] == "differentiable"}
    assert names - set(RECORDS) <= {"np.frexp"}  # which returns integers too


# NumPy before 2.1 divides 0 by 0 in float16.
with np.errstate(invalid="ignore"):
    WRONG_IN_NUMPY = {("np.sinc", "float16")} if np.isnan(np.sinc(np.float16(0))) else set()


@pytest.mark.parametrize("name", RECORDS)
def test_a_function_takes_its_arguments_as_numpy_does(name):
    for record in RECORDS[name]:
        for label, form in spellings(record):
            with naming(label, form):
                check(form, may_refuse=False)
                check_gradients(form)


@pytest.mark.parametrize("name", RECORDS)
def test_a_function_takes_any_array_as_numpy_does(name):
    for record in RECORDS[name]:
        for label, form in with_other_arrays(record):
            if (name, label) in WRONG_IN_NUMPY:
                continue
            with naming(label, form):
                check(form, may_refuse=(name, label) in NARROWER)
                check_gradients(form)


@pytest.mark.parametrize("name", RECORDS)
def test_an_option_means_what_it_means_to_numpy_or_is_refused(name):
    for label, form in with_other_options(RECORDS[name][0]):
        with naming(label, form):
            check(form, may_refuse=True)


def test_all_variables_of_a_record_are_found():
    (record, *_) = RECORDS["np.concatenate"]
    assert len(variables_of(record)) == 2
