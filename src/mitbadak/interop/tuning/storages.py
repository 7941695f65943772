"""Where a sweep is kept, and what draws its values: Optuna's storages and samplers."""

from __future__ import annotations

import os
import re
import time
from importlib.util import find_spec
from typing import Any

from mitbadak.core.errors import MitbadakError, RangeError, StateError, StorageError
from mitbadak.interop.tuning.addresses import (
    WRITERS,
    file_of,
    hidden,
    is_journal,
    is_url,
    without_password,
)
from mitbadak.interop.tuning.definition import Definition
from mitbadak.interop.tuning.ledger import GRACE, quiet
from mitbadak.interop.tuning.sampler import sampler_of

SQLITE, JOURNAL = "sweep.db", "sweep.journal"
TRIES, PAUSE = 6, 0.2  # to open a database; seconds before the second
FULL = re.compile(r"disk is full|No space left|disk I/O error", re.IGNORECASE)
ALREADY_THERE = re.compile(r"already exists|duplicate|UNIQUE constraint", re.IGNORECASE)


def check_optuna() -> None:
    """Refuse to go on where Optuna is missing.

    Raises:
        StateError: it is.
    """
    if find_spec("optuna") is None:
        raise StateError("mitbadak tune needs Optuna: pip install 'mitbadak[tune]'.")


def open_storage(storage: str, heartbeat: int | None = None) -> Any:
    """A storage of Optuna's.

    Args:
        storage: an address such as ``postgresql://user@host/database``, or the path of a file:
            a journal if it ends in ``.journal`` or ``.log``, a SQLite database otherwise.
        heartbeat: seconds between two signs of life, on a server.

    Raises:
        StorageError: the disk is full, or fails.
        RangeError: the server cannot be reached, its driver is missing, or the file is another's.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with quiet():
        try:
            if not is_url(storage):
                path = str(file_of(storage))
                if is_journal(storage):
                    return optuna.storages.JournalStorage(_journal(path))
                return _database(f"sqlite:///{path}")
            _refuse_foreign(storage)
            return _database(
                _with_driver(storage), heartbeat_interval=heartbeat,
                grace_period=GRACE * heartbeat if heartbeat else None,
                engine_kwargs={"pool_pre_ping": True},
            )  # fmt: skip
        except MitbadakError:
            raise
        except Exception as problem:  # of SQLAlchemy, the driver, or the file
            first = (str(problem).strip() or type(problem).__name__).splitlines()[0]
            reason = hidden(first, storage).rstrip(".")
            where = without_password(storage)
            if FULL.search(str(problem)):
                raise StorageError(
                    f"{where} cannot be written: {reason}. Free some space, or choose another disk."
                ) from None
            if not is_url(storage):
                raise RangeError(
                    f"storage must be a database; the file {where} cannot be opened as one."
                ) from None
            raise RangeError(
                f"storage must be a database; {where} cannot be used: {reason}."
            ) from None


def _refuse_foreign(storage: str) -> None:
    """Refuse addresses of what is no database.

    Raises:
        RangeError: with what to use in its place.
    """
    from sqlalchemy import create_mock_engine
    from sqlalchemy.exc import NoSuchModuleError

    match = re.match(WRITERS, storage)
    scheme = match["scheme"].lower() if match else ""
    if scheme == "grpc":
        raise RangeError(
            "a sweep cannot be kept behind grpc://: Optuna's proxy passes on no signs of life, so "
            "the trials of a process that dies would be lost. Give the address of the database "
            "behind it, such as postgresql://user@host/db."
        )
    try:
        create_mock_engine(f"{'postgresql' if scheme == 'postgres' else scheme}://", print)
    except NoSuchModuleError:
        raise RangeError(
            f"storage must be a database; {scheme}:// is none. Use postgresql://user@host/db, or "
            "a file."
        ) from None
    except Exception:  # its driver is missing, which is said when it is opened
        return


def _database(address: str, **options: Any) -> Any:
    """A database with Optuna's tables, which several processes may be about to make at once.

    Only one of them succeeds with each table; the others find it there when they try again.
    """
    import optuna
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import DBAPIError

    for tried in range(TRIES - 1):
        try:
            return optuna.storages.RDBStorage(address, **options)
        except (DBAPIError, StorageInternalError) as problem:
            if not ALREADY_THERE.search(f"{problem} {problem.__cause__}"):
                raise
        time.sleep(PAUSE * (1 + tried))
    return optuna.storages.RDBStorage(address, **options)


def _journal(path: str) -> Any:
    from optuna.storages import journal

    lock = journal.JournalFileOpenLock(path) if os.name == "nt" else None
    return journal.JournalFileBackend(path, lock_obj=lock)


def _with_driver(storage: str) -> str:
    """``postgresql://`` with the driver that is installed."""
    match = re.match(WRITERS, storage)
    scheme = match["scheme"] if match else ""
    plain = match is not None and match["driver"] is None
    if scheme in ("postgres", "postgresql") and plain and find_spec("psycopg2") is None:
        if find_spec("psycopg") is None:
            where = without_password(storage)
            raise RangeError(
                f"storage {where} cannot be used: PostgreSQL needs a driver. pip install "
                "'mitbadak[tune]'"
            )
        return storage.replace(f"{scheme}://", "postgresql+psycopg://", 1)
    return storage


def open_study(storage: Any, definition: Definition, *, several: bool) -> Any:
    """The study of a sweep, made by whichever process comes first.

    Args:
        storage: from ``open_storage``.
        definition: the sweep.
        several: whether several processes draw at once.
    """
    import optuna

    with quiet():
        return optuna.create_study(
            storage=storage, study_name=definition.name, direction=definition.direction,
            load_if_exists=True, sampler=sampler_of(definition, several=several),
            pruner=_pruner(definition),
        )  # fmt: skip


def _pruner(definition: Definition) -> Any:
    import optuna

    if not definition.prune:
        return optuna.pruners.NopPruner()
    # A run must be behind the median of five others, and may have a slow start.
    return optuna.pruners.MedianPruner(
        n_startup_trials=5, n_warmup_steps=4 * definition.reported, interval_steps=1
    )
