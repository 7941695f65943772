"""Nets: initializers, layers, heads, and the nets built from them."""

from mitbadak.core.elsewhere import names_of as _names_of
from mitbadak.nn.activations import (
    ELU,
    GELU,
    Activation,
    Identity,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softplus,
    Tanh,
)
from mitbadak.nn.affine import Affine, Flatten, Reshape
from mitbadak.nn.conv_net import ConvNet
from mitbadak.nn.convolution import AveragePooling, Convolution, MaxPooling
from mitbadak.nn.declared import option
from mitbadak.nn.dropout import Dropout
from mitbadak.nn.heads import (
    Head,
    Huber,
    MeanSquaredError,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
    SumSquaredError,
)
from mitbadak.nn.initializers import he, lecun, normal, orthogonal, xavier, zeros
from mitbadak.nn.layer import Call, Layer, LayerResult, ModalLayer
from mitbadak.nn.mlp import MLP, TwoLayerNet
from mitbadak.nn.network import Sequential
from mitbadak.nn.norms import BatchNorm, LayerNorm
from mitbadak.nn.params import Buffers, Params
from mitbadak.nn.passes import NetResult
from mitbadak.nn.predictor import Predictor
from mitbadak.nn.restoring import from_config

__all__ = [
    "ELU", "GELU", "MLP", "Activation", "Affine", "AveragePooling", "BatchNorm", "Buffers",
    "Call", "ConvNet", "Convolution", "Dropout", "Flatten", "Head", "Huber", "Identity", "Layer",
    "LayerNorm", "LayerResult", "LeakyReLU", "MaxPooling", "MeanSquaredError", "ModalLayer",
    "NetResult", "Params", "Predictor", "ReLU", "Reshape", "Sequential", "SiLU", "Sigmoid",
    "SigmoidCrossEntropy", "SoftmaxCrossEntropy", "Softplus", "SumSquaredError", "Tanh",
    "TwoLayerNet", "from_config", "he", "lecun", "normal", "option", "orthogonal", "xavier",
    "zeros",
]  # fmt: skip

__getattr__ = _names_of(__name__, lambda: __all__)
