"""A net together with what prepares its raw examples, as seen by code that works on nets."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np

from mitbadak.data.preparation import Preparation
from mitbadak.nn.network import Sequential


@runtime_checkable
class PreparedNet(Protocol):
    """What ``mitbadak.load`` returns for a trained run: its x and t are raw.

    Training, evaluation and checks work on the net inside, on examples that it has prepared.
    """

    @property
    def net(self) -> Sequential:
        """The net inside, on prepared rows."""
        ...

    @property
    def preparation(self) -> Preparation:
        """How raw examples become rows."""
        ...

    def rows(self, x: Any) -> np.ndarray:
        """Raw examples as rows of the net inside."""
        ...

    def targets(self, t: Any) -> np.ndarray:
        """Raw labels as the net inside learns them."""
        ...

    def predict(self, x: Any) -> np.ndarray:
        """Answers for raw examples, in the units that targets came in."""
        ...

    def answers(self, outputs: np.ndarray) -> np.ndarray:
        """Predictions of the net inside as those of this one."""
        ...


def inner_net(subject: Sequential | PreparedNet) -> Sequential:
    """The net in what may be a loaded model.

    Example:
        >>> from mitbadak.nn import MLP
        >>> inner_net(MLP([2, 3], rng=0))
        MLP([2, 3])
    """
    return subject.net if isinstance(subject, PreparedNet) else subject
