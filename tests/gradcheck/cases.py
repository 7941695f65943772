"""The cases of the checker's own tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mitbadak.gradcheck import GradientReport, check_gradients

Rng = np.random.Generator


@dataclass
class Case:
    """A subject to check, and the arguments and options of the check."""

    label: str
    subject: Any
    args: tuple
    options: dict[str, Any] = field(default_factory=dict)

    def check(self) -> GradientReport:
        return check_gradients(self.subject, *self.args, **self.options)


@dataclass
class Planted(Case):
    """A case with a fault, and the names of the causes that the report may give."""

    causes: tuple[str, ...] = ()


def pick(rng: Rng, choices) -> Any:
    return choices[int(rng.integers(len(choices)))]
