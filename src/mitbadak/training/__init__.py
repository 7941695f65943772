"""Training: the loop, its updates, callbacks and history, and evaluation."""

from mitbadak.core import moved as _moved
from mitbadak.training.callbacks import EarlyStopping, PrintProgress
from mitbadak.training.evaluation import evaluate
from mitbadak.training.fit import fit
from mitbadak.training.history import History
from mitbadak.training.hooks import Callback, StopOnNonFinite
from mitbadak.training.trainer import Trainer

__all__ = [
    "Callback",
    "EarlyStopping",
    "History",
    "PrintProgress",
    "StopOnNonFinite",
    "Trainer",
    "evaluate",
    "fit",
]

__getattr__ = _moved.moved_names("training", lambda: __all__)
