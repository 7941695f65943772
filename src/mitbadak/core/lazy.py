"""Names of a package that are loaded when they are first used."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

IMPORT = re.compile(r"^from ([\w.]+) import \(([^)]*)\)", re.MULTILINE)
NAME = re.compile(r"(\w+) as \1\b")


def lazy_names(
    package: str, file: str
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """``__getattr__``, ``__dir__`` and ``__all__`` of a package, read from the stub beside it.

    The stub is what type checkers and editors read as well, so every name is written once. What it
    imports from the package itself are modules.

    Args:
        package: the package's ``__name__``.
        file: its ``__file__``; the stub has the same name with the ending ``.pyi``.

    Returns:
        What PEP 562 asks for. A name is stored in the package once it was looked up.
    """
    stub = Path(file).with_suffix(".pyi").read_text(encoding="utf-8")
    home_of = {name: home for home, names in IMPORT.findall(stub) for name in NAME.findall(names)}
    modules = [name for name, home in home_of.items() if home == package]
    names = sorted(home_of.keys() - modules)

    def look_up(name: str) -> Any:
        if name in modules:
            return importlib.import_module(f"{package}.{name}")
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(home_of[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return look_up, lambda: [*names, *modules], names
