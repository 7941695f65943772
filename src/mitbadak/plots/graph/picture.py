"""A picture of a graph before it is drawn: nodes, and edges with their texts."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mitbadak.graph import Variable
from mitbadak.plots.graph.labels import shortened

OPERATION, INPUT, CONSTANT, BRANCH, OUTPUT = "operation", "input", "constant", "branch", "output"


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a picture.

    Attributes:
        kind: ``operation``, ``input`` (a variable created by the user), ``constant``, ``branch``
            (where a variable is used several times) or ``output`` (the end of a last edge).
        text, detail: its label, and a smaller line below it.
        title: the tooltip.
        ordered: the order of its arguments matters.
    """

    kind: str
    text: str
    detail: str = ""
    title: str = ""
    ordered: bool = False

    @property
    def is_round(self) -> bool:
        """Whether it is drawn as a circle, as arithmetic is in the book."""
        return self.kind == OPERATION and not self.detail and len(self.text) == 1


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge from one node to argument ``port`` (counted from 0) of another, with its texts."""

    source: int
    target: int
    port: int = 0
    value: str = ""
    gradient: str = ""


@dataclass(slots=True)
class Picture:
    """Nodes and edges, and the variables that they stand for.

    Attributes:
        variables, outputs: all variables in the order of computation, and the last ones.
        gradients: by the position of a variable, where it has one.
        computed: the gradients belong to the outputs and to nothing else.
        nodes, edges: what is drawn; edges refer to nodes by position.
        node_of, branch_of: the node of a variable and its branch, by the variable's position.
    """

    variables: list[Variable]
    outputs: list[Variable]
    gradients: dict[int, np.ndarray]
    computed: bool = False
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    node_of: list[int] = field(default_factory=list)
    branch_of: dict[int, int] = field(default_factory=dict)

    def edges_from(self, node: int) -> list[int]:
        """Positions of the edges that leave a node."""
        return [i for i, e in enumerate(self.edges) if e.source == node]

    def edges_to(self, node: int) -> list[int]:
        """Positions of the edges that enter a node, by argument."""
        return [i for i, e in enumerate(self.edges) if e.target == node]

    def title(self) -> str:
        """The picture in one line, with the names of its outputs."""
        names = ", ".join(shortened(v.name) for v in self.outputs if v.name)
        return "Computational graph" + (f" of {names}" if names else "")

    def description(self) -> str:
        """The picture in words for screen readers: each operation with its inputs and result."""
        sentences = []
        for i in self.node_of:
            node = self.nodes[i]
            if node.kind != OPERATION:
                continue
            inputs = [self._source_text(self.edges[k]) for k in self.edges_to(i)]
            out = self.edges[self.edges_from(i)[0]]
            gradient = f", gradient {out.gradient}" if out.gradient else ""
            sentences.append(f"{node.text} of {' and '.join(inputs)} gives {out.value}{gradient}.")
        operations = sum(n.kind == OPERATION for n in self.nodes)
        inputs = sum(n.kind == INPUT for n in self.nodes)
        counts = (f"{operations} operation{'s' * (operations != 1)}, "
                  f"{inputs} input{'s' * (inputs != 1)}.")  # fmt: skip
        return " ".join([counts, *sentences])

    def _source_text(self, edge: Edge) -> str:
        node = self.nodes[edge.source]
        if node.kind == BRANCH:
            (trunk,) = self.edges_to(edge.source)
            node = self.nodes[self.edges[trunk].source]
        return f"{node.text} {edge.value}".strip()
