"""What a sweep tries: a range of numbers, or a choice, for a setting of a run."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mitbadak.core.arguments import explained
from mitbadak.core.errors import FormatError, RangeError, brief, unknown_name
from mitbadak.runs.config import TrainConfig

# Settings that change the net or its training, and not the data or how runs are compared.
TUNABLE = (
    "hidden", "conv", "kernel", "pool", "activation", "init", "dropout", "batch_norm", "epochs",
    "batch_size", "lr", "optimizer", "schedule", "warmup", "l2", "l1", "clip_norm", "shift",
    "early_stopping", "sampling", "seed", "dtype",
)  # fmt: skip
KINDS = {f.name: type(f.default) for f in dataclasses.fields(TrainConfig) if f.name in TUNABLE}
SWITCH = {"on": True, "true": True, "off": False, "false": False}
FORMS = "LOW..HIGH, LOW..HIGH:log, LOW..HIGH:STEP or A,B,C"
RANGE = re.compile(r"(?P<low>[^.].*?|\.\d.*?)\.\.(?P<high>[^:]+)(?::(?P<how>.+))?")


@explained
@dataclass(frozen=True)
class Range:
    """Numbers from ``low`` to ``high``, both included.

    Args:
        low, high: the ends; whole numbers for a setting that counts something.
        log: draw evenly by the logarithm, for values such as learning rates.
        step: only ``low``, ``low + step`` and so on.

    Raises:
        RangeError: the ends are not finite or in the wrong order, or ``log`` with ``low`` <= 0.

    Example:
        >>> Range(0.01, 10, log=True)
        Range(low=0.01, high=10, log=True, step=None)
    """

    low: float
    high: float
    log: bool = False
    step: float | None = None

    def __post_init__(self) -> None:
        ends = (self.low, self.high, *(() if self.step is None else (self.step,)))
        for end in ends:
            if isinstance(end, bool) or not isinstance(end, (int, float)) or not math.isfinite(end):
                raise RangeError(f"Range expects finite numbers; got {brief(end)}.")
        if self.low >= self.high:
            raise RangeError(
                f"Range expects low below high; got {self.low:g} and {self.high:g}. Fix a single "
                "value by its setting instead."
            )
        if self.log and self.low <= 0:
            raise RangeError(
                f"Range expects low above 0 where log is on; got {self.low:g}. Use a small number."
            )
        if self.step is not None and (self.log or self.step <= 0):
            raise RangeError("Range expects a step above 0, and none where log is on.")


Values = Range | tuple[Any, ...]


class RefusedValuesError(RangeError):
    """Values of a setting that cannot be tried.

    Attributes:
        name: the setting.
        problem: what is wrong with them.
    """

    def __init__(self, name: str, problem: str):
        super().__init__(f"tune: {problem}")
        self.name, self.problem = name, problem


def ranges_of(given: Mapping[str, Any]) -> dict[str, Values]:
    """What to try for each setting, checked.

    Args:
        given: for each setting a ``Range``, a list of values, or text in a form of the flag
            ``--try``: ``0.01..10:log``, ``0..0.5:0.1``, ``5,10,20``. Where values have commas
            themselves, ``|`` separates them: ``50|50,100``.

    Raises:
        UnknownNameError: there is no such setting, or it cannot be tried.
        RangeError: text in another form, or values of another kind.

    Example:
        >>> ranges_of({"lr": "0.01..10:log", "hidden": [5, (10, 10)], "optimizer": "sgd,adam"})
        {'lr': Range(low=0.01, high=10.0, log=True, step=None), 'hidden': ((5,), (10, 10)),
         'optimizer': ('sgd', 'adam')}
    """
    if not given:
        raise RangeError("tune needs something to try, such as {'lr': '0.01..10:log'}.")
    return {name: _values_of(name, value) for name, value in given.items()}


def _values_of(name: str, given: Any) -> Values:
    if name not in KINDS:
        raise unknown_name("setting to try", name, TUNABLE)
    if isinstance(given, str):
        return _parsed(name, given)
    if isinstance(given, Range):
        return _checked(name, given)
    if not isinstance(given, Sequence) or len(given) < 2:
        raise RefusedValuesError(
            name,
            f"{name} should be a Range, a list of two or more values, or text such as "
            f"'0.01..10:log'; got {brief(given)}.",
        )
    values = tuple(_as_widths(v) if KINDS[name] is tuple else v for v in given)
    return _distinct(name, values)


def _as_widths(value: Any) -> Any:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


def _checked(name: str, values: Range) -> Range:
    kind = KINDS[name]
    if kind is bool or (kind is str and name != "init"):
        raise RefusedValuesError(name, f"{name} has no range of numbers. Name the values to try.")
    if kind in (int, tuple) and not all(
        float(n).is_integer() for n in (values.low, values.high, values.step or 1)
    ):
        raise RefusedValuesError(
            name, f"{name} is a whole number; got {values.low:g}..{values.high:g}."
        )
    return values


def _parsed(name: str, text: str) -> Values:
    """``0.01..10:log``, ``16..256:16``, ``5,10,20`` or ``50|50,100``."""
    match = RANGE.fullmatch(text.strip())
    try:
        if match is not None:
            how = match["how"]
            low, high = float(match["low"]), float(match["high"])
            step = None if how in (None, "log") else float(how)
            return _checked(name, Range(low, high, how == "log", step))
        parts = [part.strip() for part in text.split("|" if "|" in text else ",")]
        return _distinct(name, tuple(_one(KINDS[name], part) for part in parts))
    except RefusedValuesError:
        raise
    except RangeError as problem:  # of a Range
        raise RefusedValuesError(name, str(problem)) from None
    except (ValueError, KeyError):
        raise RefusedValuesError(
            name, f"{name} expects {FORMS} (values with commas: A|B,C); got {brief(text)}."
        ) from None


def _one(kind: type, text: str) -> Any:
    if kind is bool:
        return SWITCH[text.lower()]
    if kind is tuple:
        return tuple(int(part) for part in text.split(",") if part.strip())
    return text if kind is str else kind(text)


def _distinct(name: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(values)) < max(2, len(values)):
        raise RefusedValuesError(
            name,
            f"{name} should have two or more different values; got {brief(list(values))}. "
            "Fix a single value by its setting instead.",
        )
    return values


def ends_of(values: Values) -> tuple[Any, ...]:
    """The choices, or the least and the greatest value that can be drawn.

    Example:
        >>> ends_of(("tanh", "relu")), ends_of(Range(0, 1)), ends_of(Range(0, 1, step=0.3))
        (('tanh', 'relu'), (0, 1), (0, 0.9))
    """
    if isinstance(values, tuple):
        return values
    if values.step is None:
        return values.low, values.high
    low, high, step = (Decimal(str(n)) for n in (values.low, values.high, values.step))
    return values.low, float(low + (high - low) // step * step)


def shown(value: Any) -> str:
    """A value of a setting as it is printed and given to a flag.

    Example:
        >>> shown((50, 100)), shown(0.0123456), shown(True), shown(())
        ('50,100', '0.01235', 'on', 'none')
    """
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (tuple, list)):
        return ",".join(map(str, value)) or "none"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def setting_of(name: str, drawn: Any) -> Any:
    """The value of a setting for what was drawn for it.

    Example:
        >>> setting_of("hidden", 20), setting_of("hidden", "50,100"), setting_of("init", 0.5)
        ((20,), (50, 100), '0.5')
    """
    kind = KINDS[name]
    if kind is tuple:
        return (int(drawn),) if not isinstance(drawn, str) else _one(tuple, drawn.strip("()"))
    return f"{drawn:.6g}" if kind is str and not isinstance(drawn, str) else drawn


def distributions_of(ranges: Mapping[str, Values]) -> dict[str, Any]:
    """The ranges as Optuna's distributions."""
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    found: dict[str, Any] = {}
    for name, values in ranges.items():
        if isinstance(values, tuple):
            plain = [",".join(map(str, v)) if isinstance(v, tuple) else v for v in values]
            found[name] = CategoricalDistribution(plain)
        elif KINDS[name] in (int, tuple):
            step = int(values.step or 1)
            ends = tuple(map(int, ends_of(values)))
            found[name] = IntDistribution(*ends, log=values.log, step=step)
        else:
            ends = tuple(map(float, ends_of(values)))
            found[name] = FloatDistribution(*ends, log=values.log, step=values.step)
    return found


def to_plain(ranges: Mapping[str, Values]) -> dict[str, Any]:
    """Ranges as JSON values, which ``from_plain`` reads."""
    return {
        name: list(map(list, values))
        if isinstance(values, tuple) and KINDS[name] is tuple
        else list(values)
        if isinstance(values, tuple)
        else dataclasses.asdict(values)
        for name, values in ranges.items()
    }


def from_plain(content: Any) -> dict[str, Values]:
    """Ranges that ``to_plain`` wrote.

    Raises:
        FormatError: they are something else.

    Example:
        >>> ranges = ranges_of({"lr": "0.01..10:log", "hidden": "5|10,10"})
        >>> from_plain(to_plain(ranges)) == ranges
        True
    """
    try:
        return ranges_of({n: Range(**v) if isinstance(v, dict) else v for n, v in content.items()})
    except (TypeError, AttributeError, ValueError) as problem:
        raise FormatError(f"it holds no ranges of settings: {problem}") from None
