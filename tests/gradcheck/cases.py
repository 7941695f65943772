"""What a case of the checker's own tests consists of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mitbadak.gradcheck import GradientReport, check_gradients

Rng = np.random.Generator


@dataclass
class Case:
    """Something to check, and how."""

    label: str
    subject: Any
    args: tuple
    options: dict[str, Any] = field(default_factory=dict)

    def check(self) -> GradientReport:
        return check_gradients(self.subject, *self.args, **self.options)


@dataclass
class Planted(Case):
    """A fault, what it sits in, and the names of causes that are right for it."""

    causes: tuple[str, ...] = ()


def pick(rng: Rng, choices) -> Any:
    return choices[int(rng.integers(len(choices)))]
