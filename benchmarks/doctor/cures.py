"""How often the remedy that the doctor proposes first makes a faulty run learn as its healthy twin.

Each run has one planted fault. The remedies of the first finding are applied as said, those that a
trial preferred where there was one, and the run is made again from its start.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from doctor.bench import LEARNED, drawn
from doctor.faults import FAULTS
from doctor.loops import Loop, quality, run

from mitbadak.doctor.doctor import Doctor
from mitbadak.doctor.trials.fork import Fork
from mitbadak.doctor.trials.remedies import remedies_of
from mitbadak.optim import SGD, Adam, Momentum

AS_MUCH = 0.8  # of what the twin gains counts as learning like it
RULES = {"sgd": SGD, "momentum": Momentum, "adam": Adam}
PART = "held-out"
UNFOUND, BY_HAND = "nothing found", "to be mended by hand"  # no remedy that can be applied


def faulty(fault: str, number: int) -> Loop:
    loop = drawn(PART, number)
    FAULTS[fault].plant(loop)
    return loop


def forked(loop: Loop) -> Fork:
    """The run from its start, with all its batches."""
    rows = [loop.rng.integers(0, len(loop.x), loop.batch_size) for _ in range(loop.steps)]
    return Fork(loop.net, RULES[loop.rule](loop.lr), [(loop.x[r], loop.t[r]) for r in rows])


def cured(fault: str, number: int) -> tuple[str, str] | None:
    """The outcome and the remedy; None where the run does not count."""
    twin = drawn(PART, number)
    if not FAULTS[fault].fits(twin):
        return None
    losses = run(twin)
    end, start = quality(twin), float(np.mean(losses[:3]))
    if not (np.isfinite(end) and end < LEARNED * start):
        return None
    loop, doctor = faulty(fault, number), Doctor()
    run(loop, doctor, shown_net=loop.net)
    spoiled = quality(loop)
    if np.isfinite(spoiled) and start - spoiled > AS_MUCH * (start - end):
        return None  # it learns in spite of the fault
    first = doctor.report().first
    if first is None:
        return UNFOUND, ""
    fork = forked(faulty(fault, number))
    options = remedies_of(first, fork)
    if not options:
        return f"{BY_HAND}: {first.code}", ""
    chosen = options[0]
    if first.trial is not None:
        names = [name for name, _ in first.trial.remedies]
        values = [dict(places) for _, places in first.trial.remedies]
        chosen = next(
            (o for o in options if [r.name for r in o] == names
             and all(np.isclose(r.values.get("lr", 0), v.get("lr", 0))
                     for r, v in zip(o, values, strict=True))), chosen)  # fmt: skip
    for remedy in chosen:
        fork = remedy.apply(fork)
    last = fork.run(loop.steps).last / fork.unit
    good = start - last > AS_MUCH * (start - end)
    applied = " and ".join(r.name for r in chosen)
    return ("cured" if good else f"{first.code}: {last:.3g} for {end:.3g}"), applied


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=10, help="of each fault")
    parser.add_argument("--only", default="", help="faults whose name contains this")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    good = total = 0
    for fault in FAULTS:
        if asked.only not in fault:
            continue
        outcomes: Counter[str] = Counter()
        for number in range(20 * asked.runs):
            if outcomes.total() >= asked.runs:
                break
            result = cured(fault, number)
            if result is not None:
                outcomes[result[0]] += 1
        applied = sum(n for k, n in outcomes.items() if not k.startswith((UNFOUND, BY_HAND)))
        good, total = good + outcomes["cured"], total + applied
        rest = {k: v for k, v in outcomes.items() if k != "cured"}
        print(f"{fault:26s} {outcomes['cured']}/{outcomes.total()}", rest, flush=True)
    print(f"remedies applied that cure: {good}/{total} = {good / max(total, 1):.3f}")


if __name__ == "__main__":
    main()
