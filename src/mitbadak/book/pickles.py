"""Pickles in book mode: scripts read plain values from them, and nothing in them is executed."""

from __future__ import annotations

import _pickle
import contextlib
import io
import os
import pickle
import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from mitbadak.book.notices import text_of
from mitbadak.book.ownership import is_learners
from mitbadak.core.errors import FormatError
from mitbadak.runs.weight_files import read_plain_pickle

READERS = ("load", "loads", "Unpickler")
BOOK_PICKLES = {"sample_weight.pkl", "params.pkl", "deep_convnet_params.pkl", "mnist.pkl"}


def load_arrays(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """The arrays of a file by name.

    Raises:
        FormatError: it holds something else.
    """
    with open(path, "rb") as file:
        content = _plain(file, os.fspath(path))
    if not isinstance(content, Mapping):
        raise FormatError(f"{path} should hold arrays by name, such as W1 and b1.")
    return {str(name): np.asarray(array) for name, array in content.items()}


def save_arrays(path: str | os.PathLike[str], arrays: Mapping[str, Any]) -> None:
    """Write arrays by name, as a pickle that the books' own code reads too."""
    with open(path, "wb") as file:
        file.write(pickled({name: np.asarray(array) for name, array in arrays.items()}))


def pickled(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Arrays by name as a pickle.

    Example:
        >>> len(pickled({"b": np.zeros(2)})) > 16
        True
    """
    return pickle.dumps(dict(arrays))


@contextlib.contextmanager
def plain_pickles() -> Iterator[None]:
    """While entered, ``pickle.load`` and its like read plain values only, where a learner's code
    calls them or the file has the name of one of the books'.

    A subclass of ``pickle.Unpickler`` with a ``find_class`` of its own decides for itself.
    """
    in_c = _plain_readers(pickle.load, pickle.loads, pickle.Unpickler)
    in_python = _plain_readers(pickle._load, pickle._loads, pickle._Unpickler)  # type: ignore[attr-defined]
    with contextlib.ExitStack() as changes:
        for module in (pickle, _pickle):  # the second is what the first is made of
            changes.enter_context(_replaced(module, in_c))
        changes.enter_context(_replaced(pickle, {f"_{name}": in_python[name] for name in READERS}))
        yield


def _plain_readers(load: Any, loads: Any, reader: Any) -> dict[str, Any]:
    """Guarded forms of ``pickle.load``, ``loads`` and ``Unpickler``."""

    def plain_load(file: Any, **options: Any) -> Any:
        if _is_guarded(file, sys._getframe(1)):
            return _plain(file, _name_of(file))
        return load(file, **options)

    def plain_loads(data: Any, /, **options: Any) -> Any:
        if is_learners(sys._getframe(1).f_globals):
            return _plain(io.BytesIO(data), "pickle.loads")
        return loads(data, **options)

    class PlainUnpickler(reader):
        """Python's own, but for learners' code."""

        def __init__(self, file: Any, **options: Any):
            super().__init__(file, **options)
            self._file = file

        def load(self) -> Any:
            """The next pickle in the file."""
            chooses = type(self).find_class is not PlainUnpickler.find_class
            if not chooses and _is_guarded(self._file, sys._getframe(1)):
                return _plain(self._file, _name_of(self._file))
            return super().load()

    return dict(zip(READERS, (plain_load, plain_loads, PlainUnpickler), strict=True))


@contextlib.contextmanager
def _replaced(module: types.ModuleType, names: Mapping[str, Any]) -> Iterator[None]:
    before = {name: getattr(module, name) for name in names}
    vars(module).update(names)
    try:
        yield
    finally:
        vars(module).update(before)


def _is_guarded(file: Any, frame: Any) -> bool:
    return is_learners(frame.f_globals) or os.path.basename(_name_of(file)) in BOOK_PICKLES  # noqa: PTH119


def _name_of(file: Any) -> str:
    name = getattr(file, "name", "")
    return name if isinstance(name, str) and name else "pickle.load"


def _plain(file: Any, name: str) -> Any:
    try:
        return read_plain_pickle(file, name)
    except FormatError as problem:
        raise FormatError(f"{problem} {text_of('pickle-refused')}") from None
