"""The words of every finding, in English and Korean."""

from mitbadak.doctor.words.checkup import (
    ENGLISH as _CHECKUP_ENGLISH,
    KOREAN as _CHECKUP_KOREAN,
)
from mitbadak.doctor.words.code import ENGLISH as _CODE_ENGLISH, KOREAN as _CODE_KOREAN
from mitbadak.doctor.words.more import ENGLISH as _MORE_ENGLISH
from mitbadak.doctor.words.more_ko import KOREAN as _MORE_KOREAN
from mitbadak.doctor.words.training import ENGLISH as _ENGLISH
from mitbadak.doctor.words.training_ko import KOREAN as _KOREAN
from mitbadak.doctor.words.words import Words

IN_CODE = "line"
WORDS: dict[str, dict[str, Words]] = {
    "en": {
        **_ENGLISH,
        **_CHECKUP_ENGLISH,
        **_MORE_ENGLISH,
        **{f"{code}:{IN_CODE}": w for code, w in _CODE_ENGLISH.items()},
    },
    "ko": {
        **_KOREAN,
        **_CHECKUP_KOREAN,
        **_MORE_KOREAN,
        **{f"{code}:{IN_CODE}": w for code, w in _CODE_KOREAN.items()},
    },
}
"""By language and code; where a code has kinds, one of them follows it. A cause may be seen in a
training and in the line of a file, with other words."""

__all__ = ["IN_CODE", "WORDS", "Words"]
