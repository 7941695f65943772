"""Why a name is not defined: its cell comes later or failed, or an import is missing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from mitbadak.book.names import module_of
from mitbadak.book.notices import notice
from mitbadak.book.program import Cell, Program

USUAL = {
    "np": "import numpy as np", "numpy": "import numpy", "plt": "import matplotlib.pyplot as plt",
    "pickle": "import pickle", "os": "import os", "sys": "import sys", "time": "import time",
    "math": "import math", "OrderedDict": "from collections import OrderedDict",
    "Image": "from PIL import Image", "imread": "from matplotlib.image import imread",
}  # fmt: skip
HAS_SCOPE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def explain(problem: NameError, program: Program, cell: Cell) -> None:
    """Say why a cell does not find a name, once."""
    name = getattr(problem, "name", None)
    if not isinstance(name, str) or isinstance(problem, UnboundLocalError):
        return
    module = module_of(name)
    defined = place_of(name, program, cell)
    if defined is not None:
        other, line = defined
        key = "name-earlier" if other.number < cell.number else "name-later"
        notice(key, name=name, place=other.place(line))
    elif name in USUAL:
        notice("name-usual", name=name, line=USUAL[name])
    elif module is None:
        notice("name-nowhere", name=name, file=program.path.name)
    if module is not None:
        notice("name-of-book", name=name, module=module)


def place_of(name: str, program: Program, cell: Cell) -> tuple[Cell, int] | None:
    """Where a name is defined for all cells: at the next place, or else at the last one before."""
    places = [
        (other, line) for other in program.cells for found, line in names_of(other) if found == name
    ]
    coming = [place for place in places if place[0].number >= cell.number]
    return coming[0] if coming else places[-1] if places else None


def names_of(cell: Cell) -> Iterator[tuple[str, int]]:
    """The names that a cell defines outside of functions, with their lines."""
    if cell.tree is None:  # as far as damaged code tells
        for number, line in enumerate(cell.lines, 1):
            if found := re.match(r"\W*\d*\s*(?:def|class)\s+(\w+)", line):
                yield found[1], number
        return
    yield from _names_in(cell.tree)


def _names_in(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0], node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        if isinstance(node, HAS_SCOPE):
            if not isinstance(node, ast.Lambda):
                yield node.name, node.lineno
        else:
            yield from _names_in(node)
