"""Training: the loop, what watches it, its history, and run folders that resume."""

from mitbadak.training.callbacks import Callback, EarlyStopping, PrintProgress, StopOnNonFinite
from mitbadak.training.config import TrainConfig
from mitbadak.training.evaluation import evaluate
from mitbadak.training.history import History
from mitbadak.training.runfolder import RunFolder
from mitbadak.training.session import Session, open_run
from mitbadak.training.trainer import Trainer, fit
from mitbadak.training.weights import load, save

__all__ = [
    "Callback",
    "EarlyStopping",
    "History",
    "PrintProgress",
    "RunFolder",
    "Session",
    "StopOnNonFinite",
    "TrainConfig",
    "Trainer",
    "evaluate",
    "fit",
    "load",
    "open_run",
    "save",
]
