"""The languages in which Mitbadak speaks to people."""

from __future__ import annotations

from mitbadak.core.errors import unknown_name

LANGUAGES = ("en", "ko")


def known_language(lang: str) -> str:
    """``lang`` as it is, refused unless it is one of ``LANGUAGES``.

    Raises:
        UnknownNameError: with the nearest that is known.

    Example:
        >>> known_language("ko")
        'ko'
    """
    if lang not in LANGUAGES:
        raise unknown_name("language", lang, LANGUAGES)
    return lang
