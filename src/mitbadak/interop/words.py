"""What exports, sweeps, ranks and records say in Korean, as far as a command shows it."""

from __future__ import annotations

EXPORT = {
    "export_c: name must be a name in C, such as 'net'; got {name}.": "export_c: name은 'net' "
    "같은 C의 이름이어야 하는데 {name}을(를) 받았습니다.",
    "export_c: {net} takes images of any size, and C code needs theirs. Begin the net with "
    "mb.Reshape((channels, height, width)).": "export_c: {net}은(는) 어떤 크기의 이미지든 받는데 "
    "C 코드에는 크기가 있어야 합니다. 신경망을 mb.Reshape((channels, height, width))로 시작하세요.",
    "export_c: the net holds NaN or infinite numbers.": "export_c: 신경망에 NaN이나 무한대가 "
    "있습니다.",
    "export_c: {layer} has no form in C here. Export a net of the layers that this package comes "
    "with.": "export_c: {layer}을(를) C로 쓰는 법이 없습니다. 이 패키지에 들어 있는 계층으로 만든 "
    "신경망을 내보내세요.",
    "export_c: the answer of {head} has no form in C here.": "export_c: {head}의 답을 C로 쓰는 "
    "법이 없습니다.",
    "export_onnx: opset must lie from 17 to 21; got {opset}.": "export_onnx: opset은 17에서 "
    "21까지여야 하는데 {opset}을(를) 받았습니다.",
    "export_onnx: {layer} has no form in ONNX. Export a net of the layers that this package comes "
    "with.": "export_onnx: {layer}을(를) ONNX로 쓰는 법이 없습니다. 이 패키지에 들어 있는 계층으로 "
    "만든 신경망을 내보내세요.",
    "export_onnx: the answer of {head} has no form in ONNX. Use answer=False for the scores.":
    "export_onnx: {head}의 답을 ONNX로 쓰는 법이 없습니다. 점수를 얻으려면 answer=False를 쓰세요.",
    "export_onnx: the net holds NaN, or numbers that are infinite in float32.": "export_onnx: "
    "신경망에 NaN이나 float32에 담을 수 없는 큰 수가 있습니다.",
    "save_torch_weights: {name} holds NaN or infinite numbers. Load the weights of an earlier "
    "epoch, or train with a smaller learning rate.": "save_torch_weights: {name}에 NaN이나 "
    "무한대가 있습니다. 앞 에폭의 가중치를 쓰거나 더 작은 학습률로 학습하세요.",
    "torch_weights: {layer} has {name}, for which PyTorch's modules have no name.":
    "torch_weights: {layer}에 있는 {name}은(는) PyTorch의 모듈에 이름이 없습니다.",
}  # fmt: skip

TUNING = {
    "{where} cannot be written: {reason}. Free some space, or choose another disk.":
    "{where}에 쓸 수 없습니다: {reason}. 공간을 비우거나 다른 디스크를 고르세요.",
    "mitbadak tune needs Optuna: pip install 'mitbadak[tune]'.": "mitbadak tune에는 Optuna가 "
    "있어야 합니다: pip install 'mitbadak[tune]'.",
    "storage {where} cannot be used: PostgreSQL needs a driver. pip install 'mitbadak[tune]'":
    "storage {where}을(를) 쓸 수 없습니다: PostgreSQL에는 드라이버가 있어야 합니다. "
    "pip install 'mitbadak[tune]'",
    "Range expects finite numbers; got {end}.": "Range에는 유한한 수를 주어야 하는데 {end}을(를) "
    "받았습니다.",
    "Range expects low below high; got {low} and {high}. Fix a single value by its setting "
    "instead.": "범위는 작은 값에서 큰 값까지여야 하는데 {low}, {high}을(를) 받았습니다. 값이 "
    "하나라면 그 설정으로 고정하세요.",
    "Range expects low above 0 where log is on; got {low}. Use a small number.": "로그 범위는 "
    "0보다 큰 값에서 시작해야 하는데 {low}입니다. 작은 양수를 쓰세요.",
    "Range expects a step above 0, and none where log is on.": "범위의 간격은 0보다 커야 하고, "
    "로그 범위에는 쓸 수 없습니다.",
    "tune needs something to try, such as {example}.": "tune에는 시도할 것을 주어야 합니다. "
    "{example}처럼 씁니다.",
    "{name} has no range of numbers. Name the values to try.": "{name}에는 수의 "
    "범위가 없습니다. 시도할 값을 하나씩 적으세요.",
    "{name} is a whole number; got {low}..{high}.": "{name}은(는) 정수인데 "
    "{low}..{high}을(를) 받았습니다.",
    "{name} expects {forms} (values with commas: A|B,C); got {text}.": "{name}에는 "
    "{forms} 가운데 한 형식을 주어야 하는데(쉼표가 든 값은 A|B,C) {text}을(를) 받았습니다.",
    "{name} should have two or more different values; got {values}. Fix a single value by "
    "its setting instead.": "{name}에는 서로 다른 값이 둘 이상 있어야 하는데 "
    "{values}입니다. 값이 하나라면 그 설정으로 고정하세요.",
    "tune: {names} cannot be both fixed and tried.": "tune: {names}을(를) 고정하면서 함께 시도할 "
    "수는 없습니다.",
    "tune compares runs on a validation set, and validation is 0. Hold out a share ({flag}).":
    "tune은 검증 데이터로 실행을 비교하는데 validation이 0입니다. 일부를 떼어 두세요({flag}).",
    "{folder} is not the folder of a sweep: it has no {file}. Sweeps are made by 'mitbadak "
    "tune'.": "{folder}은(는) 탐색 폴더가 아닙니다. {file}이(가) 없습니다. 탐색 폴더는 'mitbadak "
    "tune'이 만듭니다.",
    "{folder} holds a sweep. Continue with: mitbadak tune --resume {same}, or choose another "
    "name.": "{folder}에는 하던 탐색이 있습니다. 이어서 하려면: mitbadak tune --resume {same}. "
    "아니면 다른 이름을 쓰세요.",
    "{folder} holds another sweep. Choose another name.": "{folder}에는 다른 탐색이 있습니다. 다른 "
    "이름을 쓰세요.",
    "A sweep continues in its own storage, {kept}. Name no other.": "탐색은 본래의 "
    "저장소({kept})에서 이어집니다. 다른 저장소를 적지 마세요.",
    "{file} is a SQLite database, which several processes cannot share. Use workers=1, or start "
    "a new sweep with several.": "{file}은(는) SQLite 데이터베이스라서 여러 프로세스가 함께 쓸 수 "
    "없습니다. workers=1로 하거나, 여러 프로세스로 새 탐색을 시작하세요.",
    "storage must be a database; the file {where} cannot be opened as one.": "storage는 "
    "데이터베이스여야 하는데 파일 {where}을(를) 그렇게 열 수 없습니다.",
    "storage must be a database; {where} cannot be used: {reason}.": "storage는 데이터베이스여야 "
    "하는데 {where}을(를) 쓸 수 없습니다: {reason}.",
    "tune: its processes die again and again, the last one with exit code {code}. Run the sweep "
    "with workers=1 to see why.": "tune: 프로세스가 거듭 죽습니다. 마지막 종료 코드는 "
    "{code}입니다. workers=1로 실행하면 까닭이 보입니다.",
    "tune: no trial has finished.": "tune: 끝까지 학습한 시도가 없습니다.",
    "tune: no trial has finished. The first one that failed: {reason}": "tune: 끝까지 학습한 "
    "시도가 없습니다. 처음으로 실패한 까닭: {reason!k}",
    "{name} {value} cannot be tried: {problem}": "{name}에 {value}을(를) 쓸 수 없습니다: "
    "{problem!k}",
    "{file} is a SQLite database, and another process is at it. Wait until that ends, or share a "
    "journal: a storage whose name ends in .journal.": "{file}은(는) SQLite 데이터베이스이고 다른 "
    "프로세스가 쓰고 있습니다. 그것이 끝날 때까지 기다리거나, 이름이 .journal로 끝나는 저널을 함께 "
    "쓰세요.",
    "the storage of the sweep in {folder} is gone: there is no file {file}. Put it back there.":
    "{folder}의 탐색을 담은 저장소가 없어졌습니다. {file} 파일이 없습니다. 그 자리에 되돌려 "
    "놓으세요.",
    "a sweep cannot be kept behind grpc://: Optuna's proxy passes on no signs of life, so the "
    "trials of a process that dies would be lost. Give the address of the database behind it, such "
    "as postgresql://user@host/db.": "grpc:// 뒤에는 탐색을 둘 수 없습니다. Optuna의 프록시는 살아 "
    "있다는 신호를 전하지 않아서, 죽은 프로세스의 시도를 잃게 됩니다. 그 뒤에 있는 "
    "데이터베이스의 주소를 postgresql://user@host/db처럼 주세요.",
    "storage must be a database; {scheme}:// is none. Use postgresql://user@host/db, or a file.":
    "storage는 데이터베이스여야 하는데 {scheme}://는 아닙니다. postgresql://user@host/db나 파일을 "
    "쓰세요.",
    "it fell behind the median of the other runs": "다른 실행의 중앙값보다 뒤처졌습니다",
    "another process was given this trial": "다른 프로세스가 이 시도를 맡았습니다",
}  # fmt: skip

RANKS = {
    "mpiexec has started {n:d} processes, and training together needs mpi4py: pip install "
    "'mitbadak[mpi]'.": "mpiexec가 프로세스 {n}개를 시작했는데, 함께 학습하려면 mpi4py가 있어야 "
    "합니다: pip install 'mitbadak[mpi]'.",
    "mpiexec has started {n:d} processes, and mpi4py sees {m:d}: it uses another MPI library. "
    "Install both from one place (pip install mpi4py mpich).": "mpiexec가 프로세스 {n}개를 "
    "시작했는데 mpi4py에는 {m}개가 보입니다. 서로 다른 MPI 라이브러리를 쓰고 있습니다. 둘을 같은 "
    "곳에서 설치하세요(pip install mpi4py mpich).",
}  # fmt: skip

RECORDS = {
    "records for MLflow need it: pip install 'mitbadak[records]'.": "MLflow 기록에는 MLflow가 "
    "있어야 합니다: pip install 'mitbadak[records]'.",
    "MLflow cannot record this run: {reason}.": "MLflow가 이 실행을 기록하지 못합니다: {reason}.",
    "MLflow has no record {number} of this run, so a new one begins, with all of its epochs. To go "
    "on with the old one, set {variable} to where that is.": "MLflow에 이 실행의 기록 "
    "{number}이(가) 없어서 모든 에폭을 담은 새 기록을 시작합니다. 예전 기록을 이어 가려면 "
    "{variable}에 그것이 있는 곳을 적으세요.",
    "TensorBoardRecord: this training has no run folder. Give it a folder.": "TensorBoardRecord: "
    "이 학습에는 실행 폴더가 없습니다. 폴더를 주세요.",
}  # fmt: skip

KOREAN = {**EXPORT, **TUNING, **RANKS, **RECORDS}
