"""The messages of this room in Korean."""

from __future__ import annotations

KOREAN = {
    # settings
    "train: {name} must be text; got {value}.": "train: {name}은(는) 글자여야 하는데 "
    "{value}을(를) 받았습니다.",
    "train: {name} must be true or false; got {value}.": "train: {name}은(는) 참이나 거짓이어야 "
    "하는데 {value}을(를) 받았습니다.",
    "train: early_stopping watches the validation set, and validation is 0. Hold out a share "
    "(validation=0.1), or watch the test set as the notes do (watch='test'); its accuracy then no "
    "longer measures unseen data.": "train: early_stopping은 검증 데이터를 지켜보는데 "
    "validation이 0입니다. 훈련 데이터의 일부를 떼거나(--validation 0.1), 책처럼 시험 데이터를 "
    "지켜보세요(--watch test). 다만 그러면 시험 정확도는 더는 처음 보는 데이터의 정확도가 "
    "아닙니다.",
    "train: {loss} is a loss for classes, and the targets are numbers. Use "
    "loss='mean_squared_error' or huber, or targets='classes'.": "train: {loss}은(는) 클래스에 "
    "쓰는 손실 함수인데 목푯값이 수입니다. --loss mean_squared_error나 huber, 또는 --targets "
    "classes를 쓰세요.",
    "train: {names} follow the data, which have not been read yet. Use config.settled(source).":
    "train: {names}은(는) 데이터에 맞추는데 아직 데이터를 읽지 않았습니다. "
    "config.settled(source)를 쓰세요.",
    "it does not hold the settings of a run: {names}.": "실행의 설정이 아닙니다: {names}.",
    "{name} should be {expected}; got {value}.": "{name}은(는) {expected}이어야 하는데 "
    "{value}입니다.",
    "train: scale_targets is for real targets, and {data} has classes. For real targets use "
    "targets='numbers'.": "train: scale_targets는 실수 목푯값에 쓰는데 {data}은(는) 클래스입니다. "
    "실수 목푯값이면 targets='numbers'를 쓰세요.",
    "train: {name} is for your own files and folders; {data} comes with its test set and its "
    "labels.": "train: {name}은(는) 내 파일과 폴더에 씁니다. {data}에는 시험 데이터와 레이블이 "
    "따로 있습니다.",
    "train: {data} comes with its own validation set; validation must be 0.": "train: {data}에는 "
    "검증 데이터가 따로 있습니다. validation은 0이어야 합니다.",
    "train: conv is for images; {data} holds {what}. Leave conv=... out.": "train: conv는 "
    "이미지에 쓰는데 {data}은(는) {what!k}입니다. --conv를 빼세요.",
    "train: shift is for images in gray; {data} holds {what}.": "train: shift는 회색 이미지에 "
    "쓰는데 {data}은(는) {what!k}입니다.",
    # run folders
    "{path} exists and is not an empty folder. Choose another name: out=...": "{path}이(가) 이미 "
    "있고 빈 폴더가 아닙니다. 다른 이름을 고르세요(out=...).",
    "{path} exists and is not an empty folder. Continue with: mitbadak train --resume {again}, or "
    "choose another name: out=...": "{path}이(가) 이미 있고 빈 폴더가 아닙니다. mitbadak train "
    "--resume {again}(으)로 이어 가거나 다른 이름을 고르세요(out=...).",
    "{path} was moved or deleted while this run was using it: nothing more is written "
    "there.{where}": "이 실행이 쓰는 동안 {path}이(가) 옮겨지거나 지워졌습니다. 거기에는 더 쓰지 "
    "않습니다.{where!k}",
    "{path} was moved or deleted, and another is in its place while this run was using it: "
    "nothing more is written there.{where}": "이 실행이 쓰는 동안 {path}이(가) 옮겨지거나 "
    "지워지고 다른 것이 그 자리에 있습니다. 거기에는 더 쓰지 않습니다.{where!k}",
    "{path} has the lock of another process while this run was using it: nothing more is written "
    "there.{where}": "이 실행이 쓰는 동안 다른 프로세스가 {path}을(를) 잠갔습니다. 거기에는 더 "
    "쓰지 않습니다.{where!k}",
    " Its contents are in {place}.": " 내용은 {place}에 있습니다.",
    "{place} cannot be written: {reason}. {remedy}": "{place}에 쓸 수 없습니다: {reason!k}. "
    "{remedy!k}",
    "Choose another folder: out=...": "다른 폴더를 고르세요(out=...).",
    "there is no run folder {path}.": "실행 폴더 {path}이(가) 없습니다.",
    "{path} is not a run folder: it has no config.json. Run folders are made by 'mitbadak train'.":
    "{path}은(는) 실행 폴더가 아닙니다. config.json이 없습니다. 실행 폴더는 'mitbadak train'이 "
    "만듭니다.",
    "it holds more than {n} bytes.": "{n}바이트보다 큽니다.",
    "it is not of format {n}.": "형식이 {n}이(가) 아닙니다.",
    "{config} cannot be used: {error}": "{config}을(를) 쓸 수 없습니다: {error!k}",
    "{parent} holds a thousand folders named {name}. Choose another name: out=...": "{parent}에 "
    "{name} 폴더가 천 개 있습니다. 다른 이름을 고르세요(out=...).",
    "there is no folder {folder}. Runs are made by 'mitbadak train', by default in the folder "
    "runs.": "{folder} 폴더가 없습니다. 실행은 'mitbadak train'이 만들며 기본으로 runs 폴더에 "
    "둡니다.",
    "{folder} has no history.jsonl: nothing has been evaluated yet.": "{folder}에 history.jsonl이 "
    "없습니다. 아직 평가한 것이 없습니다.",
    "{parent} is being written by {who}. Wait until that ends, or stop it.": "{parent}에 "
    "{who}이(가) 쓰고 있습니다. 끝날 때까지 기다리거나 멈추세요.",
    "{path} is not a regular file. Remove it.": "{path}은(는) 보통 파일이 아닙니다. 지우세요.",
    "this file system (a network share, perhaps) has no locks, so nothing keeps two processes "
    "from writing into the same run folder.": "이 파일 시스템(네트워크 드라이브일지 모릅니다)에는 "
    "잠금이 없어서, 두 프로세스가 같은 실행 폴더에 쓰는 것을 막지 못합니다.",
    "the run folder {path} vanished; it was made again and holds the whole run.": "실행 폴더 "
    "{path}이(가) 사라져서 다시 만들었습니다. 실행 전체가 들어 있습니다.",
    "The run could not be saved beside it either: {problem}": "옆에 저장하지도 못했습니다: "
    "{problem}",
    "the data have changed since {run} was trained on them (their fingerprint was {before}, now "
    "it is {now}). Restore the old data, or start a new run.": "{run}을(를) 학습한 뒤에 데이터가 "
    "바뀌었습니다(지문이 {before}이었는데 지금은 {now}입니다). 예전 데이터로 되돌리거나 새로 "
    "학습하세요.",
    "{run} is resumed in another environment: {subject} was {before} and is now {now}; "
    "{consequence}.": "{run}을(를) 다른 환경에서 이어 갑니다. {subject}: 전에는 {before}, 지금은 "
    "{now}; {consequence}.",
    # resuming
    "{where} holds another net than config.json describes.": "{where}에 config.json과 다른 "
    "신경망이 있습니다.",
    "{where} holds another optimizer than config.json describes.": "{where}에 config.json과 다른 "
    "옵티마이저가 있습니다.",
    "the checkpoint holds another net than config.json describes.": "체크포인트에 config.json과 "
    "다른 신경망이 있습니다.",
    "{where} cannot be resumed: {error}": "{where}은(는) 이어 갈 수 없습니다: {error!k}",
    "{history} is incomplete: it holds {losses} of {steps} losses and {rows} of {all} rows. It "
    "was cut or edited.": "{history}이(가) 온전하지 않습니다. 손실 {steps}개 가운데 {losses}개, "
    "행 {all}개 가운데 {rows}개가 있습니다. 잘렸거나 고쳤습니다.",
    "{slot} of {name}, shape {shape}, fits no parameter.": "{name}의 {slot}(형상 {shape})에 맞는 "
    "매개변수가 없습니다.",
    "{path} has completed {n} epochs already; epochs {epochs} would go back. Use a larger number, "
    "or start a new run.": "{path}은(는) 이미 {n}에폭을 마쳤습니다. epochs {epochs}(으)로 "
    "되돌아갈 수는 없습니다. 더 큰 수를 주거나 새로 학습하세요.",
    "the learning rate schedule of {path} ({schedule}) is laid out for {n} epochs, so epochs "
    "cannot change. Start a new run.": "{path}의 학습률 스케줄({schedule})은 {n}에폭에 맞춘 "
    "것이라 --epochs를 바꿀 수 없습니다. 새로 학습하세요.",
    # models
    "{path} holds no weights yet. Continue with: mitbadak train --resume {folder}": "{path}에 "
    "아직 가중치가 없습니다. 이어서 하려면: mitbadak train --resume {folder}",
    "{model} does not say how its examples were prepared, and that is only known for {known}; its "
    "data set is {data}.": "{model}에 데이터를 어떻게 전처리했는지 없고, 그것을 아는 데이터는 "
    "{known}뿐인데 이 데이터는 {data}입니다.",
    "a net on examples of shape {shape} does not take images.": "형상이 {shape}인 데이터를 받는 "
    "신경망에는 이미지를 줄 수 없습니다.",
    "invert is for pictures that are only scaled; here ink is cut out, dark or light. Leave it "
    "out, or add center=False.": "invert는 크기만 맞추는 이미지에 씁니다. 여기서는 어둡든 밝든 "
    "획을 잘라 냅니다. 빼거나 --no-center를 더하세요.",
    "{path} may be read wrongly: {doubt}.": "{path}을(를) 잘못 읽었을지 모릅니다. {doubt!k}.",
    "{path} shows {n} digits; one was expected. Cut them apart, or use mitbadak predict, which "
    "answers each.": "{path}에 숫자가 {n}개 있습니다. 하나여야 합니다. 따로 자르거나, 저마다 "
    "답하는 mitbadak predict를 쓰세요.",
    "the model was saved by an earlier version, which did not store how its pictures were read: "
    "new ones are cut out and centered like MNIST's. If it was trained on pictures as they are, "
    "add center=False.": "이 모델은 이미지를 어떻게 읽었는지 저장하지 않던 이전 버전의 것입니다. "
    "새 이미지는 MNIST처럼 잘라 내어 가운데에 맞춥니다. 이미지를 그대로 학습했다면 --no-center를 "
    "더하세요.",
    "load reads .safetensors files, as save writes them, and folders of runs; got {path}. In "
    "Mitbadak: {line}.": "load는 save가 저장한 .safetensors 파일과 학습 폴더를 읽는데 {path}을(를) "
    "받았습니다. Mitbadak에서는 {line}.",
    "load_weights expects the path of a file; got a dict. In Mitbadak: net.params.update(weights).":
    "load_weights에는 파일의 경로를 주어야 하는데 딕셔너리를 받았습니다. Mitbadak에서는 "
    "net.params.update(weights).",
    "{path} has no rows below its header.": "{path}의 열 이름 아래에 행이 없습니다.",
    "{path} lacks the {which} {names}; it has {own}. The net was trained on {wanted}.": "{path}에 "
    "{names} 열이 없습니다. 있는 열은 {own}이고, 신경망은 {wanted}(으)로 학습했습니다.",
    "{path}: two columns are named {name}. Rename one.": "{path}: 이름이 {name}인 열이 둘입니다. "
    "하나의 이름을 바꾸세요.",
    "the preparation makes {n} numbers of each example; the net takes {m}.": "전처리하면 "
    "데이터마다 수가 {n}개인데 신경망은 {m}개를 받습니다.",
    "the preparation names {n} classes; the net has {m}.": "전처리에는 클래스가 {n}개인데 "
    "신경망은 {m}개입니다.",
    "classify: this net predicts numbers, not classes. Use predict(x).": "classify: 이 신경망은 "
    "클래스가 아니라 수치를 예측합니다. predict(x)를 쓰세요.",
    "accuracy: this net predicts numbers, not classes. Use regression_quality(x, t) for R2.":
    "accuracy: 이 신경망은 클래스가 아니라 수치를 예측합니다. R2는 regression_quality(x, t)로 "
    "구하세요.",
    "regression_quality: this net predicts classes. Use accuracy(x, t).": "regression_quality: 이 "
    "신경망은 클래스를 예측합니다. accuracy(x, t)를 쓰세요.",
    "predict: columns by name are for nets that were trained on tables, and this one takes "
    "{what}; got {kind}. Give an array of numbers.": "predict: 이름으로 주는 열은 표로 학습한 "
    "신경망에 씁니다. 이 신경망은 {what!k}을(를) 받는데 {kind}을(를) 주었습니다. 수의 배열을 "
    "주세요.",
    "predict: x holds NaN or infinity. Remove or replace such numbers.": "predict: x에 NaN이나 "
    "무한대가 있습니다. 그런 수를 빼거나 바꾸세요.",
    "save expects the path of a file; got {value}.": "save에는 파일의 경로를 주어야 하는데 "
    "{value}을(를) 받았습니다.",
    "{path} should end in .safetensors, the only format that save writes.": "{path}의 이름은 "
    ".safetensors로 끝나야 합니다. save가 쓰는 형식은 그것뿐입니다.",
    "{path} describes no net that Mitbadak can make: {error}": "{path}의 신경망은 Mitbadak이 만들 "
    "수 없는 것입니다: {error!k}",
    "it has more than {n} layers.": "계층이 {n}개보다 많습니다.",
    "its layers are larger than its arrays.": "계층이 배열보다 큽니다.",
    "{path}: parameter {name} should be {expected}; in the file it is {found}.": "{path}: "
    "매개변수 {name}은(는) {expected}이어야 하는데 파일에는 {found}입니다.",
    "{path}: the row of its measures is not one of a history: {problem}.": "{path}: 측정값이 학습 "
    "기록의 행이 아닙니다: {problem!k}.",
    "{path} is damaged or not a safetensors file: its header would take more than {n} bytes.":
    "{path}이(가) 손상되었거나 safetensors 파일이 아닙니다. 머리 부분이 {n}바이트보다 큽니다.",
    "{path} is damaged or not a safetensors file: {error}.": "{path}이(가) 손상되었거나 "
    "safetensors 파일이 아닙니다: {error}.",
    "{path} is a safetensors file, but Mitbadak did not write it: it describes no net ({error})":
    "{path}은(는) safetensors 파일이지만 Mitbadak이 쓴 것이 아닙니다. 신경망이 없습니다({error}).",
    "{path} is not of format {n}. Use the version of Mitbadak that wrote it.": "{path}의 형식이 "
    "{n}이(가) 아닙니다. 그것을 쓴 버전의 Mitbadak을 쓰세요.",
    # pixels
    "predict: floating-point pixels must lie in [0, 1]; got {low} to {high}. Give raw pixels as "
    "whole numbers, such as x.astype(np.uint8), or x / {divisor}.": "predict: 실수인 픽셀은 0에서 "
    "1 사이여야 하는데 {low}에서 {high}까지입니다. x.astype(np.uint8)처럼 정수로 주거나 x / "
    "{divisor}(으)로 주세요.",
    "predict: pixels lie in 0..{divisor}; got {low} to {high}. Bring them into the range of the "
    "training, such as x / 257 for 16 bits, or give floats from 0 to 1.": "predict: 픽셀은 "
    "0..{divisor}이어야 하는데 {low}에서 {high}까지입니다. 16비트이면 x / 257처럼 학습할 때의 "
    "범위로 맞추거나, 0에서 1까지의 실수로 주세요.",
    "predict: pixels were not divided in training: they lay in [0, 1], or some were negative. Got "
    "whole numbers from {low} to {high}. Give them in the range of the training, such as x / 255; "
    "floats are taken as they are.": "predict: 학습할 때 픽셀을 나누지 않았습니다. 0에서 1 "
    "사이였거나 음수가 있었습니다. {low}에서 {high}까지의 정수를 받았습니다. x / 255처럼 학습할 "
    "때의 범위로 주세요. 실수는 그대로 받습니다.",
    "these pixels reach {high}; in training they were at most 1, or some were negative.": "픽셀이 "
    "{high}까지 있습니다. 학습할 때는 1 이하였거나 음수가 있었습니다.",
    "predict: such pixels are divided by {divisor}, as in training, and these reach only {high}. "
    "{remedy}": "predict: 이런 픽셀은 학습할 때처럼 {divisor}(으)로 나누는데, 이것은 "
    "{high}까지뿐입니다. {remedy!k}",
    "Give them in the range of the training: x * {divisor}.": "학습할 때의 범위인 x * "
    "{divisor}(으)로 주세요.",
    "Give pixels in [0, 1] as floats: x.astype(float).": "0에서 1까지의 픽셀은 "
    "x.astype(float)처럼 실수로 주세요.",
    # measures
    "confusion_matrix expects t and predicted of one shape (n,); got {a} and {b}.":
    "confusion_matrix: t와 predicted의 형상이 (n,)으로 같아야 하는데 {a}와(과) {b}입니다.",
    "precision_recall expects a square matrix; got shape {shape}.": "precision_recall에는 정사각 "
    "행렬을 주어야 하는데 형상이 {shape}입니다.",
    "calibration expects probabilities (n, classes) and t (n,), n at least 1; got {a} and {b}.":
    "calibration: 확률은 (n, classes), t는 (n,)이고 n은 1 이상이어야 하는데 {a}와(과) {b}입니다.",
    "calibration expects probabilities in [0, 1]; got entries from {low} to {high}.":
    "calibration: 확률은 0에서 1 사이여야 하는데 {low}에서 {high}까지입니다.",
    "regression_quality expects t and y of one shape (n,) or (n, outputs), n at least 1; got {a} "
    "and {b}.": "regression_quality: t와 y의 형상이 (n,)이나 (n, outputs)로 같고 n은 1 이상이어야 "
    "하는데 {a}와(과) {b}입니다.",
    # weights from elsewhere
    "{path} holds {names}; the net has {own}. They differ in {wrong}.": "{path}에는 {names}이(가) "
    "있는데 신경망에는 {own}이(가) 있습니다. 다른 것: {wrong}.",
    "{path}: {name} has shape {shape}; that of the net is {own}.": "{path}: {name}의 형상이 "
    "{shape}인데 신경망에서는 {own}입니다.",
    "{path}: {name} holds numbers that {dtype} cannot hold.": "{path}: {name}에 {dtype}에 담을 수 "
    "없는 수가 있습니다.",
    "load_weights expects the path of a file; got {value}.": "load_weights에는 파일의 경로를 "
    "주어야 하는데 {value}을(를) 받았습니다.",
    "{path} should end in {endings} or {last}.": "{path}의 이름은 {endings}이나 {last}(으)로 "
    "끝나야 합니다.",
    "{path} holds {n} arrays without names, as the second book saves them. Store them by name, "
    "such as dict(zip(net.params, arrays)).": "{path}에 2권의 코드가 저장한 것처럼 이름 없는 "
    "배열이 {n}개 있습니다. dict(zip(net.params, arrays))처럼 이름을 붙여 저장하세요.",
    "{path} should hold arrays by name, such as W1 and b1; got {kind}.": "{path}에는 W1, b1처럼 "
    "이름이 붙은 배열이 있어야 하는데 {kind}이(가) 있습니다.",
    "{path}: {name} should be an array of numbers by its name.": "{path}: {name}은(는) 이름이 "
    "붙은 수의 배열이어야 합니다.",
    "{path}: {name} holds NaN or infinity.": "{path}: {name}에 NaN이나 무한대가 있습니다.",
    "{path} is empty.": "{path}이(가) 비었습니다.",
    "{path} is larger than {n} bytes.": "{path}이(가) {n}바이트보다 큽니다.",
    "{path} is no pickle that can be read: {error}.": "{path}은(는) 읽을 수 있는 피클이 아닙니다: "
    "{error}.",
    "the pickle refers to {name}; only dictionaries of arrays are read, and nothing in the file "
    "is executed.": "피클이 {name}을(를) 가리킵니다. 배열의 딕셔너리만 읽고, 파일에 있는 것은 "
    "실행하지 않습니다.",
    "the pickle holds an array of something other than numbers.": "피클에 수가 아닌 것의 배열이 "
    "있습니다.",
    "the pickle holds an array of {dtype}; only numbers are read.": "피클에 {dtype} 배열이 "
    "있습니다. 수만 읽습니다.",
}  # fmt: skip
