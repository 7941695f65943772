"""Whole trainings by one call, with what is measured after each epoch, for peers side by side."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
from cases import FITS, JAX, Case
from machine import cores_by_label
from peers import FITTING
from rows import Options, Row, Section, fastest, goals_for
from turns import contest
from where import profile

OWN_ORDER = ("sklearn",)  # where epochs are measured, these take batches in an order of their own
# How far the mean loss of the last epoch may be from the reference's, as a share of that, and the
# accuracies, or a share of the losses that are measured: float32 against float64; other batches.
SAME, OTHER_DRAWS = (2e-3, 5e-3), (0.2, 0.1)


def cases(labels: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, label) for label in labels for name, c in FITS.items() if label in c.cores]


def measure(name: str, label: str, options: Options) -> list[Row]:
    case = FITS[name]
    peers = options.chosen(case.peers or FITTING)
    return contest_of(case, peers, label, options.rounds, "ms per fit", 1e3)


def contest_of(
    case: Case, peers: list[str], label: str, rounds: int, unit: str, scale: float
) -> list[Row]:
    """Peers in turn on a case; those that computed something else meet no goal."""
    measuring = case.name in FITS
    request = {"case": asdict(case), "measuring": measuring}
    result = contest("peers", peers, request, label, rounds)
    wrong = wrong_answers(case, result.answers, measuring)
    right = [peer for peer in result.seconds if peer not in wrong]
    best = fastest(result.seconds, right)
    best_jax = fastest(result.seconds, [peer for peer in right if peer.startswith(JAX)])
    wanted = [
        (best_jax or against if against == JAX else against, low, high)
        for of, against, low, high in case.goals
        if of == label
    ]
    goals = {peer: goals_for(peer, best, wanted) for peer in result.seconds}
    return result.rows(case.name, label, unit, scale, wrong, goals)


def wrong_answers(case: Case, answers: dict[str, np.ndarray], measuring: bool) -> dict[str, str]:
    """Who has other losses or accuracies than the reference, and which.

    The reference is the book in float64 where it takes part, otherwise JAX.
    """
    known = [p for p in ("book", "jax_scan", "jax_whole", "torch") if p in answers]
    if not known:
        return {}
    expected, wrong = answers[known[0]], {}
    for peer, answer in answers.items():
        own = case.draws or (measuring and peer in OWN_ORDER)
        of_loss, of_measures = OTHER_DRAWS if own else SAME
        apart = np.abs(answer - expected)
        limits = of_measures * (np.abs(expected) if case.regression else np.ones_like(expected))
        limits[0] = of_loss * abs(expected[0])
        if own:  # what lies in between depends on the order
            limits[1 : -1 if case.regression else -2] = np.inf
        if not (apart <= limits).all():
            i = int(np.argmax(apart - limits))
            what = "mean loss" if i == 0 else f"measure {i}"
            wrong[peer] = f"wrong: {what} {answer[i]:.5f} instead of {expected[i]:.5f}"
    return wrong


def profile_of(case: Case, label: str) -> str:
    """Where Mitbadak's time goes in one turn."""
    request = {"case": asdict(case), "measuring": case.name in FITS}
    return profile("peers", request, cores_by_label()[label])


SECTION = Section("fits", cases, measure, lambda name, label: profile_of(FITS[name], label))
