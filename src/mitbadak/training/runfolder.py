"""A run folder: settings, history, weights and checkpoint of one training run.

Order of writing, so that a crash at any moment leaves a run that resumes: the settings; checkpoint
0 before the first update; then history lines ahead of the checkpoint that counts them. Lines
beyond the last checkpoint belong to work that is done again, and are dropped when it is.
"""

from __future__ import annotations

import json
import os
import time
from datetime import datetime
from pathlib import Path

from mitbadak.errors import FormatError, RunFolderError
from mitbadak.files import sync_folder, write_atomically
from mitbadak.training import weights
from mitbadak.training.callbacks import Callback
from mitbadak.training.config import TrainConfig
from mitbadak.training.history import History, Row
from mitbadak.training.trainer import Trainer

FORMAT = 1
CHECKPOINT_SECONDS = 1.0  # at most this much work is lost to a crash; a write costs about 5 ms


class RunFolder:
    """Paths of a run, and what is in them.

    Attributes:
        path: the folder; ``config``, ``history``, ``model``, ``checkpoint``, ``curves``: its
            files.
    """

    def __init__(self, path: str | os.PathLike):
        self.path = Path(path)
        self.config = self.path / "config.json"
        self.history = self.path / "history.jsonl"
        self.model = self.path / "model.safetensors"
        self.checkpoint = self.path / "checkpoint.safetensors"
        self.curves = self.path / "curves.png"

    @classmethod
    def create(cls, config: TrainConfig, path: str | os.PathLike | None = None) -> RunFolder:
        """A new run folder, by default ``runs/DATA-DATE-TIME``.

        Raises:
            RunFolderError: ``path`` exists and is not an empty folder.
        """
        if path is None:
            path = _new_folder(Path("runs"), f"{config.data}-{datetime.now():%Y%m%d-%H%M%S}")
        run = cls(path)
        if run.path.exists() and (not run.path.is_dir() or any(run.path.iterdir())):
            remedy = f"Go on with --resume {run.path}, or" if run.config.exists() else "Choose"
            raise RunFolderError(
                f"{run.path} exists and is not an empty folder. {remedy} another name for --out."
            )
        run.path.mkdir(parents=True, exist_ok=True)
        run.write_config(config)
        return run

    @classmethod
    def open(cls, path: str | os.PathLike) -> RunFolder:
        """A run folder that is there.

        Raises:
            RunFolderError: it is missing, or was not made by ``mitbadak train``.
        """
        run = cls(path)
        if not run.path.is_dir():
            raise RunFolderError(f"there is no run folder {run.path}.")
        if not run.config.is_file():
            raise RunFolderError(
                f"{run.path} is not a run folder: it has no config.json. "
                "Run folders are made by 'mitbadak train'."
            )
        return run

    def write_config(self, config: TrainConfig) -> None:
        settings = json.loads(config.to_json())
        content = {"format": FORMAT, "settings": settings}
        write_atomically(self.config, (json.dumps(content, indent=2) + "\n").encode())

    def read_config(self) -> TrainConfig:
        """The settings of the run.

        Raises:
            RunFolderError: ``config.json`` is cut off, foreign, or of another format.
        """
        try:
            content = json.loads(self.config.read_text(encoding="utf-8"))
            if not isinstance(content, dict) or content.get("format") != FORMAT:
                raise FormatError(f"{self.config} is not of format {FORMAT}.")
            return TrainConfig.from_dict(content.get("settings"), str(self.config))
        except (ValueError, TypeError) as error:
            raise RunFolderError(f"{self.config} cannot be used: {error}") from None

    def read_history(self, *, up_to_step: int | None = None) -> History:
        """The history as far as it was written, or up to a step."""
        if not self.history.is_file():
            return History()
        return History.read(self.history, up_to_step=up_to_step)


class Recorder(Callback):
    """Writes a run into its folder while it happens: history lines, checkpoints, weights.

    It must stand last among the callbacks: then a checkpoint holds what the others made of the
    row it counts, and, since the end is told in reverse, the weights that training goes on from
    and not the best ones that early stopping puts back.
    """

    def __init__(self, run: RunFolder):
        self.run = run
        self.rows = self.losses = 0
        self.saved_at = time.monotonic()

    def on_train_begin(self, trainer: Trainer) -> None:
        if not self.run.checkpoint.exists():
            self.save(trainer)

    def on_step_end(self, trainer: Trainer) -> None:
        self._save_if_due(trainer)

    def on_epoch_end(self, trainer: Trainer, row: Row) -> None:
        self._write_history(trainer.history)
        self._save_if_due(trainer)

    def on_train_end(self, trainer: Trainer) -> None:
        self.save(trainer)

    def save(self, trainer: Trainer) -> None:
        """History, then the checkpoint that counts on it, then the weights for readers."""
        self._write_history(trainer.history, sync=True)
        weights.write(self.run.checkpoint, snapshot(trainer))
        weights.save(trainer.net, self.run.model)
        self.saved_at = time.monotonic()

    def resume(self, trainer: Trainer) -> None:
        """Put the trainer where the checkpoint stands, and drop history beyond it."""
        restore(trainer, weights.read(self.run.checkpoint), self.run)
        if trainer.epochs < trainer.epoch:
            raise RunFolderError(
                f"{self.run.path} has done {trainer.epoch} epochs already; epochs "
                f"{trainer.epochs} would go back. Ask for more, or start a new run."
            )
        self._rewrite_history(trainer.history)

    def _save_if_due(self, trainer: Trainer) -> None:
        if time.monotonic() - self.saved_at >= CHECKPOINT_SECONDS:
            self.save(trainer)

    def _write_history(self, history: History, *, sync: bool = False) -> None:
        lines = history.lines_from(self.rows, self.losses)
        with open(self.run.history, "a", encoding="utf-8", newline="\n") as file:
            file.write(lines)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        self.rows, self.losses = len(history.rows), len(history.losses)

    def _rewrite_history(self, history: History) -> None:
        write_atomically(self.run.history, history.lines_from(0, 0).encode())
        self.rows, self.losses = len(history.rows), len(history.losses)


def snapshot(trainer: Trainer) -> weights.Stored:
    """All that a run needs to go on to the same bits."""
    arrays = {f"params.{name}": array for name, array in weights.arrays_of(trainer.net).items()}
    optimizer = trainer.optimizer
    for slot, by_name in optimizer.state.items():
        arrays |= {f"optimizer.{slot}.{name}": array for name, array in by_name.items()}
    watchers = {}
    for callback in trainer.callbacks:
        kept, kept_arrays = callback.state()
        name = type(callback).__name__
        if kept:
            watchers[name] = kept
        arrays |= {f"{name}.{key}": array for key, array in kept_arrays.items()}
    values = {
        "net": trainer.net.config(),
        "optimizer": {**optimizer.config(), "steps": optimizer.steps},
        "rng": _plain(trainer.epoch_rng_state),
        "noise_seed": trainer.noise_seed,
        "engine": trainer.engine.name,
        "rows": len(trainer.history.rows),
        "stopped": "" if trainer.interrupted else trainer.history.stopped,
        "callbacks": watchers,
        **{name: getattr(trainer, name) for name in COUNTERS},
        "seconds": trainer.seconds,
    }
    return weights.Stored(arrays, values)


COUNTERS = ("epoch", "step", "batches_done")


def restore(trainer: Trainer, stored: weights.Stored, run: RunFolder) -> None:
    """Put a trainer, freshly made from the same settings, into the state of a checkpoint.

    Raises:
        RunFolderError: the checkpoint belongs to other settings, or history is missing.
    """
    values, where = stored.values, run.checkpoint
    try:
        if values["net"] != trainer.net.config():
            raise FormatError(f"{where} holds another net than config.json describes.")
        weights.take_params(trainer.net, _under("params.", stored.arrays), where)
        optimizer = trainer.optimizer
        kept = dict(values["optimizer"])
        optimizer.steps = kept.pop("steps")
        if kept != optimizer.config():
            raise FormatError(f"{where} holds another optimizer than config.json describes.")
        for slot in optimizer.state:
            optimizer.state[slot] = _under(f"optimizer.{slot}.", stored.arrays)
        for callback in trainer.callbacks:
            name = type(callback).__name__
            if name in values["callbacks"]:
                callback.load_state(values["callbacks"][name], _under(f"{name}.", stored.arrays))
        trainer.rng.bit_generator.state = values["rng"]  # refuses what is no state
        trainer.epoch_rng_state = values["rng"]
        trainer.noise_seed = int(values.get("noise_seed", 0))  # older checkpoints have no noise
        for name in COUNTERS:
            setattr(trainer, name, int(values[name]))
        trainer.seconds_before = float(values["seconds"])
        history = run.read_history(up_to_step=trainer.step)
        # A row that was written after the checkpoint is measured again: callbacks must see it.
        history.rows = history.rows[: values["rows"]]
        history.stopped = values["stopped"]
    except (KeyError, TypeError, ValueError) as error:
        raise RunFolderError(f"{where} cannot be resumed: {error}") from None
    if len(history.losses) != trainer.step or len(history.rows) != values["rows"]:
        raise RunFolderError(
            f"{run.history} lacks steps: it holds {len(history.losses)} of {trainer.step} losses "
            f"and {len(history.rows)} of {values['rows']} rows. It was cut or edited."
        )
    history.engine = trainer.history.engine
    trainer.history = history


def _under(prefix: str, arrays: dict) -> dict:
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}


def _plain(state: object) -> object:
    """A bit generator's state as JSON values."""
    return json.loads(json.dumps(state, default=lambda a: a.tolist()))


def _new_folder(parent: Path, name: str) -> Path:
    parent.mkdir(parents=True, exist_ok=True)
    for number in range(1, 1000):
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        sync_folder(parent)
        return folder
    raise RunFolderError(f"{parent} holds a thousand runs of this second; name one with --out.")
