"""The diagnosis of a run folder, from what it holds."""

from __future__ import annotations

import os
import warnings

from mitbadak.data import Source
from mitbadak.doctor.doctor import Doctor
from mitbadak.doctor.names import Names
from mitbadak.doctor.report import Report
from mitbadak.runs.config import TrainConfig
from mitbadak.runs.session import Session, load_data, trainer_for
from mitbadak.runs.trained import TrainedRun
from mitbadak.training.trainer import Trainer


def diagnose_run(folder: str | os.PathLike[str]) -> Report:
    """What was wrong with a run, or is still.

    The net is drawn again as it was at the start, and compared with the weights and the losses in
    the folder. Nothing is written.

    Args:
        folder: the run folder.

    Raises:
        RunFolderError, FormatError: the folder is missing, not a run, or damaged.
        MitbadakError: its data cannot be read.

    Example:
        >>> import tempfile
        >>> from mitbadak.runs import Session, TrainConfig
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     config = TrainConfig.for_data("spiral", epochs=5, lr=1e-6)
        ...     _ = Session.start(config, f"{folder}/run").train()
        ...     print(diagnose_run(f"{folder}/run").findings[0].code)
        lr-too-small
    """
    run = TrainedRun.open(folder)
    source = load_data(run.config)
    trainer = _at_its_start(run.config, source)
    doctor = Doctor(names=Names.of(trainer.net, source.preparation))
    doctor.on_train_begin(trainer)
    history = run.folder.read_history()
    for name in trainer.net.params:
        trainer.net.params[name] = run.net.params[name]
    trainer.history, trainer.step = history, len(history.losses)
    doctor.on_train_end(trainer)
    return doctor.report()


def diagnose_session(session: Session, *, trials: bool = True) -> Report:
    """What was wrong with a training that has just ended, or was resumed and ended.

    Args:
        session: after ``train``.
        trials: whether to try remedies.
    """
    names = Names.of(session.trainer.net, session.source.preparation)
    doctor = Doctor(trials=trials, names=names)
    doctor.on_train_begin(_at_its_start(session.config, session.source))
    doctor.on_train_end(session.trainer)
    return doctor.report()


def _at_its_start(config: TrainConfig, source: Source) -> Trainer:
    """The trainer as the run made it; what it warned about then is not said again."""
    with warnings.catch_warnings(action="ignore"):
        return trainer_for(config, source, [], None)
