"""PyTorch, eagerly or with torch.compile."""

from __future__ import annotations

import copy
from itertools import pairwise

import numpy as np
import torch
from cases import SIDE, WEIGHT_DECAY, Case, Material, steps_of
from torch import nn

from peers import Net


def make(case: Case, m: Material, *, compiled: bool) -> Net:
    net = _module(case, m.params)
    first = copy.deepcopy(net.state_dict())
    loss_of = nn.MSELoss() if case.regression else nn.CrossEntropyLoss()
    x, t = torch.from_numpy(m.x), torch.from_numpy(m.t)
    sets = [(x, t), (torch.from_numpy(m.x_test), torch.from_numpy(m.t_test))]
    sets = sets[1:] if case.regression else sets
    framed, grid = _framed(case, x), torch.arange(SIDE)
    rule: torch.optim.Optimizer
    rates: torch.optim.lr_scheduler.LRScheduler | None

    def loss_and_backward(x, t):
        loss = loss_of(net(x), t)
        loss.backward()
        return loss.detach()

    def scores(x):
        return net(x)

    if compiled:
        loss_and_backward, scores = torch.compile(loss_and_backward), torch.compile(scores)

    def floats(x):
        return x.float() / m.divisor if m.divisor else x

    def taken(picked):
        """A batch as floats, each image shifted for itself where the case wants that."""
        if framed is None:
            return floats(x[picked])
        down, right = torch.randint(0, 2 * case.shift + 1, (2, len(picked), 1))
        rows, columns = (down + grid)[:, :, None], (right + grid)[:, None, :]
        return floats(framed[picked[:, None, None], rows, columns].flatten(1))

    def reset() -> None:
        nonlocal rule, rates
        torch.manual_seed(0)
        net.load_state_dict(first)
        rule, rates = _rules(case, net, case.epochs * steps_of(case, len(x)))

    def run(order: np.ndarray) -> np.ndarray:
        losses = []
        net.train()
        for picked in torch.from_numpy(order).split(case.batch):
            rule.zero_grad()
            losses.append(loss_and_backward(taken(picked), t[picked]))
            if case.clip is not None:
                nn.utils.clip_grad_norm_(net.parameters(), case.clip)
            rule.step()
            if rates is not None:
                rates.step()
        return torch.stack(losses).numpy()

    def measure() -> list[float]:
        net.eval()
        with torch.no_grad():
            answers = [(net(floats(x)), t) for x, t in sets]
            if case.regression:
                return [float(loss_of(y, t)) for y, t in answers]
            return [float((y.argmax(1) == t).float().mean()) for y, t in answers]

    def predict(x: np.ndarray) -> np.ndarray:
        if net.training:
            net.eval()
        with torch.no_grad():
            y = scores(torch.from_numpy(x))
            return (y if case.regression else torch.softmax(y, 1)).numpy()

    def weights() -> list[np.ndarray]:
        return [p.detach().numpy() for p in net.parameters()]

    reset()
    return Net(reset, run, predict, measure, weights=weights)


def _framed(case: Case, x: torch.Tensor) -> torch.Tensor | None:
    """The images with as many zeros around them as they may be shifted."""
    return nn.functional.pad(x.view(-1, SIDE, SIDE), [case.shift] * 4) if case.shift else None


def _rules(case: Case, net: nn.Module, updates: int):
    """The optimizer, and the schedule of its rate."""
    if case.optimizer == "sgd":
        rule = torch.optim.SGD(net.parameters(), lr=case.lr, fused=True)
    elif case.optimizer == "adam":
        rule = torch.optim.Adam(net.parameters(), lr=case.lr, fused=True)
    else:
        rule = torch.optim.AdamW(
            net.parameters(), lr=case.lr, weight_decay=WEIGHT_DECAY, fused=True
        )
    cosine = case.schedule == "cosine"
    return rule, torch.optim.lr_scheduler.CosineAnnealingLR(rule, updates) if cosine else None


def _module(case: Case, params: list[np.ndarray]) -> nn.Sequential:
    row: list[nn.Module] = []
    for n_in, n_out in pairwise(case.widths):
        row.append(nn.Linear(n_in, n_out))
        row += [nn.BatchNorm1d(n_out)] if case.batch_norm else []
        row.append(nn.ReLU() if case.activation == "relu" else nn.Sigmoid())
        row += [nn.Dropout(case.dropout)] if case.dropout else []
    while not isinstance(row[-1], nn.Linear):
        row.pop()
    net = nn.Sequential(*row)
    of_linear = [p for layer in net if isinstance(layer, nn.Linear) for p in layer.parameters()]
    with torch.no_grad():
        for p, value in zip(of_linear, params, strict=True):
            p.copy_(torch.from_numpy(value.T.copy()))
    return net
