"""A net taken apart: affine layers, each followed by activations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from mitbadak.nn.activations import ACTIVATIONS, Activation, Identity
from mitbadak.nn.affine import Affine, Flatten, Reshape
from mitbadak.nn.dropout import Dropout
from mitbadak.nn.layer import Layer

# Layers that return rows of numbers unchanged.
IDENTITIES: tuple[type[Layer], ...] = (Identity, Flatten, Reshape)
IDENTITIES_IN_EVALUATION = (*IDENTITIES, Dropout)


@runtime_checkable
class AffineArrays(Protocol):
    """The widths and arrays of an affine map ``y = x W + b``."""

    @property
    def n_in(self) -> int: ...
    @property
    def n_out(self) -> int: ...
    @property
    def params(self) -> Mapping[str, Any]: ...


@runtime_checkable
class AffineStage(Protocol):
    """An affine map and the layers after it that change its output, of a net or traced."""

    @property
    def affine(self) -> AffineArrays: ...
    @property
    def effective(self) -> Sequence[Layer]: ...


@dataclass(frozen=True)
class Stage:
    """An affine layer and all layers up to the next one."""

    affine: Affine
    after: tuple[Layer, ...]

    @property
    def activation(self) -> Activation | None:
        """The activation that follows: Identity if nothing does, None for anything else."""
        after = [layer for layer in self.after if type(layer) not in IDENTITIES]
        if not after:
            return Identity()
        return after[0] if len(after) == 1 and is_activation(after[0]) else None  # pyright: ignore

    @property
    def effective(self) -> list[Layer]:
        """The layers after the affine one that change its output in evaluation."""
        return [layer for layer in self.after if type(layer) not in IDENTITIES_IN_EVALUATION]


def is_activation(layer: Layer) -> bool:
    """Whether a layer is one of the built-in activations, and none derived from them."""
    return type(layer) in ACTIVATIONS.values()


def affine_stages(layers: Sequence[Layer]) -> tuple[tuple[Layer, ...], list[Stage]]:
    """The layers before the first affine layer, and the stages from there on.

    Example:
        >>> from mitbadak.nn import MLP
        >>> before, stages = affine_stages(MLP([4, 3, 2], "relu").layers)
        >>> before, [(stage.affine, stage.activation) for stage in stages]
        ((), [(Affine(4, 3), ReLU()), (Affine(3, 2), Identity())])
    """
    starts = [i for i, layer in enumerate(layers) if isinstance(layer, Affine)]
    ends = [*starts[1:], len(layers)]
    before = tuple(layers[: starts[0]] if starts else layers)
    return before, [
        Stage(layers[start], tuple(layers[start + 1 : end]))  # pyright: ignore
        for start, end in zip(starts, ends, strict=True)
    ]
