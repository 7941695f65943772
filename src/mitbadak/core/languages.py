"""The languages of Mitbadak's texts."""

from __future__ import annotations

from mitbadak.core.errors import unknown_name

LANGUAGES = ("en", "ko")


def known_language(lang: str) -> str:
    """``lang``, refused unless it is one of ``LANGUAGES``.

    Raises:
        UnknownNameError: it is not; the message suggests the closest one.

    Example:
        >>> known_language("ko")
        'ko'
    """
    if lang not in LANGUAGES:
        raise unknown_name("language", lang, LANGUAGES)
    return lang
