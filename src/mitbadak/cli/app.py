"""The command line, put together from its commands."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache, partial
from typing import Annotated, Any

import typer

from mitbadak import __version__
from mitbadak.cli.book import book
from mitbadak.cli.data import data
from mitbadak.cli.descend import descend
from mitbadak.cli.diagnose import diagnose
from mitbadak.cli.evaluate import evaluate
from mitbadak.cli.exits import with_exit_code
from mitbadak.cli.export import export
from mitbadak.cli.flags import Language
from mitbadak.cli.given import running
from mitbadak.cli.gradcheck import gradcheck
from mitbadak.cli.help import in_own_words
from mitbadak.cli.lab import lab
from mitbadak.cli.language import in_own_language, without_language
from mitbadak.cli.predict import predict
from mitbadak.cli.runs import runs
from mitbadak.cli.streams import on_open_streams
from mitbadak.cli.train import train
from mitbadak.cli.tune import tune
from mitbadak.core.printing import print_line

COMMANDS = (train, evaluate, predict, runs, tune, descend, gradcheck, diagnose, export, data, lab)

app = typer.Typer(
    name="mitbadak",
    help="A neural-network workshop that shows its work.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in COMMANDS:
    app.command()(command)
# Whatever stands after the script is the script's.
app.command(context_settings={"allow_interspersed_args": False})(book)


@app.callback(invoke_without_command=True)
def _before_commands(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    lang: Language = "",
) -> None:
    if version:
        print_line(f"mitbadak {__version__}")
        raise typer.Exit


@in_own_language
@on_open_streams
def main(args: list[str] | None = None) -> int:
    """Run the command line, by default on ``sys.argv``, and return its exit code."""
    given = sys.argv[1:] if args is None else args
    make = cache(partial(typer.main.get_command, app))
    with running(make, given):
        return _run(given, make)


@with_exit_code
def _run(given: list[str], make: Callable[[], Any]) -> int:
    if given and not without_language(given):
        given = [*given, "--help"]
    return in_own_words(make())(given, standalone_mode=False) or 0
