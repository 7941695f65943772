"""The descents of a page: from one start, each lane with its optimizer and rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from mitbadak.core.translation import Translations
from mitbadak.descent import (
    RATES,
    DescentResult,
    Status,
    Surface,
    descend,
    gradient_descent,
    race,
    surface,
)
from mitbadak.descent.words import KOREAN
from mitbadak.lab.descent.landscape import stability
from mitbadak.lab.descent.watching import events_of
from mitbadak.lab.wire import Frame
from mitbadak.optim import OPTIMIZERS

ARRIVES, ON_THE_WAY, NOT_THERE = "arrives", "on-the-way", "runs-away"
OUTCOMES = (ARRIVES, ON_THE_WAY, NOT_THERE)  # what can be predicted
LARGEST = float(np.finfo(np.float32).max)  # that a page can be sent
_korean = Translations(KOREAN)


class Lane(NamedTuple):
    """One descent of the race."""

    optimizer: str
    lr: float
    result: DescentResult


def start_of(settings: Mapping[str, Any]) -> np.ndarray:
    """Where all lanes begin: where the page says, or at the surface's usual start."""
    given = settings["start"]
    return np.array(given[0], float) if given else surface(settings["surface"]).start.copy()


def run(settings: Mapping[str, Any]) -> list[Lane]:
    """All descents. Plain descent is ``gradient_descent``, the notes' own function.

    Args:
        settings: of the view.
    """
    f, start = surface(settings["surface"]), start_of(settings)
    exact = f.gradient if settings["gradient"] == "exact" else None
    lanes = []
    for lane in settings["lanes"]:
        name, lr = lane["optimizer"], lane["lr"]
        options: Any = {"gradient": exact, "trace": True}
        if name == "sgd":
            result = gradient_descent(f, start, lr, settings["steps"], **options)
        else:
            result = descend(f, start, name, settings["steps"], lr=lr, **options)
        lanes.append(Lane(name, lr, result))
    return lanes


def outcome_of(result: DescentResult) -> str:
    """Which of the predictions was right."""
    if result.status is Status.CONVERGED:
        return ARRIVES
    return NOT_THERE if result.status.ran_away else ON_THE_WAY


def best_rates(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The same lanes, each at the best of the house's usual rates (``race``)."""
    f, names = surface(settings["surface"]), [lane["optimizer"] for lane in settings["lanes"]]
    rates = RATES if len(f.minima) else None
    optimizers = {name: OPTIMIZERS[name] for name in names}
    best = race(f, optimizers, start_of(settings), settings["steps"], rates=rates)
    return [{"optimizer": name, "lr": best[name].lr} for name in names]


def setup_frame(settings: Mapping[str, Any]) -> Frame:
    """Start and stability limit, which a page may know before it has predicted anything."""
    f, start = surface(settings["surface"]), start_of(settings)
    found = stability(f, start)
    limit = None
    if found is not None:
        lanes = [lane["lr"] for lane in settings["lanes"]]
        limit = {
            "at": found.at.tolist(),
            "curvatures": found.curvatures.tolist(),
            "limit": found.limit,
            "exact": found.exact,
            "factors": [[1 - lr * c for c in found.curvatures.tolist()] for lr in lanes],
        }
    content = {"type": "setup", "start": start.tolist(), "height": float(f(start)), "limit": limit}
    return Frame(content)


def race_frame(f: Surface, lanes: list[Lane], guess: str | None) -> Frame:
    """Paths, heights and events of all lanes, with the verdict on the first one's prediction."""
    described, buffers = [], []
    for lane in lanes:
        result, explanation = lane.result, lane.result.explanation
        with np.errstate(all="ignore"):
            heights = np.array([float(f(x)) for x in result.path])
        described.append(
            {
                "optimizer": lane.optimizer,
                "lr": lane.lr,
                "status": str(result.status),
                "outcome": outcome_of(result),
                "text": [explanation, _korean(explanation)],
                "name": [str(result.status), _korean(str(result.status))],
            }
        )
        buffers += [_floats(result.path), _floats(heights), events_of(f, result).tobytes()]
    content = {"type": "race", "lanes": described, "guess": guess or ""}
    return Frame(content, tuple(buffers))


def _floats(values: np.ndarray) -> bytes:
    return np.clip(np.nan_to_num(values, nan=LARGEST), -LARGEST, LARGEST).astype("<f4").tobytes()
