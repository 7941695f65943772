"""A frozen net for fast predictions."""

from __future__ import annotations

import copy
from typing import Any

from mitbadak.core.arrays import as_array
from mitbadak.core.engines import Engine, choose_engine, compiled
from mitbadak.core.errors import StateError
from mitbadak.core.typing import Array, Float
from mitbadak.nn.declared import is_built_in
from mitbadak.nn.heads import SigmoidCrossEntropy, SoftmaxCrossEntropy
from mitbadak.nn.mlp import MLP
from mitbadak.nn.network import Sequential


class Predictor:
    """Predictions of a net as it is now, for one example or for many.

    It copies the parameters, so that further training of the net does not change its answers. It
    can be called from several threads.

    Args:
        net: the net.
        engine: ``auto`` uses compiled kernels where Numba is installed and there is a kernel for
            every layer; ``numpy`` and ``compiled`` choose explicitly.

    Attributes:
        net: a copy of the net.
        engine: which engine runs, and why.

    Raises:
        UnknownNameError: an unknown engine.
        StateError: ``compiled`` was requested and there are no kernels for this net.

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
        self.engine = choose_engine(engine)
        self._kernels: Any = None
        if self.engine.name == "numpy":
            return
        reason = self._why_not_compiled()
        if not reason:
            softmax = isinstance(net, MLP) and isinstance(net.head, SoftmaxCrossEntropy)
            self._kernels = compiled("scores").CompiledScores(net, probabilities=softmax)
        elif engine == "compiled":
            raise StateError(
                f"engine 'compiled' cannot serve this net: {reason}. Use engine='auto'."
            )
        else:
            self.engine = Engine("numpy", reason)

    def predict(self, x) -> Float[Array, "*batch n_out"]:
        """The net's answers for x, as from ``net.predict``.

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

    def _why_not_compiled(self) -> str:
        kind, head = type(self.net), type(self.net.head)
        scores_only = kind.answer is Sequential.answer
        usual = kind.predict is Sequential.predict and (scores_only or kind.answer is MLP.answer)
        sigmoid = head is SigmoidCrossEntropy and not scores_only
        if sigmoid or not (usual and is_built_in(head)):
            return f"no kernel for how {kind.__name__} turns scores into answers"
        return compiled("plan").why_not(self.net)
