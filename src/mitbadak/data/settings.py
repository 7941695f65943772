"""Settings that a source of data does not follow are refused by name, never ignored."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from mitbadak.core.errors import FormatError, brief

TEST_SHARE = 0.2
"""The share of a single set that becomes the test set, unless the user says otherwise."""


def changed(options: Any, *, but: Iterable[str] = ()) -> list[str]:
    """The options that differ from their defaults, as arguments.

    Args:
        options: a dataclass with a default for every field.
        but: names that do not count.

    Example:
        >>> from mitbadak.data.images.options import PictureOptions
        >>> changed(PictureOptions(tone="keep", center=True, size="20"), but=["size"])
        ["tone='keep'", 'center=True']
    """
    found = []
    for option in dataclasses.fields(options):
        value = getattr(options, option.name)
        if value != option.default and option.name not in but:
            found.append(f"{option.name}={brief(value)}")
    return found


def refuse(where: object, kind: str, settings: list[str], meant_for: str) -> None:
    """Refuse settings that a source would ignore; nothing happens if there are none.

    Args:
        where: the source.
        kind: what it is, as in "idx is ...".
        settings: as arguments.
        meant_for: what they are for.

    Raises:
        FormatError: there are such settings.

    Example:
        >>> refuse("idx", "a folder of IDX files", ["tone='keep'"], "folders of pictures by class")
        Traceback (most recent call last):
        mitbadak.core.errors.FormatError: idx is a folder of IDX files; tone='keep' is for folders \
of pictures by class. Leave it out.
    """
    if not settings:
        return
    if len(settings) == 1:
        raise FormatError(f"{where} is {kind}; {settings[0]} is for {meant_for}. Leave it out.")
    named = " and ".join(settings)
    raise FormatError(f"{where} is {kind}; {named} are for {meant_for}. Leave them out.")


def refuse_test_share(where: object, test_share: float) -> None:
    """Refuse a share for the test set where there is one already.

    Raises:
        FormatError: it is not the usual share.
    """
    if test_share != TEST_SHARE:
        given = [f"test_share={test_share:g}"]
        refuse(where, "a source that comes with its test set", given, "single sets to be split")
