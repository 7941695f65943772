"""Rules, schedules and clipping walk the same path as PyTorch's, where it has them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mitbadak import optim

torch = pytest.importorskip("torch")

RULES: dict[str, tuple[optim.Optimizer, Any, dict]] = {
    "sgd": (optim.SGD(0.1), torch.optim.SGD, {"lr": 0.1}),
    "momentum": (optim.Momentum(0.1, 0.8), torch.optim.SGD, {"lr": 0.1, "momentum": 0.8}),
    "nesterov": (
        optim.Nesterov(0.1, 0.8), torch.optim.SGD, {"lr": 0.1, "momentum": 0.8, "nesterov": True},
    ),
    "adagrad": (optim.AdaGrad(0.3), torch.optim.Adagrad, {"lr": 0.3}),
    "rmsprop": (optim.RMSProp(0.05, 0.9), torch.optim.RMSprop, {"lr": 0.05, "alpha": 0.9}),
    "adam": (optim.Adam(0.05), torch.optim.Adam, {"lr": 0.05}),
    "adamw": (
        optim.AdamW(0.05, weight_decay=0.2), torch.optim.AdamW, {"lr": 0.05, "weight_decay": 0.2},
    ),
    "adam with a penalty": (
        optim.Chain(optim.L2(0.2, names="*"), optim.Adam(0.05)),
        torch.optim.Adam,
        {"lr": 0.05, "weight_decay": 0.2},
    ),
}  # fmt: skip
NOT_IN_TORCH = {"lion"}
DEFAULTS = [
    (optim.AdaGrad(), torch.optim.Adagrad), (optim.RMSProp(), torch.optim.RMSprop),
    (optim.Adam(), torch.optim.Adam), (optim.AdamW(), torch.optim.AdamW),
]  # fmt: skip


def slope(x: np.ndarray, number: int) -> np.ndarray:
    """Of a bowl, with noise that both sides share."""
    return 2 * np.linspace(1, 5, x.size) * x + np.random.default_rng(number).normal(size=x.size)


def assert_same_path(rule: optim.Optimizer, theirs: Any, x: Any, after_step: Any = None) -> None:
    params = {"W": x.detach().numpy().copy()}
    for number in range(50):
        x.grad = torch.from_numpy(slope(x.detach().numpy(), number))
        theirs.step()
        if after_step is not None:
            after_step()
        rule.update(params, {"W": slope(params["W"], number)})
        np.testing.assert_allclose(params["W"], x.detach().numpy(), rtol=1e-9, atol=1e-11)


def point() -> Any:
    return torch.tensor([1.0, -2.0, 0.5, 3.0], dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize("name", RULES)
def test_fifty_updates_equal_pytorchs(name):
    rule, kind, settings = RULES[name]
    x = point()
    assert_same_path(rule, kind([x], **settings), x)


@pytest.mark.parametrize(("rule", "kind"), DEFAULTS, ids=lambda v: getattr(v, "__name__", ""))
def test_defaults_are_pytorchs(rule, kind):
    x = point()
    assert_same_path(rule, kind([x]), x)


def test_every_rule_that_torch_has_is_compared():
    assert set(optim.OPTIMIZERS) <= set(RULES) | NOT_IN_TORCH
    assert set(optim.OPTIMIZERS) >= NOT_IN_TORCH


def schedulers() -> dict[str, tuple[optim.Schedule, Any]]:
    of = torch.optim.lr_scheduler
    return {
        "step": (optim.StepDecay(0.3, 7, 0.5), lambda o: of.StepLR(o, 7, 0.5)),
        "exponential": (optim.Exponential(0.3, 0.9), lambda o: of.ExponentialLR(o, 0.9)),
        "cosine": (
            optim.Cosine(0.3, 50, least=0.01), lambda o: of.CosineAnnealingLR(o, 50, eta_min=0.01),
        ),
        "onecycle": (
            optim.OneCycle(0.3, 51), lambda o: of.OneCycleLR(o, 0.3, 51, cycle_momentum=False),
        ),
        "onecycle by other settings": (
            optim.OneCycle(0.3, 51, rise=0.5, start=10.0, end=100.0),
            lambda o: of.OneCycleLR(o, 0.3, 51, pct_start=0.5, div_factor=10.0,
                                    final_div_factor=100.0, cycle_momentum=False),
        ),
        "warmup": (
            optim.WarmUp(optim.Exponential(0.3, 0.9), 9),
            lambda o: of.SequentialLR(
                o, [of.LinearLR(o, 0.1, total_iters=9), of.ExponentialLR(o, 0.9)], [9]
            ),
        ),
    }  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*epoch parameter in `scheduler.step")
@pytest.mark.parametrize("name", schedulers())
def test_fifty_rates_equal_pytorchs(name):
    made, theirs = schedulers()[name]
    x = point()
    optimizer = torch.optim.Adam([x], lr=0.3)
    scheduler, rates = theirs(optimizer), []
    rule = optim.Adam(made)

    def after_step():
        rates.append(scheduler.get_last_lr()[0])
        scheduler.step()

    assert_same_path(rule, optimizer, x, after_step)
    np.testing.assert_allclose([made(k) for k in range(50)], rates, rtol=1e-9)


@pytest.mark.parametrize("limit", [0.5, 3.0, 100.0])
def test_clipping_equals_pytorchs(limit, rng):
    grads = {"W": rng.normal(size=(3, 4)), "b": rng.normal(size=4)}
    tensors = [
        torch.zeros(g.shape, dtype=torch.float64, requires_grad=True) for g in grads.values()
    ]

    def gradients_after(clip):
        for tensor, g in zip(tensors, grads.values(), strict=True):
            tensor.grad = torch.from_numpy(g.copy())
        norm = clip(tensors, limit)
        return norm, [tensor.grad.numpy() for tensor in tensors]

    norm, theirs = gradients_after(torch.nn.utils.clip_grad_norm_)
    assert optim.global_norm(grads) == pytest.approx(float(norm), rel=1e-12)
    for g, t in zip(optim.ClipNorm(limit)({}, grads).values(), theirs, strict=True):
        np.testing.assert_allclose(g, t, rtol=1e-5)  # theirs adds 1e-6 to the norm
    _, theirs = gradients_after(torch.nn.utils.clip_grad_value_)
    for g, t in zip(optim.ClipValue(limit)({}, grads).values(), theirs, strict=True):
        np.testing.assert_array_equal(g, t)
