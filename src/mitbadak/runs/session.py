"""A run from its settings: data, net, optimizer and folder put together."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mitbadak.core.errors import RangeError, RunFolderError
from mitbadak.core.files import local_path
from mitbadak.core.progress import Progress
from mitbadak.data import NAMED, Dataset, RandomShift, Source, open_source
from mitbadak.data.batches import steps_per_epoch
from mitbadak.data.scaled_targets import has_numbers, with_scaled_targets
from mitbadak.optim import Optimizer, build_optimizer
from mitbadak.runs import model_file as weights
from mitbadak.runs.config import WITHOUT_VALIDATION, TrainConfig
from mitbadak.runs.environment import environment
from mitbadak.runs.folder import RunFolder, written_to
from mitbadak.runs.net import build_net, check_widths, weight_shapes
from mitbadak.runs.recorder import Recorder
from mitbadak.runs.result import result_of
from mitbadak.training.callbacks import EarlyStopping
from mitbadak.training.changes import Changes
from mitbadak.training.history import History
from mitbadak.training.history_file import Row
from mitbadak.training.hooks import Callback
from mitbadak.training.trainer import Trainer

AS_IT_WAS = "The run in it is unchanged; fix this and resume it again."


@dataclass
class Session:
    """A run that is ready to start or to be resumed.

    Attributes:
        config: its settings.
        run: its folder.
        trainer: trains ``trainer.net``.
        source: its data.
        chosen: the settings that were chosen to suit the data.
        result: at the end, the measures of the weights that were saved; see ``result_of``.
    """

    config: TrainConfig
    run: RunFolder
    trainer: Trainer
    source: Source
    chosen: tuple[str, ...] = ()
    result: Row | None = None

    @classmethod
    def start(
        cls,
        config: TrainConfig,
        out: str | os.PathLike[str] | None = None,
        *,
        callbacks: Sequence[Callback] = (),
        progress: Progress | bool | None = None,
    ) -> Session:
        """A new run in a new folder; if the settings or data are bad, nothing is written.

        Args:
            config: the settings; open ones are chosen when the data have been read.
            out: the folder; by default a new one under ``runs``.
            callbacks: besides the recorder and early stopping.
            progress: for the numerical gradient.

        Raises:
            RunFolderError: ``out`` exists and is not empty.
            MitbadakError: as ``fit``.
        """
        chosen = config.open_settings
        config, source = settled_data(config)
        trainer = trainer_for(config, source, callbacks, progress)
        run = RunFolder.create(config, out)
        trainer.callbacks.append(_recorder(run, config, trainer, source))
        return cls(config, run, trainer, source, chosen)

    @classmethod
    def resume(
        cls,
        folder: str | os.PathLike[str],
        *,
        epochs: int | None = None,
        engine: str | None = None,
        callbacks: Sequence[Callback] = (),
        progress: Progress | bool | None = None,
    ) -> Session:
        """A run that continues from its last checkpoint, to the same bits as without a break.

        Args:
            folder: the run folder.
            epochs: train up to this epoch instead of the one in the settings.
            engine: use this one instead of the one that ran before; the bits may then differ.
            callbacks, progress: as for ``start``.

        Raises:
            RunFolderError: the folder is missing, damaged or not a run folder, or is past
                ``epochs``; another process is writing it; or the data have changed.
            StateError: the engine that ran before is not installed.

        Warns:
            MitbadakWarning: versions, engine, threads or machine have changed.
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
                f"the learning rate schedule of {run.path} ({config.schedule}) is laid out for "
                f"{before.epochs} epochs, so epochs cannot change. Start a new run."
            )
        stored = weights.read(run.checkpoint) if run.checkpoint.exists() else None
        if engine is None and stored is not None:  # another one would change the bits
            engine = stored.values.get("engine", config.engine)
            if not isinstance(engine, str):
                raise RunFolderError(f"{run.checkpoint} cannot be resumed: engine {engine!r:.60}")
        resumed = dataclasses.replace(config, engine=engine or config.engine)
        source = load_data(config)
        if stored is not None:
            check_widths(weight_shapes(config, source), stored)
        trainer = trainer_for(resumed, source, callbacks, progress)
        recorder = _recorder(run, config, trainer, source)
        trainer.callbacks.append(recorder)
        with written_to(run.path, AS_IT_WAS):
            if stored is not None:
                recorder.resume(trainer, stored)
            if config != before:
                run.write_config(config)
        return cls(config, run, trainer, source)

    def train(self, *, release: bool = True) -> History:
        """Train to the end, or until a stop is requested or Ctrl-C is pressed; then save the net.

        Args:
            release: unlock the folder afterwards; otherwise call ``run.release()``.

        Raises:
            LostFolderError: the folder was moved or deleted, and another run is in its place.
            OSError: from the system. After either error the run can be resumed.
        """
        try:
            history = self.trainer.run()
            if history.rows and not self.trainer.interrupted:
                self.result = result_of(self.trainer, self.source.preparation)
            weights.save(
                self.trainer.net,
                self.run.model,
                self.source.preparation,
                row=self.result,
                check=self.run.check_own,
            )
        finally:
            if release:
                self.run.release()
        return history

    def forget_rows(self) -> None:
        """Let go of the data after training (MNIST's are 55 MB), before pictures take memory."""
        trainer = self.trainer
        trainer.sets.clear()
        trainer.changes = Changes(trainer.net)
        del trainer.updater
        nothing = Dataset(np.zeros((1, 1)), np.zeros((1, 1)))
        self.source = dataclasses.replace(self.source, train=nothing, test=nothing, validation=None)


def settled_data(config: TrainConfig) -> tuple[TrainConfig, Source]:
    """Complete settings, and the data as a run with them trains on it.

    Raises:
        MitbadakError: as ``load_data``, and ``TrainConfig.settled``.
    """
    return settled_with(config, load_data(config))


def settled_with(config: TrainConfig, source: Source) -> tuple[TrainConfig, Source]:
    """The same for data that have been read already.

    Raises:
        RangeError: see ``TrainConfig.settled``.
    """
    chosen = config.open_settings
    config = config.settled(source)
    if config.scale_targets and "scale_targets" in chosen:
        source = with_scaled_targets(source)
    return config, source


def load_data(config: TrainConfig) -> Source:
    """The training set and the test set of a run.

    Real targets are standardized where the settings say so, and not where that is still open.

    Raises:
        UnknownNameError, FormatError, RangeError: see ``open_source``.
    """
    source = _read_data(config)
    if config.scale_targets is not True:
        return source
    if not has_numbers(source):
        raise RangeError(
            f"train: scale_targets is for real targets, and {config.data} has classes. For real "
            "targets use targets='numbers'."
        )
    return with_scaled_targets(source)


def _read_data(config: TrainConfig) -> Source:
    if config.data in NAMED:
        _refuse_settings_of_files(config)
        return open_source(
            config.data,
            label=config.label or None,
            table=config.table,
            pictures=config.pictures,
        )
    where = local_path(config.data)
    # The labels of a folder are classes; squared errors compare them as one-hot rows.
    targets = config.targets if Path(where).is_dir() else config.wanted_targets
    return open_source(
        where,
        label=config.label or None,
        targets=targets,
        table=config.table,
        pictures=config.pictures,
        test_share=config.test_share,
        rng=config.seed,
    )


def _refuse_settings_of_files(config: TrainConfig) -> None:
    """Refuse settings that a named data set would ignore."""
    for name, usual in (("test_share", 0.2), ("targets", "auto")):
        if getattr(config, name) != usual:
            raise RangeError(
                f"train: {name} is for your own files and folders; {config.data} comes with its "
                "test set and its labels."
            )


def _recorder(run: RunFolder, config: TrainConfig, trainer: Trainer, source: Source) -> Recorder:
    made_with = environment(trainer.engine, source.fingerprint)
    return Recorder(run, config, made_with, source.preparation)


def trainer_for(
    config: TrainConfig,
    source: Source,
    callbacks: Sequence[Callback],
    progress: Progress | bool | None,
) -> Trainer:
    """The trainer of a run at its start: a new net, drawn by the seed of the settings.

    Args:
        config: complete settings.
        source: the data.
        callbacks: besides early stopping.
        progress: for the numerical gradient.

    Raises:
        RangeError: validation is wanted twice, or missing.
    """
    train = source.train
    weights_rng, split_rng, batch_rng = map(
        np.random.default_rng, np.random.SeedSequence(config.seed).spawn(3)
    )
    recipe, validation = config.recipe, source.validation
    if recipe.validation:
        if validation is not None:
            raise RangeError(
                f"train: {config.data_name} comes with its own validation set; validation must be "
                "0."
            )
        train, validation = train.split(recipe.validation, split_rng)
    callbacks = list(callbacks)
    net = build_net(config, source, weights_rng)
    if recipe.early_stopping:
        if config.watch == "validation" and validation is None:
            raise RangeError(WITHOUT_VALIDATION)
        has_classes = net.head.measures_accuracy(train.t, net.n_out or 0)
        monitor = f"{config.watch}_{recipe.best_by if has_classes else 'loss'}"
        callbacks.insert(0, EarlyStopping(recipe.early_stopping, monitor))
    return Trainer(
        net,
        train,
        test=source.test,
        validation=validation,
        optimizer=_optimizer(config, len(train)),
        epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        rng=batch_rng,
        callbacks=callbacks,
        engine=config.engine,
        sampling=config.sampling,
        gradient=config.gradient,
        augment=_augment(config, source),
        progress=progress,
    )


def _optimizer(config: TrainConfig, examples: int) -> Optimizer:
    recipe = config.recipe
    return build_optimizer(
        recipe.optimizer,
        recipe.lr,
        schedule=config.schedule,
        warmup=config.warmup,
        l2=recipe.l2,
        l1=config.l1,
        clip_norm=config.clip_norm,
        updates=max(1, recipe.epochs * steps_per_epoch(examples, recipe.batch_size)),
    )


def _augment(config: TrainConfig, source: Source) -> RandomShift | None:
    if not config.shift:
        return None
    shape = source.preparation.shape
    if len(shape) != 2:
        raise RangeError(
            f"train: shift is for images in gray; {config.data} holds "
            f"{source.preparation.describe()}."
        )
    return RandomShift((shape[0], shape[1]), most=config.shift)
