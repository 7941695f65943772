"""Mitbadak: a neural-network workshop that shows its work.

Public names are loaded when they are first used, so that ``import mitbadak`` costs no more than
NumPy does.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy  # noqa: F401  (the one thing that is always there)

__version__ = "0.1.0"

_HOMES = {
    "mitbadak.errors": ("MitbadakError", "MitbadakWarning"),
    "mitbadak.functions": (
        "affine", "cross_entropy_error", "identity", "linear", "log_softmax",
        "mean_squared_error", "relu", "sigmoid", "sigmoid_grad", "softmax",
        "softmax_cross_entropy", "step", "sum_squared_error", "tanh",
    ),
    "mitbadak.labels": ("one_hot",),
    "mitbadak.normalization": ("batch_norm",),
    "mitbadak.numerical": ("numerical_diff", "numerical_gradient"),
    "mitbadak.descent": ("gradient_descent",),
    "mitbadak.graph": (
        "Variable", "draw", "grad", "gradient_of", "hessian", "hessian_vector_product",
        "jacobian",
    ),
    "mitbadak.nn": (
        "MLP", "Affine", "Identity", "MeanSquaredError", "Predictor", "ReLU", "Sequential",
        "Sigmoid", "SoftmaxCrossEntropy", "SumSquaredError", "Tanh", "TwoLayerNet",
    ),
    "mitbadak.optim": ("SGD", "Adam", "Momentum"),
    "mitbadak.data": (
        "Dataset", "idx_dataset", "load_mnist", "load_spiral", "map_idx", "mnist_datasets",
        "read_idx", "write_idx",
    ),
    "mitbadak.gradcheck": ("GradientReport", "assert_gradients", "check_gradients"),
    "mitbadak.training": (
        "Callback", "EarlyStopping", "History", "PrintProgress", "StopOnNonFinite",
        "TrainConfig", "evaluate", "fit", "load", "save",
    ),
}  # fmt: skip
_MODULES = (
    "data",
    "descent",
    "functions",
    "graph",
    "nn",
    "numerical",
    "optim",
    "plots",
    "training",
)
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [*sorted(_HOME_OF), "__version__"]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"mitbadak.{name}")
    if name not in _HOME_OF:
        raise AttributeError(f"module 'mitbadak' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, *_MODULES]


if TYPE_CHECKING:
    from mitbadak.data import (
        Dataset as Dataset,
        idx_dataset as idx_dataset,
        load_mnist as load_mnist,
        load_spiral as load_spiral,
        map_idx as map_idx,
        mnist_datasets as mnist_datasets,
        read_idx as read_idx,
        write_idx as write_idx,
    )
    from mitbadak.descent import gradient_descent as gradient_descent
    from mitbadak.errors import (
        MitbadakError as MitbadakError,
        MitbadakWarning as MitbadakWarning,
    )
    from mitbadak.functions import (
        affine as affine,
        cross_entropy_error as cross_entropy_error,
        identity as identity,
        linear as linear,
        log_softmax as log_softmax,
        mean_squared_error as mean_squared_error,
        relu as relu,
        sigmoid as sigmoid,
        sigmoid_grad as sigmoid_grad,
        softmax as softmax,
        softmax_cross_entropy as softmax_cross_entropy,
        step as step,
        sum_squared_error as sum_squared_error,
        tanh as tanh,
    )
    from mitbadak.gradcheck import (
        GradientReport as GradientReport,
        assert_gradients as assert_gradients,
        check_gradients as check_gradients,
    )
    from mitbadak.graph import (
        Variable as Variable,
        draw as draw,
        grad as grad,
        gradient_of as gradient_of,
        hessian as hessian,
        hessian_vector_product as hessian_vector_product,
        jacobian as jacobian,
    )
    from mitbadak.labels import one_hot as one_hot
    from mitbadak.nn import (
        MLP as MLP,
        Affine as Affine,
        Identity as Identity,
        MeanSquaredError as MeanSquaredError,
        Predictor as Predictor,
        ReLU as ReLU,
        Sequential as Sequential,
        Sigmoid as Sigmoid,
        SoftmaxCrossEntropy as SoftmaxCrossEntropy,
        SumSquaredError as SumSquaredError,
        Tanh as Tanh,
        TwoLayerNet as TwoLayerNet,
    )
    from mitbadak.normalization import batch_norm as batch_norm
    from mitbadak.numerical import (
        numerical_diff as numerical_diff,
        numerical_gradient as numerical_gradient,
    )
    from mitbadak.optim import SGD as SGD, Adam as Adam, Momentum as Momentum
    from mitbadak.training import (
        Callback as Callback,
        EarlyStopping as EarlyStopping,
        History as History,
        PrintProgress as PrintProgress,
        StopOnNonFinite as StopOnNonFinite,
        TrainConfig as TrainConfig,
        evaluate as evaluate,
        fit as fit,
        load as load,
        save as save,
    )
