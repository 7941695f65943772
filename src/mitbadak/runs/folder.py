"""A run folder: settings, history, weights and checkpoint of one training run.

Order of writing, so that a crash at any moment leaves a run that resumes: the settings; checkpoint
0 before the first update; then history lines ahead of the checkpoint that counts them. Lines
beyond the last checkpoint belong to work that is done again, and are dropped when it is.
"""

from __future__ import annotations

import json
import os
import stat
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from mitbadak.data import Preparation
from mitbadak.core.errors import FormatError, LostFolderError, MitbadakWarning, RunFolderError
from mitbadak.core.files import PART, check_regular, parse_json, sync_folder, write_atomically
from mitbadak.runs import model_file as weights
from mitbadak.training.callbacks import Callback, without_arrays
from mitbadak.runs.checkpoints import restore, snapshot
from mitbadak.runs.config import TrainConfig
from mitbadak.runs.environment import compare
from mitbadak.training.history import History, Row
from mitbadak.runs.locks import LOCK_NAME, FolderLock, Standing, standing_of
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
        self.stat: os.stat_result | None = None  # of the folder that was opened, made or locked
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
        run.make(config)
        return run

    def make(self, config: TrainConfig) -> None:
        """Make and lock the folder, also where it was before, and write the settings.

        Raises:
            RunFolderError: it is there and is not an empty folder, or is being written.
            OSError: as the system says.
        """
        self.release()
        self.stat = None
        self._refuse_if_taken()
        self.path.mkdir(parents=True, exist_ok=True)
        self.hold()
        try:
            self._refuse_if_taken()  # another process may have been here between the two
            self.write_config(config)
        except BaseException:
            self.release()
            raise

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
        run.stat = run.path.stat()
        return run

    def hold(self) -> None:
        """Take the right to write into the folder, and clear away what a crash left beside.

        Raises:
            RunFolderError: another process, or another run of this one, has it.
        """
        if self.lock is not None:
            return
        lock = FolderLock(self.path)
        try:
            if self.stat is not None and not os.path.samestat(lock.stat, self.stat):
                raise self.loss(Standing.REPLACED)
            for left_over in self.path.glob(f".*{PART}"):
                left_over.unlink()
        except BaseException:
            lock.release()
            raise
        self.lock, self.stat = lock, lock.stat

    def release(self) -> None:
        """Give that right back."""
        if self.lock is not None:
            self.lock.release()
            self.lock = None

    def standing(self) -> Standing:
        """Whether the path still names the folder that was opened and, if so, locked."""
        if self.lock is not None:
            return self.lock.standing()
        return Standing.OWN if self.stat is None else standing_of(self.path, self.stat)

    def check_own(self) -> None:
        """Refuse to write where the path names another folder by now: it may be somebody's.

        Raises:
            LostFolderError: the folder was moved, deleted or taken.
            OSError: as the system says.
        """
        standing = self.standing()
        if standing is not Standing.OWN:
            raise self.loss(standing)

    def loss(self, standing: Standing) -> LostFolderError:
        """The error for a folder that is not this run's any more."""
        place = self.lock.moved_to() if self.lock is not None else ""
        where = f" What it held lies in {place}." if place and standing != Standing.TAKEN else ""
        return LostFolderError(
            f"{self.path} {standing.value} while this run was using it: nothing more is written "
            f"there.{where}"
        )

    def write_config(self, config: TrainConfig) -> None:
        settings = json.loads(config.to_json())
        content = {"format": FORMAT, "settings": settings}
        text = json.dumps(content, indent=2) + "\n"
        write_atomically(self.config, text.encode(), self.check_own)

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

    A folder that vanishes under a run is made again, with all that was in it, and a warning. Where
    another run has begun in its place, or another process has its lock, nothing more is written
    into it: the run is saved in a new folder beside it, and ends with ``LostFolderError``.

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
        self.lost = False
        self.saved_at = time.monotonic()

    def on_train_begin(self, trainer: Trainer) -> None:
        self.run.hold()
        if not self.run.checkpoint.exists():
            self.save(trainer)

    @without_arrays
    def on_step_end(self, trainer: Trainer) -> None:
        self._save_if_due(trainer)

    def on_epoch_end(self, trainer: Trainer, row: Row) -> None:
        self._in_own_folder(trainer, lambda: self._write_history(trainer.history))
        self._save_if_due(trainer)

    def on_train_end(self, trainer: Trainer) -> None:
        self.save(trainer)

    def save(self, trainer: Trainer) -> None:
        """History, then the checkpoint that counts on it, then the weights for readers."""
        self._in_own_folder(trainer, lambda: self._save(trainer))

    def _save(self, trainer: Trainer) -> None:
        trainer.publish()
        self._write_config_if_missing()
        self._write_history(trainer.history, sync=True)
        stored = snapshot(trainer)
        stored.values["made_with"] = dict(self.made_with)
        check = self.run.check_own
        weights.write(self.run.checkpoint, stored, check=check)
        weights.save(trainer.net, self.run.model, self.preparation, check=check)
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

    def _in_own_folder(self, trainer: Trainer, write: Callable[[], None]) -> None:
        """Write, in a folder made again if need be, or save the run beside one that is lost."""
        if self.lost:  # the run is ending with the error that said so
            return
        try:
            self._make_folder_again_if_gone()
            write()
        except LostFolderError as loss:
            self.lost = True
            raise LostFolderError(f"{loss} {self._save_beside(trainer)}") from None

    def _make_folder_again_if_gone(self) -> None:
        standing = self.run.standing()
        if standing is Standing.OWN:
            return
        loss = self.run.loss(standing)
        if standing is Standing.TAKEN:
            raise loss
        try:
            self.run.make(self.config)  # refuses a folder that holds anything
        except (OSError, RunFolderError):
            raise loss from None
        warnings.warn(
            f"the run folder {self.run.path} vanished; it was made again and holds the whole run.",
            MitbadakWarning,
            stacklevel=2,
        )
        self.rows = self.losses = self.written = 0

    def _save_beside(self, trainer: Trainer) -> str:
        """Save the run in a new folder; what to tell about it."""
        try:
            path = _new_folder(self.run.path.parent, f"{self.run.path.name or 'run'}-saved")
            beside = RunFolder(path)
            beside.make(self.config)
            try:
                Recorder(beside, self.config, self.made_with, self.preparation)._save(trainer)
            finally:
                beside.release()
        except (OSError, RunFolderError) as problem:
            return f"Nor could the run be saved beside it: {problem}"
        return (
            f"The run up to step {trainer.step} is saved in {path}. Continue with: mitbadak train "
            f"--resume {path}"
        )

    def _write_config_if_missing(self) -> None:
        try:
            self.run.read_config()
        except (OSError, RunFolderError):  # deleted, emptied, or something else in its place
            self.run.write_config(self.config)

    def _write_history(self, history: History, *, sync: bool = False) -> None:
        self.run.check_own()
        if not self._history_is_there():
            self._rewrite_history(history)
            return
        content = history.lines_from(self.rows, self.losses).encode()
        with open(self.run.history, "ab") as file:
            file.truncate(self.written)  # what a failed write left of these very lines
            file.write(content)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        self._note_written(history, self.written + len(content))

    def _history_is_there(self) -> bool:
        """Whether the file holds what was written so far: nobody cut, deleted or replaced it."""
        try:
            there = self.run.history.lstat()
        except FileNotFoundError:
            return False
        return stat.S_ISREG(there.st_mode) and there.st_size >= self.written

    def _rewrite_history(self, history: History) -> None:
        content = history.lines_from(0, 0).encode()
        write_atomically(self.run.history, content, self.run.check_own)
        self._note_written(history, len(content))

    def _note_written(self, history: History, length: int) -> None:
        self.rows, self.losses = len(history.rows), len(history.losses)
        self.written = length


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
