"""Mitbadak on either engine, by the steps that ``fit`` takes."""

from __future__ import annotations

import numpy as np
from cases import Case, Material

from mitbadak import MLP, Predictor
from mitbadak.core.engines import Engine
from mitbadak.data import Dataset
from mitbadak.optim import optimizer
from mitbadak.training.evaluation import few_blas_threads
from mitbadak.training.updates import make_updater
from peers import Net


def mlp(case: Case, params: list[np.ndarray], dtype=np.float32) -> MLP:
    """The case's net with these parameters."""
    net = MLP(list(case.widths), case.activation, rng=0, dtype=dtype)
    for name, value in zip(net.params, params, strict=True):
        net.params[name] = value.astype(dtype)
    return net


def make(case: Case, m: Material, *, engine: str) -> Net:
    if engine == "numpy":
        few_blas_threads().__enter__()
    net = mlp(case, m.params)
    data = Dataset(m.x if m.pixels is None else m.pixels, m.t, None if m.pixels is None else 255)
    rule = optimizer(case.optimizer, lr=case.lr)
    updater = make_updater(Engine(engine, ""), net, rule, data, case.batch)

    def run(order: np.ndarray) -> np.ndarray:
        losses = []
        for picked, then in zip(order, [*order[1:], order[0]], strict=True):
            losses.append(updater.forward(picked, then))
            updater.update()
        return np.array(losses)

    return Net(run, lambda x: Predictor(net, engine=engine).predict(x))
