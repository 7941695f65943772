"""Layers that compute one thing in training and another afterwards, and say which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import numpy as np

from mitbadak import functions
from mitbadak.core.errors import StateError, share
from mitbadak.core.typing import Seed
from mitbadak.functions.differentiable import Pullback, value_of
from mitbadak.nn.layers import Call, Layer, kind


class ModalLayer(Layer):
    """A layer that differs in training.

    There is no mode that is switched on and forgotten: each call says which it is. ``predict`` is
    evaluation unless told otherwise; ``vjp`` and ``forward`` refuse to guess.

    Attributes:
        draws: whether training needs random numbers.
    """

    draws = False

    def learn(
        self, x: np.ndarray, *, training: bool | None = None, rng: Seed = None
    ) -> tuple[np.ndarray, Sequence[Pullback], dict[str, np.ndarray]]:
        """Value, pullbacks, and the values that buffers should take; changes nothing.

        Args:
            x: the layer's input.
            training: must be said.
            rng: seed or generator, for layers that draw.

        Raises:
            StateError: ``training`` was not said, or ``rng`` is missing.
        """
        if training is None:
            refuse_to_guess(self)
        call = self.call(x, training=training, rng=rng)
        y, pullbacks, *observed = call.operation.vjp(
            x, *self.params.values(), *call.constants, **call.options
        )
        own = pullbacks[: 1 + len(self.params)]  # those of constants are for nobody
        return y, own, self.news(observed[0], len(x)) if observed and training else {}

    def news(self, observed: Sequence[np.ndarray], batch: int) -> dict[str, np.ndarray]:
        """What buffers become after a batch on which ``observed`` was observed."""
        return {}

    def call(self, x: np.ndarray, *, training: bool = False, rng: Seed = None) -> Call:
        """What the layer computes for x in training or afterwards."""
        raise NotImplementedError

    def vjp(
        self, x: np.ndarray, *, training: bool | None = None, rng: Seed = None
    ) -> tuple[np.ndarray, Sequence[Pullback]]:
        """Value and pullbacks as ``Layer.vjp``; ``training`` must be said. Changes no buffer."""
        return self.learn(x, training=training, rng=rng)[:2]

    def predict(self, x: np.ndarray, *, training: bool = False, rng: Seed = None) -> np.ndarray:
        """The layer's output for x, after training unless told otherwise; changes no buffer."""
        call = self.call(x, training=training, rng=rng)
        return call.operation(x, *self.params.values(), *call.constants, **call.options)

    def forward(
        self, x: np.ndarray, *, training: bool | None = None, rng: Seed = None
    ) -> np.ndarray:
        """As ``Layer.forward``; ``training`` must be said. In training it updates the buffers."""
        y, pullbacks, news = self.learn(x, training=training, rng=rng)
        self.buffers.update(news)
        watched = {} if training else self.buffers
        return self._keep(pullbacks, {"x": np.asarray(x), **self.params, **watched}, y)


def refuse_to_guess(layer: Layer, owner: str = "") -> NoReturn:
    """The error for a layer that differs in training when nobody said which is meant."""
    said = f"{owner} holds {layer!r}, which" if owner else f"{layer!r}"
    rng = ", with rng= for its noise in training" if getattr(layer, "draws", False) else ""
    raise StateError(
        f"{said} computes something else in training than afterwards: say training=True or "
        f"training=False{rng}."
    )


@kind
class Dropout(ModalLayer):
    """Inverted dropout: in training each entry falls silent with probability ``rate``.

    The others are divided by ``1 - rate``, so that the mean stays; afterwards the layer passes
    everything on as it is. Noise is drawn in float32 whatever the net's dtype, so one seed
    silences the same entries in both.

    Args:
        rate: the share that falls silent, in [0, 1).

    Raises:
        RangeError: a rate outside [0, 1).

    References:
        Srivastava and others, Dropout, JMLR 15, 2014.

    Example:
        >>> layer = Dropout(0.5)
        >>> layer.predict(np.ones(4))
        array([1., 1., 1., 1.])
        >>> layer.forward(np.ones(4), training=True, rng=0)
        array([2., 2., 2., 0.])
        >>> layer.backward(np.ones(4))
        array([2., 2., 2., 0.])
    """

    draws = True

    def __init__(self, rate: float = 0.5) -> None:
        super().__init__(functions.dropout)
        self.rate = share("Dropout", "rate", rate)

    def call(self, x: np.ndarray, *, training: bool = False, rng: Seed = None) -> Call:
        if not training:
            return Call(functions.identity)
        if rng is None:
            raise StateError(
                f"{self!r} draws noise in training: give it rng=, a seed or a generator."
            )
        heard = np.random.default_rng(rng).random(np.shape(x), np.float32) >= self.rate
        dtype = np.result_type(np.asarray(value_of(x)).dtype, np.float16)
        return Call(self.operation, (heard.astype(dtype) / dtype.type(1 - self.rate),))

    def config(self) -> dict:
        return {"layer": "Dropout", "rate": self.rate}

    def __repr__(self) -> str:
        return f"Dropout({self.rate:g})"
