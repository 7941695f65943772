"""What the doctor keeps of a training so that it can be tried from its start."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mitbadak.core.errors import DtypeError
from mitbadak.doctor.signals import Signals
from mitbadak.doctor.trials.fork import Batch, Fork
from mitbadak.doctor.update_rule import common_rule
from mitbadak.optim import SGD, Adam, Momentum, Optimizer

BATCHES = 20  # that are kept
ENTRIES = 5_000_000  # of them, and of the net
EARLY = 4  # steps that tell the rule
ADAPTIVE = 0.05  # a learning rate up to here may be Adam's


@dataclass
class Kept:
    """The net at its start, and examples.

    Attributes:
        net: a copy of the net; None where there is none, or it is too large, or cannot be copied.
        rule: how it is updated; None until the steps tell.
        batches: the first ones.
        spoiled: whether the copy was made after the first update.
    """

    net: Any = None
    rule: Optimizer | None = None
    batches: list[Batch] = field(default_factory=list)
    spoiled: bool = False

    def keep_net(self, net: Any, *, spoiled: bool) -> None:
        """Copy a net that can be trained.

        Raises:
            DtypeError: it lacks ``params`` by name, ``gradient`` or ``loss``.
        """
        check_net(net)
        if sum(np.size(net.params[name]) for name in net.params) > ENTRIES:
            return
        try:
            self.net, self.spoiled = copy.deepcopy(net), spoiled
        except Exception:  # a learner's own class may hold what cannot be copied
            self.net = None

    def keep_batch(self, x: np.ndarray | None, t: np.ndarray | None) -> None:
        if x is None or t is None or len(self.batches) >= BATCHES:
            return
        if x.size * (1 + len(self.batches)) <= ENTRIES:
            self.batches.append((x, t))

    def fork(self, signals: Sequence[Signals]) -> Fork | None:
        """The training from its start; None where too little is known."""
        rule = self.rule or rule_of(signals)
        if self.net is None or not self.batches or rule is None:
            return None
        return Fork(self.net, rule, tuple(self.batches), spoiled=self.spoiled)


def check_net(net: Any) -> None:
    """Refuse what cannot be trained.

    Raises:
        DtypeError: it lacks ``params`` by name, ``gradient`` or ``loss``.
    """
    missing = [name for name in ("params", "gradient", "loss") if not hasattr(net, name)]
    lacks = f"has no {' and no '.join(missing)}"
    if not missing and not hasattr(net.params, "keys"):
        missing, lacks = ["params"], f"has params as {type(net.params).__name__}"
    if missing:
        raise DtypeError(
            "observe expects net with params (arrays by name), gradient(x, t) and loss(x, t); "
            f"{type(net).__name__} {lacks}."
        )


def rule_of(signals: Sequence[Signals]) -> Optimizer | None:
    """The update rule that the steps follow, or should have followed, by their learning rate."""
    fits = [s.rule for s in signals if s.rule is not None][:EARLY]
    rule = common_rule(fits)
    given = [s.lr for s in signals if s.lr is not None]
    mine = [f for f in fits if f.rule == rule]
    lr = given[0] if given else -float(np.median([f.factor for f in mine])) if mine else 0.0
    if rule == "constant" and not given:  # lr was added to the gradient
        lr = -float(np.median([f.other for f in mine]))
    if not np.isfinite(lr) or lr == 0:
        return None
    if rule == "momentum":
        return Momentum(abs(lr), min(0.99, max(0.0, float(np.median([f.other for f in mine])))))
    if rule == "" and fits and abs(lr) <= ADAPTIVE:
        return Adam(abs(lr))
    return SGD(abs(lr))
