"""The command line: what its arguments ask for is run, in their language."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import typer

from mitbadak.cli.exits import with_exit_code
from mitbadak.cli.given import running
from mitbadak.cli.help import in_own_words
from mitbadak.cli.lab import lab
from mitbadak.cli.language import in_own_language, without_language
from mitbadak.cli.program import app_of
from mitbadak.cli.streams import on_open_streams


@in_own_language
@on_open_streams
def main(args: list[str] | None = None) -> int:
    """Run the command line, by default on ``sys.argv``, and return its exit code."""
    given = sys.argv[1:] if args is None else args

    @cache
    def make() -> Any:
        return typer.main.get_command(_app_for(given))

    with running(make, given):
        return _run(given, make)


def _app_for(given: list[str]) -> typer.Typer:
    """The whole program, except for the lab: a page waits for it, and it has none of the settings
    whose modules take longer to import than all that it needs itself."""
    if without_language(given)[:1] == [lab.__name__]:
        return app_of([lab])
    from mitbadak.cli.commands import app

    return app


@with_exit_code
def _run(given: list[str], make: Callable[[], Any]) -> int:
    if given and not without_language(given):
        given = [*given, "--help"]
    return in_own_words(make())(given, standalone_mode=False) or 0
