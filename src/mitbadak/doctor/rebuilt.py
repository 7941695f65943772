"""The net, rebuilt from its parameters: which activation and which head give its answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from mitbadak.functions import activations

CLOSE = {4: 1e-3, 8: 1e-6}  # by the bytes of a number: so near are equal answers
NEAR = 0.01  # of its range: an answer so near a limit is saturated
LEAST = 8  # examples
FEW = 32  # examples that rule out most nets
RANGES = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}

Map = Callable[[np.ndarray], np.ndarray]


TRIED: dict[str, Map] = {  # activations that are tried
    "identity": activations.identity,
    "sigmoid": activations.sigmoid,
    "tanh": np.tanh,
    "relu": activations.relu,
    "leaky_relu": activations.leaky_relu,
}
HEADS: dict[str, Map] = {
    "identity": activations.identity,
    "softmax": activations.softmax,
    "sigmoid": activations.sigmoid,
    "tanh": np.tanh,
    "relu": activations.relu,
    "relu and softmax": lambda a: activations.softmax(activations.relu(a)),
    "softmax twice": lambda a: activations.softmax(activations.softmax(a)),
}


@dataclass(frozen=True)
class Layer:
    """Activations of one layer of a net that is known.

    Attributes:
        name: of the layer.
        kind: ``relu`` for what has zeros, ``sigmoid`` or ``tanh`` for what saturates, "" otherwise.
        dead: the share of units that answer 0 to every example.
        saturated: the share of answers within 1% of a limit of their range.
        std: the standard deviation of the answers.
    """

    name: str
    kind: str
    dead: float
    saturated: float
    std: float

    @classmethod
    def of(cls, name: str, activation: str, answers: np.ndarray) -> Layer:
        """From the answers of a layer to some examples.

        Args:
            name: of the layer.
            activation: ``sigmoid``, ``tanh``, ``relu``, or whatever else it applies.
            answers: shape (n, ...).

        Example:
            >>> Layer.of("ReLU", "relu", np.array([[0.0, 2.0], [0.0, 3.0]])).dead
            0.5
        """
        rows, saturated, dead = answers.reshape(len(answers), -1), 0.0, 0.0
        if activation in RANGES:
            low, high = RANGES[activation]
            margin = NEAR * (high - low)
            saturated = float(np.mean((rows < low + margin) | (rows > high - margin)))
        if activation == "relu":
            dead = float(np.mean(~rows.any(axis=0)))
        kind = activation if activation in (*RANGES, "relu") else ""
        return cls(name, kind, dead, saturated, float(rows.std()))


@dataclass(frozen=True)
class Rebuilt:
    """A dense net whose answers its parameters explain.

    Attributes:
        activation: of the hidden layers; "" if there are none.
        head: what is applied to the last sums.
        layers: the hidden layers' answers to the batch.
    """

    activation: str
    head: str
    layers: tuple[Layer, ...]


def rebuild(params: Mapping[str, np.ndarray], x: np.ndarray, outputs: np.ndarray) -> Rebuilt | None:
    """The net that gives these answers; None if there is no such net, or more than one.

    Args:
        params: weights (n_in, n_out), each followed by its bias if it has one.
        x: inputs, shape (n, ...).
        outputs: the answers to them.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> x, W1, W2 = rng.normal(size=(9, 2)), rng.normal(size=(2, 4)), rng.normal(size=(4, 1))
        >>> rebuild({"W1": W1, "W2": W2}, x, np.tanh(x @ W1) @ W2).activation
        'tanh'
    """
    found = candidates(params, x, outputs)
    return found[0] if len(found) == 1 else None


def candidates(
    params: Mapping[str, np.ndarray], x: np.ndarray, outputs: np.ndarray
) -> list[Rebuilt]:
    """All nets that give these answers; several where units are all on, all off or saturated.

    Args:
        params, x, outputs: as for ``rebuild``.
    """
    least = min([outputs.dtype.itemsize, *(array.dtype.itemsize for array in params.values())])
    close = CLOSE.get(least, CLOSE[4])
    x = x.reshape(len(x), -1).astype(np.float64)
    outputs = outputs.reshape(len(outputs), -1)
    chain = _chain(params, x.shape[1])
    if len(x) < LEAST or not chain or chain[-1][1].shape[1] != outputs.shape[1]:
        return []
    found = []
    with np.errstate(all="ignore"):
        for name in TRIED if len(chain) > 1 else [""]:
            if head := _head(_forward(chain, name, x[:FEW])[1], outputs[:FEW], close):
                hidden, sums = _forward(chain, name, x)
                if len(x) > FEW and _head(sums, outputs, close) != head:
                    continue
                layers = [Layer.of(p[0], name, h) for p, h in zip(chain, hidden, strict=False)]
                found.append(Rebuilt(name, head, tuple(layers)))
    return found


def _forward(
    chain: list[tuple[str, np.ndarray, np.ndarray | float]], activation: str, x: np.ndarray
) -> tuple[list[np.ndarray], np.ndarray]:
    """The answers of the hidden layers, and the last sums."""
    sums, hidden = x @ chain[0][1] + chain[0][2], []
    for _, W, b in chain[1:]:
        hidden.append(TRIED[activation](sums))
        sums = hidden[-1] @ W + b
    return hidden, sums


def _chain(
    params: Mapping[str, np.ndarray], n_in: int
) -> list[tuple[str, np.ndarray, np.ndarray | float]]:
    """Name, weights and bias of each layer; empty if the shapes do not follow one another."""
    chain: list[tuple[str, np.ndarray, np.ndarray | float]] = []
    for name, array in params.items():
        bias = bool(chain) and array.size == n_in and array.shape[0] in (1, n_in) and (
            array.ndim == 1 or (array.shape[0] == 1 and n_in > 1)
        )  # fmt: skip
        if not bias and array.ndim == 2 and array.shape[0] == n_in:
            chain.append((name, array.astype(np.float64), 0.0))
            n_in = array.shape[1]
        elif bias:
            chain[-1] = (*chain[-1][:2], array.reshape(-1).astype(np.float64))
        else:
            return []
    return chain


def _head(sums: np.ndarray, outputs: np.ndarray, close: float) -> str:
    """The first head that makes these answers of these sums; "" if none does."""
    if not np.isfinite(sums).all():
        return ""
    for name, head in HEADS.items():
        if np.allclose(head(sums), outputs, close, close / 100):
            return name
    return ""
