"""Words for findings in scripts and notebooks."""

from __future__ import annotations

from mitbadak.doctor.words.words import Words

ENGLISH: dict[str, Words] = {
    "lr-plus-gradient": Words(
        "the learning rate is added to the gradient: {line}",
        "Every parameter falls by the learning rate in every step, whatever the gradient is, "
        "and the step itself is not scaled. The net soon answers one class for everything.",
        "Multiply the two: {instead}",
        "What is added is no learning rate.",
    ),
    "lr-divides-gradient": Words(
        "the gradient is divided by the learning rate: {line}",
        "A small learning rate then makes the steps large, and the training diverges.",
        "Multiply by the learning rate: {instead}",
        "The divisor is no learning rate.",
    ),
    "wrong-sign-update": Words(
        "the update goes up the gradient: {line}",
        "The gradient points to where the loss grows, so each step makes it larger.",
        "Subtract the step: {instead}",
        "The function is to be maximized.",
    ),
    "step-instead-of-update": Words(
        "=- assigns the negated step and forgets the old value: {line}",
        "Python reads x =- step as x = (-step); the update is written -=.",
        "Write the update: {instead}",
        "The old value is meant to be replaced.",
    ),
    "start-changed-in-place": Words(
        "{name} is the same array as {old_name}, and {place} changes it in place.",
        "After that the starting point is no longer what it was, and a second run from it "
        "starts where the first one ended.",
        "Work on a copy, or assign a new array: {instead}",
        "The caller means the array to be changed.",
    ),
    "update-of-a-copy": Words(
        "the update of {name} never reaches the parameters: {line}",
        "A copy, or a name alone, gets the new values; the net goes on computing with the old "
        "array, so the loss stays where it is.",
        "Update the array that the net reads: {instead}",
        "The copy is put back later in a way that is not seen here.",
    ),
    "integer-parameters": Words(
        "an array of integers is changed by fractions in {place}: {line}",
        "NumPy cuts what is stored in an integer array to whole numbers, or refuses: 3 + 1e-4 "
        "becomes 3, and the numerical gradient is nonsense.",
        "Make it an array of floats: {instead}",
        "All values that are stored are whole numbers.",
    ),
    "float-epoch-modulo": Words(
        "the number of iterations in an epoch may have a fraction, and {use} in {place} is "
        "then rarely 0: {line}",
        "/ always gives a float. With 60,000 examples and batches of 128 it is 468.75, and "
        "only every fourth epoch is reported.",
        "Divide to a whole number: {instead}",
        "The size of the data is a multiple of the batch size.",
    ),
    "softmax-twice": Words(
        "softmax is applied twice: here, and again by {use} in {place}: {line}",
        "Probabilities lie between 0 and 1, so a second softmax makes them nearly equal, and "
        "the gradient nearly vanishes.",
        "Pass the scores on as they are: {instead}",
        "The result is not used for the loss.",
    ),
    "softmax-over-the-batch": Words(
        "this softmax divides by one sum for the whole batch: {line}",
        "Each row should sum to 1. Here all rows together do, which one example alone does not "
        "show.",
        "Sum each row: {instead}",
        "Only single examples are passed.",
    ),
    "loss-without-batch-mean": Words(
        "the loss is summed over the batch and not divided by its size: {line}",
        "Its gradient grows with the batch size, and so does every step: a learning rate of "
        "0.1 acts like 10 for a batch of 100.",
        "Divide by the number of examples: {instead}",
        "The sum is divided later, or the learning rate allows for it.",
    ),
    "flat-index-on-matrix": Words(
        "a flat index is used on an array with two axes: {line}",
        "x[i] is row i of a matrix, not its i-th number. The index runs out of range, or each "
        "row gets one wrong number.",
        "Index the flat array, or use np.nditer: {instead}",
        "Only vectors are passed.",
    ),
    "labels-not-one-hot": Words(
        "the labels are class indices, but {use} in {place} needs one-hot labels: {line}",
        "Class indices have one axis. An argmax over axis 1 fails on them, and a product or "
        "difference with the outputs fails or broadcasts to a wrong gradient.",
        "Use one-hot labels: {instead}",
        "The labels are converted in between in a way that is not seen here.",
    ),
    "unnormalised-pixels": Words(
        "pixels from 0 to 255 reach the weights by {use} in {place}: {line}",
        "Inputs that large saturate the sigmoids and overflow exp, and the gradients of the "
        "first layer are some hundred times too large.",
        "Bring the pixels to 0..1: {instead}",
        "The net normalizes its inputs itself.",
    ),
    "pixels-divided-twice": Words(
        "pixels that are from 0 to 1 already are divided by {number}: {line}",
        "Inputs of some thousandths barely move the first layer, and the training crawls.",
        "Divide once: {instead}",
        "The data are from 0 to 255 after all.",
    ),
    "rows-apart": Words(
        "inputs and labels come from different rows: {line}",
        "Each example then meets the label of another one, and there is nothing to learn.",
        "Take the same rows of both: {instead}",
        "The two selections are the same in a way that is not seen here.",
    ),
    "training-set-called-test": Words(
        "{name} is measured on the training set: {line}",
        "It then says nothing about new examples, and overfitting stays hidden.",
        "Measure on the test set: {instead}",
        "The name means something else.",
    ),
    "removed-numpy-name": Words(
        "{name} is gone since NumPy {version}: {line}",
        "The name raises an AttributeError. It was another name for {new}. np.bool came back "
        "in NumPy 2.0, for NumPy's own type.",
        "Write {new}: {instead}",
        "The script is meant for an older NumPy only.",
    ),
    "path-of-parent": Words(
        "{name} on sys.path depends on the folder in which Python was started: {line}",
        "From another folder, an editor or a notebook server the imports fail with "
        "ModuleNotFoundError.",
        "Start from the file's own folder: {instead}",
        "The script is always started in its own folder.",
    ),
    "cells-out-of-order": Words(
        "the cells were run out of order: the one with number {count} stands below number "
        "{before}.",
        "Names may hold what a later version of a cell gave them, and the notebook may not run "
        "from top to bottom.",
        "Restart the kernel and run all cells. This cell begins with: {instead}",
        "The order does not matter for these cells.",
    ),
}
KOREAN: dict[str, Words] = {
    "lr-plus-gradient": Words(
        "기울기에 학습률을 곱하지 않고 더했습니다: {line}",
        "기울기와 상관없이 모든 매개변수가 갱신할 때마다 학습률만큼 줄어들고, 기울기는 그대로 "
        "빠집니다. 신경망은 곧 모든 입력에 같은 답을 냅니다.",
        "학습률과 기울기를 곱합니다: {instead}",
        "더한 값이 학습률이 아니라면 이 진단은 틀린 것입니다.",
    ),
    "lr-divides-gradient": Words(
        "기울기를 학습률로 나누었습니다: {line}",
        "학습률이 작을수록 걸음이 커져서 학습이 발산합니다.",
        "학습률을 곱합니다: {instead}",
        "나눈 값이 학습률이 아니라면 이 진단은 틀린 것입니다.",
    ),
    "wrong-sign-update": Words(
        "기울기를 따라 올라가는 방향으로 갱신합니다: {line}",
        "기울기는 손실이 커지는 방향을 가리키므로, 갱신할수록 손실이 커집니다.",
        "빼서 갱신합니다: {instead}",
        "함수의 최댓값을 찾는 코드라면 이 진단은 틀린 것입니다.",
    ),
    "step-instead-of-update": Words(
        "=- 는 부호를 바꾼 값을 대입할 뿐, 이전 값을 쓰지 않습니다: {line}",
        "파이썬은 x =- step을 x = (-step)으로 읽습니다. 갱신은 -= 로 씁니다.",
        "갱신하는 식으로 씁니다: {instead}",
        "이전 값을 버리려던 것이라면 이 진단은 틀린 것입니다.",
    ),
    "start-changed-in-place": Words(
        "{name}와(과) {old_name}은(는) 같은 배열이고, {place_ko}에서 그 값이 바뀝니다.",
        "초깃값이 더는 처음 값이 아니므로, 같은 초깃값으로 다시 실행하면 앞의 실행이 끝난 "
        "곳에서 시작합니다.",
        "복사본으로 계산하거나 새 배열을 대입합니다: {instead}",
        "넘겨받은 배열을 바꾸려는 함수라면 이 진단은 틀린 것입니다.",
    ),
    "update-of-a-copy": Words(
        "{name}을(를) 갱신해도 신경망의 매개변수는 그대로입니다: {line}",
        "복사본이나 변수 이름만 새 값을 갖습니다. 신경망은 이전 배열로 계산하므로 손실이 줄지 "
        "않습니다.",
        "신경망이 읽는 배열을 갱신합니다: {instead}",
        "여기서 보이지 않는 방법으로 값을 되돌려 넣는다면 이 진단은 틀린 것입니다.",
    ),
    "integer-parameters": Words(
        "정수 배열의 값을 {place_ko}에서 소수로 바꿉니다: {line}",
        "NumPy는 정수 배열에 넣는 값을 정수로 자르거나 오류를 냅니다. 3 + 1e-4도 3이 되므로 "
        "수치 미분의 결과가 엉뚱해집니다.",
        "실수 배열로 만듭니다: {instead}",
        "넣는 값이 모두 정수라면 이 진단은 틀린 것입니다.",
    ),
    "float-epoch-modulo": Words(
        "1에폭당 반복 수가 정수가 아닐 수 있어서, {place_ko}의 {use} 값이 0이 되는 때가 "
        "드뭅니다: {line}",
        "/ 의 결과는 언제나 실수입니다. 훈련 데이터가 60,000개이고 미니배치가 128개이면 "
        "468.75이므로 네 에폭에 한 번만 출력합니다.",
        "정수로 나눕니다: {instead}",
        "데이터 수가 미니배치 크기의 배수라면 문제가 없습니다.",
    ),
    "softmax-twice": Words(
        "소프트맥스를 두 번 적용합니다. 여기서 한 번, {place_ko}의 {use}에서 또 한 번입니다: "
        "{line}",
        "확률은 0과 1 사이의 값이라 소프트맥스를 다시 적용하면 거의 같은 값이 되고, 기울기도 "
        "거의 사라집니다.",
        "점수를 그대로 넘깁니다: {instead}",
        "그 결과를 손실 함수에 쓰지 않는다면 이 진단은 틀린 것입니다.",
    ),
    "softmax-over-the-batch": Words(
        "소프트맥스가 미니배치 전체의 합으로 나눕니다: {line}",
        "행마다 합이 1이어야 하는데, 모든 행을 더해야 1이 됩니다. 데이터가 하나일 때는 "
        "드러나지 않습니다.",
        "행마다 합을 구합니다: {instead}",
        "데이터를 하나씩만 넘긴다면 문제가 없습니다.",
    ),
    "loss-without-batch-mean": Words(
        "손실을 미니배치 전체에서 더하고 그 크기로 나누지 않았습니다: {line}",
        "기울기와 갱신하는 양이 미니배치 크기만큼 커집니다. 미니배치가 100개이면 학습률 0.1이 "
        "10처럼 작용합니다.",
        "데이터 수로 나눕니다: {instead}",
        "나중에 나누거나 그만큼 작은 학습률을 쓴다면 문제가 없습니다.",
    ),
    "flat-index-on-matrix": Words(
        "2차원 배열에 1차원 인덱스를 썼습니다: {line}",
        "행렬에서 x[i]는 i번째 수가 아니라 i번째 행입니다. 인덱스가 범위를 벗어나거나 행마다 "
        "틀린 값이 하나씩 들어갑니다.",
        "1차원으로 편 배열을 쓰거나 np.nditer를 씁니다: {instead}",
        "벡터만 넘긴다면 문제가 없습니다.",
    ),
    "labels-not-one-hot": Words(
        "정답 레이블이 클래스 번호인데, {place_ko}의 {use}에는 원-핫 레이블이 필요합니다: {line}",
        "클래스 번호는 1차원 배열입니다. axis=1의 argmax는 오류가 나고, 출력과 곱하거나 빼면 "
        "오류가 나거나 브로드캐스트되어 틀린 기울기가 나옵니다.",
        "원-핫 레이블을 씁니다: {instead}",
        "여기서 보이지 않는 방법으로 레이블을 바꾼다면 이 진단은 틀린 것입니다.",
    ),
    "unnormalised-pixels": Words(
        "0~255인 픽셀 값이 그대로 {place_ko}의 {use}에서 가중치와 곱해집니다: {line}",
        "입력이 너무 커서 시그모이드가 포화되고 exp가 오버플로를 일으키며, 첫 층의 기울기가 "
        "수백 배 커집니다.",
        "픽셀 값을 0~1로 정규화합니다: {instead}",
        "신경망이 스스로 입력을 정규화한다면 문제가 없습니다.",
    ),
    "pixels-divided-twice": Words(
        "이미 0~1인 픽셀 값을 {number}로 다시 나누었습니다: {line}",
        "입력이 몇천 분의 1밖에 되지 않아 학습이 매우 느려집니다.",
        "한 번만 나눕니다: {instead}",
        "데이터가 실제로 0~255라면 이 진단은 틀린 것입니다.",
    ),
    "rows-apart": Words(
        "입력과 정답 레이블을 서로 다른 행에서 가져왔습니다: {line}",
        "데이터마다 다른 데이터의 정답이 붙으므로 배울 것이 없습니다.",
        "같은 행을 가져옵니다: {instead}",
        "여기서 보이지 않지만 두 선택이 같다면 이 진단은 틀린 것입니다.",
    ),
    "training-set-called-test": Words(
        "{name}을(를) 훈련 데이터로 계산했습니다: {line}",
        "새로운 데이터에 대해서는 아무것도 알 수 없고, 오버피팅이 드러나지 않습니다.",
        "시험 데이터로 평가합니다: {instead}",
        "이름의 뜻이 다르다면 이 진단은 틀린 것입니다.",
    ),
    "removed-numpy-name": Words(
        "{name}은(는) NumPy {version}부터 없습니다: {line}",
        "이 이름을 쓰면 AttributeError가 납니다. {new}의 다른 이름이었습니다. np.bool은 NumPy "
        "2.0에서 NumPy의 자료형으로 다시 생겼습니다.",
        "{new}을(를) 씁니다: {instead}",
        "옛 NumPy에서만 실행하는 코드라면 문제가 없습니다.",
    ),
    "path-of-parent": Words(
        "sys.path에 넣은 {name}은(는) 파이썬을 시작한 폴더에 따라 달라집니다: {line}",
        "다른 폴더나 편집기, 노트북 서버에서 실행하면 ModuleNotFoundError가 납니다.",
        "파일이 있는 폴더에서 시작합니다: {instead}",
        "언제나 그 파일의 폴더에서 실행한다면 문제가 없습니다.",
    ),
    "cells-out-of-order": Words(
        "셀을 순서대로 실행하지 않았습니다. {count}번으로 실행한 셀이 {before}번 아래에 있습니다.",
        "변수에 다른 셀이 나중에 넣은 값이 남아 있을 수 있고, 위에서부터 실행하면 되지 않을 수 "
        "있습니다.",
        "커널을 다시 시작하고 모든 셀을 실행합니다. 이 셀의 첫 줄: {instead}",
        "이 셀들의 순서가 중요하지 않다면 문제가 없습니다.",
    ),
}
