"""The cases of the clinic. The page learns what a case has only after the learner has answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mitbadak.lab.clinic.patients import (
    Grads,
    Patient,
    SoftmaxTwice,
    of_digits,
    of_moons,
    with_momentum,
)
from mitbadak.optim import SGD, Adam

HEALTHY = "healthy"


@dataclass(frozen=True)
class CaseOfClinic:
    """One case.

    Attributes:
        cause: the finding of the doctor that names what is wrong, or ``HEALTHY``.
        admit: the patient, by a seed.
        good: of a healthy one, why it is good, in English and Korean.
    """

    cause: str
    admit: Callable[[int], Patient]
    good: tuple[str, str] | None = None


def _plus(seed: int) -> Patient:
    """The notes' own mistake: ``params[key] -= learning_rate + grad[key]``."""
    patient = of_digits(seed)

    def update(grads: Grads) -> None:
        for name in grads:
            patient.net.params[name] -= patient.rule.lr + grads[name]

    patient.update = update
    return patient


def _uphill(seed: int) -> Patient:
    patient = of_moons(seed, rule=SGD(0.1))

    def update(grads: Grads) -> None:
        for name in grads:
            patient.net.params[name] += patient.rule.lr * grads[name]

    patient.update = update
    return patient


def _copy(seed: int) -> Patient:
    patient = of_digits(seed)
    copies = {name: value.copy() for name, value in patient.net.params.items()}

    def update(grads: Grads) -> None:
        for name in grads:
            copies[name] -= patient.rule.lr * grads[name]

    patient.update = update
    return patient


def _left_out(seed: int) -> Patient:
    patient = of_digits(seed)

    def update(grads: Grads) -> None:
        for name in grads:
            if name != "W1":
                patient.net.params[name] -= patient.rule.lr * grads[name]

    patient.update = update
    return patient


def _too_fast(seed: int) -> Patient:
    return of_digits(seed, rule=SGD(30.0))


def _too_slow(seed: int) -> Patient:
    return of_digits(seed, rule=SGD(1e-5))


def _raw_pixels(seed: int) -> Patient:
    """Pixels from 0 to 255, as the files have them."""
    patient = of_digits(seed)
    patient.x = patient.x * 255
    return patient


def _shuffled(seed: int) -> Patient:
    """Images shuffled, labels not."""
    patient = of_digits(seed)
    patient.t = patient.t[patient.rng.permutation(len(patient.t))]
    return patient


def _alike(seed: int) -> Patient:
    patient = of_digits(seed, activation="sigmoid", rule=SGD(0.5))
    for name, value in patient.net.params.items():
        value[...] = 0.1 if name.startswith("W") else 0.0
    return patient


def _huge(seed: int) -> Patient:
    """Weights drawn with a standard deviation of 1, or more."""
    patient = of_digits(seed, activation="tanh")
    for name, value in patient.net.params.items():
        if name.startswith("W"):
            value *= 30.0
    return patient


def _dead(seed: int) -> Patient:
    patient = of_digits(seed)
    patient.net.params["b1"][...] = -30.0
    return patient


def _faint(seed: int) -> Patient:
    """The notes' first weights, 0.01 times normal numbers, in a net of four layers."""
    patient = of_digits(seed, hidden=(30, 30, 30), activation="tanh")
    for name, value in patient.net.params.items():
        if name.startswith("W"):
            value *= 0.01 / value.std()
    return patient


def _twice(seed: int) -> Patient:
    patient = of_digits(seed)
    head: Any = SoftmaxTwice()  # no ``Head``, as a learner would write it
    patient.net.head = head
    return patient


def _summed(seed: int) -> Patient:
    patient = of_digits(seed)

    def gradient(grads: Grads) -> Grads:
        return {name: patient.batch_size * value for name, value in grads.items()}

    patient.gradient = gradient
    return patient


CASES: tuple[CaseOfClinic, ...] = (
    CaseOfClinic("lr-too-large", _too_fast),
    CaseOfClinic("update-of-a-copy", _copy),
    CaseOfClinic(
        HEALTHY, of_digits,
        ("He weights suit ReLU, the pixels lie between 0 and 1, and at rate 0.1 the loss falls "
         "steadily: every layer gets a gradient of a similar size.",
         "He 초깃값은 ReLU에 알맞고 픽셀은 0과 1 사이에 있으며, 학습률 0.1에서 손실이 꾸준히 "
         "줄어듭니다. 모든 층의 기울기 크기도 비슷합니다."),
    ),
    CaseOfClinic("labels-shuffled", _shuffled),
    CaseOfClinic("wrong-update-rule", _plus),
    CaseOfClinic("symmetric-weights", _alike),
    CaseOfClinic("lr-too-small", _too_slow),
    CaseOfClinic(
        HEALTHY, of_moons,
        ("Xavier weights keep the answers of tanh away from its limits, and Adam at rate 0.01 "
         "moves each weight by about a hundredth. The loss is noisy, because batches are small, "
         "and falls.",
         "Xavier 초깃값 덕분에 tanh의 출력이 양 끝에 몰리지 않고, 학습률 0.01의 Adam은 가중치를 "
         "한 번에 0.01쯤 옮깁니다. 미니배치가 작아 손실이 출렁이지만 줄어듭니다."),
    ),
    CaseOfClinic("inputs-not-normalised", _raw_pixels),
    CaseOfClinic("dead-relu", _dead),
    CaseOfClinic("softmax-twice", _twice),
    CaseOfClinic("init-too-large", _huge),
    CaseOfClinic("init-too-small", _faint),
    CaseOfClinic(
        HEALTHY, lambda seed: of_digits(seed, hidden=(50,), activation="tanh",
                                        rule=with_momentum(0.03)),
        ("Momentum goes about ten times as far as its rate says, so 0.03 is enough; the loss may "
         "swing a little at the start without harm.",
         "모멘텀은 학습률의 열 배쯤 되는 걸음을 내디디므로 0.03으로 충분합니다. 처음에 손실이 "
         "조금 출렁여도 해롭지 않습니다."),
    ),
    CaseOfClinic("wrong-update-rule", _uphill),
    CaseOfClinic("parameter-never-updated", _left_out),
    CaseOfClinic("missing-batch-mean", _summed),
    CaseOfClinic(
        HEALTHY, lambda seed: of_digits(seed, hidden=(30, 30), rule=Adam(0.003)),
        ("Adam sizes each step by the gradients it has seen, so 0.003 suits every layer although "
         "their gradients differ.",
         "Adam은 지금까지 본 기울기에 맞추어 걸음을 정하므로, 층마다 기울기 크기가 달라도 "
         "0.003이 모든 층에 알맞습니다."),
    ),
)  # fmt: skip
"""In an order that tells nothing."""

CAUSES: tuple[str, ...] = (HEALTHY, *sorted({case.cause for case in CASES} - {HEALTHY}))
"""What the learner may answer."""
