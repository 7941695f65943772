"""Optimizers in every kind of composition, for the tests of these and of checkpoints."""

from __future__ import annotations

from collections.abc import Callable

from mitbadak.optim import (
    L1,
    L2,
    SGD,
    AdaGrad,
    Adam,
    AdamW,
    Chain,
    ClipNorm,
    ClipValue,
    Cosine,
    Groups,
    Lion,
    Momentum,
    Nesterov,
    Optimizer,
    RMSProp,
    StepDecay,
    WarmUp,
)

COMPOSITIONS: dict[str, Callable[[], Optimizer]] = {
    "chain": lambda: Chain(L2(0.01), L1(0.001), ClipValue(5.0), ClipNorm(1.0), Adam(0.1)),
    "chain of a rule alone": lambda: Chain(Momentum(0.1)),
    "chain in a chain": lambda: Chain(ClipNorm(1.0), Chain(L2(0.01), RMSProp(0.1))),
    "chain with a schedule": lambda: Chain(L2(0.01), Adam(WarmUp(Cosine(0.1, 30), 3))),
    "groups": lambda: Groups({"b*": SGD(0.1), "*": Adam(0.01)}),
    "groups of one kind": lambda: Groups({"W1": AdamW(0.01), "*": AdamW(0.1)}),
    "groups with slots of one name": lambda: Groups({"b*": RMSProp(0.1), "*": Adam(0.1)}),
    "groups with chains": lambda: Groups(
        {"W?": Chain(L2(0.01), ClipNorm(1.0), Lion(StepDecay(0.1, 2))), "*": Nesterov(0.1)}
    ),
    "groups in a chain": lambda: Chain(
        L2(0.01), ClipNorm(1.0), Groups({"b*": AdaGrad(0.1), "W1": SGD(0.1), "*": Momentum(0.1)})
    ),
    "groups in groups": lambda: Groups(
        {"?1": Groups({"W*": Adam(0.1), "*": Momentum(0.1)}), "*": Adam(0.2)}
    ),
}
