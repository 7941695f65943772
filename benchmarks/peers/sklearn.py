"""scikit-learn's MLPClassifier; it gives no loss per step, only the mean over a pass."""

from __future__ import annotations

import warnings

import numpy as np
from cases import Case, Material
from sklearn.neural_network import MLPClassifier

from peers import Net


def make(case: Case, m: Material) -> Net:
    warnings.simplefilter("ignore")
    net = MLPClassifier(
        case.widths[1:-1],
        activation={"sigmoid": "logistic"}.get(case.activation, case.activation),
        solver=case.optimizer,
        learning_rate_init=case.lr,
        momentum=0.0,
        nesterovs_momentum=False,
        alpha=0.0,
        batch_size=case.batch,
        shuffle=False,
        random_state=0,
    )
    net.partial_fit(m.x[: case.batch], m.t[: case.batch], classes=np.arange(case.widths[-1]))
    for i in range(len(net.coefs_)):
        net.coefs_[i][...] = m.params[2 * i]
        net.intercepts_[i][...] = m.params[2 * i + 1]
    _forget_the_first_step(net)
    gathered: list[np.ndarray] = []

    def run(order: np.ndarray) -> np.ndarray:
        # It takes batches only in the order of the examples; that copy is not held against it.
        if not gathered or gathered[0] is not order:
            gathered[:] = order, m.x[order.ravel()], m.t[order.ravel()]
        net.partial_fit(*gathered[1:])
        return np.array([net.loss_])

    def epoch() -> None:
        net.shuffle = True
        net.partial_fit(m.x, m.t)

    return Net(run, net.predict_proba, epoch)


def _forget_the_first_step(net: MLPClassifier) -> None:
    """Put the optimizer back to where it was before the step that made the arrays."""
    rule = net._optimizer
    if hasattr(rule, "ms"):
        rule.t = 0
        for moment in (*rule.ms, *rule.vs):
            moment[...] = 0
