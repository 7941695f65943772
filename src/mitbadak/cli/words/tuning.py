"""The command tune in Korean: its help and its lines."""

from __future__ import annotations

TUNE = {
    # help
    "Try many settings, each in a run folder of its own, and find the best.": "여러 설정을 저마다 "
    "실행 폴더 하나로 학습해 보고 가장 좋은 것을 찾습니다.",
    "Runs are compared on a validation set, which is held out where the data have none. After "
    "Ctrl-C, --resume continues the sweep; a run that was interrupted goes on from its "
    "checkpoint.": "실행은 검증 데이터로 비교하고, 검증 데이터가 없으면 훈련 데이터에서 떼어 "
    "둡니다. Ctrl-C로 멈춘 뒤 --resume으로 이어 가면, 하던 실행은 체크포인트부터 계속합니다.",
    "What to try, such as lr=0.01..10:log, dropout=0..0.5:0.1, batch_size=16..256, "
    "hidden=5,10,20 or, where values have commas, hidden='50|50,100'. Once for each setting.":
    "시도할 것. lr=0.01..10:log, dropout=0..0.5:0.1, batch_size=16..256, "
    "hidden=5,10,20처럼 쓰고, 쉼표가 든 값은 hidden='50|50,100'처럼 씁니다. 설정마다 한 번씩 "
    "적습니다.",
    "Parameter sets of the whole sweep. Default: 30, or as before with --resume.": "탐색 전체에서 "
    "시도할 설정의 수. 기본값: 30, --resume이면 전과 같은 수.",
    "Folder of the sweep; by default a new one under sweeps/.": "탐색 폴더. 기본값은 sweeps/ "
    "아래의 새 폴더입니다.",
    "Continue the sweep in this folder.": "이 폴더의 탐색을 이어 갑니다.",
    "Address of a PostgreSQL server that several machines share, such as "
    "postgresql://user@host/db: the same command on each of them joins one sweep. Default: a "
    "file in the folder of the sweep.": "여러 컴퓨터가 함께 쓰는 PostgreSQL 서버의 주소. "
    "postgresql://user@host/db처럼 씁니다. 컴퓨터마다 같은 명령을 실행하면 탐색 하나를 함께 "
    "합니다. 기본값: 탐색 폴더의 파일.",
    "Processes on this machine.": "이 컴퓨터에서 쓸 프로세스의 수.",
    "Measure of the validation set: accuracy or loss. Default: the accuracy where labels are "
    "classes.": "검증 데이터의 무엇으로 비교할지: accuracy 또는 loss. 기본값: 레이블이 클래스이면 "
    "정확도.",
    "Stop runs that fall behind the median of the others.": "다른 실행의 중앙값보다 뒤처진 실행은 "
    "일찍 멈춥니다.",
    "Seconds between two signs of life on a server; a process that misses two is taken for dead, "
    "and its run is tried again. Default: 60.": "서버를 쓸 때 살아 있다고 알리는 간격(초). 두 번 "
    "거르면 죽은 것으로 보고 그 실행을 다시 합니다. 기본값: 60.",
    "Print only the result.": "결과만 출력합니다.",
    # lines
    "tuning on {data}: {n:d} parameter sets, by {measure}": "{data} 탐색: 설정 {n}가지, 기준은 "
    "{measure!k}",
    "what is tried: {ranges}": "시도할 것: {ranges}",
    "the same in all runs: {flags}": "모든 실행에 같은 것: {flags}",
    "processes: {n:d}": "프로세스: {n}개",
    "folder of the sweep: {folder}": "탐색 폴더: {folder}",
    "trial {n:d}": "시도 {n}",
    "stopped after epoch {n:d}": "{n}에폭에서 멈춤",
    "{n:d} finished": "끝까지 {n}개",
    "{n:d} pruned": "일찍 멈춤 {n}개",
    "{n:d} failed": "실패 {n}개",
    "{n:d} parameter sets in {seconds} s: {counts}": "설정 {n}가지, {seconds}초: {counts}",
    "test accuracy of the best: {accuracy}": "가장 좋은 실행의 시험 정확도: {accuracy}",
    "best run: {run}": "가장 좋은 실행: {run}",
    "best run: not here, but in {place}": "가장 좋은 실행: 여기에 없고 {place}에 있습니다",
    "{problem}. The sweep is complete, in {folder}": "{problem!k}. 탐색 자체는 끝났고 {folder}에 "
    "있습니다",
    # complaints
    "--try expects SETTING=VALUES, where VALUES are such as 0.01..10:log or 5,10,20; got {text}.":
    "--try에는 설정=값을 주어야 하는데(값은 0.01..10:log나 5,10,20 등) {text}을(를) 받았습니다.",
    "--try {name} cannot be used: {problem}": "--try {name}을(를) 쓸 수 없습니다: {problem!k}",
    "--try {name} and {flag} exclude each other: a setting is tried or fixed.":
    "--try {name}과(와) {flag}은(는) 함께 쓸 수 없습니다. "
    "설정은 시도하거나 고정하거나 둘 중 하나입니다.",
    "--try names {name} twice.": "--try에 {name}이(가) 두 번 있습니다.",
    "tune needs something to try: --try SETTING=VALUES, where VALUES are such as 0.01..10:log or "
    "5,10,20.": "tune에는 시도할 것을 주어야 합니다: --try 설정=값. 값은 0.01..10:log나 "
    "5,10,20처럼 씁니다.",
    "--resume continues a sweep as it was begun; {fixed} cannot change. Only --trials and "
    "--workers can; start a new sweep for anything else.": "--resume은 탐색을 시작한 그대로 이어 "
    "가므로 {fixed}은(는) 바꿀 수 없습니다. --trials와 --workers만 바꿀 수 있습니다. 다른 것을 "
    "바꾸려면 새로 시작하세요.",
}  # fmt: skip

RANKS = {
    "{n:d} processes: a step takes about {together} ms, of which {summing} ms are the sum of the "
    "gradients; one process would take {alone} ms": "프로세스 {n}개: 한 단계에 {together}ms쯤 "
    "걸리고, 그 가운데 {summing}ms는 기울기를 더하는 시간입니다. 프로세스 하나라면 {alone}ms입니다",
    "training together does not pay here: one process is {times} times as fast. It would from "
    "batches of about {n:d} on": "여기서는 함께 학습해도 이득이 없습니다. 프로세스 하나가 "
    "{times}배 빠릅니다. 미니배치가 {n}개쯤부터 이득입니다",
    "a process was lost, so all have ended. Continue with: {command}": "프로세스 하나가 죽어서 "
    "모두 끝났습니다. 이어서 하려면: {command}",
    "the record of this run does not go on: {problem} Then resume it again.": "이 실행의 기록은 "
    "이어지지 않습니다: {problem!k} 그런 다음 다시 이어 하세요.",
    "process {n:d}: {problem}": "프로세스 {n}: {problem!k}",
    "Record the run for other tools too: tensorboard (an event file in the run folder) or mlflow. "
    "May be given twice.": "다른 도구를 위해서도 기록합니다: tensorboard(실행 폴더 안의 이벤트 "
    "파일) 또는 mlflow. 두 번 줄 수 있습니다.",
}  # fmt: skip
