"""The messages of this room that a command can meet, in Korean; those about code stay English."""

from __future__ import annotations

KOREAN = {
    "{owner}: the gradient of {key} holds NaN or infinity, so nothing was updated. Try a smaller "
    "lr, and check the scale of the inputs.": "{owner}: {key}의 기울기에 NaN이나 무한대가 있어서 "
    "갱신하지 않았습니다. 학습률을 줄이고 입력의 크기를 확인하세요.",
    "{owner}: the gradient of {key} reaches {value}, whose square {dtype} cannot hold, so nothing "
    "was updated. Clip it first: {remedy}.": "{owner}: {key}의 기울기가 {value}까지 커져 제곱을 "
    "{dtype}에 담을 수 없어서 갱신하지 않았습니다. 먼저 기울기를 자르세요: {remedy}.",
    "{owner} expects an optimizer or its name, such as mb.Adam(0.001) or 'adam'; got {value}.":
    "{owner}에는 mb.Adam(0.001) 같은 옵티마이저나 'adam' 같은 이름을 주어야 하는데 {value}을(를) "
    "받았습니다.",
    "build_optimizer: onecycle has its own warm-up; got warmup {n}. Leave one out.":
    "build_optimizer: onecycle에는 워밍업이 들어 있는데 warmup {n}도 받았습니다. 하나를 빼세요.",
    "build_optimizer: warmup must be shorter than the training's {n} updates; got {warmup}.":
    "build_optimizer: warmup은 학습 전체의 갱신 {n}번보다 짧아야 하는데 {warmup}을(를) 받았습니다.",
    "{name}: factor must lie in (0, 1], or the rate would grow without bound; got {value}.":
    "{name}: factor는 0보다 크고 1 이하여야 합니다. 아니면 학습률이 한없이 커집니다. "
    "{value}을(를) 받았습니다.",
    "Cosine: least must be at most lr, {lr}; got {least}.": "Cosine: least는 lr({lr}) 이하여야 "
    "하는데 {least}을(를) 받았습니다.",
    "{name}: lr must be a finite number above 0; got {value}.": "{name}: lr은 0보다 큰 유한한 "
    "수여야 하는데 {value}을(를) 받았습니다.",
}  # fmt: skip
