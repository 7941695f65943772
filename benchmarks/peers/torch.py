"""PyTorch, eagerly or with torch.compile."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from cases import Case, Material
from torch import nn

from peers import Net


def make(case: Case, m: Material, *, compiled: bool) -> Net:
    net = _module(case, m.params)
    kind = torch.optim.SGD if case.optimizer == "sgd" else torch.optim.Adam
    rule = kind(net.parameters(), lr=case.lr, fused=True)
    loss_of = nn.CrossEntropyLoss()
    x, t = torch.from_numpy(m.x), torch.from_numpy(m.t)

    def loss_and_backward(x, t):
        loss = loss_of(net(x), t)
        loss.backward()
        return loss.detach()

    def probabilities(x):
        return torch.softmax(net(x), 1)

    if compiled:
        loss_and_backward = torch.compile(loss_and_backward)
        probabilities = torch.compile(probabilities)

    def run(order: np.ndarray) -> np.ndarray:
        losses = []
        for picked in torch.from_numpy(order):
            rule.zero_grad()
            losses.append(loss_and_backward(x[picked], t[picked]))
            rule.step()
        return torch.stack(losses).numpy()

    def predict(x: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return probabilities(torch.from_numpy(x)).numpy()

    return Net(run, predict)


def _module(case: Case, params: list[np.ndarray]) -> nn.Sequential:
    row: list[nn.Module] = []
    for n_in, n_out in pairwise(case.widths):
        row += [nn.Linear(n_in, n_out), nn.ReLU() if case.activation == "relu" else nn.Sigmoid()]
    net = nn.Sequential(*row[:-1])
    with torch.no_grad():
        for p, value in zip(net.parameters(), params, strict=True):
            p.copy_(torch.from_numpy(value.T.copy()))
    return net
