"""Python's words for the commonest syntax errors, in Korean."""

from __future__ import annotations

import re

KOREAN = {
    r"invalid syntax": "문법에 맞지 않습니다",
    r"invalid syntax\. Perhaps you forgot a comma\?": "문법에 맞지 않습니다. 쉼표가 "
    "빠졌을 수 있습니다",
    r"invalid syntax\. Maybe you meant '==' or ':=' instead of '='\?": "문법에 맞지 않습니다. "
    "'=' 대신 '=='를 써야 할 수 있습니다",
    r"expected '(.+)'": "'{}'이(가) 있어야 합니다",
    r"'(.+)' was never closed": "여는 괄호 '{}'이(가) 닫히지 않았습니다",
    r"unmatched '(.+)'": "닫는 괄호 '{}'에 짝이 없습니다",
    r"closing parenthesis '(.+)' does not match opening parenthesis '(.+?)'.*": "괄호의 짝이 맞지 "
    "않습니다: '{1}'을(를) '{0}'(으)로 닫았습니다",
    r"unterminated (?:f-)?string literal.*": "따옴표가 닫히지 않았습니다",
    r"unterminated triple-quoted (?:f-)?string literal.*": "세 겹 따옴표가 닫히지 않았습니다",
    r"unexpected indent": "들여쓰기가 필요 없는 곳에 들여쓰기가 있습니다",
    r"unindent does not match any outer indentation level": "내어쓰기가 바깥의 어느 "
    "들여쓰기와도 맞지 않습니다",
    r"expected an indented block.*": "들여쓴 줄이 있어야 합니다",
    r"inconsistent use of tabs and spaces in indentation": "들여쓰기에 탭과 빈칸이 섞여 있습니다",
    r"unexpected character after line continuation character": "줄을 잇는 \\\\ 뒤에 다른 "
    "글자가 있습니다",
    r"leading zeros in decimal integer literals are not permitted.*": "정수는 0으로 "
    "시작할 수 없습니다",
    r"invalid decimal literal": "수 뒤에 글자가 바로 붙어 있습니다",
    r"invalid character '(.+)' .*": "코드에 쓸 수 없는 글자 '{}'이(가) 있습니다",
    r"invalid non-printable character .*": "코드에 쓸 수 없는, 보이지 않는 글자가 있습니다",
    r"cannot assign to .*": "값을 넣을 수 없는 곳에 넣으려 합니다",
    r"'(return|yield|await)' outside function": "함수 밖에 {}이(가) 있습니다",
    r"'(break|continue)'.* outside loop|'(?:continue)' not properly in loop": "반복문 밖에 break나 "
    "continue가 있습니다",
    r"Missing parentheses in call to 'print'.*": "print에 괄호가 없습니다. 파이썬 2의 코드입니다",
}
"""What a whole message is, and what it says; other messages stay in English."""


def in_korean(cause: str) -> str:
    """A syntax error's message in Korean, if it is one of the commonest.

    Example:
        >>> in_korean("'(' was never closed")
        "여는 괄호 '('이(가) 닫히지 않았습니다"
    """
    for pattern, words in KOREAN.items():
        if found := re.fullmatch(pattern, cause):
            return words.format(*found.groups())
    return cause
