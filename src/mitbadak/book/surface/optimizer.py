"""``common.optimizer``: the update rules with the books' settings, over dicts or lists.

They differ from ``mitbadak.optim`` in defaults, in the place of epsilon in Adam, and in that a
gradient with NaN is passed on, as there, with one warning.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mitbadak import optim
from mitbadak.core.errors import NonFiniteError, NumericalWarning
from mitbadak.core.warned import warn
from mitbadak.optim.base import keys_of

__all__ = ["SGD", "AdaGrad", "Adam", "Momentum", "Nesterov", "RMSprop"]
EPSILON = 1e-7  # added to the roots in both books


class _GoesOn(optim.Optimizer):
    """An update that goes on with NaN and infinity, as the books' do; the first ones warn."""

    _warned = False

    def update(self, params: Any, grads: Any) -> None:
        """Update every parameter by its gradient, arrays in place.

        Args:
            params: a dict or list of arrays or floats.
            grads: gradients under the same keys.
        """
        try:
            gradients = self.checked_gradients(params, grads)
        except NonFiniteError as problem:
            if not self._warned:
                said = str(problem).replace(", so nothing was updated", "")
                warn(f"{said} The update goes on with it.", NumericalWarning)
                self._warned = True
            gradients = {key: grads[key] for key in keys_of(type(self).__name__, params)}
        self.apply(params, gradients)


class SGD(_GoesOn, optim.SGD):
    """``p <- p - lr g``.

    Example:
        >>> W = np.array([1.0])
        >>> SGD(lr=0.1).update([W], [np.array([5.0])])
        >>> W
        array([0.5])
    """

    def __init__(self, lr: optim.Rate = 0.01):
        super().__init__(lr)


class Momentum(_GoesOn, optim.Momentum):
    """``v <- momentum v - lr g``, ``p <- p + v``.

    Example:
        >>> params = {"x": 1.0}
        >>> Momentum(lr=0.1).update(params, {"x": 5.0})
        >>> params
        {'x': np.float64(0.5)}
    """


class Nesterov(_GoesOn, optim.Nesterov):
    """Nesterov's momentum, in the form that needs the gradient at p only."""


class AdaGrad(_GoesOn, optim.AdaGrad):
    """``h <- h + g^2``, ``p <- p - lr g / (sqrt(h) + 1e-7)``."""

    def __init__(self, lr: optim.Rate = 0.01):
        super().__init__(lr, eps=EPSILON)


class RMSprop(_GoesOn, optim.RMSProp):
    """``h <- decay_rate h + (1 - decay_rate) g^2``, ``p <- p - lr g / (sqrt(h) + 1e-7)``."""

    def __init__(self, lr: optim.Rate = 0.01, decay_rate: float = 0.99):
        super().__init__(lr, decay=decay_rate, eps=EPSILON)


class Adam(_GoesOn, optim.Adam):
    """Adam with the correction folded into the rate, and 1e-7 added to the uncorrected root.

    Example:
        >>> params = {"x": 1.0}
        >>> Adam(lr=0.1).update(params, {"x": 5.0})
        >>> params["x"].round(6)
        np.float64(0.9)
    """

    def __init__(self, lr: optim.Rate = 0.001, beta1: float = 0.9, beta2: float = 0.999):
        super().__init__(lr, beta1, beta2, EPSILON)

    def decrement(self, key: Any, gradient: Any, lr: float) -> Any:
        m = self.beta1 * self.state["m"][key] + (1 - self.beta1) * gradient
        v = self.beta2 * self.state["v"][key] + (1 - self.beta2) * (gradient * gradient)
        self.state["m"][key], self.state["v"][key] = m, v
        correction = math.sqrt(1 - self.beta2**self.steps) / (1 - self.beta1**self.steps)
        return lr * correction * m / (np.sqrt(v) + self.eps)
