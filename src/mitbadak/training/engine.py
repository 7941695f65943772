"""The engine of a training run, and the updater that belongs to it."""

from __future__ import annotations

from typing import Any

from mitbadak.core.engines import Engine, choose_engine, native
from mitbadak.core.memory import check_memory
from mitbadak.data.dataset import Dataset
from mitbadak.nn.affine import Affine
from mitbadak.nn.network import Sequential
from mitbadak.optim import Optimizer
from mitbadak.training.parallel import ParallelUpdater, Team, share_of
from mitbadak.training.updates import Augment, NumpyUpdater, Updater


def training_engine(
    requested: str,
    net: Sequential,
    optimizer: Optimizer,
    training_set: Dataset,
    augment: Augment | None = None,
    *,
    gradient: str = "backprop",
    task: str = "run this",
) -> Engine:
    """The engine for a training run.

    Args:
        requested: ``auto``, ``numpy`` or ``compiled``.
        net, optimizer, training_set, augment: what is trained, and how.
        gradient: with ``numerical``, it is the engine of the gradients; NumPy makes the updates.
        task: the work, for the error message.

    Raises:
        UnknownNameError: an unknown engine.
        StateError: ``compiled`` was requested, and kernels cannot train this.
    """
    if gradient == "numerical":
        return choose_engine(requested, task=task)
    return choose_engine(requested, "steps", net, optimizer, training_set, augment, task=task)


def make_updater(
    engine: Engine,
    net: Sequential,
    optimizer: Optimizer,
    training_set: Dataset,
    batch_size: int,
    *,
    team: Team | None = None,
    **options: Any,
) -> Updater:
    """The updater of the engine that was chosen for a training run.

    Args:
        engine: from ``training_engine``.
        net, optimizer, training_set, batch_size: see ``Updater``.
        team: the processes that share the batches, if there are several.
        options: arguments of ``NumpyUpdater``; kernels take ``augment`` and ``noise_seed``.

    Raises:
        StateError: a callback changed something that the kernels do not support.
        RangeError: an update needs more memory than there is.
    """
    share = share_of(batch_size, team)
    check_update_memory(net, share)
    inner: Updater
    if engine.name == "numpy" or options.get("gradient") == "numerical":
        inner = NumpyUpdater(net, optimizer, training_set, share, **options)
    else:
        augment = options.get("augment")
        task = "continue after what a callback changed"
        training_engine("compiled", net, optimizer, training_set, augment, task=task)
        inner = native("steps").NativeUpdater(
            net, optimizer, training_set, share, augment=augment,
            noise_seed=options.get("noise_seed", 0), may_fuse=team is None,
        )  # fmt: skip
    return inner if team is None else ParallelUpdater(inner, team, batch_size)


def check_update_memory(net: Sequential, batch_size: int) -> None:
    """Refuse a net whose gradient and activations do not fit beside its parameters.

    Raises:
        RangeError: with the memory that is needed and that there is.
    """
    parameters = sum(p.size for p in net.params.values())
    units = sum(layer.n_out for layer in net.layers if isinstance(layer, Affine))
    needed = (parameters + batch_size * units) * net.dtype.itemsize
    subject = f"fit: a step of {net!r:.80} on batches of {batch_size:,}"
    check_memory(subject, needed, "Choose smaller widths or batches.")
