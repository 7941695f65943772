"""Where the modules stand that scripts of the two books import."""

from __future__ import annotations

import types
from typing import Any

import numpy as np

from mitbadak.book.surface import (
    chapters,
    convnets,
    functions,
    gradient,
    layers,
    loaders,
    nets,
    optimizer,
    trainer,
    two_layer_net,
    util,
    windows,
)


def _of(module: types.ModuleType, *names: str, **more: Any) -> dict[str, Any]:
    """The public names of a module, or some of them, with more; and NumPy, as in the books."""
    chosen = names or module.__all__
    return {"np": np, **{name: getattr(module, name) for name in chosen}, **more}


def _of_layers() -> dict[str, Any]:
    also = ("softmax", "sigmoid", "cross_entropy_error")
    return {**_of(functions, *also), **_of(layers), **_of(util, "im2col", "col2im"),
            **_of(windows, "Convolution", "Pooling")}  # fmt: skip


PACKAGES = ("common", "dataset")
MODULES: dict[str, dict[str, Any]] = {
    "common": {},
    "common.config": {"GPU": False},
    "common.functions": _of(functions),
    "common.gradient": _of(gradient, _numerical_gradient_1d=gradient.numerical_gradient),
    "common.layers": _of_layers(),
    "common.multi_layer_net": _of(nets, "MultiLayerNet"),
    "common.multi_layer_net_extend": _of(nets, "MultiLayerNetExtend"),
    "common.np": {"np": np, "GPU": False},
    "common.optimizer": _of(optimizer),
    "common.trainer": _of(trainer),
    "common.util": _of(util),
    "dataset": {},
    "dataset.mnist": loaders.MNIST_NAMES,
    "dataset.spiral": {"np": np, "load_data": loaders.load_data},
    "and_gate": _of(chapters, "AND"),
    "nand_gate": _of(chapters, "NAND"),
    "or_gate": _of(chapters, "OR"),
    "gradient_2d": chapters.GRADIENT_2D,
    "layer_naive": _of(chapters, "MulLayer", "AddLayer"),
    "two_layer_net": {},  # of which chapter depends on the script
    "simple_convnet": _of(convnets, "SimpleConvNet"),
    "deep_convnet": _of(convnets, "DeepConvNet"),
}
"""Module names with what is in them. Names with an underscore are there, but not for ``*``."""

LATER = {
    "common.base_model", "common.time_layers", "dataset.ptb", "dataset.sequence",
}  # fmt: skip
"""Modules of chapters 2 to 8 of the second book."""

LATER_NAMES = {
    "common.layers": ("Embedding", "SigmoidWithLoss"),
    "common.trainer": ("RnnlmTrainer",),
    "common.util": (
        "analogy", "cos_similarity", "create_co_matrix", "create_contexts_target",
        "eval_perplexity", "eval_seq2seq", "most_similar", "normalize", "ppmi", "preprocess",
    ),
}  # fmt: skip
"""Names of those chapters in modules that are here."""

TWO_LAYER_NETS = {
    "4": two_layer_net.TwoLayerNet,
    "5": two_layer_net.TwoLayerNetOfLayers,
    "2-1": two_layer_net.TwoLayerNetOfLists,
}
"""The nets of ``two_layer_net`` by chapter; 2-1 is the first chapter of the second book."""


def module_of(name: str) -> str | None:
    """The module in which a book has a name; None if in none.

    Example:
        >>> module_of("softmax"), module_of("load_mnist"), module_of("qux")
        ('common.functions', 'dataset.mnist', None)
    """
    for module in ("common.functions", "common.gradient", *MODULES):
        if name in MODULES[module] and name != "np":
            return module
    return None


def contents(name: str, chapter: str) -> dict[str, Any]:
    """What a module of the books has in it, for a script of this chapter."""
    if name != "two_layer_net":
        return dict(MODULES[name])
    return {**_of_layers(), "numerical_gradient": gradient.numerical_gradient,
            "TwoLayerNet": TWO_LAYER_NETS[chapter]}  # fmt: skip
