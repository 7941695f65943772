"""The run folders of a directory, each under a number. The page knows nothing but the numbers."""

from __future__ import annotations

import math
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from mitbadak.lab.both import both, readable
from mitbadak.runs.overview import RunSummary, overview, rows_of

FOLDER = "runs"  # where ``mitbadak train`` puts runs
COLUMNS = (
    "epoch", "train_loss", "validation_loss", "test_loss",
    "train_accuracy", "validation_accuracy", "test_accuracy", "r2",
)  # fmt: skip
MOST_ROWS = 2000  # of a curve
NUMBERS = 2**32


def listed(directory: Path) -> dict[int, RunSummary]:
    """The runs in a directory and in its folder ``runs``, by number.

    A number belongs to a folder's name, so that an address with numbers holds tomorrow, too.

    Args:
        directory: where ``mitbadak lab`` was started.
    """
    folders = [folder for folder in (directory, directory / FOLDER) if folder.is_dir()]
    found: dict[int, RunSummary] = {}
    for summary in overview(folders, "name"):
        place = summary.path.relative_to(directory) if summary.path != directory else summary.path
        number = zlib.crc32(str(place).encode("utf-8", "surrogateescape"))
        while number in found:
            number = (number + 1) % NUMBERS
        found[number] = summary
    return found


def in_words(number: int, run: RunSummary) -> dict[str, Any]:
    """A run for the page's table."""
    return {
        "number": number,
        "name": readable(run.name),
        "data": run.data,
        "net": run.net,
        "optimizer": run.optimizer,
        "epochs": run.epochs,
        "of": run.of,
        "kept": run.kept,
        "accuracy": run.accuracy,
        "r2": run.r2,
        "loss": run.loss,
        "seconds": run.seconds,
        "state": run.state,
        "why": both(readable(run.why)) if run.why else None,
        "when": run.when,
    }


def curves_of(run: RunSummary) -> np.ndarray:
    """Rows of ``COLUMNS``, float32; NaN where something was not measured. Of many, some.

    Raises:
        FormatError: a row, or the model file, is damaged.
        RunFolderError: the folder has no history.
    """
    rows = list(rows_of(run.path))
    stride = max(1, math.ceil(len(rows) / MOST_ROWS))
    kept = rows[::stride] + ([rows[-1]] if rows and (len(rows) - 1) % stride else [])
    values = [[_number(row.get(name)) for name in COLUMNS] for row in kept]
    return np.asarray(values, np.float32).reshape(-1, len(COLUMNS))


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else math.nan
