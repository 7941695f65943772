"""Values and gradients against PyTorch, where it is installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mitbadak import functions as f, nn
from mitbadak.functions import normalization
from mitbadak.nn import activations

torch = pytest.importorskip("torch")
F = torch.nn.functional

ACTIVATIONS: dict[str, tuple[Any, Any]] = {
    "sigmoid": (f.sigmoid, torch.sigmoid),
    "relu": (f.relu, F.relu),
    "tanh": (f.tanh, torch.tanh),
    "leaky_relu": (f.leaky_relu, F.leaky_relu),
    "elu": (f.elu, F.elu),
    "gelu": (f.gelu, F.gelu),
    "silu": (f.silu, F.silu),
    "softplus": (f.softplus, lambda x: F.softplus(x, threshold=1000.0)),
}
LOSSES: dict[str, tuple[Any, Any]] = {
    "sigmoid_cross_entropy": (f.sigmoid_cross_entropy, F.binary_cross_entropy_with_logits),
    "huber": (f.huber, F.huber_loss),
    "mean_squared_error": (f.mean_squared_error, F.mse_loss),
}


def tensor(a: np.ndarray) -> Any:
    return torch.tensor(a, requires_grad=True)


def agree(actual, expected) -> None:
    np.testing.assert_allclose(actual, expected.detach().numpy(), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name, rng):
    ours, theirs = ACTIVATIONS[name]
    x, dy = rng.normal(size=(50, 7)) * 4, rng.normal(size=(50, 7))
    x[0] = 0.0  # where derivatives are a convention
    y, (pullback,) = ours.vjp(x)
    there = tensor(x)
    result = theirs(there)
    result.backward(torch.tensor(dy))
    agree(y, result)
    agree(pullback(dy), there.grad)


WINDOWS = [((2, 3), 1, 0), ((3, 3), (2, 1), (1, 0)), ((5, 2), 3, (2, 1))]


@pytest.mark.parametrize(("size", "stride", "pad"), WINDOWS)
def test_convolution(size, stride, pad, rng):
    x, W, b = rng.normal(size=(4, 3, 9, 8)), rng.normal(size=(5, 3, *size)), rng.normal(size=5)
    y, pullbacks = f.convolution.vjp(x, W, b, stride=stride, pad=pad)
    there = [tensor(a) for a in (x, W, b)]
    result = F.conv2d(*there, stride=stride, padding=pad)
    dy = rng.normal(size=y.shape)
    result.backward(torch.tensor(dy))
    agree(y, result)
    for pullback, a in zip(pullbacks, there, strict=True):
        agree(pullback(dy), a.grad)


@pytest.mark.parametrize("kind", ["max", "average"])
@pytest.mark.parametrize(("size", "stride", "pad"), [(2, 2, 0), ((3, 2), (2, 1), (1, 1))])
def test_pooling(kind, size, stride, pad, rng):
    x = rng.normal(size=(4, 3, 9, 8))
    ours, theirs = {
        "max": (f.max_pooling, F.max_pool2d), "average": (f.average_pooling, F.avg_pool2d),
    }[kind]  # fmt: skip
    y, (pullback,) = ours.vjp(x, size=size, stride=stride, pad=pad)
    there = tensor(x)
    result = theirs(there, size, stride, pad)
    dy = rng.normal(size=y.shape)
    result.backward(torch.tensor(dy))
    agree(y, result)
    agree(pullback(dy), there.grad)


def test_every_activation_is_compared():
    assert set(ACTIVATIONS) == set(activations.ACTIVATIONS) - {"identity"}


@pytest.mark.parametrize("name", LOSSES)
def test_losses(name, rng):
    ours, theirs = LOSSES[name]
    x, t = rng.normal(size=(20, 3)) * 4, rng.uniform(size=(20, 3))
    loss, pullbacks = ours.vjp(x, t)
    there = tensor(x)
    result = theirs(there, torch.tensor(t))
    result.backward()
    agree(loss, result)
    agree(pullbacks[0](1.0), there.grad)


def test_layer_norm(rng):
    x, gamma, beta, dy = (rng.normal(size=s) for s in ((9, 5), 5, 5, (9, 5)))
    y, pullbacks = normalization.layer_norm.vjp(x, gamma, beta)
    there = [tensor(a) for a in (x, gamma, beta)]
    result = F.layer_norm(there[0], (5,), there[1], there[2])
    result.backward(torch.tensor(dy))
    agree(y, result)
    for pullback, a in zip(pullbacks, there, strict=True):
        agree(pullback(dy), a.grad)


def test_batch_norm_with_its_running_statistics_over_several_steps(rng):
    ours = nn.BatchNorm(5, dtype=np.float64)
    theirs = torch.nn.BatchNorm1d(5, dtype=torch.float64)
    for name, own in (("gamma", "weight"), ("beta", "bias")):
        ours.params[name] = rng.normal(size=5)
        getattr(theirs, own).data = torch.tensor(ours.params[name])
    for batch in (4, 9, 2):
        x, dy = rng.normal(2.0, 3.0, (batch, 5)), rng.normal(size=(batch, 5))
        there = tensor(x)
        theirs.zero_grad()
        result = theirs(there)
        result.backward(torch.tensor(dy))
        agree(ours.forward(x, training=True), result)
        np.testing.assert_allclose(
            ours.backward(dy), there.grad.numpy(), rtol=1e-7, atol=1e-8
        )  # a batch of two is nearly singular
        agree(ours.grads["gamma"], theirs.weight.grad)
        agree(ours.grads["beta"], theirs.bias.grad)
        agree(ours.buffers["running_mean"], theirs.running_mean)
        agree(ours.buffers["running_var"], theirs.running_var)
    theirs.eval()
    there = tensor(x)
    result = theirs(there)
    result.backward(torch.tensor(dy))
    agree(ours.forward(x, training=False), result)
    agree(ours.backward(dy), there.grad)


def test_a_whole_net_in_training(rng):
    """Without noise, for which the two have different generators."""
    ours = nn.MLP([6, 8, 3], "gelu", batch_norm=True, rng=0, dtype="float64")
    theirs = torch.nn.Sequential(
        torch.nn.Linear(6, 8), torch.nn.BatchNorm1d(8), torch.nn.GELU(), torch.nn.Linear(8, 3)
    ).double()
    names = ["W1", "b1", "gamma1", "beta1", "W2", "b2"]
    for name, p in zip(names, theirs.parameters(), strict=True):
        a = ours.params[name]
        p.data = torch.tensor(a.T.copy() if a.ndim == 2 else a)
    x, t = rng.normal(size=(10, 6)), rng.integers(0, 3, 10)
    loss, gradient = ours.loss_and_gradient(x, t, training=True)
    result = F.cross_entropy(theirs(torch.tensor(x)), torch.tensor(t))
    result.backward()
    agree(loss, result)
    for name, p in zip(names, theirs.parameters(), strict=True):
        g = p.grad.numpy()
        np.testing.assert_allclose(gradient[name], g.T if g.ndim == 2 else g, atol=1e-12)
