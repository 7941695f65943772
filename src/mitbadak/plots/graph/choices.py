"""The directions and themes of a picture, and the check of a choice by name."""

from __future__ import annotations

from collections.abc import Sequence

from mitbadak.core.errors import unknown_name
from mitbadak.core.warned import warn

DIRECTIONS = ("right", "down")
THEMES = ("auto", "light", "dark")


def chosen_language(owner: str, lang: str, language: str | None) -> str:
    """``lang``, which ``language`` was called until now."""
    if language is None:
        return lang
    warn(
        f"{owner}: the argument language is now lang; the earlier name will be removed in the next "
        "version."
    )
    return language


def check_choice(owner: str, kind: str, value: object, choices: Sequence[str]) -> str:
    """The value itself, if it is one of the choices.

    Raises:
        UnknownNameError: with the closest choice.

    Example:
        >>> check_choice("draw", "direction", "down", DIRECTIONS)
        'down'
    """
    if not isinstance(value, str) or value not in choices:
        raise unknown_name(f"{kind} of {owner}", value, choices)
    return value
