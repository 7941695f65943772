"""Messages of the house in both languages, for a page that may be switched at any time."""

from __future__ import annotations

import functools

from mitbadak.core.errors import MitbadakError
from mitbadak.core.printing import decoded
from mitbadak.core.translation import Translations
from mitbadak.core.words import KOREAN as CORE
from mitbadak.data.words import KOREAN as DATA
from mitbadak.doctor.words.messages import KOREAN as DOCTOR
from mitbadak.lab.words import KOREAN as LAB
from mitbadak.nn.words import KOREAN as NN
from mitbadak.optim.words import KOREAN as OPTIM
from mitbadak.runs.words import KOREAN as RUNS
from mitbadak.training.words import KOREAN as TRAINING


def both(text: str) -> list[str]:
    """A message in English and in Korean; what has no translation stays English.

    Example:
        >>> both("no such sentence")
        ['no such sentence', 'no such sentence']
    """
    return [text, _korean()(text)]


def reason(problem: Exception) -> list[str]:
    """What went wrong, in both languages: the message of an error of ours or of the system."""
    known = isinstance(problem, (MitbadakError, OSError))
    return both(readable(" ".join(str(problem).split()) if known else repr(problem)))


def readable(text: str) -> str:
    """A name or a message as text that any page can have.

    Example:
        >>> print(readable("run\\udcff"))
        run\\udcff
    """
    return decoded(text).encode("utf-8", "backslashreplace").decode()


@functools.cache
def _korean() -> Translations:
    return Translations({**CORE, **DATA, **OPTIM, **NN, **TRAINING, **RUNS, **DOCTOR, **LAB})
