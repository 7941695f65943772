"""The evidence of a report as a picture: the course of the loss, and what trials made of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from mitbadak.doctor.findings import NOTE, Finding
from mitbadak.doctor.svg import (
    ASKED,
    BOTTOM,
    HEIGHT,
    INK,
    LEFT,
    LINE,
    RIGHT,
    TOP,
    WIDTH,
    frame,
    label,
    line,
    svg,
)
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
    tried = [] if trial is None else [v for v in (trial.first, trial.last) if np.isfinite(v)]
    level, ticks = _scale(np.array([*means, *tried]))

    def place(step: float) -> float:
        return LEFT + (step - 1) / max(len(losses) - 1, 1) * (WIDTH - LEFT - RIGHT)

    points = " ".join(f"{place(s):.1f},{level(v):.1f}" for s, v in zip(steps, means, strict=True))
    parts = [f'<polyline points="{points}" fill="none" stroke="{LINE}" stroke-width="1.5"/>']
    if len(means) < len(_averaged_count(losses)):
        parts.append(label(WIDTH - RIGHT, TOP - 8, words["broke"], end=True, color=ASKED))
    if first is not None and first.since is not None and 1 < first.since <= len(losses):
        x, late = place(first.since), first.since > len(losses) / 2
        parts += [line(x, TOP, x, HEIGHT - BOTTOM, ASKED, dashed=True),
                  label(x - 4 if late else x + 4, HEIGHT - BOTTOM - 8, first.code, end=late,
                        color=ASKED)]  # fmt: skip
    if trial is not None and len(tried) == 2:
        end = place(min(trial.steps, len(losses)))
        name = remedies_in_words(trial.remedies, lang).split(" (")[0]
        late = end > WIDTH / 2
        parts += [line(LEFT, level(trial.first), end, level(trial.last), HELPED),
                  label(end - 4 if late else end + 4, level(trial.last) - 6,
                        words["trial"].format(name=name), end=late, color=HELPED)]  # fmt: skip
    parts += [label(LEFT - 6, level(v) + 4, f"{v:.3g}", end=True) for v in ticks]
    parts += [label(LEFT, HEIGHT - BOTTOM + 16, "1"),
              label(WIDTH - RIGHT, HEIGHT - BOTTOM + 16, f"{len(losses):,}", end=True)]  # fmt: skip
    parts += [frame(), label(6, 16, words["loss"], color=INK),
              label((LEFT + WIDTH) / 2, HEIGHT - 8, words["step"], middle=True)]  # fmt: skip
    return svg(parts, HEIGHT, words["loss"] if first is None else first.sentence(lang))


def _averaged_count(losses: Sequence[float]) -> range:
    return range(min(POINTS, len(losses)))


def _averaged(losses: Sequence[float]) -> tuple[list[int], list[float]]:
    """At most so many means of neighbouring losses, without those that are not finite."""
    parts = np.array_split(np.asarray(losses, np.float64), len(_averaged_count(losses)) or 1)
    starts = np.cumsum([0, *(len(part) for part in parts[:-1])])
    kept = [(int(s) + 1 + len(p) // 2, float(p.mean())) for s, p in zip(starts, parts, strict=True)
            if len(p) and np.isfinite(p).all()]  # fmt: skip
    return [s for s, _ in kept], [v for _, v in kept]


def _scale(values: np.ndarray) -> tuple[Callable[[float], float], list[float]]:
    """Heights for values, and the values beside the axis."""
    low, high = float(values.min()), float(values.max())
    logarithmic = low > 0 and high > LOGARITHMIC * low
    bottom = math.log10(low) if logarithmic else min(0.0, low)
    top = math.log10(high) if logarithmic else high
    span = (top - bottom) or 1.0

    def level(value: float) -> float:
        share = ((math.log10(value) if logarithmic else value) - bottom) / span
        return HEIGHT - BOTTOM - min(max(share, 0), 1) * (HEIGHT - TOP - BOTTOM)

    if logarithmic:
        powers = range(math.ceil(bottom), math.floor(top) + 1)
        apart = max(1, len(powers) // 5)
        ticks = [10.0**power for power in list(powers)[::apart]]
        return level, ticks if len(ticks) > 1 else [low, high]
    return level, [bottom, (bottom + top) / 2, top]
