"""Weights from files into a net that is there: our own files, .npz, and the books' pickles.

A pickle may run any code when it is loaded. This reader admits dictionaries, lists, texts, numbers
and arrays of numbers, and executes nothing.
"""

from __future__ import annotations

import io
import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.errors import (
    DtypeError,
    FormatError,
    MitbadakError,
    ShapeError,
    brief,
    listed,
)
from mitbadak.core.memory import check_memory
from mitbadak.data.archive import read_npz
from mitbadak.nn.network import Sequential
from mitbadak.nn.prepared import PreparedNet, check_net, inner_net
from mitbadak.runs.model_file import arrays_of, read

ENDINGS = (".safetensors", ".npz", ".pkl", ".pickle")
LARGEST = 1 << 31  # bytes of a pickle


@explained
def load_weights(net: Sequential | PreparedNet, path: str | os.PathLike[str]) -> None:
    """Give a net the weights in a file, all of them or none; the net itself stays as it is.

    Args:
        net: of the same shapes.
        path: a ``.safetensors`` file as ``save`` writes it, an ``.npz`` file, or a ``.pkl`` with a
            dictionary such as ``{"W1": ..., "b1": ...}``, as the first book's
            ``sample_weight.pkl``. Nothing in a pickle is executed.

    Raises:
        FormatError: the file is damaged, or holds something other than arrays by name.
        ShapeError: names or shapes are not those of the net.
        DtypeError: net is no net, or path no path.
        FileNotFoundError: there is no such file.

    Example:
        >>> import tempfile
        >>> from mitbadak.nn import MLP
        >>> from mitbadak.runs import save
        >>> net = MLP([2, 3], rng=0)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save(MLP([2, 3], init="zeros"), Path(folder) / "zeros.safetensors")
        ...     load_weights(net, Path(folder) / "zeros.safetensors")
        >>> float(abs(net.params["W1"]).max())
        0.0
    """
    check_net(net, "load_weights")
    net = inner_net(net)
    if isinstance(path, Mapping):
        raise DtypeError(
            "load_weights expects the path of a file; got a dict. In Mitbadak: "
            "net.params.update(weights)."
        )
    arrays, own = read_weights(path), arrays_of(net)
    if wrong := sorted(arrays.keys() ^ own.keys()):
        raise ShapeError(
            f"{path} holds {listed(sorted(arrays))}; the net has {listed(own)}. They differ in "
            f"{listed(wrong)}."
        )
    for name, array in arrays.items():
        if array.shape != own[name].shape:
            raise ShapeError(
                f"{path}: {name!r} has shape {array.shape}; that of the net is {own[name].shape}."
            )
    with np.errstate(over="ignore"):
        cast = {name: arrays[name].astype(own[name].dtype) for name in own}
    for name, array in cast.items():
        if not np.isfinite(array).all():
            raise FormatError(f"{path}: {name!r} holds numbers that {array.dtype} cannot hold.")
    for name, array in cast.items():
        own[name][...] = array


def read_weights(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """The arrays of a file by name.

    Args:
        path: as for ``load_weights``.

    Raises:
        FormatError: the file is damaged, or holds something other than arrays by name.
        FileNotFoundError: there is no such file.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     np.savez(Path(folder) / "w.npz", W1=np.ones((2, 3)))
        ...     {name: array.shape for name, array in read_weights(f"{folder}/w.npz").items()}
        {'W1': (2, 3)}
    """
    if not isinstance(path, str | os.PathLike):
        raise DtypeError(f"load_weights expects the path of a file; got {brief(path)}.")
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise FormatError(f"{path} should end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}.")
    if ending == ".safetensors":
        return dict(read(path).arrays)
    if ending == ".npz":
        return _by_name(read_npz(path), path)
    return _by_name(_unpickled(path), path)


def _by_name(content: Any, path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    if isinstance(content, list | tuple) and any(isinstance(part, np.ndarray) for part in content):
        raise FormatError(
            f"{path} holds {len(content)} arrays without names, as the second book saves them. "
            "Store them by name, such as dict(zip(net.params, arrays))."
        )
    if not isinstance(content, Mapping) or not content:
        raise FormatError(
            f"{path} should hold arrays by name, such as W1 and b1; got {brief(content)}."
        )
    for name, array in content.items():
        good = isinstance(array, np.ndarray) and array.dtype.kind in "iuf"
        if not (isinstance(name, str) and good):
            raise FormatError(f"{path}: {brief(name)} should be an array of numbers by its name.")
        if not np.isfinite(array).all():
            raise FormatError(f"{path}: {name!r} holds NaN or infinity.")
    return dict(content)


def _unpickled(path: str | os.PathLike[str]) -> Any:
    size = Path(path).stat().st_size
    if not size:
        raise FormatError(f"{path} is empty.")
    if size > LARGEST:
        raise FormatError(f"{path} is larger than {LARGEST:,} bytes.")
    check_memory(os.fspath(path), 2 * size, "Use a smaller file.")
    try:
        return read_plain_pickle(io.BytesIO(Path(path).read_bytes()), os.fspath(path))
    except EOFError:
        raise FormatError(f"{path} is no pickle that can be read: it ends too early.") from None


def read_plain_pickle(file: Any, name: str) -> Any:
    """The next pickle in an open file, if it holds plain values; nothing in it is executed.

    Args:
        file: open for reading bytes.
        name: of the file, for messages.

    Returns:
        Dictionaries, lists, tuples, texts, numbers and arrays of numbers.

    Raises:
        FormatError: the pickle is damaged, or refers to anything else.
        EOFError: there is no more in the file.

    Example:
        >>> read_plain_pickle(io.BytesIO(pickle.dumps({"W1": np.ones(2)})), "w.pkl")
        {'W1': array([1., 1.])}
    """
    try:
        return _finished(_ArraysOnly(file, encoding="latin1").load())
    except MitbadakError as problem:
        raise type(problem)(f"{name}: {problem}") from None
    except EOFError:
        raise EOFError(f"{name} has no (whole) pickle from here to its end.") from None
    except Exception as error:  # pickle has no single error for damage
        cause = brief(_cause_of(error))
        raise FormatError(f"{name} is no pickle that can be read: {cause}.") from None


def _cause_of(error: Exception) -> str:
    """What is wrong with a pickle, from the error of Python's reader."""
    if isinstance(error, KeyError) and error.args and isinstance(error.args[0], int):
        return f"{bytes(error.args)!r} is no instruction of a pickle"
    return str(error) or type(error).__name__


class _ArraysOnly(pickle._Unpickler):  # the one in C makes room for any index that a file names
    """Builds arrays of numbers, by stand-ins for the few names that NumPy's pickles refer to."""

    def find_class(self, module: str, name: str) -> Any:
        package, _, rest = module.partition(".")
        of_arrays = rest.rpartition(".")[2] in ("multiarray", "numeric", "")
        if package == "numpy" and of_arrays and name in STAND_INS:
            return STAND_INS[name]
        if (module, name) == ("_codecs", "encode"):
            return _encoded
        if (module, name) == ("collections", "OrderedDict"):
            return dict
        raise FormatError(
            f"the pickle refers to {brief(f'{module}.{name}')}; only dictionaries of arrays are "
            "read, and nothing in the file is executed."
        )


class _Array:
    """What becomes an array once its state has been read."""

    def __init__(self, *_: Any):
        self.array: Any = None

    def __setstate__(self, state: Any) -> None:
        _, shape, dtype, by_columns, data = state
        if isinstance(data, str):
            data = data.encode("latin1")
        self.array = _filled(shape, dtype, data, "F" if by_columns else "C")


class _Dtype:
    """What becomes a dtype of numbers once its byte order has been read."""

    def __init__(self, name: Any, *_: Any):
        self.dtype = _numbers(np.dtype(str(name)))

    def __setstate__(self, state: Any) -> None:
        if str(state[1]) in "<>":
            self.dtype = self.dtype.newbyteorder(state[1])


def _filled(shape: Any, dtype: Any, data: Any, order: Any) -> np.ndarray:
    kind = dtype.dtype if isinstance(dtype, _Dtype) else dtype
    if not isinstance(kind, np.dtype) or not isinstance(data, (bytes, bytearray, memoryview)):
        raise FormatError("the pickle holds an array of something other than numbers.")
    flat = np.frombuffer(data, _numbers(kind))
    return flat.reshape(shape, order=order).astype(kind.newbyteorder("="))


def _numbers(dtype: np.dtype) -> np.dtype:
    if dtype.kind not in "iuf":
        raise FormatError(f"the pickle holds an array of {dtype}; only numbers are read.")
    return dtype


def _from_buffer(data: Any, dtype: Any, shape: Any, order: Any = "C") -> np.ndarray:
    return _filled(shape, dtype, data, order)


def _scalar(dtype: Any, data: Any = b"") -> np.ndarray:
    return _filled((), dtype, data.encode("latin1") if isinstance(data, str) else data, "C")


def _encoded(text: str, encoding: str = "latin1") -> bytes:
    return text.encode("latin1")


STAND_INS: dict[str, Any] = {
    "_reconstruct": lambda *_: _Array(),
    "ndarray": _Array,
    "dtype": _Dtype,
    "_frombuffer": _from_buffer,
    "scalar": _scalar,
}


def _finished(content: Any) -> Any:
    """The dictionary with arrays in place of their stand-ins."""
    if isinstance(content, Mapping):
        return {name: _finished(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return type(content)([_finished(value) for value in content])
    return content.array if isinstance(content, _Array) else content
