"""The messages of this room in Korean."""

from __future__ import annotations

KOREAN = {
    # of names and numbers
    "unknown {kind} '{name}'; did you mean '{other}'? Known: {names}.": "'{name}'은(는) 모르는 "
    "{kind!k}입니다. '{other}'인가요? 아는 것: {names}.",
    "unknown {kind} '{name}'. In Mitbadak: {line}. Known: {names}.": "'{name}'은(는) 모르는 "
    "{kind!k}입니다. Mitbadak에서는 {line}. 아는 것: {names}.",
    "unknown {kind} '{name}'. Known: {names}.": "'{name}'은(는) 모르는 {kind!k}입니다. 아는 것: "
    "{names}.",
    "column of {path}": "{path}의 열",
    "language": "언어",
    "language in MITBADAK_LANG": "언어(MITBADAK_LANG)",
    "surface": "곡면",
    "optimizer": "옵티마이저",
    "activation": "활성화 함수",
    "loss": "손실 함수",
    "schedule": "학습률 스케줄",
    "engine": "엔진",
    "data": "데이터",
    "order": "정렬 순서",
    "mode": "모드",
    "init": "초깃값",
    "initializer": "초깃값 방법",
    "sampling": "미니배치를 뽑는 방법",
    "gradient": "기울기를 구하는 방법",
    "first_class": "첫 클래스의 레이블",
    "watch": "지켜볼 데이터",
    "best_by": "고르는 기준",
    "targets": "레이블의 종류",
    "delimiter": "구분자",
    "decimal": "소수점",
    "dates": "날짜의 순서",
    "color": "색",
    "paper": "바탕색",
    "tone": "반전 방법",
    "orientation": "방향",
    "chapter": "장",
    "suffix of a picture": "그림의 확장자",
    "part of a chain": "체인의 부분",
    "column": "열",
    "net": "신경망",
    "argument of {owner}": "{owner}의 인수",
    "class": "클래스",
    "measure to monitor": "지켜볼 값",
    "function of module {module}": "함수({module} 모듈)",
    "{owner}: {name} must be a finite number above 0; got {value}.": "{owner}: {name}은(는) 0보다 "
    "큰 유한한 수여야 하는데 {value}을(를) 받았습니다.",
    "{owner}: {name} must be a finite number of at least 0; got {value}.": "{owner}: {name}은(는) "
    "0 이상의 유한한 수여야 하는데 {value}을(를) 받았습니다.",
    "{owner}: {name} must lie in [0, 1); got {value}.": "{owner}: {name}은(는) 0 이상 1 "
    "미만이어야 하는데 {value}을(를) 받았습니다.",
    "{owner}: {name} must be a whole number of at least {least}; got {value}.": "{owner}: "
    "{name}은(는) {least} 이상의 정수여야 하는데 {value}을(를) 받았습니다.",
    "a number of more than 4,300 digits": "4,300자리가 넘는 수",
    "engine 'compiled' cannot {task}: {reason}. Use engine='numpy'.": "compiled 엔진으로는 할 수 "
    "없습니다({task!k}): {reason!k}. --engine numpy를 쓰세요.",
    "engine 'compiled' cannot train {net}: {reason}. Use engine='numpy'.": "compiled 엔진으로는 "
    "{net}을(를) 학습할 수 없습니다: {reason!k}. --engine numpy를 쓰세요.",
    "requested": "지정함",
    "rng expects a whole number from 0 on, such as 0, or a numpy.random.Generator; got {value}.":
    "rng에는 0 이상의 정수나 numpy.random.Generator를 주어야 하는데 {value}을(를) 받았습니다.",
    # of files and memory
    "{path}: there is no folder {folder}. Make it first, or give another path.": "{path}: {folder} "
    "폴더가 없습니다. 먼저 만들거나 다른 경로를 지정하세요.",
    "there is no folder {path}.{hint}": "{path} 폴더가 없습니다.{hint!k}",
    "{path} is missing.{hint}": "{path}이(가) 없습니다.{hint!k}",
    " Did you mean {other}?": " {other}인가요?",
    "{path}: permission denied. Choose another path, or change its permissions.": "{path}: 권한이 "
    "없습니다. 다른 경로를 지정하거나 권한을 바꾸세요.",
    "{path} is a folder; the path of a file was expected.": "{path}은(는) 폴더입니다. 파일의 "
    "경로를 지정하세요.",
    "{path}: a part of this path is a file, not a folder.": "{path}: 경로 가운데에 폴더가 아니라 "
    "파일이 있습니다.",
    "{path} is not a path: it contains a null byte.": "{path}은(는) 경로가 아닙니다. 널 바이트가 "
    "들어 있습니다.",
    "{path} is not a path: it contains an unpaired surrogate.": "{path}은(는) 경로가 아닙니다. "
    "짝이 없는 서러게이트가 들어 있습니다.",
    "{path} is a pipe or a device, not a file. Write its content to a file first.": "{path}은(는) "
    "파일이 아니라 파이프나 장치입니다. 먼저 그 내용을 파일로 저장하세요.",
    "{where} is not JSON: {error}.": "{where}은(는) JSON이 아닙니다: {error}.",
    "{where} is nested more than {most} deep.": "{where}은(는) {most}겹보다 깊습니다.",
    "{where} holds more than {most} lists and objects.": "{where}에는 리스트와 객체가 "
    "{most}개보다 많이 있습니다.",
    "{path} can no longer be read: {problem}.": "{path}을(를) 더는 읽을 수 없습니다: {problem}.",
    "{path} was truncated while in use: it holds {size} bytes, but {needed} are needed. Get the "
    "file again and start over.": "{path}이(가) 쓰는 동안 잘렸습니다. {needed}바이트가 있어야 "
    "하는데 {size}바이트뿐입니다. 파일을 다시 받아 처음부터 하세요.",
    "{owner} needs {needed} of memory; {free} are free here. {remedy}": "{owner}에는 메모리가 "
    "{needed} 필요한데 {free}이(가) 남아 있습니다. {remedy!k}",
    "Choose smaller widths or batches.": "너비나 미니배치를 줄이세요.",
    "{old} is now {new}; the earlier name will be removed in the next version.": "{old}의 이름이 "
    "{new}(으)로 바뀌었습니다. 예전 이름은 다음 버전에서 없어집니다.",
    # of arrays
    "{owner} expects {name} as real numbers; got {dtype}.{hint}": "{owner}: {name}은(는) 실수여야 "
    "하는데 {dtype}을(를) 받았습니다.{hint}",
    "{owner}: {name} must be of shape (n,) with at least one row; got {shape}.": "{owner}: "
    "{name}의 형상은 행이 하나 이상인 (n,)이어야 하는데 {shape}입니다.",
    "{owner}: {name} must be integers; got {dtype}.{remedy}": "{owner}: {name}은(는) 정수여야 "
    "하는데 {dtype}을(를) 받았습니다.{remedy}",
    "{owner}: {name} must lie in 0..{most} for {n} examples; got {value}.": "{owner}: 데이터가 "
    "{n}개이므로 {name}은(는) 0..{most}이어야 하는데 {value}을(를) 받았습니다.",
}  # fmt: skip
