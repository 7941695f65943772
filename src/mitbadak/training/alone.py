"""One training at a time of what it changes: two would overwrite each other's numbers."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from mitbadak.core.errors import StateError
from mitbadak.nn.network import Sequential
from mitbadak.optim import Optimizer
from mitbadak.training.hooks import remembers

_LOCK = threading.Lock()
_IN_USE: set[int] = set()  # by identity; only what is alive, since a training holds it
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_IN_USE.clear)  # the child's copies are trained by nobody


@contextmanager
def alone(
    net: Sequential, optimizer: Optimizer | None = None, callbacks: Iterable[Any] = ()
) -> Iterator[None]:
    """While entered, no other training can begin that would change the same numbers.

    Those are the arrays of the layers, which a shallow copy of a net shares with it, the state of
    the optimizer, and what callbacks remember.

    Args:
        net: is trained.
        optimizer: its rule.
        callbacks: of this training; those that remember nothing of it may be shared.

    Raises:
        StateError: one has begun.

    Example:
        >>> from mitbadak.nn import MLP
        >>> net = MLP([2, 3])
        >>> with alone(net), alone(net):
        ...     pass
        Traceback (most recent call last):
            ...
        mitbadak.core.errors.StateError: fit: MLP([2, 3]) is being trained already, in another
        thread or around this call. Train a copy: copy.deepcopy(net).
    """
    layers = [layer for layer in net.layers if layer.params or layer.buffers]
    of_net = {id(net), *map(id, layers)}
    parts = () if optimizer is None else (optimizer, *optimizer.parts)
    of_rule = {id(part) for part in parts if isinstance(part, Optimizer)}  # the rest is pure
    remembering = list(filter(remembers, callbacks))
    used = of_net | of_rule | set(map(id, remembering))
    with _LOCK:
        if of_net & _IN_USE:
            raise StateError(
                f"fit: {net!r} is being trained already, in another thread or around this call. "
                "Train a copy: copy.deepcopy(net)."
            )
        shared = [optimizer] if of_rule & _IN_USE else []
        shared += [callback for callback in remembering if id(callback) in _IN_USE]
        if shared:
            raise StateError(
                f"fit: {shared[0]!r} is being used already, in another thread or around this "
                "call, and would mix up two trainings. Make another one for this training."
            )
        _IN_USE.update(used)
    try:
        yield
    finally:
        with _LOCK:
            _IN_USE.difference_update(used)
