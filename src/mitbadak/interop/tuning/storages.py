"""Where a sweep is kept, and what draws its values: Optuna's storages and samplers."""

from __future__ import annotations

import contextlib
import os
import re
import time
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mitbadak.core.errors import RangeError, StateError
from mitbadak.interop.tuning.definition import Definition

SQLITE, JOURNAL = "sweep.db", "sweep.journal"
WRITERS = "(?P<scheme>[a-z0-9]+)(?:\\+(?P<driver>[a-z0-9]+))?://"
SECRET = re.compile(r"(?<=://)(?P<user>[^:@/]*):[^@/]*@")
GRACE = 2  # heartbeats that a process may miss
TRIES, PAUSE = 6, 0.2  # to open a database; seconds before the second
ALREADY_THERE = re.compile(r"already exists|duplicate|UNIQUE constraint", re.IGNORECASE)


def check_optuna() -> None:
    """Refuse to go on where Optuna is missing.

    Raises:
        StateError: it is.
    """
    if find_spec("optuna") is None:
        raise StateError("mitbadak tune needs Optuna: pip install 'mitbadak[tune]'.")


def is_url(storage: str) -> bool:
    """Whether a storage is a server that several machines reach."""
    return re.match(WRITERS, storage) is not None and not storage.startswith("sqlite")


def without_password(storage: str) -> str:
    """An address that may be written into files.

    Example:
        >>> without_password("postgresql://kim:geheim@db.lab/sweeps")
        'postgresql://kim@db.lab/sweeps'
    """
    return SECRET.sub(r"\g<user>@", storage)


def open_storage(storage: str, heartbeat: int | None = None) -> Any:
    """A storage of Optuna's.

    Args:
        storage: an address such as ``postgresql://user@host/database``, or the path of a file:
            a journal if it ends in ``.journal`` or ``.log``, a SQLite database otherwise.
        heartbeat: seconds between two signs of life, on a server.

    Raises:
        RangeError: the server cannot be reached, its driver is missing, or the file is another's.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with quiet():
        try:
            if not is_url(storage):
                path = storage.removeprefix("sqlite:///")
                if Path(path).suffix in (".journal", ".log"):
                    return optuna.storages.JournalStorage(_journal(path))
                return _database(f"sqlite:///{path}")
            return _database(
                _with_driver(storage), heartbeat_interval=heartbeat,
                grace_period=GRACE * heartbeat if heartbeat else None,
                engine_kwargs={"pool_pre_ping": True},
            )  # fmt: skip
        except Exception as problem:  # of SQLAlchemy, the driver, or the file
            reason = str(problem).strip().splitlines()[0].rstrip(".")
            where = without_password(storage)
            if not is_url(storage):
                raise RangeError(
                    f"storage must be a database; the file {where} cannot be opened as one."
                ) from None
            raise RangeError(
                f"storage must be a database; {where} cannot be used: {reason}."
            ) from None


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
            raise RangeError("PostgreSQL needs a driver: pip install 'mitbadak[tune]'")
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


def sampler_of(definition: Definition, *, several: bool) -> Any:
    """Draws the values of a trial from its number and those before it alone.

    A sweep that was interrupted and goes on so draws what it would have drawn, and processes that
    work at once do not draw the same.
    """
    import optuna

    class ByNumber(optuna.samplers.BaseSampler):
        """Optuna's tree-structured Parzen estimator, seeded anew for each trial."""

        def before_trial(self, study: Any, trial: Any) -> None:
            with quiet():
                self.inner = optuna.samplers.TPESampler(
                    seed=(definition.seed * 1_000_003 + trial.number) % 2**32,
                    multivariate=True, constant_liar=several,
                )  # fmt: skip

        def infer_relative_search_space(self, study: Any, trial: Any) -> Any:
            return self.inner.infer_relative_search_space(study, trial)

        def sample_relative(self, study: Any, trial: Any, search_space: Any) -> Any:
            return self.inner.sample_relative(study, trial, search_space)

        def sample_independent(
            self, study: Any, trial: Any, param_name: str, param_distribution: Any
        ) -> Any:
            return self.inner.sample_independent(study, trial, param_name, param_distribution)

    return ByNumber()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without Optuna's warnings about its experimental parts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
