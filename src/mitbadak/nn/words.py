"""The messages of this room that a command can meet, in Korean; those about code stay English."""

from __future__ import annotations

KOREAN = {
    "{owner} expects dtype float32 or float64; got {dtype}.": "{owner}: dtype은 float32나 "
    "float64여야 하는데 {dtype}을(를) 받았습니다.",
    "Affine: init {init} draws weights that {dtype} cannot hold. Use a smaller standard deviation.":
    "Affine: init {init}(으)로는 {dtype}에 담을 수 없는 가중치가 나옵니다. 표준편차를 줄이세요.",
    "Convolution: init {init} draws weights that {dtype} cannot hold. Use a smaller standard "
    "deviation.": "Convolution: init {init}(으)로는 {dtype}에 담을 수 없는 가중치가 나옵니다. "
    "표준편차를 줄이세요.",
    "accuracy expects scores of at least two classes and at least one example; got {shape}.":
    "accuracy: 클래스가 둘 이상, 데이터가 하나 이상인 점수여야 하는데 형상이 {shape}입니다.",
    "training expects each row of t to be a distribution, not negative and summing to 1; row "
    "{row} is {t} (sum {sum}).": "학습: t의 행마다 음수 없이 합이 1인 분포여야 하는데 {row}행은 "
    "{t}(합 {sum})입니다.",
    "training expects t of shape (n, {n}) for {head}, or class indices (n,) as integers; got "
    "{dtype} of shape {shape}.": "학습: {head}에서 t의 형상은 (n, {n})이거나 정수인 클래스 번호 "
    "(n,)이어야 하는데 형상이 {shape}인 {dtype}입니다.",
    "training expects t of shape (n, 1) for {head}, one output; got {dtype} of shape {shape}. "
    "Use t[:, None].": "학습: {head}에서 출력이 하나이면 t의 형상은 (n, 1)이어야 하는데 형상이 "
    "{shape}인 {dtype}입니다. t[:, None]을 쓰세요.",
    "training: t holds NaN or infinity.": "학습: t에 NaN이나 무한대가 있습니다.",
    "training expects t of shape (n, {n}) for {head}, yes or no (1 or 0) for each of {m} labels; "
    "got {shape}. For mutually exclusive classes use softmax_cross_entropy.": "학습: {head}에서 "
    "t의 형상은 (n, {n}), 곧 레이블 {m}개마다 1이나 0이어야 하는데 {shape}입니다. 하나만 맞는 "
    "클래스이면 softmax_cross_entropy를 쓰세요.",
    "the labels are bytes that are no UTF-8. Decode them to texts.": "레이블이 UTF-8이 아닌 "
    "바이트입니다. 글자로 바꾸세요.",
    "there is no class {names}; the net's are {classes}.": "{names} 클래스가 없습니다. 신경망의 "
    "클래스는 {classes}입니다.",
    "all labels are {name}: with a single class there is nothing to learn.": "레이블이 모두 "
    "{name}입니다. 클래스가 하나뿐이면 배울 것이 없습니다.",
    "classify: this net predicts numbers, not classes. Use predict(x).": "classify: 이 신경망은 "
    "클래스가 아니라 수치를 예측합니다. predict(x)를 쓰세요.",
    "classify: the net's scores are NaN. Its inputs are, or its training diverged.": "classify: "
    "신경망의 점수가 NaN입니다. 입력이 NaN이거나 학습이 발산했습니다.",
    "BatchNorm: momentum must lie in (0, 1]; got {value}.": "BatchNorm: momentum은 0보다 크고 1 "
    "이하여야 하는데 {value}을(를) 받았습니다.",
    "{net} asks for {n} affine layers; at most {most} are possible. Choose fewer hidden layers.":
    "{net}에는 affine 계층이 {n}개 필요합니다. {most}개까지 됩니다. 은닉층을 줄이세요.",
    "{what} {name} expects x of shape {shape}; got {got}.{remedy}": "{what} {name}: x의 형상은 "
    "{shape}이어야 하는데 {got}입니다.{remedy}",
    "{error} If the class is your own, import the file that defines it first.": "{error!k} 직접 "
    "만든 클래스이면 그것을 정의한 파일을 먼저 임포트하세요.",
    "{name} is now {new}; the earlier name will be removed in the next version.": "{name}의 "
    "이름이 {new}(으)로 바뀌었습니다. 예전 이름은 다음 버전에서 없어집니다.",
    # why there are no kernels
    "this installation has kernels": "커널이 설치되어 있음",
    "this installation has no kernels": "커널이 설치되어 있지 않음",
    "this processor is older than the kernels need": "프로세서가 커널을 쓰기에는 오래됨",
    "the kernels were built from other sources; install Mitbadak again": "커널을 빌드한 소스가 "
    "다름; Mitbadak을 다시 설치하세요",
    "the kernels of this installation cannot be loaded ({problem})": "설치된 커널을 불러올 수 "
    "없음({problem})",
    "kernels support float32 only, the net is {dtype}": "커널은 float32만 되는데 신경망은 "
    "{dtype}임",
    "no kernel for {what}": "{what}의 커널이 없음",
    "kernels need at least one affine layer": "커널을 쓰려면 affine 계층이 있어야 함",
    "kernels need rows of a known width": "커널을 쓰려면 입력의 너비를 알아야 함",
}  # fmt: skip
