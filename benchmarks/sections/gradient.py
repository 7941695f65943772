"""The numerical gradient of all 39,760 parameters of 784-50-10, and training by it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
from cases import Case, material, one_batch
from machine import cores_by_label
from peers import book
from rows import OURS, Goal, Options, Row, Section, over_ours
from turns import contest
from where import profile

GRADIENT, TRAINING = "numerical gradient", "numerical training"
CASE = Case(GRADIENT)
H = 1e-4
SAMPLE = 400  # parameters that the book's loop is timed on; the rest would take as long each
AGREE = 1e-9  # absolute; the noise of the difference itself is about 1e-11
STEPS = 1000
LOSSES_AGREE = 1e-6
BY_DEFINITION, IN_FULL = "book", "book_in_full"


def cases(labels: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, "one") for name in (GRADIENT, TRAINING)]


def measure(name: str, label: str, options: Options) -> list[Row]:
    return _gradient(options) if name == GRADIENT else _training(options)


def _gradient(options: Options) -> list[Row]:
    peers = [*OURS, BY_DEFINITION]
    result = contest(__name__, peers, asdict(CASE), "one", options.rounds)
    count = sum(p.size for p in material(CASE).params)
    scale = {peer: count / SAMPLE if peer == BY_DEFINITION else 1.0 for peer in peers}
    goals = {BY_DEFINITION: [Goal(1100, 2500)]}
    rows = result.rows(GRADIENT, "one", "s", scale, {}, goals)
    if not {OURS[0], BY_DEFINITION} <= set(result.answers):
        return rows
    ours, theirs = result.answers[OURS[0]], result.answers[BY_DEFINITION]
    rows.append(_difference(f"{GRADIENT} of {SAMPLE} parameters", np.abs(ours - theirs).max()))
    if options.full:
        rows += _in_full(result.seconds[OURS[0]])
    return rows


def _difference(case: str, value: float) -> Row:
    goals = [Goal(AGREE, of="values", at_most=True)]
    return Row(case, "one", BY_DEFINITION, "largest difference", [float(value)], goals=goals)


def _in_full(ours: list[float]) -> list[Row]:
    """Every parameter by the definition, once."""
    full = contest(__name__, [OURS[0], IN_FULL], {**asdict(CASE), "in_full": True}, "one", 1)
    if full.failed:
        raise RuntimeError(str(full.failed))
    apart = np.abs(full.answers[IN_FULL] - full.answers[OURS[0]]).max()
    took = {IN_FULL: full.seconds[IN_FULL], OURS[0]: [float(np.median(ours))]}
    return [Row(GRADIENT, "one", IN_FULL, "s", took[IN_FULL], over_ours(took, IN_FULL)),
            _difference(f"{GRADIENT} of all parameters", apart)]  # fmt: skip


def turn_of(peer: str, case: dict[str, Any]) -> Callable[[], np.ndarray]:
    """For the worker: one gradient as users ask for it, or the sample of it by the book's loop.

    The first turn is not timed, so what counts is the second call and those after it.
    """
    if case["name"] == TRAINING:
        return _trainings()
    from peers.mitbadak import mlp

    m = material(CASE)
    picked = one_batch(CASE, len(m.x))
    x, t = m.x[picked], m.t[picked]
    sizes = np.cumsum([p.size for p in m.params])
    chosen = np.arange(sizes[-1])
    if not case.get("in_full"):
        chosen = np.random.default_rng(7).choice(chosen, SAMPLE, replace=False)
    if peer in (BY_DEFINITION, IN_FULL):
        params, x = [p.astype(np.float64) for p in m.params], x.astype(np.float64)
        return lambda: by_definition(params, x, t, chosen)
    net = mlp(CASE, m.params)
    options = {} if peer == OURS[0] else {"engine": "numpy"}

    def turn() -> np.ndarray:
        gradients = net.numerical_gradient(x, t, **options)
        return np.concatenate([g.ravel() for g in gradients.values()])[chosen]

    return turn


def by_definition(
    params: list[np.ndarray], x: np.ndarray, t: np.ndarray, chosen: np.ndarray
) -> np.ndarray:
    """The book's loop: move one parameter, run the whole net, move it the other way, again."""

    def loss() -> float:
        # Without the book's 1e-7 in the logarithm, which moves the gradient itself by up to 1e-6.
        return book.cross_entropy(book.softmax(book.forward(CASE, params, x)[-1]), t, delta=0)

    ends = np.cumsum([p.size for p in params])
    slopes = []
    for number in chosen:
        which = int(np.searchsorted(ends, number, side="right"))
        entries = params[which].reshape(-1)
        i = number - (ends[which] - entries.size)
        value = entries[i]
        entries[i] = value + H
        above = loss()
        entries[i] = value - H
        below = loss()
        entries[i] = value
        slopes.append((above - below) / (2 * H))
    return np.array(slopes)


def _training(options: Options) -> list[Row]:
    """Seconds of the whole training, and how far its losses are from backpropagation's."""
    result = contest(__name__, [OURS[0]], {"name": TRAINING}, "one", 0)
    if result.failed:
        return result.rows(TRAINING, "one", "s", 1.0, {}, {})
    seconds, apart = result.answers[OURS[0]]
    ours, note = f"{TRAINING}, {STEPS} steps", "mitbadak.fit, all steps run, once, float64"
    return [
        Row(ours, "one", OURS[0], "s", [seconds], threads=1, note=note,
            goals=[Goal(120, 40, of="values", at_most=True)]),
        Row(f"{ours}: losses", "one", "backprop", "largest difference", [apart],
            goals=[Goal(LOSSES_AGREE, of="values", at_most=True)]),
    ]  # fmt: skip


def _trainings() -> Callable[[], np.ndarray]:
    from peers.mitbadak import mlp

    import mitbadak as mb

    m = material(CASE)
    examples = m.x[: STEPS * CASE.batch], m.t[: STEPS * CASE.batch]
    epochs = -(-STEPS * CASE.batch // len(examples[0]))

    def losses(gradient: str) -> tuple[np.ndarray, float]:
        class StopInTime(mb.Callback):
            def on_step_end(self, trainer) -> None:
                if trainer.step == STEPS:
                    trainer.request_stop("enough steps")

        net, began = mlp(CASE, m.params, np.float64), time.perf_counter()
        history = mb.fit(net, examples, optimizer=mb.SGD(CASE.lr), epochs=epochs, rng=0,
                         batch_size=CASE.batch, callbacks=[StopInTime()], gradient=gradient,
                         engine="auto" if gradient == "numerical" else "numpy",
                         progress=False)  # fmt: skip
        return np.array(history.losses), time.perf_counter() - began

    def turn() -> np.ndarray:
        slow, seconds = losses("numerical")
        fast, _ = losses("backprop")
        return np.array([seconds, np.abs(slow - fast).max()])

    return turn


def profile_of(name: str, label: str) -> str:
    return profile(__name__, asdict(CASE), cores_by_label()["one"])


SECTION = Section("gradient", cases, measure, profile_of)
