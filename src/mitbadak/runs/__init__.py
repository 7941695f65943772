"""Runs: the configuration of a training run, the folder that keeps it, and model files."""

from mitbadak.core.elsewhere import names_of as _names_of
from mitbadak.runs.config import TrainConfig
from mitbadak.runs.folder import RunFolder
from mitbadak.runs.model import Model
from mitbadak.runs.model_file import save
from mitbadak.runs.session import Session
from mitbadak.runs.trained import load, open_run
from mitbadak.runs.weight_files import load_weights

__all__ = ["Model", "RunFolder", "Session", "TrainConfig", "load", "load_weights", "open_run",
           "save"]  # fmt: skip

__getattr__ = _names_of(__name__, lambda: __all__)
