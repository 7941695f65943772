"""Trainers of processes that train along with the one that has the run folder."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence

from mitbadak.runs import model_file as weights
from mitbadak.runs.checkpoints import restore
from mitbadak.runs.config import TrainConfig
from mitbadak.runs.folder import RunFolder
from mitbadak.runs.session import load_data, settled_data, trainer_for
from mitbadak.training.hooks import Callback
from mitbadak.training.trainer import Trainer


def started_trainer(config: TrainConfig, callbacks: Sequence[Callback] = ()) -> Trainer:
    """A trainer as ``Session.start`` makes it, without a run folder.

    Args:
        config: the settings.
        callbacks: besides early stopping.

    Raises:
        MitbadakError: as ``Session.start``.
    """
    config, source = settled_data(config)
    return trainer_for(config, source, callbacks, None)


def resumed_trainer(
    folder: str | os.PathLike[str],
    callbacks: Sequence[Callback] = (),
    *,
    epochs: int | None = None,
    engine: str | None = None,
) -> Trainer:
    """A trainer in the state of a checkpoint, as ``Session.resume`` makes it.

    The folder is only read, and may be locked by another process.

    Args:
        folder: the run folder.
        callbacks: besides early stopping.
        epochs: train up to this epoch instead of the one in the settings.
        engine: use this one instead of the one that ran before.

    Raises:
        RunFolderError: as ``Session.resume``.
    """
    run = RunFolder.open(folder)
    config = run.read_config()
    stored = weights.read(run.checkpoint) if run.checkpoint.exists() else None
    if engine is None and stored is not None:
        engine = str(stored.values.get("engine", config.engine))
    more = {"engine": engine or config.engine, **({} if epochs is None else {"epochs": epochs})}
    config = dataclasses.replace(config, **more)
    trainer = trainer_for(config, load_data(config), callbacks, None)
    if stored is not None:
        restore(trainer, stored, run)
    return trainer
