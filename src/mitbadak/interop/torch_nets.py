"""Weights under PyTorch's names and in its layout, in memory and in .safetensors files.

Nothing here imports PyTorch. A net's layers correspond one to one to the modules of a
``torch.nn.Sequential``: Affine to Linear, Reshape to Unflatten, and so on.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.errors import (
    DtypeError,
    FormatError,
    RangeError,
    ShapeError,
    StateError,
    listed,
)
from mitbadak.core.files import write_atomically
from mitbadak.nn import norms
from mitbadak.nn.affine import Affine
from mitbadak.nn.network import Sequential
from mitbadak.nn.prepared import PreparedNet, check_net, inner_net

# PyTorch's name of each array of a layer, parameters and buffers.
NAMES = {"W": "weight", "b": "bias", "gamma": "weight", "beta": "bias",
         "running_mean": "running_mean", "running_var": "running_var"}  # fmt: skip
STORED = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2",
          "I8": "i1", "U8": "u1"}  # fmt: skip
COUNT = "num_batches_tracked"  # of a BatchNorm in PyTorch, which nothing here needs


@explained
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


@explained
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


@explained
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
        DtypeError: one holds something else than real numbers.
        RangeError: one holds a number that is too large for the net's dtype.

    Example:
        >>> from mitbadak.nn import MLP
        >>> source, net = MLP([4, 8, 3], rng=0), MLP([4, 8, 3], rng=1)
        >>> load_torch_weights(net, torch_weights(source))
        >>> bool((net.params["W1"] == source.params["W1"]).all())
        True
    """
    check_net(net, "load_torch_weights")
    put_weights(net, weights, "load_torch_weights")


def put_weights(
    net: Sequential | PreparedNet, weights: Mapping[str, Any] | str | os.PathLike[str], owner: str
) -> None:
    """``load_torch_weights``, for which messages name an owner.

    Args:
        net, weights: as for ``load_torch_weights``.
        owner: who takes the weights.

    Raises:
        FormatError, ShapeError, DtypeError, RangeError: as for ``load_torch_weights``.
    """
    given = _read(weights) if isinstance(weights, str | os.PathLike) else weights
    arrays = {
        name: array_of(owner, name, a) for name, a in given.items() if not name.endswith(COUNT)
    }
    wanted = torch_weights(net)
    wanted = {name: a for name, a in wanted.items() if not name.endswith(COUNT)}
    if arrays.keys() != wanted.keys():
        raise FormatError(
            f"{owner} expects the names {listed(wanted)}, those of the net's layers in "
            f"torch.nn.Sequential; got {listed(arrays) or 'none'}."
        )
    for name, array in wanted.items():
        if arrays[name].shape != array.shape:
            raise ShapeError(
                f"{owner}: {name!r} should have the shape {array.shape}; got {arrays[name].shape}."
            )
    places = [(f"{number}.{NAMES[name]}", array, isinstance(layer, Affine))
              for number, layer in enumerate(inner_net(net).layers)
              for name, array in (*layer.params.items(), *layer.buffers.items())]  # fmt: skip
    for name, array, _ in places:
        _check_range(owner, name, arrays[name], array.dtype)
    for name, array, is_turned in places:
        array[...] = arrays[name].T if is_turned else arrays[name]


def _check_range(owner: str, name: str, array: np.ndarray, dtype: np.dtype) -> None:
    """Refuse numbers that would become infinite."""
    with np.errstate(over="ignore"):
        lost = np.isfinite(array) & ~np.isfinite(array.astype(dtype))
    if lost.any():
        raise RangeError(
            f"{owner}: {name!r} holds {array[lost].flat[0]:.3g}, which is too large for {dtype}. "
            "Use a net in float64: net.astype(np.float64)."
        )


def array_of(owner: str, name: str, value: Any) -> np.ndarray:
    """A tensor or array of real numbers as an array, without importing PyTorch."""
    tensor = value.detach().cpu() if hasattr(value, "detach") else value
    if str(getattr(tensor, "dtype", "")) == "torch.bfloat16":  # NumPy has no such numbers
        tensor = tensor.float()
    try:
        array = np.asarray(tensor)
    except (TypeError, RuntimeError, ValueError, NotImplementedError) as error:
        raise DtypeError(f"{owner}: {name!r} is no array of numbers: {error}.") from error
    if array.dtype.kind not in "iuf":
        raise DtypeError(
            f"{owner}: {name!r} should hold real numbers; got {array.dtype}. Nets here compute "
            "with floats."
        )
    return array


def _read(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    from safetensors import SafetensorError, deserialize

    try:
        tensors = dict(deserialize(Path(path).read_bytes()))
        return {name: _stored(path, name, tensor) for name, tensor in tensors.items()}
    except SafetensorError as error:
        raise FormatError(f"{path}: no .safetensors file, or a damaged one: {error}.") from error


def _stored(path: str | os.PathLike[str], name: str, tensor: Mapping[str, Any]) -> np.ndarray:
    kind, data, shape = tensor["dtype"], bytes(tensor["data"]), tensor["shape"]
    if kind == "BF16":  # the upper halves of float32
        return (np.frombuffer(data, "<u2").astype("<u4") << 16).view("<f4").reshape(shape)
    if kind not in STORED:
        raise DtypeError(
            f"{path}: {name!r} is of the kind {kind}; expected real numbers, one of "
            f"{listed(STORED)}. Save the weights in float32."
        )
    return np.frombuffer(data, STORED[kind]).reshape(shape)
