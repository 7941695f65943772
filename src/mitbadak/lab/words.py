"""What Python says in the lab, in Korean; the words of its page are in ``frontend/``."""

from __future__ import annotations

KOREAN = {
    'the lab needs {libraries}. Install it with: pip install "mitbadak[lab]"': "실험실에는 "
    '{libraries}이(가) 필요합니다. 다음 명령으로 설치하세요: pip install "mitbadak[lab]"',
    "the lab's page has not been built. In a checkout run: python tools/lab_build.py (needs "
    "Node.js 20 or newer). The wheels of mitbadak contain it.": "실험실 페이지가 아직 만들어지지 "
    "않았습니다. 저장소에서 python tools/lab_build.py를 실행하세요(Node.js 20 이상이 필요합니다). "
    "배포된 mitbadak 휠에는 들어 있습니다.",
    "lab: port {port:d} is taken. Choose another one: port={other:d}.": "실험실: 포트 {port}은(는) "
    "이미 쓰이고 있습니다. 다른 포트를 고르세요: port={other}.",
    # a view as a file
    "{self} cannot be saved as a file.": "{self} 화면은 파일로 저장할 수 없습니다.",
    "save: expected a path that ends in .html; got {path}.": "save: .html로 끝나는 경로가 있어야 "
    "하는데 {path}을(를) 받았습니다.",
    "save: {self} cannot be saved as a file.": "save: {self} 화면은 파일로 저장할 수 없습니다.",
    # formulas and expressions
    "a formula has at most {n:d} characters.": "식은 {n}자까지 쓸 수 있습니다.",
    "a formula has at most {n:d} parts.": "식은 {n}개 부분까지 이루어질 수 있습니다.",
    "{text} is not a formula.": "{text}은(는) 식이 아닙니다.",
    "{name} takes {n:d} numbers; got {m:d}.": "{name}에는 수를 {n}개 주어야 "
    "하는데 {m}개를 받았습니다.",
    "a formula may not say {text}.": "식에 {text}은(는) 쓸 수 없습니다.",
    "a formula compares by <, <=, > and >=.": "식에서는 <, <=, >, >=로 비교합니다.",
    "an expression has 1 to {n:d} variables; got {m:d}.": "식에는 변수가 1~{n}개 있어야 하는데 "
    "{m}개가 있습니다.",
    "{name}: names have at most {n:d} characters.": "{name}: 이름은 {n}자까지 쓸 수 있습니다.",
    "{name} is a function: write {call}(...).": "{name}은(는) 함수입니다. {call}(...)처럼 쓰세요.",
    "an expression needs at least one operation on a variable.": "식에는 변수에 대한 연산이 하나는 "
    "있어야 합니다.",
    # the Playground
    "the net has no {place}.": "신경망에 {place}이(가) 없습니다.",
    "the text has no settings: no line {name} = {{...}} with plain values.": "글에 설정이 "
    "없습니다. {name} = {{...}}에 값을 그대로 적은 줄이 있어야 합니다.",
    "the formula has no finite value at some of the points.": "식이 유한한 값을 내지 않는 점이 "
    "있습니다.",
    "at least {n:d} points are needed; there are {m:d}.": "점이 적어도 {n}개 있어야 하는데 {m}개가 "
    "있습니다.",
    "classes are whole numbers from 0 to {n:d}.": "클래스는 0에서 {n}까지의 정수입니다.",
    # the drawing pad
    "there is no run of that name in {folder}.": "{folder}에 그런 이름의 실행이 없습니다.",
    "the net of {name} does not sort pictures of 28 x 28 pixels.": "{name}의 신경망은 28 x 28 픽셀 "
    "그림을 분류하지 않습니다.",
    "nobody waits for it": "기다리는 사람이 없습니다",
    # messages that no page of ours sends
    "{owner} has no field {name}. Known: {known}.": "{owner}에 {name}이라는 항목이 없습니다. 아는 "
    "것: {known}.",
    "{name} must be {expected}; got {value}.": "{name}의 값이 알맞지 않습니다. "
    "바른 값: {expected}. 받은 값: {value}.",
    "{name} takes no such message. Known types: {known}.": "{name}은(는) 그런 메시지를 받지 "
    "않습니다. 아는 것: {known}.",
    "a message must be a JSON text of at most 1 MiB.": "메시지는 1 MiB 이하의 JSON이어야 합니다.",
    "a message must be JSON.": "메시지는 JSON이어야 합니다.",
}  # fmt: skip
