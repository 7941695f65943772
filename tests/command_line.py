"""Running the command line inside a test, and reading what it said."""

from __future__ import annotations

import re

import pytest

from mitbadak.cli.app import main

# capfd and not capsys throughout: the stand-ins of capsys lack ``mode``, so that the type checker
# of the test run would refuse them as TextIO.
Capture = pytest.CaptureFixture[str]


def refused(capfd: Capture, *args: str) -> str:
    """What stderr says, in its one line, about bad input."""
    capfd.readouterr()
    assert main(list(args)) == 2
    said = capfd.readouterr().err
    assert re.fullmatch(r"mitbadak: .+\n", said), said
    return said


def printed(capfd: Capture, *args: str, warning: str = "") -> str:
    """What a command prints on stdout when all is well, but for a warning where one is due."""
    capfd.readouterr()
    assert main(list(args)) == 0
    captured = capfd.readouterr()
    expected = rf"mitbadak: warning: {warning}.*\n" if warning else ""
    assert re.fullmatch(expected, captured.err), captured.err
    return captured.out
