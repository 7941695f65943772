"""The words for remedies that were tried on a copy of the training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from mitbadak.core.errors import known
from mitbadak.core.languages import known_language

REMEDIES: Final = {
    "en": {
        "rate": "lr {lr:.3g}",
        "update": "params -= lr * grads ({rule})",
        "differences": "the gradient by central differences",
        "pixels": "pixels divided by 255",
        "standardize": "inputs with mean 0 and spread 1",
        "targets": "targets with mean 0 and spread 1",
        "weights": "new weights (spread 1 / sqrt(n_in), or sqrt(2 / n_in) for ReLU)",
        "one-hot": "one-hot labels",
        "column": "targets of shape (n, 1)",
        "finite": "only examples whose numbers are finite",
        "floats": "float parameters",
    },
    "ko": {
        "rate": "학습률 {lr:.3g}",
        "update": "params -= lr * grads ({rule})",
        "differences": "중앙차분으로 구한 기울기",
        "pixels": "255로 나눈 픽셀",
        "standardize": "평균 0, 표준편차 1로 맞춘 입력",
        "targets": "평균 0, 표준편차 1로 맞춘 목푯값",
        "weights": "표준편차 1 / sqrt(n_in)(ReLU는 sqrt(2 / n_in))인 새 가중치",
        "one-hot": "원-핫 레이블",
        "column": "(n, 1) 모양의 목푯값",
        "finite": "값이 모두 유한한 예제만 사용",
        "floats": "실수형 매개변수",
    },
}
TRIED: Final = {
    "en": "{what}{anew} tried for {steps} steps: loss {first:.4g} to {last:.4g} "
          "(unchanged: {unchanged:.4g}).",
    "ko": "{what}{anew}, {steps}단계 시험: 손실 {first:.4g} → {last:.4g} "
          "(그대로 둘 때 {unchanged:.4g}).",
}  # fmt: skip
ANEW: Final = {"en": ", started anew,", "ko": " (처음부터 다시)"}
JOINED: Final = {"en": " and ", "ko": " + "}


def trial_in_words(
    remedies: Sequence[tuple[str, Mapping[str, Any]]], values: Mapping[str, Any], lang: str
) -> str:
    """One sentence: what was changed, for how long, and how the loss went."""
    what = remedies_in_words(remedies, lang)
    anew = ANEW[lang] if values["anew"] else ""
    return TRIED[lang].format(**{**values, "what": what, "anew": anew})


def remedies_in_words(remedies: Sequence[tuple[str, Mapping[str, Any]]], lang: str) -> str:
    """The changes alone, such as ``lr 0.1``."""
    words = REMEDIES[known_language(lang)]
    return JOINED[lang].join(known("remedy", n, words).format(**places) for n, places in remedies)
