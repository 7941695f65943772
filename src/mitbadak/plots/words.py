"""The words of the pictures in Korean."""

from __future__ import annotations

KOREAN = {
    "accuracy": "정확도",
    "before each step": "매 단계 직전",
    "class": "클래스",
    "converged": "수렴",
    "descent": "경사 하강",
    "diverged": "발산",
    "each batch": "배치마다",
    "end": "끝",
    "epoch": "에폭",
    "ever steeper downhill": "점점 더 가파르게 내려감",
    "gradient lost to rounding": "기울기가 반올림에 묻힘",
    "height f": "높이 f",
    "last": "마지막",
    "leaves the picture": "그림 밖으로 나감",
    "loss": "손실",
    "minimum": "최소점",
    "rate too small": "학습률이 너무 작음",
    "stability limit": "안정 한계",
    "start": "출발점",
    "step": "단계",
    "step limit": "정해진 단계 수에 도달",
    "test": "시험",
    "train": "훈련",
    "train, mean of the epoch": "훈련, 에폭 평균",
    "updates": "갱신 횟수",
    "validation": "검증",
}
"""Each word or phrase that a picture draws; a missing one fails the tests."""
