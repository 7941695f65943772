"""What a checkup says of each item, whether it passes or not, and the words in its pictures."""

from __future__ import annotations

NAMES: dict[str, dict[str, str]] = {
    "en": {
        "initial-loss": "initial loss",
        "one-batch": "a few examples by heart",
        "zeroed-inputs": "inputs of zero",
        "gradient": "gradient",
        "learning-rate": "learning rate",
        "sizes": "sizes from layer to layer",
        "inputs": "inputs",
        "labels": "labels",
        "neighbors": "labels of neighbors",
        "train-test": "training and test set",
        "forecast": "time and memory",
    },
    "ko": {
        "initial-loss": "처음 손실",
        "one-batch": "몇 개 외우기",
        "zeroed-inputs": "입력을 0으로",
        "gradient": "기울기",
        "learning-rate": "학습률",
        "sizes": "계층마다의 크기",
        "inputs": "입력",
        "labels": "레이블",
        "neighbors": "이웃의 레이블",
        "train-test": "훈련 데이터와 시험 데이터",
        "forecast": "시간과 메모리",
    },
}

_RANGE = (
    " Suggested from {draws} short trainings at each rate: {low:.2g} to {high:.2g} (the ends vary "
    "from {low_from:.2g} to {low_to:.2g} and from {high_from:.2g} to {high_to:.2g})."
)
_RANGE_KO = (
    " 학습률마다 {draws}번씩 짧게 학습해 보니 {low:.2g}에서 {high:.2g} 사이가 좋습니다(아래 끝은 "
    "{low_from:.2g}에서 {low_to:.2g}, 위 끝은 {high_from:.2g}에서 {high_to:.2g} 사이에서 "
    "달라집니다)."
)
SENTENCES: dict[str, dict[str, str]] = {
    "en": {
        "initial-loss:classes": "the loss of the untrained net is {loss:.4g}; guessing among "
        "{classes} classes costs {expected:.4g}.",
        "initial-loss:numbers": "the loss of the untrained net is {loss:.4g}; answering the mean "
        "of the targets costs {expected:.4g}.",
        "initial-loss:other": "the loss of the untrained net is {loss:.4g}; an answer that knows "
        "nothing costs {expected:.4g}.",
        "one-batch": "a copy learned {examples} examples from loss {first:.3g} to {last:.3g} in "
        "{updates} updates.",
        "one-batch:alike": "the {examples} examples that were drawn have the same label, so there "
        "is nothing to learn from them.",
        "zeroed-inputs": "after that, the loss is {real:.3g} on the real inputs and {zeroed:.3g} "
        "on zeros.",
        "zeroed-inputs:alike": "cannot be judged on examples that are all alike.",
        "gradient": "right in {tested} of {arrays} parameter arrays, compared with the definition "
        "on {examples} examples.",
        "gradient:wrong": "wrong in {names}, compared with the definition on {examples} examples.",
        "gradient:none": "the net has no parameters.",
        "gradient:large": "not checked: {parameters:,} parameters take too long here.",
        "gradient:untested": "nothing could be tested: every entry is 0, or cannot be measured.",
        "gradient:unsteady": "differs from call to call, so it cannot be checked.",
        "gradient:failed": "not checked: {why}",
        "learning-rate:within": "{asked:.3g} is within the range." + _RANGE,
        "learning-rate:below": "{asked:.3g} is below the range; it may work, and take longer."
        + _RANGE,
        "learning-rate:above": "{asked:.3g} is above the range." + _RANGE,
        "learning-rate:none": "no range found: from {lowest:.2g} to {highest:.2g}, no rate makes "
        "the loss fall within {steps} updates.",
        "sizes": "the answers of {count} layers spread from {least:.2g} to {most:.2g}; the first "
        "update changes a matrix by up to {largest:.2g} of its size.",
        "sizes:none": "the net has no weight matrices.",
        "inputs": "{columns} columns in {examples:,} of {of:,} examples: up to {largest:.4g}, mean "
        "{mean:.3g}, spread {std:.3g}; {constant} columns never vary.",
        "labels:classes": "{examples:,} labels of {classes} classes; class {most} is the most "
        "frequent ({share:.1%}), class {least} the rarest ({least_count:,}).",
        "labels:even": "{examples:,} labels of {classes} classes, {most_count:,} of each.",
        "labels:numbers": "{examples:,} targets from {low:.4g} to {high:.4g}, mean {mean:.4g}, "
        "spread {std:.4g}.",
        "neighbors": "{agree:.1%} of {asked} examples have the label of their nearest neighbor; "
        "by chance it would be {chance:.1%}.",
        "neighbors:none": "judged only where there are classes and at least 50 examples.",
        "train-test": "{equal:,} of {test:,} test examples are among {train:,} training examples, "
        "and {near:.1%} of {asked} are nearly the same as one.",
        "train-test:none": "there is no test set.",
        "forecast": "{epochs} epochs are {updates:,} updates of about {microseconds:,.0f} us: "
        "{seconds:.1f} s on engine {engine}, and {memory} besides the data.",
        "forecast:minutes": "{epochs} epochs are {updates:,} updates of about {microseconds:,.0f} "
        "us: {minutes:,.0f} minutes on engine {engine}, and {memory} besides the data.",
    },
    "ko": {
        "initial-loss:classes": "학습 전의 손실은 {loss:.4g}입니다. 클래스 {classes}개 가운데 "
        "찍으면 "
        "{expected:.4g}입니다.",
        "initial-loss:numbers": "학습 전의 손실은 {loss:.4g}입니다. 정답의 평균으로 답하면 "
        "{expected:.4g}입니다.",
        "initial-loss:other": "학습 전의 손실은 {loss:.4g}입니다. 아무것도 모르는 답의 손실은 "
        "{expected:.4g}입니다.",
        "one-batch": "복사본이 데이터 {examples}개를 {updates}번 갱신해 배우니 손실이 "
        "{first:.3g}에서 "
        "{last:.3g}로 갔습니다.",
        "one-batch:alike": "뽑은 데이터 {examples}개의 레이블이 모두 같아서 배울 것이 없습니다.",
        "zeroed-inputs": "그런 다음 손실은 진짜 입력에서 {real:.3g}, 0에서 {zeroed:.3g}입니다.",
        "zeroed-inputs:alike": "모두 비슷한 데이터로는 판정할 수 없습니다.",
        "gradient": "데이터 {examples}개로 미분의 정의와 견주니 매개변수 배열 {arrays}개 가운데 "
        "{tested}개가 맞습니다.",
        "gradient:wrong": "데이터 {examples}개로 미분의 정의와 견주니 {names}이(가) 틀렸습니다.",
        "gradient:none": "매개변수가 없는 신경망입니다.",
        "gradient:large": "확인하지 않았습니다. 매개변수 {parameters:,}개는 너무 오래 걸립니다.",
        "gradient:untested": "확인할 수 없습니다. 모든 원소가 0이거나 잴 수 없습니다.",
        "gradient:unsteady": "부를 때마다 달라서 확인할 수 없습니다.",
        "gradient:failed": "확인하지 않았습니다: {why}",
        "learning-rate:within": "학습률 {asked:.3g} 값은 좋은 범위 안에 있습니다." + _RANGE_KO,
        "learning-rate:below": "학습률 {asked:.3g} 값은 좋은 범위보다 작아서, 배우더라도 더 오래 "
        "걸릴 수 "
        "있습니다." + _RANGE_KO,
        "learning-rate:above": "학습률 {asked:.3g} 값은 좋은 범위보다 큽니다." + _RANGE_KO,
        "learning-rate:none": "좋은 범위를 찾지 못했습니다. {lowest:.2g}에서 {highest:.2g}까지 "
        "어떤 "
        "학습률로도 {steps}번 갱신하는 동안 손실이 줄지 않습니다.",
        "sizes": "계층 {count}개의 출력은 표준편차가 {least:.2g}에서 {most:.2g}까지이고, 첫 갱신은 "
        "가중치 행렬을 크기의 {largest:.2g}배까지 바꿉니다.",
        "sizes:none": "가중치 행렬이 없는 신경망입니다.",
        "inputs": "데이터 {of:,}개 가운데 {examples:,}개의 {columns}열: 가장 큰 값 {largest:.4g}, "
        "평균 "
        "{mean:.3g}, 표준편차 {std:.3g}, 변하지 않는 열 {constant}개입니다.",
        "labels:classes": "클래스 {classes}개의 레이블 {examples:,}개: 클래스 {most}이(가) "
        "가장 많고({share:.1%}), 클래스 {least}이(가) 가장 적습니다({least_count:,}개).",
        "labels:even": "클래스 {classes}개의 레이블 {examples:,}개: 클래스마다 "
        "{most_count:,}개입니다.",
        "labels:numbers": "정답 {examples:,}개: {low:.4g}에서 {high:.4g}까지, 평균 {mean:.4g}, "
        "표준편차 "
        "{std:.4g}입니다.",
        "neighbors": "데이터 {asked}개 가운데 {agree:.1%}가 가장 가까운 이웃과 레이블이 같습니다. "
        "우연히는 {chance:.1%}입니다.",
        "neighbors:none": "데이터가 50개 이상이고 클래스가 있을 때만 봅니다.",
        "train-test": "시험 데이터 {test:,}개 가운데 {equal:,}개가 훈련 데이터 {train:,}개 안에도 "
        "있고, "
        "{asked}개 가운데 {near:.1%}는 거의 똑같은 것이 있습니다.",
        "train-test:none": "시험 데이터가 없습니다.",
        "forecast": "{epochs}에폭은 약 {microseconds:,.0f}마이크로초씩 {updates:,}번의 갱신입니다. "
        "{engine} 엔진에서 {seconds:.1f}초가 걸리고, 데이터 말고 {memory}가 필요합니다.",
        "forecast:minutes": "{epochs}에폭은 약 {microseconds:,.0f}마이크로초씩 {updates:,}번의 "
        "갱신입니다. {engine} 엔진에서 {minutes:,.0f}분이 걸리고, 데이터 말고 {memory}가 "
        "필요합니다.",
    },
}  # fmt: skip

PICTURES: dict[str, dict[str, str]] = {
    "en": {
        "range": "suggested: {low:.2g} to {high:.2g}",
        "asked": "this training: {asked:.3g}",
        "first": "untrained",
        "rate": "learning rate",
        "loss": "loss after {steps} updates",
        "answers": "spread of the answers of each layer (bars on a logarithmic scale)",
        "gradients": "gradient per entry",
        "updates": "first update over the size of the weights",
        "counts": "examples of each class",
    },
    "ko": {
        "range": "권하는 범위: {low:.2g}에서 {high:.2g}",
        "asked": "이 학습: {asked:.3g}",
        "first": "학습 전",
        "rate": "학습률",
        "loss": "{steps}번 갱신한 뒤의 손실",
        "answers": "계층마다 출력의 표준편차(막대는 로그 눈금)",
        "gradients": "원소마다의 기울기",
        "updates": "첫 갱신을 가중치의 크기로 나눈 값",
        "counts": "클래스마다의 데이터 수",
    },
}
