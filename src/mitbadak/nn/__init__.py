"""Nets: initializers, layers, losses, and the nets built of them."""

from mitbadak.nn.initializers import he, lecun, normal, orthogonal, xavier, zeros
from mitbadak.nn.layers import (
    ELU,
    GELU,
    Affine,
    Flatten,
    Identity,
    Layer,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softplus,
    Tanh,
)
from mitbadak.nn.losses import (
    Head,
    Huber,
    MeanSquaredError,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
    SumSquaredError,
)
from mitbadak.nn.mlp import MLP, TwoLayerNet, from_config
from mitbadak.nn.modes import Dropout, ModalLayer
from mitbadak.nn.network import Found, Sequential
from mitbadak.nn.norms import BatchNorm, LayerNorm
from mitbadak.nn.params import Buffers, Params
from mitbadak.nn.predictor import Predictor

__all__ = [
    "ELU", "GELU", "MLP", "Affine", "BatchNorm", "Buffers", "Dropout", "Flatten", "Found", "Head",
    "Huber", "Identity", "Layer", "LayerNorm", "LeakyReLU", "MeanSquaredError", "ModalLayer",
    "Params", "Predictor", "ReLU", "Sequential", "SiLU", "Sigmoid", "SigmoidCrossEntropy",
    "SoftmaxCrossEntropy", "Softplus", "SumSquaredError", "Tanh", "TwoLayerNet", "from_config",
    "he", "lecun", "normal", "orthogonal", "xavier", "zeros",
]  # fmt: skip
