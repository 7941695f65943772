"""The sentences in the code: what errors, warnings and the lines of commands are made of."""

from __future__ import annotations

import ast
import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mitbadak

SOURCE = Path(mitbadak.__file__).parent
SPOKEN = {"say", "tell", "warn", "complain", "request_stop", "for_the_reader"}
"""Functions whose first argument is a sentence for the user."""
VALUE = "9"  # in every place: a number fits wherever any value does
MOST_VARIANTS = 32


@dataclass(frozen=True)
class Sentence:
    """A sentence in the code.

    Attributes:
        variants: the texts that it can become, with ``VALUE`` in place of what is computed.
        place: file and line.
        skeleton: as a key of a table, with the expressions as names.
    """

    variants: tuple[str, ...]
    place: str
    skeleton: str


def files_of(room: str) -> list[Path]:
    """The modules of a room, without its tables of translations."""
    found = sorted((SOURCE / room).rglob("*.py"))
    return [path for path in found if path.stem != "words" and path.parent.name != "words"]


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def sentences_of(room: str) -> Iterator[Sentence]:
    """What the code of a room raises, warns of and prints."""
    for path in files_of(room):
        constants = _constants_of(tree_of(path))
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and node.args and _speaks(node.func):
                variants = _variants(node.args[0], constants)
                if isinstance(node.args[0], ast.Constant | ast.JoinedStr) and variants:
                    place = f"{path.relative_to(SOURCE)}:{node.lineno}"
                    yield Sentence(variants, place, _skeleton(node.args[0]))


@functools.cache
def texts_of(room: str) -> frozenset[str]:
    """Every text in the code of a room, with ``VALUE`` in place of what is computed."""
    found: set[str] = set()
    for path in files_of(room):
        constants = _constants_of(tree_of(path))
        for node in ast.walk(tree_of(path)):
            found.update(_variants(node, constants))
    return frozenset(found)


def letters(text: str) -> int:
    """Letters of a text."""
    return sum(letter.isalpha() for letter in text)


def _constants_of(tree: ast.Module) -> dict[str, str]:
    """Texts with a name, such as a remedy that several messages share."""
    return {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def _variants(node: ast.AST, constants: dict[str, str]) -> tuple[str, ...]:
    """The texts that an expression can become; none if it is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return (node.value,)
    if not isinstance(node, ast.JoinedStr):
        return ()
    parts = [_choices(part, constants) for part in node.values]
    together = itertools.islice(itertools.product(*parts), MOST_VARIANTS)
    return tuple("".join(chosen) for chosen in together)


def _choices(node: ast.expr, constants: dict[str, str]) -> tuple[str, ...]:
    """What may stand in one part of a text."""
    if isinstance(node, ast.Constant):
        return (str(node.value),)
    value = node.value if isinstance(node, ast.FormattedValue) else node
    if isinstance(value, ast.IfExp):
        return (*_choices(value.body, constants), *_choices(value.orelse, constants))
    if isinstance(value, ast.Name) and value.id in constants:
        return (constants[value.id],)
    return _variants(value, constants) or (VALUE,)


def _speaks(function: ast.expr) -> bool:
    name = _name(function)
    return name in SPOKEN or name.endswith("Error")


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _skeleton(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return _escaped(node.value)
    parts = node.values if isinstance(node, ast.JoinedStr) else []
    return "".join(
        _escaped(part.value) if isinstance(part, ast.Constant) else f"{{{_value(part)}}}"
        for part in parts
    )


def _escaped(text: object) -> str:
    return str(text).replace("{", "{{").replace("}", "}}")


def _value(part: ast.expr) -> str:
    """A name for the expression in a place."""
    named = [n for n in ast.walk(part) if isinstance(n, ast.Name | ast.Attribute)]
    return _name(named[-1]) or "value" if named else "value"
