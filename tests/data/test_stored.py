"""Training with data on disk is the same as with data in memory."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, strategies as st

import mitbadak as mb
from kernels import ENGINES
from mitbadak.core.errors import FormatError, NonFiniteError
from mitbadak.data import Dataset, mixed_batches


def files(folder, x: np.ndarray, t: np.ndarray, suffix: str = ""):
    paths = folder / f"images.idx{suffix}", folder / f"labels.idx{suffix}"
    for path, array in zip(paths, (x, t), strict=True):
        mb.write_idx(path, array)
    return paths


def small_images(n: int = 700):
    rng = np.random.default_rng(0)
    x = (rng.integers(1, 256, (n, 5, 4)) * (rng.random((n, 5, 4)) < 0.2)).astype(np.uint8)
    return x, rng.integers(0, 3, n).astype(np.uint8)


@given(
    n=st.integers(1, 500),
    batch=st.integers(1, 60),
    chunk=st.integers(1, 40),
    mixed=st.integers(1, 10),
    seed=st.integers(0, 2**32 - 1),
)
def test_mixed_batches_have_every_example_once(n, batch, chunk, mixed, seed):
    batches = list(mixed_batches(n, batch, np.random.default_rng(seed), chunk=chunk, mixed=mixed))
    assert sorted(np.concatenate(batches)) == list(range(n))
    assert {len(b) for b in batches[:-1]} <= {batch}
    again = mixed_batches(n, batch, np.random.default_rng(seed), chunk=chunk, mixed=mixed)
    assert all(np.array_equal(a, b) for a, b in zip(batches, again, strict=True))


def test_a_batch_mixes_the_whole_file_with_few_pages_open():
    rows = np.concatenate(list(mixed_batches(100_000, 100, np.random.default_rng(0), mixed=8)))
    first = rows[: 8 * 256]
    assert len(set(first // 256)) == 8
    assert np.ptp(first) > 20_000
    assert np.mean(np.diff(first) == 1) < 0.01


@pytest.mark.parametrize("engine", ENGINES)
def test_training_from_disk_equals_training_from_memory(engine, tmp_path, monkeypatch):
    x, t = small_images()
    stored = mb.idx_dataset(*files(tmp_path, x, t))
    assert stored.on_disk
    assert stored.x.base is not None
    assert not stored.x.flags.writeable
    monkeypatch.setattr(
        "mitbadak.data.batches.SAMPLINGS", {"shuffle": mixed_batches}
    )  # the same order for both
    result = []
    for data in (stored, Dataset(x.reshape(len(x), -1), t, 255)):
        net = mb.MLP([20, 8, 3], rng=0)
        history = mb.fit(net, data, test=data, epochs=2, batch_size=64, engine=engine, rng=0,
                         callbacks=[])  # fmt: skip
        assert history.engine == engine
        rows = [{k: v for k, v in row.items() if k != "seconds"} for row in history.rows]
        result.append((history.losses, rows, {k: p.tobytes() for k, p in net.params.items()}))
    assert result[0] == result[1]


def test_the_order_from_disk_is_that_of_blocks(tmp_path):
    x, t = small_images()
    data = mb.idx_dataset(*files(tmp_path, x, t))
    losses = []
    for draw in (mixed_batches, None):
        net = mb.MLP([20, 8, 3], rng=0)
        if draw is None:
            history = mb.fit(net, data, epochs=1, batch_size=64, rng=7, callbacks=[])
            losses.append(history.losses)
            continue
        rng, rule, losses_of_run = np.random.default_rng(7), mb.SGD(0.1), []
        for picked in draw(len(t), 64, rng):
            loss, grads = net.loss_and_gradient(*data.batch(picked))
            rule.update(net.params, grads)
            losses_of_run.append(loss)
        losses.append(losses_of_run)
    np.testing.assert_allclose(*losses, rtol=1e-5)


def test_gzipped_files_are_read_and_files_that_do_not_match_are_refused(tmp_path):
    x, t = small_images(30)
    zipped = files(tmp_path, x, t, ".gz")
    data = mb.idx_dataset(*zipped)
    assert not data.on_disk
    assert data.x.shape == (30, 20)
    with pytest.raises(FormatError, match=r"is gzipped.*gunzip -k"):
        mb.map_idx(zipped[0])
    plain = files(tmp_path, x, t[:29])
    with pytest.raises(FormatError, match=re.escape("one label for each of the 30 examples")):
        mb.idx_dataset(*plain)
    for empty in (np.empty((0, 5, 4), np.uint8), np.empty((3, 0, 4), np.uint8)):
        nothing = files(tmp_path, empty, np.zeros(len(empty), np.uint8))
        with pytest.raises(FormatError, match="holds no examples: its shape is"):
            mb.idx_dataset(*nothing)
    plain = files(tmp_path, x, t[:29])
    mb.write_idx(plain[1], x)
    with pytest.raises(FormatError, match="it holds uint8 of shape"):
        mb.idx_dataset(*plain)


def test_a_mapped_file_is_checked_like_one_that_is_read(tmp_path):
    x, _ = small_images(30)
    path = tmp_path / "a.idx"
    mb.write_idx(path, x)
    np.testing.assert_array_equal(mb.map_idx(path), x)
    whole = path.read_bytes()
    for content, message in [
        (whole[:-1], "is truncated: 1 of 600 bytes are missing"),
        (whole + b"x", "continues after the array"),
        (whole[:6], "is truncated"),
        (b"PNG?" + whole, "is not an IDX file"),
    ]:
        path.write_bytes(content)
        with pytest.raises(FormatError, match=message):
            mb.map_idx(path)
    mb.write_idx(path, np.empty((0, 3), np.float32))
    assert mb.map_idx(path).shape == (0, 3)


def test_floats_on_disk_train_and_are_checked(tmp_path):
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(90, 4)).astype(np.float32), rng.integers(0, 2, 90).astype(np.uint8)
    data = mb.idx_dataset(*files(tmp_path, x, t), divisor=None)
    assert data.x.dtype.byteorder == ">"
    batch = data.batch([3, 1])[0]
    np.testing.assert_array_equal(batch, x[[3, 1]])
    history = mb.fit(mb.MLP([4, 2], rng=0), data, epochs=1, batch_size=30, rng=0, callbacks=[])
    whole = mb.fit(mb.MLP([4, 2], rng=0), mb.Dataset(x, t), epochs=1, batch_size=90, engine="numpy",
                   rng=0, callbacks=[])  # fmt: skip
    assert history.rows[0]["train_loss"] == pytest.approx(whole.rows[0]["train_loss"], rel=1e-5)
    x[77, 2] = np.nan
    with pytest.raises(NonFiniteError, match=re.escape("first at (77, 2)")):
        mb.idx_dataset(*files(tmp_path, x, t), divisor=None)
