"""What training says, in Korean."""

from __future__ import annotations

from mitbadak.core.translation import Translations

LINES = {
    "epoch {epoch}": "에폭 {epoch}",
    "loss {loss}": "손실 {loss}",
    "  step {step} of epoch {epoch}, loss {loss}": "  에폭 {epoch}의 {step}단계, 손실 {loss}",
    "{share}% of this step": "이 단계의 {share}%",
    "train": "훈련",
    "validation": "검증",
    "test": "시험",
    "validation loss": "검증 손실",
    "test loss": "시험 손실",
    "{time:d} s": "{time}초",
    "{time:d} min": "{time}분",
    "{time:d} h": "{time}시간",
    "{time:d} days": "{time}일",
}  # fmt: skip
"""The parts of a line of an epoch."""

TRANSLATIONS = Translations(LINES)

KOREAN = {
    # of callbacks
    "EarlyStopping: min_delta must be at least 0; got {value}.": "EarlyStopping: min_delta는 0 "
    "이상이어야 하는데 {value}을(를) 받았습니다.",
    "EarlyStopping watches the test set, whose accuracy then no longer measures unseen data. Hold "
    "out a validation share instead.": "EarlyStopping이 시험 데이터를 지켜봅니다. 그러면 시험 "
    "정확도는 더는 처음 보는 데이터의 정확도가 아닙니다. 대신 훈련 데이터의 일부를 검증용으로 "
    "떼어 두세요.",
    "EarlyStopping: the best weights are of another net: {name} has shape {shape}.":
    "EarlyStopping: 가장 좋은 가중치가 다른 신경망의 것입니다. {name}의 형상이 {shape}입니다.",
    "EarlyStopping watches {monitor}, and there is no validation set. Give fit one, such as "
    "validation=0.1, or watch another measure: EarlyStopping(monitor={other}).": "EarlyStopping이 "
    "지켜볼 {monitor}이(가) 없습니다. 검증 데이터가 없기 때문입니다. fit에 validation=0.1처럼 "
    "주거나 EarlyStopping(monitor={other})처럼 다른 값을 지켜보세요.",
    "{monitor} has not {improved} since epoch {epoch}": "{monitor!k}이(가) {epoch}에폭 뒤로 "
    "{improved!k}",
    "been finite": "유한했던 적이 없습니다",
    "fallen below {best}": "{best}보다 작아지지 않았습니다",
    "risen above {best}": "{best}보다 커지지 않았습니다",
    "validation_accuracy": "검증 정확도",
    "validation_loss": "검증 손실",
    "test_accuracy": "시험 정확도",
    "test_loss": "시험 손실",
    "train_accuracy": "훈련 정확도",
    "train_loss": "훈련 손실",
    # why a training stopped
    "{cause} at step {step} (epoch {epoch})": "{step}단계({epoch}에폭)에서 {cause!k}",
    "the update of {where} was refused: {error}": "갱신을 하지 않았습니다({where!k}). {error!k}",
    "step {step} (epoch {epoch})": "{step}단계, {epoch}에폭",
    "the loss became {loss} at step {step} (epoch {epoch}); the one before was {before}. Try a "
    "smaller lr than {lr}, and check the scale of the inputs": "{step}단계({epoch}에폭)에서 "
    "손실이 {loss}이(가) 되었습니다. 바로 앞의 손실은 {before!k}이었습니다. 학습률을 {lr}보다 "
    "작게 하고 입력의 크기를 확인하세요",
    "{columns} became {value} after epoch {epoch}. Try a smaller lr than {lr}, and check the "
    "scale of the inputs": "{epoch}에폭 뒤에 {columns!k}이(가) {value}이(가) 되었습니다. 학습률을 "
    "{lr}보다 작게 하고 입력의 크기를 확인하세요",
    # what came of it
    "the training loss has grown from {first} to {last}: the steps are too large. Try a much "
    "smaller lr than {lr}, a tenth or a hundredth of it.": "훈련 손실이 {first}에서 {last}(으)로 "
    "커졌습니다. 한 걸음이 너무 큽니다. 학습률을 {lr}보다 훨씬 작게, 10분의 1이나 100분의 1로 해 "
    "보세요.",
    "nothing has been learned: in no epoch was the training loss clearly below {chance}, that of "
    "one answer for all examples. Try ten times the lr of {lr} or a tenth, more epochs, or other "
    "inputs: these may say nothing about the labels.": "배운 것이 없습니다. 어느 에폭에서도 훈련 "
    "손실이 {chance}, 곧 모든 데이터에 같은 답을 낼 때의 손실보다 뚜렷이 작아지지 않았습니다. "
    "학습률 {lr}을(를) 열 배나 10분의 1로 바꾸거나, 에폭을 늘리거나, 입력을 바꿔 보세요. 지금 "
    "입력은 레이블에 대해 알려 주는 것이 없을지도 모릅니다.",
    # what fit refuses
    "fit: {net} is being trained already, in another thread or around this call. Train a copy: "
    "copy.deepcopy(net).": "fit: {net}은(는) 다른 스레드나 이 호출 바깥에서 이미 학습하고 "
    "있습니다. copy.deepcopy(net)으로 만든 복사본을 학습하세요.",
    "fit: {what} is being used already, in another thread or around this call, and would mix up "
    "two trainings. Make another one for this training.": "fit: {what}을(를) 다른 스레드나 이 호출 "
    "바깥에서 이미 쓰고 있어서 두 학습이 뒤섞입니다. 이 학습에 쓸 것을 새로 만드세요.",
    "fit: {name} was replaced while training; {remedy}.": "fit: 학습하는 동안 {name}이(가) 다른 "
    "것으로 바뀌었습니다. {remedy}.",
    "fit: {name} must be of type {kind}; got {value}.": "fit: {name}은(는) {kind}이어야 하는데 "
    "{value}을(를) 받았습니다.",
    "fit: {layer} had the parameters {before} when training began and has {now} now. Start a new "
    "run.": "fit: 학습을 시작할 때 {layer}의 매개변수는 {before}이었는데 지금은 {now!k}입니다. "
    "처음부터 새로 학습하세요.",
    "fit: trainer.sets must hold train, validation and test; it holds {names}. Assign "
    "trainer.test = None, for example.": "fit: trainer.sets에는 train, validation, test가 있어야 "
    "하는데 {names}이(가) 있습니다. 예를 들어 trainer.test = None으로 두세요.",
    "{name}: x must be of shape (n, n_in); got {shape}.": "{name}: x의 형상은 (n, n_in)이어야 "
    "하는데 {shape}입니다.",
    "fit: entries of parameter {name} share memory (strides {strides}), so they cannot be trained "
    "independently. Train a copy of the array.": "fit: 매개변수 {name}의 원소들이 메모리를 함께 "
    "써서(strides {strides}) 따로 학습할 수 없습니다. 배열의 복사본을 학습하세요.",
    "fit: gradient='numerical' differentiates the net in evaluation mode, where {layers} computes "
    "something else. Use gradient='backprop', and check it with check_gradients(net, x, t, "
    "training=True).": "fit: gradient='numerical'은 평가 모드의 신경망을 미분하는데, 거기서는 "
    "{layers}의 계산이 다릅니다. gradient='backprop'을 쓰고 check_gradients(net, x, t, "
    "training=True)로 확인하세요.",
    "fit: batch_size {size} is larger than the training set of {n} examples. Use at most {most}.":
    "fit: batch_size {size}은(는) 훈련 데이터 {n}개보다 큽니다. {most} 이하로 하세요.",
    "fit: {layers} needs at least two examples in every batch; {n} examples in batches of {size} "
    "leave one alone. Choose another batch_size.": "fit: {layers}에는 미니배치마다 데이터가 둘 "
    "이상 있어야 하는데, {n}개를 {size}개씩 나누면 하나가 남습니다. batch_size를 바꾸세요.",
    "fit: validation expects a share in [0, 1) to split off, a pair (x, t) or a Dataset; got "
    "{value}.": "fit: validation에는 떼어 둘 비율(0 이상 1 미만), (x, t) 쌍, Dataset 가운데 "
    "하나를 주어야 하는데 {value}을(를) 받았습니다.",
    " Give the labels too: {line}.": " 레이블도 주세요: {line}.",
    " Give its parts: {line}.": " 입력과 레이블을 따로 주세요: {line}.",
    " Give all x and all t: {line}.": " x와 t를 각각 모아서 주세요: {line}.",
    " fit draws batches itself: {both}, then {line}.": " 미니배치는 fit이 뽑습니다: {both}, "
    "그다음 {line}.",
    "{owner} expects a pair (x, t) or a Dataset; got {kind}.{lacking}": "{owner}에는 (x, t) "
    "쌍이나 Dataset을 주어야 하는데 {kind}을(를) 받았습니다.{lacking!k}",
    "fit: callbacks expects a list of objects, such as [mb.EarlyStopping(patience=5)]; got "
    "{value}.": "fit: callbacks에는 [mb.EarlyStopping(patience=5)]와 같은 객체 리스트를 주어야 "
    "하는데 {value}을(를) 받았습니다.",
    "fit: callbacks must be a list; got {value}. Use callbacks=[callback].": "fit: callbacks는 "
    "리스트여야 하는데 {value}을(를) 받았습니다. callbacks=[callback]처럼 쓰세요.",
    "fit: callbacks expects objects, not the class {name}. Make one: callbacks=[{made}()].": "fit: "
    "callbacks에는 클래스 {name}이(가) 아니라 그 객체를 주어야 합니다. callbacks=[{made}()]처럼 "
    "쓰세요.",
    "fit: callbacks must be derived from mb.Callback; got the class {kind}. Write {example}.":
    "fit: callbacks의 클래스는 mb.Callback에서 파생해야 하는데 {kind}을(를) 받았습니다. "
    "{example}을(를) 쓰세요.",
    "fit: callbacks expects objects, not the function {name}. Write {example}.": "fit: "
    "callbacks에는 함수 {name}이(가) 아니라 객체를 주어야 합니다. {example}을(를) 쓰세요.",
    "fit: augment must return the {x} examples that it was given, changed; got {got}.": "fit: "
    "augment는 받은 데이터 {x}개를 바꾸어 돌려주어야 하는데 {got}을(를) 받았습니다.",
    # of several processes
    "several processes share every batch, and {layers} needs it whole. Train without it ({flags}), "
    "or in one process.": "여러 프로세스가 미니배치를 나누는데 {layers}에는 미니배치가 통째로 "
    "있어야 합니다. 그것 없이 학습하거나({flags}) 프로세스 하나로 학습하세요.",
    "several processes share every batch, and {augment} draws for it whole. Train without it "
    "({flag}), or in one process.": "여러 프로세스가 미니배치를 나누는데 {augment}은(는) 미니배치 "
    "전체를 두고 난수를 뽑습니다. 그것 없이 학습하거나({flag}) 프로세스 하나로 학습하세요.",
    "a batch of {n} cannot be shared by {size} processes. Use larger batches, or fewer processes.":
    "데이터 {n}개의 미니배치를 프로세스 {size}개가 나눌 수 없습니다. 미니배치를 늘리거나 "
    "프로세스를 줄이세요.",
    "process {n} would train something else than process 0 (net, data, engine or checkpoint). "
    "Give all the same files, and install the same version everywhere.": "프로세스 {n}이(가) "
    "프로세스 0과 다른 것을 학습하게 됩니다(신경망, 데이터, 엔진, 체크포인트). 모두에 같은 파일을 "
    "주고 같은 버전을 설치하세요.",
    "the nets of the processes have come to differ, so the sums of their gradients are not the "
    "same everywhere. Use another MPI library, or one process.": "프로세스마다 신경망이 "
    "달라졌습니다. 기울기의 합이 같지 않기 때문입니다. 다른 MPI 라이브러리를 쓰거나 프로세스 "
    "하나로 학습하세요.",
    # of history files
    "the history is not as to_json writes it: {problem}.": "학습 기록이 to_json이 쓴 것과 "
    "다릅니다: {problem!k}.",
    "{place} is longer than {most} bytes.": "{place}이(가) {most}바이트보다 깁니다.",
    "{place} is not a line of a history: {problem}; got {shown}.": "{place}은(는) 학습 기록의 "
    "줄이 아닙니다({problem!k}). 내용: {shown}.",
    "{path} holds {parts} rows, or lists in them, in {size} bytes: it would take more than {most} "
    "times that in memory.": "{path}에는 {size}바이트에 행이나 그 안의 리스트가 {parts}개 "
    "있습니다. 메모리를 그 {most}배 넘게 차지합니다.",
    "PrintProgress: stream expects an open file, such as sys.stdout; got {stream}. For a line "
    "every so many epochs: PrintProgress(every=10).": "PrintProgress: stream에는 sys.stdout처럼 "
    "열린 파일을 주어야 하는데 {stream}을(를) 받았습니다. 몇 에폭마다 한 줄씩 보려면 "
    "PrintProgress(every=10)을 쓰세요.",
    "{name} expects a pair (x, t) or a Dataset; got a Source, which holds several. Use mb.fit(net, "
    "source.train, test=source.test).": "{name}에는 (x, t) 쌍이나 Dataset을 주어야 하는데 "
    "여러 데이터셋이 든 Source를 받았습니다. mb.fit(net, source.train, test=source.test)을 쓰세요.",
}  # fmt: skip
"""Messages of this room."""
