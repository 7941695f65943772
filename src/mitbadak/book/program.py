"""A script or notebook as cells of code that can be run, and what had to be done for that."""

from __future__ import annotations

import ast
import contextlib
import linecache
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mitbadak.book.notices import language, notice, text_of
from mitbadak.book.repair import repaired
from mitbadak.book.syntax_words import in_korean
from mitbadak.core.errors import FormatError
from mitbadak.core.printing import clipped
from mitbadak.doctor.code.source import (
    LINE_END,
    MAGIC,
    Source,
    brief_text,
    cells_of,
    decoded_script,
    text_of_cell,
    without_magics,
)

PIP = re.compile(r"\s*[!%]\s*(pip|conda|apt|apt-get)\b")
MOST_SHOWN = 100  # characters of a line that a notice repeats


@dataclass
class Cell:
    """A piece of code, compiled on its own; a script has one.

    Attributes:
        number: of a notebook's cell, from 1, counting every kind; 0 for a script.
        file: under which tracebacks find its lines.
        lines: as they are run.
        tree: their syntax; None if they are no Python.
        remarks: what was passed over or restored, and why it cannot run.
        problem: the syntax error, if there is one.
    """

    number: int
    file: str
    lines: list[str]
    tree: ast.Module | None = None
    remarks: list[str] = field(default_factory=list)
    problem: SyntaxError | None = None

    def place(self, line: int) -> str:
        """Where a line is, in words."""
        name = Path(self.file.partition(" [")[0]).name
        key = "cell" if self.number else "line"
        return f"{name}, {text_of(key, number=self.number, line=line)}"


@dataclass
class Program:
    """What a file holds.

    Attributes:
        path: of the file.
        text: all of its code.
        cells: in their order.
        is_notebook: whether it came from a notebook.
    """

    path: Path
    text: str
    cells: list[Cell]
    is_notebook: bool

    def source(self) -> Source:
        """The code that runs, for the static reader."""
        lines: list[str] = []
        body: list[ast.stmt] = []
        places: list[tuple[int, int]] = []
        for cell in self.cells:
            if cell.tree is not None:
                body += ast.increment_lineno(ast.parse("\n".join(cell.lines)), len(lines)).body
                lines += cell.lines
                places += [(cell.number, k + 1) for k in range(len(cell.lines))]
        cells = tuple(places) if self.is_notebook else ()
        return Source(self.path.name, tuple(lines), ast.Module(body, []), cells)


def text_of_file(path: Path) -> str:
    """The code of a file as one text, for its language and chapter.

    Raises:
        FormatError: it cannot be read.
        FileNotFoundError: there is no such file.
    """
    return "\n".join("\n".join(lines) for _, lines in _read(path))


def read_program(path: Path) -> Program:
    """Read and compile a ``.py`` or ``.ipynb`` file; any other ending is read as a script.

    Raises:
        FormatError: it cannot be read, or a notebook has no code.
        FileNotFoundError: there is no such file.
    """
    pieces = _read(path, aloud=True)
    is_notebook = path.suffix.lower() == ".ipynb"
    if is_notebook and not any("".join(lines).strip() for _, lines in pieces):
        raise FormatError(text_of("no-code", name=path.name))
    cells = [_cell(path, number, lines) for number, lines in pieces]
    return Program(path, "\n".join("\n".join(lines) for _, lines in pieces), cells, is_notebook)


def _read(path: Path, *, aloud: bool = False) -> list[tuple[int, list[str]]]:
    if path.is_dir():
        raise FormatError(f"{path} is a folder; expected a script or notebook.")
    raw = path.read_bytes()
    if path.suffix.lower() != ".ipynb":
        return [(0, LINE_END.split(_decoded(path, raw, aloud).removeprefix("\ufeff")))]
    return [
        (number, LINE_END.split(text_of_cell(cell)))
        for number, cell in enumerate(cells_of(path.name, raw), 1)
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
    ]


def _decoded(path: Path, raw: bytes, aloud: bool) -> str:
    """The text of a script, which an old editor may have saved as CP949 or UTF-16; said if so."""
    try:
        return decoded_script(path.name, raw)
    except FormatError:
        for encoding in ["utf-16"] if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ["cp949"]:
            with contextlib.suppress(UnicodeDecodeError):
                text = raw.decode(encoding)
                if "\0" not in text:
                    if aloud:
                        notice("encoding", name=path.name, encoding=encoding.upper())
                    return text
        raise


def _cell(path: Path, number: int, lines: list[str]) -> Cell:
    file = f"{path} [{number}]" if number else str(path.absolute())
    cell = Cell(number, file, lines)
    cell.tree, cell.problem = _parsed(lines, file)
    if cell.tree is None:
        plain = without_magics(lines)
        _remark_on_magics(cell, lines, plain)
        cell.lines = plain
        cell.tree, problem = _parsed(plain, file)
        cell.problem = problem
    if cell.tree is None and (better := repaired(cell.lines)) is not None:
        cell.lines = better.lines
        cell.tree, _ = _parsed(better.lines, file)
        cell.remarks += [
            text_of(key, place=cell.place(line), **facts) for line, key, facts in better.changes
        ]
    if cell.tree is None and cell.problem is not None:
        cell.remarks.append(_refusal(cell))
    if number:
        linecache.cache[file] = (
            sum(map(len, cell.lines)), None, [line + "\n" for line in cell.lines], file
        )  # fmt: skip
    return cell


def _parsed(lines: list[str], file: str) -> tuple[ast.Module | None, SyntaxError | None]:
    text = "\n".join(lines)
    try:
        tree = ast.parse(text, file)
        compile(tree, file, "exec", dont_inherit=True)  # a return outside a function
        return tree, None
    except SyntaxError as problem:
        return None, problem.with_traceback(None)
    except (ValueError, RecursionError, MemoryError) as problem:  # a NUL; too deep
        return None, SyntaxError(str(problem), (file, 1, 1, ""))


def _remark_on_magics(cell: Cell, lines: list[str], plain: list[str]) -> None:
    for number, (line, kept) in enumerate(zip(lines, plain, strict=True), 1):
        if line != kept and MAGIC.match(line):
            key = "pip" if PIP.match(line) else "magic"
            shown = clipped(line.strip(), MOST_SHOWN)
            cell.remarks.append(text_of(key, place=cell.place(number), line=shown))


def _refusal(cell: Cell) -> str:
    problem: Any = cell.problem
    line = min(problem.lineno or 1, len(cell.lines))
    rest = [text_of("cell-skipped")] if cell.number else []
    if isinstance(problem, IndentationError):
        rest.insert(0, text_of("indentation-open"))
    cause = brief_text(problem.msg.rstrip("."))
    if language() == "ko":
        cause = in_korean(cause)
    return text_of("no-python", place=cell.place(line), cause=cause, rest=" ".join(rest)).rstrip()
