"""A trained run, opened for use: its net, and how examples are prepared for it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mitbadak.core.errors import RunFolderError
from mitbadak.data.preparation import Preparation
from mitbadak.nn.network import Sequential
from mitbadak.runs import model_file
from mitbadak.runs.config import TrainConfig
from mitbadak.runs.folder import RunFolder
from mitbadak.runs.fresh import preparation_in


@dataclass(frozen=True)
class TrainedRun:
    """A run whose ``model.safetensors`` was read, once.

    Attributes:
        folder, config, net: its folder, settings and net.
        values: what the model file holds besides arrays.
    """

    folder: RunFolder
    config: TrainConfig
    net: Sequential
    values: Mapping[str, Any]

    @classmethod
    def open(cls, folder: str | os.PathLike) -> TrainedRun:
        """The run in ``folder``.

        Raises:
            RunFolderError, FormatError: the folder is missing, not a run, or damaged.

        Example:
            >>> import tempfile
            >>> from mitbadak.runs import Session
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     config = TrainConfig.for_data("spiral", epochs=0)
            ...     _ = Session.start(config, f"{folder}/run").train()
            ...     run = TrainedRun.open(f"{folder}/run")
            >>> run.net, run.preparation.columns
            (MLP([2, 10, 3], activation='sigmoid'), ('x0', 'x1'))
        """
        run = RunFolder.open(folder)
        config = run.read_config()
        if not run.model.is_file():
            raise RunFolderError(
                f"{run.path} holds no weights yet. Continue with: mitbadak train --resume "
                f"{Path(folder)}"
            )
        stored = model_file.read(run.model)
        return cls(run, config, model_file.net_in(stored, run.model), stored.values)

    @property
    def preparation(self) -> Preparation:
        """How its examples were prepared.

        Raises:
            FormatError: neither the model file nor the name of the data says so.
        """
        return preparation_in(self.values, self.folder)


def open_run(folder: str | os.PathLike) -> tuple[RunFolder, TrainConfig, Sequential]:
    """A run folder with its settings and its net, for evaluation.

    Raises:
        RunFolderError, FormatError: as ``TrainedRun.open``.
    """
    run = TrainedRun.open(folder)
    return run.folder, run.config, run.net
