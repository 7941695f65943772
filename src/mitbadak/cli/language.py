"""The language of a command: chosen once, before anything is printed."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from mitbadak.core.languages import LANGUAGES, known_language, language_of
from mitbadak.core.printing import STDOUT, print_line, printable
from mitbadak.core.translation import Translations

FLAG = "--lang"
COUNTED = {
    "answers": "answer",
    "bytes": "byte",
    "classes": "class",
    "columns": "column",
    "epochs": "epoch",
    "examples": "example",
    "images": "image",
    "inputs": "input",
    "outputs": "output",
    "pictures": "picture",
    "rows": "row",
    "steps": "step",
    "test examples": "test example",
}
"""What texts count, and the word for one of them."""
SINGLE = re.compile(rf"(?<![\w.,:/\\-])1 ({'|'.join(COUNTED)})(?![\w/\\-]|\.\w)")
_spoken: ContextVar[str | None] = ContextVar("language", default=None)


def in_own_language(command: Callable[[list[str] | None], int]) -> Callable[..., int]:
    """Run ``command`` in the language of ``--lang``, of ``MITBADAK_LANG`` or of the locale.

    The arguments are looked through before they are parsed, so that help, and complaints about the
    arguments themselves, are in that language too.
    """

    @functools.wraps(command)
    def run(args: list[str] | None = None) -> int:
        with speaking(_chosen(sys.argv[1:] if args is None else args)):
            return command(args)

    return run


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """While entered, ``say`` speaks this language."""
    token = _spoken.set(lang)
    try:
        yield
    finally:
        _spoken.reset(token)


def language() -> str:
    """The language of the command that runs."""
    spoken = _spoken.get()
    return language_of(readable=_can_show_hangul()) if spoken is None else spoken or LANGUAGES[0]


def chosen_language(given: str) -> str:
    """What a command is told of its language: its own ``--lang``, or that of all commands.

    Raises:
        UnknownNameError: there is no such language.
    """
    if given:
        return known_language(given)
    return _spoken.get() or language_of(readable=_can_show_hangul())


def say(text: str) -> str:
    """A text in the language of the command that runs.

    A text without a translation stays English, where one of a thing is no plural.

    Example:
        >>> with speaking("ko"):
        ...     say("picture: path.png")
        '그림: path.png'
        >>> with speaking("en"):
        ...     say("after 1 epochs, not 11 epochs")
        'after 1 epoch, not 11 epochs'
    """
    return printable(korean()(text)) if language() == "ko" else _singular(text)


def _singular(text: str) -> str:
    return SINGLE.sub(lambda found: f"1 {COUNTED[found[1]]}", text) if "1 " in text else text


def tell(text: str, stream: Any = STDOUT, *, flush: bool = False) -> None:
    """Print a line in the language of the command that runs."""
    print_line(say(text), stream, flush=flush)


@functools.cache
def korean() -> Translations:
    """All that Mitbadak says on a terminal, in Korean."""
    from mitbadak.cli.words import KOREAN

    return Translations(KOREAN)


def without_language(args: Sequence[str]) -> list[str]:
    """The arguments but for ``--lang``.

    Example:
        >>> without_language(["--lang", "ko"]), without_language(["--lang=ko", "runs"])
        ([], ['runs'])
    """
    before = ["", *args]
    return [
        argument
        for flag, argument in zip(before, args, strict=False)
        if FLAG not in (flag, argument) and not argument.startswith(f"{FLAG}=")
    ]


def _chosen(args: Sequence[str]) -> str:
    """The language for what is said before the arguments are checked; "" if it is unknown."""
    given = ""
    for flag, value in zip(args, [*args[1:], ""], strict=True):
        if flag == "--":
            break
        if flag == FLAG or flag.startswith(f"{FLAG}="):
            given = flag.partition("=")[2] or value
    if given in LANGUAGES:
        return given
    try:
        return language_of(readable=_can_show_hangul())
    except ValueError:  # the command will refuse it
        return ""


def _can_show_hangul() -> bool:
    for stream in (sys.stdout, sys.stderr):
        try:
            "가".encode(getattr(stream, "encoding", None) or "utf-8")
        except (LookupError, UnicodeError):
            return False
    return True
