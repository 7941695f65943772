"""From settings to data sets, a net and an optimizer; and from one net to a changed one."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mitbadak.data import Dataset
from mitbadak.lab.playground.features import features
from mitbadak.lab.playground.points import Points, formula_points, made_points, own_points
from mitbadak.nn import Affine, Dropout, Layer, Sequential
from mitbadak.nn.activations import ACTIVATIONS, activation
from mitbadak.optim import Chain, Optimizer, build_optimizer

Settings = Mapping[str, Any]


class Sets(NamedTuple):
    """Points with their division.

    Attributes:
        points: all of them.
        is_test: which belong to the test set, shape (n,).
    """

    points: Points
    is_test: np.ndarray

    def dataset(self, names: Sequence[str], *, test: bool) -> Dataset:
        """One half, as inputs of a net."""
        rows = self.is_test if test else ~self.is_test
        x = features(self.points.x[rows], names).astype(np.float32)
        t = self.points.t[rows]
        return Dataset(x, t if self.points.classes else t.astype(np.float32))


def build_sets(settings: Settings) -> Sets:
    """The points of the settings, divided at random by their seed.

    Example:
        >>> from mitbadak.lab.playground.settings import SETTINGS
        >>> from mitbadak.lab.schema import defaults
        >>> sets = build_sets(defaults(SETTINGS))
        >>> sets.points.x.shape, int(sets.is_test.sum())
        ((400, 2), 200)
    """
    points = build_points(settings)
    n = len(points.x)
    is_test = np.zeros(n, bool)
    order = np.random.default_rng((settings["data_seed"], 1)).permutation(n)
    is_test[order[: min(n - 1, round(n * settings["test_share"]))]] = True
    return Sets(points, is_test)


def build_points(settings: Settings) -> Points:
    """The points of the settings: made, by formula, or one's own.

    Raises:
        RefusedError: the formula is not allowed, or there are too few points.
    """
    made = settings["n"], settings["noise"], settings["data_seed"]
    if settings["data"] == "own":
        return own_points(settings["points"], classes=settings["targets"] == "classes")
    if settings["data"] == "formula":
        return formula_points(settings["formula"], *made)
    return made_points(settings["data"], *made)


def build_net(settings: Settings, classes: int) -> Sequential:
    """The net of the settings, with new weights.

    Args:
        settings: of the Playground.
        classes: number of classes; 0 for a regression.

    Example:
        >>> from mitbadak.lab.playground.settings import SETTINGS
        >>> from mitbadak.lab.schema import defaults
        >>> list(build_net(defaults(SETTINGS), 2).params)
        ['W1', 'b1', 'W2', 'b2', 'W3', 'b3']
    """
    rng = np.random.default_rng(settings["weight_seed"])
    width, layers = len(settings["features"]), []
    for layer in settings["layers"]:
        layers.append(Affine(width, layer["units"], init=initializer_of(settings, layer), rng=rng))
        layers.append(activation(layer["activation"]))
        if layer["dropout"]:
            layers.append(Dropout(layer["dropout"]))
        width = layer["units"]
    layers.append(Affine(width, classes or 1, init=initializer_of(settings, None), rng=rng))
    return Sequential(*layers, loss=loss_of(classes))


def loss_of(classes: int) -> str:
    """The loss, by the number of classes; 0 for a regression."""
    return "softmax_cross_entropy" if classes else "mean_squared_error"


def build_rule(settings: Settings, steps_per_epoch: int) -> Optimizer:
    """The optimizer of the settings, with penalty, clipping and schedule."""
    strength = settings["strength"]
    return build_optimizer(
        settings["optimizer"], settings["lr"], schedule=settings["schedule"],
        l1=strength if settings["penalty"] == "l1" else 0.0,
        l2=strength if settings["penalty"] == "l2" else 0.0,
        clip_norm=settings["clip_norm"],
        updates=max(3, settings["schedule_epochs"] * steps_per_epoch),
    )  # fmt: skip


def carry_weights(old: Sequential, new: Sequential, rows: Sequence[int | None]) -> None:
    """Keep what two nets have in common: layer by layer the block of units that both have.

    The last layers belong together, and so do the first; units that are new keep their own new
    weights.

    Args:
        old, new: the nets; ``new`` is changed.
        rows: for each input of ``new`` the same input of ``old``, or None.
    """
    before, after = affine_layers(old), affine_layers(new)
    pairs = [*zip(before[:-1], after[:-1], strict=False), (before[-1], after[-1])]
    for number, (source, target) in enumerate(pairs):
        W, kept = target.params["W"], source.params["W"]
        columns = min(W.shape[1], kept.shape[1])
        first = source is before[0] and target is after[0] and number == 0
        matched = rows if first else range(min(len(W), len(kept)))
        for row, same in enumerate(matched):
            if same is not None:
                W[row, :columns] = kept[same, :columns]
        target.params["b"][:columns] = source.params["b"][:columns]


def carry_memory(old: Optimizer, new: Optimizer) -> None:
    """Give the new optimizer the count of the old one, and its momentum if the rule is the same.

    Example:
        >>> from mitbadak.optim import L2, Adam
        >>> old, new = Adam(0.1), Chain(L2(0.1), Adam(0.2))
        >>> old.update({"W": np.ones(2)}, {"W": np.ones(2)})
        >>> carry_memory(old, new)
        >>> new.steps, list(new.state)
        (1, ['m', 'v'])
    """
    if type(rule_of(old)) is type(rule_of(new)):
        new.state = copy.deepcopy(old.state)
    new.steps = old.steps


def rule_of(optimizer: Optimizer) -> Optimizer:
    """The rule itself, without penalties and clipping."""
    return optimizer.rules[0] if isinstance(optimizer, Chain) else optimizer


def affine_layers(net: Sequential) -> list[Layer]:
    """The layers with weights, in order."""
    return [layer for layer in net.layers if isinstance(layer, Affine)]


def initializer_of(settings: Settings, layer: Mapping[str, Any] | None) -> str | float:
    """The initializer of a layer, None for the last; ``auto`` follows the activation behind it."""
    chosen = settings["init"]
    if chosen == "auto":
        rectifies = layer is not None and ACTIVATIONS[layer["activation"]].rectifies
        return "he" if rectifies else "xavier"
    return float(chosen) if chosen[0].isdigit() else chosen
