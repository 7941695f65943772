"""The messages of this room in Korean."""

from __future__ import annotations

KOREAN = {
    # the report
    "The gradient is wrong in {names}.": "{names}의 기울기가 틀렸습니다.",
    "The gradient is right where it was tested.": "확인한 곳의 기울기는 모두 맞습니다.",
    "The gradient is right where it was tested; {names}: at a kink.": "확인한 곳의 기울기는 모두 "
    "맞습니다. {names}은(는) 꺾인 점에 있습니다.",
    "The gradient is right where it was tested, but {n} of {all} entries were not.": "확인한 곳의 "
    "기울기는 모두 맞지만, 원소 {all}개 가운데 {n}개는 확인하지 못했습니다.",
    "The gradient is right where it was tested; {names}: at a kink, but {n} of {all} entries were "
    "not.": "확인한 곳의 기울기는 모두 맞지만, {names}은(는) 꺾인 점에 있고 원소 {all}개 가운데 "
    "{n}개는 확인하지 못했습니다.",
    "Nothing was tested: every entry is 0 on both sides.": "확인한 것이 없습니다. 모든 원소가 "
    "양쪽 다 0입니다.",
    "Nothing was tested; the findings say why.": "확인한 것이 없습니다. 까닭은 아래에 있습니다.",
    "  {name} ({shape}): {verdict}; {details}": "  {name} ({shape}): {verdict!k}; {details!k}",
    "right": "맞음",
    "wrong": "틀림",
    "kink": "꺾인 점",
    "not tested": "확인 못 함",
    "largest error {error} of size {size} at {at}, tolerance {tolerance} (analytic {analytic}, "
    "numerical {numerical})": "가장 큰 오차 {error}(크기 {size}, 위치 {at}), 허용 오차 "
    "{tolerance} (해석적 미분 {analytic}, 수치 미분 {numerical})",
    "largest error {error} of size {size}, tolerance {tolerance} (analytic {analytic}, numerical "
    "{numerical})": "가장 큰 오차 {error}(크기 {size}), 허용 오차 {tolerance} (해석적 미분 "
    "{analytic}, 수치 미분 {numerical})",
    "it has no entries": "원소가 없음",
    "{n:d} of {all:d} not tested ({why})": "{all}개 가운데 {n}개는 확인 못 함({why!k})",
    "{n:d} of {all:d} not tested": "{all}개 가운데 {n}개는 확인 못 함",
    "{n:d} at a kink": "{n}개는 꺾인 점에 있음",
    "random directions": "무작위 방향",
    "the one-sided slopes differ": "왼쪽과 오른쪽의 기울기가 다름",
    "its gradient holds float32 numbers, although the array is float64": "배열은 float64인데 "
    "기울기는 float32임",
    "  likely cause: {name} ({where}). {explanation}": "  짐작되는 원인: {name!k} ({where}). "
    "{explanation!k}",
    "  note: {note}": "  참고: {note!k}",
    # causes
    "sign": "부호",
    "zero gradient": "0인 기울기",
    "transpose": "전치",
    "missing weight decay": "빠진 가중치 감소",
    "missing 1/batch": "빠진 1/배치",
    "mean for sum": "합 대신 평균",
    "sum for mean": "평균 대신 합",
    "one half": "2분의 1",
    "stale cache": "낡은 중간값",
    "The gradient is the negative of the true one.": "기울기의 부호가 반대입니다.",
    "The gradient is 0 throughout, though the loss depends on it: is it computed at all?":
    "손실은 이 매개변수에 따라 변하는데 기울기가 모두 0입니다. 계산하기는 하나요?",
    "It is the transpose of the true gradient.": "옳은 기울기의 전치입니다.",
    "{factor} times the parameter itself is missing: the loss includes a penalty on it, the "
    "gradient does not.": "매개변수의 {factor}배가 빠졌습니다. 손실에는 규제 항이 있는데 "
    "기울기에는 없습니다.",
    "The loss is a mean over {n} examples; its gradient must be divided by their number too.":
    "손실은 데이터 {n}개의 평균이므로 기울기도 그 수로 나누어야 합니다.",
    "It is {n} times too small: it is averaged over the batch once more than the loss.":
    "{n}배만큼 작습니다. 손실보다 배치 평균을 한 번 더 냈습니다.",
    "It is {n} times too small: a mean over the batch, where the loss is a sum.": "{n}배만큼 "
    "작습니다. 손실은 합인데 기울기는 배치 평균입니다.",
    "The loss is a mean over {n} outputs too; the gradient is that of their sum.": "손실은 출력 "
    "{n}개의 평균이기도 한데 기울기는 그 합의 기울기입니다.",
    "The loss is a mean over {n} entries; the gradient is that of their sum.": "손실은 원소 "
    "{n}개의 평균인데 기울기는 그 합의 기울기입니다.",
    "It is {size} the true one: only one of loss and gradient has the factor one half of the "
    "squared error.": "옳은 기울기의 {size!k}입니다. 제곱 오차의 2분의 1이 손실과 기울기 가운데 "
    "한쪽에만 있습니다.",
    "twice": "두 배",
    "half": "절반",
    "The gradient changes after a forward pass of another batch, and is right after one of the "
    "same batch: backward uses values that an earlier forward pass left behind.": "다른 배치를 "
    "순전파한 뒤에는 기울기가 달라지고, 같은 배치를 순전파한 뒤에는 맞습니다. 역전파가 앞선 "
    "순전파가 남긴 값을 씁니다.",
    # notes
    "the net is {dtype}; a float64 copy was checked, since differences of {dtype2} losses carry "
    "only about three digits": "신경망이 {dtype}이어서 float64 복사본으로 확인했습니다. {dtype2} "
    "손실의 차이는 세 자리쯤만 믿을 수 있습니다",
    "x is {dtype}; it was checked in float64": "x가 {dtype}이어서 float64로 확인했습니다",
    "argument {i} is {dtype}; it was checked in float64": "인자 {i}이(가) {dtype}이어서 float64로 "
    "확인했습니다",
    # why an entry was not tested
    "{n:d} too small to show above the rounding error of the loss": "{n}개는 너무 작아서 손실의 "
    "반올림 오차에 묻힘",
    "{n:d} where the slope does not converge, however small h is": "{n}개는 h를 아무리 줄여도 "
    "기울기가 수렴하지 않음",
    "{n:d} where the loss is not finite on either side": "{n}개는 양쪽 모두 손실이 유한하지 않음",
    "{n:d} for which the loss is too coarse: its jumps hide the slope": "{n}개는 손실이 계단처럼 "
    "뛰어 기울기가 보이지 않음",
    "{n:d} where the gradient changes over too short a distance for the loss to show": "{n}개는 "
    "기울기가 너무 짧은 거리에서 변해 손실에 나타나지 않음",
    "{n:d} where the slope is infinite": "{n}개는 기울기가 무한대임",
    "{n:d} where the slope still grows at the smallest step": "{n}개는 가장 작은 h에서도 기울기가 "
    "계속 커짐",
    "{n:d} where the loss jumps": "{n}개는 손실이 뜀",
    "{n:d} where the loss jumps, and the gradient is wrong beside the jump": "{n}개는 손실이 뛰고 "
    "그 옆의 기울기가 틀림",
    "{n:d} too small to show if the loss is rounded to float32, as its value may be": "{n}개는 "
    "손실이 float32로 반올림된다면 보이지 않을 만큼 작음",
    "{n:d} where neighboring floating-point numbers are too far apart to measure the slope":
    "{n}개는 이웃한 부동소수점 수가 너무 멀어 기울기를 잴 수 없음",
    "{n:d} where the slope exceeds the largest float64": "{n}개는 기울기가 가장 큰 float64보다 큼",
    "{n:d} whose own value is infinite or NaN, so that no step moves it": "{n}개는 값이 무한대나 "
    "NaN이어서 움직일 수 없음",
    "{n:d} at a kink with no smooth piece next to it": "{n}개는 옆에 매끄러운 데가 없는 꺾인 점",
    "{n:d} without effect on the loss: both sides are exactly 0": "{n}개는 손실에 영향이 없음: "
    "양쪽 다 정확히 0",
    "{n:d} of units with no effect on this batch (inactive, or unused by later layers): both "
    "sides are exactly 0": "{n}개는 이 배치에 영향이 없는 유닛의 것(꺼져 있거나 뒤의 계층이 쓰지 "
    "않음): 양쪽 다 정확히 0",
    "all {n:d}, since none of them has an effect on this batch: both sides are exactly 0": "{n}개 "
    "모두, 이 배치에 영향이 없기 때문: 양쪽 다 정확히 0",
    "{n:d} belong to {rows:d} input{s} that {are} 0 in all {all} examples": "{n}개는 데이터 "
    "{all}개에서 모두 0인 입력 {rows}개의 것",
    "{n:d} belong to {rows:d} input{s} that {are} 0 in all {all} examples: both sides are exactly "
    "0": "{n}개는 데이터 {all}개에서 모두 0인 입력 {rows}개의 것: 양쪽 다 정확히 0",
    "{n:d} belong to {rows:d} row{s}, whose input is 0 in every example or whose units are "
    "inactive": "{n}개는 입력이 늘 0이거나 유닛이 꺼진 행 {rows}개의 것",
    "{n:d} belong to {rows:d} row{s}, whose input is 0 in every example or whose units are "
    "inactive: both sides are exactly 0": "{n}개는 입력이 늘 0이거나 유닛이 꺼진 행 {rows}개의 "
    "것: 양쪽 다 정확히 0",
    "{n:d} to {units:d} unit{s} with no effect on this batch (inactive, or unused by later layers)":
    "{n}개는 이 배치에 영향이 없는 유닛 {units}개의 것(꺼져 있거나 뒤의 계층이 쓰지 않음)",
    "{n:d} to {units:d} unit{s} with no effect on this batch (inactive, or unused by later "
    "layers): both sides are exactly 0": "{n}개는 이 배치에 영향이 없는 유닛 {units}개의 것(꺼져 "
    "있거나 뒤의 계층이 쓰지 않음): 양쪽 다 정확히 0",
    "{n:d} to units that are inactive wherever the input is not 0": "{n}개는 입력이 0이 아닐 때 "
    "늘 꺼져 있는 유닛의 것",
    "{n:d} to units that are inactive wherever the input is not 0: both sides are exactly 0":
    "{n}개는 입력이 0이 아닐 때 늘 꺼져 있는 유닛의 것: 양쪽 다 정확히 0",
    # what is refused
    "check_gradients: the loss is {loss}, so it has no slope to compare with. Check at a point "
    "where it is finite.": "check_gradients: 손실이 {loss}이어서 비교할 기울기가 없습니다. 손실이 "
    "유한한 곳에서 확인하세요.",
    "the loss or the gradient is not the same when computed twice, so there is nothing to "
    "compare. Use fixed masks and seeds; a gradient must not change its inputs.": "손실이나 "
    "기울기가 두 번 계산할 때 서로 달라서 비교할 수 없습니다. 마스크와 시드를 고정하세요. "
    "기울기를 구하면서 입력을 바꾸면 안 됩니다.",
    "f returned a plain number for variables, so its gradient is not known. Write f with "
    "operators and functions that variables record, or pass gradient=.": "f가 변수 대신 그냥 수를 "
    "돌려주어 기울기를 알 수 없습니다. 변수가 기록하는 연산자와 함수로 f를 쓰거나 gradient=을 "
    "주세요.",
    "check_gradients expects at least one array of floats to perturb.": "check_gradients에는 "
    "움직여 볼 실수 배열이 하나 이상 있어야 합니다.",
    "{name} has no {missing}; a net needs params (a dict), loss(x, t) and gradient(x, t) to be "
    "checked.": "{name}에 {missing}이(가) 없습니다. 확인하려면 신경망에 params(딕셔너리), loss(x, "
    "t), gradient(x, t)가 있어야 합니다.",
    "check_gradients expects a net (params, loss, gradient), a differentiable operation, or a "
    "function; got {kind}.": "check_gradients에는 신경망(params, loss, gradient), 미분 가능한 "
    "연산, 함수 가운데 하나를 주어야 하는데 {kind}을(를) 받았습니다.",
    "check_gradients of a net expects inputs and labels (x, t); got {n} arguments.": "신경망의 "
    "check_gradients에는 입력과 레이블 (x, t)를 주어야 하는데 인자를 {n}개 받았습니다.",
    "params[{name}] must hold real numbers; got {dtype}.": "params[{name}]은(는) 실수여야 하는데 "
    "{dtype}입니다.",
    "the loss of {name} does not change when its params do: do its layers keep their own copies? "
    "Have them read the arrays from params.": "{name}의 params를 바꾸어도 손실이 변하지 않습니다. "
    "계층이 따로 복사본을 가지고 있나요? params의 배열을 읽게 하세요.",
    "gradient returned {n} arrays for {moved} arguments.": "gradient가 인자 {moved}개에 대해 배열 "
    "{n}개를 돌려주었습니다.",
}  # fmt: skip
