"""Run the command line inside a test, and read its output."""

from __future__ import annotations

import re

import pytest

from mitbadak.cli.app import main

# capfd and not capsys throughout: the streams of capsys lack ``mode``, so the type checks of the
# test run would not accept them as TextIO.
Capture = pytest.CaptureFixture[str]


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
    expected = rf"mitbadak: warning: {warning}.*\n" if warning else ""
    assert re.fullmatch(expected, captured.err), captured.err
    return captured.out
