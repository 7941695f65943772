"""Nets drawn at random, to ONNX and PyTorch and back."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import mitbadak as mb
from mitbadak import nn
from mitbadak.core.errors import (
    DtypeError,
    FormatError,
    RangeError,
    ShapeError,
    StateError,
)
from mitbadak.data.preparation import Preparation
from mitbadak.interop import (
    export_c,
    export_onnx,
    from_onnx,
    from_torch,
    load_torch_weights,
    save_torch_weights,
    torch_weights,
)
from mitbadak.interop.heads import Weighted
from mitbadak.interop.onnx_export import graph_of
from mitbadak.interop.onnx_file import OPSETS, Graph, Node, from_bytes, to_bytes
from mitbadak.nn.activations import ACTIVATIONS
from mitbadak.runs.model import Model

HEADS = ("softmax_cross_entropy", "sigmoid_cross_entropy", "mean_squared_error", "huber")


@st.composite
def nets(draw: st.DrawFn) -> nn.Sequential:
    """A dense or a small convolutional net, with statistics and biases that are not their first."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    between = lambda: ACTIVATIONS[draw(st.sampled_from(list(ACTIVATIONS)))]()  # noqa: E731
    layers: list[nn.Layer] = []
    width = draw(st.integers(1, 9))
    if draw(st.booleans()):
        side, channels, filters = draw(st.integers(6, 9)), draw(st.integers(1, 3)), 4
        stride, pad = draw(st.integers(1, 2)), draw(st.integers(0, 1))
        convolution = nn.Convolution(
            channels, filters, 3, stride, pad, bias=draw(st.booleans()), rng=rng
        )
        kind = draw(st.sampled_from([nn.MaxPooling, nn.AveragePooling]))
        layers = [nn.Reshape((channels, side, side)), convolution, between(), kind(2)]
        layers += [nn.BatchNorm(filters)] if draw(st.booleans()) else []
        rows = (side + 2 * pad - 3) // stride + 1
        layers.append(nn.Flatten())
        width = filters * (rows // 2) ** 2
    for _ in range(draw(st.integers(0, 3))):
        wider = draw(st.integers(1, 9))
        layers.append(nn.Affine(width, wider, bias=draw(st.booleans()), rng=rng))
        norm = draw(st.sampled_from([None, nn.BatchNorm, nn.LayerNorm]))
        layers += [norm(wider)] if norm and wider > 1 else []
        layers.append(between())
        layers += [nn.Dropout(0.3)] if draw(st.booleans()) else []
        width = wider
    layers.append(nn.Affine(width, draw(st.integers(2, 5)), rng=rng))
    net = nn.Sequential(*layers, loss=draw(st.sampled_from(HEADS)))
    for name, array in (*net.params.items(), *net.buffers.items()):
        if name.startswith("running_var"):
            array[...] = rng.uniform(0.5, 2, array.shape)
        elif not name.startswith("W"):
            array[...] = rng.normal(size=array.shape)
    return net


def rows_for(net: nn.Sequential, n: int = 7) -> np.ndarray:
    assert net.n_in is not None
    return np.random.default_rng(0).normal(size=(n, net.n_in)).astype(np.float32)


@settings(max_examples=100)
@given(nets(), st.sampled_from(OPSETS))
def test_onnxruntime_answers_as_the_net_does(net, opset):
    onnx, runtime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    content = to_bytes(graph_of(net, opset=opset))
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    assert model.ir_version == 10
    session = runtime.InferenceSession(content, providers=["CPUExecutionProvider"])
    for n in (1, 7):
        x = rows_for(net, n)
        np.testing.assert_allclose(
            session.run(None, {"x": x})[0], net.predict(x), rtol=1e-5, atol=1e-5
        )


@given(nets())
def test_a_net_comes_back_from_its_onnx_file(tmp_path_factory, net):
    path = tmp_path_factory.mktemp("net") / "net.onnx"
    export_onnx(net, path)
    back = from_onnx(path)
    x = rows_for(net)
    np.testing.assert_allclose(back.predict(x), net.predict(x), rtol=1e-5, atol=1e-5)
    kept = [type(a) for a in net.layers if not isinstance(a, nn.Dropout | nn.Identity)]
    assert [type(a) for a in back.layers] == kept


@given(nets())
def test_weights_pass_through_pytorch_to_the_bit(net):
    torch = pytest.importorskip("torch")
    module = as_module(torch, net).eval()
    x = rows_for(net)
    state = {name: torch.from_numpy(a.copy()) for name, a in torch_weights(net).items()}
    module.load_state_dict(state)
    with torch.no_grad():
        scores = module(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(scores, net.scores(x), rtol=1e-4, atol=1e-4)
    back = from_torch(module, loss=net.head)
    assert [repr(a) for a in back.layers] == [repr(a) for a in net.layers]
    for mine, other in ((net.params, back.params), (net.buffers, back.buffers)):
        for name, array in mine.items():
            assert array.tobytes() == other[name].tobytes()


@pytest.mark.filterwarnings("ignore")  # of PyTorch's exporter
@pytest.mark.parametrize("kind", ["dense", "images"])
def test_onnx_files_that_pytorch_writes_are_read(tmp_path, kind):
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnxscript")
    dense = nn.MLP([4, 8, 3], activation="gelu", batch_norm=True, rng=0)
    net = dense if kind == "dense" else nn.ConvNet((1, 8, 8), [4], [3], kernel=3, rng=0)
    module = as_module(torch, net).eval()
    path, x = tmp_path / "net.onnx", rows_for(net)
    torch.onnx.export(module, (torch.from_numpy(x),), str(path), dynamo=True, external_data=False)
    with torch.no_grad():
        expected = module(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(from_onnx(path).scores(x), expected, rtol=1e-4, atol=1e-4)


def as_module(torch: Any, net: nn.Sequential) -> Any:
    """The same layers in PyTorch, built by hand."""
    t = torch.nn

    def module(a: Any) -> Any:
        match type(a).__name__:
            case "Affine":
                return t.Linear(a.n_in, a.n_out, bias=a.bias)
            case "Convolution":
                return t.Conv2d(a.channels, a.filters, a.size, a.stride, a.pad, bias=a.bias)
            case "MaxPooling":
                return t.MaxPool2d(a.size)
            case "AveragePooling":
                return t.AvgPool2d(a.size)
            case "BatchNorm":
                images = any(isinstance(b, nn.Convolution) for b in net.layers)
                before = (
                    list(net.layers).index(a) < [type(b) for b in net.layers].index(nn.Flatten)
                    if images
                    else False
                )
                return (t.BatchNorm2d if before else t.BatchNorm1d)(a.n, a.eps, a.momentum)
            case "LayerNorm":
                return t.LayerNorm(a.n, a.eps)
            case "Reshape":
                return t.Unflatten(1, a.shape)
            case "Dropout":
                return t.Dropout(a.rate)
            case "LeakyReLU":
                return t.LeakyReLU(a.slope)
            case name:
                return getattr(t, name)()

    return t.Sequential(*map(module, net.layers))


def test_a_model_takes_raw_columns_and_answers_in_units():
    runtime = pytest.importorskip("onnxruntime")
    preparation = Preparation(
        "table", columns=("a", "b"), mean=(3.0, -2.0), std=(0.5, 4.0), target_mean=(100.0,),
        target_std=(20.0,),
    )  # fmt: skip
    model = Model(nn.MLP([2, 5, 1], loss="mean_squared_error", rng=0), preparation)
    content = to_bytes(graph_of(model))
    x = np.array([[3.0, 1.0], [2.0, -7.0]], np.float32)
    session = runtime.InferenceSession(content, providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(session.run(None, {"x": x})[0], model.predict(x), rtol=1e-5)


def test_scaled_columns_become_part_of_the_layers(tmp_path):
    preparation = Preparation(
        "table", columns=("a", "b"), mean=(3.0, -2.0), std=(0.5, 4.0), target_mean=(100.0,),
        target_std=(20.0,),
    )  # fmt: skip
    model = Model(nn.MLP([2, 5, 1], loss="mean_squared_error", rng=0), preparation)
    export_onnx(model, tmp_path / "net.onnx")
    x = np.array([[3.0, 1.0], [2.0, -7.0]], np.float32)
    net = from_onnx(tmp_path / "net.onnx")
    assert [type(a).__name__ for a in net.layers] == ["Affine", "Sigmoid", "Affine"]
    np.testing.assert_allclose(net.predict(x), model.predict(x), rtol=1e-5)


def test_names_of_classes_are_kept(tmp_path):
    net = nn.MLP([2, 3], rng=0)
    net.classes = ("cat", "고양이", "犬")
    export_onnx(net, tmp_path / "net.onnx")
    assert from_onnx(tmp_path / "net.onnx").classes == net.classes


def test_safetensors_files_go_both_ways(tmp_path):
    source, net = nn.MLP([4, 8, 3], batch_norm=True, rng=0), nn.MLP([4, 8, 3], batch_norm=True)
    save_torch_weights(source, tmp_path / "w.safetensors")
    load_torch_weights(net, tmp_path / "w.safetensors")
    for name, array in source.params.items():
        assert (net.params[name] == array).all()


class Twice(nn.Layer, operation=mb.functions.identity):
    """A layer of one's own."""


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda p: export_onnx(nn.MLP([2, 3]), p, opset=16), RangeError, "17 to 21; got 16"),
        (lambda p: export_onnx(nn.MLP([4, 3]), p, shape=(2, 2)), ShapeError, r"\(batch, 4\)"),
        (lambda p: export_onnx(nn.Sequential(Twice()), p), StateError, "has no form in ONNX"),
        (lambda p: load_torch_weights(nn.MLP([2, 3]), {}), FormatError, "0.weight"),
        (
            lambda p: load_torch_weights(
                nn.MLP([2, 3]), {"0.weight": np.zeros((2, 3)), "0.bias": np.zeros(3)}
            ),
            ShapeError, r"should have the shape \(3, 2\)",
        ),
        (lambda p: from_torch(object()), DtypeError, "has no layer here"),
    ],
)  # fmt: skip
def test_what_cannot_be_exchanged_is_refused(tmp_path, call, error, message):
    with pytest.raises(error, match=message):
        call(tmp_path / "net.onnx")


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([Node("LSTM", ["x"], ["y"])], "its operation LSTM has no layer here"),
        ([Node("Gelu", ["x"], ["y"], {"approximate": "tanh"})], "approximated by tanh"),
        ([Node("Relu", ["x"], ["z"])], "nothing leads from 'z'"),
        ([], "nothing leads from 'x'"),
        ([Node("Conv", ["x", "w"], ["y"], {"group": 2})], "groups, dilations or ceil_mode"),
    ],
)
def test_files_that_hold_no_such_net_are_refused(tmp_path, nodes, message):
    tensors = {"w": np.zeros((2, 1, 3, 3), np.float32)}
    path = tmp_path / "net.onnx"
    path.write_bytes(to_bytes(Graph(nodes, tensors, {"x": [None, 2]}, {"y": [None, 2]})))
    with pytest.raises(FormatError, match=message):
        from_onnx(path)


@settings(max_examples=300)
@given(st.data())
def test_damaged_files_are_refused_in_words(tmp_path_factory, data):
    content = bytearray(to_bytes(graph_of(nn.ConvNet((1, 6, 6), [2], [3], kernel=3, rng=0))))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = content[: data.draw(st.integers(0, len(content)))]
    path = tmp_path_factory.mktemp("damaged") / "net.onnx"
    path.write_bytes(cut)
    with contextlib.suppress(FormatError):
        from_onnx(path)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content):
    with contextlib.suppress(FormatError):
        from_bytes(content)


EVERY_NET = {
    "pooled first": lambda: nn.Sequential(
        nn.MaxPooling(2), nn.Convolution(1, 2, 2, rng=0), nn.Flatten(), nn.Affine(8, 2, rng=0)
    ),
    "images last": lambda: nn.Sequential(nn.Reshape((1, 2, 2)), nn.Convolution(1, 2, 2, rng=0)),
    "flattened first": lambda: nn.Sequential(nn.Flatten(), nn.Affine(4, 2, rng=0)),
    "convolved first": lambda: nn.Sequential(
        nn.Convolution(2, 3, 2, rng=0), nn.ReLU(), nn.Flatten(), nn.Affine(75, 2, rng=0)
    ),
    "channels last": lambda: nn.Sequential(
        nn.Reshape((3, 4, 4), channels_last=True), nn.Convolution(3, 2, 3, rng=0), nn.Flatten(),
        nn.Affine(8, 2, rng=0),
    ),
    "counts": lambda: nn.Sequential(nn.Affine(4, 1, rng=0), loss="poisson"),
    "weighted": lambda: nn.Sequential(
        nn.Affine(4, 3, rng=0), loss=Weighted("sigmoid_cross_entropy")
    ),
}  # fmt: skip
SHAPES = {"pooled first": (1, 6, 6), "images last": (4,), "flattened first": (1, 2, 2),
          "convolved first": (2, 6, 6), "channels last": (48,)}  # fmt: skip


@pytest.mark.parametrize("name", EVERY_NET)
def test_every_net_becomes_a_file_that_others_read(name, tmp_path):
    onnx, runtime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    net = EVERY_NET[name]()
    x = np.random.default_rng(0).normal(size=(5, *SHAPES.get(name, (4,)))).astype(np.float32)
    path = tmp_path / "net.onnx"
    export_onnx(net, path, shape=(1, 2, 2) if name == "flattened first" else None)
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(session.run(None, {"x": x})[0], net.predict(x), rtol=1e-5, atol=1e-5)
    if name != "weighted":
        back = from_onnx(path)
        np.testing.assert_allclose(back.predict(x), net.predict(x), rtol=1e-5, atol=1e-5)
        assert repr(back) == repr(net)


@pytest.mark.parametrize("write", [export_onnx, export_c, save_torch_weights])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_not_exported(write, value, tmp_path):
    net = nn.MLP([2, 3], rng=0)
    net.params["b1"][1] = value
    with pytest.raises(StateError, match="NaN"):
        write(net, tmp_path / "net.onnx")
    assert not list(tmp_path.iterdir())


def test_pixels_are_taken_divided():
    runtime = pytest.importorskip("onnxruntime")
    net = nn.Sequential(nn.Reshape((1, 3, 3)), nn.Convolution(1, 2, 2, rng=0), nn.Flatten(),
                        nn.Affine(8, 2, rng=0))  # fmt: skip
    model = Model(net, Preparation("images", shape=(3, 3), divisor=255.0))
    x = np.random.default_rng(0).integers(0, 256, (4, 9)).astype(np.uint8)
    session = runtime.InferenceSession(
        to_bytes(graph_of(model)), providers=["CPUExecutionProvider"]
    )
    answer = session.run(None, {"x": x.astype(np.float32) / 255})[0]
    np.testing.assert_allclose(answer, model.predict(x), rtol=1e-5)


def test_names_of_several_lines_are_kept(tmp_path):
    net = nn.MLP([2, 3], rng=0)
    net.classes = ("a\nb", "c", 'd"')
    export_onnx(net, tmp_path / "net.onnx")
    assert from_onnx(tmp_path / "net.onnx").classes == net.classes


@pytest.mark.parametrize("read", ["from_onnx", "load_torch_weights"])
def test_a_missing_file_is_named_with_the_nearest_one(read, tmp_path):
    from mitbadak import interop
    from mitbadak.core.errors import MissingFileError

    (tmp_path / "net.onnx").touch()
    net = [mb.MLP([2, 3, 2], rng=0)] if read == "load_torch_weights" else []
    with pytest.raises(MissingFileError, match=r"Did you mean .*net\.onnx"):
        getattr(interop, read)(*net, tmp_path / "nett.onnx")


def test_unknown_arguments_are_named(tmp_path):
    """In a process of its own, where types are not checked first."""
    script = """if True:
        import mitbadak as mb
        from mitbadak import interop
        from mitbadak.core.errors import UnknownNameError
        net = mb.MLP([2, 3, 2], rng=0)
        calls = {
            "from_onnx": ("a.onnx",), "from_torch": (net,), "export_onnx": (net, "a.onnx"),
            "export_c": (net, "a.c"), "torch_weights": (net,),
            "save_torch_weights": (net, "a.safetensors"), "load_torch_weights": (net, {}),
        }
        for name, arguments in calls.items():
            try:
                getattr(interop, name)(*arguments, los=3)
            except UnknownNameError as problem:
                assert f"unknown argument of {name} 'los'" in str(problem)
                print(name)
    """
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert len(done.stdout.split()) == 7, done.stdout
    assert not list(tmp_path.iterdir())
