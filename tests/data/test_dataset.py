"""Data sets are checked once and split without loss."""

from __future__ import annotations

import copy
import pickle
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st

import mitbadak as mb
from mitbadak.core.errors import DtypeError, MitbadakError, NonFiniteError, RangeError, ShapeError
from mitbadak.data import Dataset

ALL = slice(None)


def numbered(n: int) -> Dataset:
    """Distinguishable examples: x is the number of the row, t its negative."""
    return Dataset(np.arange(n, dtype=np.float64)[:, None], -np.arange(n), name="numbers")


def rows_of(data: Dataset) -> list[int]:
    return data.batch(ALL)[0][:, 0].astype(int).tolist()


@pytest.mark.parametrize(
    ("x", "t", "message"),
    [
        (np.ones((3, 2)), np.ones(2), "got x (3, 2) and t (2,)"),
        (np.ones(()), np.ones(1), "got x () and t (1,)"),
        (np.ones((1, 2)), np.ones(()), "got x (1, 2) and t ()"),
        (np.ones((0, 2)), np.ones(0), "numbers is empty: x has shape (0, 2)"),
        (np.ones((3, 0)), np.ones(3), "numbers is empty: x has shape (3, 0)"),
    ],
)
def test_examples_and_labels_that_do_not_belong_together_are_refused(
    x: np.ndarray, t: np.ndarray, message: str
) -> None:
    with pytest.raises(ShapeError, match=re.escape(message)):
        Dataset(x, t, name="numbers")


@pytest.mark.parametrize(
    ("dtype", "shown"), [("U1", "<U1"), ("c16", "complex128"), ("O", "object")]
)
def test_inputs_that_are_no_numbers_are_refused(dtype: str, shown: str) -> None:
    with pytest.raises(DtypeError, match=f"data expects x as real numbers; got {shown}"):
        Dataset(np.zeros((2, 2), dtype), np.zeros(2))


MASKED = np.ma.masked_array(np.ones((4, 2)), np.eye(4, 2, dtype=bool))
ARRAYS: dict[str, tuple[object, type[MitbadakError], str]] = {
    "masked": (MASKED, DtypeError, "is a masked array, and its mask would be ignored"),
    "masked rows": (list(MASKED), DtypeError, "is a masked array, and its mask would be ignored"),
    "matrix": (np.ones((4, 2)).view(np.matrix), DtypeError, r"got an np.matrix.* Use np.asarray\("),
    "objects": (np.ones((4, 2), object), DtypeError, "as real numbers; got object"),
    "complex": (np.ones((4, 2), complex), DtypeError, "as real numbers; got complex128"),
    "dates": (np.ones((4, 2), "M8[D]"), DtypeError, r"as real numbers; got datetime64\[D\]"),
    "durations": (np.ones((4, 2), "m8[s]"), DtypeError, r"as real numbers; got timedelta64"),
    "records": (np.ones((4, 2), "f4,f4"), DtypeError, "as real numbers; got"),
    "text": (np.full((4, 2), "1"), DtypeError, "as real numbers; got <U1"),
    "bytes of text": (np.full((4, 2), b"1"), DtypeError, r"as real numbers; got \|S1"),
    "rows of different lengths": ([[1, 2], [1]] * 2, ShapeError, "lists of different lengths"),
    "NaN": (np.full((4, 2), np.nan), NonFiniteError, r"NaN or infinity, first at \(0, 0\)"),
    "infinity": (np.full((4, 2), -np.inf), NonFiniteError, "NaN or infinity"),
    "too few": (np.ones((3, 2)), ShapeError, "must hold the same number of examples"),
    "none": (np.ones((0, 2)), ShapeError, "same number of examples"),
    "no columns": (np.ones((4, 0)), ShapeError, r"is empty: . has shape \(4, 0\)"),
    "one number": (np.ones(()), ShapeError, "same number of examples"),
}
ROWS: dict[str, tuple[object, type[MitbadakError], str]] = {
    "beyond": (np.array([0, 4]), RangeError, r"rows must lie in 0\.\.3 for 4 examples; got 4"),
    "negative": (np.array([-1]), RangeError, r"rows must lie in 0\.\.3 for 4 examples; got -1"),
    "a mask": (np.ones(4, bool), DtypeError, r"integers; got bool. Use np.flatnonzero\(mask\)"),
    "floats": (np.array([0.0, 1.0]), DtypeError, "rows must be integers; got float64"),
    "none": (np.empty(0, int), ShapeError, r"at least one row; got \(0,\)"),
    "a table": (
        np.array([[0, 1]]),
        ShapeError,
        r"of shape \(n,\) with at least one row; got \(1, 2\)",
    ),
    "one": (np.array(1), ShapeError, r"of shape \(n,\)"),
    "huge": (np.array([2**64 - 1], np.uint64), RangeError, "got 18446744073709551615"),
    "masked": (np.ma.masked_array([0, 1], [True, False]), DtypeError, "is a masked array"),
}
WAYS = {
    "made": lambda **fields: Dataset(**fields),
    "replaced": lambda **fields: replace(Dataset(np.ones((4, 2)), np.ones(4)), **fields),
    "replaced with rows": lambda **fields: replace(
        Dataset(np.ones((4, 2)), np.ones(4), rows=np.array([1])), **fields
    ),
    "fitted": lambda **fields: mb.fit(
        mb.MLP([2, 2], loss="mean_squared_error", rng=0), (fields["x"], fields["t"]), callbacks=[]
    ),
    "evaluated": lambda **fields: mb.evaluate(
        mb.MLP([2, 2], loss="mean_squared_error", rng=0), (fields["x"], fields["t"])
    ),
}


@pytest.mark.parametrize("which", ["x", "t"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", ARRAYS)
def test_an_array_that_misleads_is_refused_however_a_set_is_made(case, way, which) -> None:
    value, error, message = ARRAYS[case]
    if isinstance(value, list) and way not in ("fitted", "evaluated"):
        return  # a set is made of arrays
    with pytest.raises(error, match=message):
        WAYS[way](**{"x": np.ones((4, 2)), "t": np.ones((4, 2)), which: value})


@pytest.mark.parametrize("way", ["made", "replaced", "replaced with rows"])
@pytest.mark.parametrize("case", ROWS)
def test_rows_that_do_not_exist_are_refused_however_a_set_is_made(case, way) -> None:
    rows, error, message = ROWS[case]
    with pytest.raises(error, match=message):
        WAYS[way](x=np.ones((4, 2)), t=np.ones(4), rows=rows)
    with pytest.raises(error, match=message):
        Dataset(np.ones((4, 2)), np.ones(4)).part(rows)  # type: ignore[arg-type]


@pytest.mark.parametrize("rows", [None, np.array([1, 0])])
def test_bytes_and_nan_do_not_pass_with_rows(rows) -> None:
    with pytest.raises(DtypeError, match="holds bytes up to 9"):
        Dataset(np.full((2, 2), 9, np.uint8), np.zeros(2), rows=rows)
    with pytest.raises(NonFiniteError, match="data: x holds NaN"):
        Dataset(np.full((2, 2), np.nan), np.zeros(2), rows=rows)


def test_copies_and_pickles_are_checked_and_equal() -> None:
    data = Dataset(np.arange(8.0).reshape(4, 2), np.arange(4), rows=np.array([3, 1]))
    for again in (copy.copy(data), copy.deepcopy(data), pickle.loads(pickle.dumps(data))):
        assert again.batch(ALL)[0].tolist() == [[6, 7], [2, 3]]


def test_a_pickle_of_an_earlier_version_is_read() -> None:
    data = Dataset(np.array([[0.5], [1.0]]), np.array([0, 1]))
    earlier = pickle.dumps(data, 0).replace(b"mitbadak.data.dataset", b"mitbadak.data.batches")
    np.testing.assert_array_equal(pickle.loads(earlier).x, data.x)


def test_the_arrays_of_a_set_cannot_be_written_to_through_it() -> None:
    x, rows = np.ones((4, 2)), np.array([0, 1])
    data = Dataset(x, np.arange(4), rows=rows)
    for array in (data.x, data.t, data.rows):
        assert array is not None
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    assert x.flags.writeable
    rows[:] = 99  # the set has its own
    assert rows_of(data) == [1, 1]


def test_a_masked_array_without_masked_entries_is_accepted() -> None:
    x = np.ma.masked_array(np.ones((4, 2)), np.zeros((4, 2), bool))
    assert type(Dataset(x, np.ones(4)).x) is np.ndarray


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_the_message_names_the_first_non_finite_entry(bad: float) -> None:
    x = np.zeros((3, 4))
    x[1, 2] = x[2, 0] = bad
    with pytest.raises(
        NonFiniteError, match=re.escape("data: x holds NaN or infinity, first at (1, 2)")
    ):
        Dataset(x, np.zeros(3))


def test_bytes_without_a_divisor_are_refused_with_the_remedy() -> None:
    pixels = np.array([[0, 2]], np.uint8)
    with pytest.raises(
        DtypeError,
        match=re.escape("holds bytes up to 2. For pixels use Dataset(x, t, divisor=255)"),
    ):
        Dataset(pixels, np.zeros(1))
    assert Dataset(pixels // 2, np.zeros(1)).batch(ALL)[0].tolist() == [
        [0, 1]
    ]  # a 0/1 mask is fine


@pytest.mark.parametrize("picked", [slice(1, 4), [1, 2, 3], np.array([1, 2, 3])])
def test_a_batch_is_drawn_by_slice_or_by_indices(picked: object) -> None:
    x, t = numbered(6).batch(picked)
    assert (x.tolist(), t.tolist()) == ([[1], [2], [3]], [-1, -2, -3])
    assert x.dtype == np.float32


def test_indices_keep_their_order_and_may_repeat() -> None:
    assert numbered(6).batch([5, 0, 5])[1].tolist() == [-5, 0, -5]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_divided_batch_is_cast_and_then_divided_to_the_bit(dtype: type) -> None:
    pixels = np.arange(256, dtype=np.uint8).reshape(64, 4)
    x, _ = Dataset(pixels, np.zeros(64), divisor=255).batch(ALL, dtype)
    assert x.dtype == dtype
    assert x.tobytes() == (pixels.astype(dtype) / 255).tobytes()
    assert pixels.tobytes() == bytes(range(256))


@given(st.integers(2, 60), st.floats(0, 0.99), st.integers(0, 2**32 - 1))
def test_a_split_has_no_gaps_and_no_overlap(n: int, held_out: float, seed: int) -> None:
    data, count = numbered(n), round(held_out * n)
    if not 0 < count < n:
        with pytest.raises(RangeError, match="each part needs at least one"):
            data.split(held_out, np.random.default_rng(seed))
        return
    train, validation = data.split(held_out, np.random.default_rng(seed))
    assert (len(train), len(validation)) == (n - count, count)
    assert sorted(rows_of(train) + rows_of(validation)) == list(range(n))
    assert rows_of(data) == list(range(n))
    assert (train.name, validation.name) == ("numbers", "validation")


def test_the_split_depends_on_the_seed_alone() -> None:
    def held_out(seed: int) -> list[int]:
        return rows_of(numbered(100).split(0.3, np.random.default_rng(seed))[1])

    assert held_out(1) == held_out(1) != held_out(2)


def test_a_part_keeps_labels_and_divisor_with_its_rows() -> None:
    pixels = np.arange(0, 200, 2, dtype=np.uint8)[:, None]
    data = Dataset(pixels, np.arange(100), divisor=255)
    train, _ = data.split(0.25, np.random.default_rng(3))
    x, t = train.batch([4, 0])
    assert x.tolist() == [[np.float32(2 * row) / np.float32(255)] for row in t]


def test_a_part_can_be_split_again(rng: np.random.Generator) -> None:
    rest, test = numbered(50).split(0.2, rng)
    train, validation = rest.split(0.25, rng)
    assert (len(train), len(validation), len(test)) == (30, 10, 10)
    assert sorted(rows_of(train) + rows_of(validation) + rows_of(test)) == list(range(50))


@pytest.mark.parametrize(
    ("held_out", "message"),
    [
        (0.0, "numbers: validation 0 of 4 examples holds out 0 and leaves 4 for training; each"),
        (0.1, "validation 0.1 of 4 examples holds out 0 and leaves 4 for training"),
        (0.9, "validation 0.9 of 4 examples holds out 4 and leaves 0 for training"),
        (1.0, "numbers: validation must lie in [0, 1); got 1.0"),
        (-0.1, "numbers: validation must lie in [0, 1); got -0.1"),
        (float("nan"), "numbers: validation must lie in [0, 1); got nan"),
    ],
)
def test_a_share_that_leaves_one_side_empty_is_refused(held_out: float, message: str) -> None:
    with pytest.raises(RangeError, match=re.escape(message)):
        numbered(4).split(held_out, np.random.default_rng(0))
