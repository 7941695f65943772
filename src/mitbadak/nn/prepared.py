"""A net together with what prepares its raw examples, as seen by code that works on nets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np

from mitbadak.core.arguments import refuse_a_class
from mitbadak.core.errors import DtypeError, brief
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


def check_net(subject: Any, owner: str = "fit") -> None:
    """Refuse what is no net, with the line that makes or trains one.

    Args:
        subject: what was given.
        owner: who takes it, for messages.

    Raises:
        DtypeError: a class, a net as the book has it, or something else.

    Example:
        >>> check_net([784, 50, 10])
        Traceback (most recent call last):
            ...
        mitbadak.core.errors.DtypeError: fit expects a net, such as mb.MLP([784, 50, 10]); got [784,
        50, 10].
    """
    if isinstance(subject, (Sequential, PreparedNet)):
        return
    refuse_a_class(owner, subject, "a net", "mb.MLP([784, 50, 10])")
    if isinstance(getattr(subject, "net", None), (Sequential, PreparedNet)):
        kind = type(subject).__name__
        raise DtypeError(
            f"{owner} expects a net; a {kind} holds one. In Mitbadak: {kind.lower()}.net."
        )
    if isinstance(subject, Mapping):
        raise DtypeError(
            f"{owner} expects a net, such as mb.MLP([784, 50, 10]); got a dict of arrays. "
            "In Mitbadak: np.savez('weights.npz', **weights), and mb.load_weights(net, "
            "'weights.npz')."
        )
    if callable(getattr(subject, "gradient", None)) and hasattr(subject, "params"):
        raise DtypeError(
            f"{owner} expects a net of Mitbadak; {type(subject).__name__} has params and gradient, "
            "as the book's nets do. Its loop is: for x, t in batches: optimizer.update(net.params, "
            "net.gradient(x, t)), with optimizer = mb.SGD(0.1). mb.MLP([784, 50, 10]) is the same "
            "net for fit."
        )
    raise DtypeError(f"{owner} expects a net, such as mb.MLP([784, 50, 10]); got {brief(subject)}.")


def inner_net(subject: Sequential | PreparedNet) -> Sequential:
    """The net in what may be a loaded model.

    Example:
        >>> from mitbadak.nn import MLP
        >>> inner_net(MLP([2, 3], rng=0))
        MLP([2, 3])
    """
    return subject.net if isinstance(subject, PreparedNet) else subject
