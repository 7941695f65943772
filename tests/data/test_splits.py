"""Splits and folds contain every example once, and every class in proportion."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, strategies as st

from mitbadak.core.errors import LabelError, RangeError, ShapeError
from mitbadak.data import Dataset, k_fold, stratified_split

LABELS = st.lists(st.integers(0, 4), min_size=2, max_size=80).map(np.array)
SEEDS = st.integers(0, 2**32 - 1)


@given(t=LABELS, share=st.floats(0.01, 0.99), seed=SEEDS)
def test_a_split_has_every_row_once_and_every_class_in_proportion(t, share, seed):
    count = round(share * len(t))
    if not 0 < count < len(t):
        with pytest.raises(RangeError, match="each part needs at least one"):
            stratified_split(t, share, seed)
        return
    train, held_out = stratified_split(t, share, seed)
    assert sorted([*train, *held_out]) == list(range(len(t)))
    assert len(held_out) == count
    assert all((np.diff(part) > 0).all() for part in (train, held_out))
    for c in np.unique(t):
        assert abs((t[held_out] == c).sum() - share * (t == c).sum()) < 1
    again = stratified_split(t, share, seed)
    assert np.array_equal(held_out, again[1])


def test_held_out_rows_are_drawn_uniformly():
    t = np.repeat([0, 1], 50)
    drawn = {tuple(stratified_split(t, 0.2, seed)[1]) for seed in range(5)}
    assert len(drawn) == 5
    often = np.bincount(
        np.concatenate([stratified_split(t, 0.5, seed)[1] for seed in range(400)]), minlength=100
    )
    assert often.min() > 140  # 200 expected, standard deviation 10
    assert often.max() < 260


def test_the_last_example_of_a_class_is_not_held_out_if_another_can_be():
    # 10 x 0.52 = 5.2 and 1 x 0.52: six are held out, and the single one has the larger remainder
    t = np.array([0] * 10 + [1])
    for seed in range(20):
        assert 10 not in stratified_split(t, 0.52, seed)[1]
    train, _ = stratified_split([0, 1, 2, 3, 4], 0.2, 0)  # here one has to be
    assert len(train) == 4


@pytest.mark.parametrize("form", ["indices", "one-hot", "names", "floats"])
def test_every_form_of_labels_gives_the_same_split(form: str):
    t = np.array([0, 1, 2, 1, 0, 2, 2, 1, 0, 1])
    given = {"indices": t, "one-hot": np.eye(3)[t], "names": np.array(["a", "b", "c"])[t],
             "floats": t / 1}[form]  # fmt: skip
    assert np.array_equal(stratified_split(given, 0.3, 4)[1], stratified_split(t, 0.3, 4)[1])


def test_labels_without_classes_are_refused():
    with pytest.raises(LabelError, match=re.escape("t holds real numbers, such as 0.5")):
        stratified_split(np.array([1.0, 0.5]), 0.5, 0)
    with pytest.raises(ShapeError, match=re.escape("got (2, 2, 2)")):
        stratified_split(np.zeros((2, 2, 2)), 0.5, 0)
    with pytest.raises(ShapeError, match=re.escape("got (0,)")):
        stratified_split([], 0.5, 0)
    with pytest.raises(RangeError, match="share must lie in"):
        stratified_split([0, 1], 1.0, 0)


@given(t=LABELS, k=st.integers(2, 6), seed=SEEDS)
def test_folds_have_every_row_once_and_every_class_evenly(t, k, seed):
    least = np.unique(t, return_counts=True)[1].min()
    if k > least:
        with pytest.raises(RangeError):
            k_fold(t, k, seed)
        return
    pairs = list(k_fold(t, k, seed))
    assert len(pairs) == k
    assert sorted(np.concatenate([held_out for _, held_out in pairs])) == list(range(len(t)))
    for train, held_out in pairs:
        assert sorted([*train, *held_out]) == list(range(len(t)))
        assert abs(len(held_out) - len(t) / k) < 1
        for c in np.unique(t):
            assert abs((t[held_out] == c).sum() - (t == c).sum() / k) < 1


@given(n=st.integers(2, 50), k=st.integers(2, 8), seed=SEEDS)
def test_folds_of_a_number_or_of_real_targets_ignore_classes(n, k, seed):
    if k > n:
        with pytest.raises(RangeError, match=f"leave some folds empty; use k={n} or less"):
            k_fold(n, k, seed)
        return
    pairs = list(k_fold(n, k, seed))
    assert sorted(np.concatenate([held_out for _, held_out in pairs])) == list(range(n))
    assert {len(held_out) for _, held_out in pairs} <= {n // k, n // k + 1}
    same = k_fold(np.linspace(0, 1, n), k, seed, stratify=False)
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(pairs, same, strict=True))


def test_more_folds_than_members_are_refused_with_the_remedy():
    with pytest.raises(RangeError, match=r"smallest class has 3 .*too few for 4 folds. Use k=3 or"):
        k_fold([0] * 9 + [1] * 3, 4, 0)
    with pytest.raises(RangeError, match=r"a class has a single example.*Remove it"):
        k_fold([0] * 9 + [1], 2, 0)
    with pytest.raises(RangeError, match="k must be a whole number of at least 2"):
        k_fold(9, 1, 0)


def test_a_data_set_is_stratified_only_on_request():
    t = np.repeat([0, 1, 2], [60, 30, 10])
    data = Dataset(np.arange(100.0)[:, None], t)
    part, _ = data.split(0.2, np.random.default_rng(0))  # a part is split by its own labels
    for whole in (data, part):
        share = 0.2
        train, held_out = whole.split(share, np.random.default_rng(1), stratify=True)
        ALL = slice(None)
        rows = [p.batch(ALL)[0][:, 0].astype(int).tolist() for p in (train, held_out)]
        assert sorted(rows[0] + rows[1]) == whole.batch(ALL)[0][:, 0].astype(int).tolist()
        for c in range(3):
            members = (whole.batch(ALL)[1] == c).sum()
            assert abs((held_out.batch(ALL)[1] == c).sum() - share * members) < 1
        assert held_out.name == "validation"
    order = np.random.default_rng(1).permutation(100)
    _, held_out = data.split(0.2, np.random.default_rng(1))
    assert np.array_equal(np.asarray(held_out.rows), np.sort(order[:20]))
    with pytest.raises(LabelError, match="real numbers"):
        Dataset(np.ones((4, 1)), np.array([0.1, 0.2, 0.3, 0.4])).split(
            0.5, np.random.default_rng(0), stratify=True
        )


def test_a_random_split_reads_rows_in_the_order_of_the_data_whatever_the_order_of_a_part():
    part = Dataset(np.arange(10.0)[:, None], np.arange(10)).part(np.array([9, 2, 7, 4, 0, 5]))
    for rest in part.split(0.5, np.random.default_rng(0)):
        rows = np.asarray(rest.rows).tolist()
        assert rows == sorted(rows)
