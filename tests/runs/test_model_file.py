"""Nets as files: restored to the bit; damaged and foreign files are never loaded."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from mitbadak.core.errors import FormatError, RunFolderError
from mitbadak.data import load_spiral
from mitbadak.nn import MLP, Affine, Identity, ReLU, Sequential, Sigmoid, Tanh, TwoLayerNet
from mitbadak.optim import SGD
from mitbadak.runs import load, save
from mitbadak.runs.model_file import Stored, read, write
from mitbadak.training import fit

HEADS = ("softmax_cross_entropy", "mean_squared_error", "sum_squared_error")
NETS: dict[str, Callable[[], Sequential]] = {
    **{
        f"MLP {activation} {dtype}": lambda a=activation, d=dtype: MLP([2, 4, 5, 3], a, dtype=d)
        for activation in ("sigmoid", "relu", "tanh", "identity")
        for dtype in ("float32", "float64")
    },
    **{f"MLP {head}": lambda head=head: MLP([2, 4, 3], loss=head) for head in HEADS},
    "MLP without hidden layer": lambda: MLP([2, 3]),
    "TwoLayerNet": lambda: TwoLayerNet(2, 4, 3),
    "without bias": lambda: Sequential(Affine(2, 3, bias=False)),
    "bias in one": lambda: Sequential(Affine(2, 3, bias=False), Tanh(), Affine(3, 2)),
    "all layers": lambda: Sequential(Affine(2, 3), Identity(), Sigmoid(), ReLU(), Tanh()),
    "no parameters": lambda: Sequential(Tanh(), loss="mean_squared_error"),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


@pytest.fixture
def saved(path: Path) -> Path:
    save(MLP([2, 4, 3], rng=0), path)
    return path


@pytest.mark.parametrize("name", NETS)
def test_a_net_comes_back_to_the_bit(name: str, path: Path, rng: np.random.Generator) -> None:
    net = NETS[name]()
    for key, array in net.params.items():  # biases too, which start at zero
        net.params[key] = rng.standard_normal(array.shape)
    save(net, path)
    again = load(path)
    assert type(again) is type(net)
    assert repr(again) == repr(net)
    assert again.config() == net.config()
    assert again.dtype == net.dtype
    assert list(again.params) == list(net.params)
    for key, array in net.params.items():
        assert again.params[key].dtype == array.dtype
        assert again.params[key].tobytes() == array.tobytes()
    x = rng.standard_normal((6, 2))
    assert again.predict(x).tobytes() == net.predict(x).tobytes()


@pytest.mark.parametrize("head", HEADS)
def test_loading_restores_the_loss(head: str, path: Path) -> None:
    net = MLP([2, 4, 3], rng=0, loss=head)
    save(net, path)
    x, t = load_spiral()
    assert load(path).loss(x, t) == net.loss(x, t)


def test_a_loaded_net_trains_like_the_saved_one(saved: Path) -> None:
    nets = [MLP([2, 4, 3], rng=0), load(saved)]
    runs = [fit(net, load_spiral(), epochs=2, rng=0, callbacks=[]) for net in nets]
    assert runs[0].losses == runs[1].losses
    assert nets[0].params["W1"].tobytes() == nets[1].params["W1"].tobytes()


def test_any_safetensors_reader_sees_the_books_names(saved: Path) -> None:
    shapes = {name: array.shape for name, array in load_file(saved).items()}
    assert shapes == {"W1": (2, 4), "b1": (4,), "W2": (4, 3), "b2": (3,)}


def test_saving_does_not_change_the_net(path: Path) -> None:
    net = MLP([2, 4, 3], rng=0)
    for array in net.params.values():
        array.flags.writeable = False
    save(net, path)
    assert load(path).params["W1"].flags.writeable


def test_a_truncated_file_is_refused(saved: Path) -> None:
    whole = saved.read_bytes()
    for length in range(len(whole)):
        saved.write_bytes(whole[:length])
        with pytest.raises(
            FormatError, match=r"model\.safetensors is damaged or not a safetensors"
        ):
            load(saved)


def test_a_file_with_extra_bytes_is_refused(saved: Path) -> None:
    saved.write_bytes(saved.read_bytes() + b"\0")
    with pytest.raises(FormatError, match=r"model\.safetensors is damaged"):
        load(saved)


@pytest.mark.parametrize("flipped", [0x01, 0x80])
def test_a_header_with_a_flipped_bit_is_refused(saved: Path, flipped: int) -> None:
    whole = saved.read_bytes()
    header = 8 + int.from_bytes(whole[:8], "little")
    assert 200 < header < len(whole)
    for place in range(header):
        damaged = bytearray(whole)
        damaged[place] ^= flipped
        saved.write_bytes(damaged)
        with pytest.raises(FormatError, match=r"model\.safetensors"):
            load(saved)


def test_another_kind_of_file_is_refused(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    with pytest.raises(FormatError, match=r"is damaged or not a safetensors file"):
        load(path)


def test_a_header_over_the_limit_is_not_read(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mitbadak.runs.model_file.MOST_HEADER", 100)
    with pytest.raises(FormatError, match="its header would take more than 100 bytes"):
        load(saved)


def test_a_foreign_safetensors_file_is_refused(path: Path) -> None:
    save_file({"weight": np.zeros((2, 3))}, path, metadata={"format": "pt"})
    with pytest.raises(FormatError, match=r"is a safetensors file, but Mitbadak did not write it"):
        load(path)


@pytest.mark.parametrize("description", ["[1]", "7", '"net"', "{}", '{"format": 2, "net": {}}'])
def test_another_format_is_refused(description: str, path: Path) -> None:
    save_file({"W1": np.zeros((2, 3))}, path, metadata={"mitbadak": description})
    with pytest.raises(FormatError, match=r"is not of format 1\. Use the version"):
        load(path)


DESCRIBED = MLP([2, 4, 3]).config()
FOREIGN: dict[str, dict[str, Any]] = {
    "no net": {},
    "net is text": {"net": "MLP"},
    "unknown net": {"net": {**DESCRIBED, "net": "Transformer"}},
    "unknown layer": {"net": {**DESCRIBED, "layers": [{"layer": "Conv"}]}},
    "unknown option": {"net": {**DESCRIBED, "layers": [{"layer": "Affine", "width": 3}]}},
    "widths": {"net": {**DESCRIBED, "layers": DESCRIBED["layers"][::-1]}},
    "unknown loss": {"net": {**DESCRIBED, "loss": "hinge"}},
    "unknown dtype": {"net": {**DESCRIBED, "dtype": "int8"}},
    "no layers": {"net": {**DESCRIBED, "layers": None}},
}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_description_that_is_not_of_a_net_is_refused(case: str, path: Path) -> None:
    write(path, Stored(dict(MLP([2, 4, 3]).params), FOREIGN[case]))
    with pytest.raises(FormatError, match="describes no net that Mitbadak can make"):
        load(path)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"W2": np.zeros((4, 4), np.float32)},
            r"'W2' should be float32 \(4, 3\); in the file it is f",
        ),
        ({"b1": np.zeros(4)}, r"'b1' should be float32 \(4,\); in the file it is float64 \(4,\)"),
        ({"b2": None}, r"'b2' should be float32 \(3,\); in the file it is absent"),
        ({"W3": np.zeros(1)}, r"'W3' should be absent; in the file it is float64 \(1,\)"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(changed: Any, message: str, path: Path) -> None:
    net = MLP([2, 4, 3])
    arrays = {n: a for n, a in {**net.params, **changed}.items() if a is not None}
    write(path, Stored(arrays, {"net": net.config()}))
    with pytest.raises(FormatError, match=message):
        load(path)


def test_read_returns_the_arrays_and_values_that_were_written(path: Path) -> None:
    arrays = {"a": np.arange(6.0).reshape(2, 3).T, "empty": np.zeros((0, 2), np.float32)}
    write(path, Stored(arrays, {"rng": {"state": 2**127}, "seconds": 0.1, "name": "밑바닥"}))
    again = read(path)
    assert again.values == {"rng": {"state": 2**127}, "seconds": 0.1, "name": "밑바닥"}
    for name, array in arrays.items():
        assert np.array_equal(again.arrays[name], array)
        assert again.arrays[name].dtype == array.dtype


def test_a_missing_file_is_reported(path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"model\.safetensors is missing"):
        load(path)
    with pytest.raises(RunFolderError, match="is not a run folder"):
        load(path.parent)


def full_disk(*_: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def ctrl_c(*_: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize(("fail", "error"), [(full_disk, OSError), (ctrl_c, KeyboardInterrupt)])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    call: str, fail: Any, error: type[BaseException], saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = saved.read_bytes()
    monkeypatch.setattr(os, call, fail)
    with pytest.raises(error):
        save(MLP([2, 4, 3], rng=1), saved)
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


def test_a_failed_first_write_leaves_no_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        save(MLP([2, 4, 3]), path)
    assert list(path.parent.iterdir()) == []


def test_saving_again_replaces_the_file(saved: Path) -> None:
    net = Sequential(Affine(2, 3), Sigmoid())
    fit(net, load_spiral(), optimizer=SGD(1.0), epochs=1, rng=0, callbacks=[])
    save(net, saved)
    assert load(saved).params["W1"].tobytes() == net.params["W1"].tobytes()
    assert list(saved.parent.iterdir()) == [saved]
