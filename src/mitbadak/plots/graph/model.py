"""What there is to draw of a graph: nodes, and edges with their values and gradients as text."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mitbadak.core.errors import (
    DtypeError,
    RangeError,
    ShapeError,
    StateError,
    UnknownNameError,
    unknown_name,
)
from mitbadak.functions.differentiable import Pullbacks, value_of
from mitbadak.graph import Variable, in_order
from mitbadak.graph.sweep import reverse_sweep
from mitbadak.plots.graph.names import (  # fmt: skip
    COMMUTATIVE,
    SETTINGS,
    book_name,
    clean,
    options_text,
    parameters_of,
    shortened,
    value_text,
)

OPERATION, INPUT, CONSTANT, BRANCH, OUTPUT = "operation", "input", "constant", "branch", "output"


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the picture.

    ``kind`` is one of ``operation``, ``input`` (a variable that was given), ``constant``,
    ``branch`` (where a variable goes to several places) and ``output`` (the end of the last
    edge). ``ordered`` tells operations whose arguments must not change places.
    """

    kind: str
    text: str
    detail: str = ""
    title: str = ""
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge: from a node to an argument of another, counted from 0, with its two texts."""

    source: int
    target: int
    port: int = 0
    value: str = ""
    gradient: str = ""


@dataclass(slots=True)
class Picture:
    """Nodes and edges, and for those who tell about them the variables behind.

    ``node_of`` and ``branch_of`` lead from a variable's place in ``variables`` to its nodes;
    ``gradients`` to its gradient, where there is one.
    """

    variables: list[Variable]
    outputs: list[Variable]
    gradients: dict[int, np.ndarray]
    computed: bool = False  # the gradients are those of the outputs, and of nothing else
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    node_of: list[int] = field(default_factory=list)
    branch_of: dict[int, int] = field(default_factory=dict)

    def edges_from(self, node: int) -> list[int]:
        """Numbers of the edges that leave a node."""
        return [i for i, e in enumerate(self.edges) if e.source == node]

    def edges_to(self, node: int) -> list[int]:
        """Numbers of the edges that enter a node, by argument."""
        return [i for i, e in enumerate(self.edges) if e.target == node]


def one_of(owner: str, what: str, value: object, known: Sequence[str]) -> str:
    """A choice by name, refused with the nearest one that exists."""
    if not isinstance(value, str) or value not in known:
        raise unknown_name(f"{what} of {owner}", value, known)
    return value


def picture_of(owner: str, y: Any, gradients: Any) -> Picture:
    """What to draw for some variables.

    Args:
        owner: who asks, for messages.
        y: a variable, or a list of them.
        gradients: "auto" (those that ``backward`` has left), True (computed here) or False.

    Raises:
        DtypeError: y is no variable.
        RangeError: the list is empty.
        UnknownNameError: gradients is something else.
        ShapeError: gradients are to be computed of a result that is no scalar.
        StateError: gradients are to be computed, and ``backward`` has freed the graph.
    """
    several = y if isinstance(y, (list, tuple)) else [y]
    outputs = list({id(v): v for v in several}.values())
    for v in outputs:
        if not isinstance(v, Variable):
            raise DtypeError(f"{owner} expects a Variable or a list of them; got "
                             f"{type(v).__name__}. Compute it from mb.Variable(...) to have its "
                             "graph recorded.")  # fmt: skip
    if not outputs:
        raise RangeError(f"{owner} expects at least one variable; got an empty list.")
    if not isinstance(gradients, bool) and gradients != "auto":
        raise UnknownNameError(
            f"{owner}: gradients must be 'auto', True or False; got {gradients!r}."
        )
    variables = in_order(outputs)
    computed = gradients is True
    if computed:
        found = _computed(owner, outputs, variables)
    elif gradients == "auto" and any(v.grad is not None for v in outputs):
        # Without one at the end, those further back would be of another result.
        found = {i: v.grad for i, v in enumerate(variables) if v.grad is not None}
    else:
        found = {}
    arrays = {i: np.asarray(value_of(g)) for i, g in found.items()}
    picture = Picture(variables, outputs, arrays, computed)
    with np.errstate(all="ignore"):
        _Builder(picture).build()
    return picture


def _computed(owner: str, outputs: list[Variable], variables: list[Variable]) -> dict[int, Any]:
    """Gradients of the outputs with respect to every variable that they depend on smoothly."""
    for v in outputs:
        if v.size != 1:
            raise ShapeError(
                f"{owner}: gradients=True expects scalars; got {v!r}. Draw its sum, or call "
                "backward(dy) on it first and draw with gradients='auto'."
            )
    place = {id(v): i for i, v in enumerate(variables)}
    sweep = reverse_sweep(variables, [(y, None) for y in outputs], Variable.pullbacks)
    try:
        return {place[id(v)]: gradient for v, gradient in sweep if gradient is not None}
    except StateError as error:
        raise StateError(
            f"{owner}: {error} gradients='auto' shows those that backward has left in .grad."
        ) from None


def pullbacks_of(v: Variable) -> Pullbacks:
    """A variable's pullbacks, from its operation again where ``backward`` has freed them."""
    try:
        return v.pullbacks()
    except StateError:
        if v.operation is None:
            return ()
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # whatever there was to say has been said
            return v.operation.vjp(*map(value_of, v.args), **v.options)[1]


def operands(v: Variable) -> list[tuple[int, Any]]:
    """The arguments that are drawn, with their places; settings such as a shape are not."""
    settings = SETTINGS.get(v.operation.__name__, {}) if v.operation is not None else {}
    return [(i, a) for i, a in enumerate(v.args) if isinstance(a, Variable) or i not in settings]


def argument_name(v: Variable, i: int) -> str:
    """What an operation calls an argument, where that tells: the labels t, but not a and b."""
    parameters = parameters_of(v.operation) if v.operation is not None else {}
    names = [p.name for p in parameters.values() if p.kind == p.POSITIONAL_OR_KEYWORD]
    return names[i] if i < len(names) and names[i] not in ("a", "b") else ""


class _Builder:
    """Fills a picture, variable by variable."""

    def __init__(self, picture: Picture):
        self.picture = picture
        self.place = {id(v): i for i, v in enumerate(picture.variables)}
        self.uses = [0] * len(picture.variables)
        self.ends = set(map(id, picture.outputs))

    def build(self) -> None:
        for v in self.picture.variables:
            for a in v.args:
                if isinstance(a, Variable):
                    self.uses[self.place[id(a)]] += 1
        for v in self.picture.outputs:
            self.uses[self.place[id(v)]] += 1
        for i, v in enumerate(self.picture.variables):
            self._variable(i, v)
        for v in self.picture.outputs:
            text = shortened(v.name) if v.operation is not None else ""
            end = self._node(Node(OUTPUT, text, title=clean(v.name) or "result"))
            gradient = self.picture.gradients.get(self.place[id(v)])
            if self._is_forked(v):  # what begins here, without what comes back from other uses
                gradient = np.ones(v.shape) if self.picture.computed else None
            self._edge_of(self.place[id(v)], end, 0, gradient)

    def _node(self, node: Node) -> int:
        self.picture.nodes.append(node)
        return len(self.picture.nodes) - 1

    def _variable(self, i: int, v: Variable) -> None:
        """The node that makes a variable, the edges to it, and the branch after it."""
        if v.operation is None:
            text = shortened(v.name) or value_text(v.value)
            node = self._node(Node(INPUT, text, title=_title(v)))
        else:
            detail = shortened(options_text(v.operation, v.args, v.options))
            ordered = v.operation.__name__ not in COMMUTATIVE
            node = self._node(
                Node(OPERATION, shortened(book_name(v.operation)), detail, _title(v), ordered)
            )
            self._arguments(v, node, self.picture.gradients.get(i))
        self.picture.node_of.append(node)
        if self.uses[i] > 1:
            branch = self._node(Node(BRANCH, "", title=f"Branch: {self.uses[i]} uses"))
            self.picture.branch_of[i] = branch
            gradient = self.picture.gradients.get(i)
            self.picture.edges.append(
                Edge(node, branch, 0, self._value(v), _text(gradient))
            )  # fmt: skip

    def _arguments(self, v: Variable, node: int, arrived: np.ndarray | None) -> None:
        pullbacks: Pullbacks = ()
        if arrived is not None and any(self._is_forked(a) for a in v.args):
            pullbacks = pullbacks_of(v)
        for port, (i, a) in enumerate(operands(v)):
            if isinstance(a, Variable):
                gradient = self.picture.gradients.get(self.place[id(a)])
                if self._is_forked(a):  # what this use alone sends back
                    back = pullbacks[i] if arrived is not None else None
                    gradient = None if back is None else _sent(back, arrived, a)
                self._edge_of(self.place[id(a)], node, port, gradient)
            else:
                text = " ".join([argument_name(v, i), value_text(a)]).strip()
                constant = self._node(Node(CONSTANT, text, title=f"constant {text}"))
                self.picture.edges.append(Edge(constant, node, port))

    def _is_forked(self, a: Any) -> bool:
        return isinstance(a, Variable) and self.uses[self.place[id(a)]] > 1

    def _edge_of(self, i: int, target: int, port: int, gradient: Any) -> None:
        """An edge that carries a variable: from its branch where it has one."""
        v = self.picture.variables[i]
        branch = self.picture.branch_of.get(i)
        source = self.picture.node_of[i] if branch is None else branch
        value = self._value(v) if branch is None else value_text(v.value)
        self.picture.edges.append(Edge(source, target, port, value, _text(gradient)))

    def _value(self, v: Variable) -> str:
        """The text above an edge; a nameless input shows its value in its node."""
        if v.operation is None:
            return value_text(v.value) if v.name else ""
        named = v.name and id(v) not in self.ends
        return f"{shortened(v.name)}: {value_text(v.value)}" if named else value_text(v.value)


def _sent(back: Any, arrived: Any, a: Variable) -> Any:
    """The gradient that one use sends back; of an array only its shape will be shown."""
    return np.asarray(back(arrived)) if a.ndim == 0 else a.value


def _text(gradient: Any) -> str:
    return "" if gradient is None else value_text(gradient)


def _title(v: Variable) -> str:
    """Everything about a variable on one line, for the tooltip."""
    made = "given"
    if v.operation is not None:
        options = options_text(v.operation, v.args, v.options)
        made = f"{v.operation.__name__}({options})"
    return clean(f"{v.name + ': ' if v.name else ''}{made}, value {value_text(v.value)}, {v.dtype}")
