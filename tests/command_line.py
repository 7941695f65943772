"""Run the command line inside a test, and read its output."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
import typer

from mitbadak.cli.app import main
from mitbadak.cli.commands import app

# capfd and not capsys throughout: the streams of capsys lack ``mode``, so the type checks of the
# test run would not accept them as TextIO.
Capture = pytest.CaptureFixture[str]


class Screen(io.TextIOWrapper):
    """What is written to a stream of some encoding; it has all that a TextIO has."""

    mode: Any = "w"  # pyright: ignore[reportIncompatibleMethodOverride]
    name: Any = "screen"  # pyright: ignore[reportIncompatibleMethodOverride]

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding, write_through=True)

    def lines(self) -> list[str]:
        """What was written so far."""
        written: Any = self.buffer
        return written.getvalue().decode(self.encoding).splitlines()


def names_of_commands() -> list[str]:
    """Every command, in the order of the help."""
    return list(getattr(typer.main.get_command(app), "commands", {}))


def refused(capfd: Capture, *args: str) -> str:
    """The one line on stderr with which a command refuses bad input."""
    capfd.readouterr()
    assert main(list(args)) == 2
    message = capfd.readouterr().err
    assert re.fullmatch(r"mitbadak: .+\n", message), message
    return message


def printed(capfd: Capture, *args: str, warning: str = "") -> str:
    """The stdout of a command that succeeds, with no more than the expected warning on stderr."""
    capfd.readouterr()
    assert main(list(args)) == 0
    captured = capfd.readouterr()
    expected = rf"mitbadak: (warning|주의): {warning}.*\n" if warning else ""
    assert re.fullmatch(expected, captured.err), captured.err
    return captured.out
