"""Korean particles, whose form depends on the sound before them.

After a syllable the rule is exact, and digits are read as in Korean. Words in Latin letters follow
how Korean writes them as loanwords: "json" is 제이슨, which ends in a consonant, and "batch" 배치,
which does not. Where loanwords of the same ending differ (set 세트, net 넷), both forms are shown.
"""

from __future__ import annotations

import re

# After a syllable with a final consonant, and after one without.
PARTICLES = {
    "이(가)": ("이", "가"),
    "은(는)": ("은", "는"),
    "을(를)": ("을", "를"),
    "와(과)": ("과", "와"),
    "(으)로": ("으로", "로"),
}
DIGITS_WITH_FINAL = "013678"  # as they are read: 영 일 삼 육 칠 팔
ENDS_IN_L = "178"  # 일 칠 팔: with a final consonant, but followed by 로
QUOTES = "'\"’”)]`/"
OPEN, CLOSED, L = "", "x", "l"  # how a sound ends: in a vowel, in a consonant, in ㄹ
LETTER_NAMES = {"l": L, "r": L, "m": CLOSED, "n": CLOSED}  # 엘 알 엠 엔; other letters end open
ENDINGS = {  # of loanwords; the first that fits
    "le": L, "me": CLOSED, "ne": CLOSED, "ng": CLOSED, "l": L, "m": CLOSED, "n": CLOSED,
    "pe": None, "ke": None, "b": None, "c": None, "k": None, "p": None, "t": None,
}  # fmt: skip
VOWELS = set("aeiouy")


def with_particles(text: str) -> str:
    """Korean particles chosen by the sound before them; where that is unknown, both stay.

    Example:
        >>> with_particles("그림이(가) 3을(를) 파일와(과) 10(으)로 W1이(가) lr은(는)")
        '그림이 3을 파일과 10으로 W1이 lr은'
        >>> with_particles("--batch-size을(를) run.json은(는) net을(를)")
        '--batch-size를 run.json은 net을(를)'
    """

    def chosen(match: re.Match[str]) -> str:
        end = ending(text[: match.start()])
        if end is None:
            return match[0]
        closed, opened = PARTICLES[match[0]]
        return opened if end == OPEN or (end == L and opened == "로") else closed

    return re.sub("|".join(map(re.escape, PARTICLES)), chosen, text)


def ending(text: str) -> str | None:
    """How the last sound of a text ends: ``OPEN``, ``CLOSED`` or ``L``; None if that is unknown.

    Example:
        >>> [ending(text) for text in ("그림", "'표'", "7", "lr", "file", "set", "?")]
        ['x', '', 'l', 'l', 'l', None, None]
    """
    text = text.rstrip(QUOTES)
    letter = text[-1:]
    if "가" <= letter <= "힣":
        index = (ord(letter) - ord("가")) % 28
        return OPEN if index == 0 else L if index == 8 else CLOSED
    if letter and letter in "0123456789":
        return OPEN if letter not in DIGITS_WITH_FINAL else L if letter in ENDS_IN_L else CLOSED
    if letter == "%":  # 퍼센트
        return OPEN
    word = re.search(r"[A-Za-z]*$", text)
    return _of_a_word(word[0]) if word is not None and word[0] else None


def _of_a_word(word: str) -> str | None:
    """The end of a word in Latin letters: read as a loanword, or letter by letter if it has no
    vowels."""
    lower = word.lower()
    if len(word) == 1 or not VOWELS & set(lower):
        return LETTER_NAMES.get(lower[-1], OPEN)
    if word.isupper():  # XOR and RAM are read in either way
        return None if lower[-1] in LETTER_NAMES else OPEN
    return next((end for tail, end in ENDINGS.items() if lower.endswith(tail)), OPEN)
