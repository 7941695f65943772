"""The words of every finding, in English and Korean."""

from mitbadak.doctor.words.code import ENGLISH as _CODE_ENGLISH, KOREAN as _CODE_KOREAN
from mitbadak.doctor.words.training import ENGLISH as _ENGLISH, KOREAN as _KOREAN
from mitbadak.doctor.words.words import Words

WORDS: dict[str, dict[str, Words]] = {
    "en": {**_ENGLISH, **_CODE_ENGLISH},
    "ko": {**_KOREAN, **_CODE_KOREAN},
}
"""By language and code."""

__all__ = ["WORDS", "Words"]
