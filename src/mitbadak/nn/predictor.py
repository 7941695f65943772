"""A frozen net for fast predictions."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.arrays import as_array
from mitbadak.core.engines import choose_engine, native
from mitbadak.core.mapped import in_memory
from mitbadak.core.typing import Array, Float
from mitbadak.nn.network import Sequential
from mitbadak.nn.prepared import PreparedNet, check_net, inner_net


@explained
class Predictor:
    """Predictions of a net as it is now, for one example or for many.

    It copies the parameters, so that further training of the net does not change its answers. It
    can be called from several threads, copied and pickled.

    Args:
        net: the net, or a loaded model, whose raw examples are prepared.
        engine: ``auto`` uses kernels where there is one for every layer; ``numpy`` and ``compiled``
            choose explicitly.

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

    def __init__(self, net: Sequential | PreparedNet, *, engine: str = "auto"):
        check_net(net, "Predictor")
        self.net: Any = copy.deepcopy(net)
        self._start(engine)

    def _start(self, engine: str) -> None:
        net = inner_net(self.net)
        self.engine = choose_engine(engine, "scores", net, task="run this net")
        self._kernels: Any = None
        if self.engine.name == "compiled":
            self._kernels = native("scores").NativeScores(net)

    def __getstate__(self) -> dict[str, Any]:
        return {"net": self.net, "engine": "numpy" if self.engine.name == "numpy" else "auto"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Another machine may have no kernels, or other ones."""
        self.net = state["net"]
        self._start(state["engine"])

    def predict(self, x: Any) -> Float[Array, "*batch n_out"]:
        """The net's answers for x, as from ``net.predict``.

        Args:
            x: shape (batch, n_in), or (n_in,) for one example; for a model as for its ``rows``.

        Raises:
            ShapeError, DtypeError: as ``net.predict``.
        """
        if self._kernels is None:
            return self.net.predict(x)
        if isinstance(self.net, PreparedNet):
            return self.net.answers(self._run_kernels(self.net.rows(x)))
        x = in_memory(as_array("Predictor", "x", x))
        self.net.check_input(x)
        return self._run_kernels(x)

    def __call__(self, x: Any) -> Float[Array, "*batch n_out"]:
        """``predict``."""
        return self.predict(x)

    def scores(self, x: Any, **mode: Any) -> Float[Array, "*batch n_out"]:
        """The output of the last layer, as ``net.scores``; by NumPy."""
        return self.net.scores(x, **mode)

    def classify(self, x: Any) -> Any:
        """The likeliest class of each example, as ``net.classify``; by NumPy.

        Example:
            >>> from mitbadak.nn import MLP
            >>> Predictor(MLP([2, 3, 4], init="zeros")).classify([[0.5, 1.0]])
            array([0])
        """
        return self.net.classify(x)

    def accuracy(self, x: Any, t: Any) -> float:
        """The share of correct answers, as ``net.accuracy``; by NumPy."""
        return self.net.accuracy(x, t)

    def loss(self, x: Any, t: Any) -> float:
        """The loss of x against t, as ``net.loss``; by NumPy."""
        return self.net.loss(x, t)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Everything else is that of the net: ``predictor.classes``, ``predictor.params``.

            Nothing is while a predictor is unpickled; and it is no net with a preparation, which
            could be trained.
            """
            if name.startswith("__") or name in ("net", "engine", "_kernels", "preparation"):
                raise AttributeError(name)
            return getattr(self.net, name)

    def __repr__(self) -> str:
        return f"Predictor({self.net!r}, engine {self.engine.name!r})"

    def _run_kernels(self, x: np.ndarray) -> np.ndarray:
        if x.ndim == 1 or inner_net(self.net).is_one_image(x):
            return self._kernels.of_one(x)
        if len(x) == 1:
            return self._kernels.of_one(x[0])[None]
        return self._kernels.of_many(x)
