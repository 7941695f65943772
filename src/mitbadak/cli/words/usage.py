"""What Typer itself says, in Korean: headings of the help, and complaints about arguments."""

from __future__ import annotations

USAGE = {
    "Arguments": "인자",
    "Options": "옵션",
    "Commands": "명령",
    "[OPTIONS]": "[옵션]",
    "COMMAND [ARGS]...": "명령 [인자]...",
    "Usage: {usage}": "사용법: {usage}",
    "Show this message and exit.": "이 도움말을 출력하고 끝냅니다.",
    "Install completion for the current shell.": "지금 쓰는 셸에 자동 완성을 설치합니다.",
    "Show completion for the current shell, to copy it or customize the installation.": "지금 "
    "쓰는 셸의 자동 완성을 출력합니다. 복사하거나 고쳐서 설치할 때 씁니다.",
    "No such option: {name} (Possible options: {options})": "그런 옵션이 없습니다: {name} (비슷한 "
    "옵션: {options})",
    "No such option: {name} Did you mean {options}?": "그런 옵션이 없습니다: {name} (비슷한 옵션: "
    "{options})",
    "No such option: {name}": "그런 옵션이 없습니다: {name}",
    "No such command {name}.": "{name} 명령은 없습니다.",
    "No such command {name}. Did you mean {others}?": "{name} 명령은 없습니다. {others}인가요?",
    "Missing command.": "명령이 없습니다.",
    "Missing argument {name}.": "인자 {name}이(가) 없습니다.",
    "Missing option {name}.": "옵션 {name}이(가) 없습니다.",
    "Option {name} requires an argument.": "옵션 {name}에는 값을 주어야 합니다.",
    "Option {name} requires {n} arguments.": "옵션 {name}에는 값을 {n}개 주어야 합니다.",
    "Option {name} does not take a value.": "옵션 {name}에는 값을 줄 수 없습니다.",
    "Got unexpected extra argument(s) ({args})": "쓸 수 없는 인자가 더 있습니다({args})",
    "[required]": "[필수]",
    "Got unexpected extra argument ({args})": "쓸 수 없는 인자가 더 있습니다({args})",
    "Got unexpected extra arguments ({args})": "쓸 수 없는 인자가 더 있습니다({args})",
    "Invalid value for {name}: {problem}": "{name}에 쓸 수 없는 값입니다: {problem!k}",
    "{value} is not a valid integer.": "{value}은(는) 정수가 아닙니다.",
    "{value} is not a valid float.": "{value}은(는) 수가 아닙니다.",
    "{value} is not in the range {range}.": "{value}은(는) {range} 범위에 있지 않습니다.",
    "Input should be a valid integer, unable to parse string as an integer": "정수를 주어야 합니다",
    "Input should be a valid number, unable to parse string as a number": "수를 주어야 합니다",
    "Input should be greater than or equal to {least}": "{least} 이상이어야 합니다",
    # what the system says
    "No such file or directory": "그런 파일이나 폴더가 없습니다",
    "{file}: No such file or directory": "{file}: 그런 파일이나 폴더가 없습니다",
    "Permission denied": "권한이 없습니다",
    "{file}: Permission denied": "{file}: 권한이 없습니다",
    "No space left on device": "디스크에 남은 공간이 없습니다",
    "{file}: No space left on device": "{file}: 디스크에 남은 공간이 없습니다",
    "Read-only file system": "읽기만 할 수 있는 파일 시스템입니다",
    "{file}: Read-only file system": "{file}: 읽기만 할 수 있는 파일 시스템입니다",
    "Is a directory": "폴더입니다",
    "{file}: Is a directory": "{file}: 폴더입니다",
    "Not a directory": "폴더가 아닙니다",
    "{file}: Not a directory": "{file}: 폴더가 아닙니다",
}  # fmt: skip
"""From several versions of Typer and from the system; nothing here has these sentences."""
