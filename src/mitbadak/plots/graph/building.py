"""From variables to a picture: one node per operation, input and constant, with their edges."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from mitbadak.core.errors import DtypeError, RangeError, ShapeError, StateError, UnknownNameError
from mitbadak.functions.differentiable import Pullbacks, value_of
from mitbadak.graph import Variable, in_order
from mitbadak.graph.sweep import reverse_sweep
from mitbadak.plots.graph.labels import clean, shortened, value_text
from mitbadak.plots.graph.notation import (
    COMMUTATIVE,
    argument_name,
    book_name,
    operands,
    options_text,
)
from mitbadak.plots.graph.picture import (
    BRANCH,
    CONSTANT,
    INPUT,
    OPERATION,
    OUTPUT,
    Edge,
    Node,
    Picture,
)


def picture_of(owner: str, y: Any, gradients: Any) -> Picture:
    """The picture of the graph of some variables.

    Args:
        owner: the calling function, for messages.
        y: a variable or a list of them.
        gradients: "auto" (those that ``backward`` left), True (computed here) or False.

    Raises:
        DtypeError: y is not a variable.
        RangeError: the list is empty.
        UnknownNameError: gradients has another value.
        ShapeError: gradients of a result that is not a scalar were asked for.
        StateError: gradients were asked for, but ``backward`` has freed the graph.
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
    if not (isinstance(gradients, bool) or (isinstance(gradients, str) and gradients == "auto")):
        raise UnknownNameError(
            f"{owner}: gradients must be 'auto', True or False; got {gradients!r}."
        )
    variables = in_order(outputs)
    by_position: dict[int, Any] = {}
    if gradients is True:
        by_position = _computed_gradients(owner, outputs, variables)
    elif gradients == "auto" and any(v.grad is not None for v in outputs):
        # Without a gradient at an output, those further back belong to another result.
        by_position = {i: v.grad for i, v in enumerate(variables) if v.grad is not None}
    arrays = {i: np.asarray(value_of(gradient)) for i, gradient in by_position.items()}
    picture = Picture(variables, outputs, arrays, computed=gradients is True)
    with np.errstate(all="ignore"):
        _Builder(picture).build()
    return picture


def _computed_gradients(
    owner: str, outputs: list[Variable], variables: list[Variable]
) -> dict[int, Any]:
    """Gradients of the outputs by the position of each variable that has one."""
    for v in outputs:
        if v.size != 1:
            raise ShapeError(
                f"{owner}: gradients=True expects scalars; got {v!r}. Draw its sum, or call "
                "backward(dy) on it first and draw with gradients='auto'."
            )
    position = {id(v): i for i, v in enumerate(variables)}
    sweep = reverse_sweep(variables, [(y, None) for y in outputs], Variable.pullbacks)
    try:
        return {position[id(v)]: gradient for v, gradient in sweep if gradient is not None}
    except StateError as error:
        raise StateError(
            f"{owner}: {error} gradients='auto' shows those that backward has left in .grad."
        ) from None


def pullbacks_of(v: Variable) -> Pullbacks:
    """A variable's pullbacks, computed again where ``backward`` has freed them."""
    try:
        return v.pullbacks()
    except StateError:
        if v.operation is None:
            return ()
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # already issued by the first computation
            return v.operation.vjp(*map(value_of, v.args), **v.options)[1]


class _Builder:
    """Fills a picture, variable by variable."""

    def __init__(self, picture: Picture):
        self.picture = picture
        self.position = {id(v): i for i, v in enumerate(picture.variables)}
        self.uses = [0] * len(picture.variables)
        self.output_ids = set(map(id, picture.outputs))

    def build(self) -> None:
        for v in self.picture.variables:
            for a in v.args:
                if isinstance(a, Variable):
                    self.uses[self.position[id(a)]] += 1
        for v in self.picture.outputs:
            self.uses[self.position[id(v)]] += 1
        for i, v in enumerate(self.picture.variables):
            self._add_variable(i, v)
        for v in self.picture.outputs:
            text = shortened(v.name) if v.operation is not None else ""
            end = self._add_node(Node(OUTPUT, text, title=clean(v.name) or "result"))
            gradient = self.picture.gradients.get(self.position[id(v)])
            if self._is_branched(v):  # only what starts here, not what other uses send back
                gradient = np.ones(v.shape) if self.picture.computed else None
            self._add_edge(self.position[id(v)], end, 0, gradient)

    def _add_node(self, node: Node) -> int:
        self.picture.nodes.append(node)
        return len(self.picture.nodes) - 1

    def _add_variable(self, i: int, v: Variable) -> None:
        """Add the node that produces a variable, the edges into it, and the branch after it."""
        gradient = self.picture.gradients.get(i)
        if v.operation is None:
            text = shortened(v.name) or value_text(v.value)
            node = self._add_node(Node(INPUT, text, title=_title(v)))
        else:
            detail = shortened(options_text(v.operation, v.args, v.options))
            ordered = v.operation.__name__ not in COMMUTATIVE
            text = shortened(book_name(v.operation))
            node = self._add_node(Node(OPERATION, text, detail, _title(v), ordered))
            self._add_arguments(v, node, gradient)
        self.picture.node_of.append(node)
        if self.uses[i] > 1:
            branch = self._add_node(Node(BRANCH, "", title=f"Branch: {self.uses[i]} uses"))
            self.picture.branch_of[i] = branch
            self.picture.edges.append(
                Edge(node, branch, 0, self._value_label(v), _gradient_label(gradient))
            )

    def _add_arguments(self, v: Variable, node: int, dy: np.ndarray | None) -> None:
        pullbacks: Pullbacks = ()
        if dy is not None and any(self._is_branched(a) for a in v.args):
            pullbacks = pullbacks_of(v)
        for port, (i, a) in enumerate(operands(v)):
            if isinstance(a, Variable):
                gradient = self.picture.gradients.get(self.position[id(a)])
                if self._is_branched(a):  # only what this use sends back
                    pullback = pullbacks[i] if dy is not None else None
                    gradient = None if pullback is None else _sent_back(pullback, dy, a)
                self._add_edge(self.position[id(a)], node, port, gradient)
            else:
                text = " ".join([argument_name(v, i), value_text(a)]).strip()
                constant = self._add_node(Node(CONSTANT, text, title=f"constant {text}"))
                self.picture.edges.append(Edge(constant, node, port))

    def _is_branched(self, a: Any) -> bool:
        return isinstance(a, Variable) and self.uses[self.position[id(a)]] > 1

    def _add_edge(self, i: int, target: int, port: int, gradient: Any) -> None:
        """Add an edge that carries a variable, from its branch if it has one."""
        v = self.picture.variables[i]
        branch = self.picture.branch_of.get(i)
        source = self.picture.node_of[i] if branch is None else branch
        value = self._value_label(v) if branch is None else value_text(v.value)
        self.picture.edges.append(Edge(source, target, port, value, _gradient_label(gradient)))

    def _value_label(self, v: Variable) -> str:
        """The text above an edge; an input without a name has its value in its node."""
        if v.operation is None:
            return value_text(v.value) if v.name else ""
        named = v.name and id(v) not in self.output_ids
        return f"{shortened(v.name)}: {value_text(v.value)}" if named else value_text(v.value)


def _sent_back(pullback: Any, dy: Any, a: Variable) -> Any:
    """The gradient that one use sends back; of an array only the shape is shown."""
    return np.asarray(pullback(dy)) if a.ndim == 0 else a.value


def _gradient_label(gradient: Any) -> str:
    return "" if gradient is None else value_text(gradient)


def _title(v: Variable) -> str:
    """All about a variable on one line, for the tooltip."""
    source = "given"
    if v.operation is not None:
        options = options_text(v.operation, v.args, v.options)
        source = f"{v.operation.__name__}({options})"
    name = f"{v.name}: " if v.name else ""
    return clean(f"{name}{source}, value {value_text(v.value)}, {v.dtype}")
