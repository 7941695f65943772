"""The languages of Mitbadak's texts."""

from __future__ import annotations

import os
from collections.abc import Mapping

from mitbadak.core.errors import unknown_name

LANGUAGES = ("en", "ko")
VARIABLE = "MITBADAK_LANG"  # environment variable: the language where none is given
LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts, as for other programs


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


def language_of(environment: Mapping[str, str] | None = None, *, readable: bool = True) -> str:
    """The language that a reader has chosen: by ``MITBADAK_LANG``, otherwise by the locale.

    Args:
        environment: variables by name; by default those of the process.
        readable: whether the output can show letters of other scripts; otherwise only
            ``MITBADAK_LANG`` counts.

    Raises:
        UnknownNameError: ``MITBADAK_LANG`` names no known language.

    Example:
        >>> language_of({"LANG": "ko_KR.UTF-8"}), language_of({"LANG": "de_DE.UTF-8"})
        ('ko', 'en')
        >>> language_of({"LANG": "ko_KR.UTF-8", "MITBADAK_LANG": "en"})
        'en'
    """
    variables = os.environ if environment is None else environment
    if chosen := variables.get(VARIABLE, ""):
        if chosen not in LANGUAGES:
            raise unknown_name(f"language in {VARIABLE}", chosen, LANGUAGES)
        return chosen
    locale = next((variables[name] for name in LOCALES if variables.get(name)), "")
    return "ko" if readable and locale.partition("_")[0].partition(".")[0] == "ko" else "en"
