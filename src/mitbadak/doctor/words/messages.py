"""The messages of this room that a command can meet, in Korean; those about calls stay English."""

from __future__ import annotations

KOREAN = {
    "{net}, {optimizer}, batch {size:d}, {epochs:d} epochs; {sizes}": "{net}, {optimizer}, "
    "미니배치 {size}, {epochs}에폭; {sizes!k}",
    "{path}: expected a .py or .ipynb file; got {kind}.": "{path}: .py나 .ipynb 파일을 주어야 "
    "하는데 {kind!k}입니다.",
    "a folder": "폴더",
    "no ending": "확장자가 없는 파일",
    "{path}: there is no such file.": "{path}: 그런 파일이 없습니다.",
    "{path} cannot be read: {cause}.": "{path}을(를) 읽을 수 없습니다: {cause}.",
    "{path}: expected at most {n} MiB of code.": "{path}: 코드는 {n} MiB까지 읽습니다.",
    "{path}: expected at most {n} lines of code.": "{path}: 코드는 {n}줄까지 읽습니다.",
    "{path}: its code is nested too deeply to be read.": "{path}: 코드가 너무 깊이 겹쳐 있어 읽을 "
    "수 없습니다.",
    "{path}, line {line:d}: the byte {byte} is not {encoding}. Save the file as UTF-8, or declare "
    "its encoding in the first line.": "{path}, {line}번째 줄: 바이트 {byte}은(는) "
    "{encoding}이(가) 아닙니다. UTF-8로 저장하거나 첫 줄에 인코딩을 적으세요.",
    "{path}, line {line:d}: a notebook is UTF-8 text; this is not.": "{path}, {line}번째 줄: "
    "노트북은 UTF-8이어야 하는데 아닙니다.",
    "{path}, line {line:d}: a notebook is JSON; {problem}. Save it again in Jupyter.": "{path}, "
    "{line}번째 줄: 노트북은 JSON이어야 합니다({problem}). 주피터에서 다시 저장하세요.",
    "{path}: a notebook is JSON; {problem}.": "{path}: 노트북은 JSON이어야 합니다({problem}).",
    "{path}, line 1: expected a notebook with a list of cells; got none.": "{path}, 1번째 줄: "
    "셀이 있는 노트북이어야 하는데 셀이 없습니다.",
    "{place}: a NUL character; the file is damaged.": "{place!k}: 널 문자가 있습니다. 파일이 "
    "손상되었습니다.",
    "{place}: this is not Python: {problem}.": "{place!k}: 파이썬 코드가 아닙니다: {problem}.",
    "{path}, line {line:d}": "{path}, {line}번째 줄",
    "{path}, cell {cell:d}, line {line:d}": "{path}, {cell}번 셀 {line}번째 줄",
    "checkup expects at least two examples to train on; got 1. Give it the whole training set.":
    "checkup에는 훈련 데이터가 둘 이상 있어야 하는데 하나입니다. 훈련 데이터를 모두 주세요.",
    "train: x holds NaN or infinity in {n} of {all} columns: {names}. Fill them in, or leave out "
    "those rows: np.isfinite(x).all(axis=1).": "train: x의 열 {all}개 가운데 {n}개에 NaN이나 "
    "무한대가 있습니다: {names}. 채우거나 그런 행을 빼세요: np.isfinite(x).all(axis=1).",
}  # fmt: skip
