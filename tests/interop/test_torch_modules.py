"""Modules of PyTorch: each argument honoured, or refused by name."""

from __future__ import annotations

import inspect
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

from mitbadak import nn
from mitbadak.core.errors import DtypeError, FormatError, RangeError
from mitbadak.interop import from_torch, load_torch_weights
from mitbadak.interop.torch_modules import MODULES

torch = pytest.importorskip("torch")
t = torch.nn
IMAGE, ROW = (2, 6, 6), (4,)
# Of every module: how it is made, and other values for each of its arguments.
CASES: dict[str, tuple[dict[str, Any], dict[str, list[Any]], tuple[int, ...]]] = {
    "Linear": ({"in_features": 4, "out_features": 3}, {"bias": [False]}, ROW),
    "Conv2d": ({"in_channels": 2, "out_channels": 4, "kernel_size": 3}, {
        "kernel_size": [2, (3, 1)], "stride": [2, (1, 2)], "padding": [1, "same", "valid", (0, 1)],
        "dilation": [2, (1, 1)], "groups": [2], "bias": [False], "padding_mode": ["reflect"],
    }, IMAGE),
    "MaxPool2d": ({"kernel_size": 2}, {
        "kernel_size": [3, (2, 3)], "stride": [1, (1, 2)], "padding": [1, (0, 1), (0, 0)],
        "dilation": [2, (1, 1)], "return_indices": [True], "ceil_mode": [True],
    }, IMAGE),
    "AvgPool2d": ({"kernel_size": 2}, {
        "kernel_size": [3, (2, 3)], "stride": [1, (1, 2)], "padding": [1, (0, 1), (0, 0)],
        "ceil_mode": [True], "count_include_pad": [False], "divisor_override": [1, 4],
    }, IMAGE),
    "BatchNorm1d": ({"num_features": 4}, {
        "eps": [0.3], "momentum": [None, 0.3], "affine": [False], "track_running_stats": [False],
        "bias": [False],
    }, ROW),
    "BatchNorm2d": ({"num_features": 2}, {
        "eps": [0.3], "momentum": [None, 0.3], "affine": [False], "track_running_stats": [False],
        "bias": [False],
    }, IMAGE),
    "LayerNorm": ({"normalized_shape": 4}, {
        "eps": [0.3], "elementwise_affine": [False], "bias": [False], "normalized_shape": [(1, 4)],
    }, ROW),
    "Dropout": ({}, {"p": [0.2], "inplace": [True]}, ROW),
    "Flatten": ({}, {"start_dim": [0, 2], "end_dim": [2]}, IMAGE),
    "Unflatten": ({"dim": 1, "unflattened_size": (1, 2, 2)}, {"dim": [0]}, ROW),
    "Identity": ({}, {}, ROW),
    "ReLU": ({}, {"inplace": [True]}, ROW), "Sigmoid": ({}, {}, ROW), "Tanh": ({}, {}, ROW),
    "LeakyReLU": ({}, {"negative_slope": [0.3], "inplace": [True]}, ROW),
    "ELU": ({}, {"alpha": [0.3], "inplace": [True]}, ROW),
    "GELU": ({}, {"approximate": ["tanh"]}, ROW), "SiLU": ({}, {"inplace": [True]}, ROW),
    "Softplus": ({}, {"beta": [3.0], "threshold": [0.1, 30.0]}, ROW),
}  # fmt: skip
EACH = [(name, argument, value) for name, (_, others, _) in CASES.items()
        for argument, values in others.items() for value in values
        if argument in inspect.signature(getattr(t, name)).parameters]  # fmt: skip


def test_every_argument_of_every_module_is_tried():
    assert set(CASES) == set(MODULES)
    for name, (always, others, _) in CASES.items():
        arguments = set(inspect.signature(getattr(t, name)).parameters)
        assert arguments - {"args", "kwargs", "device", "dtype"} <= {*always, *others}, name


@pytest.mark.parametrize(("name", "argument", "value"), EACH)
def test_an_argument_is_honoured_or_refused(name, argument, value):
    torch.manual_seed(0)
    always, _, shape = CASES[name]
    module = getattr(t, name)(**{**always, argument: value}).eval()
    x = torch.randn(5, *shape)
    try:
        net = from_torch(t.Sequential(module), loss="mean_squared_error")
    except DtypeError as error:
        assert argument in str(error) or name == "GELU"  # noqa: PT017
        return
    with torch.no_grad():
        expected = module(x.clone()).numpy()
    np.testing.assert_allclose(net.layers[0].predict(x.numpy()), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "argument", "value"),
    [("Softplus", "beta", 3.0), ("Softplus", "threshold", 0.1),
     ("AvgPool2d", "divisor_override", 1),
     ("Flatten", "start_dim", 2), ("Unflatten", "dim", 0)],
)  # fmt: skip
def test_what_has_no_layer_is_refused(name, argument, value):
    module = getattr(t, name)(**{**CASES[name][0], argument: value})
    with pytest.raises(DtypeError, match=argument):
        from_torch(t.Sequential(module))


@pytest.mark.parametrize(
    "pooling",
    [t.MaxPool2d(2, dilation=(1, 1)), t.AvgPool2d(2, padding=(0, 0), count_include_pad=False)],
)
def test_arguments_without_effect_are_taken(pooling):
    assert from_torch(t.Sequential(pooling)).layers


@pytest.mark.parametrize("name", ["Softmax", "LogSoftmax"])
def test_no_softmax_is_left_out(name):
    make = lambda dim: t.Sequential(t.Linear(4, 3), getattr(t, name)(dim=dim))  # noqa: E731
    assert repr(from_torch(make(1))) == "Sequential(Affine(4, 3))"
    with pytest.raises(DtypeError, match="not over the classes"):
        from_torch(make(0))
    with pytest.raises(DtypeError, match="would leave out"):
        from_torch(make(1), loss="mean_squared_error")
    with pytest.raises(DtypeError, match="has no layer here"):
        from_torch(t.Sequential(*make(1), t.Softmax(dim=1)))


@pytest.mark.parametrize("loss", [None, "huber", "softmax_cross_entropy", "sigmoid_cross_entropy"])
def test_a_sigmoid_at_the_end_stays_or_is_the_heads(loss):
    net = from_torch(t.Sequential(t.Linear(4, 3), t.Sigmoid()), loss=loss)
    of_head = loss in (None, "sigmoid_cross_entropy")
    assert (len(net.layers), type(net.head).__name__ == "SigmoidCrossEntropy") == (
        (1, True) if of_head else (2, False)
    )


def test_classes_of_ones_own_are_refused():
    class Linear(t.Linear):
        def forward(self, x):
            return -super().forward(x)

    class Sequential(t.Sequential):
        def forward(self, x):
            return -super().forward(x)

    with pytest.raises(DtypeError, match="a class of your own"):
        from_torch(t.Sequential(Linear(4, 3)))
    with pytest.raises(DtypeError, match="has no layer here"):
        from_torch(Sequential(t.Linear(4, 3)))
    hooked = t.Sequential(t.Linear(4, 3))
    hooked[0].register_forward_hook(lambda module, x, y: -y)
    with pytest.raises(DtypeError, match="hooks"):
        from_torch(hooked)


def test_names_and_nesting_make_no_difference():
    module = t.Sequential(OrderedDict(
        first=t.Sequential(t.Linear(4, 5), t.ReLU()), norm=t.BatchNorm1d(5), last=t.Linear(5, 2)
    )).eval()  # fmt: skip
    net, x = from_torch(module), torch.randn(3, 4)
    assert [type(a).__name__ for a in net.layers] == ["Affine", "ReLU", "BatchNorm", "Affine"]
    with torch.no_grad():
        np.testing.assert_allclose(net.scores(x.numpy()), module(x).numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_floats_of_other_lengths_are_read(dtype, tmp_path):
    from safetensors.torch import save_file

    module = t.Sequential(t.Linear(4, 3)).to(getattr(torch, dtype))
    net = from_torch(module)
    assert net.dtype == ("float64" if dtype == "float64" else "float32")
    wanted = module[0].weight.detach().to(torch.float64).numpy().T
    assert (net.params["W1"] == wanted).all()
    save_file(module.state_dict(), tmp_path / "w.safetensors")
    twin = nn.Sequential(nn.Affine(4, 3))
    load_torch_weights(twin, tmp_path / "w.safetensors")
    assert (twin.params["W1"] == wanted.astype(np.float32)).all()


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        (np.full((3, 2), 1j), DtypeError, "real numbers; got complex128"),
        (np.full((3, 2), 1e300), RangeError, r"1e\+300, which is too large for float32"),
        (np.full((3, 2), "a"), DtypeError, "real numbers"),
        (np.zeros((3, 2), bool), DtypeError, "real numbers; got bool"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(values, error, message):
    net = nn.MLP([2, 3], rng=0)
    before = net.params["W1"].copy()
    with pytest.raises(error, match=message):
        load_torch_weights(net, {"0.weight": values, "0.bias": np.ones(3)})
    assert (net.params["W1"] == before).all()
    assert not net.params["b1"].any()


def test_a_file_of_complex_numbers_is_refused(tmp_path):
    from safetensors.torch import save_file

    weights = {"0.weight": torch.ones(3, 2, dtype=torch.bool), "0.bias": torch.ones(3)}
    save_file(weights, tmp_path / "w.safetensors")
    with pytest.raises(DtypeError, match="weight' is of the kind BOOL"):
        load_torch_weights(nn.MLP([2, 3]), tmp_path / "w.safetensors")
    (tmp_path / "w.safetensors").write_bytes(b"abc")
    with pytest.raises(FormatError, match="damaged"):
        load_torch_weights(nn.MLP([2, 3]), tmp_path / "w.safetensors")
