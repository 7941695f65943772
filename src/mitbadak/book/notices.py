"""What book mode says while a script runs: one line each on stderr, in English or Korean."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator

from mitbadak.book.words import WORDS
from mitbadak.core import languages
from mitbadak.core.errors import UnknownNameError
from mitbadak.core.particles import with_particles
from mitbadak.core.printing import print_line

HANGUL = re.compile(r"[\uac00-\ud7a3]")
_language = "en"
_said: set[str] = set()


def language_of(text: str) -> str:
    """Korean if the text has Hangul, or if the user's system is Korean; otherwise English.

    Example:
        >>> language_of("# 기울기를 구한다")
        'ko'
    """
    try:
        return "ko" if HANGUL.search(text) else languages.language_of()
    except UnknownNameError:  # a variable of another language than these
        return "en"


@contextlib.contextmanager
def speaking(lang: str) -> Iterator[None]:
    """While entered, notices are in this language, and each is said once."""
    global _language
    before, said = _language, set(_said)
    _language = lang
    _said.clear()
    try:
        yield
    finally:
        _language = before
        _said.clear()
        _said.update(said)


def text_of(key: str, **facts: object) -> str:
    """A notice in the current language.

    Example:
        >>> text_of("no-download")
        'MNIST comes with Mitbadak; nothing is downloaded.'
    """
    words = WORDS[_language][key].format(**facts)
    return with_particles(words) if _language == "ko" else words


def notice(key: str, *, once: str = "", **facts: object) -> None:
    """Say something, once; a closed stderr is no reason to end the script.

    Args:
        key: of the words.
        once: notices with the same text here count as the same; by default the words do.
        facts: what stands in the words.
    """
    if once and once in _said:
        return
    _said.add(once)
    line(text_of(key, **facts))


def line(text: str) -> None:
    """Say a text of its own, once."""
    if text in _said:
        return
    _said.add(text)
    with contextlib.suppress(OSError, ValueError):
        print_line(f"mitbadak: {text}", sys.stderr, flush=True)


def already_said() -> frozenset[str]:
    """What need not be said again, in a process that goes on from here."""
    return frozenset(_said)


def say_no_more(said: frozenset[str]) -> None:
    """Leave out what another process has said."""
    _said.update(said)


def language() -> str:
    """The language of the notices."""
    return _language
