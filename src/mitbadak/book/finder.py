"""Imports of the books' modules: a learner's own file first, then Mitbadak's adapter.

What is installed under such a name (``dataset`` and ``common`` are packages on PyPI) comes last:
it is never what a script of the books means.
"""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from mitbadak.book.names import LATER, LATER_NAMES, MODULES, PACKAGES, contents
from mitbadak.book.notices import notice, text_of
from mitbadak.book.ownership import is_learners, learners_entries

Spec = importlib.machinery.ModuleSpec


class BookFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules in ``names.py``.

    Args:
        script_folder: of the script; None in a notebook.
        chapter: whose ``two_layer_net`` to take, a key of ``TWO_LAYER_NETS``.
    """

    def __init__(self, script_folder: str | None, chapter: str):
        self.script_folder, self.chapter = script_folder, chapter
        self.made: dict[str, types.ModuleType] = {}

    def find_spec(
        self, name: str, path: Any, target: Any = None
    ) -> Spec | None:  # fmt: skip
        """The learner's own module, or the adapter; None for other modules."""
        if name not in MODULES and name not in LATER:
            return None
        if path is None:
            own = _own_spec(name, learners_entries(self.script_folder))
            if own is not None and (own.loader is not None or name in PACKAGES):
                return own
        else:
            own = importlib.machinery.PathFinder.find_spec(name, path)
            if own is not None:
                return own
            if list(path):
                notice("filled-in", name=name, folder=next(iter(path)))
        if name in LATER:
            raise ModuleNotFoundError(text_of("later-chapters", name=name), name=name)
        spec = Spec(name, self, origin="mitbadak.book", is_package=name in PACKAGES)
        if name in PACKAGES:
            spec.submodule_search_locations = []
        return spec

    def create_module(self, spec: Spec) -> types.ModuleType:
        """An empty module, which is forgotten when book mode ends."""
        kind = _Config if spec.name == "common.config" else types.ModuleType
        self.made[spec.name] = module = kind(spec.name)
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """Fill the module with the names that the books have there."""
        name = module.__name__
        vars(module).update(contents(name, self.chapter))
        module.__doc__ = f"{name} of the books, by Mitbadak."
        if name in LATER_NAMES:
            vars(module)["__getattr__"] = _refusing_later_names(name)
        if name == "two_layer_net":
            which = text_of_chapter(self.chapter)
            notice("chapter-net", which=which)


class _Config(types.ModuleType):
    """``common.config``: says so where a script asks for a GPU, and computes on the CPU."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "GPU" and value:
            notice("no-gpu")


def _refusing_later_names(module: str) -> Callable[[str], Any]:
    def missing(name: str) -> Any:
        if name in LATER_NAMES[module]:
            raise ImportError(text_of("later-chapters", name=f"{module}.{name}"), name=module)
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return missing


def text_of_chapter(chapter: str) -> str:
    """A chapter in words."""
    return text_of(f"chapter-{chapter}")


def _own_spec(name: str, entries: list[str]) -> Spec | None:
    return importlib.machinery.PathFinder.find_spec(name, entries)


class AfterImport(importlib.abc.MetaPathFinder):
    """Calls a function with a module right after its first import.

    Args:
        hooks: functions by the name of the module.
    """

    def __init__(self, hooks: dict[str, Callable[[Any], None]]):
        self.hooks = dict(hooks)

    def find_spec(
        self, name: str, path: Any, target: Any = None
    ) -> Spec | None:  # fmt: skip
        """The spec that Python would find, with the function after its loader."""
        if name not in self.hooks:
            return None
        hook = self.hooks.pop(name)  # so that the search below does not come back here
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find else None
            if spec is not None and spec.loader is not None:
                spec.loader = _Followed(spec.loader, hook)
                return spec
        return None


class _Followed(importlib.abc.Loader):
    """A loader that calls a function at the end; all else is the loader's own."""

    def __init__(self, loader: Any, hook: Callable[[Any], None]):
        self.loader, self.hook = loader, hook

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loader, name)

    def create_module(self, spec: Spec) -> types.ModuleType | None:
        """As the loader does it."""
        return self.loader.create_module(spec)

    def exec_module(self, module: types.ModuleType) -> None:
        """As the loader does it, and then the function."""
        spec: Any = module.__spec__
        spec.loader = module.__loader__ = self.loader
        self.loader.exec_module(module)
        self.hook(module)


@contextlib.contextmanager
def book_imports(script_folder: str | None, chapter: str) -> Iterator[None]:
    """While entered, the books' modules can be imported; afterwards none of them is left.

    Modules that a learner's own files became are forgotten too, as if the script had ended with
    its process, as well as changes of the path.
    """
    finder = BookFinder(script_folder, chapter)
    before, path = dict(sys.modules), list(sys.path)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        sys.path[:] = path
        for name, module in list(sys.modules.items()):
            mine = finder.made.get(name) is module
            if mine or (name not in before and _is_of_learner(name, module)):
                del sys.modules[name]
                if name in before:
                    sys.modules[name] = before[name]


def _is_of_learner(name: str, module: Any) -> bool:
    where = getattr(module, "__dict__", {})
    if not isinstance(where.get("__file__"), str):  # a folder without __init__.py
        return name.split(".")[0] in PACKAGES
    return is_learners(where)


@contextlib.contextmanager
def after_import(hooks: dict[str, Callable[[Any], None]]) -> Iterator[None]:
    """While entered, call each function with its module: now if it is loaded, or once it is."""
    waiting = {}
    for name, hook in hooks.items():
        if name in sys.modules:
            hook(sys.modules[name])
        else:
            waiting[name] = hook
    finder = AfterImport(waiting)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
