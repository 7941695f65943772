"""The main module of a process that a script in book mode has started (``book/children.py``).

Multiprocessing imports it in place of the script; afterwards it has the names of the script.
"""

from __future__ import annotations

import builtins
import runpy
import sys
import types
from pathlib import Path
from typing import Any

from mitbadak.book import children
from mitbadak.book.notices import say_no_more
from mitbadak.book.program import read_program
from mitbadak.book.running import run_cells
from mitbadak.book.switch import on

MAIN = "__mp_main__"  # what multiprocessing calls the script here, so that it does not start again


def main_names(told: children.Handed) -> dict[str, Any]:
    """Switch book mode on and import the script; its names."""
    on(told.settings)
    say_no_more(told.said)
    sys.argv[:] = told.arguments
    if told.name is not None:
        return runpy.run_module(told.name, run_name=MAIN, alter_sys=True)
    module = types.ModuleType(MAIN)
    vars(module).update(__builtins__=builtins, __spec__=None, __package__=None)
    sys.modules["__main__"] = sys.modules[MAIN] = module
    if told.path is not None:
        run_cells(read_program(Path(told.path)), module)
    return vars(module)


if __name__ == MAIN and children.handed is not None:
    globals().update(main_names(children.handed))
