"""A picture in the languages of other programs: DOT (Graphviz) and Mermaid."""

from __future__ import annotations

from html import escape

from mitbadak.plots.graph.picture import (
    BRANCH,
    CONSTANT,
    INPUT,
    OPERATION,
    OUTPUT,
    Node,
    Picture,
)
from mitbadak.plots.graph.theme import LIGHT

_NEEDS_CODE = set('"#&;<>`\\{}|')  # these have a meaning in Mermaid


def dot_of(picture: Picture, direction: str = "right") -> str:
    """The picture in Graphviz's DOT language."""
    lines = [
        "digraph {",
        f"  rankdir={'LR' if direction == 'right' else 'TB'};",
        '  node [fontname="sans-serif", fontsize=13]; edge [fontname="sans-serif", fontsize=11];',
    ]
    lines += [f"  n{i} [{_dot_node(node)}];" for i, node in enumerate(picture.nodes)]
    for e in picture.edges:
        texts = [
            f'<font color="{LIGHT[kind]}">{escape(text)}</font>'
            for kind, text in (("value", e.value), ("gradient", e.gradient)) if text
        ]  # fmt: skip
        attributes = [f"label=<{'<br/>'.join(texts)}>"] if texts else []
        if picture.nodes[e.target].kind == BRANCH:
            attributes.append("arrowhead=none")
        suffix = f" [{', '.join(attributes)}]" if attributes else ""
        lines.append(f"  n{e.source} -> n{e.target}{suffix};")
    return "\n".join([*lines, "}\n"])


def _dot_node(node: Node) -> str:
    if node.kind == BRANCH:
        return 'shape=point, width=0.08, label=""'
    detail = f'<br/><font point-size="9.5">{escape(node.detail)}</font>' if node.detail else ""
    label = f"label=<{escape(node.text)}{detail}>" if node.text else 'label=""'
    shape = {
        OPERATION: "shape=circle" if node.is_round else "shape=box, style=rounded",
        INPUT: "shape=box, style=rounded, color=gray50",
        CONSTANT: "shape=plaintext, fontsize=10, fontcolor=gray40",
        OUTPUT: "shape=plaintext",
    }[node.kind]
    return f"{shape}, {label}"


def mermaid_of(picture: Picture, direction: str = "right") -> str:
    """The picture in the Mermaid language, which GitHub and GitLab draw in Markdown."""
    lines = [f"flowchart {'LR' if direction == 'right' else 'TB'}"]
    for i, node in enumerate(picture.nodes):
        text = _mermaid(node.text) + (f"<br/>{_mermaid(node.detail)}" if node.detail else "")
        opening, closing = {
            OPERATION: ('(("', '"))') if node.is_round else ('("', '")'),
            INPUT: ('(["', '"])'),
            CONSTANT: ('["', '"]'),
            BRANCH: ('(("', '"))'),
            OUTPUT: ('["', '"]'),
        }[node.kind]
        style = ":::" + node.kind if node.kind in (CONSTANT, BRANCH, OUTPUT) else ""
        lines.append(f"  n{i}{opening}{text or ' '}{closing}{style}")
    for e in picture.edges:
        texts = [_mermaid(e.value)] * bool(e.value)
        texts += [f"grad {_mermaid(e.gradient)}"] * bool(e.gradient)
        label = f'|"{"<br/>".join(texts)}"|' if texts else ""
        arrow = "---" if picture.nodes[e.target].kind == BRANCH else "-->"
        lines.append(f"  n{e.source} {arrow}{label} n{e.target}")
    lines.append("  classDef constant stroke:none,fill:none,color:#888")
    lines.append("  classDef output stroke:none,fill:none")
    lines.append("  classDef branch fill:#888,stroke:#888")
    return "\n".join(lines) + "\n"


def _mermaid(text: str) -> str:
    """Text for use in quotes, with Mermaid's special characters as codes."""
    return "".join(f"#{ord(c)};" if c in _NEEDS_CODE else c for c in text)
