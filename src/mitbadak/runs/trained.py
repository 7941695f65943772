"""A trained run or net, opened for use: the net, and how examples are prepared for it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mitbadak.core.arguments import explained
from mitbadak.core.errors import FormatError, RunFolderError
from mitbadak.data.preparation import Preparation
from mitbadak.data.table import TABLE_ENDINGS
from mitbadak.nn.network import Sequential
from mitbadak.runs import model_file
from mitbadak.runs.config import TrainConfig
from mitbadak.runs.folder import RunFolder
from mitbadak.runs.fresh import KNOWN, preparation_in
from mitbadak.runs.model import Model


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
    def open(cls, folder: str | os.PathLike[str]) -> TrainedRun:
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
    def is_prepared(self) -> bool:
        """Whether it is known how its examples were prepared; early versions did not say."""
        return self.values.get("preparation") is not None or self.config.data in KNOWN

    @property
    def preparation(self) -> Preparation:
        """How its examples were prepared.

        Raises:
            FormatError: neither the model file nor the name of the data says so.
        """
        return preparation_in(self.values, self.folder)

    @property
    def model(self) -> Model:
        """Its net, for raw examples.

        Raises:
            FormatError: as ``preparation``, or the preparation does not fit the net.
        """
        return _model(self.net, self.preparation, self.folder.model)


@explained
def load(path: str | os.PathLike[str]) -> Sequential | Model:
    """The trained net in a run folder, or in a file that ``save`` wrote.

    Args:
        path: a run folder, or a file such as its ``model.safetensors``.

    Returns:
        A ``Model`` where it is known how the examples were prepared, as for every run: it takes
        raw pictures and rows. Otherwise the net itself.

    Raises:
        RunFolderError: the folder is not a run, or holds no weights yet.
        FormatError: the file is damaged or cut off, or does not describe a net; a class of your own
            in it has not been imported.
        FileNotFoundError: there is no such file.

    Example:
        >>> import tempfile
        >>> from mitbadak.nn import MLP
        >>> iris = Preparation("table", columns=("length", "width"), mean=(5.0, 3.0),
        ...                    std=(2.0, 0.5), classes=("setosa", "virginica"))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model_file.save(MLP([2, 2], init="zeros"), f"{folder}/iris.safetensors", iris)
        ...     model = load(f"{folder}/iris.safetensors")
        >>> model.predict([[7.0, 3.0]]), model.classify([[7.0, 3.0]])
        (array([[0.5, 0.5]], dtype=float32), array(['setosa'], dtype='<U9'))
    """
    if Path(path).is_dir():
        run = TrainedRun.open(path)
        return run.model if run.is_prepared else run.net
    if line := _line_for(path):
        raise FormatError(
            f"load reads .safetensors files, as save writes them, and folders of runs; got {path}. "
            f"In Mitbadak: {line}."
        )
    stored = model_file.read(path)
    net, config = model_file.net_in(stored, path), stored.values.get("preparation")
    return net if config is None else _model(net, Preparation.from_config(config, str(path)), path)


def _line_for(path: str | os.PathLike[str]) -> str:
    """What reads a file of another format, by the ending of its name; "" for any other."""
    suffix = Path(path).suffix.lower()
    return {
        **dict.fromkeys((".pkl", ".pickle", ".npz"), f"mb.load_weights(net, {str(path)!r})"),
        **dict.fromkeys(TABLE_ENDINGS, f"mb.open_source({str(path)!r}) reads a table to train on"),
        **dict.fromkeys((".pt", ".pth", ".bin"), "from mitbadak.interop import load_torch_weights; "
                        "load_torch_weights(net, model.state_dict())"),
        ".onnx": f"from mitbadak.interop import from_onnx; net = from_onnx({str(path)!r})",
        **dict.fromkeys((".h5", ".hdf5", ".keras"), "save the weights of Keras by name, "
                        "np.savez('w.npz', W1=..., b1=...), and mb.load_weights(net, 'w.npz')"),
    }.get(suffix, "")  # fmt: skip


def open_run(folder: str | os.PathLike[str]) -> tuple[RunFolder, TrainConfig, Sequential]:
    """A run folder with its settings and its net, for evaluation.

    Raises:
        RunFolderError, FormatError: as ``TrainedRun.open``.
    """
    run = TrainedRun.open(folder)
    return run.folder, run.config, run.net


def _model(net: Sequential, preparation: Preparation, path: str | os.PathLike[str]) -> Model:
    try:
        return Model(net, preparation)
    except FormatError as problem:
        raise FormatError(f"{path}: {problem}") from None
