"""A net frozen for use: its answers as fast as this machine gives them."""

from __future__ import annotations

import copy
from typing import Any

from mitbadak.core.arrays import as_array
from mitbadak.core.engines import choose_engine, compiled
from mitbadak.core.typing import Array, Float
from mitbadak.nn.losses import SoftmaxCrossEntropy
from mitbadak.nn.mlp import MLP
from mitbadak.nn.network import Sequential


class Predictor:
    """``net.predict`` of a net as it is now, for one example or for many.

    It keeps the parameters as they are: training the net further does not change its answers.
    Calls from several threads are safe.

    Args:
        net: the net.
        engine: ``auto`` takes compiled kernels where Numba is installed and has them for every
            layer; ``numpy`` or ``compiled`` chooses by hand.

    Attributes:
        net: a copy of the net.
        engine: which engine runs, and why.

    Raises:
        UnknownNameError: an engine that is not known.
        StateError: ``compiled`` was asked for and cannot serve this net.

    Example:
        >>> import numpy as np
        >>> from mitbadak.nn import TwoLayerNet
        >>> net = TwoLayerNet(4, 3, 2, rng=0)
        >>> predictor = Predictor(net, engine="numpy")
        >>> bool(np.all(predictor.predict([1, 0, 0, 1]) == net.predict([1, 0, 0, 1])))
        True
    """

    def __init__(self, net: Sequential, *, engine: str = "auto"):
        self.net = copy.deepcopy(net)
        self.engine = choose_engine(engine, "scores", net, task="serve this net")
        self._kernels: Any = None
        if self.engine.name == "compiled":
            softmax = isinstance(net, MLP) and isinstance(net.head, SoftmaxCrossEntropy)
            self._kernels = compiled("scores").CompiledScores(net, probabilities=softmax)

    def predict(self, x) -> Float[Array, "*batch n_out"]:
        """The answers for x: what ``net.predict`` gives.

        Args:
            x: shape (batch, n_in), or (n_in,) for one example.

        Raises:
            ShapeError, DtypeError: as ``net.predict``.
        """
        if self._kernels is None:
            return self.net.predict(x)
        x = as_array("Predictor", "x", x)
        self.net.check_input(x)
        if x.ndim == 1:
            return self._kernels.of_one(x)
        if len(x) == 1:
            return self._kernels.of_one(x[0])[None]
        return self._kernels.of_many(x)
