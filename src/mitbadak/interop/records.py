"""Runs recorded for TensorBoard and MLflow, beside the run folder; both are off by default.

TensorBoard's files are written here, so nothing has to be installed for that: they are a sequence
of framed protocol buffers. MLflow's are written by MLflow itself.

References:
    TensorFlow, ``tensorflow/core/util/event.proto`` and ``tensorflow/core/lib/io/record_writer.h``.
"""

# pyright: reportMissingImports=false
from __future__ import annotations

import logging
import math
import os
import socket
import struct
import time
import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mitbadak.core.errors import MitbadakError, StateError, unknown_name
from mitbadak.core.warned import warn
from mitbadak.interop.protobuf import message, varint
from mitbadak.interop.tuning.addresses import without_password
from mitbadak.runs import model_file as weights
from mitbadak.runs.folder import RunFolder
from mitbadak.runs.recorder import Recorder
from mitbadak.training.history_file import Row
from mitbadak.training.hooks import Callback, without_arrays

KINDS = ("tensorboard", "mlflow")
CALLBACKS = {"tensorboard": "TensorBoardRecord", "mlflow": "MLflowRecord"}
URI, LOCAL = "MLFLOW_TRACKING_URI", "sqlite:///mlflow.db"
SECONDS, STEP, VERSION, SUMMARY = 1, 2, 3, 5  # fields of an Event
VALUE, TAG, SIMPLE_VALUE = 1, 1, 2  # of a Summary, and of each value in it
POLYNOMIAL = 0x82F63B78  # Castagnoli's, its bits reversed
MASK = 0xA282EAD8  # added to a checksum that is stored beside what it checks
EIGHT_BYTES = 1  # wire type


@cache
def _table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return table


def crc32c(content: bytes) -> int:
    """The checksum of iSCSI, RFC 3720.

    Example:
        >>> hex(crc32c(b"123456789"))
        '0xe3069283'
    """
    table, value = _table(), 0xFFFFFFFF
    for byte in content:
        value = table[(value ^ byte) & 0xFF] ^ value >> 8
    return value ^ 0xFFFFFFFF


def _masked(content: bytes) -> bytes:
    value = crc32c(content)
    return struct.pack("<I", ((value >> 15 | value << 17) + MASK) & 0xFFFFFFFF)


def framed(content: bytes) -> bytes:
    """A record of an event file: its length and its content, each with a checksum."""
    length = struct.pack("<Q", len(content))
    return length + _masked(length) + content + _masked(content)


def event(seconds: float, step: int = 0, values: Mapping[str, float] | None = None) -> bytes:
    """One event of TensorBoard: some numbers at a step, or without any the head of a file."""
    when = varint(SECONDS << 3 | EIGHT_BYTES) + struct.pack("<d", seconds)
    if values is None:
        return when + message([(VERSION, "brain.Event:2")])
    summary = message(
        [(VALUE, message([(TAG, tag), (SIMPLE_VALUE, float(v))])) for tag, v in values.items()]
    )
    return when + message([(STEP, step), (SUMMARY, summary)])


def numbers_of(row: Row) -> Iterator[tuple[str, float]]:
    """The measures of an epoch as TensorBoard and MLflow group them: ``loss/train``."""
    for name, value in row.items():
        part, _, measure = name.partition("_")
        if part in ("train", "validation", "test") and isinstance(value, (int, float)):
            yield f"{measure}/{part}", float(value)


class TensorBoardRecord(Callback):
    """Writes the measures of every epoch into an event file, which TensorBoard shows.

    Args:
        folder: of the file; by default that of the run.

    Example:
        >>> import tempfile
        >>> from mitbadak import MLP, fit, load_spiral
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = fit(MLP([2, 5, 3], rng=0), load_spiral(), epochs=2, rng=0,
        ...             callbacks=[TensorBoardRecord(folder)])
        ...     [path.name[:19] for path in Path(folder).iterdir()]
        ['events.out.tfevents']
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None):
        self.folder = None if folder is None else Path(folder)
        self.path = Path()
        self.begun = False

    def on_train_begin(self, trainer: Any) -> None:
        folder = self.folder or folder_of(trainer)
        folder.mkdir(parents=True, exist_ok=True)
        now = time.time()
        name = f"events.out.tfevents.{now:.0f}.{socket.gethostname()}.{os.getpid()}.{trainer.step}"
        self.path = folder / name
        self._append(event(now))
        if not self.begun:  # a run that was begun without this record
            for row in trainer.history.rows:
                self._append(event(now, row["epoch"], dict(numbers_of(row))))
        self.begun = True

    @without_arrays
    def on_epoch_end(self, trainer: Any, row: Row) -> None:
        self._append(event(time.time(), row["epoch"], dict(numbers_of(row))))

    def _append(self, content: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(framed(content))

    def state(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"begun": self.begun}, {}

    def load_state(self, values: dict[str, Any], arrays: dict[str, Any]) -> None:
        self.begun = bool(values["begun"])


class MLflowRecord(Callback):
    """Records a run with MLflow: its settings, and the measures of every epoch.

    It goes where ``MLFLOW_TRACKING_URI`` says, by default into ``mlflow.db`` in the current folder,
    which ``mlflow ui --backend-store-uri sqlite:///mlflow.db`` shows.

    Args:
        experiment: its name; by default "mitbadak".

    Raises:
        StateError: MLflow is not installed.
    """

    def __init__(self, experiment: str = "mitbadak"):
        if find_spec("mlflow") is None:
            raise StateError("records for MLflow need it: pip install 'mitbadak[records]'.")
        self.experiment = experiment
        self.client: Any = None
        self.run_id = self.kept_in = ""
        self.recorded: set[int] = set()  # epochs

    def on_train_begin(self, trainer: Any) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own libraries
            missing = self._begin(trainer)
        if missing:
            warn(
                f"MLflow has no record {missing} of this run, so a new one begins, with all of its "
                f"epochs. To go on with the old one, set {URI} to where that is."
            )

    def _begin(self, trainer: Any) -> str:
        """Open a record, or the one of the run that is resumed; what that is, if it is missing."""
        import mlflow
        from mlflow.exceptions import MlflowException

        logging.getLogger("mlflow").setLevel(logging.WARNING)
        logging.getLogger("alembic").setLevel(logging.WARNING)
        try:
            place = os.environ.get(URI) or self.kept_in or LOCAL
            self.client = mlflow.MlflowClient(place)
            before = self.run_id
            goes_on = bool(before) and self._goes_on(trainer)
            if not goes_on:
                self._open_run(trainer)
            self.kept_in = _kept(place)
            for row in trainer.history.rows:
                self._record(row)
            return "" if goes_on else before
        except (MlflowException, ImportError) as problem:
            reason = " ".join(str(problem).split()).rstrip(".")
            raise StateError(f"MLflow cannot record this run: {reason}.") from None

    def _goes_on(self, trainer: Any) -> bool:
        """Go on with the record of a run that is resumed; False if it is not there."""
        from mlflow.exceptions import MlflowException

        try:
            found = self.client.get_run(self.run_id)
        except MlflowException:
            return False
        self.recorded = {
            int(metric.step)
            for name in found.data.metrics
            if "/" in name
            for metric in self.client.get_metric_history(self.run_id, name)
        }
        self.client.update_run(self.run_id, status="RUNNING")
        if found.data.params.get("epochs") != str(trainer.epochs):  # which cannot change
            self.client.set_tag(self.run_id, "epochs", trainer.epochs)
        return True

    def _open_run(self, trainer: Any) -> None:
        found = self.client.get_experiment_by_name(self.experiment)
        number = (
            self.client.create_experiment(self.experiment) if found is None else found.experiment_id
        )
        name = None if recorder_of(trainer) is None else folder_of(trainer).name
        self.run_id = self.client.create_run(number, run_name=name).info.run_id
        self.recorded = set()
        for key, value in settings_of(trainer).items():
            self.client.log_param(self.run_id, key, value)

    @without_arrays
    def on_epoch_end(self, trainer: Any, row: Row) -> None:
        self._record(row)

    def _record(self, row: Row) -> None:
        """Record the measures of an epoch, once."""
        if row["epoch"] in self.recorded:
            return
        self.recorded.add(row["epoch"])
        for name, value in numbers_of(row):
            if math.isfinite(value):  # its databases take no other
                self.client.log_metric(self.run_id, name, value, step=row["epoch"])

    def on_train_end(self, trainer: Any) -> None:
        if self.client is None:
            return
        ended = "KILLED" if trainer.interrupted else "FAILED" if trainer.failed else "FINISHED"
        self.client.set_terminated(self.run_id, ended)

    def state(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"run_id": self.run_id, "kept_in": self.kept_in}, {}

    def load_state(self, values: dict[str, Any], arrays: dict[str, Any]) -> None:
        self.run_id = str(values["run_id"])
        self.kept_in = str(values.get("kept_in", ""))


def _kept(place: str) -> str:
    """Where the records of MLflow are, as a checkpoint may say it: in full, without passwords."""
    local = "sqlite:///"
    if place.startswith(local):
        return local + str(Path(place.removeprefix(local)).absolute())
    if "://" not in place:
        return str(Path(place).absolute())
    return without_password(place)


def kinds_of(folder: str | os.PathLike[str]) -> list[str]:
    """The records that a run has been kept in so far; none where its checkpoint cannot be read."""
    path = RunFolder(folder).checkpoint
    try:
        kept = weights.read(path).values.get("callbacks") if path.is_file() else None
    except (MitbadakError, OSError):  # which is said when the run is resumed
        return []
    return [kind for kind in KINDS if isinstance(kept, dict) and CALLBACKS[kind] in kept]


def record(kind: str) -> Callback:
    """The callback for a name of ``--record``.

    Raises:
        UnknownNameError: there is no such record.
        StateError: what it needs is not installed.

    Example:
        >>> type(record("tensorboard")).__name__
        'TensorBoardRecord'
    """
    if kind not in KINDS:
        raise unknown_name("record", kind, KINDS)
    return TensorBoardRecord() if kind == "tensorboard" else MLflowRecord()


def recorder_of(trainer: Any) -> Recorder | None:
    """What writes the run folder of a trainer, if it has one."""
    return next((c for c in trainer.callbacks if isinstance(c, Recorder)), None)


def folder_of(trainer: Any) -> Path:
    """The run folder of a trainer.

    Raises:
        StateError: it has none.
    """
    recorder = recorder_of(trainer)
    if recorder is None:
        raise StateError("TensorBoardRecord: this training has no run folder. Give it a folder.")
    return recorder.run.path


def settings_of(trainer: Any) -> dict[str, Any]:
    """The settings of a run; without a run folder, what the trainer knows."""
    recorder = recorder_of(trainer)
    if recorder is not None:
        return dict(vars(recorder.config))
    return {
        "net": repr(trainer.net), "optimizer": repr(trainer.optimizer),
        "epochs": trainer.epochs, "batch_size": trainer.batch_size,
    }  # fmt: skip
