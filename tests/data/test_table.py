"""A table becomes a training set and a test set, with all that is needed for new rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mitbadak.core.errors import FormatError, RangeError
from mitbadak.data import TableOptions, csv_source, read_table, table as table_module


@pytest.fixture
def write(tmp_path: Path):
    def write(content: str, name: str = "a.csv") -> Path:
        path = tmp_path / name
        path.write_text(content)
        return path

    return write


def many(n: int = 100) -> str:
    rng = np.random.default_rng(0)
    rows = [f"{a!r},{b!r},7,{'xyz'[i % 5 // 2]}\n"
            for i, (a, b) in enumerate(rng.normal(3, 2, (n, 2)).tolist())]  # fmt: skip
    return "a,b,c,t\n" + "".join(rows)


def test_the_training_part_alone_determines_mean_and_spread(write):
    path = write(many())
    source = csv_source(path, options=TableOptions(keep="c"), test_share=0.3, rng=4)
    train, test, prepared = source.train, source.test, source.preparation
    assert (len(train), len(test), train.x.dtype) == (70, 30, np.float32)
    assert train.x.mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-6)
    assert train.x.std(axis=0) == pytest.approx([1, 1, 0], abs=1e-6)
    assert abs(test.x.mean(axis=0)).max() > 1e-3
    assert prepared.std[2] == 1
    assert prepared.constant == ("c",)
    assert prepared.describe() == (
        "predicts 't' (3 classes) from 3 numbers; numbers standardized by the training set's mean "
        "and spread ('c' never varies there)"
    )
    columns = read_table(path).columns
    rows = np.concatenate([train.x, test.x])
    wanted = prepared.rows({name: columns[name].numbers for name in prepared.columns})
    assert sorted(map(tuple, rows.tolist())) == sorted(map(tuple, wanted.tolist()))
    assert (train.name, test.name) == ("a.csv train", "a.csv test")


def test_the_test_set_has_the_same_share_of_every_class(write):
    source = csv_source(write(many()))
    assert source.preparation.classes == ("x", "y", "z")
    assert np.bincount(source.train.t).tolist() == [32, 32, 16]
    assert np.bincount(source.test.t).tolist() == [8, 8, 4]


def test_the_test_set_depends_on_the_seed(write):
    path = write(many())
    x = [csv_source(path, rng=seed).test.x for seed in (1, 1, 2)]
    assert np.array_equal(x[0], x[1])
    assert not np.array_equal(x[0], x[2])


def test_numbers_are_classes_in_numeric_order_by_value(write):
    path = write("a,t\n" + "1,10\n2,9\n3,9.0\n4,-1\n5,1e1\n" * 4)
    source = csv_source(path)
    assert source.preparation.classes == ("-1", "9", "10")
    both = np.concatenate([source.train.t, source.test.t])
    assert np.bincount(both).tolist() == [4, 8, 8]


def test_real_targets_are_kept(write):
    path = write("price,size\n" + "".join(f"{i * 1000 + 0.5},{i}\n" for i in range(50)))
    source = csv_source(path, label="price")
    assert source.preparation.classes == ()
    assert source.train.t.shape == (40, 1)
    assert source.train.t.dtype == np.float64
    t = np.concatenate([source.train.t, source.test.t])[:, 0]
    assert sorted(t.tolist()) == [i * 1000 + 0.5 for i in range(50)]


@pytest.mark.parametrize(
    "values", ["1e308 -1e308 1e307 3", "1e-320 0 3e-320 0", "1e17 1e17 1e17 1e17"]
)
def test_numbers_of_any_size_are_standardized(write, values):
    rows = "".join(f"{v},{i % 2}\n" for i, v in enumerate(values.split() * 5))
    path = write("a,t\n" + rows)
    x = csv_source(path, options=TableOptions(keep="*")).train.x
    assert np.isfinite(x).all()
    assert np.abs(x).max() < 5


def test_a_share_that_leaves_a_part_empty_is_refused(write):
    for share in (0, 0.001, 0.999):
        with pytest.raises(RangeError, match="each part needs at least one"):
            csv_source(write(many(20)), test_share=share)
    with pytest.raises(RangeError, match="test_share must lie in"):
        csv_source(write(many(20)), test_share=1.5)


def test_the_fingerprint_is_that_of_the_file(write):
    first = csv_source(write(many()), rng=1).fingerprint
    assert first == csv_source(write(many()), rng=2).fingerprint
    assert first != csv_source(write(many() + "\n"), rng=1).fingerprint


def test_what_was_decided_is_described(write):
    rows = [f"{i},{i % 4 / 4},{'NA' if i % 9 == 0 else i % 5},{'ab'[i % 2]},n{i},{i * i}"
            for i in range(40)]  # fmt: skip
    source = csv_source(write("id,x,y,color,name,t\n" + "\n".join(rows) + "\n1,1,1,a,z,\n"))
    assert source.preparation.describe() == (
        "predicts the numbers in 't' (targets='classes' takes them as classes) from 2 numbers and "
        "1 category (2 columns of 0 and 1); missing values filled in ('y'); left out: 'id' (row "
        "numbers), 'name' (nearly every row differs); keep=... uses them; 1 row without 't' left "
        "out; numbers standardized by the training set's mean and spread"
    )


def test_means_and_kinds_are_those_of_the_training_rows(write):
    rng = np.random.default_rng(0)
    rows = [f"{'' if rng.random() < 0.3 else rng.normal():.4},{rng.choice(['a', 'b'])},{i % 2}"
            if rng.random() < 2 else "" for i in range(100)]  # fmt: skip
    source = csv_source(write("x,k,t\n" + "\n".join(rows) + "\n"), test_share=0.4)
    prepared = source.preparation
    assert prepared.columns == ("x", "x missing", "k=a", "k=b") or prepared.columns[2] == "k=b"
    assert (prepared.mean[1:], prepared.std[1:]) == ((0,) * 3, (1,) * 3)
    missing = source.train.x[:, 1] == 1
    assert 20 < 100 * missing.mean() < 45
    assert np.abs(source.train.x[missing, 0]).max() < 1e-6  # the mean of the others
    assert set(np.unique(source.train.x[:, 1:])) == {0, 1}


def test_too_many_inputs_are_refused(write, monkeypatch):
    monkeypatch.setattr(table_module, "MOST_FEATURES", 3)
    with pytest.raises(FormatError, match="has 4 inputs, once its texts are encoded; at most 3"):
        csv_source(write("a,b,t\n" + "x,p,0\ny,q,1\n" * 9))


def test_rows_are_encoded_in_blocks(write, monkeypatch):
    path = write(many(200))
    whole = csv_source(path).train.x
    monkeypatch.setattr(table_module, "BLOCK", 7)
    np.testing.assert_array_equal(csv_source(path).train.x, whole)
