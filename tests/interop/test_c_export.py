"""Nets as C files: compiled, they answer as the nets do."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mitbadak as mb
from mitbadak import nn
from mitbadak.core.errors import RangeError, StateError
from mitbadak.data.preparation import Preparation
from mitbadak.interop import export_c
from mitbadak.interop.c_export import c_source
from mitbadak.interop.heads import Poisson
from mitbadak.nn.activations import ACTIVATIONS
from mitbadak.runs.model import Model

pytestmark = pytest.mark.once  # the C code is the same everywhere

pytest.importorskip("ziglang")  # a C compiler from PyPI


def filled(net: nn.Sequential) -> nn.Sequential:
    """The net with biases and statistics that are not their first."""
    rng = np.random.default_rng(1)
    for name, array in (*net.params.items(), *net.buffers.items()):
        if not name.startswith("W"):
            array[...] = rng.uniform(0.5, 2, array.shape)
    return net


TABLE = Preparation("table", columns=("a", "b", "c"), mean=(3.0, -2.0, 0.0), std=(0.5, 4.0, 1.0),
                    target_mean=(100.0,), target_std=(20.0,))  # fmt: skip
NETS: dict[str, nn.Sequential | Model] = {
    **{name: filled(nn.MLP([3, 7, 4], activation=name, rng=0)) for name in ACTIVATIONS},
    "norms": filled(nn.Sequential(
        nn.Affine(3, 6, bias=False, rng=0), nn.BatchNorm(6), nn.Tanh(), nn.Dropout(0.5),
        nn.Affine(6, 5, rng=1), nn.LayerNorm(5), nn.ReLU(), nn.Affine(5, 1, rng=2),
        loss="sigmoid_cross_entropy",
    )),
    "images": filled(nn.Sequential(
        nn.Reshape((2, 7, 9)), nn.Convolution(2, 3, (3, 2), (2, 1), (1, 0), rng=0),
        nn.BatchNorm(3), nn.ReLU(), nn.MaxPooling(2, 1, 1),
        nn.Convolution(3, 4, 3, bias=False, rng=1), nn.AveragePooling(2, 1, 1),
        nn.Flatten(), nn.Affine(128, 3, rng=2),
    )),
    "colors": filled(nn.Sequential(
        nn.Reshape((3, 4, 5), channels_last=True), nn.Convolution(3, 2, 3, rng=0), nn.Flatten(),
        nn.Affine(12, 2, rng=1),
    )),
    "counts": filled(nn.MLP([3, 5, 2], loss=Poisson(), rng=0)),
    "model": Model(nn.MLP([3, 5, 1], loss="mean_squared_error", rng=0), TABLE),
}  # fmt: skip


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """All nets in one library, compiled with warnings as errors."""
    folder = tmp_path_factory.mktemp("c")
    for name, net in NETS.items():
        export_c(net, folder / f"{name}.c", name=name)
    built = folder / "nets.so"
    compiler = [sys.executable, "-m", "ziglang", "cc"]
    flags = ["-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-pedantic", "-shared", "-fPIC"]
    files = [str(folder / f"{name}.c") for name in NETS]
    subprocess.run([*compiler, *flags, "-o", str(built), *files, "-lm"], check=True)
    return ctypes.CDLL(str(built))


@pytest.mark.parametrize("name", NETS)
def test_the_compiled_net_answers_as_the_net_does(library, name):
    net = NETS[name]
    assert net.n_in is not None
    x = np.random.default_rng(2).normal(size=(20, net.n_in)).astype(np.float32)
    expected = net.predict(x)
    y = np.empty_like(expected, np.float32)
    predict = library[f"{name}_predict"]
    for example, answer in zip(x, y, strict=True):
        predict(ctypes.c_void_p(example.ctypes.data), ctypes.c_void_p(answer.ctypes.data))
    np.testing.assert_allclose(y, expected, rtol=2e-5, atol=2e-6)


def test_names_of_classes_stand_in_the_file_and_end_no_comment():
    net = nn.MLP([2, 2], rng=0)
    net.classes = ("*/ int evil;", "고양이")
    source = c_source(net)
    assert "Class 1: 고양이" in source
    assert source.split("*/")[0].count("evil") == 1


class Own(nn.Layer, operation=mb.functions.identity):
    """A layer of one's own."""


@pytest.mark.parametrize(
    ("net", "name", "error", "message"),
    [
        (nn.MLP([2, 2]), "a-b", RangeError, "a name in C"),
        (nn.Sequential(nn.Affine(2, 2), Own()), "net", StateError, "has no form in C"),
        (nn.Sequential(nn.Convolution(1, 2, 3), nn.Flatten()), "net", StateError, "any size"),
    ],
)
def test_what_has_no_form_in_c_is_refused(tmp_path: Path, net, name, error, message):
    with pytest.raises(error, match=message):
        export_c(net, tmp_path / "net.c", name=name)


def test_names_of_classes_give_no_warning(tmp_path: Path):
    net = nn.MLP([2, 4], rng=0)
    net.classes = ("/* a", "b */ /*/ c", "d\ne\\", "f\x00\u202e??/ //")
    export_c(net, tmp_path / "net.c")
    compiler = [sys.executable, "-m", "ziglang", "cc", "-std=c99", "-Wall", "-Wextra", "-Werror"]
    subprocess.run(
        [*compiler, "-pedantic", "-c", "-o", str(tmp_path / "net.o"), str(tmp_path / "net.c")],
        check=True,
    )
