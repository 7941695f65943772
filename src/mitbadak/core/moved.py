"""Modules and names under their earlier addresses, which warn and go with the next version."""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys
import types
import warnings
from collections.abc import Callable
from importlib.abc import Loader, MetaPathFinder
from typing import Any

MODULES = {
    "activations": "functions.activations",
    "differentiable": "functions.differentiable",
    "errors": "core.errors",
    "graph.drawing": "plots.graph.drawing",
    "graph.stepwise": "plots.graph.stepwise",
    "images": "data.images",
    "labels": "functions.labels",
    "losses": "functions.losses",
    "normalization": "functions.normalization",
    "numerical": "functions.numerical",
    "primitives": "functions.primitives",
    "special": "functions.special",
    "training.config": "runs.config",
    "training.overview": "runs.overview",
    "training.quality": "runs.quality",
    "training.runfolder": "runs.folder",
    "training.session": "runs.session",
    "training.weights": "runs.model_file",
}
NAMES = {
    "graph": {"plots.graph": ("Drawing", "Stepwise", "draw", "stepwise")},
    "training": {"runs": ("RunFolder", "Session", "TrainConfig", "load", "open_run", "save")},
}


def _warn(old: str, new: str) -> None:
    warnings.warn(
        f"{old} is now {new}; the earlier name goes with the next version.",
        DeprecationWarning,
        stacklevel=3,
    )


class MovedModules(MetaPathFinder, Loader):
    """Finds a module of the house under its earlier name: the same module, not a second one.

    Example:
        >>> import warnings
        >>> with warnings.catch_warnings(action="ignore"):
        ...     import mitbadak.errors
        >>> import mitbadak.core.errors
        >>> mitbadak.errors is mitbadak.core.errors
        True
    """

    def find_spec(
        self,
        fullname: str,
        path: Any = None,  # what the import system gives is none of its own documented kinds
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """A spec for an earlier name, and for whatever lies in a package of that name."""
        return importlib.util.spec_from_loader(fullname, self) if _new_name(fullname) else None

    def exec_module(self, module: types.ModuleType) -> None:
        """Put the module itself where its earlier name is looked up."""
        old, new = module.__name__, str(_new_name(module.__name__))
        _warn(old, new)
        sys.modules[old] = importlib.import_module(new)


def find_modules() -> None:
    """Let imports find modules under their earlier names."""
    if not any(isinstance(finder, MovedModules) for finder in sys.meta_path):
        sys.meta_path.insert(0, MovedModules())


def _new_name(old: str) -> str | None:
    package, _, rest = old.partition(".")
    if package != "mitbadak":
        return None
    parts = rest.split(".")
    for k in range(len(parts), 0, -1):
        if new := MODULES.get(".".join(parts[:k])):
            return ".".join([package, new, *parts[k:]])
    return None


def moved_names(package: str) -> Callable[[str], Any]:
    """``__getattr__`` of a package for names that live in another one now."""
    homes = {name: f"mitbadak.{new}" for new, names in NAMES[package].items() for name in names}

    def look_up(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module 'mitbadak.{package}' has no attribute {name!r}")
        _warn(f"mitbadak.{package}.{name}", f"{homes[name]}.{name}")
        return getattr(importlib.import_module(homes[name]), name)

    return look_up
