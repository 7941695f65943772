"""The hooks by which callbacks take part in a training run.

In every hook ``trainer`` is the ``Trainer`` whose run it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np

from mitbadak.core.errors import DtypeError, brief
from mitbadak.training.history_file import Row

Hook = TypeVar("Hook", bound=Callable[..., None])


def without_arrays(hook: Hook) -> Hook:
    """Mark an ``on_step_end`` or ``on_epoch_end`` that reads no parameters and no optimizer state.

    Kernels then need not bring them up to date, and several short epochs may pass before the hook
    is called for each. In an ``on_step_end``, ``trainer.publish()`` brings them up to date on
    demand. A stop requested by the hook still takes effect at the epoch for which it was called.
    """
    hook.watches_arrays = False  # type: ignore[attr-defined]
    return hook


def now_and_then(hook: Hook) -> Hook:
    """Mark an ``on_step_end`` that need not be called after every step, and reads no arrays.

    Kernels then make many steps at once, for about a hundredth of a second, between two calls.
    """
    hook.every_step = False  # type: ignore[attr-defined]
    return without_arrays(hook)


class Callback:
    """Hooks of a training run; each does nothing until overridden.

    ``trainer.request_stop(reason)`` ends the run after the current step. A callback returns from
    ``state`` what it must remember across an interruption, and restores it in ``load_state``.

    A hook finds parameters and optimizer state up to date, and what it assigns or writes to them
    takes effect from the next step on. It may also replace ``trainer.optimizer``, ``net.head``,
    ``trainer.callbacks``, the validation set and the test set; and, from the next epoch on,
    ``trainer.train`` and ``trainer.batch_size``.
    """

    def on_train_begin(self, trainer: Any) -> None:
        """Before the first evaluation, or when a run is resumed."""

    def before_update(self, trainer: Any, loss: float, grads: dict[str, np.ndarray]) -> None:
        """After a batch's loss and gradient; a stop requested here prevents the update.

        The update uses the optimizer's settings, and the gradients in ``grads``, as this hook
        leaves them.
        """

    def on_step_end(self, trainer: Any) -> None:
        """After an update."""

    def on_epoch_end(self, trainer: Any, row: Row) -> None:
        """After the evaluation at the end of an epoch; also before the first update, as epoch 0."""

    def on_train_end(self, trainer: Any) -> None:
        """When training ends, even by an interruption or an error."""

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """What to keep in a checkpoint: JSON values, and arrays."""
        return {}, {}

    def load_state(self, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        """Restore what ``state`` returned."""


class StopOnNonFinite(Callback):
    """Stop before the update as soon as a batch's loss is NaN or infinite."""

    def before_update(self, trainer: Any, loss: float, grads: dict[str, np.ndarray]) -> None:
        if math.isfinite(loss):
            return
        before = trainer.history.losses[-1:] or ["none"]
        trainer.request_stop(
            f"the loss became {loss} at step {trainer.step + 1} (epoch {trainer.epoch + 1}); the "
            f"one before was {before[0]}. Try a smaller lr than {trainer.optimizer.lr:g}, and "
            "check the scale of the inputs",
            failed=True,
        )

    def on_epoch_end(self, trainer: Any, row: Row) -> None:
        lost = [k for k, v in row.items() if isinstance(v, float) and not math.isfinite(v)]
        if lost:
            trainer.request_stop(
                f"{', '.join(lost)} became {row[lost[0]]} after epoch {row['epoch']}. Try a "
                f"smaller lr than {trainer.optimizer.lr:g}, and check the scale of the inputs",
                failed=True,
            )


def is_callback(value: object) -> bool:
    """Whether a value has the hooks of a training run."""
    return isinstance(value, Callback)


def as_callbacks(callbacks: Any) -> list[Callback]:
    """The callbacks of a training run as a list.

    Raises:
        DtypeError: it is no list of callbacks.
    """
    listed = list(callbacks) if isinstance(callbacks, Iterable) else [callbacks]
    for callback in listed:
        if not is_callback(callback):
            raise DtypeError(
                f"fit: callbacks must be objects of classes derived from mitbadak.Callback; got "
                f"{brief(callback)}."
            )
    if listed == [callbacks]:
        raise DtypeError(f"fit: callbacks must be a list; got {brief(callbacks)}. Use [...].")
    return listed


class Watched(NamedTuple):
    """What the hooks of some callbacks look at; kernels run the rest without stopping.

    Attributes:
        each_step: a hook is called after every step, rather than now and then.
        steps, epochs: at their ends hooks read parameters or optimizer state.
        gradients: a hook is called before every update.
    """

    each_step: bool
    steps: bool
    epochs: bool
    gradients: bool

    @classmethod
    def by(cls, callbacks: Sequence[Callback]) -> Watched:
        """What these callbacks look at.

        Example:
            >>> Watched.by([StopOnNonFinite()])
            Watched(each_step=False, steps=False, epochs=False, gradients=False)
        """
        steps, epochs = _hooks(callbacks, "on_step_end"), _hooks(callbacks, "on_epoch_end")
        return cls(
            each_step=any(getattr(hook, "every_step", True) for hook in steps),
            steps=any(getattr(hook, "watches_arrays", True) for hook in steps),
            epochs=any(getattr(hook, "watches_arrays", True) for hook in epochs),
            gradients=bool(_hooks(callbacks, "before_update")),
        )

    def sees_arrays(self, event: str) -> bool:
        """Whether net and optimizer must be up to date for an event."""
        return {"on_step_end": self.steps, "before_update": self.gradients}.get(event, True)


def _hooks(callbacks: Sequence[Callback], event: str) -> list[Any]:
    """The hooks for an event that do something."""
    hooks = [getattr(callback, event) for callback in callbacks]
    hooks = [getattr(hook, "__func__", hook) for hook in hooks]
    idle = getattr(Callback, event), getattr(StopOnNonFinite, event)
    return [hook for hook in hooks if hook not in idle]
