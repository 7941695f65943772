"""The messages of this room in Korean."""

from __future__ import annotations

KOREAN = {
    # where a descent ended
    "converged": "수렴",
    "diverged": "발산",
    "ever steeper downhill": "점점 더 가파르게 하강",
    "gradient lost to rounding": "기울기가 반올림 오차에 묻힘",
    "rate too small": "학습률이 너무 작음",
    "step limit": "단계 수 한도에 도달",
    "the gradient fell from {first} to {last} in {steps}.": "{steps!k} 동안 기울기가 {first}에서 "
    "{last}(으)로 작아졌습니다.",
    "after {steps} the gradient is {last} (it started at {first}). {remedy}": "{steps!k} 뒤의 "
    "기울기가 {last}입니다(처음에는 {first}). {remedy!k}",
    "in {steps} f only went from {first} to {last}, and the gradient did not change. Try a larger "
    "lr.": "{steps!k} 동안 f가 {first}에서 {last}(으)로 갔을 뿐이고 기울기는 변하지 않았습니다. "
    "학습률을 키워 보세요.",
    "f went from {first} to {last} in {steps}, and the next point overflows. Try a smaller lr.":
    "{steps!k} 동안 f가 {first}에서 {last}(으)로 갔고 다음 점은 수의 범위를 벗어납니다. 학습률을 "
    "줄여 보세요.",
    "f went from {first} to {last} in {steps}. Try a smaller lr.": "{steps!k} 동안 f가 "
    "{first}에서 {last}(으)로 갔습니다. 학습률을 줄여 보세요.",
    "after {steps} f or its gradient is not finite. Try a smaller lr.": "{steps!k} 뒤에 f나 그 "
    "기울기가 유한하지 않습니다. 학습률을 줄여 보세요.",
    "f fell from {first} to {last} in {steps}, ever more steeply: no minimum is near, and f may "
    "have no lower bound. Try another start.": "{steps!k} 동안 f가 {first}에서 {last}(으)로 점점 "
    "더 가파르게 작아졌습니다. 가까이에 최소점이 없고, f가 한없이 작아지는지도 모릅니다. 다른 "
    "곳에서 출발해 보세요.",
    "f is so large ({value}) that its differences over {h} are only rounding errors, about "
    "{noise} each. Subtract a constant from f, or pass its gradient.": "f가 너무 커서({value}) "
    "{h}만큼 움직인 차이가 {noise}쯤의 반올림 오차일 뿐입니다. f에서 상수를 빼거나 기울기를 직접 "
    "주세요.",
    "|x| reached {size}, where x + {h} rounds to x, so the numerical gradient is lost and x no "
    "longer moves; this is not a minimum (f went from {first} to {last} in {steps}). {remedy}":
    "|x|가 {size}에 이르러 x + {h}이(가) x로 반올림됩니다. 수치 미분이 0이 되어 x가 더는 움직이지 "
    "않는 것이지 최소점이 아닙니다({steps!k} 동안 f가 {first}에서 {last}(으)로 감). {remedy!k}",
    "1 step": "1단계",
    "{n:d} steps": "{n}단계",
    "Try more steps.": "단계를 늘려 보세요.",
    "Try a smaller lr.": "학습률을 줄여 보세요.",
    "f may have no lower bound.": "f가 한없이 작아지는지도 모릅니다.",
    # while it runs
    "race: {name}, lr {lr} ({done} of {total} descents)": "경주: {name}, 학습률 {lr} (하강 "
    "{total}번 가운데 {done}번)",
    # what is refused
    "{name} is a function of two numbers; got {n}.": "{name}은(는) 변수가 두 개인 함수인데 수를 "
    "{n}개 받았습니다.",
    "race needs init_x for a function that is not a Surface.": "곡면(Surface)이 아닌 함수로 "
    "겨루려면 출발점을 주어야 합니다.",
    "race needs at least one optimizer and one rate.": "race에는 옵티마이저와 학습률이 하나 이상 "
    "필요합니다.",
    "curvatures expects x of at least one entry; got an empty array.": "curvatures에는 원소가 "
    "하나 이상인 x를 주어야 하는데 빈 배열을 받았습니다.",
    "curvatures expects f to be finite around x; at {at} it is not.": "curvatures: x 가까이에서 "
    "f가 유한해야 하는데 {at}에서는 그렇지 않습니다.",
    "curvatures: f is so large around {at} that its second differences contain visible rounding "
    "errors, about {noise} each. Subtract a constant from f.": "curvatures: {at} 가까이에서 f가 "
    "너무 커서 2차 차분에 {noise}쯤의 반올림 오차가 보입니다. f에서 상수를 빼세요.",
    "{owner} expects gradient(x) of shape {expected}; got {shape}.": "{owner}: gradient(x)의 "
    "형상은 {expected}이어야 하는데 {shape}입니다.",
    "{owner} expects a finite start; got x = {x} with f(x) = {value} and gradient {gradient}.":
    "{owner}: 출발점에서 값이 유한해야 하는데 x = {x}에서 f(x) = {value}, 기울기 {gradient}입니다.",
    "{owner} expects a start of real numbers; got {dtype}.": "{owner}: 출발점은 실수여야 하는데 "
    "{dtype}을(를) 받았습니다.",
}  # fmt: skip
