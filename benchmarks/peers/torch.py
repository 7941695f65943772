"""PyTorch, eagerly or with torch.compile."""

from __future__ import annotations

import copy
import warnings
from itertools import pairwise

import numpy as np
import torch
from cases import KERNEL, POOL, SIDE, WEIGHT_DECAY, Case, Material, steps_of
from torch import nn

from peers import Net

EVALUATED = 1000  # bytes that are measured at once; all of a set would be large as floats


def make(case: Case, m: Material, *, compiled: bool) -> Net:
    training = Training(case, m, compiled=compiled)
    return Net(training.reset, training.run, training.predict, training.measure,
               weights=training.weights)  # fmt: skip


class Training:
    """A net in training, and the tensors it is trained and measured on."""

    rule: torch.optim.Optimizer
    rates: torch.optim.lr_scheduler.LRScheduler | None

    def __init__(self, case: Case, m: Material, *, compiled: bool):
        self.case, self.divisor = case, m.divisor
        self.net = _module(case, m.params)
        self.first = copy.deepcopy(self.net.state_dict())
        self.loss_of = nn.MSELoss() if case.regression else nn.CrossEntropyLoss()
        self.x, self.t = _tensors(case, m.x, m.t)
        test = _tensors(case, m.x_test, m.t_test)
        self.measured = [test] if case.regression else [(self.x, self.t), test]
        self.framed, self.grid = _framed(case, self.x), torch.arange(SIDE)
        self.loss_and_backward, self.scores = _passes(self.net, self.loss_of, compiled=compiled)
        self.reset()

    def reset(self) -> None:
        torch.manual_seed(0)
        self.net.load_state_dict(self.first)
        updates = self.case.epochs * steps_of(self.case, len(self.x))
        self.rule, self.rates = _rules(self.case, self.net, updates)

    def run(self, order: np.ndarray) -> np.ndarray:
        losses = []
        self.net.train()
        for picked in torch.from_numpy(order).split(self.case.batch):
            self.rule.zero_grad()
            losses.append(self.loss_and_backward(self.batch(picked), self.t[picked]))
            if self.case.clip is not None:
                nn.utils.clip_grad_norm_(self.net.parameters(), self.case.clip)
            self.rule.step()
            if self.rates is not None:
                self.rates.step()
        return torch.stack(losses).numpy()

    def batch(self, picked: torch.Tensor) -> torch.Tensor:
        """A batch as floats, each image shifted for itself where the case wants that."""
        if self.framed is None:
            return self.floats(self.x[picked])
        down, right = torch.randint(0, 2 * self.case.shift + 1, (2, len(picked), 1))
        rows, columns = (down + self.grid)[:, :, None], (right + self.grid)[:, None, :]
        return self.floats(self.framed[picked[:, None, None], rows, columns].flatten(1))

    def floats(self, x: torch.Tensor) -> torch.Tensor:
        return x.float() / self.divisor if self.divisor else x

    def measure(self) -> list[float]:
        self.net.eval()
        with torch.no_grad():
            answers = [(self.answers(x), t) for x, t in self.measured]
            if self.case.regression:
                return [float(self.loss_of(y, t)) for y, t in answers]
            return [float((y.argmax(1) == t).float().mean()) for y, t in answers]

    def answers(self, x: torch.Tensor) -> torch.Tensor:
        """The scores of a set: of floats in one pass, of bytes part by part."""
        if not self.divisor:
            return self.net(x)
        return torch.cat([self.net(self.floats(part)) for part in x.split(EVALUATED)])

    def predict(self, x: np.ndarray) -> np.ndarray:
        if self.net.training:
            self.net.eval()
        with torch.no_grad():
            y = self.scores(self.floats(torch.from_numpy(x)))
            return (y if self.case.regression else torch.softmax(y, 1)).numpy()

    def weights(self) -> list[np.ndarray]:
        return [p.detach().numpy() for p in self.net.parameters()]


def _tensors(case: Case, x: np.ndarray, t: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """A set as tensors; class numbers as PyTorch's loss wants them."""
    with warnings.catch_warnings():  # bytes are a view of what was read, and nobody writes to them
        warnings.filterwarnings("ignore", "The given NumPy array is not writable")
        pixels = torch.from_numpy(x)
    return pixels, torch.tensor(t, dtype=None if case.regression else torch.int64)


def _passes(net: nn.Module, loss_of: nn.Module, *, compiled: bool):
    """Forward and backward pass of a batch, which give its loss; and the scores alone."""

    def loss_and_backward(x, t):
        loss = loss_of(net(x), t)
        loss.backward()
        return loss.detach()

    def scores(x):
        return net(x)

    if compiled:
        return torch.compile(loss_and_backward), torch.compile(scores)
    return loss_and_backward, scores


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
    if case.filters:
        row.append(nn.Unflatten(1, (1, SIDE, SIDE)))
    for channels, count in pairwise((1, *case.filters)):
        row += [nn.Conv2d(channels, count, KERNEL), _activation(case), nn.MaxPool2d(POOL)]
    row += [nn.Flatten()] if case.filters else []
    affine = [p.shape for p in params[2 * len(case.filters) :: 2]]
    for n_in, n_out in affine:
        row.append(nn.Linear(n_in, n_out))
        row += [nn.BatchNorm1d(n_out)] if case.batch_norm else []
        row.append(_activation(case))
        row += [nn.Dropout(case.dropout)] if case.dropout else []
    while not isinstance(row[-1], nn.Linear):
        row.pop()
    net = nn.Sequential(*row)
    kinds = (nn.Linear, nn.Conv2d)
    weighted = [p for layer in net if isinstance(layer, kinds) for p in layer.parameters()]
    with torch.no_grad():
        for p, value in zip(weighted, params, strict=True):
            p.copy_(torch.from_numpy(value if value.ndim == 4 else value.T.copy()))
    return net


def _activation(case: Case) -> nn.Module:
    return nn.ReLU() if case.activation == "relu" else nn.Sigmoid()
