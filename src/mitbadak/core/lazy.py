"""Public names that are imported when they are first used."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable
from typing import Any

IMPORT = re.compile(r"^from ([\w.]+) import \(([^)]*)\)", re.MULTILINE)
NAME = re.compile(r"(\w+) as \1\b")


def lazy_names(
    package: str, file: str
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """``__getattr__``, ``__dir__`` and ``__all__`` of a package, read from its stub.

    Type checkers and editors read the same stub, so every name is written only once. Names that
    the stub imports from the package itself are modules.

    Args:
        package: the ``__name__`` of the package.
        file: its ``__file__``; the stub has the same name with the suffix ``.pyi``.

    Returns:
        The two functions of PEP 562, and the list. After the first lookup a name is an attribute
        of the package.
    """
    with open(f"{file.removesuffix('c').removesuffix('.py')}.pyi", encoding="utf-8") as stream:
        stub = stream.read()  # by hand, since pathlib takes longer to import than the file to read
    home_of = {name: home for home, names in IMPORT.findall(stub) for name in NAME.findall(names)}
    modules = [name for name, home in home_of.items() if home == package]
    names = sorted(home_of.keys() - modules)

    def look_up(name: str) -> Any:
        if name in modules:
            return importlib.import_module(f"{package}.{name}")
        if name not in home_of:
            if name.startswith("_"):  # asked for by Python and by tools
                raise AttributeError(f"module {package!r} has no attribute {name!r}")
            from mitbadak.core.elsewhere import missing_name

            raise missing_name(package, name, home_of)
        value = getattr(importlib.import_module(home_of[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return look_up, lambda: [*names, *modules], names
