"""Small runs on the spiral, for the tests of run folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mitbadak.training import Callback, Session, TrainConfig


def settings(**given: Any) -> TrainConfig:
    return TrainConfig.for_data("spiral", **{"epochs": 3, **given})


def run(out: Path, *callbacks: Callback, **given: Any) -> Session:
    """A run started and trained."""
    session = Session.start(settings(**given), out, callbacks=callbacks)
    session.train()
    return session
