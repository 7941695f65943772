"""An optimizer as a list of changes that kernels apply, and its rates step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from mitbadak import optim
from mitbadak.native.structs import CONSTANTS as C, Change
from mitbadak.native.support import RULE_CODES, RULE_SETTINGS, TRANSFORM_CODES
from mitbadak.optim import Optimizer
from mitbadak.optim.schedules import Constant
from mitbadak.optim.transforms import matching

RATES = C["RATES"]  # numbers per rule and step
Span = tuple[int, int]


class FlatOptimizer:
    """What an optimizer does to the flat arrays.

    Args:
        optimizer: one that has kernels.
        spans: where each parameter lies.

    Attributes:
        array: the changes, in order.
        rules: the plain rules behind it.
        fused: whether it is plain SGD, whose update kernels add to the weights at once.
    """

    def __init__(self, optimizer: Optimizer, spans: Mapping[str, Span]):
        self.spans = spans
        self.rules: list[Any] = []
        changes = list(self._changes(optimizer, list(spans)))
        self.array = (Change * len(changes))(*changes)
        self.fused = type(optimizer) is optim.SGD
        self.refresh()
        self.constant: tuple[float, np.ndarray] | None = None  # plain SGD's last rate, as a table

    def _changes(self, optimizer: Any, names: list[str]) -> Iterator[Any]:
        if type(optimizer) is optim.Chain:
            for transform in optimizer.transforms:
                pattern = getattr(transform, "names", "*")
                chosen = matching(type(transform).__name__, pattern, names)
                strength = getattr(transform, "strength", getattr(transform, "limit", 0.0))
                for first, last in self._joined([n for n in names if n in chosen]):
                    yield Change(kind=TRANSFORM_CODES[type(transform)], first=first, last=last,
                                 strength=strength)  # fmt: skip
            yield from self._changes(optimizer.rule, names)
        elif type(optimizer) is optim.Groups:
            for rule, keys in optimizer.split(names):
                yield from self._changes(rule, keys)
        else:
            number = len(self.rules)
            self.rules.append(optimizer)
            for first, last in self._joined(names):
                yield Change(kind=C["RULE"], rule=RULE_CODES[type(optimizer)], first=first,
                             last=last, rate=RATES * number)  # fmt: skip

    def refresh(self) -> None:
        """Read the rules' settings, which callbacks may change; ``rates`` reads what else may."""
        for change in self.array:
            if change.kind == C["RULE"]:
                rule = self.rules[change.rate // RATES]
                values = [getattr(rule, s) if s else 0.0 for s in RULE_SETTINGS[type(rule)]]
                change.decay, change.second_decay, change.epsilon = values

    def _joined(self, names: list[str]) -> list[Span]:
        """Their spans in the flat arrays, with neighbors joined."""
        joined: list[Span] = []
        for first, last in sorted(self.spans[name] for name in names):
            if joined and joined[-1][1] == first:
                joined[-1] = joined[-1][0], last
            else:
                joined.append((first, last))
        return joined

    def rates(self, count: int) -> np.ndarray:
        """The rates of the next ``count`` updates, shape (at least count, RATES * rules)."""
        if self.fused and isinstance(self.rules[0].schedule, Constant):
            return self._of_plain_descent(count, self.rules[0].lr)
        table = np.zeros((count, len(self.rules), RATES))
        for number, rule in enumerate(self.rules):
            lr = table[:, number, C["RATE"]]
            done = np.arange(rule.steps + 1, rule.steps + count + 1)
            if isinstance(rule.schedule, Constant):
                lr[:] = rule.lr
            else:
                lr[:] = [rule.schedule(int(k) - 1) for k in done]
            if isinstance(rule, optim.Adam):
                table[:, number, C["BIAS"]] = 1 - rule.beta1**done
                table[:, number, C["ROOT"]] = np.sqrt(1 - rule.beta2**done)
            table[:, number, C["SHRINK"]] = lr * getattr(rule, "weight_decay", 0.0)
        return table.reshape(count, -1)

    def _of_plain_descent(self, count: int, lr: float) -> np.ndarray:
        """The table for a constant learning rate, which is the same in every call."""
        if self.constant is None or self.constant[0] != lr or len(self.constant[1]) < count:
            table = np.zeros((2 * count, RATES))
            table[:, C["RATE"]] = lr
            self.constant = lr, table
        return self.constant[1]

    def count(self, steps: int) -> None:
        """Count completed updates."""
        for rule in self.rules:
            rule.steps += steps
