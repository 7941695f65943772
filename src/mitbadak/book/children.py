"""Processes that a script starts with ``multiprocessing``: they are in book mode as well.

A forked process has all that its parent has. A spawned one, or one of a fork server, is a new
Python that imports the script. There ``book/child.py`` takes the script's place: it switches book
mode on and imports the script as ``mitbadak book`` runs it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mitbadak.book.finder import after_import
from mitbadak.book.notices import already_said

CHILD = "mitbadak.book.child"


@dataclass(frozen=True)
class Handed:
    """What a new process is told.

    Attributes:
        settings: of book mode.
        said: notices that need not be repeated.
        name, path: of the main module, as multiprocessing would import it; one is None, or both.
        arguments: ``sys.argv``.
    """

    settings: Any
    said: frozenset[str]
    name: str | None
    path: str | None
    arguments: list[str]


handed: Handed | None = None
"""What this process was told, if it is a new one that a script in book mode has started."""


@contextlib.contextmanager
def children_too(settings: Any) -> Iterator[None]:
    """While entered, processes that are started begin with book mode in these settings."""
    undo: list[Any] = []

    def follow(module: Any) -> None:
        original = module.get_preparation_data
        module.get_preparation_data = lambda name: _Preparation(original(name), settings)
        undo.append((module, original))

    try:
        with after_import({"multiprocessing.spawn": follow}):
            yield
    finally:
        for module, original in undo:
            module.get_preparation_data = original


class _Preparation(dict):
    """What multiprocessing tells a new process first of all."""

    def __init__(self, data: dict[str, Any], settings: Any):
        super().__init__(data)
        name, path = (self.pop(f"init_main_from_{how}", None) for how in ("name", "path"))
        self._handed = Handed(settings, already_said(), name, path, self["sys_argv"])

    def __reduce__(self) -> Any:
        return _received, (dict(self), self._handed)


def _received(data: dict[str, Any], told: Handed) -> dict[str, Any]:
    """In the new process: keep what it was told, for ``book/child.py``."""
    global handed
    handed = told
    return {**data, "init_main_from_name": CHILD}
