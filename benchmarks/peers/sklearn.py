"""scikit-learn's MLPClassifier and MLPRegressor; they give only the mean loss over a pass."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from cases import Case, Material
from sklearn.neural_network import MLPClassifier, MLPRegressor

from peers import Net, refuse

LACKS = ("filters", "schedule", "clip", "dropout", "batch_norm", "shift")


def make(case: Case, m: Material) -> Net:
    refuse("scikit-learn", case, *LACKS)
    if m.divisor or case.optimizer == "adamw":
        raise NotImplementedError("scikit-learn has neither bytes nor AdamW here")
    warnings.simplefilter("ignore")
    net: Any = None

    def reset() -> None:
        nonlocal net
        net = _estimator(case, m)

    def run(gathered: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        net.shuffle = False
        return _pass(case, net, *gathered)

    def epoch() -> np.ndarray:
        net.shuffle = True
        return _pass(case, net, m.x, m.t)

    def predict(x: np.ndarray) -> np.ndarray:
        return net.predict(x)[:, None] if case.regression else net.predict_proba(x)

    reset()
    # It takes batches only in the order of the examples; that copy is not held against it.
    return Net(
        reset,
        run,
        predict,
        prepared=lambda order: (m.x[order], m.t[order]),
        epoch=epoch,
        weights=lambda: [*net.coefs_, *net.intercepts_],
    )


def _pass(case: Case, net: Any, x: np.ndarray, t: np.ndarray) -> np.ndarray:
    net.partial_fit(x, t.ravel())
    # Its loss of a regression is half the mean of squares.
    return np.array([2 * net.loss_ if case.regression else net.loss_])


def _estimator(case: Case, m: Material) -> Any:
    kind = MLPRegressor if case.regression else MLPClassifier
    # Half the squares have half the gradient.
    lr = 2 * case.lr if case.regression and case.optimizer == "sgd" else case.lr
    net: Any = kind(
        hidden_layer_sizes=case.widths[1:-1],
        activation={"sigmoid": "logistic"}.get(case.activation, case.activation),
        solver=case.optimizer,
        learning_rate_init=lr,
        momentum=0.0,
        nesterovs_momentum=False,
        alpha=0.0,
        batch_size=case.batch,
        random_state=0,
    )
    classes = {} if case.regression else {"classes": np.arange(case.widths[-1])}
    net.partial_fit(m.x[: case.batch], m.t[: case.batch].ravel(), **classes)
    for i in range(len(net.coefs_)):
        net.coefs_[i][...] = m.params[2 * i]
        net.intercepts_[i][...] = m.params[2 * i + 1]
    _forget_the_first_step(net)
    return net


def _forget_the_first_step(net: Any) -> None:
    """Put the optimizer back to where it was before the step that made the arrays."""
    rule = net._optimizer
    if hasattr(rule, "ms"):
        rule.t = 0
        for moment in (*rule.ms, *rule.vs):
            moment[...] = 0
