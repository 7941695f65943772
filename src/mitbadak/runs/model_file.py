"""Nets and checkpoints as safetensors files: arrays by name, and a description in JSON."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mitbadak.core.errors import FormatError, MitbadakError, whole
from mitbadak.core.files import parse_json, write_atomically
from mitbadak.data import Preparation
from mitbadak.nn.mlp import from_config
from mitbadak.nn.network import Sequential
from mitbadak.nn.widths import MOST_LAYERS

FORMAT = 1
MOST_HEADER = 1 << 24  # bytes of description; read, it takes some sixteen times as many


@dataclass(frozen=True)
class Stored:
    """What a file holds: arrays by name, and values that are not arrays."""

    arrays: dict[str, np.ndarray]
    values: dict[str, Any]


def save(
    net: Sequential,
    path: str | os.PathLike,
    preparation: Preparation | None = None,
    *,
    check: Callable[[], None] | None = None,
) -> None:
    """Save a net, architecture, parameters and buffers, as one safetensors file.

    The file is replaced as a whole or not at all. Any safetensors reader sees the arrays
    under the book's names; ``mitbadak.load`` reads the net back.

    Args:
        net: the net.
        path: the file, by custom ending in ``.safetensors``.
        preparation: how its examples were prepared, so that new ones can be treated alike.
        check: called before anything is written and before the file is replaced.

    Raises:
        OSError: as the system says.
    """
    values = {"net": net.config()}
    if preparation is not None:
        values["preparation"] = preparation.to_config()
    write(path, Stored(arrays_of(net), values), check=check)


def arrays_of(net: Sequential) -> dict[str, np.ndarray]:
    """All arrays of a net by name: its parameters, and what its layers observed."""
    return {**net.params, **net.buffers}


def load(path: str | os.PathLike) -> Sequential:
    """The net in a file that ``save`` wrote.

    Raises:
        FormatError: damaged, cut off, or no net of Mitbadak.
        FileNotFoundError: there is no such file.

    Example:
        >>> import tempfile
        >>> from mitbadak.nn import MLP
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save(MLP([784, 50, 10], rng=0), Path(folder) / "model.safetensors")
        ...     load(Path(folder) / "model.safetensors")
        MLP([784, 50, 10], activation='sigmoid')
    """
    return net_in(read(path), path)


def net_in(stored: Stored, path: str | os.PathLike) -> Sequential:
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


def _check_declared(config: dict[str, Any], there: int) -> None:
    """Refuse a description of a net that would take more memory than its arrays did."""
    if config["dtype"] not in ("float32", "float64") or not isinstance(config["loss"], str):
        raise FormatError(f"dtype {config['dtype']!r}, loss {config['loss']!r}.")
    if len(config["layers"]) > MOST_LAYERS:
        raise FormatError(f"it has more than {MOST_LAYERS:,} layers.")
    declared = 0
    for layer in config["layers"]:
        sides = [whole(str(layer["layer"]), s, layer[s]) for s in ("n_in", "n_out") if s in layer]
        sides += [whole(str(layer["layer"]), "n", layer["n"])] if "n" in layer else []
        declared += math.prod(sides) if sides else 0
    if declared * np.dtype(config["dtype"]).itemsize > there:
        raise FormatError("its layers are larger than its arrays.")


def take_params(net: Sequential, arrays: dict[str, np.ndarray], path: str | os.PathLike) -> None:
    """Give a net the parameters and buffers of a file, all of them or none.

    Raises:
        FormatError: a name, shape or dtype differs.
    """
    expected = {name: (p.shape, p.dtype.name) for name, p in arrays_of(net).items()}
    found = {name: (a.shape, a.dtype.name) for name, a in arrays.items()}
    if expected != found:
        name = next(n for n in [*expected, *found] if expected.get(n) != found.get(n))
        raise FormatError(
            f"{path}: parameter {name!r} should be {_said(expected.get(name))}; the file holds "
            f"{_said(found.get(name))}."
        )
    for name, array in arrays.items():
        (net.params if name in net.params else net.buffers)[name] = array.copy()


def write(
    path: str | os.PathLike, stored: Stored, *, check: Callable[[], None] | None = None
) -> None:
    """Write arrays and values to ``path``, as a whole or not at all."""
    from safetensors.numpy import save as to_bytes

    arrays = {name: np.ascontiguousarray(a) for name, a in stored.arrays.items()}
    said = {"mitbadak": json.dumps({"format": FORMAT, **stored.values})}
    write_atomically(path, to_bytes(arrays, metadata=said), check)


def read(path: str | os.PathLike) -> Stored:
    """What ``write`` wrote to ``path``.

    Raises:
        FormatError: damaged, cut off, or not written by Mitbadak.
        FileNotFoundError: there is no such file.
    """
    with _opened(path) as file:
        values = _described(path, (file.metadata() or {}).get("mitbadak"))
        return Stored({name: file.get_tensor(name) for name in file.keys()}, values)  # noqa: SIM118


def read_values(path: str | os.PathLike) -> dict[str, Any]:
    """The values in a file, without reading its arrays.

    Raises:
        FormatError, FileNotFoundError: as ``read``.
    """
    with _opened(path) as file:
        return _described(path, (file.metadata() or {}).get("mitbadak"))


@contextmanager
def _opened(path: str | os.PathLike) -> Iterator[Any]:
    """A safetensors file, whose header and length have been checked."""
    from safetensors import SafetensorError, safe_open

    if not Path(path).is_file():
        raise FileNotFoundError(f"{path} is missing.")
    with open(path, "rb") as file:
        if int.from_bytes(file.read(8), "little") > MOST_HEADER:
            raise FormatError(
                f"{path} is damaged or no safetensors file: its header would take more than "
                f"{MOST_HEADER:,} bytes."
            )
    try:
        with safe_open(path, framework="numpy") as file:
            yield file
    except FormatError:
        raise
    except (SafetensorError, TypeError, ValueError) as error:  # ValueError: NumPy, of a shape
        raise FormatError(f"{path} is damaged or no safetensors file: {error}.") from None


def _described(path: str | os.PathLike, said: str | None) -> dict[str, Any]:
    try:
        values = parse_json(said or "", f"{path}")
    except FormatError as error:
        raise FormatError(
            f"{path} is a safetensors file, but not one of Mitbadak: it describes no net ({error})"
        ) from None
    if not isinstance(values, dict) or values.pop("format", None) != FORMAT:
        raise FormatError(
            f"{path} is of another format than {FORMAT}; use the version that wrote it."
        )
    return values


def _said(shape_and_dtype: tuple[Any, str] | None) -> str:
    return "absent" if shape_and_dtype is None else f"{shape_and_dtype[1]} {shape_and_dtype[0]}"
