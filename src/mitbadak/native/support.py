"""What has a kernel: layers, heads, optimizers and transforms, with their codes in C."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from mitbadak import nn, optim
from mitbadak.data.shifts import RandomShift
from mitbadak.native.structs import CONSTANTS as C
from mitbadak.nn.activations import ACTIVATIONS
from mitbadak.nn.affine import Affine, Flatten
from mitbadak.nn.declared import is_built_in
from mitbadak.nn.heads import Head
from mitbadak.nn.layer import Layer
from mitbadak.nn.network import Sequential
from mitbadak.nn.restoring import is_overridden
from mitbadak.nn.stages import IDENTITIES
from mitbadak.optim import Optimizer
from mitbadak.optim.transforms import Transform

ACTIVATION_CODES: dict[type[Layer], int] = {
    kind: C[name.upper()] for name, kind in ACTIVATIONS.items() if name.upper() in C
}
OWN_SLOPES = (nn.GELU, nn.SiLU)  # their slopes do not follow from their outputs
LAYER_CODES: dict[type[Layer], int] = {
    Affine: C["AFFINE"],
    nn.Dropout: C["DROPOUT"],
    nn.BatchNorm: C["BATCH_NORM"],
    nn.LayerNorm: C["LAYER_NORM"],
    nn.Convolution: C["CONVOLUTION"],
    nn.MaxPooling: C["MAX_POOLING"],
    nn.AveragePooling: C["AVERAGE_POOLING"],
    **dict.fromkeys(ACTIVATION_CODES, C["ACTIVATION"]),
}
HEAD_CODES: dict[type[Head], int] = {
    nn.SoftmaxCrossEntropy: C["SOFTMAX_CROSS_ENTROPY"],
    nn.SigmoidCrossEntropy: C["SIGMOID_CROSS_ENTROPY"],
    nn.MeanSquaredError: C["MEAN_SQUARED"],
    nn.SumSquaredError: C["SUM_SQUARED"],
    nn.Huber: C["HUBER"],
}
RULE_CODES: dict[type[Optimizer], int] = {
    optim.SGD: C["SGD"],
    optim.Momentum: C["MOMENTUM"],
    optim.Nesterov: C["NESTEROV"],
    optim.AdaGrad: C["ADAGRAD"],
    optim.RMSProp: C["RMSPROP"],
    optim.Adam: C["ADAM"],
    optim.AdamW: C["ADAM"],
    optim.Lion: C["LION"],
}
# The attributes that kernels read: the setting of a layer or a head; of a rule the fields
# `decay`, `second_decay` and `epsilon` of a Change.
SETTINGS: dict[type[Layer] | type[Head], str] = {
    nn.LeakyReLU: "slope", nn.ELU: "alpha", nn.Dropout: "rate", nn.BatchNorm: "eps",
    nn.LayerNorm: "eps", nn.Huber: "delta",
}  # fmt: skip
RULE_SETTINGS: dict[type[Optimizer], tuple[str, ...]] = {
    optim.SGD: ("", "", ""),
    optim.Momentum: ("momentum", "", ""),
    optim.Nesterov: ("momentum", "", ""),
    optim.AdaGrad: ("", "", "eps"),
    optim.RMSProp: ("decay", "", "eps"),
    optim.Adam: ("beta1", "beta2", "eps"),
    optim.AdamW: ("beta1", "beta2", "eps"),
    optim.Lion: ("beta1", "beta2", ""),
}
TRANSFORM_CODES: dict[type[Transform], int] = {
    optim.L2: C["PENALTY_L2"],
    optim.L1: C["PENALTY_L1"],
    optim.ClipValue: C["CLIP_VALUE"],
    optim.ClipNorm: C["CLIP_NORM"],
}
MOST_WORK: Any = 10_000  # to find out whether arrays with any strides share memory
WITHOUT_EFFECT_ON_TRAINING = {"answer", "predict", "config", "graph", "numerical_gradient"}


def setting_of(part: Layer | Head) -> float:
    """The setting of a layer or a head that kernels read; 0 where there is none."""
    return float(getattr(part, SETTINGS[type(part)])) if type(part) in SETTINGS else 0.0


def layers_of(net: Sequential) -> list[Layer]:
    """The layers that change a row of numbers."""
    return [layer for layer in net.layers if type(layer) not in IDENTITIES]


def has_channels_last(layer: Any) -> bool:
    """Whether a layer changes the order of the numbers in rows."""
    return bool(getattr(layer, "channels_last", False))


def why_no_scores(net: Sequential) -> str:
    """Why kernels cannot compute the scores of a net, in a clause; "" if they can."""
    if net.dtype != np.float32:
        return f"kernels support float32 only, the net is {net.dtype}"
    for layer in net.layers:
        known = type(layer) in LAYER_CODES or type(layer) in IDENTITIES
        if not known or is_overridden(layer):
            return f"no kernel for {layer!r}"
    if not any(isinstance(layer, Affine) for layer in net.layers):
        return "kernels need at least one affine layer"
    for before, after in pairwise([*net.layers, None]):
        if has_channels_last(before) and not (
            before is net.layers[0] and type(after) is nn.Convolution
        ):
            return f"no kernel for {before!r} except at the beginning, before a convolution"
    if net.n_in is None and net.image is not None:
        return "kernels need images of a known size: begin the net with mb.Reshape"
    if net.n_in is None or type(layers_of(net)[0]) is Flatten:
        return "kernels need rows of a known width"
    return ""


def why_not_trained(net: Sequential, optimizer: Optimizer, augment: Any = None) -> str:
    """Why kernels cannot train a net, in a clause; "" if they can."""
    reason = why_no_scores(net)
    if reason:
        return reason
    replaced = _replaced_methods(net)
    if replaced:
        return f"{type(net).__name__} overrides {replaced[0]}"
    if type(net.head) not in HEAD_CODES or is_overridden(net.head):
        return f"no kernel for {net.head!r}"
    if augment is not None and type(augment) is not RandomShift:
        return f"no kernel for {augment!r}"
    if shared(net.params):
        return f"kernels update each parameter separately, but {shared(net.params)} share memory"
    names = list(net.params)
    return next(_objections(optimizer, names, len(names)), "")


def _replaced_methods(net: Sequential) -> list[str]:
    """The methods of a net that are not the ones whose work kernels do."""
    classes = [c for c in type(net).__mro__ if issubclass(c, Sequential) and not is_built_in(c)]
    own = {name for c in classes for name in vars(c)} | set(vars(net))
    methods = {name for name, value in vars(Sequential).items() if callable(value)}
    return sorted(name for name in own & methods if not name.startswith("__")
                  and name not in WITHOUT_EFFECT_ON_TRAINING)  # fmt: skip


def _objections(optimizer: Optimizer, names: list[str], count: int) -> Iterator[str]:
    """Why kernels cannot apply an optimizer to these parameters, of ``count`` in the net."""
    if type(optimizer) is optim.Chain:
        for transform in optimizer.transforms:
            if type(transform) not in TRANSFORM_CODES:
                yield f"no kernel for {transform!r}"
            if type(transform) is optim.ClipNorm and len(names) < count:
                yield f"no kernel for {transform!r} of one group"
        yield from _objections(optimizer.rule, names, count)
    elif type(optimizer) is optim.Groups:
        for rule, keys in optimizer.split(names):
            yield from _objections(rule, keys, count)
    elif type(optimizer) not in RULE_CODES or any(callable(v) and k != "schedule"
                                                  for k, v in vars(optimizer).items()
                                                  if k[0] != "_"):  # fmt: skip
        yield f"no kernel for {optimizer!r}"


def shared(params: Mapping[str, np.ndarray]) -> str:
    """The names of two parameters that share memory, as text; "" if none do."""
    for (first, a), (second, b) in combinations(params.items(), 2):
        try:
            shares = np.shares_memory(a, b, max_work=MOST_WORK)
        except np.exceptions.TooHardError:
            shares = True
        if shares:
            return f"{first} and {second}"
    return ""
