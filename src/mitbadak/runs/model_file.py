"""Nets and checkpoints as safetensors files: arrays by name, and their description as JSON."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.errors import DtypeError, FormatError, MitbadakError, brief, whole
from mitbadak.core.file_errors import missing_file
from mitbadak.core.files import parse_json, write_atomically
from mitbadak.data import Preparation
from mitbadak.nn.declared import is_built_in
from mitbadak.nn.layer import Layer
from mitbadak.nn.network import Sequential
from mitbadak.nn.prepared import PreparedNet, check_net
from mitbadak.nn.restoring import check_restorable, from_config
from mitbadak.nn.widths import MOST_LAYERS
from mitbadak.training.history_file import Row, finite_or_none, problem_of

FORMAT = 1
MOST_HEADER = 1 << 24  # bytes of description, which take about sixteen times as many when parsed


@dataclass(frozen=True)
class Stored:
    """The contents of a file: arrays by name, and other values that JSON can hold."""

    arrays: dict[str, np.ndarray]
    values: dict[str, Any]


OTHER_FORMATS = {".npz", ".npy", ".pkl", ".pickle", ".pt", ".pth", ".h5", ".keras", ".onnx"}


@explained
def save(
    net: Sequential | PreparedNet,
    path: str | os.PathLike[str],
    preparation: Preparation | None = None,
    *,
    row: Mapping[str, Any] | None = None,
    check: Callable[[], None] | None = None,
) -> None:
    """Save a net, with its architecture, parameters and buffers, as one safetensors file.

    The file is replaced as a whole or not at all. Any safetensors reader sees the arrays under the
    book's names; ``mitbadak.load`` reads the net back. Layers, heads and nets of your own classes
    can be saved; a program that loads them imports these classes first.

    Args:
        net: the net, or a model, which is saved with its preparation.
        path: the file, usually ending in ``.safetensors``.
        preparation: how its examples were prepared, so that new ones can be prepared alike.
        row: of the history that measures these weights.
        check: called before anything is written and before the file is replaced.

    Raises:
        DtypeError: net is no net, or path no path.
        FormatError: path ends as files of another format do.
        StateError: ``load`` could not make the net again from what a file can hold.
        OSError: the file cannot be written.
    """
    check_net(net, "save")
    if not isinstance(path, str | os.PathLike):
        raise DtypeError(f"save expects the path of a file; got {brief(path)}.")
    if Path(path).suffix.lower() in OTHER_FORMATS:
        raise FormatError(f"{path} should end in .safetensors, the only format that save writes.")
    if isinstance(net, PreparedNet):
        net, preparation = net.net, preparation or net.preparation
    check_restorable(net)
    values = {"net": net.config()}
    if preparation is not None:
        values["preparation"] = preparation.to_config()
    if row is not None:
        timeless = {name: value for name, value in row.items() if name != "seconds"}
        values["row"] = finite_or_none(timeless)  # the same training gives the same file
    write(path, Stored(arrays_of(net), values), check=check)


def arrays_of(net: Sequential) -> dict[str, np.ndarray]:
    """All arrays of a net by name: its parameters and buffers."""
    return {**net.params, **net.buffers}


def load_net(path: str | os.PathLike[str]) -> Sequential:
    """The net in a file that ``save`` wrote, without the preparation of its examples.

    Raises:
        FormatError: the file is damaged or cut off, or does not describe a net; a class of your own
            in it has not been imported.
        FileNotFoundError: there is no such file.

    Example:
        >>> import tempfile
        >>> from mitbadak.nn import MLP
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save(MLP([784, 50, 10], rng=0), Path(folder) / "model.safetensors")
        ...     load_net(Path(folder) / "model.safetensors")
        MLP([784, 50, 10], activation='sigmoid')
    """
    return net_in(read(path), path)


def net_in(stored: Stored, path: str | os.PathLike[str]) -> Sequential:
    """The net in what was read from ``path``.

    Raises:
        FormatError: it describes no net that Mitbadak can make.
    """
    try:
        config = stored.values["net"]
        _check_declared(config, sum(array.nbytes for array in stored.arrays.values()))
        net = from_config(config)
    except (MitbadakError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise FormatError(f"{path} describes no net that Mitbadak can make: {error}") from None
    take_params(net, stored.arrays, path)
    return net


def _check_declared(config: Any, stored: int) -> None:
    """Refuse a description whose built-in layers would take more memory than the stored arrays."""
    if config["dtype"] not in ("float32", "float64") or not isinstance(config["loss"], str | dict):
        raise FormatError(f"dtype {config['dtype']!r}, loss {config['loss']!r}.")
    if len(config["layers"]) > MOST_LAYERS:
        raise FormatError(f"it has more than {MOST_LAYERS:,} layers.")
    declared = 0
    for layer in config["layers"]:
        name = str(layer["layer"])
        if is_built_in(Layer.registry.get(name)):
            sides = [whole(name, side, layer[side]) for side in ("n_in", "n_out", "n")
                     if side in layer]  # fmt: skip
            declared += math.prod(sides) if sides else 0
    if declared * np.dtype(config["dtype"]).itemsize > stored:
        raise FormatError("its layers are larger than its arrays.")


def take_params(
    net: Sequential, arrays: dict[str, np.ndarray], path: str | os.PathLike[str]
) -> None:
    """Give a net the parameters and buffers of a file, all of them or none.

    Raises:
        FormatError: a name, shape or dtype differs.
    """
    expected = {name: (p.shape, p.dtype.name) for name, p in arrays_of(net).items()}
    stored = {name: (a.shape, a.dtype.name) for name, a in arrays.items()}
    if expected != stored:
        name = next(n for n in [*expected, *stored] if expected.get(n) != stored.get(n))
        raise FormatError(
            f"{path}: parameter {name!r} should be {_describe(expected.get(name))}; in the "
            f"file it is {_describe(stored.get(name))}."
        )
    for name, array in arrays.items():
        (net.params if name in net.params else net.buffers)[name] = array.copy()


def write(
    path: str | os.PathLike[str], stored: Stored, *, check: Callable[[], None] | None = None
) -> None:
    """Write arrays and values to ``path``, as a whole or not at all."""
    from safetensors.numpy import save as to_bytes

    arrays = {name: np.ascontiguousarray(a) for name, a in stored.arrays.items()}
    metadata = {"mitbadak": json.dumps({"format": FORMAT, **stored.values})}
    write_atomically(path, to_bytes(arrays, metadata=metadata), check)


def read(path: str | os.PathLike[str]) -> Stored:
    """The arrays and values that ``write`` wrote to ``path``.

    Raises:
        FormatError: the file is damaged, cut off, or not written by Mitbadak.
        FileNotFoundError: there is no such file.
    """
    with _opened(path) as file:
        values = _values(path, (file.metadata() or {}).get("mitbadak"))
        return Stored({name: file.get_tensor(name) for name in file.keys()}, values)  # noqa: SIM118


def read_values(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The values in a file, without reading its arrays.

    Raises:
        FormatError, FileNotFoundError: as ``read``.
    """
    with _opened(path) as file:
        return _values(path, (file.metadata() or {}).get("mitbadak"))


def row_in(values: Mapping[str, Any], path: str | os.PathLike[str]) -> Row | None:
    """The row that measures the weights in a model file, where the file holds one.

    Args:
        values: as ``read_values`` returns them.
        path: of the file, for the message.

    Raises:
        FormatError: it is not a row of a history.
    """
    row = values.get("row")
    if row is None:
        return None
    problem = problem_of(row) or ("" if row.get("epoch") is not None else "it has no epoch")
    if problem:
        raise FormatError(f"{path}: the row of its measures is not one of a history: {problem}.")
    return row


@contextmanager
def _opened(path: str | os.PathLike[str]) -> Iterator[Any]:
    """A safetensors file, whose header and length have been checked."""
    from safetensors import SafetensorError, safe_open

    if not Path(path).is_file():
        raise missing_file(path)
    with open(path, "rb") as file:
        if int.from_bytes(file.read(8), "little") > MOST_HEADER:
            raise FormatError(
                f"{path} is damaged or not a safetensors file: its header would take more than "
                f"{MOST_HEADER:,} bytes."
            )
    try:
        with safe_open(path, framework="numpy") as file:
            yield file
    except FormatError:
        raise
    except (SafetensorError, TypeError, ValueError) as error:  # ValueError: NumPy, about a shape
        raise FormatError(f"{path} is damaged or not a safetensors file: {error}.") from None


def _values(path: str | os.PathLike[str], description: str | None) -> dict[str, Any]:
    try:
        values = parse_json(description or "", f"{path}")
    except FormatError as error:
        raise FormatError(
            f"{path} is a safetensors file, but Mitbadak did not write it: it describes no net "
            f"({error})"
        ) from None
    if not isinstance(values, dict) or values.pop("format", None) != FORMAT:
        raise FormatError(
            f"{path} is not of format {FORMAT}. Use the version of Mitbadak that wrote it."
        )
    return values


def _describe(shape_and_dtype: tuple[Any, str] | None) -> str:
    return "absent" if shape_and_dtype is None else f"{shape_and_dtype[1]} {shape_and_dtype[0]}"
