"""Weights under PyTorch's names and in its layout, and nets from ``torch.nn.Sequential``.

Nothing here imports PyTorch. A net's layers correspond one to one to the modules of a
``torch.nn.Sequential``: Affine to Linear, Reshape to Unflatten, and so on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mitbadak.core.errors import DtypeError, FormatError, ShapeError, StateError, brief, listed
from mitbadak.core.files import write_atomically
from mitbadak.nn import activations, convolution, norms
from mitbadak.nn.affine import Affine, Flatten, Reshape
from mitbadak.nn.dropout import Dropout
from mitbadak.nn.heads import Head
from mitbadak.nn.layer import Layer
from mitbadak.nn.network import Sequential
from mitbadak.nn.prepared import PreparedNet, check_net, inner_net

# PyTorch's name of each array of a layer, parameters and buffers.
NAMES = {"W": "weight", "b": "bias", "gamma": "weight", "beta": "bias",
         "running_mean": "running_mean", "running_var": "running_var"}  # fmt: skip
COUNT = "num_batches_tracked"  # of a BatchNorm in PyTorch, which nothing here needs


def torch_weights(net: Sequential | PreparedNet) -> dict[str, np.ndarray]:
    """A net's arrays as ``torch.nn.Sequential.state_dict`` of the same layers has them.

    Args:
        net: a net, or a loaded model.

    Returns:
        Arrays by name, such as ``0.weight`` of shape (n_out, n_in).

    Example:
        >>> from mitbadak.nn import MLP
        >>> {name: a.shape for name, a in torch_weights(MLP([4, 8, 3])).items()}
        {'0.weight': (8, 4), '0.bias': (8,), '2.weight': (3, 8), '2.bias': (3,)}
    """
    check_net(net, "torch_weights")
    weights: dict[str, np.ndarray] = {}
    for number, layer in enumerate(inner_net(net).layers):
        for name, array in {**layer.params, **layer.buffers}.items():
            if name not in NAMES:
                raise DtypeError(
                    f"torch_weights: {layer!r} has {name!r}, for which PyTorch's modules have no "
                    "name."
                )
            turned = array.T if isinstance(layer, Affine) else array
            weights[f"{number}.{NAMES[name]}"] = np.ascontiguousarray(turned)
        if isinstance(layer, norms.BatchNorm):
            weights[f"{number}.{COUNT}"] = np.zeros((), np.int64)
    return weights


def save_torch_weights(net: Sequential | PreparedNet, path: str | os.PathLike[str]) -> None:
    """Write ``torch_weights`` as .safetensors, for ``model.load_state_dict(load_file(path))``.

    Args:
        net: a net, or a loaded model.
        path: the file, which is written whole or not at all.
    """
    from safetensors.numpy import save

    weights = torch_weights(net)
    for name, array in weights.items():
        if not np.isfinite(array).all():
            raise StateError(
                f"save_torch_weights: {name!r} holds NaN or infinite numbers. Load the weights of "
                "an earlier epoch, or train with a smaller learning rate."
            )
    write_atomically(path, save(weights))


def load_torch_weights(
    net: Sequential | PreparedNet, weights: Mapping[str, Any] | str | os.PathLike[str]
) -> None:
    """Put PyTorch's weights into a net of the same layers.

    Args:
        net: the net; nothing changes in it unless everything fits.
        weights: a .safetensors file, or a mapping from names to tensors or arrays, such as
            ``model.state_dict()``.

    Raises:
        FormatError: names are missing or left over, or the file is damaged.
        ShapeError: an array has another shape.

    Example:
        >>> from mitbadak.nn import MLP
        >>> source, net = MLP([4, 8, 3], rng=0), MLP([4, 8, 3], rng=1)
        >>> load_torch_weights(net, torch_weights(source))
        >>> bool((net.params["W1"] == source.params["W1"]).all())
        True
    """
    check_net(net, "load_torch_weights")
    given = _read(weights) if isinstance(weights, str | os.PathLike) else weights
    arrays = {name: _array(a) for name, a in given.items() if not name.endswith(COUNT)}
    wanted = torch_weights(net)
    wanted = {name: a for name, a in wanted.items() if not name.endswith(COUNT)}
    if arrays.keys() != wanted.keys():
        raise FormatError(
            f"load_torch_weights expects the names {listed(wanted)}, those of the net's layers in "
            f"torch.nn.Sequential; got {listed(arrays) or 'none'}."
        )
    for name, array in wanted.items():
        if arrays[name].shape != array.shape:
            raise ShapeError(
                f"load_torch_weights: {name!r} should have the shape {array.shape}; got "
                f"{arrays[name].shape}."
            )
    for number, layer in enumerate(inner_net(net).layers):
        for name, array in (*layer.params.items(), *layer.buffers.items()):
            new = arrays[f"{number}.{NAMES[name]}"]
            array[...] = new.T if isinstance(layer, Affine) else new


def from_torch(module: Any, *, loss: str | Head = "softmax_cross_entropy") -> Sequential:
    """A net with the layers and weights of a ``torch.nn.Sequential``.

    Args:
        module: Linear, Conv2d, MaxPool2d, AvgPool2d, BatchNorm1d and 2d, LayerNorm, Dropout,
            Flatten, Unflatten and activations, one after the other. Softmax, LogSoftmax or Sigmoid
            at the end is left to the head.
        loss: the head; PyTorch keeps it outside of the module.

    Raises:
        DtypeError: it is no Sequential, or holds a module that has no layer here.

    Example:
        .. code-block:: python

            net = from_torch(torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(),
                                                 torch.nn.Linear(8, 3)))
    """
    modules = list(module) if type(module).__name__ == "Sequential" else [module]
    while modules and type(modules[-1]).__name__ in ("Softmax", "LogSoftmax"):
        modules.pop()
    if (
        len(modules) > 1
        and type(modules[-1]).__name__ == "Sigmoid"
        and loss != "mean_squared_error"
    ):
        modules.pop()
        loss = "sigmoid_cross_entropy"
    layers = [_layer(part) for part in modules]
    dtypes = {_array(p).dtype for p in module.parameters()} or {np.dtype(np.float32)}
    net = Sequential(*layers, loss=loss)
    net = net if len(dtypes) > 1 else net.astype(dtypes.pop())
    state = module.state_dict()
    if type(module).__name__ != "Sequential":
        state = {f"0.{name}": value for name, value in state.items()}
    load_torch_weights(net, {name: state[name] for name in state})
    return net


def _layer(module: Any) -> Layer:
    """A layer like a module, with weights that are still to come."""
    kind = type(module).__name__
    if kind not in MODULES:
        raise DtypeError(
            f"from_torch: {brief(module)} has no layer here. Of torch.nn, {listed(MODULES)} have."
        )
    return MODULES[kind](module)


def _affine(m: Any) -> Layer:
    return Affine(m.in_features, m.out_features, bias=m.bias is not None, init="zeros")


def _convolution(m: Any) -> Layer:
    if (
        m.groups != 1
        or m.dilation != (1, 1)
        or m.padding_mode != "zeros"
        or isinstance(m.padding, str)
    ):
        raise DtypeError(f"from_torch: {brief(m)} has groups, dilation or a padding by name.")
    return convolution.Convolution(
        m.in_channels, m.out_channels, m.kernel_size, m.stride, m.padding,
        bias=m.bias is not None, init="zeros",
    )  # fmt: skip


def _pooling(kind: Callable[..., Layer]) -> Callable[[Any], Layer]:
    def make(m: Any) -> Layer:
        if getattr(m, "ceil_mode", False) or getattr(m, "dilation", 1) != 1:
            raise DtypeError(f"from_torch: {brief(m)} has dilation or ceil_mode.")
        if m.padding and not getattr(m, "count_include_pad", True):
            raise DtypeError(f"from_torch: {brief(m)} leaves its padding out of the means.")
        stride = None if m.stride == m.kernel_size else m.stride  # as users leave it out
        return kind(m.kernel_size, stride, m.padding)

    return make


def _batch_norm(m: Any) -> Layer:
    if not (m.affine and m.track_running_stats and m.momentum is not None):
        raise DtypeError(f"from_torch: {brief(m)} has no scale, or no running statistics.")
    return norms.BatchNorm(m.num_features, m.momentum, m.eps)


def _layer_norm(m: Any) -> Layer:
    if len(m.normalized_shape) != 1 or not m.elementwise_affine or m.bias is None:
        raise DtypeError(f"from_torch: {brief(m)} is not over one axis with scale and shift.")
    return norms.LayerNorm(m.normalized_shape[0], m.eps)


def _gelu(m: Any) -> Layer:
    if m.approximate != "none":
        raise DtypeError("from_torch: GELU is exact here, and this one is approximated by tanh.")
    return activations.GELU()


MODULES: dict[str, Callable[[Any], Layer]] = {
    "Linear": _affine, "Conv2d": _convolution, "MaxPool2d": _pooling(convolution.MaxPooling),
    "AvgPool2d": _pooling(convolution.AveragePooling), "BatchNorm1d": _batch_norm,
    "BatchNorm2d": _batch_norm, "LayerNorm": _layer_norm, "Dropout": lambda m: Dropout(m.p),
    "Flatten": lambda m: Flatten(), "Unflatten": lambda m: Reshape(tuple(m.unflattened_size)),
    "Identity": lambda m: activations.Identity(), "ReLU": lambda m: activations.ReLU(),
    "Sigmoid": lambda m: activations.Sigmoid(), "Tanh": lambda m: activations.Tanh(),
    "LeakyReLU": lambda m: activations.LeakyReLU(m.negative_slope),
    "ELU": lambda m: activations.ELU(m.alpha), "GELU": _gelu,
    "SiLU": lambda m: activations.SiLU(), "Softplus": lambda m: activations.Softplus(),
}  # fmt: skip


def _array(value: Any) -> np.ndarray:
    """A tensor or array as an array, without importing PyTorch."""
    value = value.detach().cpu() if hasattr(value, "detach") else value
    return np.asarray(value)


def _read(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return load(Path(path).read_bytes())
    except SafetensorError as error:
        raise FormatError(f"{path}: no .safetensors file, or a damaged one: {error}.") from error
