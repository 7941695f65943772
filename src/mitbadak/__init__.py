"""Mitbadak: a neural-network workshop that shows its work.

Public names are loaded when they are first used, so that ``import mitbadak`` costs no more than
NumPy does.
"""

from __future__ import annotations

import mitbadak.startup as _startup

if _startup.is_the_command():  # before what takes long: NumPy alone takes a tenth of a second
    _startup.end_in_one_line()

import importlib
from typing import TYPE_CHECKING, Any

import numpy  # noqa: F401  (the one thing that is always there)

__version__ = "0.1.0"

_HOMES = {
    "mitbadak.errors": (
        "MitbadakError", "MitbadakWarning",
    ),
    "mitbadak.functions": (
        "affine", "cross_entropy_error", "dropout", "elu", "flatten", "gelu", "huber", "identity",
        "leaky_relu", "linear", "log_softmax", "mean_squared_error", "relu", "sigmoid",
        "sigmoid_cross_entropy", "sigmoid_grad", "silu", "softmax", "softmax_cross_entropy",
        "softplus", "step", "sum_squared_error", "tanh",
    ),
    "mitbadak.labels": (
        "one_hot",
    ),
    "mitbadak.normalization": (
        "batch_norm", "layer_norm",
    ),
    "mitbadak.numerical": (
        "numerical_diff", "numerical_gradient",
    ),
    "mitbadak.graph": (
        "Variable", "draw", "grad", "gradient_of", "hessian", "hessian_vector_product",
        "jacobian",
    ),
    "mitbadak.descent": (
        "descend", "gradient_descent", "stability_limit",
    ),
    "mitbadak.nn": (
        "ELU", "GELU", "MLP", "Affine", "BatchNorm", "Dropout", "Flatten", "Huber", "Identity",
        "LayerNorm", "LeakyReLU", "MeanSquaredError", "Predictor", "ReLU", "Sequential", "SiLU",
        "Sigmoid", "SigmoidCrossEntropy", "SoftmaxCrossEntropy", "Softplus", "SumSquaredError",
        "Tanh", "TwoLayerNet",
    ),
    "mitbadak.optim": (
        "L1", "L2", "SGD", "AdaGrad", "Adam", "AdamW", "Chain", "ClipNorm", "ClipValue",
        "Constant", "Cosine", "Exponential", "Groups", "Lion", "Momentum", "Nesterov", "OneCycle",
        "RMSProp", "StepDecay", "WarmUp", "build_optimizer",
    ),
    "mitbadak.data": (
        "Dataset", "Preparation", "RandomShift", "Source", "idx_dataset", "k_fold", "load_blobs",
        "load_circles", "load_mnist", "load_moons", "load_regression", "load_spiral", "load_xor",
        "map_idx", "mnist_datasets", "open_source", "read_idx", "shifted", "stratified_split",
        "write_idx",
    ),
    "mitbadak.images": (
        "image_folder", "read_image",
    ),
    "mitbadak.gradcheck": (
        "GradientReport", "assert_gradients", "check_gradients",
    ),
    "mitbadak.training": (
        "Callback", "EarlyStopping", "History", "PrintProgress", "StopOnNonFinite", "TrainConfig",
        "evaluate", "fit", "load", "save",
    ),
}  # fmt: skip
_MODULES = (
    "data",
    "descent",
    "functions",
    "graph",
    "images",
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
        Preparation as Preparation,
        RandomShift as RandomShift,
        Source as Source,
        idx_dataset as idx_dataset,
        k_fold as k_fold,
        load_blobs as load_blobs,
        load_circles as load_circles,
        load_mnist as load_mnist,
        load_moons as load_moons,
        load_regression as load_regression,
        load_spiral as load_spiral,
        load_xor as load_xor,
        map_idx as map_idx,
        mnist_datasets as mnist_datasets,
        open_source as open_source,
        read_idx as read_idx,
        shifted as shifted,
        stratified_split as stratified_split,
        write_idx as write_idx,
    )
    from mitbadak.descent import (
        descend as descend,
        gradient_descent as gradient_descent,
        stability_limit as stability_limit,
    )
    from mitbadak.errors import (
        MitbadakError as MitbadakError,
        MitbadakWarning as MitbadakWarning,
    )
    from mitbadak.functions import (
        affine as affine,
        cross_entropy_error as cross_entropy_error,
        dropout as dropout,
        elu as elu,
        flatten as flatten,
        gelu as gelu,
        huber as huber,
        identity as identity,
        leaky_relu as leaky_relu,
        linear as linear,
        log_softmax as log_softmax,
        mean_squared_error as mean_squared_error,
        relu as relu,
        sigmoid as sigmoid,
        sigmoid_cross_entropy as sigmoid_cross_entropy,
        sigmoid_grad as sigmoid_grad,
        silu as silu,
        softmax as softmax,
        softmax_cross_entropy as softmax_cross_entropy,
        softplus as softplus,
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
    from mitbadak.images import (
        image_folder as image_folder,
        read_image as read_image,
    )
    from mitbadak.labels import (
        one_hot as one_hot,
    )
    from mitbadak.nn import (
        ELU as ELU,
        GELU as GELU,
        MLP as MLP,
        Affine as Affine,
        BatchNorm as BatchNorm,
        Dropout as Dropout,
        Flatten as Flatten,
        Huber as Huber,
        Identity as Identity,
        LayerNorm as LayerNorm,
        LeakyReLU as LeakyReLU,
        MeanSquaredError as MeanSquaredError,
        Predictor as Predictor,
        ReLU as ReLU,
        Sequential as Sequential,
        Sigmoid as Sigmoid,
        SigmoidCrossEntropy as SigmoidCrossEntropy,
        SiLU as SiLU,
        SoftmaxCrossEntropy as SoftmaxCrossEntropy,
        Softplus as Softplus,
        SumSquaredError as SumSquaredError,
        Tanh as Tanh,
        TwoLayerNet as TwoLayerNet,
    )
    from mitbadak.normalization import (
        batch_norm as batch_norm,
        layer_norm as layer_norm,
    )
    from mitbadak.numerical import (
        numerical_diff as numerical_diff,
        numerical_gradient as numerical_gradient,
    )
    from mitbadak.optim import (
        L1 as L1,
        L2 as L2,
        SGD as SGD,
        AdaGrad as AdaGrad,
        Adam as Adam,
        AdamW as AdamW,
        Chain as Chain,
        ClipNorm as ClipNorm,
        ClipValue as ClipValue,
        Constant as Constant,
        Cosine as Cosine,
        Exponential as Exponential,
        Groups as Groups,
        Lion as Lion,
        Momentum as Momentum,
        Nesterov as Nesterov,
        OneCycle as OneCycle,
        RMSProp as RMSProp,
        StepDecay as StepDecay,
        WarmUp as WarmUp,
        build_optimizer as build_optimizer,
    )
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
