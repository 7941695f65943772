"""Adapters for layers and nets that were written before every method took ``training`` and ``rng``.

They will be removed in the next version.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from mitbadak.core.errors import StateError
from mitbadak.core.warned import warn

LAYER_METHODS = ("call", "vjp", "predict", "forward", "compute")
NET_METHODS = ("scores", "predict", "loss", "gradient", "loss_and_gradient", "compute")
RENAMED = {"learn": "compute", "news": "updated_buffers"}


def accept_mode(cls: type, methods: Iterable[str], *, differs: bool = False) -> None:
    """Let overridden methods be called with ``training`` and ``rng``, which they do not know.

    Args:
        cls: a class that has just been defined.
        methods: names of the methods to adapt.
        differs: whether what the class computes depends on ``training``.

    Raises:
        StateError: a method must be changed by its author.
    """
    for old, new in RENAMED.items():
        if old in vars(cls):
            raise StateError(f"{cls.__name__} defines {old}, which is now called {new}: rename it.")
    for name in methods:
        method = vars(cls).get(name)
        if method is None or _takes_mode(method):
            continue
        if differs:
            raise StateError(
                f"{cls.__name__} differs in training, so its {name} must take training= and rng=: "
                f"def {name}(self, x, *, training=False, rng=None)."
            )
        setattr(cls, name, _without_mode(method))


def _takes_mode(method: Callable[..., Any]) -> bool:
    parameters = inspect.signature(method).parameters
    return "training" in parameters or any(
        p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values()
    )


def _without_mode(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def adapted(
        self: Any, *args: Any, training: Any = None, rng: Any = None, **options: Any
    ) -> Any:
        if training and getattr(self, "mode_dependent", ()):
            raise StateError(
                f"{type(self).__name__}.{method.__name__} does not take training=, but the net "
                f"holds {self.mode_dependent[0]!r}. Add the arguments training and rng to it."
            )
        return method(self, *args, **options)

    return adapted


class EarlierNames:
    """Base of nets: ``mode_dependent`` was called ``modal``, also in pickles."""

    mode_dependent: tuple[Any, ...]

    @property
    def modal(self) -> tuple[Any, ...]:
        """The earlier name of ``mode_dependent``."""
        warn(
            "net.modal is now net.mode_dependent; the earlier name will be removed in the next "
            "version.",
            DeprecationWarning,
        )
        return self.mode_dependent

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        if "modal" in state:
            state["mode_dependent"] = state.pop("modal")
        vars(self).update(state)
