"""The nets that read: one that is trained on MNIST at first use, and those in run folders."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mitbadak.core.errors import MitbadakError
from mitbadak.data.mnist import mnist_datasets
from mitbadak.lab.schema import RefusedError
from mitbadak.nn import MLP, Sequential
from mitbadak.runs import load
from mitbadak.runs.model import Model
from mitbadak.runs.overview import overview
from mitbadak.training import Callback, fit
from mitbadak.training.hooks import now_and_then

SIZES, EPOCHS, BATCH, RATE, SEED = (784, 64, 32, 10), 3, 100, 0.002, 0
DIGITS = tuple("0123456789")
RUNS = "runs"  # where ``mitbadak train`` puts its folders
MOST_RUNS = 50


class Reader(NamedTuple):
    """A net with what is needed to show it a digit.

    Attributes:
        net: the net on prepared rows.
        classes: their names.
        rows: makes pixels from 0 to 255, shape (28, 28), one row of the net.
        name: for the page.
    """

    net: Sequential
    classes: tuple[str, ...]
    rows: Callable[[np.ndarray], np.ndarray]
    name: str


def scaled(digit: np.ndarray) -> np.ndarray:
    """Pixels as the nets of this lab are trained on them: a row of numbers from 0 to 1."""
    return digit.reshape(1, -1).astype(np.float32) / np.float32(255)


class _Watch(Callback):
    """Tells how far a training is, keeps a copy of the net after each epoch, and ends it when
    nobody waits any more."""

    def __init__(self, owner: OwnNet):
        self.owner = owner

    @now_and_then
    def on_step_end(self, trainer: Any) -> None:
        """Note the progress."""
        self.owner.done = trainer.step
        if not self.owner.waiting:
            trainer.request_stop("nobody waits for it")

    def on_epoch_end(self, trainer: Any, row: Any) -> None:
        """Keep the net as it is now, so that it can be asked while it goes on learning; at first
        one that knows nothing yet."""
        net = copy.deepcopy(trainer.net)
        self.owner.reader = Reader(net, DIGITS, scaled, "")
        self.owner.accuracy = row.get("test_accuracy")


class OwnNet:
    """A small net that is trained once per process, when a page first wants it.

    Attributes:
        done, total: updates.
        reader: the newest copy, at first of the untrained net; None until the data have been read.
        accuracy: on the test set.
        problem: why it could not be trained, or "".
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting: set[Any] = set()
        self.thread: threading.Thread | None = None
        self.done, self.total = 0, EPOCHS * 60_000 // BATCH
        self.reader: Reader | None = None
        self.accuracy: float | None = None
        self.problem = ""

    @property
    def is_ready(self) -> bool:
        """Whether training is over."""
        return self.done >= self.total

    def ask(self, who: Any) -> None:
        """Have it trained, if it is not yet; goes on at the next call after it was stopped."""
        with self.lock:
            self.waiting.add(who)
            busy = self.thread is not None and self.thread.is_alive()
            if not busy and not self.is_ready and not self.problem:
                self.thread = threading.Thread(target=self._train, name="lab-digits", daemon=True)
                self.thread.start()

    def leave(self, who: Any) -> None:
        """``who`` does not wait any more."""
        with self.lock:
            self.waiting.discard(who)

    def _train(self) -> None:
        self.done = 0
        try:
            train, test = mnist_datasets()
            net = MLP(SIZES, "relu", rng=SEED)
            fit(
                net, train, test=test, optimizer="adam", lr=RATE, epochs=EPOCHS, batch_size=BATCH,
                rng=SEED, callbacks=[_Watch(self)],
            )  # fmt: skip
        except (MitbadakError, OSError) as problem:
            self.problem = str(problem)


OWN = OwnNet()


def runs_of_digits(folder: str = RUNS) -> list[str]:
    """Names of the runs in a folder whose nets may be shown a digit, the newest first."""
    if not Path(folder).is_dir():
        return []
    found = [run for run in overview([folder]) if run.state != "damaged" and run.epochs > 0]
    return [run.name for run in found if run.accuracy is not None][:MOST_RUNS]


def reader_of(name: str, folder: str = RUNS) -> Reader:
    """The net of a run.

    Args:
        name: one of ``runs_of_digits``; nothing else ever becomes a path.
        folder: of the runs.

    Raises:
        RefusedError: there is no such run, or its net takes no pictures of 28 x 28 pixels.
    """
    if name not in runs_of_digits(folder):
        raise RefusedError(f"there is no run of that name in {folder}.")
    model = load(Path(folder) / name)
    if not isinstance(model, Model) or model.preparation.shape != (28, 28) or not model.classes:
        raise RefusedError(f"the net of {name} does not sort pictures of 28 x 28 pixels.")
    preparation, net = model.preparation, model.net
    return Reader(net, model.classes, lambda x: preparation.rows(x[None], net.dtype), name)
