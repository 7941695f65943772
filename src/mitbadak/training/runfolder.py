"""A run folder: settings, history, weights and checkpoint of one training run.

Order of writing, so that a crash at any moment leaves a run that resumes: the settings; checkpoint
0 before the first update; then history lines ahead of the checkpoint that counts them. Lines
beyond the last checkpoint belong to work that is done again, and are dropped when it is.
"""

from __future__ import annotations

import json
import os
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from mitbadak.data import Preparation
from mitbadak.errors import FormatError, MitbadakWarning, RunFolderError, whole
from mitbadak.files import PART, check_regular, parse_json, sync_folder, write_atomically
from mitbadak.training import weights
from mitbadak.training.callbacks import Callback, without_arrays
from mitbadak.training.config import TrainConfig
from mitbadak.training.environment import compare
from mitbadak.training.history import History, Row
from mitbadak.training.locks import LOCK_NAME, FolderLock
from mitbadak.training.trainer import Trainer

FORMAT = 1
MOST_CONFIG = 1 << 20  # bytes; settings take some hundreds
CHECKPOINT_SECONDS = 1.0  # at most this much work is lost to a crash; a write costs about 5 ms


class RunFolder:
    """Paths of a run, and what is in them.

    Attributes:
        path: the folder; ``config``, ``history``, ``model``, ``checkpoint``, ``curves``: its
            files.
        lock: held while this process may write into the folder.
    """

    def __init__(self, path: str | os.PathLike):
        self.path = Path(path)
        self.lock: FolderLock | None = None
        self.config = self.path / "config.json"
        self.history = self.path / "history.jsonl"
        self.model = self.path / "model.safetensors"
        self.checkpoint = self.path / "checkpoint.safetensors"
        self.curves = self.path / "curves.png"

    @classmethod
    def create(cls, config: TrainConfig, path: str | os.PathLike | None = None) -> RunFolder:
        """A new run folder, by default ``runs/DATA-DATE-TIME``, locked for this process.

        Raises:
            RunFolderError: ``path`` exists and is not an empty folder, is being written, or cannot
                be.
        """
        with written_to(path or "runs", "Choose another folder with --out."):
            return cls._created(config, path)

    @classmethod
    def _created(cls, config: TrainConfig, path: str | os.PathLike | None) -> RunFolder:
        if path is None:
            path = _new_folder(Path("runs"), f"{config.data_name}-{datetime.now():%Y%m%d-%H%M%S}")
        run = cls(path)
        run._refuse_if_taken()
        run.path.mkdir(parents=True, exist_ok=True)
        run.hold()
        try:
            run._refuse_if_taken()  # another process may have been here between the two
            run.write_config(config)
        except BaseException:
            run.release()
            raise
        return run

    def _refuse_if_taken(self) -> None:
        if not self.path.exists():
            return
        if not self.path.is_dir() or any(not _is_left_over(p) for p in self.path.iterdir()):
            remedy = f"Go on with --resume {self.path}, or" if self.config.exists() else "Choose"
            raise RunFolderError(
                f"{self.path} exists and is not an empty folder. {remedy} another name for --out."
            )

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

    def hold(self) -> None:
        """Take the right to write into the folder, and clear away what a crash left beside.

        Raises:
            RunFolderError: another process, or another run of this one, has it.
        """
        if self.lock is None:
            self.lock = FolderLock(self.path)
            for left_over in self.path.glob(f".*{PART}"):
                left_over.unlink()

    def release(self) -> None:
        """Give that right back."""
        if self.lock is not None:
            self.lock.release()
            self.lock = None

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
            check_regular(self.config)
            if self.config.stat().st_size > MOST_CONFIG:
                raise FormatError(f"{self.config} holds more than {MOST_CONFIG:,} bytes.")
            content = parse_json(self.config.read_bytes(), str(self.config))
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

    A folder that vanishes under a run is made again, with all that was in it, and a warning.

    Args:
        run: the folder, held by this process.
        config: the settings, should the folder have to be made again.
        made_with: see ``environment``; kept with every checkpoint.
        preparation: of the data; kept with the weights.
    """

    def __init__(
        self,
        run: RunFolder,
        config: TrainConfig,
        made_with: Mapping[str, str],
        preparation: Preparation,
    ):
        self.run, self.config = run, config
        self.made_with, self.preparation = made_with, preparation
        self.rows = self.losses = self.written = 0
        self.saved_at = time.monotonic()

    def on_train_begin(self, trainer: Trainer) -> None:
        self.run.hold()
        if not self.run.checkpoint.exists():
            self.save(trainer)

    @without_arrays
    def on_step_end(self, trainer: Trainer) -> None:
        self._save_if_due(trainer)

    def on_epoch_end(self, trainer: Trainer, row: Row) -> None:
        self._write_history(trainer.history)
        self._save_if_due(trainer)

    def on_train_end(self, trainer: Trainer) -> None:
        self.save(trainer)

    def save(self, trainer: Trainer) -> None:
        """History, then the checkpoint that counts on it, then the weights for readers."""
        trainer.publish()
        self._write_history(trainer.history, sync=True)
        stored = snapshot(trainer)
        stored.values["made_with"] = dict(self.made_with)
        weights.write(self.run.checkpoint, stored)
        weights.save(trainer.net, self.run.model, self.preparation)
        self.saved_at = time.monotonic()

    def resume(self, trainer: Trainer) -> None:
        """Put the trainer where the checkpoint stands, and drop history beyond it."""
        stored = weights.read(self.run.checkpoint)
        made_with = stored.values.get("made_with")
        if isinstance(made_with, dict):  # older checkpoints have none
            compare(made_with, self.made_with, self.run.path)
        restore(trainer, stored, self.run)
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
        if not self.run.path.is_dir():
            self._make_folder_again()
        with open(self.run.history, "ab") as file:
            if file.tell() < self.written:  # someone cut or deleted it
                self.rows = self.losses = self.written = 0
            content = history.lines_from(self.rows, self.losses).encode()
            file.truncate(self.written)  # what a failed write left of these very lines
            file.write(content)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        self._note_written(history, self.written + len(content))

    def _rewrite_history(self, history: History) -> None:
        content = history.lines_from(0, 0).encode()
        write_atomically(self.run.history, content)
        self._note_written(history, len(content))

    def _note_written(self, history: History, length: int) -> None:
        self.rows, self.losses = len(history.rows), len(history.losses)
        self.written = length

    def _make_folder_again(self) -> None:
        warnings.warn(
            f"the run folder {self.run.path} vanished; it was made again and holds the whole run.",
            MitbadakWarning,
            stacklevel=2,
        )
        self.run.release()
        self.run.path.mkdir(parents=True)
        self.run.hold()
        self.run.write_config(self.config)
        self.rows = self.losses = self.written = 0


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
        optimizer.steps = whole("optimizer", "steps", kept.pop("steps"), least=0)
        if kept != optimizer.config():
            raise FormatError(f"{where} holds another optimizer than config.json describes.")
        for slot in optimizer.state:
            optimizer.state[slot] = _slot(slot, stored.arrays, trainer)
        for callback in trainer.callbacks:
            name = type(callback).__name__
            if name in values["callbacks"]:
                callback.load_state(values["callbacks"][name], _under(f"{name}.", stored.arrays))
        trainer.rng.bit_generator.state = values["rng"]  # refuses what is no state
        trainer.epoch_rng_state = values["rng"]
        noise_seed = values.get("noise_seed", 0)  # older checkpoints have no noise
        trainer.noise_seed = whole("checkpoint", "noise_seed", noise_seed, least=0)
        for name in COUNTERS:
            setattr(trainer, name, whole("checkpoint", name, values[name], least=0))
        if trainer.batches_done > trainer.steps_per_epoch:
            raise FormatError(f"batches_done {trainer.batches_done}")
        trainer.seconds_before = float(values["seconds"])
        history = run.read_history(up_to_step=trainer.step)
        # A row that was written after the checkpoint is measured again: callbacks must see it.
        rows = whole("checkpoint", "rows", values["rows"], least=0)
        history.rows = history.rows[:rows]
        history.stopped = str(values["stopped"])
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise RunFolderError(f"{where} cannot be resumed: {error}") from None
    if len(history.losses) != trainer.step or len(history.rows) != rows:
        raise RunFolderError(
            f"{run.history} lacks steps: it holds {len(history.losses)} of {trainer.step} losses "
            f"and {len(history.rows)} of {rows} rows. It was cut or edited."
        )
    history.engine = trainer.history.engine
    trainer.history = history


def _under(prefix: str, arrays: dict) -> dict:
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}


def _slot(slot: str, arrays: dict, trainer: Trainer) -> dict:
    """What an optimizer remembers under a name, each array as large as its parameter."""
    found = _under(f"optimizer.{slot}.", arrays)
    for name, array in found.items():
        if name not in trainer.net.params or array.shape != trainer.net.params[name].shape:
            raise FormatError(f"{slot} of {name!r}, shape {array.shape}, fits no parameter.")
    return found


def _plain(state: object) -> object:
    """A bit generator's state as JSON values."""
    return json.loads(json.dumps(state, default=lambda a: a.tolist()))


@contextmanager
def written_to(place: str | os.PathLike, remedy: str) -> Iterator[None]:
    """What the system says against writing somewhere, with the place and a remedy.

    Raises:
        RunFolderError: in place of an ``OSError``.
    """
    try:
        yield
    except OSError as problem:
        said = problem.strerror or problem
        raise RunFolderError(f"{place} cannot be written: {said}. {remedy}") from None


def _is_left_over(path: Path) -> bool:
    """Whether a file is what a run leaves that was killed before it wrote its settings."""
    return path.name == LOCK_NAME or (path.name.startswith(".") and path.name.endswith(PART))


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
