"""The labels of the pictures in Korean."""

from __future__ import annotations

KOREAN = {
    "accuracy": "정확도",
    "best": "가장 좋음",
    "best so far": "지금까지 가장 좋은 값",
    "before each step": "각 단계 직전의 위치",
    "before each step, unless they overlap": "각 단계 직전의 위치(겹치면 생략)",
    "class": "클래스",
    "confidence and accuracy": "확신도와 정확도",
    "confusion matrix": "혼동 행렬",
    "converged": "수렴",
    "descent": "경사 하강법",
    "diverged": "발산",
    "each batch": "미니배치별",
    "end": "끝",
    "epoch": "에폭",
    "ever steeper downhill": "점점 더 가파르게 하강",
    "examples": "예제 수",
    "filter": "필터",
    "finished": "끝까지 학습",
    "gradient lost to rounding": "기울기가 반올림 오차에 묻힘",
    "height f": "높이 f",
    "kept": "선택",
    "last": "마지막",
    "leaves the picture": "그림 밖으로 나감",
    "loss": "손실",
    "minimum": "최소점",
    "misclassified (ringed)": "오답(고리 표시)",
    "most confident mistakes": "가장 확신한 오답",
    "none": "없음",
    "perfectly calibrated": "확신도 = 정확도",
    "predicted probability": "예측 확률",
    "prediction minus truth": "예측 - 정답",
    "prediction": "예측",
    "rate too small": "학습률이 너무 작음",
    "pruned": "일찍 멈춤",
    "right": "맞음",
    "share of predictions": "예측 비율",
    "stability limit": "안정 한계",
    "start": "출발점",
    "step limit": "단계 수 한도에 도달",
    "step": "단계",
    "target": "목푯값",
    "test": "시험",
    "test, hollow": "시험(속이 빈 표시)",
    "train": "훈련",
    "train, mean of the epoch": "훈련, 에폭 평균",
    "trial": "시도",
    "truth": "정답",
    "unit": "유닛",
    "red positive, blue negative": "빨강은 양수, 파랑은 음수",
    "units with the largest weights": "가중치가 가장 큰 유닛",
    "updates": "갱신 횟수",
    "validation": "검증",
    "wrong": "틀림",
}  # fmt: skip
"""Every label that a picture draws; one that is missing fails the tests."""

MESSAGES = {
    "a picture of a sweep needs a trial with a value, and shows up to {most} settings; got {n} "
    "trials and {m} settings.": "탐색의 그림에는 값이 있는 시도가 있어야 하고 설정은 {most}개까지 "
    "보여 줍니다. 시도 {n}개, 설정 {m}개를 받았습니다.",
    "no Korean font was found, so pictures have English labels. Install a font such as "
    "NanumGothic (Debian: fonts-nanum).": "한글 글꼴을 찾지 못해 그림의 글이 영어입니다. 나눔고딕 "
    "같은 글꼴을 설치하세요(데비안: fonts-nanum).",
    "a picture can show 1 to {most} runs; got {n}. Name the ones to compare.": "그림 하나에 "
    "실행을 1개에서 {most}개까지 그릴 수 있는데 {n}개입니다. 비교할 것을 지정하세요.",
    "a race needs at least one result; got none.": "겨룰 결과가 하나 이상 있어야 하는데 없습니다.",
    "descents are drawn for functions of two numbers; this x has shape {shape}.": "경사 하강법은 "
    "변수가 두 개인 함수만 그릴 수 있는데 x의 형상이 {shape}입니다.",
    "weights_figure expects a net with an affine layer; got {net}.": "weights_figure에는 affine "
    "계층이 있는 신경망을 주어야 하는데 {net}을(를) 받았습니다.",
    "weights_figure expects images of {n} numbers; got the shape {shape}.": "weights_figure: "
    "이미지는 수 {n}개여야 하는데 형상이 {shape}입니다.",
    "{owner} shows the plane of two inputs; x has shape {shape}. Choose two.": "{owner!k}에는 "
    "입력 두 개의 평면을 그리는데 x의 형상이 {shape}입니다. 두 개를 고르세요.",
    "{owner} shows one class at each point; {head} answers {n} questions that are not mutually "
    "exclusive.": "{owner!k}에는 점마다 클래스 하나를 그리는데 {head}은(는) 서로 배타적이지 않은 "
    "물음 {n}개에 답합니다.",
    "{owner} shows classes; the targets here are real numbers.": "{owner!k}에는 클래스를 "
    "그리는데 이 목푯값은 실수입니다.",
    "a film of the decision boundary": "결정 경계의 학습 과정",
    "BoundaryFilm: no film was written: {problem}": "BoundaryFilm: 움직이는 그림을 저장하지 "
    "못했습니다: {problem!k}",
    "BoundaryFilm has no frames. Pass it to fit, callbacks=[film], and train for at least one "
    "epoch with finite numbers.": "BoundaryFilm에 장면이 없습니다. fit에 callbacks=[film]으로 "
    "주고, 유한한 수로 한 에폭 이상 학습하세요.",
    "animation: frame {n} of {all}": "움직이는 그림: {all}장 가운데 {n}장째",
}  # fmt: skip
"""Messages of this room, from English to Korean."""
