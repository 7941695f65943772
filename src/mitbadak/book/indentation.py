"""Indentation that a web page or a chat lost, restored where one way is better than all others.

Every line keeps its place; only its depth is searched. A header such as ``def f(x):`` opens a
block. What must hold then decides most of it: nothing follows a ``return`` in its block, a
function's last ``return`` stands at its own depth or in an ``else``, a ``return`` is in a
function, a method (``self``) in a class, a ``while`` changes what it asks for. Where that leaves a
choice, an ``if`` ends where the author left a blank line; where a loop or a function ends, nothing
tells.
"""

from __future__ import annotations

import ast
import io
import itertools
import re
import tokenize
from dataclasses import dataclass, replace

HEADER = re.compile(
    r"(?:async\s+)?(class|def|for|while|if|elif|else|try|except|finally|with)\b.*:\s*(?:#.*)?$",
    re.S,
)
FOLLOWS = {  # clauses, and the blocks that they may follow
    "elif": {"if", "elif"}, "else": {"if", "elif", "for", "while", "except"},
    "except": {"try", "except"}, "finally": {"try", "except", "else"},
}  # fmt: skip
LEAVES = re.compile(r"(return|raise|break|continue)\b")
STEP = "    "
MOST_UNITS = 400
MOST_DEPTH = 6
EARLY_END, LATE_END = 2, 1  # cost: a branch ends within a paragraph; a branch outlives one
BRANCHES = {"if", "elif", "else"}


@dataclass(frozen=True)
class Unit:
    """One logical line, or a compound statement whose own indentation is whole.

    Attributes:
        first, last: its lines, from 0.
        kind: the keyword of a header whose block follows; "" otherwise.
        code: its text.
        starts_paragraph: whether more blank lines stand before it than usual.
    """

    first: int
    last: int
    kind: str
    code: str
    starts_paragraph: bool = False


@dataclass(frozen=True)
class Block:
    """An open block.

    Attributes:
        kind: the keyword of its header.
        header: its code.
        left: whether its last statement was a return or the like.
        returned_at: depth of the last ``return`` of a function, -1 for none.
        changed: names that a ``while`` has changed.
        has_method: whether a class has a method already.
        all_left: whether the branches before this one, of one ``if``, all ended with a return.
    """

    kind: str
    header: str
    left: bool = False
    returned_at: int = -1
    changed: frozenset[str] = frozenset()
    has_method: bool = False
    all_left: bool = True


@dataclass(frozen=True)
class Way:
    """One way to indent the units so far: its cost, the depth of each, and whether another one
    costs as much."""

    cost: int
    depths: tuple[int, ...]
    is_tied: bool = False


Stack = tuple[Block, ...]


def restored(lines: list[str]) -> tuple[list[str], int] | None:
    """The lines with their indentation, and the first line (from 1) that changed.

    None if there is no way, or no best one.

    Example:
        >>> lines, first = restored(["def f(x):", "if x > 0:", "return 1", "return 0", "f(1)"])
        >>> print(*lines, sep="\\n")
        def f(x):
            if x > 0:
                return 1
            return 0
        f(1)
        >>> first
        2
    """
    units = _units(lines)
    if units is None or not 1 < len(units) <= MOST_UNITS:
        return None
    way = _best(units)
    if way is None:
        return None
    result, first = list(lines), 0
    for unit, depth in zip(units, way.depths, strict=True):
        for number in range(unit.first, unit.last + 1):
            if depth and lines[number].strip():
                result[number] = STEP * depth + lines[number]
                first = first or number + 1
    try:
        ast.parse("\n".join(result))
    except SyntaxError:
        return None
    return result, first


def _units(lines: list[str]) -> list[Unit] | None:
    """The units of some lines; None if they cannot be told apart."""
    spans = _logical_lines(lines)
    if spans is None:
        return None
    units: list[Unit] = []
    position = 0
    while position < len(spans):
        first, last = spans[position]
        end = position + 1
        while end < len(spans) and lines[spans[end][0]][:1] in (" ", "\t"):
            end += 1
        last = spans[end - 1][1]
        code = "\n".join(lines[first : last + 1])
        header = HEADER.match(code) if end == position + 1 else None
        is_open = header is not None and not _is_whole(code)
        units.append(Unit(first, last, header[1] if header and is_open else "", code))
        position = end
    return _in_paragraphs(units)


def _in_paragraphs(units: list[Unit]) -> list[Unit]:
    """Units with the paragraphs that the blank lines between them make."""
    gaps = [after.first - before.last - 1 for before, after in itertools.pairwise(units)]
    usual = min(gaps, default=0)
    starts = [False, *(gap > usual for gap in gaps)]
    return [replace(unit, starts_paragraph=s) for unit, s in zip(units, starts, strict=True)]


def _logical_lines(lines: list[str]) -> list[tuple[int, int]] | None:
    """First and last line of every statement, by Python's own tokens."""
    flat = "\n".join(line.strip() if not line[:1].isspace() else line for line in lines) + "\n"
    spans: list[tuple[int, int]] = []
    start = None
    try:
        for token in tokenize.generate_tokens(io.StringIO(flat).readline):
            if token.type in (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT):
                continue
            if token.type == tokenize.NEWLINE and start is not None:
                spans.append((start, token.start[0] - 1))
                start = None
            elif token.type != tokenize.ENDMARKER and start is None:
                start = token.start[0] - 1
    except (tokenize.TokenError, SyntaxError):
        return None
    return spans


def _is_whole(code: str) -> bool:
    try:
        ast.parse(code)
    except SyntaxError:
        return False
    return True


def _best(units: list[Unit]) -> Way | None:
    """The cheapest way; None if there is none, or several."""
    ways: dict[Stack, Way] = {(): Way(0, ())}
    for position, unit in enumerate(units):
        reached: dict[Stack, Way] = {}
        must_open = position > 0 and bool(units[position - 1].kind)
        for stack, way in ways.items():
            least = len(stack) if must_open else 0
            for depth in range(least, len(stack) + 1):
                step = _step(stack, depth, unit, must_open)
                if step is not None:
                    after, cost = step
                    new = Way(way.cost + cost, (*way.depths, depth), way.is_tied)
                    old = reached.get(after)
                    reached[after] = new if old is None else _cheaper(old, new)
        ways = reached
    if not ways or units[-1].kind:
        return None
    best: Way | None = None
    for stack, way in ways.items():
        if all(_may_close(block) for block in stack):
            # The end of the text is no blank line either.
            cost = EARLY_END * sum(b.kind in BRANCHES and not b.left for b in stack)
            end = replace(way, cost=way.cost + cost * (units[-2].kind == ""))
            best = end if best is None else _cheaper(best, end)
    return None if best is None or best.is_tied else best


def _cheaper(one: Way, other: Way) -> Way:
    if one.cost == other.cost:
        return Way(one.cost, one.depths, True)
    return one if one.cost < other.cost else other


def _step(stack: Stack, depth: int, unit: Unit, opened: bool) -> tuple[Stack, int] | None:
    """The open blocks after a unit at this depth, and what it costs; None if it cannot be there."""
    if depth > MOST_DEPTH:
        return None
    closed, kept = stack[depth:], stack[:depth]
    word = HEADER.match(unit.code)
    keyword = word[1] if word and unit.kind else ""
    if keyword in FOLLOWS:
        if not closed or closed[0].kind not in FOLLOWS[keyword]:
            return None
    else:
        kept = _after_branches(closed, kept)
        if kept and kept[-1].left and not opened:
            return None  # nothing follows a return in its block
    if not all(_may_close(block) for block in closed):
        return None
    if not _fits(kept, unit, keyword):
        return None
    cost = _cost(closed, kept, unit, keyword, opened)
    kept = _noted(kept, unit, depth)
    if unit.kind:
        left = keyword not in FOLLOWS or (closed[0].left and closed[0].all_left)
        kept = (*kept, Block(unit.kind, unit.code, all_left=left))
    return kept, cost


def _after_branches(closed: Stack, kept: Stack) -> Stack:
    """The open blocks; where every branch of an ``if`` ended with a return, so did its block."""
    if kept and closed and closed[0].kind == "else" and closed[0].left and closed[0].all_left:
        return (*kept[:-1], replace(kept[-1], left=True))
    return kept


def _may_close(block: Block) -> bool:
    """Whether nothing is missing in a block."""
    if block.kind == "while":
        asked = _names(block.header)
        return not asked or bool(asked & block.changed) or "True" in block.header
    return not (block.kind == "def" and block.returned_at > 0)


def _fits(kept: Stack, unit: Unit, keyword: str) -> bool:
    """Whether a unit may stand in these blocks."""
    functions = [block for block in kept if block.kind == "def"]
    loops = [block for block in kept if block.kind in ("for", "while")]
    code = unit.code.strip()
    if re.match(r"return\b", code) and not functions:
        return False
    if re.match(r"(break|continue)\b", code) and not loops:
        return False
    innermost = kept[-1].kind if kept else ""
    is_method = re.match(r"def\s+\w+\s*\(\s*(self|cls)\b", code) is not None
    if is_method and innermost != "class":
        return False
    if innermost == "class" and kept[-1].has_method and not code.startswith(("def ", "@")):
        return False
    is_def = code.startswith(("def ", "class "))
    # A function without self after a method, or after another function, is one of the module.
    return not (is_def and not is_method and kept and keyword in ("def", "class") and innermost)


def _cost(closed: Stack, kept: Stack, unit: Unit, keyword: str, opened: bool) -> int:
    """How far a way is from ending every ``if`` at a blank line. Where loops and functions end, a
    blank line does not tell: ways that differ in that stay as good as each other."""
    if opened or keyword in FOLLOWS:
        return 0
    if unit.starts_paragraph:
        return LATE_END * sum(block.kind in BRANCHES for block in kept)
    return EARLY_END * sum(block.kind in BRANCHES and not block.left for block in closed)


def _noted(kept: Stack, unit: Unit, depth: int) -> Stack:
    """The open blocks, with what this unit does in them."""
    code = unit.code.strip()
    changed = _changed(code)
    leaves = LEAVES.match(code) is not None
    result = []
    for position, block in enumerate(kept):
        if block.kind == "while":
            block = replace(block, changed=block.changed | changed)
        if block.kind == "def" and re.match(r"return\b", code):
            inner = depth - position - 1  # 0 at the function's own depth, and in an else
            inner = 0 if kept[-1].kind == "else" else inner
            is_innermost = all(b.kind != "def" for b in kept[position + 1 :])
            block = replace(block, returned_at=inner) if is_innermost else block
        if block.kind == "class" and code.startswith("def ") and position == len(kept) - 1:
            block = replace(block, has_method=True)
        if position == len(kept) - 1:
            block = replace(block, left=leaves)
        result.append(block)
    return tuple(result)


def _names(header: str) -> frozenset[str]:
    """The names that a ``while`` asks for."""
    try:
        tree = ast.parse(header.strip() + " pass")
    except SyntaxError:
        return frozenset()
    test = tree.body[0].test if isinstance(tree.body[0], ast.While) else None
    return (
        frozenset(n.id for n in ast.walk(test) if isinstance(n, ast.Name)) if test else frozenset()
    )


def _changed(code: str) -> frozenset[str]:
    """The names that a statement may change: those that it assigns, and whose methods it calls."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return frozenset()
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            found.add(called.value.id)
    return frozenset(found) - {"np", "numpy"}
