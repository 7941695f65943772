"""A script or notebook as text and syntax tree, with the place of every line."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mitbadak.core.errors import FormatError, brief
from mitbadak.core.printing import decoded

ENDINGS = (".py", ".ipynb")
MOST_BYTES = 100 * 2**20  # a notebook with many pictures has some tens of megabytes
MOST_LINES = 50_000  # of code
MOST_OF_A_CAUSE = 120  # characters
LINE_END = re.compile(r"\r\n|\r|\n")
MAGIC = re.compile(r"\s*([%!?]|[\w.,\s]+=\s*[!%]|[\w.]+\?{1,2}\s*$)")
LANGUAGE_MAGIC = re.compile(r"\s*%%(?!time|timeit|capture|prun)")


@dataclass(frozen=True)
class Source:
    """The code of one file.

    Attributes:
        name: the file's name, without its folders.
        lines: all lines of code; those of a notebook follow each other cell by cell.
        tree: the syntax tree, whose line numbers count ``lines`` from 1.
        cells: of a notebook: for each line, the number of its cell and its line in the cell.
        counts: of a notebook: the execution count of each executed cell, with its first line.
    """

    name: str
    lines: tuple[str, ...]
    tree: ast.Module
    cells: tuple[tuple[int, int], ...] = ()
    counts: tuple[tuple[int, int], ...] = field(default=())

    @property
    def is_notebook(self) -> bool:
        """Whether it came from a notebook."""
        return self.name.lower().endswith(".ipynb")

    def place(self, line: int) -> str:
        """Where a line is, such as ``a.py, line 3`` or ``a.ipynb, cell 2, line 3``."""
        return f"{self.name}, {self.line_in_words(line)}"

    def line_in_words(self, line: int, lang: str = "en") -> str:
        """The same without the name of the file."""
        cell = 0
        if 0 < line <= len(self.cells):
            cell, line = self.cells[line - 1]
        if lang == "ko":
            return f"{cell}번 셀 {line}번째 줄" if cell else f"{line}번째 줄"
        return f"cell {cell}, line {line}" if cell else f"line {line}"


def read_source(path: Path) -> Source:
    """Read a ``.py`` or ``.ipynb`` file.

    Raises:
        FormatError: another kind of file, or one that cannot be read as Python; the message
            names the line and the cause.
        FileNotFoundError: there is no such file.
    """
    name = decoded(path.name)
    ending = path.suffix.lower()
    if path.is_dir() or ending not in ENDINGS:
        kind = "a folder" if path.is_dir() else brief(ending or "no ending")
        raise FormatError(f"{decoded(path)}: expected a .py or .ipynb file; got {kind}.")
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise FileNotFoundError(f"{decoded(path)}: there is no such file.") from None
    except (OSError, ValueError) as problem:  # ValueError: a NUL in the name
        cause = getattr(problem, "strerror", None) or str(problem)
        raise FormatError(f"{name} cannot be read: {cause}.") from None
    if len(raw) > MOST_BYTES:
        raise FormatError(f"{name}: expected at most {MOST_BYTES >> 20} MiB of code.")
    try:
        return _notebook(name, raw) if ending == ".ipynb" else _script(name, raw)
    except (RecursionError, MemoryError):
        raise FormatError(f"{name}: its code is nested too deeply to be read.") from None


def _script(name: str, raw: bytes) -> Source:
    text = decoded_script(name, raw)
    lines = tuple(LINE_END.split(text.removeprefix("\ufeff")))
    return Source(name, lines, _parsed(lines, Source(name, lines, ast.Module([], []))))


def decoded_script(name: str, raw: bytes) -> str:
    """The text of a script, in the encoding that it declares.

    Raises:
        FormatError: it cannot be decoded; the message names the line.
    """
    encoding = "utf-8"
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        return raw.decode(encoding)
    except UnicodeDecodeError as problem:
        line = raw[: problem.start].count(b"\n") + 1
        raise FormatError(
            f"{name}, line {line}: the byte {raw[problem.start]:#04x} is not {encoding}. Save the "
            "file as UTF-8, or declare its encoding in the first line."
        ) from None
    except (SyntaxError, LookupError, UnicodeError, ValueError) as problem:
        raise FormatError(f"{name}, line 1: {_cause(problem)}.") from None


def _notebook(name: str, raw: bytes) -> Source:
    lines: list[str] = []
    cells: list[tuple[int, int]] = []
    counts: list[tuple[int, int]] = []
    body: list[ast.stmt] = []
    for number, cell in enumerate(cells_of(name, raw), 1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        own = LINE_END.split(text_of_cell(cell))
        if len(lines) + len(own) > MOST_LINES:
            raise FormatError(f"{name}: expected at most {MOST_LINES:,} lines of code.")
        places = tuple((number, k + 1) for k in range(len(own)))
        alone = Source(name, tuple(own), ast.Module([], []), places)
        tree = ast.increment_lineno(_parsed(own, alone), len(lines))
        body += tree.body
        count = cell.get("execution_count", cell.get("prompt_number"))
        if isinstance(count, int) and tree.body:
            counts.append((count, len(lines) + 1))
        lines += own
        cells += places
    return Source(name, tuple(lines), ast.Module(body, []), tuple(cells), tuple(counts))


def cells_of(name: str, raw: bytes) -> list[Any]:
    """The cells of a notebook's file, of every kind.

    Raises:
        FormatError: it is no notebook; the message names the line.
    """
    try:
        content = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        line = raw[: problem.start].count(b"\n") + 1
        raise FormatError(f"{name}, line {line}: a notebook is UTF-8 text; this is not.") from None
    except json.JSONDecodeError as problem:
        raise FormatError(
            f"{name}, line {problem.lineno}: a notebook is JSON; {problem.msg[0].lower()}"
            f"{problem.msg[1:]}. Save it again in Jupyter."
        ) from None
    except ValueError as problem:  # a number of thousands of digits
        raise FormatError(f"{name}: a notebook is JSON; {_cause(problem)}.") from None
    if isinstance(content, dict):
        cells = content.get("cells")
        sheets = content.get("worksheets")  # until format 3
        if cells is None and isinstance(sheets, list):
            nested = [s.get("cells") for s in sheets if isinstance(s, dict)]
            cells = [cell for some in nested if isinstance(some, list) for cell in some]
        if isinstance(cells, list):
            return cells
    raise FormatError(f"{name}, line 1: expected a notebook with a list of cells; got none.")


def text_of_cell(cell: dict[str, Any]) -> str:
    """What is written in a cell."""
    text = cell.get("source", cell.get("input", ""))
    if isinstance(text, list):
        text = "".join(part for part in text if isinstance(part, str))
    return text if isinstance(text, str) else ""


def _parsed(lines: list[str] | tuple[str, ...], source: Source) -> ast.Module:
    """The tree of some lines; where they are no Python, without the commands of IPython."""
    if len(lines) > MOST_LINES:
        raise FormatError(f"{source.name}: expected at most {MOST_LINES:,} lines of code.")
    for number, line in enumerate(lines, 1):
        if "\0" in line:
            raise FormatError(f"{source.place(number)}: a NUL character; the file is damaged.")
    problem: SyntaxError | ValueError | None = None
    for tried in (list(lines), without_magics(lines)):
        try:
            return _parse("\n".join(tried))
        except (SyntaxError, ValueError) as refusal:
            problem = refusal
    number = getattr(problem, "lineno", None) or 1
    raise FormatError(
        f"{source.place(min(number, len(lines)))}: this is not Python: {_cause(problem)}."
    )


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of invalid escapes in texts
        return ast.parse(text)


def without_magics(lines: list[str] | tuple[str, ...]) -> list[str]:
    """Lines with ``pass`` where a command of IPython or the shell was.

    Example:
        >>> without_magics(["%matplotlib inline", "x = 1", "  !pip install numpy"])
        ['pass', 'x = 1', '  pass']
    """
    first = next((line for line in lines if line.strip()), "")
    if LANGUAGE_MAGIC.match(first):  # %%bash, %%html: no Python at all
        return [""] * len(lines)
    return [
        f"{line[: len(line) - len(line.lstrip())]}pass" if MAGIC.match(line) else line
        for line in lines
    ]


def _cause(problem: BaseException | None) -> str:
    text = getattr(problem, "msg", None) or str(problem)
    return brief_text(text.rstrip("."))


def brief_text(text: str) -> str:
    """A cause in the words of Python, shortened."""
    return text if len(text) <= MOST_OF_A_CAUSE else f"{text[: MOST_OF_A_CAUSE - 3]}..."
