"""How often the doctor names the cause first, and how often it cries wolf."""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from doctor.faults import FAULTS, Fault
from doctor.loops import Loop, draw, quality, run

from mitbadak.doctor.doctor import Doctor

LEARNED = 0.8  # of the first loss: a healthy run ends below
COSTS = 1.1  # times the healthy loss: a fault that counts ends above


def healthy(seed: int) -> tuple[Loop, list[float], float]:
    loop = draw(seed)
    losses = run(loop)
    return loop, losses, quality(loop)


def learned(losses: list[float], end: float) -> bool:
    return bool(np.isfinite(end)) and end < LEARNED * float(np.mean(losses[:3]))


def judged(fault: Fault, seed: int, least: float) -> tuple[str, str] | None:
    """The first code and its text; None if the fault does not fit or costs nothing."""
    loop = draw(seed)
    if not fault.fits(loop):
        return None
    fault.plant(loop)
    doctor = Doctor()
    run(loop, doctor)
    end = quality(loop)
    if not fault.always and np.isfinite(end) and end < COSTS * least + 0.02:
        return None
    first = doctor.report().first
    return (first.code, first.text) if first else ("", "nothing")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10, help="of each fault")
    parser.add_argument("--healthy", type=int, default=50)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    began, twins, alarms = time.perf_counter(), {}, []
    seed = asked.first
    while len(twins) < asked.healthy:
        _, losses, end = healthy(seed)
        if learned(losses, end):
            twins[seed] = end
            doctor, loop = Doctor(), draw(seed)
            run(loop, doctor)
            first = doctor.report().first
            if first is not None:
                alarms.append((seed, loop.labels, first.text[:150]))
        seed += 1
    print(f"false alarms {len(alarms)} of {len(twins)} healthy runs ({seed - asked.first} drawn)")
    for alarm in alarms:
        print("   ", *alarm)
    right = total = 0
    for name, fault in FAULTS.items():
        if asked.only and asked.only not in name:
            continue
        outcomes, missed = Counter(), []
        for seed, end in twins.items():
            if sum(outcomes.values()) >= asked.runs:
                break
            result = judged(fault, seed, end)
            if result is None:
                continue
            outcomes[result[0]] += 1
            if result[0] not in fault.codes:
                missed.append((seed, draw(seed).labels, result[1][:110]))
        hit = sum(outcomes[code] for code in fault.codes)
        right, total = right + hit, total + sum(outcomes.values())
        print(f"{name:26s} {hit}/{sum(outcomes.values())}", dict(outcomes), flush=True)
        for miss in missed[:4]:
            print("       ", *miss)
    print(
        f"all: {right}/{total} = {right / max(total, 1):.3f}; {time.perf_counter() - began:.0f} s"
    )


if __name__ == "__main__":
    main()
