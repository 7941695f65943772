"""What the commands print, in Korean."""

from __future__ import annotations

NAMES = {
    # columns of tables, and names of measures
    "run": "실행",
    "data": "데이터",
    "net": "신경망",
    "optimizer": "옵티마이저",
    "epochs": "에폭",
    "accuracy": "정확도",
    "loss": "손실",
    "seconds": "초",
    "state": "상태",
    "class": "클래스",
    "precision": "정밀도",
    "recall": "재현율",
    "f1": "F1",
    "examples": "개수",
    "lr": "학습률",
    "steps": "단계",
    "status": "결과",
    "test accuracy": "시험 정확도",
    "test loss": "시험 손실",
    "train accuracy": "훈련 정확도",
    "train loss": "훈련 손실",
    "validation accuracy": "검증 정확도",
    "validation loss": "검증 손실",
    "{n:d} train": "훈련 {n}개",
    "{n:d} validation": "검증 {n}개",
    "{n:d} test": "시험 {n}개",
    "none": "없음",
    "trial": "시도",
    "settings": "설정",
    "failed": "실패",
    "warning": "주의",
    # states of runs and files
    "finished": "마침",
    "stopped": "멈춤",
    "running": "학습 중",
    "unfinished": "덜 마침",
    "damaged": "손상",
    "ok": "정상",
    "missing": "없음",
    "DAMAGED": "손상",
    # further pictures
    "boundary": "결정 경계",
    "fit": "맞춘 곡선",
    # of initializers, whose names end in words
    "unknown initializer '{name}'; did you mean '{other}'? Known: {names}, or a standard "
    "deviation such as 0.01.": "'{name}'은(는) 모르는 초깃값 방법입니다. '{other}'인가요? 아는 것: "
    "{names}, 또는 0.01 같은 표준편차.",
    "unknown initializer '{name}'. Known: {names}, or a standard deviation such as 0.01.":
    "'{name}'은(는) 모르는 초깃값 방법입니다. 아는 것: {names}, 또는 0.01 같은 표준편차.",
}  # fmt: skip
"""Words that the code puts together, or takes from elsewhere."""

LINES = {
    # export
    "{file}: {inputs} inputs, {outputs} outputs, {size} bytes": "{file}: 입력 {inputs}개, 출력 "
    "{outputs}개, {size}바이트",
    "its inputs are columns of the table as numbers:": "입력은 표의 열을 수로 바꾼 것입니다:",
    "the file holds no standardization; its inputs are columns as numbers, each less its mean and "
    "divided by its spread:": "파일에 표준화는 들어 있지 않습니다. 입력은 열을 수로 바꾸고 저마다 "
    "평균을 뺀 뒤 표준편차로 나눈 것입니다:",
    "its inputs are pixels divided by {divisor}": "입력은 픽셀 값을 {divisor}로 나눈 것입니다",
    "its answers are to be multiplied by {std}, then {mean} added": "답에는 {std}를 곱한 다음 "
    "{mean}을(를) 더해야 합니다",
    # train
    "{data}: {sizes}; {preparation}. {net}, {optimizer}, batch {size}, engine {engine} ({why}), "
    "seed {seed}": "{data}: {sizes}; {preparation!k}. {net}, {optimizer}, 미니배치 {size}, 엔진 "
    "{engine}({why!k}), 시드 {seed}",
    "chosen for data of this kind and size, each changed by its flag: {flags}": "데이터의 종류와 "
    "크기에 맞추어 정한 설정(저마다 옵션으로 바꿀 수 있습니다): {flags}",
    "run folder: {path}": "실행 폴더: {path}",
    "continuing after epoch {epoch}, step {step}": "{epoch}에폭, {step}단계 다음부터 이어 갑니다",
    "{measures} after {epochs} epochs in {seconds} s": "{measures} ({epochs}에폭, {seconds}초)",
    "test R2 {r2}, RMSE {rmse}": "시험 R2 {r2}, RMSE {rmse}",
    "train loss {loss}": "훈련 손실 {loss}",
    "(of standardized targets)": "(표준화한 목푯값 기준)",
    "weights: {path}": "가중치: {path}",
    "curves: {path}": "학습 곡선: {path}",
    "film: {path}": "학습 과정을 담은 그림: {path}",
    "evaluate: mitbadak evaluate {path}": "평가하려면: mitbadak evaluate {path}",
    "the best weights are back: those of epoch {kept} of {epochs}, by {measure}": "가장 좋은 "
    "가중치로 되돌렸습니다: {epochs}에폭 가운데 {kept}에폭, {measure}",
    "report: {page}": "진단서: {page}",
    "doctor: {finding}": "진단: {finding}",
    "why, and what helps: mitbadak diagnose {folder}": "까닭과 처방을 보려면: mitbadak diagnose "
    "{folder}",
    "the doctor could not look at the run: {problem}.": "실행을 진단하지 못했습니다: {problem!k}.",
    "no report was written: {problem}": "진단서를 쓰지 못했습니다: {problem!k}",
    "Continue with: {command}": "이어서 하려면: {command}",
    "{reason}; nothing is lost. {resume}": "{reason!k}. 잃은 것은 없습니다. {resume!k}",
    "{problem}. The run is saved in {folder} up to its last checkpoint. Solve the problem first. "
    "{resume}": "{problem!k}. 마지막 체크포인트까지 {folder}에 저장되어 있습니다. 먼저 이 문제를 "
    "해결하세요. {resume!k}",
    "stopped: {reason}. The run is in {folder}": "멈췄습니다: {reason!k}. 실행 폴더는 "
    "{folder}입니다",
    "{problem}. The run itself is complete, in {folder}": "{problem!k}. 학습 자체는 끝났고 "
    "{folder}에 있습니다",
    "no picture was drawn: {reason}": "그림을 그리지 못했습니다: {reason!k}",
    "the output was closed": "출력이 닫혔습니다",
    "interrupted": "중단했습니다",
    "--doctor reports on a training, and --checkup does not train. Give one of them.":
    "--doctor는 학습한 결과를 진단하고 --checkup은 학습하지 않습니다. 둘 가운데 하나만 주세요.",
    "--film shows a training, and --checkup does not train. Give one of them.": "--film은 학습 "
    "과정을 그리고 --checkup은 학습하지 않습니다. 둘 가운데 하나만 주세요.",
    "--quiet prints no epochs, and --every says which. Give one of them.": "--quiet는 에폭을 "
    "출력하지 않고 --every는 어느 에폭을 출력할지 정합니다. 둘 가운데 하나만 주세요.",
    "--checkup looks at a training before it starts, and --resume continues one. Use mitbadak "
    "diagnose {folder}.": "--checkup은 학습하기 전에 점검하고 --resume은 하던 학습을 이어 갑니다. "
    "mitbadak diagnose {folder}을(를) 쓰세요.",
    "--resume continues a run with its own settings; {fixed} cannot change. Only --epochs and "
    "--engine can; start a new run for anything else.": "--resume은 하던 학습을 그 설정대로 이어 "
    "가므로 {fixed}은(는) 바꿀 수 없습니다. --epochs와 --engine만 바꿀 수 있습니다. 다른 것을 "
    "바꾸려면 새로 학습하세요.",
    "{flag} names {n} layers; at most {most} are possible.": "{flag}에 층이 {n}개 있습니다. "
    "{most}개까지 됩니다.",
    "{flag} expects whole numbers such as 50 or 50,100; got {text}.": "{flag}에는 50이나 "
    "50,100처럼 정수를 주어야 하는데 {text}을(를) 받았습니다.",
    "--out {path}: with --checkup it names a page such as checkup.html, since no run folder is "
    "made.": "--out {path}: --checkup은 실행 폴더를 만들지 않으므로 checkup.html 같은 페이지의 "
    "이름을 주어야 합니다.",
    # export
    "export expects a file that ends in {endings} or {last}; got {file}.": "export에는 {endings}, "
    "{last} 가운데 하나로 끝나는 파일을 주어야 하는데 {file}을(를) 받았습니다.",
    "export: there is no folder {folder}. Make it first.": "export: {folder} 폴더가 없습니다. "
    "먼저 만드세요.",
    "export: {file} is the file that is read. Choose another one.": "export: {file}은(는) 지금 "
    "읽는 파일입니다. 다른 이름을 쓰세요.",
    "export: {file} belongs to the run itself. Choose a file outside of the run folder.":
    "export: {file}은(는) 실행이 쓰는 파일입니다. 실행 폴더 밖의 파일을 고르세요.",
    "{path}: no such file.": "{path}: 그런 파일이 없습니다.",
    "{path}: expected a script or notebook; got a folder.": "{path}: 스크립트나 노트북을 주어야 "
    "하는데 폴더입니다.",
    # evaluate
    "{net} from {run}, on {n} test examples": "{run}의 {net}, 시험 데이터 {n}개",
    "one by one {single} ms, in batches of 100 {batches} ms ({times} times faster)": "하나씩 "
    "{single}밀리초, 100개씩 {batches}밀리초({times}배 빠름)",
    "one by one {single} ms, in batches of 100 {batches} ms ({times} times slower)": "하나씩 "
    "{single}밀리초, 100개씩 {batches}밀리초({times}배 느림)",
    "expected calibration error {error}": "기대 보정 오차 {error}",
    "picture: {path}": "그림: {path}",
    "{folder}: no images in this folder.": "{folder}: 이 폴더에 이미지가 없습니다.",
    "no picture was written: {problem}": "그림을 저장하지 못했습니다: {problem!k}",
    "the net's output is NaN or infinite: its training diverged.": "신경망의 출력이 NaN이거나 "
    "무한대입니다. 학습이 발산했습니다.",
    # predict
    "{n} answers, each a row of the file": "답 {n}개를 한 행에 하나씩 썼습니다",
    "right: {n} of {all}, by the folders of the files": "맞음: {all}개 중 {n}개(정답은 파일이 든 "
    "폴더 이름)",
    "right": "맞음",
    "wrong ({truth})": "틀림({truth})",
    "answers: {path}": "답: {path}",
    "row {row:d}": "{row}행",
    "{file}, {digit:d} of {n:d}": "{file}, {n}개 중 {digit}",
    "--out {path} should end in .csv: the answers are written as CSV.": "--out {path}의 이름은 "
    ".csv로 끝나야 합니다. 답을 CSV로 씁니다.",
    "{run} is a net on images; {file} is a table.": "{run}은(는) 이미지를 받는 신경망인데 "
    "{file}은(는) 표입니다.",
    "{run} is a net on rows of {n} numbers without names, which mitbadak predict cannot find in "
    "{file}. In Python mitbadak.load(run).predict(rows) takes them.": "{run}은(는) 이름 없는 수 "
    "{n}개를 받는 신경망이라 mitbadak predict가 {file}에서 그 수들을 찾을 수 없습니다. 파이썬에서 "
    "mitbadak.load(run).predict(rows)로 줄 수 있습니다.",
    "{run} is a net on numbers; {file} is not a table. Give a .csv file with the columns "
    "{columns}.": "{run}은(는) 수를 받는 신경망인데 {file}은(는) 표가 아닙니다. {columns} 열이 "
    "있는 .csv 파일을 주세요.",
    "--picture draws images; this is a net on numbers. Use --out for a table.": "--picture는 "
    "이미지를 그리는데 이것은 수를 받는 신경망입니다. 표로 받으려면 --out을 쓰세요.",
    "--picture draws at most {most} images; got {n}.": "--picture는 이미지를 {most}장까지 "
    "그리는데 {n}장을 받았습니다.",
    # runs
    "no runs in {folders}": "{folders}에 실행이 없습니다",
    "no room for {columns}; --json has all": "자리가 없어 뺀 열: {columns}(--json에는 모두 "
    "있습니다)",
    "--plot: none of these runs has curves to draw.": "--plot: 그릴 곡선이 있는 실행이 없습니다.",
    # descend
    "--race runs all optimizers; leave out --optimizer and --trace.": "--race는 모든 옵티마이저를 "
    "실행합니다. --optimizer와 --trace는 빼세요.",
    "{flag} needs a function of two variables; --start has {n}.": "{flag}에는 변수가 두 개인 "
    "함수가 필요한데 --start에는 {n}개가 있습니다.",
    "--start: {function} is a function of two numbers; got {n}.": "--start: {function}은(는) "
    "변수가 두 개인 함수인데 수를 {n}개 받았습니다.",
    "{function} from ({point}), {n} steps": "{function}, ({point})에서 {n}단계",
    "step {number}: x {x}  gradient {gradient}": "{number}단계: x {x}  기울기 {gradient}",
    "lr {lr} is above the stability limit 2/lambda = {limit} at ({point}): plain gradient descent "
    "cannot settle there.": "학습률 {lr}은(는) ({point})에서의 안정 한계 2/lambda = {limit}보다 "
    "큽니다. 단순한 경사 하강법은 그곳에 수렴하지 못합니다.",
    "f curves down from here: this is a saddle, not a minimum. Try another start.": "여기서 f가 "
    "내려가는 쪽이 있습니다. 최소점이 아니라 안장점입니다. 다른 곳에서 출발해 보세요.",
    "stability limit of sgd, 2/lambda: {limit} at ({point})": "sgd의 안정 한계 2/lambda: "
    "({point})에서 {limit}",
    "{function} failed at --start={start}: {problem}": "--start={start}에서 {function}에 오류가 "
    "났습니다: {problem!k}",
    # gradcheck
    "gradcheck {subject} needs a point, such as --at=-3,4.": "gradcheck {subject}에는 "
    "--at=-3,4처럼 점을 주어야 합니다.",
    "--examples must be at least 1; got {n}.": "--examples는 1 이상이어야 하는데 {n}입니다.",
    # diagnose
    "{path}: no such file or run folder.": "{path}: 그런 파일이나 실행 폴더가 없습니다.",
    "{path}: expected a .py or .ipynb file; got a folder.": "{path}: .py나 .ipynb 파일을 주어야 "
    "하는데 폴더입니다.",
    # data
    "mnist: 60,000 training and 10,000 test images of 28 x 28, in {folder}": "mnist: 28 x 28 훈련 "
    "이미지 60,000장과 시험 이미지 10,000장, {folder}",
    "  by LeCun, Cortes and Burges; see the license note in README.md beside them": "  LeCun, "
    "Cortes, Burges가 만들었습니다. 라이선스는 옆에 있는 README.md에 있습니다",
    "spiral: {train} training points (seed 1984, as in the book) and {test} test points (seed "
    "1985), generated on demand": "spiral: 훈련 점 {train}개(책과 같은 시드 1984)와 시험 점 "
    "{test}개(시드 1985), 그때그때 만듭니다",
    "{name} ({train} train, {test} test)": "{name}(훈련 {train}개, 시험 {test}개)",
    "{sets}: generated likewise, from seeds 0 and 1": "{sets}: 마찬가지로 시드 0과 1로 만듭니다",
    "your own: a folder of IDX files, a folder of images sorted by class, a .npz file or a table "
    "(.csv, .tsv, .txt, .data, .dat)": "내 데이터: IDX 파일 폴더, 클래스별로 나눈 이미지 폴더, "
    ".npz 파일, 표(.csv, .tsv, .txt, .data, .dat)",
    "{files}: missing or damaged. Reinstall Mitbadak.": "{files}: 없거나 손상되었습니다. "
    "Mitbadak을 다시 설치하세요.",
    # flags of several commands
    "{flag} expects numbers such as -3,4; got {text}.": "{flag}에는 -3,4처럼 수를 주어야 하는데 "
    "{text}을(를) 받았습니다.",
    "--{flag} {path}: there is no folder {parent}.": "--{flag} {path}: {parent} 폴더가 없습니다.",
    "--{flag} {path} is a folder; give the name of a file.": "--{flag} {path}은(는) 폴더입니다. "
    "파일 이름을 주세요.",
    "--{flag} {path} should end in {endings}.": "--{flag} {path}의 이름은 {endings!k}(으)로 "
    "끝나야 합니다.",
    ".{others} or .{last}": ".{others}, .{last}",
    # functions of users
    "cannot import {module}: {problem}": "{module}을(를) 임포트할 수 없습니다: {problem!k}",
    "{subject} failed: {problem}": "{subject}에서 오류가 났습니다: {problem!k}",
    "{name} raised {problem} instead of returning": "{name}이(가) 값을 돌려주지 않고 "
    "{problem}을(를) 일으켰습니다",
    # how a command ends
    "out of memory": "메모리가 모자랍니다",
    "out of memory ({text})": "메모리가 모자랍니다({text})",
    "{problem}. Try smaller sizes; {variable}=1 shows where memory ran out.": "{problem!k}. "
    "크기를 줄여 보세요. {variable}=1이면 어디서 모자랐는지 보여 줍니다.",
    "unexpected {problem}. This is a bug in Mitbadak. Run the command again with {variable}=1 in "
    "the environment to see the traceback, and report it.": "예상하지 못한 {problem}. Mitbadak의 "
    "버그입니다. 환경 변수 {variable}=1을 주고 다시 실행하면 트레이스백이 나옵니다. 그것을 알려 "
    "주세요.",
    "standard output cannot be written: {problem}": "표준 출력에 쓸 수 없습니다: {problem!k}",
    "Ctrl-C": "Ctrl-C",
}  # fmt: skip
"""Lines and complaints of the commands."""
