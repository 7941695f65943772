"""Whose code it is: a learner's, or that of an installed package."""

from __future__ import annotations

import functools
import os
import site
import sys
import sysconfig
from collections.abc import Mapping
from typing import Any

import mitbadak

PACKAGE = os.path.dirname(os.path.abspath(mitbadak.__file__))  # noqa: PTH100, PTH120


@functools.cache
def installed_roots() -> tuple[str, ...]:
    """Folders with the standard library, installed packages, and this one."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    paths = {sysconfig.get_paths().get(name) for name in names}
    with_sites = [*paths, *site.getsitepackages(), site.getusersitepackages(), PACKAGE]
    return tuple(sorted({os.path.realpath(path) for path in with_sites if path}))


@functools.cache
def is_installed(path: str) -> bool:
    """Whether a file or folder belongs to Python or to an installed package.

    Example:
        >>> is_installed(os.__file__), is_installed("/home/me/ch04/train.py")
        (True, False)
    """
    real = os.path.realpath(path)
    return any(real == root or real.startswith(root + os.sep) for root in installed_roots())


def is_learners(module: Mapping[str, Any]) -> bool:
    """Whether code with these globals is a learner's: the script, a cell, a module beside it.

    Example:
        >>> is_learners({"__name__": "__main__"}), is_learners(vars(os))
        (True, False)
    """
    file = module.get("__file__")
    if not isinstance(file, str):
        return module.get("__name__") == "__main__"
    return not is_installed(file)


def learners_entries(script_folder: str | None) -> list[str]:
    """The folders on Python's path that are a learner's, in their order.

    A relative one such as ``..`` means what it says, and then the same from the script's folder,
    for which it was written.
    """
    found: list[str] = []
    for entry in sys.path:
        if not isinstance(entry, str):
            continue
        places = [os.path.abspath(entry or ".")]  # noqa: PTH100
        if script_folder and entry and not os.path.isabs(entry):  # noqa: PTH117
            places.append(os.path.normpath(os.path.join(script_folder, entry)))  # noqa: PTH118
        for place in places:
            is_ours = os.path.realpath(place) == os.path.dirname(PACKAGE)  # noqa: PTH120
            if place not in found and not is_ours and not is_installed(place):
                found.append(place)
    return found
