"""Optimizers made of others: transforms before a rule, and a rule for each group of parameters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from mitbadak.core.errors import (
    DtypeError,
    RangeError,
    StateError,
    UnknownNameError,
    brief,
    listed,
    positive,
)
from mitbadak.optim.base import Grads, Keyed, Optimizer
from mitbadak.optim.schedules import Rate, Schedule
from mitbadak.optim.transforms import Transform


class Composition(Optimizer):
    """Base of optimizers that delegate their updates to other rules and act as a single one.

    The rules share one ``state[slot][key]``, since each parameter belongs to exactly one of them.
    A checkpoint therefore looks the same as for a plain rule.

    Attributes:
        rules: the optimizers that do the updates.
        lr: the largest learning rate among them. Assigning a number scales all rates so that the
            largest is that number, and replaces their schedules by constants.
    """

    def __init__(self, *rules: Optimizer):
        self.rules = rules
        shared: dict[str, dict[Any, Any]] = {}
        for rule in rules:
            for slot, kept in rule.state.items():
                shared.setdefault(slot, {}).update(kept)
        for rule in rules:
            rule.state = shared

    @property
    def lr(self) -> float:
        return max(rule.lr for rule in self.rules)

    @lr.setter
    def lr(self, lr: Rate) -> None:
        if len(self.rules) == 1:
            self.rules[0].lr = lr
            return
        if isinstance(lr, (Schedule, dict)):
            raise RangeError(
                f"{type(self).__name__}: lr must be a number here; got {lr!r}. Give each rule its "
                "own schedule: Groups({'b*': SGD(Cosine(0.1, 100)), '*': Adam()})."
            )
        factor = positive(type(self).__name__, "lr", lr) / self.lr
        rates = [rule.lr * factor for rule in self.rules]
        for rule, rate in zip(self.rules, rates, strict=True):
            rule.lr = rate

    @property
    def steps(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self.rules[0].steps

    @steps.setter
    def steps(self, steps: int) -> None:
        for rule in self.rules:
            rule.steps = steps

    @property
    def state(self) -> dict[str, dict[Any, Any]]:
        return self.rules[0].state

    @state.setter
    def state(  # pyright: ignore[reportIncompatibleVariableOverride]
        self, state: dict[str, dict[Any, Any]]
    ) -> None:
        for rule in self.rules:
            rule.state = state

    @property
    def slots(self) -> tuple[str, ...]:  # pyright: ignore[reportIncompatibleVariableOverride]
        return tuple(dict.fromkeys(slot for rule in self.rules for slot in rule.slots))

    @property
    def parts(self) -> tuple[Any, ...]:
        return (self, *(part for rule in self.rules for part in rule.parts))

    @property
    def has_memory(self) -> bool:
        return any(rule.has_memory for rule in self.rules)


class Chain(Composition):
    """Transforms of the gradients, in sequence, and then a rule.

    The order matters: a penalty before ``ClipNorm`` is clipped too, one after it is not.

    Args:
        parts: transforms (``L2``, ``L1``, ``ClipNorm``, ``ClipValue``), then an optimizer.

    Raises:
        DtypeError: the parts are not transforms followed by one optimizer.

    Example:
        >>> import numpy as np
        >>> from mitbadak.optim import SGD, ClipNorm, L2
        >>> params = {"W1": np.array([2.0]), "b1": np.array([2.0])}
        >>> rule = Chain(L2(0.5), ClipNorm(1.0), SGD(0.1))
        >>> rule.update(params, {"W1": np.array([2.0]), "b1": np.array([4.0])})
        >>> params
        {'W1': array([1.94]), 'b1': array([1.92])}
    """

    def __init__(self, *parts: Transform | Optimizer):
        *transforms, rule = parts or (None,)
        if not isinstance(rule, Optimizer) or not _all_transforms(transforms):
            raise DtypeError(
                "Chain expects transforms of gradients, then one optimizer; got "
                f"({', '.join(map(repr, parts))}). Write Chain(L2(1e-4), ClipNorm(1.0), Adam())."
            )
        self.transforms = tuple(part for part in transforms if isinstance(part, Transform))
        super().__init__(rule)

    @property
    def rule(self) -> Optimizer:
        """The optimizer at the end."""
        return self.rules[0]

    @property
    def parts(self) -> tuple[Any, ...]:
        return (*self.transforms, *super().parts)

    def checked_gradients(self, params: Keyed, grads: Grads) -> dict[Any, Any]:
        gradients = super().checked_gradients(params, grads)
        for transform in self.transforms:
            gradients = transform(params, gradients)
        return self.rule.checked_gradients(params, gradients)

    def apply(self, params: Keyed, gradients: Mapping[Any, Any]) -> None:
        self.rule.apply(params, gradients)

    def config(self) -> dict[str, Any]:
        return {"name": "chain", "parts": [p.config() for p in (*self.transforms, self.rule)]}

    def __repr__(self) -> str:
        return f"Chain({', '.join(map(repr, (*self.transforms, self.rule)))})"


class Groups(Composition):
    """A rule for each group of parameters; a parameter goes to the first pattern it matches.

    Args:
        rules: optimizers by name pattern (``*``, ``?``, ``[...]``; case-sensitive). Two patterns
            cannot share an optimizer.

    Raises:
        StateError: the same optimizer appears twice.
        RangeError: there is no rule.

    An update raises ``UnknownNameError`` for a parameter that no pattern matches, for a pattern
    without any parameter, and for lists, whose parameters have no names.

    Example:
        >>> import numpy as np
        >>> from mitbadak.optim import SGD
        >>> params = {"W1": np.array([1.0]), "b1": np.array([1.0])}
        >>> rule = Groups({"b*": SGD(0.5), "*": SGD(0.1)})
        >>> rule.update(params, {"W1": np.array([1.0]), "b1": np.array([1.0])})
        >>> params
        {'W1': array([0.9]), 'b1': array([0.5])}
    """

    def __init__(self, rules: Mapping[str, Optimizer]):
        if isinstance(rules, Mapping) and not rules:
            raise RangeError("Groups needs a rule; got none. Write Groups({'*': SGD(0.1)}).")
        if not isinstance(rules, Mapping) or not all(
            isinstance(rule, Optimizer) for rule in rules.values()
        ):
            raise DtypeError(
                f"Groups expects optimizers by the patterns of names; got {brief(rules)}. Write "
                "Groups({'b*': SGD(0.1), '*': Adam()})."
            )
        shared = [rule for rule, uses in _uses(rules.values()).values() if uses > 1]
        if shared:
            raise StateError(
                f"Groups: {shared[0]!r} is used for two groups and would count its updates twice. "
                "Make an optimizer for each."
            )
        self.patterns = tuple(rules)
        super().__init__(*rules.values())

    @property
    def parts(self) -> tuple[Any, ...]:
        return (*self.patterns, *super().parts)

    def checked_gradients(self, params: Keyed, grads: Grads) -> dict[Any, Any]:
        gradients = super().checked_gradients(params, grads)
        checked: dict[Any, Any] = {}
        for rule, keys in self.split(gradients):
            checked |= rule.checked_gradients(_subset(params, keys), _subset(gradients, keys))
        return checked

    def apply(self, params: Keyed, gradients: Mapping[Any, Any]) -> None:
        every: Any = params
        for rule, keys in self.split(gradients):
            own = _subset(every, keys)
            rule.apply(own, _subset(gradients, keys))
            for key in keys:  # arrays changed in place; floats are new
                every[key] = own[key]

    def split(self, names: Iterable[Any]) -> list[tuple[Optimizer, list[str]]]:
        """Each rule with the names of its parameters.

        Raises:
            UnknownNameError: a name matches no pattern, a pattern no name, or the names are
                list indices.
        """
        keys = list(names)
        if any(not isinstance(key, str) for key in keys):
            raise UnknownNameError(
                "Groups: the parameters in a list have no names to match. Give a dict, "
                "{'W1': ..., 'b1': ...}, or a net's params."
            )
        groups: dict[str, list[str]] = {pattern: [] for pattern in self.patterns}
        for key in keys:
            pattern = next((p for p in self.patterns if fnmatchcase(key, p)), None)
            if pattern is None:
                raise UnknownNameError(
                    f"Groups: no pattern matches the parameter {key!r}; the patterns are "
                    f"{listed(self.patterns)}. Add '*' as the last one for all other parameters."
                )
            groups[pattern].append(key)
        for pattern, group in groups.items():
            if not group:
                raise UnknownNameError(
                    f"Groups: no parameter is left for the pattern {pattern!r}; the parameters "
                    f"are {listed(keys)}, and the first pattern that matches wins. Remove the "
                    "pattern or move it up."
                )
        return list(zip(self.rules, groups.values(), strict=True))

    def config(self) -> dict[str, Any]:
        pairs = zip(self.patterns, self.rules, strict=True)
        return {"name": "groups", "rules": [[pattern, rule.config()] for pattern, rule in pairs]}

    def __repr__(self) -> str:
        pairs = zip(self.patterns, self.rules, strict=True)
        return f"Groups({{{', '.join(f'{pattern!r}: {rule!r}' for pattern, rule in pairs)}}})"


def _all_transforms(parts: Iterable[Any]) -> bool:
    return all(isinstance(part, Transform) for part in parts)


def _uses(rules: Iterable[Optimizer]) -> dict[int, tuple[Optimizer, int]]:
    """Each rule, nested ones included, and how often it occurs, by its id."""
    every = list(rules)
    for rule in every:
        if isinstance(rule, Composition):
            every += rule.rules
    counts = Counter(map(id, every))
    return {id(rule): (rule, counts[id(rule)]) for rule in every}


def _subset(keyed: Any, keys: list[str]) -> dict[Any, Any]:
    return {key: keyed[key] for key in keys}
