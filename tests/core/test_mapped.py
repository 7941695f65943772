"""Mapped files are read by ``pread``: the same numbers, and an error if one is truncated."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

import mitbadak as mb
from kernels import AVAILABLE, ENGINES
from mitbadak.core.errors import FormatError
from mitbadak.core.mapped import MappedRows
from mitbadak.data import Dataset
from mitbadak.training import Callback

pytestmark = pytest.mark.skipif(not hasattr(os, "pread"), reason="Windows keeps mapped files whole")

VIEWS = {
    "as it is": lambda a: a,
    "every other row": lambda a: a[::2],
    "some columns": lambda a: a[:, 1:4],
    "rows backwards": lambda a: a[::-1],
    "columns backwards": lambda a: a[:, ::-1],
    "transposed": lambda a: a.T,
    "one row": lambda a: a[3:4],
    "reshaped": lambda a: a.reshape(len(a), 5, 2),
    "a plain array": np.asarray,
}


def mapped(folder: Path, a: np.ndarray, offset: int = 5000) -> np.memmap:
    path = folder / "a.bin"
    path.write_bytes(bytes(offset) + a.tobytes())
    return np.memmap(path, a.dtype, "r", offset, a.shape)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("dtype", ["u1", ">f4", "<f8"])
def test_every_view_of_a_mapped_file_reads_its_own_rows(view, dtype, tmp_path):
    a = np.arange(600).reshape(60, 10).astype(dtype)
    shown = VIEWS[view](mapped(tmp_path, a))
    rows = MappedRows.behind(shown)
    assert rows is not None
    expected = VIEWS[view](a)
    np.testing.assert_array_equal(rows.whole(), expected)
    picked = np.random.default_rng(0).integers(0, len(expected), 30)
    for held in (None, np.arange(0, len(expected), 2)):
        if held is not None:
            rows.prefetch(held)
        np.testing.assert_array_equal(rows.rows(picked), expected[picked])
    assert rows.rows([]).shape == (0, *expected.shape[1:])
    data = Dataset(shown, np.zeros(len(shown)), divisor=2)
    x = data.batch(picked)[0]
    np.testing.assert_array_equal(x, expected[picked].astype(np.float32) / 2)
    assert x.flags.writeable
    np.testing.assert_array_equal(data.part(np.arange(1)).batch(slice(None))[0][0], expected[0] / 2)


@given(st.lists(st.integers(0, 299), max_size=40), st.lists(st.integers(0, 299), max_size=40))
def test_cached_rows_and_others_are_the_same(tmp_path_factory, held, picked):
    a = np.random.default_rng(0).integers(0, 256, (300, 700)).astype(np.uint8)
    rows = MappedRows.behind(mapped(tmp_path_factory.mktemp("a"), a))
    assert rows is not None
    rows.prefetch(np.array(held, np.int64))
    np.testing.assert_array_equal(rows.rows(picked), a[picked])


def test_arrays_in_memory_and_copy_on_write_maps_are_read_directly(tmp_path):
    a = np.arange(600.0).reshape(60, 10)
    mapped(tmp_path, a)
    assert MappedRows.behind(a) is None
    private = np.memmap(tmp_path / "a.bin", float, "c", 5000, (60, 10))
    private[0] = 7
    assert Dataset(private, np.zeros(60)).batch([0])[0].tolist() == [[7] * 10]


def test_a_file_that_replaced_the_mapped_one_is_not_read(tmp_path):
    a = np.arange(600.0).reshape(60, 10)
    before = mapped(tmp_path, a)
    (tmp_path / "b").write_bytes(bytes(5000) + (a + 1).tobytes())
    (tmp_path / "b").replace(tmp_path / "a.bin")
    assert MappedRows.behind(before) is None
    assert Dataset(before, np.zeros(60)).batch([1])[0][0, 0] == 10


class Cut(Callback):
    """Truncates a file in the middle of an epoch."""

    def __init__(self, path: Path, length: int):
        self.path, self.length = path, length

    def on_step_end(self, trainer) -> None:
        if trainer.step == 2:
            os.truncate(self.path, self.length)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["idx", "memmap", "floats", "npy"])
@pytest.mark.parametrize("length", [0, 9000])
def test_truncating_the_file_during_training_ends_in_one_error(engine, kind, length, tmp_path):
    rng, path = np.random.default_rng(0), tmp_path / "x"
    x = (rng.integers(1, 256, (2000, 40)) * (rng.random((2000, 40)) < 0.2)).astype(np.uint8)
    t = np.arange(2000) % 3
    if kind == "idx":
        mb.write_idx(path, x)
        mb.write_idx(tmp_path / "t", t.astype(np.uint8))
        data = mb.idx_dataset(path, tmp_path / "t")
    elif kind == "npy":
        with open(path, "wb") as file:
            np.save(file, x)
        data = Dataset(np.load(path, mmap_mode="r"), t, 255)
    else:
        x = x if kind == "memmap" else x.astype(np.float32)
        path.write_bytes(x.tobytes())
        data = Dataset(np.memmap(path, x.dtype, "r", shape=x.shape), t, 255)
    net = mb.MLP([40, 5, 3], rng=0)
    with pytest.raises(
        FormatError, match=r"was truncated while in use: it holds [\d,]+ bytes, but"
    ):
        mb.fit(net, data, epochs=3, batch_size=100, engine=engine, rng=0,
               callbacks=[Cut(path, length)])  # fmt: skip
    assert np.isfinite(net.params["W1"]).all()
    with pytest.raises(FormatError, match="was truncated while in use"):
        mb.evaluate(net, data)
    with pytest.raises(FormatError, match="was truncated while in use"):
        Dataset(data.x, t)


@pytest.mark.parametrize("sampling", ["shuffle", "replacement"])
@pytest.mark.parametrize("dtype", [np.uint8, ">f4"])
def test_a_part_of_a_mapped_file_trains_as_in_memory_on_either_engine(sampling, dtype, tmp_path):
    rng = np.random.default_rng(0)
    x, t = rng.integers(0, 256, (900, 12)).astype(dtype), rng.integers(0, 3, 900)
    bits = []
    for engine in AVAILABLE:
        for inputs in (mapped(tmp_path, x), x):
            net = mb.MLP([12, 5, 3], rng=0)
            mb.fit(net, Dataset(inputs, t, 255), validation=0.3, epochs=2, batch_size=64, rng=0,
                   engine=engine, sampling=sampling, callbacks=[])  # fmt: skip
            bits.append({name: a.tobytes() for name, a in net.params.items()})
    for mapped_bits, memory_bits in zip(bits[::2], bits[1::2], strict=True):
        assert mapped_bits == memory_bits


@pytest.mark.parametrize("use", ["predict", "scores", "loss", "accuracy", "Predictor"])
def test_a_net_refuses_a_mapped_batch_whose_file_was_cut(tmp_path, use):
    np.ones((6000, 784), np.uint8).tofile(tmp_path / "x.bin")
    x = np.memmap(tmp_path / "x.bin", np.uint8, "r", shape=(6000, 784))
    net = mb.MLP([784, 10, 10], rng=0)
    predictor, t = mb.Predictor(net), np.zeros(6000, int)
    calls = {
        "predict": net.predict, "scores": net.scores, "loss": lambda x: net.loss(x, t),
        "accuracy": lambda x: net.accuracy(x, t), "Predictor": predictor.predict,
    }  # fmt: skip
    np.testing.assert_array_equal(calls[use](x), calls[use](np.ones((6000, 784), np.uint8)))
    os.truncate(tmp_path / "x.bin", 5000)
    with pytest.raises(FormatError, match=r"x\.bin was truncated while in use"):
        calls[use](x)
