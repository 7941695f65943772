"""The evidence of a report as a picture: the course of the loss, and what trials made of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from mitbadak.doctor import svg
from mitbadak.doctor.findings import NOTE, Finding
from mitbadak.doctor.words.trials import remedies_in_words

POINTS = 300  # of the curve; more losses are averaged in between
LOGARITHMIC = 30.0  # times the smallest loss: then the axis is logarithmic
HELPED = "#1b7f4b"
WORDS = {
    "en": {"loss": "loss", "step": "update", "trial": "trial: {name}", "broke": "not finite"},
    "ko": {"loss": "손실", "step": "갱신 횟수", "trial": "시험: {name}", "broke": "유한하지 않음"},
}


def course(losses: Sequence[float], findings: Sequence[Finding], lang: str) -> str:
    """The loss of every update, where the first finding was seen, and its trial; "" without losses.

    Example:
        >>> course([], (), "en")
        ''
        >>> course([2.3, 2.2, 2.1], (), "en").count("<polyline")
        1
    """
    steps, means = _averaged(losses)
    if len(means) < 2:
        return ""
    words = WORDS[lang]
    first = next((f for f in findings if f.severity != NOTE), None)
    trial = None if first is None else first.trial
    ends = [] if trial is None else [v for v in (trial.first, trial.last) if np.isfinite(v)]
    level, ticks = _scale(np.array([*means, *ends]))

    def place(step: float) -> float:
        return svg.LEFT + (step - 1) / max(len(losses) - 1, 1) * (svg.RIGHT - svg.LEFT)

    points = " ".join(f"{place(s):.1f},{level(v):.1f}" for s, v in zip(steps, means, strict=True))
    parts = [f'<polyline points="{points}" fill="none" stroke="{svg.LINE}" stroke-width="1.5"/>']
    if not np.isfinite(losses).all():
        parts.append(svg.label(svg.RIGHT, svg.TOP - 8, words["broke"], end=True, color=svg.ASKED))
    if first is not None and first.since is not None and 1 < first.since <= len(losses):
        x = place(first.since)
        parts += [svg.line(x, svg.TOP, x, svg.BOTTOM, svg.ASKED, dashed=True),
                  _beside(x, svg.BOTTOM - 8, first.code, svg.ASKED)]  # fmt: skip
    if trial is not None and len(ends) == 2:
        x, y = place(min(trial.steps, len(losses))), level(trial.last)
        name = remedies_in_words(trial.remedies, lang).split(" (")[0]
        parts += [svg.line(svg.LEFT, level(trial.first), x, y, HELPED),
                  _beside(x, y - 6, words["trial"].format(name=name), HELPED)]  # fmt: skip
    parts += [svg.label(svg.LEFT - 6, level(v) + 4, f"{v:.3g}", end=True) for v in ticks]
    parts += [
        svg.frame(),
        svg.label(6, 16, words["loss"]),
        svg.label(svg.LEFT, svg.BOTTOM + 16, "1"),
        svg.label(svg.RIGHT, svg.BOTTOM + 16, f"{len(losses):,}", end=True),
        svg.label((svg.LEFT + svg.RIGHT) / 2, svg.HEIGHT - 8, words["step"], middle=True),
    ]
    return svg.picture(parts, svg.HEIGHT, words["loss"] if first is None else first.sentence(lang))


def _beside(x: float, y: float, words: str, color: str) -> str:
    """Words on the side of x that has more room."""
    late = x > (svg.LEFT + svg.RIGHT) / 2
    return svg.label(x - 4 if late else x + 4, y, words, end=late, color=color)


def _averaged(losses: Sequence[float]) -> tuple[list[int], list[float]]:
    """At most so many means of successive losses, without those that are not finite."""
    if not len(losses):
        return [], []
    parts = np.array_split(np.arange(len(losses)), min(POINTS, len(losses)))
    values = np.asarray(losses, np.float64)
    kept = [part for part in parts if np.isfinite(values[part]).all()]
    return [int(part.mean()) + 1 for part in kept], [float(values[part].mean()) for part in kept]


def _scale(values: np.ndarray) -> tuple[Callable[[float], float], list[float]]:
    """Heights for values, and the values beside the axis."""
    low, high = float(values.min()), float(values.max())
    logarithmic = low > 0 and high > LOGARITHMIC * low
    bottom = math.log10(low) if logarithmic else min(0.0, low)
    top = math.log10(high) if logarithmic else high
    span = (top - bottom) or 1.0

    def level(value: float) -> float:
        share = ((math.log10(value) if logarithmic else value) - bottom) / span
        return svg.BOTTOM - min(max(share, 0), 1) * (svg.BOTTOM - svg.TOP)

    if logarithmic:
        powers = range(math.ceil(bottom), math.floor(top) + 1)
        apart = max(1, len(powers) // 5)
        ticks = [10.0**power for power in list(powers)[::apart]]
        return level, ticks if len(ticks) > 1 else [low, high]
    return level, [bottom, (bottom + top) / 2, top]
