"""What is known of a value without running the code: its kind, its dtype, where it came from."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any, Final

MISSING: Final = object()  # no constant is known
# Kinds of values.
UNKNOWN, NUMBER, TEXT, ARRAY, NONE = "unknown", "number", "text", "array", "none"
TUPLE, LIST, DICT, SHAPE = "tuple", "list", "dict", "shape"
FUNCTION, CLASS, INSTANCE, OUTSIDE = "function", "class", "instance", "outside"
MOST_SOURCES = 200  # sources of a value that are remembered

_serials = itertools.count(1)


@dataclass(eq=False)
class Value:
    """One value, as far as it is known. Names that share an object share its ``Value``.

    Attributes:
        kind: one of the constants above.
        dtype: ``int``, ``float`` or "" if not known; of arrays and numbers.
        ndim: number of axes of an array, None if not known.
        const: the constant itself, where it is one.
        name: dotted name, of what comes from outside the file.
        roles: what it stands for: ``gradient``, ``scaled`` (by a learning rate), ``softmax``,
            ``classes`` (labels as indices), ``inputs``, ``labels``, ``raw`` (pixels to 255) ...
        sign: of a gradient: 1, -1 where it was negated, 0 where that is not known.
        plus, minus: sources of the two sides of a difference that is in it.
        sources: serials of the arrays from which it was computed.
        items: of a dict by key, of a list or tuple by position.
        attributes: of an object.
        node: the expression that made it.
        base: the array whose memory it shares.
        copy_of: what it was copied from.
        rows: which rows of a data set were taken, in order.
        split: ``train`` or ``test``, for parts of a data set.
        definition: of a function or class.
        owner: of a method, its object; of an instance, its class.
        scope: of a function, the names around it.
        loops: in which loops it was made.
        held: whether it lies in a dict, list or attribute.
        read: whether anything but its own update reads it.
    """

    kind: str = UNKNOWN
    dtype: str = ""
    ndim: int | None = None
    const: Any = MISSING
    name: str = ""
    roles: frozenset[str] = frozenset()
    sign: int = 0
    plus: frozenset[int] = frozenset()
    minus: frozenset[int] = frozenset()
    sources: frozenset[int] = frozenset()
    items: dict[Any, Value] = field(default_factory=dict)
    attributes: dict[str, Value] = field(default_factory=dict)
    node: Any = None
    base: Value | None = None
    copy_of: Value | None = None
    rows: tuple[Any, ...] = ()
    split: str = ""
    definition: Any = None
    owner: Value | None = None
    scope: Any = None
    loops: tuple[int, ...] = ()
    held: bool = False
    read: bool = False
    serial: int = field(default_factory=lambda: next(_serials))

    @property
    def root(self) -> Value:
        """The array that owns the memory."""
        value, seen = self, 0
        while value.base is not None and seen < 50:
            value, seen = value.base, seen + 1
        return value

    @property
    def is_array(self) -> bool:
        """Whether it is known to be an array."""
        return self.kind == ARRAY

    @property
    def may_be_array(self) -> bool:
        """Whether it could be an array."""
        return self.kind in (ARRAY, UNKNOWN)

    @property
    def all_sources(self) -> frozenset[int]:
        """Its sources, itself included."""
        return _few(self.sources | {self.serial})

    def has(self, *roles: str) -> bool:
        """Whether it stands for all of these."""
        return self.roles.issuperset(roles)

    def like(self, node: ast.AST | None = None, **changes: Any) -> Value:
        """A new value with the same facts, except for ``changes``."""
        facts = {f.name: getattr(self, f.name) for f in fields(self)}
        facts.update(serial=next(_serials), sources=self.all_sources, held=False, read=False)
        facts["node"] = self.node if node is None else node
        facts["items"], facts["attributes"] = dict(self.items), dict(self.attributes)
        return Value(**{**facts, **changes})

    def sign_for(self, parameter: Value) -> int:
        """1 if it is a gradient with respect to ``parameter``, -1 a negated one, else 0."""
        if self.sign:
            return self.sign
        own = {parameter.serial, parameter.root.serial}
        in_plus, in_minus = bool(own & self.plus), bool(own & self.minus)
        return 0 if in_plus == in_minus else 1 if in_plus else -1


def number(const: Any = MISSING, dtype: str = "", node: Any = None, **facts: Any) -> Value:
    """A single number; its constant where it is known."""
    if const is not MISSING and not dtype:
        dtype = "float" if isinstance(const, float) else "int"
    return Value(NUMBER, dtype, 0, const, node=node, **facts)


def array(
    dtype: str = "",
    ndim: int | None = None,
    node: Any = None,
    of: Iterable[Value] = (),
    **facts: Any,
) -> Value:
    """An array, computed from the values in ``of``."""
    return Value(ARRAY, dtype, ndim, node=node, sources=sources_of(of), **facts)


def text(const: Any = MISSING, node: Any = None, **facts: Any) -> Value:
    """A text."""
    return Value(TEXT, const=const, node=node, **facts)


def unknown(node: Any = None, of: Iterable[Value] = (), **facts: Any) -> Value:
    """A value of which only its sources are known."""
    return Value(node=node, sources=sources_of(of), **facts)


def sequence(kind: str, items: Iterable[Value], node: Any = None) -> Value:
    """A list or tuple of known items."""
    return Value(kind, items=dict(enumerate(items)), node=node)


def sources_of(values: Iterable[Value]) -> frozenset[int]:
    """Everything that some values were computed from."""
    return _few(frozenset().union(*(value.all_sources for value in values)))


def _few(serials: frozenset[int]) -> frozenset[int]:
    if len(serials) <= MOST_SOURCES:
        return serials
    return frozenset(sorted(serials)[:MOST_SOURCES])  # the oldest: parameters and data


def merged(values: Iterable[Value]) -> Value:
    """What holds whichever of some values it is."""
    distinct = list({value.serial: value for value in values}.values())
    if not distinct:
        return Value(NONE, const=None)
    first, *others = distinct
    if not others:
        return first
    others = [o for o in others if o.kind != NONE] or others
    if first.kind == NONE:
        first, *others = others
    if not others:
        return first
    result = first.like(sources=sources_of(distinct))
    for other in others:
        if other.kind != result.kind:
            return unknown(first.node, distinct, roles=_common(distinct))
        for name in ("dtype", "ndim", "const", "sign", "rows", "split"):
            if getattr(other, name) != getattr(result, name):
                setattr(result, name, getattr(Value(), name))
        result.base = result.base if result.base is other.base else None
    result.roles = _common(distinct)
    return result


def _common(values: list[Value]) -> frozenset[str]:
    return frozenset.intersection(*(value.roles for value in values))
