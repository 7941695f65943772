"""A common form for what a gradient check examines: nets, operations and functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mitbadak.core.errors import DtypeError, MitbadakError, ShapeError, StateError
from mitbadak.data.dataset import refuse_two_pairs
from mitbadak.functions.numerical import as_number
from mitbadak.graph import Variable, grad
from mitbadak.nn.network import Sequential
from mitbadak.nn.prepared import PreparedNet

Arrays = dict[str, np.ndarray]
NOISE_SEED = 0
PROBE_SEED = 0
LAST_DIGITS = 1e-14  # relative to the loss: a smaller change may not show
PROBES = (0.1, 1.0, 10.0)  # relative changes: small ones do not show if units are saturated


@dataclass
class Subject:
    """Arrays that can be perturbed, a loss, and the gradient to be checked.

    Attributes:
        arrays: float64 arrays by name; changing an entry in place changes the loss.
        loss: computes the loss from the arrays as they are.
        analytic: computes the gradient to be checked, by name.
        numerical: all central differences at once, if there is a faster way than one by one.
        notes: what was done to make the comparison fair.
        restore: puts back whatever was replaced.
        net, x, t: a net and the batch on which it is checked.
        single: names of the arrays that were float32 or coarser; their gradients may be too.
    """

    arrays: Arrays
    loss: Callable[[], float]
    analytic: Callable[[], Mapping[str, Any]]
    numerical: Callable[[float], Mapping[str, np.ndarray]] | None = None
    notes: list[str] = field(default_factory=list)
    restore: Callable[[], None] = lambda: None
    net: Any = None
    x: Any = None
    t: Any = None
    single: frozenset[str] = frozenset()


def sizes_of(array: np.ndarray, least: float = 1.0) -> np.ndarray:
    """The natural step of each entry: its size, at least ``least``; 0 if it is infinite or NaN.

    An infinite entry stays where it is however far it is moved, or becomes NaN.
    """
    return np.where(np.isfinite(array), np.maximum(least, np.abs(array)), 0.0)


def subject_of(
    examined: Any,
    args: Sequence[Any],
    gradient: Callable | None,
    engine: str,
    *,
    training: bool = False,
) -> Subject:
    """The subject for the arguments of ``check_gradients``.

    Raises:
        DtypeError: it has no gradient.
    """
    if isinstance(getattr(examined, "params", None), Mapping) or hasattr(examined, "gradient"):
        return _of_net(examined, args, engine, training)
    if hasattr(examined, "vjp"):
        return _of_operation(examined, args)
    if callable(examined):
        return _of_function(examined, args, gradient)
    raise DtypeError(
        f"check_gradients expects a net (params, loss, gradient), a differentiable operation, or a "
        f"function; got {type(examined).__name__}."
    )


def _of_net(net: Any, args: Sequence[Any], engine: str, training: bool) -> Subject:
    if len(args) == 1:
        refuse_two_pairs(args[0], "check_gradients")
        args = tuple(args[0]) if isinstance(args[0], (tuple, list)) else args
    if len(args) != 2:
        raise ShapeError(f"check_gradients of a net expects inputs and labels (x, t); got "
                         f"{len(args)} arguments.")  # fmt: skip
    if isinstance(net, PreparedNet):
        net, args = net.net, (net.rows(args[0]), net.targets(args[1]))
    x, t = np.asarray(args[0]), np.asarray(args[1])
    if not isinstance(net, Sequential):
        return _of_other_net(net, x, t)
    notes = []
    if net.dtype != np.float64:
        notes.append(
            f"the net is {net.dtype}; a float64 copy was checked, since differences of "
            f"{net.dtype} losses carry only about three digits"
        )
    twin = net.astype(np.float64)
    x = x.astype(np.float64) if x.dtype.kind == "f" else x
    if twin.mode_dependent:
        return _of_modal_net(twin, x, t, training, notes)
    return Subject(
        dict(twin.params),
        lambda: twin.loss(x, t),
        lambda: twin.gradient(x, t),
        (lambda h: twin.numerical_gradient(x, t, h=h, engine=engine, progress=False))
        if _computes_its_own_loss(twin)
        else None,
        notes,
        net=twin,
        x=x,
        t=t,
    )


def _computes_its_own_loss(net: Sequential) -> bool:
    """Whether the layers and the head alone define the loss, as the structured gradient assumes.

    A subclass may add a penalty, for example.
    """
    return all(getattr(type(net), name) is getattr(Sequential, name) for name in (
        "loss", "scores", "numerical_gradient"))  # fmt: skip


def _of_modal_net(
    net: Sequential, x: np.ndarray, t: np.ndarray, training: bool, notes: list[str]
) -> Subject:
    """A float64 net with Dropout or BatchNorm, in one mode and with fixed noise."""
    notes.append(
        f"it was checked in training mode, always with the noise of seed {NOISE_SEED}"
        if training
        else "it was checked in evaluation mode; training=True checks it in training mode"
    )
    mode = {"training": training, "rng": NOISE_SEED}
    buffers = {name: a.copy() for name, a in net.buffers.items()}

    def gradient() -> Mapping[str, Any]:
        try:
            return net.gradient(x, t, **mode)
        finally:
            net.buffers.update(buffers)  # gradient updates them in training mode

    return Subject(
        dict(net.params),
        lambda: net.loss(x, t, **mode),
        gradient,
        None,
        notes,
        net=net,
        x=x,
        t=t,
    )


def _of_other_net(net: Any, x: np.ndarray, t: np.ndarray) -> Subject:
    """A net that is not Mitbadak's; its parameters are temporarily replaced by float64 copies."""
    missing = [name for name in ("params", "loss", "gradient") if not hasattr(net, name)]
    if missing:
        raise DtypeError(
            f"{type(net).__name__} has no {' and no '.join(missing)}; a net needs params (a dict), "
            "loss(x, t) and gradient(x, t) to be checked."
        )
    originals = dict(net.params)
    for name, value in originals.items():
        if np.asarray(value).dtype.kind not in "fiub":
            raise DtypeError(f"params[{name!r}] must hold real numbers; got "
                             f"{np.asarray(value).dtype}.")  # fmt: skip
    copies = {
        name: np.array(value, np.float64)
        for name, value in originals.items()
        if not _can_change_in_place(name, originals)
    }
    notes = [
        f"params[{name!r}] is {np.asarray(originals[name]).dtype}; a float64 copy replaced it "
        "during the check"
        for name in copies
        if np.asarray(originals[name]).dtype != np.float64
    ]
    net.params.update(copies)
    arrays = {name: net.params[name] for name in originals}
    if x.dtype.kind == "f" and x.dtype.itemsize < 8:
        notes.append(f"x is {x.dtype}; it was checked in float64")
        x = x.astype(np.float64)
    before = {name: a.copy() for name, a in arrays.items()}

    def restore() -> None:
        for name, value in before.items():
            arrays[name][...] = value
        for name in copies:
            net.params[name] = originals[name]

    single = frozenset(
        name for name, a in originals.items()
        if np.asarray(a).dtype.kind == "f" and np.asarray(a).dtype.itemsize < 8
    )  # fmt: skip
    subject = Subject(arrays, lambda: as_number(net.loss(x, t)), lambda: net.gradient(x, t),
                      None, notes, restore, net, x, t, single)  # fmt: skip
    try:
        _check_that_params_matter(subject, before)
    except BaseException:
        restore()
        raise
    return subject


def _can_change_in_place(name: str, params: Mapping[str, Any]) -> bool:
    """Whether an array can be changed in place, so that layers which share it see the change."""
    array = params[name]
    return (
        isinstance(array, np.ndarray)
        and array.dtype == np.float64
        and array.flags.writeable
        and not any(np.may_share_memory(array, other) for key, other in params.items()
                    if key != name and isinstance(other, np.ndarray))
    )  # fmt: skip


def _check_that_params_matter(subject: Subject, before: Arrays) -> None:
    """Refuse a net whose loss does not depend on ``params`` but whose gradient is not zero.

    The changes are random, since softmax ignores a shift that all scores share, and squares ignore
    a change of sign.
    """
    base_loss, rng = subject.loss(), np.random.default_rng(PROBE_SEED)
    for scale in PROBES:
        for name, array in subject.arrays.items():
            array += scale * rng.normal(size=array.shape) * sizes_of(before[name], 0.1)
        try:
            changed = subject.loss()
        except (ArithmeticError, ValueError, MitbadakError):  # outside its domain, so it changes
            return
        finally:
            for name, array in subject.arrays.items():
                array[...] = before[name]
        if changed != base_loss:
            return
    sizes = {name: PROBES[-1] * sizes_of(a, 0.1) for name, a in before.items()}
    claimed = max(
        (float(np.max(np.abs(np.nan_to_num(np.asarray(g, np.float64))) * sizes[name], initial=0.0))
         for name, g in subject.analytic().items()
         if name in sizes and np.shape(g) == before[name].shape),
        default=0.0,
    )  # fmt: skip
    if claimed > LAST_DIGITS * max(1.0, abs(base_loss)):
        raise StateError(
            f"the loss of {type(subject.net).__name__} does not change when its params do: do its "
            "layers keep their own copies? Have them read the arrays from params."
        )


def _of_operation(operation: Any, args: Sequence[Any]) -> Subject:
    """An operation whose value is reduced to a number by random weights."""
    values, names, notes, single = _float_arguments(args)
    y, pullbacks = operation.vjp(*values)[:2]
    weights = np.random.default_rng(0).uniform(0.5, 1.5, np.shape(y))
    moved = {name: values[i] for i, name in names.items() if pullbacks[i] is not None}
    places = {name: i for i, name in names.items()}

    def analytic() -> dict[str, Any]:
        pulls = operation.vjp(*values)[1]
        return {name: pulls[places[name]](weights) for name in moved}

    return Subject(
        moved, lambda: float(np.sum(weights * operation(*values))), analytic, None, notes,
        single=single,
    )  # fmt: skip


def _of_function(f: Callable, args: Sequence[Any], gradient: Callable | None) -> Subject:
    values, names, notes, single = _float_arguments(args)
    moved = {name: values[i] for i, name in names.items()}

    def number(*now: Any) -> Any:
        y = f(*now)
        return y if np.size(getattr(y, "value", y)) == 1 else np.sum(y)

    def recorded() -> dict[str, Any]:
        variables = {i: Variable(values[i].copy(), name) for i, name in names.items()}
        y = number(*(variables.get(i, v) for i, v in enumerate(values)))
        if not isinstance(y, Variable):
            raise DtypeError(
                "f returned a plain number for variables, so its gradient is not known. Write f "
                "with operators and functions that variables record, or pass gradient=."
            )
        gradients = grad(y, list(variables.values()))
        return dict(zip(moved, gradients, strict=True))

    def given() -> dict[str, Any]:
        result = gradient(*values) if gradient is not None else ()
        several = result if isinstance(result, (tuple, list)) and len(moved) > 1 else [result]
        if len(several) != len(moved):
            raise ShapeError(f"gradient returned {len(several)} arrays for {len(moved)} arguments.")
        return dict(zip(moved, several, strict=True))

    return Subject(moved, lambda: as_number(number(*values)),
                   recorded if gradient is None else given, None, notes,
                   single=single)  # fmt: skip


def _float_arguments(
    args: Sequence[Any],
) -> tuple[list[Any], dict[int, str], list[str], frozenset[str]]:
    """The arguments with float arrays copied to float64, and what is known of these arrays.

    Returns:
        The arguments, the names of the float arrays by position, notes, and the names of those
        that were coarser than float64.
    """
    values, names, notes = list(args), {}, []
    for i, a in enumerate(args):
        array = np.asarray(a)
        if array.dtype.kind != "f":
            continue
        names[i] = f"argument {i}"
        values[i] = array.astype(np.float64)
        if array.dtype != np.float64:
            notes.append(f"argument {i} is {array.dtype}; it was checked in float64")
    if not names:
        raise DtypeError("check_gradients expects at least one array of floats to perturb.")
    single = frozenset(name for i, name in names.items() if np.asarray(args[i]).dtype.itemsize < 8)
    return values, names, notes, single
