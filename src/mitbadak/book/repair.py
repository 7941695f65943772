"""Code that was damaged on its way into a note: lost indentation, pasted statements, lost letters,
line numbers of an editor, output behind an arrow.

A repair keeps every line in its place. It is made only if the result is Python, and indentation
only if one way to restore it is better than all others.
"""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass, field
from typing import Any

from mitbadak.book.indentation import restored

PASTED = re.compile(r"(?<=[)\]}\"'])(?=(?:import|from)\s+\w)")
LOST_LETTER = re.compile(r"(?P<word>ef|lass|mport|rom|hile|eturn)(?=\s)")
MEANT = {
    "ef": "def", "lass": "class", "mport": "import", "rom": "from", "hile": "while",
    "eturn": "return",
}  # fmt: skip
NUMBERED = re.compile(r"[ \t]*(?P<number>\d+)(?:[.:|]?[ \t](?P<code>.*))?$")
ARROW = re.compile(r"\s*(?:->|→|⇒|=>)\s")
MOST_ROUNDS = 40  # repairs of one kind in a cell

Change = tuple[int, str, dict[str, Any]]


@dataclass
class Repaired:
    """Repaired lines, and what was done where: line, kind and facts, for ``words.py``."""

    lines: list[str]
    changes: list[Change] = field(default_factory=list)


def repaired(lines: list[str]) -> Repaired | None:
    """The lines as Python; None if that takes more than these repairs.

    Example:
        >>> repaired(["print(1)import sys"]).lines
        ['print(1); import sys']
        >>> repaired(["ef f(x):", "  return x"]).changes
        [(1, 'lost-letters', {'word': 'ef', 'meant': 'def'})]
        >>> repaired(["63 x = 1", "64 if x:", "65     x = 2"]).lines
        ['x = 1', 'if x:', '    x = 2']
        >>> repaired(["print(6.0) -> [6. 8.]"]).lines
        ['print(6.0)  # -> [6. 8.]']
        >>> repaired(["x = = 1"]) is None
        True
    """
    result = Repaired(list(lines))
    if _problem(lines) is not None:
        _without_numbers(result)
    has_numbers = bool(result.changes)
    for _ in range(MOST_ROUNDS):
        problem = _problem(result.lines)
        if problem is None:
            return None if has_numbers and _is_a_table(result.lines) else result
        here = range((problem.lineno or 0) - 1, problem.lineno or 0)
        if isinstance(problem, IndentationError):
            fixed = _with_letters(result) or _indented(result)
        else:
            fixed = (
                _separated(result, problem)
                or _without_output(result, here)
                or _with_letters(result)
                or _indented(result)
            )
        fixed = fixed or _without_output(result, range(len(result.lines)))
        if not fixed:
            return None
    return None


def _problem(lines: list[str]) -> SyntaxError | None:
    try:
        compile(ast.parse("\n".join(lines)), "", "exec", dont_inherit=True)
    except SyntaxError as problem:
        return problem
    return None


def _separated(result: Repaired, problem: SyntaxError) -> bool:
    number = problem.lineno or 0
    if not 0 < number <= len(result.lines):
        return False
    line = result.lines[number - 1]
    better = PASTED.sub("; ", line, count=1)
    if better == line or _problem([better.strip()]) is not None:
        return False
    result.lines[number - 1] = better
    result.changes.append((number, "pasted-together", {}))
    return True


def _without_numbers(result: Repaired) -> None:
    """Take away the line numbers of an editor, if all lines have them and they count up by one."""
    found = [NUMBERED.match(line) for line in result.lines if line.strip()]
    numbers = [int(match["number"]) for match in found if match]
    if len(numbers) < max(2, len(found)) or numbers != [
        numbers[0] + k for k in range(len(numbers))
    ]:
        return
    rest = iter([match["code"] or "" for match in found if match])
    code = [next(rest) if line.strip() else "" for line in result.lines]
    result.lines = textwrap.dedent("\n".join(code)).split("\n")
    result.changes.append((1, "line-numbers", {}))


def _is_a_table(lines: list[str]) -> bool:
    """Whether numbered lines do nothing: then they are no code, but numbered values or words."""
    nodes = list(ast.walk(ast.parse("\n".join(lines))))
    does = [n for n in nodes if isinstance(n, ast.stmt) and not isinstance(n, ast.Expr)]
    return not does and not any(isinstance(node, ast.Call) for node in nodes)


def _without_output(result: Repaired, places: range) -> bool:
    """Make a comment of what is noted behind an arrow: ``print(f(3)) -> 9``."""
    for index in places:
        line = result.lines[index] if 0 <= index < len(result.lines) else ""
        for arrow in ARROW.finditer(line):
            code = line[: arrow.start()]
            if code.strip() and _problem([code.strip()]) is None:
                result.lines[index] = f"{code}  # {line[arrow.start() :].strip()}"
                result.changes.append((index + 1, "output-behind", {}))
                return True
    return False


def _with_letters(result: Repaired) -> bool:
    """Restore every first letter that was lost from a keyword at the beginning of a line."""
    done = False
    for number, line in enumerate(result.lines, 1):
        found = LOST_LETTER.match(line)
        if found is None:
            continue
        word = found["word"]
        meant = MEANT[word]
        rest = line[len(word) :].rstrip()
        is_header = meant in ("def", "class", "while")
        alone = meant + rest + (" pass" if is_header else "")
        inside = f"def f():\n {alone}"
        if _problem([line.rstrip()]) is None or _problem([inside]) is not None:
            continue
        if is_header != rest.rstrip().endswith(":"):
            continue
        result.lines[number - 1] = meant + line[len(word) :]
        result.changes.append((number, "lost-letters", {"word": word, "meant": meant}))
        done = True
    return done


def _indented(result: Repaired) -> bool:
    found = restored(result.lines)
    if found is None:
        return False
    result.lines, first = found
    result.changes.append((first, "lost-indentation", {}))
    return True
