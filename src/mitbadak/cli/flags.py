"""The flags of ``mitbadak train``, one for each setting of the typed config."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from mitbadak.core.errors import RangeError, brief
from mitbadak.nn.widths import MOST_LAYERS
from mitbadak.runs.config import RECIPES, TABLES, TrainConfig

Language = Annotated[str, typer.Option("--lang", help="Of the words in pictures: en or ko.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]


def train_signature() -> inspect.Signature:
    """The parameters of ``train``: its own, and one option for each setting of TrainConfig."""
    option, keyword = inspect.Parameter, inspect.Parameter.KEYWORD_ONLY
    own = {
        "data": (Annotated[str | None, typer.Argument(
            help="A name (mnist by default, spiral, moons, ...), a folder of IDX files or of "
            "images by class, a .npz or a .csv file.")], None),
        "out": (Annotated[Path | None, typer.Option(help="Run folder; default a new one under "
                                                    "runs.")], None),
        "resume": (Annotated[Path | None, typer.Option(help="Run folder to go on with.")], None),
        "lang": (Language, "en"),
        "as_json": (AsJson, False),
    }  # fmt: skip
    parameters = [
        option(name, keyword, annotation=annotation, default=default)
        for name, (annotation, default) in own.items()
    ]
    for setting in dataclasses.fields(TrainConfig):
        if setting.name == "data":
            continue
        kind = {"int": int, "float": float, "bool": bool}.get(str(setting.type), str)
        known = setting.metadata.get("known", ())
        help = _help(setting.name, setting.default, setting.metadata["help"], known)
        declared = typer.Option(help=help, autocompletion=_completion(known))
        annotation = Annotated[kind | None, declared]
        parameters.append(option(setting.name, keyword, annotation=annotation, default=None))
    return inspect.Signature(parameters)


def _help(name: str, default: Any, text: str, known: tuple[str, ...]) -> str:
    elsewhere: dict[str, list[str]] = {}
    for data, differs in {**RECIPES, "tables": TABLES}.items():
        if name in differs:
            elsewhere.setdefault(_plain(differs[name]), []).append(data)
    defaults = [_plain(default)]
    defaults += [f"for {', '.join(of)} {value}" for value, of in elsewhere.items()]
    choices = f" ({', '.join(known)})" if known else ""
    return f"{text[0].upper()}{text[1:]}{choices}; default {', '.join(defaults)}."


def _completion(known: tuple[str, ...]) -> Callable[[], list[str]]:
    def complete() -> list[str]:
        return list(known)

    return complete


def _plain(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def widths(text: str) -> tuple[int, ...]:
    """``--hidden`` as widths: "50,100" is (50, 100), "" is no hidden layer."""
    if not text.strip():
        return ()
    if text.count(",") >= MOST_LAYERS:
        raise RangeError(
            f"--hidden names {text.count(',') + 1:,} layers; at most {MOST_LAYERS:,} are possible."
        )
    try:
        return tuple(map(int, text.split(",")))
    except ValueError:
        raise RangeError(
            f"--hidden expects whole numbers such as 50 or 50,100; got {brief(text)}."
        ) from None


def as_flags(message: str) -> str:
    """A message of the library in the words of the command line.

    Example:
        >>> as_flags("For real targets say regression=True, or label='b'.")
        "For real targets say --targets numbers, or --label 'b'."
    """
    names = "|".join(setting.name for setting in dataclasses.fields(TrainConfig))

    def flag(match: re.Match[str]) -> str:
        if match[1] is None:  # a call to write in Python
            return match[0]
        name, value = match[1].replace("_", "-"), match[2]
        switches = {"True": f"--{name}", "False": f"--no-{name}"}
        return switches.get(value, f"--{name} {value}")

    message = message.replace("regression=True", "--targets numbers")
    return re.sub(rf"\w\([^()]*\)|\b({names})=('[^']*'|\w+)", flag, message)
