"""The words of the pictures in Korean."""

from __future__ import annotations

KOREAN = {
    "accuracy": "정확도",
    "answer": "대답",
    "answer minus truth": "대답 - 정답",
    "as sure as right": "확신한 만큼 맞음",
    "before each step": "매 단계 직전",
    "class": "클래스",
    "converged": "수렴",
    "diverged": "발산",
    "each batch": "배치마다",
    "end": "끝",
    "epoch": "에폭",
    "examples": "예제 수",
    "gradient lost to rounding": "기울기가 반올림에 묻힘",
    "how sure, how right": "확신과 정확도",
    "last": "마지막",
    "loss": "손실",
    "misread, in a ring": "오답은 고리로 표시",
    "none": "없음",
    "probability of the answer": "대답의 확률",
    "rate too small": "학습률이 너무 작음",
    "right": "맞음",
    "share of the answers": "대답의 비율",
    "step limit": "정해진 단계 수에 도달",
    "surest misreadings": "가장 확신한 오답",
    "test": "시험",
    "train": "훈련",
    "train, mean of the epoch": "훈련, 에폭 평균",
    "truth": "정답",
    "updates": "갱신 횟수",
    "validation": "검증",
    "what is read as what": "무엇을 무엇으로 읽었나",
    "wrong": "틀림",
}
"""Each word or phrase that a picture draws; a missing one fails the tests."""
