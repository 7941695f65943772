"""The base of every optimizer: a learning rate, a count of updates, state, and the update itself.

The key of a parameter (its name in a dict, its index in a list) identifies it in the state.
"""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Collection, Mapping, MutableMapping, MutableSequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from mitbadak.core.arguments import check_takes, explained
from mitbadak.core.arrays import as_array, described
from mitbadak.core.elsewhere import missing_attribute
from mitbadak.core.elsewhere_objects import OPTIMIZER
from mitbadak.core.errors import (
    DtypeError,
    MissingAttributeError,
    NonFiniteError,
    ShapeError,
    StateError,
    UnknownNameError,
    brief,
    listed,
)
from mitbadak.core.warned import warn
from mitbadak.optim.schedules import Constant, Rate, Schedule, as_schedule

Keyed = MutableMapping[Any, Any] | MutableSequence[Any]
Grads = Mapping[Any, Any] | MutableSequence[Any]


@explained
class Optimizer:
    """Base of update rules. A rule of your own defines ``decrement``, and ``slots`` for its state.

    The state is kept by parameter key, so use a new optimizer for every net: with another net of
    the same shapes, the momentum and the position in the schedule would be those of the first.
    When the parameters are a net's ``params``, reuse is noticed and warned about, as long as the
    first net exists; with dicts and lists it cannot be noticed.

    Attributes:
        lr: the learning rate of the next update, a float. Assign a number or a schedule to change
            it. A schedule is evaluated at ``steps``, so a new one is not started from its
            beginning.
        schedule: the schedule behind ``lr``; ``Constant`` for a number.
        steps: number of updates so far.
        state: ``state[slot][key]``, one array per slot and parameter.
        slots: names of the kinds of state, such as ``("velocity",)``.
        squares: whether the rule squares gradients, which must then not overflow.

    Example:
        >>> class SignDescent(Optimizer):
        ...     def decrement(self, key, gradient, lr):
        ...         return lr * np.sign(gradient)
        >>> params = {"W": np.array([1.0, 2.0])}
        >>> SignDescent(lr=0.5).update(params, {"W": np.array([7.0, -0.1])})
        >>> params["W"]
        array([0.5, 2.5])
    """

    slots: ClassVar[tuple[str, ...]] = ()
    squares: ClassVar[bool] = False
    schedule: Schedule
    rate: float  # only for subclasses with a ``step``, the earlier form of ``decrement``
    _last_params: Any = None  # a weak reference to the net's params of the last update

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "step" in vars(cls):
            _refuse_other_steps(cls)
            warn(
                f"{cls.__name__}.step(key, gradient) should now be decrement(key, gradient, lr), "
                "with lr in place of self.rate.",
                DeprecationWarning,
            )
            cls.decrement = _decrement_by_step
        check_takes(cls, "decrement", "key", "gradient", "lr")
        if "__init__" in vars(cls):
            cls.__init__ = explained(cls.__init__)

    def __init__(self, lr: Rate):
        self.lr = lr
        self.steps = 0
        self.state: dict[str, dict[Any, Any]] = {slot: {} for slot in self.slots}

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            kind = type(self).__name__
            if name in ("schedule", "steps", "state", "lr"):
                raise MissingAttributeError(
                    f"{kind} has no {name}: its __init__ must call super().__init__(lr)."
                )
            raise missing_attribute(kind, name, OPTIMIZER, dir(type(self)))

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse what another library's optimizers are set by, and would change nothing here."""
        if name in OPTIMIZER and type(self).__module__.startswith("mitbadak.") and not hasattr(
            type(self), name
        ) and name not in self._settings():  # fmt: skip
            raise MissingAttributeError(
                f"{type(self).__name__} has no {name} to set. In Mitbadak: {OPTIMIZER[name]}."
            )
        super().__setattr__(name, value)

    @classmethod
    def _settings(cls) -> Collection[str]:
        """The names of what ``__init__`` takes."""
        return inspect.signature(cls.__init__).parameters

    @property
    def lr(self) -> float:
        return self.schedule(getattr(self, "steps", 0))

    @lr.setter
    def lr(self, lr: Rate) -> None:
        self.schedule = as_schedule(type(self).__name__, lr)

    @property
    def parts(self) -> tuple[Any, ...]:
        """The objects that define the update: itself, or all parts of a composition."""
        return (self,)

    @property
    def has_memory(self) -> bool:
        """Whether earlier updates influence later ones."""
        return bool(self.slots) or not isinstance(self.schedule, Constant)

    def update(self, params: Keyed, grads: Grads) -> None:
        """Update every parameter by its gradient, arrays in place: all parameters or none.

        Args:
            params: a dict (or a net's ``params``) or a list of arrays or floats.
            grads: gradients under the same keys, each of its parameter's shape.

        Raises:
            UnknownNameError: a parameter has no gradient, or a gradient no parameter.
            ShapeError: a gradient has a different shape from its parameter, and would broadcast.
            DtypeError: parameters are integers, or a gradient is not of real numbers.
            NonFiniteError: a gradient holds NaN or infinity, or its square overflows in a rule
                that needs it.
            StateError: a parameter is read-only.
        """
        gradients = self.checked_gradients(params, grads)
        self.warn_of_reuse(params)
        self.apply(params, gradients)

    def checked_gradients(self, params: Keyed, grads: Grads) -> dict[Any, Any]:
        """The gradients by key, after every check that an update needs; changes nothing."""
        owner = type(self).__name__
        keys = keys_of(owner, params)
        _refuse_surplus(owner, keys, params, grads)
        gradients = {key: _gradient(owner, key, params, grads) for key in keys}
        for key, gradient in gradients.items():
            _refuse_non_finite(owner, key, gradient, squares=self.squares)
        for slot in self.slots:
            for key in gradients:
                kept = self.state[slot].get(key)
                if kept is not None and np.shape(kept) != np.shape(params[key]):
                    raise ShapeError(
                        f"{self!r} has state for a parameter {key!r} of shape {np.shape(kept)}; "
                        f"this one has {np.shape(params[key])}. Use a new optimizer for each net."
                    )
        return gradients

    def apply(self, params: Keyed, gradients: Mapping[Any, Any]) -> None:
        """The update itself, with gradients from ``checked_gradients``."""
        lr = self.lr
        self.steps += 1
        for key, gradient in gradients.items():
            for slot in self.slots:
                if key not in self.state[slot]:
                    self.state[slot][key] = np.zeros_like(params[key])
            change = self.decrement(key, gradient, lr)
            if np.shape(change) != np.shape(params[key]):
                raise ShapeError(
                    f"{type(self).__name__}.decrement must return an array of the parameter's "
                    f"shape, {np.shape(params[key])} for {key!r}; got {described(change)}."
                )
            params[key] -= change

    def decrement(self, key: Any, gradient: Any, lr: float) -> Any:
        """The amount to subtract from parameter ``key``; ``steps`` already counts this update.

        Raises:
            StateError: the class defines none.
        """
        raise StateError(
            f"{type(self).__name__} has no rule. Define one: def decrement(self, key, gradient, "
            "lr), which returns what is subtracted."
        )

    def step(self, key: Any, gradient: Any) -> Any:
        """``decrement`` of the base, for ``super().step`` in a subclass of the earlier form."""
        rules = (vars(cls).get("decrement", _decrement_by_step) for cls in type(self).__mro__)
        rule = next(rule for rule in rules if rule is not _decrement_by_step)
        return rule(self, key, gradient, self.rate)

    def warn_of_reuse(self, params: Keyed) -> None:
        """Warn if the state comes from another net that still exists."""
        try:
            now = weakref.ref(params)
        except TypeError:  # dicts and lists take no weak references
            return
        before = None if self._last_params is None else self._last_params()
        if before is not None and before is not params and self.has_memory and self.steps:
            warn(
                f"{self!r} is used with another net after {self.steps} updates of a first one, "
                "whose state and schedule it keeps. Use a new optimizer for each net."
            )
        self._last_params = now

    def config(self) -> dict[str, Any]:
        """JSON-serializable name and settings; ``optimizer(**config)`` makes the same rule."""
        hidden = ("schedule", "rate", "steps", "state")
        settings = {k: v for k, v in vars(self).items() if k not in hidden and k[0] != "_"}
        lr = self.schedule.lr if isinstance(self.schedule, Constant) else self.schedule.config()
        return {"name": type(self).__name__.lower(), "lr": lr, **settings}

    def __repr__(self) -> str:
        settings = {**self.config(), "lr": self.schedule}
        if isinstance(self.schedule, Constant):
            settings["lr"] = self.schedule.lr
        arguments = ", ".join(f"{k}={v}" for k, v in settings.items() if k != "name")
        return f"{type(self).__name__}({arguments})"

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in vars(self).items() if k != "_last_params"}  # a copy has no net


def _refuse_other_steps(cls: type) -> None:
    """Refuse a ``step`` as PyTorch has it, which takes nothing and updates what it holds.

    Raises:
        StateError: with the method to write in its place.
    """
    step = vars(cls)["step"]
    try:
        inspect.signature(step).bind(None, "key", "gradient")
    except TypeError:
        raise StateError(
            f"{cls.__name__}.step is not called here. Define the rule of one parameter: "
            "def decrement(self, key, gradient, lr), which returns what is subtracted."
        ) from None


def _decrement_by_step(self: Any, key: Any, gradient: Any, lr: float) -> Any:
    """``decrement`` of a subclass that still defines ``step``, which reads ``self.rate``."""
    self.rate = lr
    return self.step(key, gradient)


def keys_of(owner: str, params: Any) -> list[Any]:
    """The keys of parameters: names in a dict, indices in a list.

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
    _refuse_what_is_replaced(owner, key, param)
    as_array(owner, f"parameter {key!r}", param)
    if isinstance(param, np.ndarray) and param.dtype.kind != "f":
        raise DtypeError(
            f"{owner}: parameter {key!r} has dtype {param.dtype}, which would truncate every "
            "update. Use floats."
        )
    if isinstance(param, np.ndarray) and not param.flags.writeable:
        raise StateError(f"{owner}: parameter {key!r} is read-only. Train a copy.")
    given = as_array(owner, f"the gradient of {key!r}", gradient)
    if given.dtype.kind not in "biuf":
        raise DtypeError(f"{owner}: the gradient of {key!r} has dtype {given.dtype}. Use floats.")
    if given.shape != np.shape(param):
        raise ShapeError(
            f"{owner}: parameter {key!r} has shape {np.shape(param)}, but its gradient "
            f"{given.shape}. They must be equal."
        )
    if given.dtype.kind != "f":  # the square of a byte would wrap around
        dtype = param.dtype if isinstance(param, np.ndarray) else np.float64
        return given.astype(dtype)
    return gradient if isinstance(gradient, (np.ndarray, float)) else given


def _refuse_what_is_replaced(owner: str, key: Any, param: Any) -> None:
    """Refuse what ``-=`` would replace by a new array, leaving what the user holds as it was.

    Raises:
        DtypeError: neither an array nor a number.
    """
    if isinstance(param, (np.ndarray, int, float, np.number)) and not isinstance(param, bool):
        return
    several = isinstance(param, (list, tuple, Mapping))
    remedy = "Give the arrays in one list or dict: [W1, b1, W2, b2]." if several and any(
        isinstance(part, np.ndarray) for part in param
    ) else "Make it an array: np.array(...)."  # fmt: skip
    raise DtypeError(
        f"{owner}: parameter {key!r} must be an array of floats, which is updated in place, or a "
        f"number; got {brief(param)} of type {type(param).__name__}. {remedy}"
    )


def _refuse_surplus(owner: str, keys: list[Any], params: Keyed, grads: Any) -> None:
    if isinstance(grads, Mapping):
        given: Any = grads
    elif isinstance(params, Mapping) or not hasattr(grads, "__len__"):
        raise DtypeError(
            f"{owner}: the gradients must come in a "
            f"{'dict of the same names' if isinstance(params, Mapping) else 'list'}, like the "
            f"parameters; got {type(grads).__name__}."
        )
    else:
        given = range(len(grads))
    known = set(keys)
    for key in given:
        if key not in known:
            raise UnknownNameError(
                f"{owner}: there is a gradient for {key!r} but no such parameter; known: "
                f"{listed(keys)}. To train only some parameters, pass only those, with their "
                "gradients."
            )


def _refuse_non_finite(owner: str, key: Any, gradient: Any, *, squares: bool) -> None:
    """A single fast pass where all is well: if the sum of squares is finite, so is every term."""
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
