"""Kernels for computations that are a net of the house: affine layers, activations, a known loss.

What f computes between two layers, and from the scores to the loss, may be written in many ways. It
counts as known if it gives the same numbers as the house's own function, to rounding, at the very
values that this gradient is made of, and around them. Whatever does not is replayed in NumPy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from mitbadak import nn
from mitbadak.book.recognition.domains import Moved, Origin, is_virtual, lifted
from mitbadak.book.recognition.replay import follow
from mitbadak.book.recognition.spread import Spread
from mitbadak.book.recognition.tape import Node
from mitbadak.core.engines import native
from mitbadak.nn.heads import Head
from mitbadak.nn.layer import Layer
from mitbadak.nn.structured_gradient import engine_of_gradient

AGREEMENT = 64 * np.finfo(np.float64).eps  # of two ways to write one function
REACH = 1.0  # how far from the scores losses are compared, too
LARGEST_EPSILON = 1e-2
UNITS_COMPARED = 2  # of the last layer, moved one at a time
FIRST_POINTS = 64  # an activation that differs here is not compared further


@dataclass(eq=False)
class Weights:
    """An affine layer as kernels read it."""

    n_in: int
    n_out: int
    params: dict[str, np.ndarray]


@dataclass(eq=False)
class KernelStage:
    """An affine layer and the activation after it, as ``NativeMoves`` takes them."""

    affine: Weights
    effective: list[Layer]


@dataclass(eq=False)
class Kernel:
    """Central differences of one origin, by unit, on kernels.

    Attributes:
        words: the net in words, for messages: activations, and the loss.
    """

    moves: Any
    sign: float
    words: tuple[str, ...]

    def slopes(self, unit: int, rows: np.ndarray, by: np.ndarray) -> np.ndarray:
        """The central difference of each move, in the loss of the batch."""
        return self.sign * self.moves.slopes(0, unit, rows, by)


def kernel_for(spread: Spread, origin: Origin, weight: float, h: float) -> Kernel | None:
    """The kernel for an origin's part of a gradient; None if kernels do not know the computation.

    Args:
        spread, origin: the computation; the origin has one sum.
        weight: with which the sum enters the result.
        h: half the distance of a central difference.
    """
    if origin.batch != -2 or origin.unit != -1 or weight == 0.0:
        return None
    if origin.inputs is None and (
        origin.node.function is not np.add or not spread.domains[0].plain  # type: ignore[union-attr]
        or origin.entry is None or origin.entry.kind not in ("input", "reshape", "transpose")
    ):  # fmt: skip
        return None
    net = _Net(spread, origin)
    if not net.is_chain:
        return None
    activations = [net.activation(number, h) for number in range(len(net.layers) - 1)]
    if any(a is None for a in activations):
        return None
    found = net.head(weight)
    if found is None:
        return None
    head, last, targets, epsilon, factor = found
    scores = lifted(net.layers[-1].value, -2)
    stages = net.stages([*activations, last])
    if engine_of_gradient("auto", stages, head, scores).name != "compiled":
        return None
    moves = native("moves").NativeMoves(
        stages, [lifted(z.value, -2) for z in net.layers], last.predict(scores), targets,
        head=head, h=h, epsilon=epsilon,
    )  # fmt: skip
    names = [type(a).__name__ for a in (*activations, last) if type(a) is not nn.Identity]
    guard = [f"log(y + {epsilon:g})"] if epsilon else []
    share = factor / head.term_weight(scores.shape)
    return Kernel(moves, share, (*names, type(head).__name__, *guard))


class _Net:
    """The nodes of an origin, taken apart into layers.

    Attributes:
        layers: for each layer the node of its values before the activation.
        before: for each but the last the node that meets the next layer's weights.
        products: the products with those weights.
        is_chain: whether nothing else leads from one layer to the next.
    """

    def __init__(self, spread: Spread, origin: Origin):
        self.spread, self.origin = spread, origin
        self.nodes = [origin.node, *origin.moved]
        self.users: dict[int, list[Node]] = {}
        for node in spread.needed:
            for source in node.sources:
                self.users.setdefault(source.number, []).append(node)
        self.layers = [self._with_bias(origin.node)]
        self.before: list[Node] = []
        self.products: list[Node] = []
        self.is_chain = True
        for node in origin.moved:
            if node.kind == "matmul" and self.is_chain:
                (source,) = node.sources
                product = self.spread.domains[node.number]
                self.is_chain = (
                    node.args[0] is source and np.ndim(node.args[1]) == 2
                    and isinstance(product, Moved) and product.batch == -2
                    and self._is_cut(source, node)
                )  # fmt: skip
                self.before.append(source)
                self.products.append(node)
                self.layers.append(self._with_bias(node))
        self.is_chain = self.is_chain and self.layers[-1].value.ndim <= 2

    def _with_bias(self, node: Node) -> Node:
        """The node after constants have been added."""
        while True:
            users = self.users.get(node.number, [])
            if len(users) != 1 or users[0].function not in (np.add, np.subtract):
                return node
            (user,) = users
            if (
                user not in self.origin.moved
                or len(list(user.sources)) != 1
                or (user.function is np.subtract and user.args[0] is not node)
                or user.value.shape != node.value.shape
            ):
                return node
            node = user

    def _is_cut(self, source: Node, product: Node) -> bool:
        """Whether everything from before a product leads through it."""
        earlier = {n.number for n in self.nodes if n.number < product.number}
        late = [n for n in self.spread.needed if n.number >= product.number]
        return all(
            s.number not in earlier or (n is product and s is source)
            for n in late
            for s in n.sources
        )

    def activation(self, number: int, h: float) -> Any:
        """The activation of the house after a layer, or None."""
        start, end = self.layers[number], self.before[number]
        between = [n for n in self.nodes if start.number < n.number <= end.number]
        settings: list[float] = []
        for node in between:
            if node.kind != "elementwise":
                return None
            for a in node.args:
                if isinstance(a, np.ndarray) and a.size > 1:
                    return None
                if isinstance(a, (int, float, np.generic)):
                    settings.append(float(a))
        widest = h
        if number == 0 and self.origin.inputs is not None:
            widest = h * max(1.0, float(np.abs(self.origin.inputs).max(initial=0.0)))
        z = start.value.ravel()
        points = np.concatenate([z, z + widest, z - widest, np.linspace(-40, 40, 801)])
        for candidate in _activations(between, settings):
            for some in (points[:FIRST_POINTS], points):
                y = self._between(start, between, some)
                if y.shape != some.shape or not _agree(y, candidate.predict(some)):
                    break
            else:
                return candidate
        return None

    def _between(self, start: Node, between: list[Node], points: np.ndarray) -> np.ndarray:
        values = {start.number: points}
        with np.errstate(all="ignore"):
            for node in between:
                args = [
                    values[a.number] if isinstance(a, Node)
                    else a.reshape(()) if isinstance(a, np.ndarray) else a
                    for a in node.args
                ]  # fmt: skip
                values[node.number] = node.function(*args, **node.options)
        return np.asarray(values[(between[-1] if between else start).number])

    def stages(self, activations: list[Any]) -> list[KernelStage]:
        """The layers as kernels take them; nothing reads the first one's weights."""
        n_out = self.layers[0].value.shape[-1]
        n_in = 1 if self.origin.inputs is None else self.origin.inputs.shape[1]
        weights = [Weights(n_in, n_out, {"W": np.zeros((n_in, n_out))})]
        for product in self.products:
            W = np.asarray(product.args[1], np.float64)
            weights.append(Weights(W.shape[0], W.shape[1], {"W": W}))
        return [
            KernelStage(affine, [a] if type(a) is not nn.Identity else [])
            for affine, a in zip(weights, activations, strict=True)
        ]

    def head(self, weight: float) -> tuple[Head, Any, np.ndarray, float, float] | None:
        """Loss, activation before it, targets, epsilon and factor; None if none is known."""
        end = self.layers[-1]
        scores = lifted(end.value, -2)
        if scores.ndim != 2:
            return None
        rest = [n for n in self.origin.moved if n.number > end.number]
        sums = [n for n in self.origin.sums if n.kind == "reduce"]
        rest_and_sums = [*rest, *sums]
        points = list(self._points(end, scores, weight))
        for targets in _targets(rest_and_sums, scores.shape):
            for head, last, epsilon in _heads(rest_and_sums):
                factor = _factor(points, head, last, targets, epsilon)
                if factor is not None:
                    return head, last, targets, epsilon, factor
        return None

    def _points(
        self, end: Node, scores: np.ndarray, weight: float
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Scores, with what f makes of them: the share of each example in the result."""
        (end_sum,) = self.origin.sums
        rows = np.arange(len(scores))
        domain = self.spread.domains[end.number]
        draw = np.random.default_rng(0)
        units = draw.integers(0, scores.shape[1], UNITS_COMPARED).tolist()
        for size in (0.0, REACH):
            for unit in units if size and domain.unit is not None else units[:1]:
                moved = scores + size * draw.standard_normal(scores.shape)
                block = moved
                if domain.unit is not None:
                    moved = scores.copy()
                    moved[:, unit] += size * draw.standard_normal(len(scores))
                    block = moved[:, unit : unit + 1]
                sums = follow(self.spread, self.origin, block, rows, unit, {end.number: block})
                yield moved, weight * sums[end_sum.number]


def _agree(a: np.ndarray, b: np.ndarray, size: float = 0.0) -> bool:
    scale = max(float(np.abs(b).max(initial=0.0)), size)
    return bool(
        np.isfinite(a).all()
        and (np.abs(a - b) <= AGREEMENT * np.maximum(np.abs(b), scale / 64)).all()
    )


def _activations(between: list[Node], settings: list[float]) -> Iterator[Any]:
    """The activations that a few operations may be."""
    if not between:
        yield nn.Identity()
        return
    yield from (nn.Sigmoid(), nn.ReLU(), nn.Tanh())
    for setting in sorted({s for s in settings if 0 < s < 1}):
        yield nn.LeakyReLU(slope=setting)
    for setting in sorted({1.0, *(s for s in settings if s > 0)}):
        yield nn.ELU(alpha=setting)
    yield from (nn.SiLU(), nn.Softplus(), nn.GELU(), nn.Identity())


def _targets(nodes: list[Node], shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """What the labels may be: constants of the shape of the scores, or class indices."""
    batch, classes = shape
    for node in nodes:
        for a in node.args:
            if isinstance(a, np.ndarray) and a.size == batch * classes and a.dtype.kind in "fiub":
                yield a.reshape(shape).astype(np.float64)
        at = node.options.get("at") if node.kind == "index" else None
        for part in at or ():
            labels = np.asarray(part)
            if labels.dtype == bool and labels.shape == shape:
                yield labels.astype(np.float64)
            if (
                labels.dtype.kind in "iu"
                and labels.size == batch
                and (labels.size and labels.min() >= 0 and labels.max() < classes)
            ):
                yield np.eye(classes)[labels.reshape(-1)]
    yield np.zeros(shape)  # y - t looks like a layer with the bias -t


def _heads(nodes: list[Node]) -> Iterator[tuple[Head, Any, float]]:
    """The losses that nodes may be, with the activation of the last layer, and epsilon."""
    constants = {
        float(a) for node in nodes for a in node.args
        if isinstance(a, (float, np.floating)) and 0 < a <= LARGEST_EPSILON
    }  # fmt: skip
    logarithm = any(node.function in (np.log, np.logaddexp, np.log1p) or "log" in getattr(
        node.function, "__name__", "") for node in nodes)  # fmt: skip
    if logarithm:
        for epsilon in (*sorted(constants), 0.0):
            yield nn.SoftmaxCrossEntropy(), nn.Identity(), epsilon
        yield nn.SigmoidCrossEntropy(), nn.Identity(), 0.0
        return
    for last in (nn.Identity(), nn.Sigmoid(), nn.Tanh()):
        yield nn.SumSquaredError(), last, 0.0


def _factor(
    points: list[tuple[np.ndarray, np.ndarray]], head: Head, last: Any, targets: np.ndarray,
    epsilon: float,
) -> float | None:  # fmt: skip
    """The factor between f's losses and the house's, where it is one and the same."""
    factor = 0.0
    for scores, shares in points:
        y = last.predict(scores)
        if epsilon:
            e = np.exp(y - y.max(axis=1, keepdims=True))
            p = e / e.sum(axis=1, keepdims=True)
            losses = -(targets * np.log(p + epsilon)).sum(axis=1)
        else:
            losses = head.example_losses(y, targets)
        if not factor:
            largest = int(np.argmax(np.abs(losses)))
            if losses[largest] == 0 or not np.isfinite(losses[largest]):
                return None
            factor = float(shares[largest] / losses[largest])
        size = abs(factor) * float(np.abs(y).max())
        if not _agree(shares, factor * losses, size):
            return None
    return factor or None


def is_one_example(origin: Origin) -> bool:
    """Whether f computes with a single example."""
    return is_virtual(origin.node.value, origin.batch)
