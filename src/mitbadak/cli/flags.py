"""What the flags of several commands share: declarations, and checks of what was given."""

from __future__ import annotations

import ast
import dataclasses
import math
import re
import shlex
from pathlib import Path
from typing import Annotated

import typer

from mitbadak.cli.language import FLAG, chosen_language
from mitbadak.core.errors import RangeError
from mitbadak.core.files import PICTURES
from mitbadak.core.languages import VARIABLE
from mitbadak.core.printing import clipped

MOST_SHOWN = 60  # characters of an argument that a message repeats

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
Language = Annotated[
    str,
    typer.Option(
        FLAG,
        help="Language of texts and pictures: en or ko. Default: that of "
        f"{VARIABLE}, or of the locale.",
        callback=chosen_language,
        show_default=False,
    ),
]
Run = Annotated[Path, typer.Argument(help="Run folder, made by 'mitbadak train'.")]


def numbers(flag: str, text: str) -> list[float]:
    """``-3,4`` as [-3.0, 4.0].

    Raises:
        RangeError: not numbers separated by commas; the message names ``flag``.
    """
    try:
        found = [float(number) for number in text.split(",")]
        if all(map(math.isfinite, found)):
            return found
        raise ValueError
    except ValueError:
        raise RangeError(
            f"{flag} expects numbers such as -3,4; got {clipped(text, MOST_SHOWN)!r}."
        ) from None


SUFFIXES = {
    "picture": PICTURES, "plot": PICTURES, "weights": PICTURES, "gif": (".gif",),
    "film": (".gif",),
}  # fmt: skip


def check_outputs(**files: Path | None) -> None:
    """Refuse files that could not be written, before any work is done.

    Args:
        files: what was given for each flag, by the flag's name without its dashes.

    Raises:
        RangeError: the folder of a file does not exist, the file is a folder, or its name ends
            in a format that is not written.
    """
    for flag, path in files.items():
        if path is not None and not path.resolve().parent.is_dir():
            raise RangeError(f"--{flag} {path}: there is no folder {path.parent}.")
        if path is not None and path.is_dir():
            raise RangeError(f"--{flag} {path} is a folder; give the name of a file.")
        if path is not None and flag in SUFFIXES and path.suffix.lower() not in SUFFIXES[flag]:
            *others, last = (suffix for suffix in SUFFIXES[flag] if suffix)
            listed = f"{', '.join(others)} or {last}" if others else last
            raise RangeError(f"--{flag} {path} should end in {listed}.")


OF_PREDICT = ("invert", "transpose")  # arguments of the library that are no settings of a run
OF_TRAIN = ("out",)
QUOTES = "'\""


def as_flags(message: str) -> str:
    """A message of the library in the words of the command line.

    Example:
        >>> as_flags("For real targets pass regression=True, or label='b'; keep=... uses others.")
        'For real targets pass --targets numbers, or --label b; --keep uses others.'
        >>> as_flags("Use center=False, missing='auto,#N/A' or PictureOptions(size='64').")
        "Use --no-center, --missing 'auto,#N/A' or PictureOptions(size='64')."
    """
    from mitbadak.runs.config import TrainConfig

    names = "|".join(
        [*(setting.name for setting in dataclasses.fields(TrainConfig)), *OF_PREDICT, *OF_TRAIN]
    )
    values = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\.\.\.|-?[\w.]*\w"""

    def flag(match: re.Match[str]) -> str:
        if match[1] is None:  # a call to write in Python
            return match[0]
        name, value = f"--{match[1].replace('_', '-')}", match[2]
        if value in ("True", "False"):
            return name if value == "True" else f"--no-{name[2:]}"
        if value == "...":
            return name
        return f"{name} {shlex.quote(ast.literal_eval(value)) if value[0] in QUOTES else value}"

    message = message.replace("regression=True", "--targets numbers")
    calls = r"\w\([^()]*\)"
    return re.sub(rf"{calls}|(?<![\w.-])({names})=({values})", flag, message, flags=re.ASCII)
