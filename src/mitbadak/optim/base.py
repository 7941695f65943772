"""What every optimizer is: a rate, a count of updates, what it keeps, and an update.

A parameter's key (its name in a dict, its index in a list) is its identity in the optimizer's
state.
"""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Mapping, MutableMapping, MutableSequence
from typing import Any, ClassVar

import numpy as np

from mitbadak.core.arrays import as_array
from mitbadak.core.errors import (
    DtypeError,
    MitbadakWarning,
    NonFiniteError,
    ShapeError,
    StateError,
    UnknownNameError,
)
from mitbadak.optim.schedules import Constant, Rate, Schedule, as_schedule

Keyed = MutableMapping[Any, Any] | MutableSequence[Any]
Grads = Mapping[Any, Any] | MutableSequence[Any]


class Optimizer:
    """Base of update rules.

    State belongs to parameters by their keys, so an optimizer that goes on with another net of the
    same shapes would push it along with the first one's memory, and at the end of the first one's
    schedule. Where the parameters are a net's ``params`` this is noticed, and warned of while the
    first net lives; with dicts and lists it cannot be known. One net, one optimizer.

    Attributes:
        lr: the rate of the next update, a float. Assign a number or a schedule to change it; a
            schedule goes by ``steps``, so one that comes later is entered in the middle.
        schedule: where ``lr`` comes from; ``Constant`` for a number.
        rate: the rate of the update under way, for ``step``.
        steps: updates so far.
        state: ``state[slot][key]``, one array per slot and parameter (momentum and the like).
        slots: the names of what it keeps.
        squares: whether it keeps squares of gradients, which must not overflow.
    """

    slots: ClassVar[tuple[str, ...]] = ()
    squares: ClassVar[bool] = False
    schedule: Schedule
    rate: float
    _met: Any = None  # a weak reference to the net's params that the last update changed

    def __init__(self, lr: Rate):
        self.lr = lr
        self.rate = self.lr
        self.steps = 0
        self.state: dict[str, dict[Any, Any]] = {slot: {} for slot in self.slots}

    @property
    def lr(self) -> float:
        return self.schedule(getattr(self, "steps", 0))

    @lr.setter
    def lr(self, lr: Rate) -> None:
        self.schedule = as_schedule(type(self).__name__, lr)

    @property
    def remembers(self) -> bool:
        """Whether earlier updates bear on later ones."""
        return bool(self.slots) or not isinstance(self.schedule, Constant)

    def update(self, params: Keyed, grads: Grads) -> None:
        """Change every parameter by its gradient, arrays in place; all of them or none.

        Args:
            params: a dict (or a net's ``params``) or a list of arrays or floats.
            grads: the same keys; each gradient of its parameter's shape.

        Raises:
            UnknownNameError: a parameter without gradient, or a gradient without parameter.
            ShapeError: a gradient of another shape, which would broadcast.
            DtypeError: whole numbers as parameters, or a gradient that is not of real numbers.
            NonFiniteError: NaN or infinity in a gradient, or, for rules that keep squares, in
                its square.
            StateError: a parameter that must not be written to.
        """
        gradients = self.ready(params, grads)
        self.meet(params)
        self.apply(params, gradients)

    def ready(self, params: Keyed, grads: Grads) -> dict[Any, Any]:
        """The gradients by key, when nothing stands against an update; changes nothing."""
        owner = type(self).__name__
        keys = keys_of(owner, params)
        _refuse_surplus(owner, keys, params, grads)
        found = {key: _gradient(owner, key, params, grads) for key in keys}
        for key, gradient in found.items():
            _refuse_what_is_not_finite(owner, key, gradient, squares=self.squares)
        for slot in self.slots:
            for key in found:
                kept = self.state[slot].get(key)
                if kept is not None and np.shape(kept) != np.shape(params[key]):
                    raise ShapeError(
                        f"{self!r} has seen a parameter {key!r} of shape {np.shape(kept)}; this "
                        f"one has {np.shape(params[key])}. Use a new optimizer for another net."
                    )
        return found

    def apply(self, params: Keyed, gradients: Mapping[Any, Any]) -> None:
        """The update itself, with gradients that ``ready`` has passed."""
        self.rate = self.lr
        self.steps += 1
        for key, gradient in gradients.items():
            for slot in self.slots:
                if key not in self.state[slot]:
                    self.state[slot][key] = np.zeros_like(params[key])
            params[key] -= self.step(key, gradient)

    def step(self, key: Any, gradient: Any) -> Any:
        """What is subtracted from the parameter ``key``; ``steps`` counts this update already."""
        raise NotImplementedError

    def meet(self, params: Keyed) -> None:
        """Warn when what is kept comes from another net that is still there."""
        try:
            now = weakref.ref(params)
        except TypeError:  # dicts and lists cannot be watched
            return
        before = None if self._met is None else self._met()
        if before is not None and before is not params and self.remembers and self.steps:
            warnings.warn(
                f"{self!r} goes on with another net after {self.steps} updates of the first: its "
                "state and schedule are the first one's. Use a new optimizer for another net.",
                MitbadakWarning,
                stacklevel=3,
            )
        self._met = now

    def config(self) -> dict[str, Any]:
        """Name and settings, as ``optimizer(**config)`` takes them; JSON keeps them."""
        hidden = ("schedule", "rate", "steps", "state")
        settings = {k: v for k, v in vars(self).items() if k not in hidden and k[0] != "_"}
        lr = self.schedule.lr if isinstance(self.schedule, Constant) else self.schedule.config()
        return {"name": type(self).__name__.lower(), "lr": lr, **settings}

    def __repr__(self) -> str:
        settings = {**self.config(), "lr": self.schedule}
        if isinstance(self.schedule, Constant):
            settings["lr"] = self.schedule.lr
        said = ", ".join(f"{k}={v}" for k, v in settings.items() if k != "name")
        return f"{type(self).__name__}({said})"

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in vars(self).items() if k != "_met"}  # which no copy has met


def keys_of(owner: str, params: Any) -> list[Any]:
    """Names or indices.

    Raises:
        DtypeError: neither a dict nor a list.
    """
    if isinstance(params, Mapping):
        return list(params)
    if not isinstance(params, MutableSequence):  # a tuple would fail after its first update
        raise DtypeError(
            f"{owner}: parameters must be a dict (or a net's params) or a list; got "
            f"{type(params).__name__}. Write {{'x': x}} or [x]."
        )
    return list(range(len(params)))


def _gradient(owner: str, key: Any, params: Keyed, grads: Any) -> Any:
    try:
        gradient = grads[key]
    except (KeyError, IndexError):
        raise UnknownNameError(
            f"{owner}: parameter {key!r} has no gradient; grads needs the same keys as params."
        ) from None
    param = params[key]
    as_array(owner, f"parameter {key!r}", param)
    if isinstance(param, np.ndarray) and param.dtype.kind != "f":
        raise DtypeError(
            f"{owner}: parameter {key!r} is of {param.dtype}, which would cut every update "
            "off. Use floats."
        )
    if isinstance(param, np.ndarray) and not param.flags.writeable:
        raise StateError(f"{owner}: parameter {key!r} is read-only. Give a copy to train.")
    given = as_array(owner, f"the gradient of {key!r}", gradient)
    if given.dtype.kind not in "biuf":
        raise DtypeError(f"{owner}: the gradient of {key!r} is of {given.dtype}. Use floats.")
    if given.shape != np.shape(param):
        raise ShapeError(
            f"{owner}: parameter {key!r} has shape {np.shape(param)}, its gradient "
            f"{given.shape}. They must be equal."
        )
    if given.dtype.kind != "f":  # the square of a byte would wrap around
        dtype = param.dtype if isinstance(param, np.ndarray) else np.float64
        return given.astype(dtype)
    return gradient if isinstance(gradient, (np.ndarray, float)) else given


def _refuse_surplus(owner: str, keys: list[Any], params: Keyed, grads: Any) -> None:
    if isinstance(grads, Mapping):
        given: Any = grads
    elif isinstance(params, Mapping) or not hasattr(grads, "__len__"):
        raise DtypeError(
            f"{owner}: gradients must be given as the parameters are, in a "
            f"{'dict of the same names' if isinstance(params, Mapping) else 'list'}; got "
            f"{type(grads).__name__}."
        )
    else:
        given = range(len(grads))
    known = set(keys)
    for key in given:
        if key not in known:
            raise UnknownNameError(
                f"{owner}: there is a gradient for {key!r} and no such parameter; there are "
                f"{', '.join(map(repr, keys)) or 'none'}. To train only some parameters, leave "
                "out the gradients of the others."
            )


def _refuse_what_is_not_finite(owner: str, key: Any, gradient: Any, *, squares: bool) -> None:
    """One fast pass where all is well: a finite sum of squares has no term that is not."""
    flat = np.asarray(gradient).reshape(-1)
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(flat @ flat):
            return
        if not np.isfinite(flat).all():
            raise NonFiniteError(
                f"{owner}: the gradient of {key!r} holds NaN or infinity, so nothing was updated. "
                "Try a smaller lr, and check the scale of the inputs."
            )
        if squares and not np.isfinite(flat * flat).all():
            raise NonFiniteError(
                f"{owner}: the gradient of {key!r} reaches {np.abs(flat).max():.3g}, whose square "
                f"{flat.dtype} cannot hold, so nothing was updated. Clip it first: "
                f"Chain(ClipNorm(1.0), {owner}())."
            )
