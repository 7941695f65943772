"""The hooks by which callbacks take part in a training run.

In every hook ``trainer`` is the ``Trainer`` whose run it is.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from mitbadak.core.arguments import check_takes, explained
from mitbadak.core.elsewhere import missing_attribute
from mitbadak.core.elsewhere_objects import CALLBACK
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


HOOKS = {  # with what they are called with
    "before_training": ("trainer",),
    "on_train_begin": ("trainer",),
    "before_update": ("trainer", "loss", "grads"),
    "on_step_end": ("trainer",),
    "on_epoch_end": ("trainer", "row"),
    "on_train_end": ("trainer",),
    "state": (),
    "load_state": ("values", "arrays"),
}


class Callback:
    """Hooks of a training run; each does nothing until overridden.

    ``trainer.request_stop(reason)`` ends the run after the current step. A callback returns from
    ``state`` what it must remember across an interruption, and restores it in ``load_state``.

    A hook finds parameters and optimizer state up to date, and what it assigns or writes to them
    takes effect from the next step on. It may also replace ``trainer.optimizer``, ``net.head``,
    ``trainer.callbacks``, the validation set and the test set; and, from the next epoch on,
    ``trainer.train`` and ``trainer.batch_size``.
    """

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        for name, taken in HOOKS.items():
            check_takes(cls, name, *taken)
        if "__init__" in vars(cls):
            cls.__init__ = explained(cls.__init__)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            known = [*HOOKS, *vars(self)] if name != "__dict__" else []
            raise missing_attribute(type(self).__name__, name, CALLBACK, known)

    def __repr__(self) -> str:
        """The class with its settings, such as ``EarlyStopping(patience=5)``."""
        names = inspect.signature(type(self).__init__).parameters
        values = {k: v for k, v in vars(self).items() if k in names}
        shown = (f"{k}={brief(v, 40)}" for k, v in values.items()
                 if not _is_default(v, names[k].default))  # fmt: skip
        return f"{type(self).__name__}({', '.join(shown)})"

    @explained
    def __init__(self) -> None:
        """Nothing to prepare; a class of your own may have its own."""

    def before_training(self, trainer: Any) -> None:
        """When the trainer is made, before anything is written: raise what should stop it.

        Not called for callbacks that are added later.
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


def _is_default(value: Any, default: Any) -> bool:
    """Whether a setting is as it was declared; an array, which may not say, is not."""
    return value is default or (isinstance(value, (str, int, float)) and value == default)


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


def remembers(callback: Callback) -> bool:
    """Whether a callback keeps a state of the training that it watches, as early stopping does.

    Example:
        >>> remembers(StopOnNonFinite())
        False
    """
    return is_callback(callback) and type(callback).state is not Callback.state


def as_callbacks(callbacks: Any) -> list[Callback]:
    """The callbacks of a training run as a list.

    Raises:
        DtypeError: it is no list of callbacks.
    """
    if is_callback(callbacks) or not isinstance(callbacks, Iterable) or isinstance(callbacks, str):
        _refuse_no_callback(callbacks)
        raise DtypeError(
            f"fit: callbacks must be a list; got {brief(callbacks)}. Use callbacks=[callback]."
        )
    listed = list(callbacks)
    for callback in listed:
        _refuse_no_callback(callback)
    return listed


def _refuse_no_callback(callback: Any) -> None:
    """Refuse what has no hooks, with the line that makes a callback.

    Raises:
        DtypeError: a class, a function, a name, or another library's callback.
    """
    if is_callback(callback):
        return
    if isinstance(callback, type) and issubclass(callback, Callback):
        raise DtypeError(
            f"fit: callbacks expects objects, not the class {callback.__name__}. Make one: "
            f"callbacks=[{callback.__name__}()]."
        )
    example = "class Mine(mb.Callback) with def on_epoch_end(self, trainer, row)"
    if not isinstance(callback, str) and any(hasattr(callback, hook) for hook in HOOKS):
        kind = callback if isinstance(callback, type) else type(callback)
        raise DtypeError(
            f"fit: callbacks must be derived from mb.Callback; got the class {kind.__name__}. "
            f"Write {example}."
        )
    if callable(callback):
        name = getattr(callback, "__name__", type(callback).__name__)
        raise DtypeError(
            f"fit: callbacks expects objects, not the function {name}. Write {example}."
        )
    raise DtypeError(
        "fit: callbacks expects a list of objects, such as [mb.EarlyStopping(patience=5)]; got "
        f"{brief(callback)}."
    )


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
