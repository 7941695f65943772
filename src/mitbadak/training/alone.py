"""One training of a net at a time: two would overwrite each other's weights."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mitbadak.core.errors import StateError
from mitbadak.nn.network import Sequential

_LOCK = threading.Lock()
_TRAINED: set[int] = set()  # by identity; only nets that are alive, since a training holds its net
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_TRAINED.clear)  # the child's copies are trained by nobody


@contextmanager
def alone(net: Sequential) -> Iterator[None]:
    """While entered, no other training of this net can begin.

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
    with _LOCK:
        if id(net) in _TRAINED:
            raise StateError(
                f"fit: {net!r} is being trained already, in another thread or around this call. "
                "Train a copy: copy.deepcopy(net)."
            )
        _TRAINED.add(id(net))
    try:
        yield
    finally:
        with _LOCK:
            _TRAINED.discard(id(net))
