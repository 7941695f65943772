"""``checkup``: what ``fit`` would train, looked at before it does."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from mitbadak.core.arguments import explained
from mitbadak.core.errors import NonFiniteError
from mitbadak.core.typing import Seed
from mitbadak.data.dataset import refuse_two_pairs
from mitbadak.doctor.checkup.causes import with_causes_first
from mitbadak.doctor.checkup.columns import inputs, labels
from mitbadak.doctor.checkup.forecast import forecast
from mitbadak.doctor.checkup.gradients import gradient_check
from mitbadak.doctor.checkup.initial_loss import initial_loss
from mitbadak.doctor.checkup.neighbors import neighbors_labels, overlap
from mitbadak.doctor.checkup.one_batch import one_batch, zeroed_inputs
from mitbadak.doctor.checkup.rates import learning_rate, measure_rates
from mitbadak.doctor.checkup.result import Checkup
from mitbadak.doctor.checkup.sizes import sizes_by_layer
from mitbadak.doctor.checkup.subject import Subject
from mitbadak.doctor.names import Names
from mitbadak.functions.blas import few_blas_threads
from mitbadak.nn.network import Sequential
from mitbadak.nn.prepared import PreparedNet, check_net
from mitbadak.optim import Optimizer, as_optimizer
from mitbadak.training.sets import Examples, dataset_for, learn_names
from mitbadak.training.trainer import Trainer
from mitbadak.training.updates import Augment

LISTED = 5  # columns in a message
BATCH = 100  # examples of a batch, as in ``fit``; the whole set if it is smaller


@explained
def checkup(
    net: Sequential | PreparedNet,
    train: Any,
    t: Any = None,
    *,
    test: Examples | None = None,
    validation: float | Examples | None = 0.0,
    optimizer: Optimizer | str | None = None,
    lr: float | None = None,
    epochs: int = 17,
    batch_size: int | None = None,
    rng: Seed = None,
    engine: str = "auto",
    sampling: str = "shuffle",
    gradient: str = "backprop",
    augment: Augment | None = None,
) -> Checkup:
    """Look at a training before it starts, on copies: net, data and settings as for ``fit``.

    Compares the initial loss with its expectation; lets a copy learn a few examples by heart, and
    zeroes its inputs afterwards; checks the gradient; trains for a moment at learning rates around
    the one asked for, three times each; looks at sizes from layer to layer, at inputs and labels,
    at rows that the training and the test set share; and forecasts time and memory. Large
    sets are sampled, and large nets get smaller batches. It makes about 1,500 updates: two seconds
    on one core for 784-50-10 on MNIST. Nothing that is passed is changed, and apart
    from the measured times the result is the same each time.

    Args:
        net: the net; of a loaded model the net inside.
        train, t, test, validation, epochs, rng, engine, sampling, gradient, augment: as for
            ``fit``.
        optimizer: one, or its name; default ``SGD(lr)``.
        lr: the learning rate, also of an optimizer that has another one; default 0.1.
        batch_size: default 100, or the whole training set if that is smaller.

    Returns:
        A ``Checkup``: its items, each passed or with findings, and ``report``.

    Raises:
        ShapeError, DtypeError, NonFiniteError: data that is empty, does not fit, or holds NaN; a
            single example.
        LabelError: labels out of range, or rows that are no distribution.
        RangeError, UnknownNameError: a setting out of range, or an unknown one.

    Example:
        >>> import mitbadak as mb
        >>> net = mb.MLP([2, 10, 3], "relu", rng=0)
        >>> result = checkup(net, mb.load_spiral(), lr=1000.0, batch_size=30, epochs=300)
        >>> result.ok, result.findings[0].code
        (False, 'lr-too-large')
    """
    check_net(net, "checkup")
    train = train if t is None else (train, t)
    refuse_two_pairs(train, "checkup")
    _check_columns(train)
    if isinstance(net, Sequential) and not net.classes:
        net = copy.copy(net)  # which may learn the names of the classes
        learn_names(net, train)
    data = dataset_for(net, train, "train")
    rule = copy.deepcopy(as_optimizer("checkup", optimizer))
    if lr is not None:
        rule.lr = lr
    trainer = Trainer(
        net, data, test=test, validation=validation, optimizer=rule, epochs=epochs,
        batch_size=min(BATCH, len(data)) if batch_size is None else batch_size,
        rng=copy.deepcopy(rng), engine=engine, sampling=sampling, gradient=gradient,
        augment=augment, callbacks=[], progress=False,
    )  # fmt: skip
    return examine(trainer, Names.of(net))


def _check_columns(train: Any) -> None:
    """Refuse inputs with NaN or infinity, and say in which columns they are.

    Raises:
        NonFiniteError: with the columns that have most of them.
    """
    if not isinstance(train, tuple) or len(train) != 2:
        return
    x = np.asarray(train[0])
    if x.dtype.kind != "f" or x.ndim < 2 or not x.size:
        return
    bad = (~np.isfinite(x.reshape(len(x), -1))).sum(axis=0)
    if bad.any():
        columns = np.argsort(-bad, kind="stable")[: min(LISTED, np.count_nonzero(bad))]
        listed = ", ".join(f"{column} ({bad[column]:,} rows)" for column in columns.tolist())
        raise NonFiniteError(
            f"train: x holds NaN or infinity in {np.count_nonzero(bad):,} of {len(bad):,} columns: "
            f"{listed}. Fill them in, or leave out those rows: np.isfinite(x).all(axis=1)."
        )


def examine(trainer: Trainer, names: Names | None = None) -> Checkup:
    """The checkup of a training that has not begun.

    Args:
        trainer: it is not run, and nothing of it is changed.
        names: of the classes and inputs; by default those that the net knows.
    """
    with np.errstate(all="ignore"), few_blas_threads():
        subject = Subject(trainer, Names.of(trainer.net) if names is None else names)
        first = initial_loss(subject)
        batch, learned = one_batch(subject)
        can_learn = batch.passed
        rates = measure_rates(subject)
        learns = rates.trial.learns
        items = (
            first,
            batch,
            zeroed_inputs(subject, learned),
            gradient_check(subject),
            learning_rate(subject, rates, can_learn=can_learn),
            sizes_by_layer(subject, healthy=can_learn or learns),
            inputs(subject, learns=learns or (can_learn and not rates.trial.diverges)),
            labels(subject, learns=learns or (can_learn and not rates.trial.diverges)),
            neighbors_labels(subject),
            overlap(subject),
            forecast(subject),
        )
    return Checkup(_in_words(trainer), with_causes_first(items))


def _in_words(trainer: Trainer) -> str:
    sizes: dict[str, Any] = {name: len(s) for name, s in trainer.sets.items() if s is not None}
    listed = ", ".join(f"{size:,} {name}" for name, size in sizes.items())
    return (
        f"{trainer.net!r}, {trainer.optimizer!r}, batch {trainer.batch_size}, "
        f"{trainer.epochs} epochs; {listed}"
    )
