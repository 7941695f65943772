"""A whole run from its settings: data, net, optimizer and folder put together."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from mitbadak.data import NAMED, RandomShift, Source, open_source
from mitbadak.data.batches import steps_per_epoch
from mitbadak.core.errors import NotASourceError, RangeError, RunFolderError
from mitbadak.core.files import local_path
from mitbadak.data.images import image_folder
from mitbadak.nn.mlp import MLP
from mitbadak.nn.network import Sequential
from mitbadak.optim import Optimizer, build_optimizer
from mitbadak.core.progress import Progress
from mitbadak.runs import model_file as weights
from mitbadak.training.callbacks import Callback, EarlyStopping
from mitbadak.runs.config import TrainConfig
from mitbadak.runs.environment import environment
from mitbadak.training.history import History
from mitbadak.runs.folder import Recorder, RunFolder, written_to
from mitbadak.training.trainer import Trainer

AS_IT_WAS = "The run in it is as it was; mend this and go on with --resume again."


@dataclass
class Session:
    """A run that is ready to start or to go on.

    Attributes:
        config: its settings.
        run: its folder.
        trainer: what runs it; ``trainer.net`` is the net.
        source: what it learns from.
    """

    config: TrainConfig
    run: RunFolder
    trainer: Trainer
    source: Source

    @classmethod
    def start(
        cls,
        config: TrainConfig,
        out: str | os.PathLike | None = None,
        *,
        fit_batch: bool = False,
        callbacks: Sequence[Callback] = (),
        progress: Progress | bool | None = None,
    ) -> Session:
        """A new run in a new folder; nothing is written when the settings or data are bad.

        Args:
            config: the settings.
            out: the folder; by default a new one under ``runs``.
            fit_batch: make batches no larger than the training set, where the size of both was
                not chosen.
            callbacks: besides the recorder and early stopping.
            progress: for the numerical gradient.

        Raises:
            RunFolderError: ``out`` exists and is not empty.
            MitbadakError: as ``fit``.
        """
        source = load_data(config)
        if fit_batch:
            learn = len(source.train) - round(config.validation * len(source.train))
            config = dataclasses.replace(config, batch_size=min(config.batch_size, max(1, learn)))
        trainer = _trainer(config, source, callbacks, progress)
        run = RunFolder.create(config, out)
        trainer.callbacks.append(_recorder(run, config, trainer, source))
        return cls(config, run, trainer, source)

    @classmethod
    def resume(
        cls,
        folder: str | os.PathLike,
        *,
        epochs: int | None = None,
        engine: str | None = None,
        callbacks: Sequence[Callback] = (),
        progress: Progress | bool | None = None,
    ) -> Session:
        """A run that goes on where its last checkpoint stands, to the bits it would have reached.

        Args:
            folder: the run folder.
            epochs: train up to this epoch instead of the one that was set.
            engine: go on with this one instead of the one that ran; the bits may then differ.
            callbacks, progress: as for ``start``.

        Raises:
            RunFolderError: the folder is missing, foreign or cut off, or is past ``epochs``; it is
                being written by another process; or the data have changed.
            StateError: the engine that ran is not there any more.

        Warns:
            MitbadakWarning: versions, engine, threads or machine are not as they were.
        """
        run = RunFolder.open(folder)
        with written_to(run.path, AS_IT_WAS):
            run.hold()
        try:
            return cls._resumed(run, epochs, engine, callbacks, progress)
        except BaseException:
            run.release()
            raise

    @classmethod
    def _resumed(
        cls,
        run: RunFolder,
        epochs: int | None,
        engine: str | None,
        callbacks: Sequence[Callback],
        progress: Progress | bool | None,
    ) -> Session:
        before = run.read_config()
        config = before if epochs is None else dataclasses.replace(before, epochs=epochs)
        if config.epochs != before.epochs and config.schedule != "constant":
            raise RunFolderError(
                f"{run.path} lets its learning rate follow a schedule ({config.schedule}) laid out "
                f"for {before.epochs} epochs, so --epochs cannot change. Start a new run."
            )
        stored = weights.read(run.checkpoint) if run.checkpoint.exists() else None
        if engine is None and stored is not None:  # as before, or the bits would differ
            engine = stored.values.get("engine", config.engine)
            if not isinstance(engine, str):
                raise RunFolderError(f"{run.checkpoint} cannot be resumed: engine {engine!r:.60}")
        going_on = dataclasses.replace(config, engine=engine or config.engine)
        source = load_data(config)
        if stored is not None:
            _check_widths(_widths(config, source), stored)
        trainer = _trainer(going_on, source, callbacks, progress)
        recorder = _recorder(run, config, trainer, source)
        trainer.callbacks.append(recorder)
        with written_to(run.path, AS_IT_WAS):
            if run.checkpoint.exists():
                recorder.resume(trainer)
            if config != before:
                run.write_config(config)
        return cls(config, run, trainer, source)

    def train(self, *, release: bool = True) -> History:
        """Run to the end, to a reason to stop, or to Ctrl-C; then write the weights.

        Args:
            release: free the folder for others afterwards; otherwise ``run.release()`` does.

        Raises:
            LostFolderError: the folder was moved or deleted, and another run is in its place.
            OSError: as the system says. Both leave a run that can go on.
        """
        try:
            history = self.trainer.run()
            weights.save(self.trainer.net, self.run.model, self.source.preparation,
                         check=self.run.check_own)  # fmt: skip
        finally:
            if release:
                self.run.release()
        return history


def build_net(config: TrainConfig, widths: Sequence[int], rng: np.random.Generator) -> Sequential:
    """The net that the settings describe."""
    return MLP(
        widths,
        config.activation,
        init=config.init,
        loss=config.loss,
        dropout=config.dropout,
        batch_norm=config.batch_norm,
        rng=rng,
        dtype=config.dtype,
    )


def load_data(config: TrainConfig) -> Source:
    """What a run learns from, and its test set.

    Raises:
        UnknownNameError, FormatError, RangeError: see ``open_source``.
    """
    if config.data in NAMED:
        _refuse_settings_of_files(config)
        return open_source(config.data, label=config.label or None)
    where = local_path(config.data)
    # A folder's labels are classes, which squared errors compare as one-hot rows.
    auto = config.targets == "auto" and Path(where).is_dir()
    share, seed = config.test_share, config.seed
    try:
        return open_source(
            where,
            label=config.label or None,
            regression=config.numbers and not auto,
            test_share=share,
            seed=seed,
        )
    except NotASourceError:
        if not Path(where).is_dir():
            raise
        return image_folder(where, test_share=share, seed=seed)


def _refuse_settings_of_files(config: TrainConfig) -> None:
    """Settings that a data set with a name would pass over in silence."""
    for name, usual in (("test_share", 0.2), ("targets", "auto")):
        if getattr(config, name) != usual:
            raise RangeError(
                f"train: {name} is for files and folders of one's own; {config.data} comes with "
                "its test set and its labels."
            )


def _recorder(run: RunFolder, config: TrainConfig, trainer: Trainer, source: Source) -> Recorder:
    made_with = environment(trainer.engine, source.fingerprint)
    return Recorder(run, config, made_with, source.preparation)


def _trainer(
    config: TrainConfig,
    source: Source,
    callbacks: Sequence[Callback],
    progress: Progress | bool | None,
) -> Trainer:
    train = source.train
    weights_rng, split_rng, batch_rng = map(
        np.random.default_rng, np.random.SeedSequence(config.seed).spawn(3)
    )
    validation = None
    if config.validation:
        train, validation = train.split(config.validation, split_rng)
    watchers = list(callbacks)
    net = build_net(config, _widths(config, source), weights_rng)
    if config.early_stopping:
        has_classes = net.head.measures_accuracy(train.t, net.n_out or 0)
        monitor = f"{config.watch}_{'accuracy' if has_classes else 'loss'}"
        watchers.insert(0, EarlyStopping(config.early_stopping, monitor))
    return Trainer(
        net,
        train,
        test=source.test,
        validation=validation,
        optimizer=_optimizer(config, len(train)),
        epochs=config.epochs,
        batch_size=config.batch_size,
        rng=batch_rng,
        callbacks=watchers,
        engine=config.engine,
        sampling=config.sampling,
        gradient=config.gradient,
        augment=_augment(config, source),
        progress=progress,
    )


def _optimizer(config: TrainConfig, examples: int) -> Optimizer:
    return build_optimizer(
        config.optimizer,
        config.lr,
        schedule=config.schedule,
        warmup=config.warmup,
        l2=config.l2,
        l1=config.l1,
        clip_norm=config.clip_norm,
        updates=max(1, config.epochs * steps_per_epoch(examples, config.batch_size)),
    )


def _augment(config: TrainConfig, source: Source) -> RandomShift | None:
    if not config.shift:
        return None
    shape = source.preparation.shape
    if len(shape) != 2:
        raise RangeError(
            f"train: shift moves images; {config.data} holds {source.preparation.said()}."
        )
    return RandomShift((shape[0], shape[1]), most=config.shift)


def _widths(config: TrainConfig, source: Source) -> list[int]:
    """Of the net, from its inputs to its answers: one a class, or as many as a target has."""
    t, classes = source.train.t, len(source.preparation.classes)
    if t.ndim == 2:
        answers = t.shape[1]
    elif config.loss == "sigmoid_cross_entropy" and classes == 2:
        answers = 1
    else:
        answers = classes or int(t.max()) + 1
    return [source.train.x[0].size, *config.hidden, answers]


def _check_widths(sizes: list[int], stored: weights.Stored) -> None:
    """Refuse settings of another net than the checkpoint's before they take its memory."""
    for number, shape in enumerate(pairwise(sizes), 1):
        array = stored.arrays.get(f"params.W{number}")
        if array is None or array.shape != shape:
            raise RunFolderError("the checkpoint holds another net than config.json describes.")
