"""Running a program in this process: its cells, its last values, and what it raises."""

from __future__ import annotations

import ast
import builtins
import os
import sys
import types
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mitbadak.book.fast import with_fast_definitions
from mitbadak.book.findings import report_findings
from mitbadak.book.missing_names import explain
from mitbadak.book.mode import book_mode, settings_for
from mitbadak.book.notices import line, notice
from mitbadak.book.program import Cell, Program, read_program, text_of_file
from mitbadak.book.tracebacks import of_the_script

FAILED = 1


def run(
    path: str | os.PathLike[str],
    argv: Sequence[str] = (),
    *,
    lang: str = "",
    chapter: str = "",
    figures: str | os.PathLike[str] | None = None,
) -> dict[str, Any]:
    """Run a script or notebook of the books in this process, as it is.

    Args:
        path: a ``.py`` or ``.ipynb`` file.
        argv: its arguments.
        lang: language of the notices, ``en`` or ``ko``; by default that of the file.
        chapter: whose ``two_layer_net`` it means: ``4``, ``5`` or ``2-1``; by default by its place.
        figures: folder for figures where there is no display; by default the current one.

    Returns:
        The variables that it ended with.

    Raises:
        BaseException: whatever the script raises. Of a notebook, cells after one that fails are
            run, and the first exception is raised at the end.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp(), "a.py")
        >>> _ = file.write_text("from common.functions import *\\ny = sigmoid(np.zeros(2))")
        >>> run(file)["y"]
        array([0.5, 0.5])
    """
    path = Path(path)
    folder = None if figures is None else Path(figures)
    settings = settings_for(path, text_of_file(path), lang=lang, chapter=chapter, folder=folder)
    main = types.ModuleType("__main__")
    with book_mode(settings), _as_main(main, path, argv):
        program = prepared(path)
        first = run_cells(program, main)
        if first is not None:
            raise first
        return {name: value for name, value in vars(main).items() if name[:2] != "__"}


def prepared(path: Path) -> Program:
    """The program, after its faults and what had to be done to it were said."""
    program = read_program(path)
    for cell in program.cells:
        for remark in cell.remarks:
            line(remark)
    report_findings(program)
    return program


def run_cells(program: Program, main: types.ModuleType) -> BaseException | None:
    """Run the cells one after the other in a module.

    Returns:
        Of a notebook the first exception, after the others were shown; a script's is raised.
    """
    vars(main)["__file__"] = str(program.path.absolute())
    if not program.is_notebook:
        (cell,) = program.cells
        if cell.tree is None:
            raise cell.problem or SyntaxError
        _run_script(program, cell, vars(main))
        return None
    vars(main).pop("__file__")  # a notebook has none
    vars(main)["get_ipython"] = lambda: _Shell()
    failed: list[tuple[Cell, BaseException]] = []
    for cell in program.cells:
        problem = _run_cell(program, cell, vars(main))
        if problem is not None:
            failed.append((cell, problem))
    if not failed:
        return None
    numbers = ", ".join(str(cell.number) for cell, _ in failed)
    notice("cells-failed", failed=len(failed), total=len(program.cells), numbers=numbers)
    return failed[0][1]


def _run_script(program: Program, cell: Cell, variables: dict[str, Any]) -> None:
    try:
        tree = with_fast_definitions(cell.tree, variables)  # type: ignore[arg-type]
        exec(compile(tree, cell.file, "exec", dont_inherit=True), variables)
    except NameError as problem:
        explain(problem, program, cell)
        raise


def _run_cell(program: Program, cell: Cell, variables: dict[str, Any]) -> BaseException | None:
    """Run a cell and show its last value, as a notebook does; what it raised."""
    if cell.tree is None:
        return cell.problem or SyntaxError()
    body, last = with_fast_definitions(cell.tree, variables).body, None
    if body and isinstance(body[-1], ast.Expr) and not _is_silenced(cell):
        last = ast.Expression(body[-1].value)
        body = body[:-1]
    try:
        exec(compile(ast.Module(body, []), cell.file, "exec", dont_inherit=True), variables)
        if last is not None:
            value = eval(compile(last, cell.file, "eval", dont_inherit=True), variables)
            sys.displayhook(value)
    except Exception as problem:
        if isinstance(problem, NameError):
            explain(problem, program, cell)
        shown = of_the_script(problem)
        sys.stdout.flush()
        sys.__excepthook__(type(shown), shown, shown.__traceback__)
        return problem
    return None


def _is_silenced(cell: Cell) -> bool:
    return "\n".join(cell.lines).rstrip().endswith(";")


class _Shell:
    """What ``get_ipython()`` returns in book mode: every command is passed over, with a word."""

    def __getattr__(self, name: str) -> Any:
        def passed_over(*args: Any, **_: Any) -> None:
            text = " ".join(map(str, args))
            notice("magic", place="get_ipython()", line=f"{name} {text}".strip())

        return passed_over


@contextmanager
def _as_main(main: types.ModuleType, path: Path, argv: Sequence[str]) -> Iterator[None]:
    """While entered, ``main`` is the main module, and the arguments and path are the script's."""
    arguments, path_before, module = sys.argv[:], sys.path[:], sys.modules["__main__"]
    last = vars(builtins).get("_")  # which showing a value changes
    vars(main)["__builtins__"] = builtins
    sys.argv[:] = [str(path), *argv]
    sys.path.insert(0, str(path.resolve().parent))
    sys.modules["__main__"] = main
    try:
        yield
    finally:
        sys.argv[:], sys.path[:] = arguments, path_before
        sys.modules["__main__"] = module
        names: Any = builtins.__dict__
        names.pop("_", None)
        if last is not None:
            names["_"] = last
