"""Modules under other names: earlier ones, which warn until the next version, and those of other
libraries, which are explained."""

from __future__ import annotations

import importlib
import importlib.machinery
import os
import sys
import types
import warnings
from collections.abc import Callable, Iterable
from typing import Any

MODULES = {
    "activations": "functions.activations",
    "arrays": "core.arrays",
    "engines": "core.engines",
    "errors": "core.errors",
    "files": "core.files",
    "graph.drawing": "plots.graph.drawing",
    "images": "data.images",
    "labels": "functions.labels",
    "languages": "core.languages",
    "losses": "functions.losses",
    "memory": "core.memory",
    "nn.layers": "nn",
    "nn.losses": "nn.heads",
    "nn.modes": "nn",
    "nn.moves": "nn.structured_gradient",
    "normalization": "functions.normalization",
    "numerical": "functions.numerical",
    "primitives": "functions.primitives",
    "printing": "core.printing",
    "progress": "core.progress",
    "signals": "core.signals",
    "special": "functions.special",
    "training.checkpoints": "runs.checkpoints",
    "training.config": "runs.config",
    "training.environment": "runs.environment",
    "training.fresh": "runs.fresh",
    "training.locks": "runs.locks",
    "training.overview": "runs.overview",
    "training.quality": "runs.quality",
    "training.runfolder": "runs.folder",
    "training.session": "runs.session",
    "training.steps": "training.updates",
    "training.weights": "runs.model_file",
}
ELSEWHERE = {  # modules of other libraries, which are lines in ``elsewhere_names``
    "torch", "keras", "sklearn", "tensorflow", "layers", "losses", "optimizers", "metrics",
    "datasets", "dataset", "utils", "preprocessing", "model_selection", "functional", "init",
    "initializers", "transforms", "models", "lr_scheduler", "schedulers", "schedules", "callbacks",
    "autograd", "neural_network", "two_layer_net", "common", "trainer", "tensor", "linear_model",
    "cuda", "mnist", "onnx",
}  # fmt: skip
NAMES = {
    "graph": {"plots.graph": ("Drawing", "Stepwise", "draw", "stepwise")},
    "training": {"runs": ("RunFolder", "Session", "TrainConfig", "load", "open_run", "save")},
}
RENAMED = {
    "plots": {
        "misread_points": "misclassified_points",
        "misreadings": "misclassified_images",
        "sureness": "confidence_histogram",
    },
}


def _warn(old: str, new: str, stacklevel: int = 3) -> None:
    warnings.warn(
        f"{old} is now {new}; the earlier name will be removed in the next version.",
        DeprecationWarning,
        stacklevel=stacklevel,
    )


class MovedModules:
    """Finds a module under its earlier name: the same module, not a second copy.

    A finder and a loader in one, without their base classes: importing those takes longer than all
    the rest of ``import mitbadak``.

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
        path: Any = None,  # a list, or the path object of a namespace package
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """A spec for an earlier name, and for the modules of a package of that name."""
        if not _new_name(fullname):
            _explain(fullname)
            return None
        return importlib.machinery.ModuleSpec(fullname, self)  # pyright: ignore[reportArgumentType]

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        """Python's own empty module, which ``exec_module`` replaces."""

    def exec_module(self, module: types.ModuleType) -> None:
        """Register the module itself under its earlier name."""
        old, new = module.__name__, str(_new_name(module.__name__))
        _warn(old, new)
        sys.modules[old] = importlib.import_module(new)


def moved_module(name: str) -> types.ModuleType:
    """The module that the package had as an attribute; the warning points to the caller."""
    new = f"mitbadak.{MODULES[name]}"
    _warn(f"mitbadak.{name}", new, stacklevel=4)
    return importlib.import_module(new)


def find_modules() -> None:
    """Make modules importable under their earlier names."""
    if not any(isinstance(finder, MovedModules) for finder in sys.meta_path):
        sys.meta_path.insert(0, MovedModules())


def _explain(module: str) -> None:
    """Refuse a module that other libraries have, with the line that does it here.

    Raises:
        MissingModuleError: it is one of those.
    """
    package, _, name = module.rpartition(".")
    if package.partition(".")[0] != "mitbadak" or name.startswith("_"):
        return
    if name in ELSEWHERE and not _is_a_file(package, name):
        from mitbadak.core.elsewhere_names import PACKAGE, plain
        from mitbadak.core.errors import MissingModuleError

        raise MissingModuleError(
            f"there is no module {module}. In Mitbadak: {PACKAGE[plain(name)]}.", name=module
        )


def _is_a_file(package: str, name: str) -> bool:
    """Whether a package has a module of that name after all."""
    folders = getattr(sys.modules.get(package), "__path__", ())
    names = (f"{folder}/{name}{ending}" for folder in folders for ending in (".py", ""))
    return any(map(os.path.exists, names))


def _new_name(old: str) -> str | None:
    package, _, rest = old.partition(".")
    if package != "mitbadak":
        return None
    parts = rest.split(".")
    for k in range(len(parts), 0, -1):
        if new := MODULES.get(".".join(parts[:k])):
            return ".".join([package, new, *parts[k:]])
    return None


def moved_names(package: str, known: Callable[[], Iterable[str]]) -> Callable[[str], Any]:
    """``__getattr__`` of a package, for names that have moved to another package.

    Args:
        package: its name in ``mitbadak``.
        known: returns the names that it has.
    """
    from mitbadak.core.elsewhere import names_of

    homes = {name: f"mitbadak.{new}" for new, names in NAMES[package].items() for name in names}
    explain = names_of(f"mitbadak.{package}", known)

    def look_up(name: str) -> Any:
        if name not in homes:
            return explain(name)
        _warn(f"mitbadak.{package}.{name}", f"{homes[name]}.{name}")
        return getattr(importlib.import_module(homes[name]), name)

    return look_up


def renamed(package: str, name: str) -> str:
    """The name that a part of a package has now; an earlier one warns."""
    new = RENAMED[package].get(name, name)
    if new != name:
        _warn(f"mitbadak.{package}.{name}", f"mitbadak.{package}.{new}", stacklevel=4)
    return new
