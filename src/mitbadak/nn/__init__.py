"""Nets: initializers, layers, losses, and the nets built of them."""

from mitbadak.nn.initializers import he, normal, xavier, zeros
from mitbadak.nn.layers import Affine, Identity, Layer, ReLU, Sigmoid, Tanh
from mitbadak.nn.losses import Head, MeanSquaredError, SoftmaxCrossEntropy, SumSquaredError
from mitbadak.nn.mlp import MLP, TwoLayerNet, from_config
from mitbadak.nn.network import Sequential
from mitbadak.nn.params import Params
from mitbadak.nn.predictor import Predictor

__all__ = [
    "MLP",
    "Affine",
    "Head",
    "Identity",
    "Layer",
    "MeanSquaredError",
    "Params",
    "Predictor",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "SoftmaxCrossEntropy",
    "SumSquaredError",
    "Tanh",
    "TwoLayerNet",
    "from_config",
    "he",
    "normal",
    "xavier",
    "zeros",
]
