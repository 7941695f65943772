"""The command line, put together from its commands."""

from __future__ import annotations

from typing import Annotated

import typer

from mitbadak import __version__
from mitbadak.cli.data import data
from mitbadak.cli.descend import descend
from mitbadak.cli.diagnose import diagnose
from mitbadak.cli.evaluate import evaluate
from mitbadak.cli.exits import with_exit_code
from mitbadak.cli.gradcheck import gradcheck
from mitbadak.cli.predict import predict
from mitbadak.cli.runs import runs
from mitbadak.cli.streams import on_open_streams
from mitbadak.cli.train import train
from mitbadak.core.printing import print_line

COMMANDS = (train, evaluate, predict, runs, descend, gradcheck, diagnose, data)

app = typer.Typer(
    name="mitbadak",
    help="A neural-network workshop that shows its work.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in COMMANDS:
    app.command()(command)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        print_line(f"mitbadak {__version__}")
        raise typer.Exit


@on_open_streams
@with_exit_code
def main(args: list[str] | None = None) -> int:
    """Run the command line, by default on ``sys.argv``, and return its exit code."""
    return app(args, standalone_mode=False) or 0
