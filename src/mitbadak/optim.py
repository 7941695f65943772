"""Optimizers: update rules that change parameters in place, given as dicts or as lists.

A parameter's key (its name in a dict, its index in a list) is its identity in the optimizer's
state. Each update stands as its paper has it; the docstrings say where books differ.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, MutableMapping, MutableSequence
from typing import Any, ClassVar

import numpy as np

from mitbadak.errors import DtypeError, ShapeError, UnknownNameError, positive, share, unknown_name

Keyed = MutableMapping[Any, Any] | MutableSequence[Any]


class Optimizer:
    """Base of update rules.

    Attributes:
        lr: learning rate; may be changed between updates.
        steps: updates so far.
        state: ``state[slot][key]``, one array per slot and parameter (momentum and the like).
    """

    slots: ClassVar[tuple[str, ...]] = ()

    def __init__(self, lr: float):
        self.lr = positive(type(self).__name__, "lr", lr)
        self.steps = 0
        self.state: dict[str, dict[Any, Any]] = {slot: {} for slot in self.slots}

    def update(self, params: Keyed, grads: Mapping[Any, Any] | MutableSequence[Any]) -> None:
        """Change every parameter by its gradient, arrays in place.

        Args:
            params: a dict (or a net's ``params``) or a list of arrays or floats.
            grads: the same keys; each gradient of its parameter's shape.

        Raises:
            UnknownNameError: a parameter without gradient.
            ShapeError: a gradient of another shape, which would broadcast.
        """
        keys = _keys(params)
        for key in keys:
            _check(type(self).__name__, key, params, grads)
        self.steps += 1
        for key in keys:
            for slot in self.slots:
                kept = self.state[slot].setdefault(key, np.zeros_like(params[key]))
                if np.shape(kept) != np.shape(params[key]):
                    raise ShapeError(
                        f"{self!r} has seen a parameter {key!r} of shape {np.shape(kept)}; this "
                        f"one has {np.shape(params[key])}. Use a new optimizer for another net."
                    )
            params[key] -= self.step(key, grads[key])

    def step(self, key: Any, gradient: Any) -> Any:
        """What is subtracted from the parameter ``key``, given its gradient."""
        raise NotImplementedError

    def config(self) -> dict[str, Any]:
        """Name and settings, as ``optimizer(**config)`` takes them."""
        settings = {k: v for k, v in vars(self).items() if k not in ("steps", "state")}
        return {"name": type(self).__name__.lower(), **settings}

    def __repr__(self) -> str:
        settings = ", ".join(f"{k}={v}" for k, v in self.config().items() if k != "name")
        return f"{type(self).__name__}({settings})"


class SGD(Optimizer):
    """Stochastic gradient descent, ``p <- p - lr g``.

    Example:
        >>> params = {"W": np.array([1.0, 2.0])}
        >>> SGD(lr=0.1).update(params, {"W": np.array([10.0, -10.0])})
        >>> params["W"]
        array([0., 3.])
    """

    def __init__(self, lr: float = 0.01):
        super().__init__(lr)

    def step(self, key: Any, gradient: Any) -> Any:
        return self.lr * gradient


class Momentum(Optimizer):
    """Classical momentum, ``v <- momentum v - lr g``, ``p <- p + v``.

    The rate stands inside v, as in the book (some frameworks keep it outside).

    References:
        Polyak, Some methods of speeding up the convergence of iteration methods, 1964; in this
        form Sutskever, Martens, Dahl and Hinton, ICML 2013, equations 1 and 2.
    """

    slots = ("velocity",)

    def __init__(self, lr: float = 0.01, momentum: float = 0.9):
        super().__init__(lr)
        self.momentum = share("Momentum", "momentum", momentum)

    def step(self, key: Any, gradient: Any) -> Any:
        velocity = self.momentum * self.state["velocity"][key] - self.lr * gradient
        self.state["velocity"][key] = velocity
        return -velocity


class Adam(Optimizer):
    """Adam, ``p <- p - lr m_hat / (sqrt(v_hat) + eps)``, with bias-corrected moments.

    ``m <- beta1 m + (1 - beta1) g``, ``v <- beta2 v + (1 - beta2) g^2``, ``m_hat = m / (1 -
    beta1^k)``, ``v_hat = v / (1 - beta2^k)`` at update k. Epsilon stands outside the root and
    after the correction, as in algorithm 1 of the paper (the book folds the correction into lr
    and uses 1e-7).

    References:
        Kingma and Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1.
    """

    slots = ("m", "v")

    def __init__(
        self, lr: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8
    ):
        super().__init__(lr)
        self.beta1 = share("Adam", "beta1", beta1)
        self.beta2 = share("Adam", "beta2", beta2)
        self.eps = positive("Adam", "eps", eps)

    def step(self, key: Any, gradient: Any) -> Any:
        m = self.beta1 * self.state["m"][key] + (1 - self.beta1) * gradient
        v = self.beta2 * self.state["v"][key] + (1 - self.beta2) * (gradient * gradient)
        self.state["m"][key], self.state["v"][key] = m, v
        m_hat = m / (1 - self.beta1**self.steps)
        root = np.sqrt(v) / math.sqrt(1 - self.beta2**self.steps)
        return self.lr * m_hat / (root + self.eps)


OPTIMIZERS: dict[str, type[Optimizer]] = {"sgd": SGD, "momentum": Momentum, "adam": Adam}


def optimizer(name: str, **settings: Any) -> Optimizer:
    """An optimizer by name.

    Raises:
        UnknownNameError: with the nearest right name.

    Example:
        >>> optimizer("momentum", lr=0.1)
        Momentum(lr=0.1, momentum=0.9)
    """
    if name not in OPTIMIZERS:
        raise unknown_name("optimizer", name, OPTIMIZERS)
    return OPTIMIZERS[name](**settings)


def _keys(params: Keyed) -> list[Any]:
    keys: Iterable[Any] = params if isinstance(params, Mapping) else range(len(params))
    return list(keys)


def _check(owner: str, key: Any, params: Keyed, grads: Any) -> None:
    try:
        gradient = grads[key]
    except (KeyError, IndexError):
        raise UnknownNameError(
            f"{owner}: parameter {key!r} has no gradient; grads needs the same keys as params."
        ) from None
    if isinstance(params[key], np.ndarray) and params[key].dtype.kind != "f":
        raise DtypeError(
            f"{owner}: parameter {key!r} is of {params[key].dtype}, which would cut every update "
            "off. Use floats."
        )
    if np.shape(gradient) != np.shape(params[key]):
        raise ShapeError(
            f"{owner}: parameter {key!r} has shape {np.shape(params[key])}, its gradient "
            f"{np.shape(gradient)}. They must be equal."
        )
