"""The program that commands belong to, with what stands before each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated

import typer

from mitbadak import __version__
from mitbadak.cli.flags import Language
from mitbadak.core.printing import print_line


def app_of(commands: Iterable[Callable[..., int]]) -> typer.Typer:
    """The program with these commands."""
    app = typer.Typer(
        name="mitbadak",
        help="A neural-network workshop that shows its work.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for command in commands:
        app.command()(command)
    app.callback(invoke_without_command=True)(_before_commands)
    return app


def _before_commands(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    lang: Language = "",
) -> None:
    if version:
        print_line(f"mitbadak {__version__}")
        raise typer.Exit
