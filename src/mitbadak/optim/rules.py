"""Update rules as in their papers; the docstrings say where the book and frameworks differ."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from mitbadak.core.errors import not_negative, positive, share
from mitbadak.optim.base import Keyed, Optimizer
from mitbadak.optim.schedules import Rate


class SGD(Optimizer):
    """Stochastic gradient descent, ``p <- p - lr g``.

    Its default rate is that of ``fit``, which suits inputs around 1; the book's is 0.01.

    Example:
        >>> params = {"W": np.array([1.0, 2.0])}
        >>> SGD(lr=0.1).update(params, {"W": np.array([10.0, -10.0])})
        >>> params["W"]
        array([0., 3.])
    """

    def __init__(self, lr: Rate = 0.1):
        super().__init__(lr)

    def decrement(self, key: Any, gradient: Any, lr: float) -> Any:
        return lr * gradient


class Momentum(Optimizer):
    """Classical momentum, ``v <- momentum v - lr g``, ``p <- p + v``.

    The learning rate is part of v, as in the book. PyTorch keeps it outside, ``v <- momentum v +
    g``, ``p <- p - lr v``. With a constant rate the path is the same (its v is ours over ``-lr``);
    when the rate changes, earlier gradients here keep the rate they had at their own update.

    References:
        Polyak, Some methods of speeding up the convergence of iteration methods, 1964; in this
        form Sutskever, Martens, Dahl and Hinton, ICML 2013, equations 1 and 2.
    """

    slots = ("velocity",)

    def __init__(self, lr: Rate = 0.01, momentum: float = 0.9):
        super().__init__(lr)
        self.momentum = share("Momentum", "momentum", momentum)

    def decrement(self, key: Any, gradient: Any, lr: float) -> Any:
        velocity = self.momentum * self.state["velocity"][key] - lr * gradient
        self.state["velocity"][key] = velocity
        return -velocity


class Nesterov(Optimizer):
    """Nesterov's momentum, ``v <- momentum v - lr g``, ``p <- p + momentum v - lr g``.

    This form needs the gradient at ``p`` only: as in the book, ``p`` is the look-ahead point.
    PyTorch's ``SGD(nesterov=True)`` keeps the learning rate outside, ``v <- momentum v + g``, ``p
    <- p - lr (g + momentum v)``. With a constant rate the path is the same, see ``Momentum``.

    References:
        Nesterov, A method for solving the convex programming problem with convergence rate
        O(1/k^2), 1983; in this form Bengio, Boulanger-Lewandowski and Pascanu, Advances in
        optimizing recurrent networks, ICASSP 2013, equation 7.
    """

    slots = ("velocity",)

    def __init__(self, lr: Rate = 0.01, momentum: float = 0.9):
        super().__init__(lr)
        self.momentum = share("Nesterov", "momentum", momentum)

    def decrement(self, key: Any, gradient: Any, lr: float) -> Any:
        pull = lr * gradient
        velocity = self.momentum * self.state["velocity"][key] - pull
        self.state["velocity"][key] = velocity
        return pull - self.momentum * velocity


class AdaGrad(Optimizer):
    """AdaGrad, ``h <- h + g^2``, ``p <- p - lr g / (sqrt(h) + eps)``.

    h can only grow, so the effective rate can only fall. Epsilon is added outside the root and is
    1e-10, as in PyTorch (the book takes 1e-7; the paper adds it inside the sum, as delta).

    References:
        Duchi, Hazan and Singer, Adaptive subgradient methods for online learning and stochastic
        optimization, JMLR 2011, figure 1 with diagonal matrices.
    """

    slots = ("h",)
    squares = True

    def __init__(self, lr: Rate = 0.01, eps: float = 1e-10):
        super().__init__(lr)
        self.eps = positive("AdaGrad", "eps", eps)

    def decrement(self, key: Any, gradient: Any, lr: float) -> Any:
        h = self.state["h"][key] + gradient * gradient
        self.state["h"][key] = h
        return lr * gradient / (np.sqrt(h) + self.eps)


class RMSProp(Optimizer):
    """RMSProp, ``v <- decay v + (1 - decay) g^2``, ``p <- p - lr g / (sqrt(v) + eps)``.

    PyTorch's form and defaults. The lecture has decay 0.9 and no epsilon, TensorFlow adds epsilon
    under the root, and the book takes 0.99 and 1e-7.

    References:
        Tieleman and Hinton, Neural networks for machine learning, lecture 6.5, 2012.
    """

    slots = ("v",)
    squares = True

    def __init__(self, lr: Rate = 0.01, decay: float = 0.99, eps: float = 1e-8):
        super().__init__(lr)
        self.decay = share("RMSProp", "decay", decay)
        self.eps = positive("RMSProp", "eps", eps)

    def decrement(self, key: Any, gradient: Any, lr: float) -> Any:
        v = self.decay * self.state["v"][key] + (1 - self.decay) * (gradient * gradient)
        self.state["v"][key] = v
        return lr * gradient / (np.sqrt(v) + self.eps)


class Adam(Optimizer):
    """Adam, ``p <- p - lr m_hat / (sqrt(v_hat) + eps)``, with bias-corrected moments.

    ``m <- beta1 m + (1 - beta1) g``, ``v <- beta2 v + (1 - beta2) g^2``, ``m_hat = m / (1 -
    beta1^k)``, ``v_hat = v / (1 - beta2^k)`` at update k. Epsilon is added outside the root and
    after the correction, as in algorithm 1 of the paper (the book folds the correction into lr
    and uses 1e-7).

    References:
        Kingma and Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1.
    """

    slots = ("m", "v")
    squares = True

    def __init__(
        self, lr: Rate = 0.001, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8
    ):
        super().__init__(lr)
        self.beta1 = share(type(self).__name__, "beta1", beta1)
        self.beta2 = share(type(self).__name__, "beta2", beta2)
        self.eps = positive(type(self).__name__, "eps", eps)

    def decrement(self, key: Any, gradient: Any, lr: float) -> Any:
        m = self.beta1 * self.state["m"][key] + (1 - self.beta1) * gradient
        v = self.beta2 * self.state["v"][key] + (1 - self.beta2) * (gradient * gradient)
        self.state["m"][key], self.state["v"][key] = m, v
        m_hat = m / (1 - self.beta1**self.steps)
        root = np.sqrt(v) / math.sqrt(1 - self.beta2**self.steps)
        return lr * m_hat / (root + self.eps)


class AdamW(Adam):
    """Adam with decoupled decay: ``p <- p - lr weight_decay p`` first, then Adam's update.

    The decay bypasses the moments, which would normalize that of ``L2`` away. As in PyTorch it is
    multiplied by lr (in the paper only by the schedule) and applies to every parameter, biases
    included; ``Groups({"W*": AdamW(0.001), "*": Adam(0.001)})`` spares the biases.

    References:
        Loshchilov and Hutter, Decoupled weight decay regularization, ICLR 2019, algorithm 2.
    """

    def __init__(
        self,
        lr: Rate = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ):
        super().__init__(lr, beta1, beta2, eps)
        self.weight_decay = not_negative("AdamW", "weight_decay", weight_decay)

    def apply(self, params: Keyed, gradients: Mapping[Any, Any]) -> None:
        _shrink(params, gradients, self.lr * self.weight_decay)
        super().apply(params, gradients)


class Lion(Optimizer):
    """Lion, ``p <- p - lr sign(beta1 m + (1 - beta1) g)``, then ``m <- beta2 m + (1 - beta2) g``.

    Every entry moves by lr, so choose about a tenth of Adam's rate and let it decay; with a
    constant one the parameters oscillate around a minimum. ``weight_decay`` is decoupled, as in
    ``AdamW``.

    References:
        Chen and others, Symbolic discovery of optimization algorithms, NeurIPS 2023, algorithm 2.

    Example:
        >>> params = {"W": np.array([1.0, 2.0, 3.0])}
        >>> Lion(lr=0.5).update(params, {"W": np.array([10.0, -0.1, 0.0])})
        >>> params["W"]
        array([0.5, 2.5, 3. ])
    """

    slots = ("m",)

    def __init__(
        self,
        lr: Rate = 0.0001,
        beta1: float = 0.9,
        beta2: float = 0.99,
        weight_decay: float = 0.0,
    ):
        super().__init__(lr)
        self.beta1 = share("Lion", "beta1", beta1)
        self.beta2 = share("Lion", "beta2", beta2)
        self.weight_decay = not_negative("Lion", "weight_decay", weight_decay)

    def apply(self, params: Keyed, gradients: Mapping[Any, Any]) -> None:
        _shrink(params, gradients, self.lr * self.weight_decay)
        super().apply(params, gradients)

    def decrement(self, key: Any, gradient: Any, lr: float) -> Any:
        m = self.state["m"][key]
        self.state["m"][key] = self.beta2 * m + (1 - self.beta2) * gradient
        return lr * np.sign(self.beta1 * m + (1 - self.beta1) * gradient)


def _shrink(params: Keyed, gradients: Mapping[Any, Any], fraction: float) -> None:
    if fraction:
        for key in gradients:
            params[key] *= 1 - fraction
