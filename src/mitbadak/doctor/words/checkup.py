"""The words for findings of a checkup, in English and Korean; others are those of a training."""

from __future__ import annotations

from mitbadak.doctor.words.words import Words

ENGLISH = {
    "initial-loss:high": Words(
        "the loss of the untrained net is {loss:.4g}, {times:.3g} times that of an answer that "
        "knows nothing.",
        "An untrained net should hardly prefer one answer. This one answers something wrong with "
        "great certainty, and spends the first updates on taking that back.",
        "Draw smaller initial weights (init='xavier', or 'he' for ReLU), and bring the inputs to "
        "a size around 1.",
        "The net is trained already, on other data.",
    ),
    "initial-loss:low": Words(
        "the loss is {loss:.4g} before any training; an answer that knows nothing costs "
        "{expected:.4g}.",
        "A net that has seen no example cannot do so well by chance.",
        "If you meant to start anew, make a new net; a net goes on from where it was.",
        "The net is meant to be trained further.",
    ),
    "initial-loss:not-finite": Words(
        "the loss is not a finite number before any training.",
        "The examples are finite, so a number in the net is NaN, infinite, or so large that the "
        "forward pass overflows.",
        "Look at net.params, and draw the initial weights anew.",
        "Another batch gives a finite loss.",
    ),
    "one-batch-not-learned": Words(
        "{examples} examples cannot be learned by heart: of the loss {first:.4g}, {last:.4g} is "
        "left after {updates} updates of a copy.",
        "A net with more weights than that has numbers to learn should manage, at one of three "
        "learning rates of Adam. What cannot learn so few will not learn them all.",
        "Look at the other findings first: gradient, initial weights, sizes from layer to layer. "
        "If they are sound, the net may be too narrow.",
        "It goes on falling with more updates.",
    ),
    "one-batch-not-learned:linear": Words(
        "{examples} examples are not learned by heart: of the loss {first:.4g}, {last:.4g} is "
        "left.",
        "The net has no nonlinear layer, so it draws straight lines only.",
        "Put an activation such as ReLU between the affine layers, if lines are not what you want.",
        "The task is linear and the data are noisy.",
    ),
    "inputs-ignored": Words(
        "the answers do not depend on the inputs: with zeros for x the loss is {zeroed:.4g}, with "
        "the real inputs {real:.4g}.",
        "A copy that was trained on these examples does as well without seeing them, so nothing "
        "of x reaches its answers.",
        "Look at the first layer: dead units, weights of zero, or inputs that are nearly all the "
        "same.",
        "The labels do not depend on x either.",
    ),
    "gradient-wrong:checkup": Words(
        "the gradient of {names} is wrong: for {name} it claims {claimed:.4g} where the loss "
        "itself says {measured:.4g}. {cause}",
        "The loss was measured a little to both sides of the parameters, with many distances, in "
        "float64.",
        "Check the pullbacks of your own layers and operations; mitbadak.check_gradients(net, x, "
        "t) prints every number.",
        "The layer rounds, or its derivative is left out on purpose.",
    ),
    "gradient-wrong:unsteady": Words(
        "the gradient cannot be checked, since loss or gradient differ from call to call.",
        "The check says: {why}",
        "Draw noise only in training mode, and only from the rng that the layer is given.",
        "The net is meant to be random.",
    ),
    "lr-too-large:checkup": Words(
        "at the learning rate of this training, {asked:.3g}, the loss rises: from {first:.4g} to "
        "{last:.4g} in {tried} updates of copies.",
        "Steps that long leap over the valley. Between {low:.2g} and {high:.2g} the loss falls.",
        "Choose a rate between {low:.2g} and {high:.2g}.",
        "The loss comes down later, as it may with momentum or a warm-up.",
    ),
    "lr-too-small:checkup": Words(
        "at the learning rate of this training, {asked:.3g}, {updates:,} updates go less far "
        "than what it takes to see the loss fall at all.",
        "All steps of the training together are {longer:.3g} times shorter than those of a short "
        "trial at a higher rate that had an effect.",
        "Choose a rate between {low:.2g} and {high:.2g}, or many more epochs.",
        "The net is nearly done, and is only to be refined.",
    ),
    "no-rate-learns": Words(
        "at no learning rate from {lowest:.2g} to {highest:.2g} does the loss fall within "
        "{steps} updates; it starts at {first:.4g}.",
        "Either the net stands on a plateau that takes longer to leave, or it cannot learn.",
        "If it learned a few examples by heart, train longer or start from larger weights "
        "(init='xavier'); if not, look at that finding first.",
        "The loss falls after some hundred updates.",
    ),
    "no-nonlinearity:checkup": Words(
        "the {layers} affine layers of the net have no nonlinear layer between them.",
        "Affine maps one after another are one affine map: the hidden layers add nothing.",
        "Put an activation such as ReLU between them.",
        "A linear model is what you want.",
    ),
    "exploding-gradient:checkup": Words(
        "the gradient of {first} is {ratio:.1e} times that of {last}, per entry.",
        "It grows in each of {layers} layers on its way back, so one learning rate cannot suit "
        "all of them.",
        "Draw smaller initial weights (init='xavier' or 'he'), or use batch norm.",
        "The inputs of the last layer are meant to be that small.",
    ),
    "columns-constant": Words(
        "{count} of {of} input columns have the same value in all {examples:,} examples: "
        "{columns}.",
        "A column that never varies tells no example from another.",
        "Leave them out, or look whether they were read correctly.",
        "They vary in examples that were not looked at, or in new ones.",
    ),
    "inputs-not-normalised:spreads": Words(
        "the columns of x have very different spreads: from {narrowest:.3g} to {widest:.3g}.",
        "The gradient of a weight grows with its input, so no learning rate suits the weights of "
        "both columns.",
        "Subtract each column's mean and divide by its spread, with the numbers of the training "
        "set for all sets.",
        "The net learns as well as with columns around 1.",
    ),
    "targets-constant:classes": Words(
        "every label is class {value}.",
        "One answer for everything is right, so there is nothing to learn from x.",
        "Look at how t is made: the wrong column, or a set that was sorted and cut.",
        "The other labels are in a part of the data that was left out on purpose.",
    ),
    "targets-constant": Words(
        "every label is {value:.4g}.",
        "One answer for everything is right, so there is nothing to learn from x.",
        "Look at how t is made: the wrong column, or a set that was sorted and cut.",
        "The other labels are in a part of the data that was left out on purpose.",
    ),
    "head-does-not-fit:checkup": Words(
        "the targets go from {low:.4g} to {high:.4g}, and {layer} answers from {least:.4g} to "
        "{most:.4g} only.",
        "Whatever the weights, the net cannot say what lies outside that range.",
        "Leave out the activation after the last affine layer, or scale the targets into its "
        "range.",
        "The targets outside are mistakes.",
    ),
    "labels-shuffled:checkup": Words(
        "examples that are alike have no more labels in common than by chance: {agree:.1%} of "
        "nearest neighbors agree, by chance {chance:.1%}.",
        "That is what labels look like that belong to other rows, as after shuffling x without t.",
        "Shuffle x and t by the same order: order = rng.permutation(len(x)); x[order], t[order].",
        "The distance between examples says nothing about their label, as in a table with many "
        "columns of noise.",
    ),
    "label-noise:twins": Words(
        "{share:.1%} of {asked} examples have a twin with exactly the same inputs and another "
        "label.",
        "No net can be right about both.",
        "Look at some of these pairs; remove what is mislabeled.",
        "The inputs leave the answer open, and probabilities are what you want.",
    ),
    "train-test-overlap:checkup": Words(
        "{equal:,} of {test:,} test examples ({share:.1%}) are also in the training set.",
        "A net that has learned them by heart is right about them, so the test measures memory.",
        "Remove duplicates before splitting: np.unique(x, axis=0, return_index=True).",
        "Different examples can have equal inputs here, as with a few columns of whole numbers.",
    ),
    "train-test-overlap:near": Words(
        "{near:.1%} of {asked} test examples have a training example that is nearly the same.",
        "They are ten times closer than neighbors usually are (among training examples: "
        "{by_chance:.1%}), as copies with a little noise, or neighboring pictures of one film.",
        "Keep all copies of one thing in the same set: split by person, day or source.",
        "New examples will be as close to those of the training.",
    ),
    "train-test-differ": Words(
        "class {class} is {train_share:.1%} of the training set and {test_share:.1%} of the test "
        "set.",
        "A set that is sorted and cut looks like this; the test then asks what was not taught.",
        "Shuffle before splitting, or split by class: mitbadak.stratified_split.",
        "The test set is meant to be another mixture.",
    ),
    "train-test-differ:checkup": Words(
        "the inputs of the test set have mean {test_mean:.4g} and spread {test_std:.4g}, those of "
        "the training set {mean:.4g} and {std:.4g}.",
        "One set was scaled and the other was not, or not by the same numbers.",
        "Prepare both sets by the same numbers, those of the training set.",
        "The test set is meant to come from elsewhere.",
    ),
    "memory-too-small": Words(
        "the training needs about {memory} of memory; {free} are free.",
        "Parameters, gradients, the optimizer's state and the activations of one batch are "
        "counted.",
        "Choose narrower layers or a smaller batch.",
        "Other programs give memory back.",
    ),
    "takes-long": Words(
        "the training will take about {hours:.1f} hours.",
        "A few updates were timed on this machine, and multiplied.",
        "Try fewer epochs or a part of the data first.",
        "The machine was busy while they were timed.",
    ),
}  # fmt: skip

KOREAN = {
    "initial-loss:high": Words(
        "학습 전의 손실이 {loss:.4g}로, 아무것도 모르는 답의 {times:.3g}배입니다.",
        "학습하지 않은 신경망은 어느 답도 더 믿지 않아야 합니다. 이 신경망은 틀린 답을 크게 "
        "확신해서, "
        "처음의 갱신을 그것을 되돌리는 데 씁니다.",
        "초깃값을 줄이고(init='xavier', ReLU라면 'he') 입력을 1 안팎으로 맞추세요.",
        "다른 데이터로 이미 학습한 신경망이라면 이 진단은 틀린 것입니다.",
    ),
    "initial-loss:low": Words(
        "학습하기 전인데 손실이 {loss:.4g}입니다. 아무것도 모르는 답의 손실은 "
        "{expected:.4g}입니다.",
        "데이터를 본 적 없는 신경망이 우연히 이렇게 잘할 수는 없습니다.",
        "처음부터 학습하려면 신경망을 새로 만드세요. 쓰던 신경망은 있던 곳에서 이어 갑니다.",
        "이어서 학습하려는 것이라면 괜찮습니다.",
    ),
    "initial-loss:not-finite": Words(
        "학습하기 전부터 손실이 유한한 수가 아닙니다.",
        "데이터는 유한하므로, 신경망 안의 수가 NaN이나 무한대이거나 너무 커서 순전파가 넘칩니다.",
        "net.params를 살펴보고 초깃값을 다시 뽑으세요.",
        "다른 미니배치에서 손실이 유한하다면 이 진단은 틀린 것입니다.",
    ),
    "one-batch-not-learned": Words(
        "데이터 {examples}개도 외우지 못합니다. 복사본을 {updates}번 갱신했는데 손실 {first:.4g} "
        "가운데 "
        "{last:.4g}이(가) 남았습니다.",
        "가중치가 외울 수보다 많으니 Adam의 세 학습률 가운데 하나로는 외워야 합니다. 몇 개를 못 "
        "외우면 전체도 배우지 못합니다.",
        "먼저 다른 진단을 보세요: 기울기, 초깃값, 계층마다의 크기. 모두 괜찮다면 은닉층이 너무 "
        "좁을 수 있습니다.",
        "더 갱신하면 손실이 계속 줄어든다면 이 진단은 틀린 것입니다.",
    ),
    "one-batch-not-learned:linear": Words(
        "데이터 {examples}개를 외우지 못합니다. 손실 {first:.4g} 가운데 {last:.4g}이(가) "
        "남았습니다.",
        "비선형 계층이 없어서 직선만 그을 수 있습니다.",
        "직선으로 모자라다면 Affine 계층 사이에 ReLU 같은 활성화 함수를 넣으세요.",
        "문제가 선형이고 데이터에 잡음이 있다면 괜찮습니다.",
    ),
    "inputs-ignored": Words(
        "답이 입력과 상관없습니다. x를 0으로 바꾸어도 손실이 {zeroed:.4g}이고, 진짜 입력으로는 "
        "{real:.4g}입니다.",
        "이 데이터로 학습한 복사본이 데이터를 보지 않고도 똑같이 답하므로, x가 답에 닿지 않습니다.",
        "첫 계층을 보세요. 죽은 유닛, 0인 가중치, 거의 똑같은 입력을 의심할 수 있습니다.",
        "레이블도 x와 상관없다면 이 진단은 틀린 것입니다.",
    ),
    "gradient-wrong:checkup": Words(
        "{names}의 기울기가 틀렸습니다. {name}에서 {claimed:.4g}라고 하지만 손실 함수로는 "
        "{measured:.4g}입니다. {cause}",
        "float64로 매개변수의 양쪽에서 여러 간격으로 손실을 재었습니다.",
        "직접 만든 계층과 연산의 역전파를 확인하세요. mitbadak.check_gradients(net, x, t)가 모든 "
        "수를 보여 줍니다.",
        "계층이 반올림을 하거나 미분을 일부러 뺐다면 이 진단은 틀린 것입니다.",
    ),
    "gradient-wrong:unsteady": Words(
        "손실이나 기울기가 부를 때마다 달라서 기울기를 확인할 수 없습니다.",
        "확인한 결과: {why}",
        "잡음은 학습할 때만, 그리고 계층이 받은 rng에서만 뽑으세요.",
        "원래 무작위로 답하는 신경망이라면 괜찮습니다.",
    ),
    "lr-too-large:checkup": Words(
        "이 학습의 학습률 {asked:.3g}에서는 손실이 커집니다. 복사본을 {tried}번 갱신하니 "
        "{first:.4g}에서 "
        "{last:.4g}로 갔습니다.",
        "걸음이 너무 길어 골짜기를 뛰어넘습니다. {low:.2g}에서 {high:.2g} 사이에서는 손실이 "
        "줄어듭니다.",
        "{low:.2g}에서 {high:.2g} 사이의 학습률을 고르세요.",
        "모멘텀이나 워밍업을 쓸 때처럼 손실이 나중에 줄어든다면 이 진단은 틀린 것입니다.",
    ),
    "lr-too-small:checkup": Words(
        "이 학습의 학습률 {asked:.3g}로는 {updates:,}번을 갱신해도 손실이 줄기 시작하는 곳까지 "
        "가지 못합니다.",
        "학습 전체의 걸음을 모두 합쳐도, 효과가 보인 짧은 시험의 걸음보다 {longer:.3g}배 짧습니다.",
        "{low:.2g}에서 {high:.2g} 사이의 학습률을 고르거나 에폭을 훨씬 늘리세요.",
        "거의 다 배운 신경망을 다듬기만 하려는 것이라면 괜찮습니다.",
    ),
    "no-rate-learns": Words(
        "{lowest:.2g}에서 {highest:.2g}까지 어떤 학습률로도 {steps}번 갱신하는 동안 손실이 줄지 "
        "않습니다. 처음 손실은 {first:.4g}입니다.",
        "벗어나는 데 오래 걸리는 평지에 있거나, 배울 수 없는 신경망입니다.",
        "데이터 몇 개를 외웠다면 더 오래 학습하거나 더 큰 초깃값(init='xavier')에서 시작하세요. "
        "외우지 "
        "못했다면 그 진단부터 보세요.",
        "수백 번 갱신한 뒤에 손실이 줄어든다면 이 진단은 틀린 것입니다.",
    ),
    "no-nonlinearity:checkup": Words(
        "Affine 계층 {layers}개 사이에 비선형 계층이 없습니다.",
        "선형 변환을 거듭해도 선형 변환 하나와 같습니다. 은닉층이 아무것도 더하지 않습니다.",
        "사이에 ReLU 같은 활성화 함수를 넣으세요.",
        "선형 모델을 원한다면 괜찮습니다.",
    ),
    "exploding-gradient:checkup": Words(
        "원소 하나로 보면 {first}의 기울기가 {last}의 {ratio:.1e}배입니다.",
        "{layers}개 계층을 거슬러 올라가며 커져서, 학습률 하나가 모든 계층에 맞을 수 없습니다.",
        "초깃값을 줄이거나(init='xavier', 'he') 배치 정규화를 쓰세요.",
        "마지막 계층의 입력이 원래 그렇게 작아야 한다면 괜찮습니다.",
    ),
    "columns-constant": Words(
        "입력 {of}열 가운데 {count}열은 데이터 {examples:,}개에서 값이 모두 같습니다: {columns}.",
        "변하지 않는 열은 데이터를 구별하는 데 쓸모가 없습니다.",
        "그 열을 빼거나, 제대로 읽었는지 확인하세요.",
        "보지 않은 데이터나 새 데이터에서는 값이 달라진다면 괜찮습니다.",
    ),
    "inputs-not-normalised:spreads": Words(
        "x의 열마다 표준편차가 크게 다릅니다. {narrowest:.3g}에서 {widest:.3g}까지입니다.",
        "가중치의 기울기는 입력이 클수록 커서, 학습률 하나가 두 열의 가중치에 함께 맞을 수 "
        "없습니다.",
        "열마다 평균을 빼고 표준편차로 나누세요. 어느 데이터에나 훈련 데이터의 값을 씁니다.",
        "열을 1 안팎으로 맞추어도 나아지지 않으면 이 진단은 틀린 것입니다.",
    ),
    "targets-constant:classes": Words(
        "정답이 모두 클래스 {value}입니다.",
        "무엇에든 같은 답이 맞으니 x에서 배울 것이 없습니다.",
        "t를 만드는 코드를 보세요. 다른 열을 읽었거나, 정렬된 데이터를 잘랐을 수 있습니다.",
        "다른 레이블을 일부러 뺐다면 괜찮습니다.",
    ),
    "targets-constant": Words(
        "정답이 모두 {value:.4g}입니다.",
        "무엇에든 같은 답이 맞으니 x에서 배울 것이 없습니다.",
        "t를 만드는 코드를 보세요. 다른 열을 읽었거나, 정렬된 데이터를 잘랐을 수 있습니다.",
        "다른 레이블을 일부러 뺐다면 괜찮습니다.",
    ),
    "head-does-not-fit:checkup": Words(
        "정답은 {low:.4g}에서 {high:.4g}까지인데, {layer}는 {least:.4g}에서 {most:.4g}까지만 "
        "답합니다.",
        "가중치가 무엇이든 그 범위 밖은 답할 수 없습니다.",
        "마지막 Affine 계층 뒤의 활성화 함수를 빼거나, 정답을 그 범위로 맞추세요.",
        "범위 밖의 정답이 잘못된 값이라면 이 진단은 틀린 것입니다.",
    ),
    "labels-shuffled:checkup": Words(
        "비슷한 데이터끼리도 레이블이 우연만큼만 같습니다. 가장 가까운 이웃의 {agree:.1%}가 같고, "
        "우연히는 {chance:.1%}가 같습니다.",
        "t를 두고 x만 섞었을 때처럼, 레이블이 다른 행의 것일 때 이렇게 보입니다.",
        "x와 t를 같은 순서로 섞으세요: order = rng.permutation(len(x)); x[order], t[order].",
        "잡음인 열이 많은 표처럼 데이터의 거리가 레이블과 상관없다면 이 진단은 틀린 것입니다.",
    ),
    "label-noise:twins": Words(
        "데이터 {asked}개 가운데 {share:.1%}는 입력이 똑같은데 레이블이 다른 짝이 있습니다.",
        "어떤 신경망도 둘 다 맞힐 수 없습니다.",
        "그런 짝을 몇 개 살펴보고, 레이블이 틀린 것을 빼세요.",
        "입력만으로는 답이 정해지지 않아 확률을 구하려는 것이라면 괜찮습니다.",
    ),
    "train-test-overlap:checkup": Words(
        "시험 데이터 {test:,}개 가운데 {equal:,}개({share:.1%})가 훈련 데이터에도 있습니다.",
        "외운 데이터는 맞히기 마련이므로, 시험이 기억을 재게 됩니다.",
        "나누기 전에 중복을 없애세요: np.unique(x, axis=0, return_index=True).",
        "정수 열이 몇 개뿐이어서 서로 다른 데이터의 입력이 같을 수 있다면 괜찮습니다.",
    ),
    "train-test-overlap:near": Words(
        "시험 데이터 {asked}개 가운데 {near:.1%}는 거의 똑같은 훈련 데이터가 있습니다.",
        "보통의 이웃보다 열 배 가깝습니다(훈련 데이터끼리는 {by_chance:.1%}). 잡음을 조금 더한 "
        "복사본이나 한 영상의 이웃한 장면이 이렇습니다.",
        "같은 것에서 나온 데이터는 한쪽에 모으세요. 사람, 날짜, 출처별로 나눕니다.",
        "새 데이터도 훈련 데이터와 그만큼 가깝다면 괜찮습니다.",
    ),
    "train-test-differ": Words(
        "클래스 {class}은(는) 훈련 데이터의 {train_share:.1%}, 시험 데이터의 "
        "{test_share:.1%}입니다.",
        "정렬된 데이터를 잘라 나누면 이렇게 되고, 가르치지 않은 것을 시험하게 됩니다.",
        "나누기 전에 섞거나, 클래스별로 나누세요: mitbadak.stratified_split.",
        "시험 데이터의 비율이 원래 달라야 한다면 괜찮습니다.",
    ),
    "train-test-differ:checkup": Words(
        "시험 데이터의 입력은 평균 {test_mean:.4g}, 표준편차 {test_std:.4g}이고, 훈련 데이터는 "
        "{mean:.4g}, {std:.4g}입니다.",
        "한쪽만 정규화했거나, 서로 다른 값으로 정규화했습니다.",
        "두 데이터를 같은 값으로, 곧 훈련 데이터의 값으로 정규화하세요.",
        "시험 데이터가 원래 다른 곳에서 온 것이라면 괜찮습니다.",
    ),
    "memory-too-small": Words(
        "학습에 메모리가 {memory}쯤 필요한데 {free}가 남아 있습니다.",
        "매개변수, 기울기, 옵티마이저의 상태, 미니배치 하나의 활성화 값을 셈했습니다.",
        "은닉층이나 미니배치를 줄이세요.",
        "다른 프로그램이 메모리를 돌려준다면 괜찮습니다.",
    ),
    "takes-long": Words(
        "학습에 {hours:.1f}시간쯤 걸립니다.",
        "이 컴퓨터에서 갱신 몇 번의 시간을 재어 곱했습니다.",
        "먼저 에폭을 줄이거나 데이터의 일부로 해 보세요.",
        "시간을 잴 때 컴퓨터가 바빴다면 더 짧을 수 있습니다.",
    ),
}  # fmt: skip
