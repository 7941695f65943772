"""What a rule yields, and how it becomes a finding."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from mitbadak.core.printing import clipped
from mitbadak.doctor.code.corrections import line_of
from mitbadak.doctor.code.source import Source
from mitbadak.doctor.findings import Finding

MOST_OF_A_LINE = 160  # characters


@dataclass(frozen=True)
class Hit:
    """A line that breaks a rule.

    Attributes:
        node: what is wrong; the finding points at its line.
        instead: the corrected line.
        number: a number that shows the fault, if there is one.
        facts: more for the words.
        severity, confidence: where they differ from those of the rule.
    """

    node: ast.AST
    instead: str
    number: Any = None
    facts: dict[str, Any] = field(default_factory=dict)
    severity: str = ""
    confidence: float = 0.0


def finding(source: Source, hit: Hit, code: str, severity: str, confidence: float) -> Finding:
    """The finding of a hit."""
    line = line_of(source, hit.node)
    evidence = {
        "line": clipped(line, MOST_OF_A_LINE),
        "instead": hit.instead,
        "number": hit.number,
        **hit.facts,
    }
    return Finding(
        code, hit.severity or severity, hit.confidence or confidence, evidence,
        source.place(getattr(hit.node, "lineno", 1)),
    )  # fmt: skip
