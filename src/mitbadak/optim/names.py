"""Optimizers by name, and compositions of them from plain settings."""

from __future__ import annotations

from typing import Any

from mitbadak.core.arguments import explained, refuse_a_class
from mitbadak.core.errors import DtypeError, RangeError, brief, not_negative, unknown_name, whole
from mitbadak.optim.base import Optimizer
from mitbadak.optim.composition import Chain, Groups
from mitbadak.optim.rules import SGD, AdaGrad, Adam, AdamW, Lion, Momentum, Nesterov, RMSProp
from mitbadak.optim.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    Exponential,
    OneCycle,
    Schedule,
    StepDecay,
    WarmUp,
)
from mitbadak.optim.transforms import L1, L2, TRANSFORMS, ClipNorm, Transform

OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD, "momentum": Momentum, "adam": Adam, "nesterov": Nesterov, "adagrad": AdaGrad,
    "rmsprop": RMSProp, "adamw": AdamW, "lion": Lion,
}  # fmt: skip
COMPOSITIONS: dict[str, type[Optimizer]] = {"chain": Chain, "groups": Groups}

FINAL_SHARE = 0.01
"""The exponential schedule ends at this fraction of the learning rate, as does the step schedule,
after two divisions by ten."""


def optimizer(name: str, **settings: Any) -> Optimizer:
    """An optimizer by name, or from its ``config()``, compositions included.

    Raises:
        UnknownNameError: there is no such optimizer; the message suggests the closest name.

    Example:
        >>> optimizer("momentum", lr=0.1)
        Momentum(lr=0.1, momentum=0.9)
        >>> config = Chain(L2(0.01), SGD(0.1)).config()
        >>> config
        {'name': 'chain',
         'parts': [{'name': 'l2', 'strength': 0.01, 'names': 'W*'}, {'name': 'sgd', 'lr': 0.1}]}
        >>> optimizer(**config)
        Chain(L2(strength=0.01, names='W*'), SGD(lr=0.1))
    """
    if name == "chain":
        return Chain(*(_part(**part) for part in settings["parts"]))
    if name == "groups":
        return Groups({pattern: optimizer(**rule) for pattern, rule in settings["rules"]})
    if name not in OPTIMIZERS:
        raise unknown_name("optimizer", name, OPTIMIZERS)
    return OPTIMIZERS[name](**settings)


def as_optimizer(owner: str, which: Any, lr: Any = None) -> Optimizer:
    """An optimizer by name, or as given.

    Args:
        owner: who takes it, for messages.
        which: an optimizer, a name, or None for ``SGD``.
        lr: learning rate of one by name; None for its default.

    Raises:
        UnknownNameError: there is no such optimizer; the message suggests the closest name.
        DtypeError: it is something else, such as a class.
        RangeError: lr is out of range, or given beside an optimizer that has its own.

    Example:
        >>> as_optimizer("fit", "adam", 0.01), as_optimizer("fit", None)
        (Adam(lr=0.01, beta1=0.9, beta2=0.999, eps=1e-08), SGD(lr=0.1))
    """
    if which is None or isinstance(which, str):
        return optimizer("sgd" if which is None else which, **({} if lr is None else {"lr": lr}))
    _refuse_other_rules(owner, which)
    refuse_a_class(owner, which, "an optimizer or its name", "mb.Adam(0.001) or 'adam'")
    if not isinstance(which, Optimizer):
        raise DtypeError(
            f"{owner} expects an optimizer or its name, such as mb.Adam(0.001) or 'adam'; got "
            f"{brief(which)}."
        )
    if lr is not None:
        raise RangeError(
            f"{owner}: {which!r} has its own learning rate; got lr={brief(lr)} besides. Leave one "
            f"out, such as {type(which).__name__}({brief(lr)})."
        )
    return which


def _refuse_other_rules(owner: str, which: Any) -> None:
    """Refuse an optimizer of another library, or its class, with how one is written here.

    Raises:
        DtypeError: it has a ``step`` or an ``update``, and is not derived from ``Optimizer``.
    """
    kind = which if isinstance(which, type) else type(which)
    if issubclass(kind, Optimizer):
        return
    if any(callable(getattr(kind, name, None)) for name in ("step", "update")):
        raise DtypeError(
            f"{owner} expects an optimizer that is derived from mb.Optimizer; {kind.__name__} is "
            f"not. Write class {kind.__name__}(mb.Optimizer) with def decrement(self, key, "
            "gradient, lr), which returns what is subtracted."
        )


@explained
def build_optimizer(
    name: str,
    lr: float,
    *,
    schedule: str = "constant",
    warmup: int = 0,
    l2: float = 0.0,
    l1: float = 0.0,
    clip_norm: float = 0.0,
    updates: int | None = None,
) -> Optimizer:
    """The optimizer that plain settings (flags, a form, a sweep) describe.

    Without further settings this is the plain rule, otherwise a ``Chain``: penalties on weights,
    then clipping of the norm, then the rule.

    Args:
        name: name of the rule.
        lr: its learning rate; with a schedule, the highest.
        schedule: ``constant``; ``step`` (divided by ten after each third of the updates);
            ``exponential`` (down to a hundredth); ``cosine`` (down to 0); ``onecycle`` (up and
            down, with its own warm-up).
        warmup: number of updates of linear warm-up before the schedule starts.
        l2, l1: strengths of penalties on weights; 0 for none.
        clip_norm: limit of the global norm of the gradients; 0 for none.
        updates: number of updates in the whole training, epochs times batches per epoch; every
            schedule but ``constant`` needs it.

    Raises:
        UnknownNameError: the rule or schedule is unknown.
        RangeError: a number is out of range, or ``updates`` is needed and missing.

    Example:
        >>> build_optimizer("sgd", 0.1, schedule="cosine", l2=0.001, updates=600)
        Chain(L2(strength=0.001, names='W*'), SGD(lr=Cosine(lr=0.1, updates=600, least=0.0)))
        >>> build_optimizer("adam", 0.001)
        Adam(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-08)
    """
    rule = optimizer(name, lr=plain_schedule(schedule, lr, warmup=warmup, updates=updates))
    options = (("l2", l2, L2), ("l1", l1, L1), ("clip_norm", clip_norm, ClipNorm))
    checked = [(not_negative("build_optimizer", key, n), make) for key, n, make in options]
    transforms = [make(number) for number, make in checked if number]
    return Chain(*transforms, rule) if transforms else rule


PLAIN_SCHEDULES = tuple(name for name in SCHEDULES if name != "warmup")
"""The schedules that ``plain_schedule`` knows by name; warm-up is its number ``warmup``."""


def plain_schedule(
    name: str, lr: float, *, warmup: int = 0, updates: int | None = None
) -> Schedule:
    """A schedule from its name, the highest learning rate and the length of the training.

    Args:
        name, lr, warmup, updates: as for ``build_optimizer``.

    Raises:
        UnknownNameError, RangeError: as for ``build_optimizer``.

    Example:
        >>> plain_schedule("cosine", 0.1, warmup=10, updates=100)
        WarmUp(after=Cosine(lr=0.1, updates=90, least=0.0), updates=10)
    """
    if name not in PLAIN_SCHEDULES:
        raise unknown_name("schedule", name, PLAIN_SCHEDULES)
    warmup = whole("build_optimizer", "warmup", warmup, least=0)
    if name == "onecycle" and warmup:
        raise RangeError(
            f"build_optimizer: onecycle has its own warm-up; got warmup {warmup}. Leave one out."
        )
    if name == "constant":
        return WarmUp(Constant(lr), warmup) if warmup else Constant(lr)
    if updates is None:
        raise RangeError(
            f"build_optimizer: the schedule {name!r} needs updates, the length of the training; "
            "got none. Give epochs times batches per epoch."
        )
    rest = whole("build_optimizer", "updates", updates) - warmup
    if rest < 1:
        raise RangeError(
            f"build_optimizer: warmup must be shorter than the training's {updates} updates; got "
            f"{warmup}."
        )
    schedules: dict[str, Schedule] = {
        "step": StepDecay(lr, every=max(1, -(-rest // 3))),
        "exponential": Exponential(lr, FINAL_SHARE ** (1 / rest)),
        "cosine": Cosine(lr, rest),
        "onecycle": OneCycle(lr, max(2, rest)),
    }
    return WarmUp(schedules[name], warmup) if warmup else schedules[name]


def _part(name: str, **settings: Any) -> Transform | Optimizer:
    if name in TRANSFORMS:
        return TRANSFORMS[name](**settings)
    if name not in OPTIMIZERS and name not in COMPOSITIONS:
        raise unknown_name("part of a chain", name, [*TRANSFORMS, *OPTIMIZERS, *COMPOSITIONS])
    return optimizer(name, **settings)
