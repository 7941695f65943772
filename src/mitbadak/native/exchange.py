"""What passes between the arrays of a net and its optimizer and those of the kernels."""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.core.errors import ShapeError, StateError
from mitbadak.native.layout import Layout
from mitbadak.native.support import shared
from mitbadak.nn.network import Sequential
from mitbadak.optim import Chain, Groups, Optimizer


class Exchange:
    """Copies values in both directions, and checks what callbacks may have replaced.

    Args:
        net, optimizer: whose arrays.
        layout: the kernels' arrays for them.
    """

    def __init__(self, net: Sequential, optimizer: Optimizer, layout: Layout):
        self.net, self.optimizer, self.layout = net, optimizer, layout
        self.rules = dict(_rules(optimizer, list(layout.spans)))
        self.absorbed: dict[str, np.ndarray] = {}

    def absorb(self) -> None:
        """Copy everything into the kernels' arrays; raises as ``NativeUpdater.absorb``."""
        arrays, state = dict(self.net.params), self.optimizer.state
        if any(a is not self.absorbed.get(n) or not a.flags.writeable for n, a in arrays.items()):
            self._check_arrays(arrays)
        self.absorbed = arrays
        for name, view in self.layout.params.items():
            view[...] = arrays[name]
        for name, view in self.layout.buffers.items():
            view[...] = self.net.buffers[name]
        for name, rule in self.rules.items():
            for slot, views in zip(rule.slots, self.layout.states, strict=False):
                kept = state[slot].get(name)
                if kept is not None and np.shape(kept) != views[name].shape:
                    self._check_arrays(arrays)
                views[name][...] = 0 if kept is None else kept

    def _check_arrays(self, arrays: dict[str, np.ndarray]) -> None:
        """Refuse what the optimizer itself would refuse, and arrays that do not fit the layout."""
        if list(arrays) != list(self.layout.params):
            raise StateError(
                f"the net has the parameters {', '.join(arrays)}; this run began with "
                f"{', '.join(self.layout.params)}. Start a new run."
            )
        for name, array in arrays.items():
            planned = self.layout.params[name]
            if array.shape != planned.shape or array.dtype != planned.dtype:
                raise ShapeError(
                    f"params[{name!r}] must stay {planned.dtype} of shape {planned.shape}; got "
                    f"{array.dtype} of shape {array.shape}."
                )
        if shared(arrays):
            raise StateError(
                f"{shared(arrays)} share memory, but kernels update each parameter separately. "
                "Give each its own array, or use engine='numpy'."
            )
        self.optimizer.checked_gradients(
            self.net.params, {n: np.zeros_like(a) for n, a in arrays.items()}
        )

    def publish(self) -> None:
        """Copy the current values to the arrays of the net and the optimizer."""
        for name, view in self.layout.params.items():
            if self.absorbed[name].flags.writeable:  # else ``absorb`` raises
                self.absorbed[name][...] = view
        self.net.buffers.update({name: view.copy() for name, view in self.layout.buffers.items()})
        for name, rule in self.rules.items():
            if not rule.steps:
                continue
            for slot, views in zip(rule.slots, self.layout.states, strict=False):
                kept = self.optimizer.state[slot]
                fits = name in kept and np.shape(kept[name]) == views[name].shape
                if fits and kept[name].flags.writeable:
                    kept[name][...] = views[name]
                elif fits or name not in kept:  # else ``absorb`` raises
                    kept[name] = views[name].copy()

    def snapshot(self) -> tuple[list[Any], list[Any]]:
        """A copy of everything that training changes in the kernels' arrays."""
        arrays = [self.layout.parameters, self.layout.state, *self.layout.buffers.values()]
        return [(a, a.copy()) for a in arrays], [(rule, rule.steps) for rule in self.rules.values()]

    def rewind(self, snapshot: tuple[list[Any], list[Any]]) -> None:
        """Go back to a snapshot."""
        arrays, rules = snapshot
        for array, before in arrays:
            array[...] = before
        for rule, steps in rules:
            rule.steps = steps


def _rules(optimizer: Any, names: list[str]) -> list[tuple[str, Any]]:
    """Each parameter with the plain rule that updates it."""
    if isinstance(optimizer, Groups):
        return [pair for rule, keys in optimizer.split(names) for pair in _rules(rule, keys)]
    if isinstance(optimizer, Chain):
        return _rules(optimizer.rule, names)
    return [(name, optimizer) for name in names]
