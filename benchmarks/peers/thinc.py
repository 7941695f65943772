"""Thinc, with its layers and optimizers; the gradient of the cross entropy is ours."""

from __future__ import annotations

import numpy as np
from cases import Case, Material
from thinc.api import SGD, Adam, Linear, Model, NumpyOps, Relu, Sigmoid, chain, set_current_ops

from peers import Net, refuse
from peers.book import LACKS, softmax


def make(case: Case, m: Material) -> Net:
    refuse("thinc", case, *LACKS)
    set_current_ops(NumpyOps(use_blis=False))  # NumPy's products are faster than its default's
    plain = {"L2": 0.0, "grad_clip": 0.0, "use_averages": False}
    state = {}

    def reset() -> None:
        state["net"] = _model(case, m.params)
        state["rule"] = (SGD if case.optimizer == "sgd" else Adam)(case.lr, **plain)

    def run(order: np.ndarray) -> np.ndarray:
        losses = []
        for start in range(0, len(order), case.batch):
            picked = order[start : start + case.batch]
            t = m.t[picked]
            scores, backward = state["net"].begin_update(m.x[picked])
            y = softmax(scores)
            right = np.arange(len(t)), t
            losses.append(-np.mean(np.log(y[right] + 1e-7)))
            y[right] -= 1
            y /= len(t)
            backward(y)
            state["net"].finish_update(state["rule"])
        return np.array(losses)

    reset()
    return Net(reset, run, lambda x: softmax(state["net"].predict(x)))


def _model(case: Case, params: list[np.ndarray]) -> Model:
    hidden = Relu if case.activation == "relu" else Sigmoid
    kinds = [hidden] * (len(case.widths) - 2) + [Linear]
    row = [kind(n_out, n_in) for kind, n_in, n_out in
           zip(kinds, case.widths, case.widths[1:], strict=False)]  # fmt: skip
    for layer, W, b in zip(row, params[::2], params[1::2], strict=True):
        layer.set_param("W", W.T.copy())
        layer.set_param("b", b.copy())
    return chain(*row) if len(row) > 1 else row[0]
