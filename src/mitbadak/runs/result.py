"""The result of a run: the measures of the weights that it leaves."""

from __future__ import annotations

import numpy as np

from mitbadak.data.preparation import Preparation
from mitbadak.runs.quality import regression_quality
from mitbadak.training.history_file import Row
from mitbadak.training.outcome import warning_about
from mitbadak.training.trainer import Trainer


def result_of(trainer: Trainer, preparation: Preparation) -> Row:
    """The row of the history that measures the net after a run, with what only its end tells.

    Args:
        trainer: after its run.
        preparation: of the data, for the units of real targets.

    Returns:
        The row of the epoch whose weights were kept. For real targets also ``r2``, ``rmse`` and
        ``mae`` on the test set, in the units of the targets; and ``warning`` where something went
        wrong, see ``warning_about``.
    """
    row, warning = dict(trainer.history.result), warning_about(trainer)
    row |= test_quality(trainer, preparation)
    return {**row, "warning": warning} if warning else row


def test_quality(trainer: Trainer, preparation: Preparation) -> dict[str, float]:
    """R2, RMSE and MAE on the test set of a regression, in the units of its targets."""
    net, test = trainer.net, trainer.test
    if test is None or net.head.measures_accuracy(test.t, net.n_out or 0):
        return {}
    x, t = test.batch(slice(None), net.dtype)
    y = net.predict(x)
    if not np.isfinite(y).all():
        return {}
    t, y = (preparation.in_own_units(values) for values in (t.reshape(y.shape), y))
    return regression_quality(t, y)
