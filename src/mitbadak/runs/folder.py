"""A run folder: the files of one training run, its lock, and its settings."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from mitbadak.core.errors import FormatError, LostFolderError, RunFolderError, StorageError
from mitbadak.core.files import (
    PART,
    check_regular,
    parse_json,
    sweep,
    sync_folder,
    write_atomically,
)
from mitbadak.runs.config import TrainConfig
from mitbadak.runs.locks import LOCK_NAME, FolderLock, Standing, standing_of
from mitbadak.training.history import History

FORMAT = 1
# Of the machine, not of the place: no space, files or memory left, or a device that fails.
FAILURES = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
MOST_CONFIG = 1 << 20  # bytes; settings take some hundreds


class RunFolder:
    """The folder of a run.

    Attributes:
        path: path of the folder.
        config, history, model, checkpoint, curves: paths of its files.
        lock: held while this process may write into the folder.
    """

    def __init__(self, path: str | os.PathLike[str]):
        self.path = Path(path)
        self.lock: FolderLock | None = None
        self.stat: os.stat_result | None = None  # when it was opened, made or locked
        self.config = self.path / "config.json"
        self.history = self.path / "history.jsonl"
        self.model = self.path / "model.safetensors"
        self.checkpoint = self.path / "checkpoint.safetensors"
        self.curves = self.path / "curves.png"

    @classmethod
    def create(cls, config: TrainConfig, path: str | os.PathLike[str] | None = None) -> RunFolder:
        """A new run folder, by default ``runs/DATA-DATE-TIME``, locked for this process.

        Raises:
            RunFolderError: ``path`` is not an empty folder, is being written by another process,
                or cannot be written.
        """
        with written_to(path or "runs", "Choose another folder: out=..."):
            return cls._created(config, path)

    @classmethod
    def _created(cls, config: TrainConfig, path: str | os.PathLike[str] | None) -> RunFolder:
        if path is None:
            path = new_folder(Path("runs"), f"{config.data_name}-{datetime.now():%Y%m%d-%H%M%S}")
        run = cls(path)
        run.make(config)
        return run

    def make(self, config: TrainConfig) -> None:
        """Make and lock the folder, even if it existed before, and write the settings.

        Raises:
            RunFolderError: it is not an empty folder, or is being written by another process.
            OSError: from the system.
        """
        self.release()
        self.stat = None
        self._refuse_if_taken()
        self.path.mkdir(parents=True, exist_ok=True)
        self.hold()
        try:
            self._refuse_if_taken()  # another process may have come first
            self.write_config(config)
        except BaseException:
            self.release()
            raise

    def _refuse_if_taken(self) -> None:
        if not self.path.exists():
            return
        if not self.path.is_dir() or any(not _is_left_over(p) for p in self.path.iterdir()):
            if self.config.exists():
                raise RunFolderError(
                    f"{self.path} exists and is not an empty folder. Continue with: mitbadak train "
                    f"--resume {self.path}, or choose another name: out=..."
                )
            raise RunFolderError(
                f"{self.path} exists and is not an empty folder. Choose another name: out=..."
            )

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> RunFolder:
        """An existing run folder.

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
        """Lock the folder for writing, and delete the partial files that a crash left in it.

        Raises:
            RunFolderError: another process, or another run of this one, holds the lock.
        """
        if self.lock is not None:
            return
        lock = FolderLock(self.path)
        try:
            if self.stat is not None and not os.path.samestat(lock.stat, self.stat):
                raise self.lost_folder_error(Standing.REPLACED)
            sweep(self.path)
        except BaseException:
            lock.release()
            raise
        self.lock, self.stat = lock, lock.stat

    def release(self) -> None:
        """Release the lock."""
        if self.lock is not None:
            self.lock.release()
            self.lock = None

    def standing(self) -> Standing:
        """Whether the path still names the folder that was opened and, if so, locked."""
        if self.lock is not None:
            return self.lock.standing()
        return Standing.OWN if self.stat is None else standing_of(self.path, self.stat)

    def check_own(self) -> None:
        """Refuse to write if the path now names another folder, which may be somebody else's.

        Raises:
            LostFolderError: the folder was moved, deleted or taken.
            OSError: from the system.
        """
        standing = self.standing()
        if standing is not Standing.OWN:
            raise self.lost_folder_error(standing)

    def lost_folder_error(self, standing: Standing) -> LostFolderError:
        """The error for a folder that no longer belongs to this run."""
        place = self.lock.moved_to() if self.lock is not None else ""
        where = f" Its contents are in {place}." if place and standing != Standing.TAKEN else ""
        return LostFolderError(
            f"{self.path} {standing.value} while this run was using it: nothing more is written "
            f"there.{where}"
        )

    def write_config(self, config: TrainConfig) -> None:
        """Write the settings to ``config.json``."""
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
        except FormatError as error:  # which names the file
            raise RunFolderError(str(error)) from None
        try:
            if self.config.stat().st_size > MOST_CONFIG:
                raise FormatError(f"it holds more than {MOST_CONFIG:,} bytes.")
            content = parse_json(self.config.read_bytes(), "it")
            if not isinstance(content, dict) or content.get("format") != FORMAT:
                raise FormatError(f"it is not of format {FORMAT}.")
            return TrainConfig.from_dict(content.get("settings"))
        except (ValueError, TypeError) as error:
            raise RunFolderError(f"{self.config} cannot be used: {error}") from None

    def read_history(self, *, up_to_step: int | None = None) -> History:
        """The history that has been written, at most up to a step; empty if there is no file."""
        if not self.history.is_file():
            return History()
        return History.read(self.history, up_to_step=up_to_step)


@contextmanager
def written_to(place: str | os.PathLike[str], remedy: str) -> Iterator[None]:
    """While entered, an ``OSError`` becomes a ``RunFolderError`` with the place and a remedy.

    Raises:
        RunFolderError: the system refuses to write there.
        StorageError: it would, but the disk is full or fails.
    """
    try:
        yield
    except OSError as problem:
        kind = StorageError if problem.errno in FAILURES else RunFolderError
        reason = problem.strerror or problem
        raise kind(f"{place} cannot be written: {reason}. {remedy}") from None


def _is_left_over(path: Path) -> bool:
    """Whether a file is from a run that was killed before it wrote its settings."""
    return path.name == LOCK_NAME or (path.name.startswith(".") and path.name.endswith(PART))


def new_folder(parent: Path, name: str) -> Path:
    """Make a folder of this name, with a number behind it if the name is taken.

    Raises:
        RunFolderError: a thousand such names are taken.
        OSError: from the system.
    """
    parent.mkdir(parents=True, exist_ok=True)
    for number in range(1, 1000):
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        sync_folder(parent)
        return folder
    raise RunFolderError(
        f"{parent} holds a thousand folders named {name}. Choose another name: out=..."
    )
