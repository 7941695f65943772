"""Words for findings in a training; a code with a kind has words for each kind."""

from __future__ import annotations

from mitbadak.doctor.words.words import Words

ENGLISH = {
    "integer-parameters": Words(
        "{names} hold whole numbers.",
        "An update of 0.01 is cut off to 0 when it is stored in an array of integers, and so "
        "is a step of 1e-4 for a numerical gradient.",
        "Make them floats: np.array([3.0, 4.0]), or x.astype(float).",
        "The parameters are meant to be whole numbers.",
    ),
    "non-finite-data": Words(
        "{names} hold NaN or infinity at step {step}.",
        "The number that is not finite is in the examples, before the net has computed anything.",
        "Remove or fill in such values before training: np.isfinite(x).all(axis=1) finds the rows.",
        "The arrays were finite when they were handed to the net.",
    ),
    "wrong-update-rule:plus": Words(
        "the learning rate is added to the gradient: each entry changes by -({constant:.3g} + "
        "gradient).",
        "That explains every entry of the change up to rounding; all weights drift the same "
        "way, whatever the gradient says.",
        "Write * for +: params[key] -= lr * grads[key].",
        "The loop uses a rule of its own on purpose.",
    ),
    "wrong-update-rule:sign": Words(
        "the updates go uphill: along the gradient instead of against it.",
        "The gradient points to where the loss grows; steps along it make it larger.",
        "Write -= for +=: params[key] -= lr * grads[key].",
        "The loss is meant to be maximized.",
    ),
    "wrong-update-rule:stale": Words(
        "each update uses the gradient of the step before, times {factor:.3g}.",
        "The gradient of this step does not explain the change, that of the step before does "
        "in every entry.",
        "Compute the gradient after the batch is drawn and before the update.",
        "The loop uses a rule of its own on purpose.",
    ),
    "wrong-update-rule:twice": Words(
        "each update is applied twice: {factor:.3g} times the gradient, and lr is {lr:.3g}.",
        "That explains every entry of the change up to rounding.",
        "Look for a second update in the loop, or a loop over names that meets each one twice.",
        "lr was handed to the doctor with half its value.",
    ),
    "wrong-update-rule:rate": Words(
        "the updates are {factor:.3g} times the gradient, and lr is {lr:.3g}.",
        "That explains every entry of the change up to rounding.",
        "Look where the rate is changed on the way: a division by the batch size, or a schedule.",
        "Another lr was handed to the doctor than the loop uses.",
    ),
    "update-of-a-copy": Words(
        "no parameter changed in {steps} steps, although the gradient is not zero.",
        "The update reached other arrays than those of the net: a copy, or a name that was "
        "bound anew, as in W = W - lr * g.",
        "Update in place: params[key] -= lr * grads[key], on the net's own arrays.",
        "Updates were switched off on purpose.",
    ),
    "parameter-never-updated": Words(
        "{names} never changed in {steps} steps, although the gradient is not zero.",
        "All other parameters did change, so the loop over the names leaves these out.",
        "Update every name in params, for instance by: for key in params.",
        "These parameters are frozen on purpose.",
    ),
    "gradient-wrong": Words(
        "{share:.0%} of the partial derivatives that were tried differ from the loss itself, "
        "for instance {claimed:.4g} where the loss says {measured:.4g}.",
        "The loss was measured a little to both sides of the parameters; no step is so small "
        "or so large that rounding or curvature would explain the difference.",
        "Check the backward pass: mitbadak.check_gradients names the layer that is wrong.",
        "The loss uses other random numbers each time, as with Dropout.",
    ),
    "missing-batch-mean": Words(
        "the gradient is {ratio:.4g} times that of the loss, and the batch has {n} examples.",
        "The loss is a mean over the batch, and the gradient a sum.",
        "Divide the gradient by the batch size: dx = (y - t) / batch_size.",
        "The loss is meant to be a sum.",
    ),
    "lost-to-rounding": Words(
        "the steps are lost to rounding: at numbers as large as {size:.3g}, {share:.0%} of "
        "the entries cannot change by so little.",
        "A float64 has 16 digits; a change, or a difference of the loss, that is smaller than "
        "its last digit is rounded to nothing.",
        "Start again with a smaller lr, so that the numbers do not grow; or bring inputs and "
        "targets to a size around 1.",
        "The parameters do change.",
    ),
    "softmax-on-one-unit": Words(
        "the net has a single output, and it is 1 for every example.",
        "A softmax over one number is always 1, and its gradient is exactly 0.",
        "Use a sigmoid on one unit, or softmax on two; for real targets neither.",
        "The output differs between examples.",
    ),
    "symmetric-weights": Words(
        "all {units} units of {name} have the same weights.",
        "Units that start alike get the same gradient, and stay alike for ever: the layer is "
        "worth one unit.",
        "Start from random weights: rng.normal(size=(n_in, n_out)) / np.sqrt(n_in).",
        "The weights differ.",
    ),
    "label-out-of-range": Words(
        "labels go up to {highest}, and the net has {outputs} outputs, for 0 to {outputs} - 1.",
        "Some label has no output that stands for it.",
        "Count labels from 0, or give the net more outputs.",
        "The labels are not class indices.",
    ),
    "silent-broadcast": Words(
        "class indices may be multiplied with {classes} scores as they are: the loss "
        "{loss:.3g} is far above log({classes}).",
        "The batch has as many examples as there are classes, {n}, so arrays of shape ({n},) "
        "and ({n}, {classes}) broadcast without an error, and every label meets the wrong "
        "scores.",
        "Make the labels one-hot, np.eye({classes})[t], or use a loss that takes indices.",
        "A batch of another size gives no error.",
    ),
    "inputs-constant": Words(
        "every input is the same in all examples.",
        "Nothing in x tells one example from another.",
        "Look at how x is made: an index in the wrong place, or an array that was never filled.",
        "Other batches differ.",
    ),
    "inputs-not-normalised": Words(
        "the inputs are not normalised: they reach {largest:.4g}, with mean {mean:.4g} and "
        "spread {std:.4g}.",
        "Large inputs make the sums in the first layer large: units saturate or die, exp "
        "overflows, and one lr does not suit all weights.",
        "Divide pixels by 255; otherwise subtract each column's mean and divide by its spread.",
        "The net learns as well with inputs around 1.",
    ),
    "targets-not-normalised": Words(
        "the targets are not normalised: mean {mean:.4g}, spread {std:.4g}.",
        "The first losses and gradients are as large as the squares of the targets.",
        "Subtract their mean, divide by their spread, and undo both in the answers.",
        "A much smaller lr learns as well.",
    ),
    "init-too-large": Words(
        "the initial weights of {name} are {times:.3g} times as large as 1 / sqrt(n_in).",
        "Sums of so many large terms saturate sigmoid and tanh, and let ReLU nets overflow.",
        "Draw them with the spread 1 / sqrt(n_in), or sqrt(2 / n_in) for ReLU.",
        "A start from smaller weights does no better.",
    ),
    "init-too-small": Words(
        "the initial weights of {name} are only {times:.3g} times 1 / sqrt(n_in).",
        "Signals fade from layer to layer, forward and backward, so that nothing is learned "
        "at first.",
        "Draw them with the spread 1 / sqrt(n_in), or sqrt(2 / n_in) for ReLU.",
        "A start from larger weights does no better.",
    ),
    "lr-too-large": Words(
        "the loss went from {first:.4g} to {last:.4g}, worst at step {step}.",
        "The updates leap over the valley: a matrix changed by up to {leap:.2g} of its size "
        "in one step.",
        "Divide lr by 10, and again if that is not enough.",
        "A smaller lr fails in the same way.",
    ),
    "lr-too-small": Words(
        "the loss went only from {first:.4g} to {last:.4g} in {steps} steps.",
        "By the gradient, steps as short as these cannot lower it further in that time; a "
        "step {longer:g} times as long still goes downhill.",
        "Multiply lr by {longer:g}.",
        "A larger lr makes the loss rise.",
    ),
    "saturated": Words(
        "{share:.0%} of the answers of {layer} are at a limit of their range.",
        "There the slope is nearly 0, and no gradient passes.",
        "Use smaller initial weights, inputs around 1, or a smaller lr.",
        "The loss falls.",
    ),
    "dead-relu": Words(
        "{share:.0%} of the units of {layer} do not take part: no example reaches their weights.",
        "A ReLU that answers 0 to every example passes no gradient, and cannot come back.",
        "Use a smaller lr, He's initial weights, or a leaky ReLU.",
        "The units answer in other batches.",
    ),
    "vanishing-gradient": Words(
        "the gradient of {first} is only {ratio:.1e} times that of {last}, per entry.",
        "It fades in each of {layers} layers, so the first ones hardly learn.",
        "Use ReLU with He's initial weights, or batch norm, or fewer layers.",
        "The first layers change as much as the last.",
    ),
    "class-missing": Words(
        "among {examples} examples there is none of class {classes}.",
        "The net cannot learn what it never sees; a set that is sorted and cut looks like this.",
        "Shuffle before splitting, and look at the counts of each class.",
        "Later batches have these classes.",
    ),
    "class-imbalance": Words(
        "class {most} has {ratio:.3g} times as many examples as class {least}.",
        "A net can be right often without ever answering the rare classes.",
        "Look at precision and recall of each class, not at the accuracy alone.",
        "The classes are meant to be so rare.",
    ),
    "one-class-answered": Words(
        "every answer is class {answer}, which is right for {share:.2%} of the examples.",
        "The net has become a constant: its accuracy is the share of that class, whatever it "
        "is shown.",
        "Look at the finding that explains why: the update rule, the learning rate, or dead units.",
        "Other answers appear in the next epochs.",
    ),
    "overfitting": Words(
        "the {set} loss was best in epoch {epoch}, {best:.4g}, and is {now:.4g} now, while "
        "the training loss still falls.",
        "From there on the net learned the training examples by heart.",
        "Stop there (early stopping), use more examples, or a penalty such as weight decay.",
        "The rise is noise and goes back.",
    ),
}

KOREAN = {
    "integer-parameters": Words(
        "매개변수 {names}이(가) 정수입니다.",
        "정수 배열에 0.01만큼의 갱신을 저장하면 0으로 잘립니다. 수치 미분의 1e-4도 마찬가지입니다.",
        "실수로 만드세요: np.array([3.0, 4.0]) 또는 x.astype(float).",
        "매개변수가 원래 정수여야 한다면 이 진단은 틀린 것입니다.",
    ),
    "non-finite-data": Words(
        "{step}번째 단계의 {names}에 NaN이나 무한대가 있습니다.",
        "신경망이 계산하기 전, 데이터에 이미 유한하지 않은 수가 들어 있습니다.",
        "학습 전에 그런 값을 빼거나 채우세요. np.isfinite(x).all(axis=1)로 행을 찾을 수 있습니다.",
        "신경망에 넘길 때 배열이 유한했다면 이 진단은 틀린 것입니다.",
    ),
    "wrong-update-rule:plus": Words(
        "학습률이 기울기에 더해졌습니다. 원소마다 -({constant:.3g} + 기울기)만큼 바뀝니다.",
        "이 규칙이 모든 원소의 변화를 반올림 오차까지 설명합니다. 기울기와 상관없이 모든 "
        "가중치가 한쪽으로 흘러갑니다.",
        "+를 *로 바꾸세요: params[key] -= lr * grads[key].",
        "일부러 다른 갱신 규칙을 쓴다면 이 진단은 틀린 것입니다.",
    ),
    "wrong-update-rule:sign": Words(
        "갱신이 오르막으로 갑니다. 기울기의 반대쪽이 아니라 기울기 쪽입니다.",
        "기울기는 손실이 커지는 쪽을 가리키므로, 그쪽으로 가면 손실이 커집니다.",
        "+=를 -=로 바꾸세요: params[key] -= lr * grads[key].",
        "값을 최대로 만들려는 것이라면 이 진단은 틀린 것입니다.",
    ),
    "wrong-update-rule:stale": Words(
        "갱신마다 앞 단계의 기울기에 {factor:.3g}을(를) 곱해 씁니다.",
        "이번 단계의 기울기로는 변화를 설명할 수 없고, 앞 단계의 기울기로는 모든 원소가 "
        "설명됩니다.",
        "미니배치를 뽑은 뒤, 갱신하기 전에 기울기를 구하세요.",
        "일부러 다른 갱신 규칙을 쓴다면 이 진단은 틀린 것입니다.",
    ),
    "wrong-update-rule:twice": Words(
        "갱신이 두 번 적용됩니다. 기울기의 {factor:.3g}배인데 학습률은 {lr:.3g}입니다.",
        "이 규칙이 모든 원소의 변화를 반올림 오차까지 설명합니다.",
        "반복문 안에 두 번째 갱신이 있는지, 이름을 두 번 도는지 보세요.",
        "학습률을 절반으로 알려 주었다면 이 진단은 틀린 것입니다.",
    ),
    "wrong-update-rule:rate": Words(
        "갱신은 기울기의 {factor:.3g}배인데 학습률은 {lr:.3g}입니다.",
        "이 규칙이 모든 원소의 변화를 반올림 오차까지 설명합니다.",
        "학습률이 중간에 바뀌는 곳을 찾으세요. 미니배치의 크기로 나누거나 일정표를 쓰는 곳입니다.",
        "실제와 다른 학습률을 알려 주었다면 이 진단은 틀린 것입니다.",
    ),
    "update-of-a-copy": Words(
        "기울기가 0이 아닌데도 {steps}단계 동안 어떤 매개변수도 바뀌지 않았습니다.",
        "갱신이 신경망의 배열이 아닌 복사본에 닿았거나, W = W - lr * g처럼 이름만 새로 묶었습니다.",
        "신경망의 배열을 제자리에서 갱신하세요: params[key] -= lr * grads[key].",
        "일부러 갱신을 껐다면 이 진단은 틀린 것입니다.",
    ),
    "parameter-never-updated": Words(
        "기울기가 0이 아닌데도 {names}이(가) {steps}단계 동안 한 번도 바뀌지 않았습니다.",
        "다른 매개변수는 바뀌었으니, 이름을 도는 반복문이 이것을 빠뜨렸습니다.",
        "모든 매개변수를 갱신하세요: for key in params.",
        "일부러 고정한 매개변수라면 이 진단은 틀린 것입니다.",
    ),
    "gradient-wrong": Words(
        "확인한 편미분의 {share:.0%}가 손실 함수와 다릅니다. 예를 들어 {claimed:.4g}라고 "
        "하지만 손실 함수로는 {measured:.4g}입니다.",
        "매개변수의 양쪽에서 손실을 조금씩 재었습니다. 반올림이나 곡률로는 이 차이를 설명할 "
        "수 없습니다.",
        "역전파를 확인하세요. mitbadak.check_gradients가 틀린 계층을 짚어 줍니다.",
        "드롭아웃처럼 손실이 매번 다른 난수를 쓴다면 이 진단은 틀린 것입니다.",
    ),
    "missing-batch-mean": Words(
        "기울기가 손실 함수의 {ratio:.4g}배이고, 미니배치의 크기는 {n}입니다.",
        "손실은 미니배치의 평균인데 기울기는 합입니다.",
        "기울기를 미니배치의 크기로 나누세요: dx = (y - t) / batch_size.",
        "손실이 원래 합이어야 한다면 이 진단은 틀린 것입니다.",
    ),
    "lost-to-rounding": Words(
        "갱신이 반올림에 묻힙니다. {size:.3g}만큼 큰 수에서는 원소의 {share:.0%}가 그렇게 "
        "작은 값만큼 바뀔 수 없습니다.",
        "float64는 16자리입니다. 마지막 자리보다 작은 변화나 손실의 차이는 사라집니다.",
        "수가 커지지 않도록 더 작은 학습률로 다시 시작하거나, 입력과 정답을 1 안팎으로 맞추세요.",
        "매개변수가 실제로 바뀐다면 이 진단은 틀린 것입니다.",
    ),
    "softmax-on-one-unit": Words(
        "출력이 하나뿐이고, 모든 데이터에서 1입니다.",
        "수 하나의 소프트맥스는 언제나 1이고 기울기는 정확히 0입니다.",
        "출력이 하나면 시그모이드를, 둘이면 소프트맥스를 쓰세요. 실수 정답이면 둘 다 쓰지 "
        "않습니다.",
        "출력이 데이터마다 다르다면 이 진단은 틀린 것입니다.",
    ),
    "symmetric-weights": Words(
        "{name}의 {units}개 유닛이 모두 같은 가중치를 갖고 있습니다.",
        "똑같이 시작한 유닛은 같은 기울기를 받아 영원히 같습니다. 이 계층은 유닛 하나와 "
        "다름없습니다.",
        "무작위 가중치로 시작하세요: rng.normal(size=(n_in, n_out)) / np.sqrt(n_in).",
        "가중치가 서로 다르다면 이 진단은 틀린 것입니다.",
    ),
    "label-out-of-range": Words(
        "정답 레이블이 {highest}까지 있는데 출력은 {outputs}개뿐입니다(0부터 {outputs} - 1까지).",
        "어떤 레이블은 그것을 나타낼 출력이 없습니다.",
        "레이블을 0부터 세거나, 출력을 늘리세요.",
        "레이블이 클래스 번호가 아니라면 이 진단은 틀린 것입니다.",
    ),
    "silent-broadcast": Words(
        "클래스 번호가 그대로 {classes}개의 점수와 곱해진 것 같습니다. 손실 {loss:.3g}이(가) "
        "log({classes})보다 훨씬 큽니다.",
        "미니배치의 크기와 클래스의 수가 똑같이 {n}이라서, ({n},)과 ({n}, {classes}) 배열이 "
        "오류 없이 브로드캐스트되고, 모든 레이블이 엉뚱한 점수와 만납니다.",
        "np.eye({classes})[t]로 원-핫 인코딩을 하거나, 번호를 받는 손실 함수를 쓰세요.",
        "미니배치의 크기를 바꾸어도 오류가 없다면 이 진단은 틀린 것입니다.",
    ),
    "inputs-constant": Words(
        "모든 데이터의 입력이 똑같습니다.",
        "x에는 데이터를 구별할 것이 아무것도 없습니다.",
        "x를 만드는 코드를 보세요. 인덱스의 위치가 틀렸거나, 채우지 않은 배열일 수 있습니다.",
        "다른 미니배치가 서로 다르다면 이 진단은 틀린 것입니다.",
    ),
    "inputs-not-normalised": Words(
        "입력이 정규화되지 않았습니다. 최댓값 {largest:.4g}, 평균 {mean:.4g}, 표준편차 "
        "{std:.4g}입니다.",
        "입력이 크면 첫 계층의 합도 커져서, 유닛이 포화하거나 죽고, exp가 넘치고, 학습률 "
        "하나가 모든 가중치에 맞지 않습니다.",
        "픽셀은 255로 나누고, 그 밖에는 열마다 평균을 빼고 표준편차로 나누세요.",
        "입력을 1 안팎으로 맞추어도 나아지지 않으면 이 진단은 틀린 것입니다.",
    ),
    "targets-not-normalised": Words(
        "정답이 정규화되지 않았습니다. 평균 {mean:.4g}, 표준편차 {std:.4g}입니다.",
        "처음의 손실과 기울기가 정답의 제곱만큼 큽니다.",
        "평균을 빼고 표준편차로 나눈 뒤, 답에서는 되돌리세요.",
        "훨씬 작은 학습률로도 잘 배운다면 이 진단은 틀린 것입니다.",
    ),
    "init-too-large": Words(
        "{name}의 초깃값이 1 / sqrt(n_in)의 {times:.3g}배입니다.",
        "큰 항이 많이 더해지면 시그모이드와 tanh가 포화하고 ReLU 신경망은 넘칩니다.",
        "표준편차를 1 / sqrt(n_in)으로, ReLU라면 sqrt(2 / n_in)으로 하세요.",
        "더 작은 초깃값으로도 나아지지 않으면 이 진단은 틀린 것입니다.",
    ),
    "init-too-small": Words(
        "{name}의 초깃값이 1 / sqrt(n_in)의 {times:.3g}배뿐입니다.",
        "신호가 순전파와 역전파에서 계층마다 약해져서 처음에는 아무것도 배우지 못합니다.",
        "표준편차를 1 / sqrt(n_in)으로, ReLU라면 sqrt(2 / n_in)으로 하세요.",
        "더 큰 초깃값으로도 나아지지 않으면 이 진단은 틀린 것입니다.",
    ),
    "lr-too-large": Words(
        "손실이 {first:.4g}에서 {last:.4g}로 갔고, {step}번째 단계가 가장 나빴습니다.",
        "갱신이 골짜기를 뛰어넘습니다. 한 단계에 가중치 행렬이 크기의 {leap:.2g}배까지 "
        "바뀌었습니다.",
        "학습률을 10으로 나누고, 모자라면 한 번 더 나누세요.",
        "더 작은 학습률도 똑같이 실패하면 이 진단은 틀린 것입니다.",
    ),
    "lr-too-small": Words(
        "{steps}단계 동안 손실이 {first:.4g}에서 {last:.4g}까지만 갔습니다.",
        "기울기로 보면 이렇게 짧은 걸음으로는 그동안 손실을 더 줄일 수 없습니다. {longer:g}배 "
        "긴 걸음도 여전히 내리막입니다.",
        "학습률에 {longer:g}을(를) 곱하세요.",
        "더 큰 학습률에서 손실이 오르면 이 진단은 틀린 것입니다.",
    ),
    "saturated": Words(
        "{layer}의 출력 가운데 {share:.0%}가 범위의 끝에 있습니다.",
        "그곳에서는 기울기가 거의 0이라 아무것도 지나가지 못합니다.",
        "초깃값을 줄이거나, 입력을 1 안팎으로 맞추거나, 학습률을 줄이세요.",
        "손실이 줄어든다면 이 진단은 틀린 것입니다.",
    ),
    "dead-relu": Words(
        "{layer}의 유닛 가운데 {share:.0%}가 죽었습니다. 어떤 데이터도 그 가중치에 닿지 않습니다.",
        "무엇에든 0으로 답하는 ReLU는 기울기가 0이라 되살아나지 못합니다.",
        "더 작은 학습률이나 He 초깃값, 또는 leaky ReLU를 쓰세요.",
        "다른 미니배치에서 유닛이 답한다면 이 진단은 틀린 것입니다.",
    ),
    "vanishing-gradient": Words(
        "원소 하나로 보면 {first}의 기울기가 {last}의 {ratio:.1e}배뿐입니다.",
        "{layers}개 계층을 지날 때마다 약해져서 앞쪽 계층은 거의 배우지 못합니다.",
        "He 초깃값의 ReLU나 배치 정규화를 쓰거나, 계층을 줄이세요.",
        "앞쪽 계층이 뒤쪽만큼 바뀐다면 이 진단은 틀린 것입니다.",
    ),
    "class-missing": Words(
        "데이터 {examples}개 가운데 {classes}번 클래스가 하나도 없습니다.",
        "본 적이 없는 것은 배울 수 없습니다. 정렬된 데이터를 잘라 나누면 이렇게 됩니다.",
        "나누기 전에 섞고, 클래스마다 개수를 확인하세요.",
        "뒤의 미니배치에 그 클래스가 있다면 이 진단은 틀린 것입니다.",
    ),
    "class-imbalance": Words(
        "{most}번 클래스의 데이터가 {least}번 클래스의 {ratio:.3g}배입니다.",
        "드문 클래스를 한 번도 답하지 않아도 정확도가 높을 수 있습니다.",
        "정확도만 보지 말고 클래스마다 정밀도와 재현율을 보세요.",
        "원래 그렇게 드문 클래스라면 괜찮습니다.",
    ),
    "one-class-answered": Words(
        "모든 답이 {answer}번 클래스이고, 맞는 비율은 그 클래스의 비율인 {share:.2%}입니다.",
        "신경망이 상수가 되었습니다. 무엇을 보여 주어도 정확도는 그 클래스의 비율과 같습니다.",
        "그 까닭을 말하는 다른 진단을 보세요: 갱신 규칙, 학습률, 또는 죽은 유닛입니다.",
        "다음 에폭에서 다른 답이 나타나면 이 진단은 틀린 것입니다.",
    ),
    "overfitting": Words(
        "{set} 손실은 {epoch}번째 에폭의 {best:.4g}가 가장 좋았고 지금은 {now:.4g}입니다. "
        "훈련 손실은 계속 줄고 있습니다.",
        "그때부터 신경망이 훈련 데이터를 외웠습니다.",
        "그 에폭에서 멈추거나(조기 종료), 데이터를 늘리거나, 가중치 감소를 쓰세요.",
        "잡음이어서 다시 줄어든다면 이 진단은 틀린 것입니다.",
    ),
}
