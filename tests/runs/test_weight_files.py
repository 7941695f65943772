"""Weights of every kind of file in a net that is there."""

from __future__ import annotations

import contextlib
import os
import pickle
import tempfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import mitbadak as mb
from mitbadak.core.errors import FormatError, MitbadakError, ShapeError
from mitbadak.runs.weight_files import read_weights


def weights(dtype: Any = np.float32) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    shapes = {"W1": (4, 8), "b1": (8,), "W2": (8, 3), "b2": (3,)}
    return {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}


def write(path: Path, arrays: Any, protocol: int = 4) -> Path:
    if path.suffix == ".npz":
        np.savez(path, **arrays)
    else:
        path.write_bytes(pickle.dumps(arrays, protocol=protocol))
    return path


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("dtype", [np.float32, np.float64, ">f4"])
@pytest.mark.parametrize("kind", [dict, OrderedDict])
def test_a_pickled_dictionary_of_arrays_is_read(
    protocol: int, dtype: Any, kind: type, tmp_path: Path
) -> None:
    own = weights(dtype)
    own["W1"] = np.asfortranarray(own["W1"])
    net = mb.MLP([4, 8, 3], rng=1)
    mb.load_weights(net, write(tmp_path / "sample_weight.pkl", kind(own), protocol))
    for name, array in net.params.items():
        np.testing.assert_array_equal(array, own[name].astype(np.float32))


def test_npz_and_our_own_files_are_read(tmp_path: Path) -> None:
    trained = mb.Sequential(mb.Affine(4, 8, rng=0), mb.BatchNorm(8), "relu", mb.Affine(8, 3, rng=0))
    trained.buffers["running_mean1"] = np.arange(8.0)
    mb.save(trained, tmp_path / "a.safetensors")
    write(tmp_path / "a.npz", {**trained.params, **trained.buffers})
    for name in ("a.safetensors", "a.npz"):
        net = mb.Sequential(mb.Affine(4, 8), mb.BatchNorm(8), "relu", mb.Affine(8, 3))
        arrays = dict(net.params)
        mb.load_weights(net, tmp_path / name)
        x = np.random.default_rng(0).normal(size=(5, 4))
        np.testing.assert_array_equal(net.predict(x), trained.predict(x))
        assert all(net.params[k] is array for k, array in arrays.items())  # filled in place


@pytest.mark.parametrize("change", [
    lambda w: w | {"b2": np.zeros(4)}, lambda w: w | {"W3": np.zeros(4)},
    lambda w: {k: v for k, v in w.items() if k != "b1"},
])  # fmt: skip
def test_weights_of_another_net_are_refused_and_none_is_taken(change: Any, tmp_path: Path) -> None:
    net = mb.MLP([4, 8, 3], rng=1)
    before = {name: array.copy() for name, array in net.params.items()}
    with pytest.raises(ShapeError):
        mb.load_weights(net, write(tmp_path / "w.pkl", change(weights())))
    for name, array in net.params.items():
        np.testing.assert_array_equal(array, before[name])


class Hostile:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> Any:
        return os.system, ("touch hacked",)


class Importing:
    def __reduce__(self) -> Any:
        return __import__, ("antigravity",)


@pytest.mark.parametrize("content", [
    {"W1": Hostile()}, Hostile(), {Importing(): np.zeros(3)}, [Hostile()],
    {"W1": np.array([Hostile()])}, {"W1": Path("a")}, {"W1": np.random.default_rng(0)},
    {"W1": print},
])  # fmt: skip
def test_a_pickle_executes_nothing(
    content: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FormatError):
        read_weights(write(tmp_path / "w.pkl", content))
    assert not (tmp_path / "hacked").exists()


@pytest.mark.parametrize("content", [
    [], {}, 3, {"W1": [1.0]}, {1: np.zeros(3)}, {"W1": np.array(["a"])},
    {"W1": np.zeros(3, complex)},
    {"W1": np.array([np.nan])}, {"W1": np.zeros(3, "datetime64[s]")}, {"W1": {"W": np.zeros(3)}},
])  # fmt: skip
def test_what_is_no_dictionary_of_numbers_is_refused(content: Any, tmp_path: Path) -> None:
    with pytest.raises(FormatError):
        read_weights(write(tmp_path / "w.pkl", content))


@given(st.data())
def test_damaged_pickles_are_refused_or_read(data: st.DataObject) -> None:
    raw = bytearray(pickle.dumps(weights(), protocol=data.draw(st.integers(0, 5))))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    raw = raw[: data.draw(st.integers(0, len(raw)))] if data.draw(st.booleans()) else raw
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "w.pkl"
        path.write_bytes(bytes(raw))
        with contextlib.suppress(MitbadakError):
            read_weights(path)


def test_lists_and_deep_pickles_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="2 arrays without names"):
        read_weights(write(tmp_path / "w.pkl", [np.ones(3), np.ones(2)]))
    depth = 200_000
    (tmp_path / "w.pkl").write_bytes(b"\x80\x04" + b"]" * depth + b"a" * (depth - 1) + b".")
    with pytest.raises(FormatError, match=r"no pickle that can be read|of too many levels"):
        read_weights(tmp_path / "w.pkl")


def test_a_memo_of_any_size_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "w.pkl"
    path.write_bytes(b"\x80\x04}r\xff\xff\xff\x7f.")  # LONG_BINPUT 2**31 - 1
    with pytest.raises(FormatError):
        read_weights(path)


def test_numbers_too_large_for_the_net_are_refused(tmp_path: Path) -> None:
    own = {name: array.astype(np.float64) * 1e300 for name, array in weights().items()}
    with pytest.raises(FormatError, match="float32 cannot hold"):
        mb.load_weights(mb.MLP([4, 8, 3]), write(tmp_path / "w.pkl", own))


@pytest.mark.parametrize("name", ["w.txt", "w", "w.pt"])
def test_other_endings_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"\.safetensors"):
        read_weights(tmp_path / name)
