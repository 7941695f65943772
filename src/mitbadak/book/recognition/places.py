"""Where f reads an array: every place that it can reach and that holds this very array.

f may ignore its argument, as the notes' ``loss_W = lambda W: self.loss(x, t)`` does, and read
``self.params['W1']``, which is the same array. So whatever f can reach is searched: its closure,
defaults and globals, those of the functions that it names, and in turn the attributes, dictionaries
and lists of the objects found there. While f is traced, the traced array stands in those places.
"""

from __future__ import annotations

import functools
import operator
import random
import sys
import types
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from mitbadak.book.recognition.tape import Tape, UntraceableError

MOST_OBJECTS = 100_000
# Code that holds no arrays of a learner; what their objects hold is searched all the same.
FOREIGN = {*sys.stdlib_module_names, "numpy", "scipy", "matplotlib", "mitbadak", "PIL", "pandas"}
NETS = "mitbadak.book.surface."  # the books' nets, which stand in for a learner's
NOTHING_INSIDE = (
    int, float, complex, str, bytes, bool, np.generic, np.dtype, type(None), range, slice,
    types.BuiltinFunctionType, np.ufunc, types.CodeType,
)  # fmt: skip
MISSING: Any = object()


class Places:
    """The places that f can reach, as they are now.

    Args:
        f: a function.
        x: the array to look for.

    Attributes:
        holders: places of x itself, each a function that puts another object there.
        relatives: the same for other arrays that share memory with x.
        generators: NumPy's random generators.

    Raises:
        UntraceableError: x, or an array that shares its memory, is where nothing can stand in.
    """

    def __init__(self, f: Callable[..., Any], x: np.ndarray):
        self.x = x
        self.holders: list[tuple[Callable[[Any], None], np.ndarray]] = []
        self.relatives: list[tuple[Callable[[Any], None], np.ndarray]] = []
        self.generators: list[Any] = []
        self._kept: list[tuple[Any, Any, Any]] = []  # containers with their contents, for restoring
        self._seen: dict[int, Any] = {}
        self._queue: deque[Any] = deque([f])
        while self._queue:
            if len(self._seen) > MOST_OBJECTS:
                raise UntraceableError("objects")
            self._search(self._queue.popleft())

    @contextmanager
    def holding(self, traced: Any, tape: Tape) -> Iterator[None]:
        """Put a traced array where x is; afterwards everything is as it was before.

        An array that shares memory with x is replaced by one that may not be used.
        """
        trap = _Trap(tape)
        placed: list[tuple[Callable[[Any], None], np.ndarray]] = []
        try:
            for places, stand_in in ((self.holders, traced), (self.relatives, trap)):
                for put, held in places:
                    placed.append((put, held))
                    put(stand_in)
            yield
        finally:
            for put, held in placed:
                put(held)
            self.restore()

    def restore(self) -> None:
        """Give every dictionary and list that was found its contents back, in place."""
        for container, before, keys in self._kept:
            if isinstance(container, (list, deque)):
                if len(container) != len(before) or any(map(operator.is_not, container, before)):
                    container.clear()
                    container.extend(before)
                continue
            if isinstance(container, type):
                _restore_class(container, before)
                continue
            for key in keys if keys is not None else [*{**before, **container}]:
                now, earlier = container.get(key, MISSING), before.get(key, MISSING)
                if now is not earlier:
                    if earlier is MISSING:
                        dict.pop(container, key)
                    else:
                        dict.__setitem__(container, key, earlier)

    def _visit(self, value: Any, put: Callable[[Any], None] | None) -> None:
        """Look at what one place holds; ``put`` replaces it, None where nothing can."""
        if type(value) in NOTHING_INSIDE or isinstance(value, NOTHING_INSIDE):
            return
        if isinstance(value, np.ndarray):
            if value.dtype == object:
                for inner in value.flat:
                    self._visit(inner, None)
            elif value is self.x or np.may_share_memory(value, self.x):
                if put is None:
                    raise UntraceableError("place")
                (self.holders if value is self.x else self.relatives).append((put, value))
        elif isinstance(value, tuple) and put is not None:
            # Looked at wherever it is found: each place gets a tuple with other members.
            members = _Members(value, put)
            for i, inner in enumerate(value):
                self._visit(inner, functools.partial(members.put, i))
        elif id(value) not in self._seen:
            self._seen[id(value)] = value
            self._queue.append(value)

    def _search(self, found: Any) -> None:
        if isinstance(found, dict):
            self._dictionary(found)
        elif isinstance(found, (list, deque)):
            self._kept.append((found, list(found), None))
            for i, value in enumerate(found):
                self._visit(value, functools.partial(found.__setitem__, i))
        elif isinstance(found, (tuple, set, frozenset)):
            for value in found:
                self._visit(value, None)
        elif isinstance(found, types.CellType):
            try:
                self._visit(found.cell_contents, lambda v: setattr(found, "cell_contents", v))
            except ValueError:  # still empty
                return
        elif isinstance(found, types.FunctionType):
            self._function(found)
        elif isinstance(found, types.MethodType):
            self._visit(found.__func__, None)
            self._visit(found.__self__, None)
        elif isinstance(found, functools.partial):
            for value in (found.func, found.args, found.keywords):
                self._visit(value, None)
        elif isinstance(found, (staticmethod, classmethod)):
            self._visit(found.__func__, None)
        elif isinstance(found, property):
            for value in (found.fget, found.fset):
                self._visit(value, None)
        elif isinstance(found, type):
            self._class(found)
        elif isinstance(found, (np.random.Generator, np.random.RandomState, random.Random)):
            self.generators.append(found)
        elif not isinstance(found, types.ModuleType):
            self._instance(found)

    def _dictionary(self, found: dict, keys: list[Any] | None = None) -> None:
        self._kept.append((found, dict(found) if keys is None else
                           {k: found[k] for k in keys if k in found}, keys))  # fmt: skip
        for key in list(found) if keys is None else keys:
            if key in found:
                self._visit(found[key], functools.partial(dict.__setitem__, found, key))
                if keys is None:
                    self._visit(key, None)

    def _function(self, found: types.FunctionType) -> None:
        wrapped = getattr(found, "__wrapped__", None)
        if wrapped is not None:
            self._visit(wrapped, None)
        if _is_foreign(found.__globals__.get("__name__")):  # its module may be that of another
            return
        for cell in found.__closure__ or ():
            self._visit(cell, None)
        for i, value in enumerate(found.__defaults__ or ()):
            self._visit(value, functools.partial(_put_default, found, i))
        if found.__kwdefaults__:
            self._dictionary(found.__kwdefaults__)
        if vars(found):
            self._dictionary(vars(found))
        names = list(dict.fromkeys(_names(found.__code__)))
        self._dictionary(found.__globals__, names)
        self._modules(found.__globals__, names)

    def _modules(self, namespace: dict[str, Any], names: list[str]) -> None:
        """Modules that a function names, as far as it may ask for their attributes."""
        for name in names:
            module = namespace.get(name)
            if isinstance(module, types.ModuleType) and not _is_foreign(module.__name__):
                if id(module) in self._seen:
                    continue
                self._seen[id(module)] = module
                inner = vars(module)
                self._dictionary(inner, names)
                self._modules(inner, names)

    def _class(self, found: type) -> None:
        for kind in found.__mro__:
            if _is_foreign(kind.__module__) or kind is object:
                continue
            self._kept.append((kind, dict(vars(kind)), None))
            for name, value in list(vars(kind).items()):
                if not name.startswith("__") or callable(value):
                    self._visit(value, functools.partial(setattr, kind, name))

    def _instance(self, found: Any) -> None:
        attributes = getattr(found, "__dict__", None)
        if isinstance(attributes, dict):
            self._visit(attributes, None)
        for kind in type(found).__mro__:
            slots = vars(kind).get("__slots__", ())
            for slot in (slots,) if isinstance(slots, str) else slots:
                descriptor = vars(kind).get(slot)
                if isinstance(descriptor, types.MemberDescriptorType):
                    value = getattr(found, slot, None)
                    self._visit(value, functools.partial(descriptor.__set__, found))
        self._visit(type(found), None)


class _Members:
    """A tuple whose members are replaced, by putting another tuple in its place."""

    def __init__(self, original: tuple, put: Callable[[Any], None]):
        self.original, self.put_tuple, self.now = original, put, list(original)

    def put(self, i: int, value: Any) -> None:
        self.now[i] = value
        if not any(map(operator.is_not, self.now, self.original)):
            self.put_tuple(self.original)
        else:  # a named tuple is made by ``_make``
            make = getattr(type(self.original), "_make", tuple)
            self.put_tuple(make(self.now))


class _Trap:
    """Stands in for an array that shares memory with the traced one; using it ends the trace."""

    __slots__ = ("_tape",)

    def __init__(self, tape: Tape):
        object.__setattr__(self, "_tape", tape)

    def _used(self, *_: Any, **__: Any) -> Any:
        self._tape.refuse("memory")

    def __getattribute__(self, name: str) -> Any:
        return object.__getattribute__(self, "_tape").refuse("memory")

    __array_ufunc__ = __array_function__ = __array__ = __getitem__ = __setitem__ = _used
    __len__ = __iter__ = __bool__ = __float__ = __add__ = __radd__ = __mul__ = __rmul__ = _used
    __sub__ = __rsub__ = __matmul__ = __rmatmul__ = __truediv__ = __rtruediv__ = __pow__ = _used
    __neg__ = _used


def _restore_class(kind: type, before: dict[str, Any]) -> None:
    for name, value in list(vars(kind).items()):
        if name not in before:
            delattr(kind, name)
        elif value is not before[name]:
            setattr(kind, name, before[name])


def _names(code: types.CodeType) -> Iterator[str]:
    """The names that a function uses, those of functions inside it too."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _names(inner)


def _put_default(function: types.FunctionType, i: int, value: Any) -> None:
    defaults = list(function.__defaults__ or ())
    defaults[i] = value
    function.__defaults__ = tuple(defaults)


def _is_foreign(module: Any) -> bool:
    if not isinstance(module, str) or module.startswith(NETS):
        return False
    return module.partition(".")[0] in FOREIGN - {"__main__"}
