"""Optimizers: update rules that change parameters in place, given as dicts or as lists.

Rules, learning rate schedules, penalties and clipping are values that compose:
``Chain(L2(1e-4), ClipNorm(1.0), Adam(WarmUp(Cosine(0.001, 9000), 500)))``.
"""

from __future__ import annotations

from mitbadak.core.elsewhere import names_of as _names_of
from mitbadak.optim.base import Optimizer
from mitbadak.optim.composition import Chain, Composition, Groups
from mitbadak.optim.names import (
    COMPOSITIONS,
    OPTIMIZERS,
    PLAIN_SCHEDULES,
    as_optimizer,
    build_optimizer,
    optimizer,
    plain_schedule,
)
from mitbadak.optim.rules import SGD, AdaGrad, Adam, AdamW, Lion, Momentum, Nesterov, RMSProp
from mitbadak.optim.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    Exponential,
    OneCycle,
    Rate,
    Schedule,
    StepDecay,
    WarmUp,
    schedule,
)
from mitbadak.optim.transforms import (
    L1,
    L2,
    TRANSFORMS,
    ClipNorm,
    ClipValue,
    Penalty,
    Transform,
    global_norm,
)

__all__ = [
    "COMPOSITIONS",
    "L1",
    "L2",
    "OPTIMIZERS",
    "PLAIN_SCHEDULES",
    "SCHEDULES",
    "SGD",
    "TRANSFORMS",
    "AdaGrad",
    "Adam",
    "AdamW",
    "Chain",
    "ClipNorm",
    "ClipValue",
    "Composition",
    "Constant",
    "Cosine",
    "Exponential",
    "Groups",
    "Lion",
    "Momentum",
    "Nesterov",
    "OneCycle",
    "Optimizer",
    "Penalty",
    "RMSProp",
    "Rate",
    "Schedule",
    "StepDecay",
    "Transform",
    "WarmUp",
    "as_optimizer",
    "build_optimizer",
    "global_norm",
    "optimizer",
    "plain_schedule",
    "schedule",
]

__getattr__ = _names_of(__name__, lambda: __all__)
