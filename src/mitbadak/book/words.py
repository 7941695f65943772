"""The words of book mode in both languages; a test compares their keys and places."""

from __future__ import annotations

ENGLISH = {
    "no-download": "MNIST comes with Mitbadak; nothing is downloaded.",
    "mnist-served": "{name} comes with Mitbadak and is taken from there, not from {host}.",
    "pickle-refused": "Book mode reads dictionaries of arrays only. If you made this file "
    "yourself and trust it, run the script with python.",
    "filled-in": "{name} is not in {folder}; Mitbadak's stands in.",
    "chapter-net": "two_layer_net: the net of {which}; --chapter chooses another.",
    "chapter-4": "chapter 4",
    "chapter-5": "chapter 5",
    "chapter-2-1": "chapter 1 of the second book",
    "found-beside": "{name} is not where the script looks; it is read from {path}.",
    "weights-trained": "{name} is not here: weights that Mitbadak trained itself stand in "
    "({accuracy:.2%} of the test images are right; the book's own file gives other numbers). "
    "They are kept in {folder}.",
    "weights-training": "{name} is not here; weights are trained in its place, once ({time}).",
    "weights-progress": "training {name}: update {done} of {total}, {left} left",
    "a-minute": "about a minute",
    "some-minutes": "some minutes; Ctrl-C stops it",
    "some-seconds": "some seconds",
    "picture-drawn": "{name} is not here: a cactus that Mitbadak drew stands in.",
    "figure-saved": "figure: {path}",
    "no-font": "no font here has {letters}, so labels are written in Latin letters "
    "({example}). Install a font such as {font}.",
    "other-font": "{missing} is not installed here; {font} is taken for labels.",
    "hangul": "Hangul",
    "kanji": "Kanji",
    "magic": "{place}: passed over, since it is a command for notebooks: {line}",
    "pip": "{place}: passed over: {line} (book mode needs no other versions)",
    "no-gpu": "config.GPU = True: book mode computes on the CPU, with the same numbers.",
    "finding": "{where}: {code}: {seen}{instead}",
    "instead": ". Instead: {line}",
    "no-code": "{name} has no code.",
    "encoding": "{name} is no UTF-8; it is read as {encoding}. Python itself refuses it: save it "
    "as UTF-8.",
    "lost-indentation": "{place}: the indentation was lost from here on; it was restored in "
    "the only way that fits, and the file itself is unchanged.",
    "pasted-together": "{place}: two statements stand on one line without a separator; they "
    "are run one after the other.",
    "lost-letters": "{place}: {word!r} is taken for {meant!r}, whose first letter was lost.",
    "line-numbers": "{place}: the line numbers of an editor were copied with the code; it is run "
    "without them.",
    "output-behind": "{place}: output is noted behind an arrow; it is taken for a comment.",
    "no-python": "{place}: this is not Python: {cause}. {rest}",
    "cell-skipped": "This cell is passed over.",
    "indentation-open": "The indentation was lost, and there is more than one way to restore it.",
    "name-later": "'{name}' is not defined here yet. {place} defines it, which comes later and has "
    "to run first.",
    "name-earlier": "'{name}' is not defined. {place} should have defined it, but did not run to "
    "the end.",
    "name-usual": "'{name}' is not defined. An import is missing: {line}",
    "name-nowhere": "'{name}' is not defined anywhere in {file}.",
    "name-of-book": "'{name}' is not defined here. It is in {module}: from {module} import {name}",
    "cells-failed": "{failed} of {total} cells did not run to the end: {numbers}.",
    "cell": "cell {number}, line {line}",
    "line": "line {line}",
    "later-chapters": "{name} belongs to later chapters of the second book, which book mode "
    "does not cover yet. Put the book's own file beside the script.",
}

KOREAN = {
    "no-download": "MNIST는 mitbadak에 들어 있으므로 내려받지 않습니다.",
    "mnist-served": "{name}은(는) {host}에서 내려받지 않고 mitbadak에 들어 있는 것을 씁니다.",
    "pickle-refused": "책 모드는 배열이 담긴 딕셔너리만 읽습니다. 직접 만든 믿을 수 있는 "
    "파일이라면 스크립트를 python으로 실행하세요.",
    "filled-in": "{folder}에 {name}이(가) 없어 mitbadak의 것을 씁니다.",
    "chapter-net": "two_layer_net: {which}의 신경망을 씁니다. 다른 장의 것은 --chapter로 고릅니다.",
    "chapter-4": "4장",
    "chapter-5": "5장",
    "chapter-2-1": "2권 1장",
    "found-beside": "스크립트가 찾는 곳에 {name}이(가) 없어 {path}에서 읽습니다.",
    "weights-trained": "{name}이(가) 없어 mitbadak이 직접 학습한 가중치를 씁니다(시험 데이터 "
    "정확도 {accuracy:.2%}. 책에 딸린 파일과는 숫자가 다릅니다). {folder}에 보관합니다.",
    "weights-training": "{name}이(가) 없어 가중치를 학습해 대신 씁니다. 처음 한 번만 "
    "학습합니다({time}).",
    "weights-progress": "{name} 학습: {total}번 갱신 중 {done}번, 남은 시간 {left}",
    "a-minute": "1분쯤 걸립니다",
    "some-minutes": "몇 분 걸리며 Ctrl-C로 멈출 수 있습니다",
    "some-seconds": "몇 초 걸립니다",
    "picture-drawn": "{name}이(가) 없어 mitbadak이 그린 선인장 그림을 씁니다.",
    "figure-saved": "그림: {path}",
    "no-font": "{letters}이(가) 들어 있는 글꼴이 없어 로마자로 적습니다({example}). {font} "
    "같은 글꼴을 설치하세요.",
    "other-font": "{missing} 글꼴이 없어 {font} 글꼴로 적습니다.",
    "hangul": "한글",
    "kanji": "한자",
    "magic": "{place}: 노트북 전용 명령이므로 건너뜁니다: {line}",
    "pip": "{place}: 건너뜁니다: {line} (책 모드에는 다른 버전이 필요 없습니다)",
    "no-gpu": "config.GPU = True: 책 모드는 CPU로 계산하며, 결과는 같습니다.",
    "finding": "{where}: {code}: {seen}{instead}",
    "instead": ". 고침: {line}",
    "no-code": "{name}에 코드가 없습니다.",
    "encoding": "{name}은(는) UTF-8이 아니어서 {encoding}(으)로 읽습니다. 파이썬은 이런 파일을 "
    "실행하지 못하므로 UTF-8로 저장해 두세요.",
    "lost-indentation": "{place}: 여기부터 들여쓰기가 사라졌습니다. 가능한 단 하나의 방법으로 "
    "되살려 실행하며, 파일은 그대로 둡니다.",
    "pasted-together": "{place}: 한 줄에 문장 두 개가 구분 없이 붙어 있습니다. 차례로 실행합니다.",
    "lost-letters": "{place}: {word!r}은(는) 첫 글자가 사라진 {meant!r}(으)로 읽습니다.",
    "line-numbers": "{place}: 편집기의 줄 번호까지 복사되었습니다. 번호를 빼고 실행합니다.",
    "output-behind": "{place}: 화살표 뒤에 출력이 적혀 있습니다. 주석으로 보고 실행합니다.",
    "no-python": "{place}: 파이썬 코드가 아닙니다: {cause}. {rest}",
    "cell-skipped": "이 셀은 건너뜁니다.",
    "indentation-open": "들여쓰기가 사라졌는데, 되살리는 방법이 하나로 정해지지 않습니다.",
    "name-later": "'{name}'이(가) 아직 정의되지 않았습니다. 뒤에 나오는 {place}에서 정의하므로 "
    "그곳을 먼저 실행해야 합니다.",
    "name-earlier": "'{name}'이(가) 정의되지 않았습니다. {place}에서 정의했어야 하는데 "
    "끝까지 실행되지 못했습니다.",
    "name-usual": "'{name}'이(가) 정의되지 않았습니다. import 문이 빠졌습니다: {line}",
    "name-nowhere": "'{name}'이(가) {file} 어디에도 정의되어 있지 않습니다.",
    "name-of-book": "'{name}'이(가) 정의되지 않았습니다. {module}에 있습니다: from {module} "
    "import {name}",
    "cells-failed": "셀 {total}개 중 {failed}개를 끝까지 실행하지 못했습니다: {numbers}.",
    "cell": "{number}번 셀 {line}번째 줄",
    "line": "{line}번째 줄",
    "later-chapters": "{name}은(는) 2권 뒷장에서 쓰며 책 모드에는 아직 없습니다. 책의 "
    "파일을 스크립트 옆에 두세요.",
}

WORDS = {"en": ENGLISH, "ko": KOREAN}
