"""The flags of ``mitbadak train``: its own, and one for each setting of the typed config."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Annotated, Any

import typer

from mitbadak.cli.flags import AsJson, Language
from mitbadak.core.errors import RangeError, brief
from mitbadak.nn.widths import MOST_LAYERS
from mitbadak.runs.config import TrainConfig
from mitbadak.runs.recipes import OWN_DATA, RECIPES

DATA = (
    "A named data set (mnist, the default, spiral, moons, ...), a folder of IDX files, a folder of "
    "images sorted by class, a .npz file or a table (.csv, .tsv, .txt, .data, .dat)."
)


GROUPS = {  # of the settings, as the help shows them; every other flag is of the run
    "Net": (
        "hidden", "conv", "kernel", "pool", "activation", "loss", "init", "dropout", "batch_norm",
        "dtype",
    ),
    "Training": (
        "epochs", "batch_size", "lr", "optimizer", "schedule", "warmup", "l2", "l1", "clip_norm",
        "shift", "validation", "early_stopping", "watch", "best_by", "seed", "engine", "gradient",
        "sampling",
    ),
    "Labels": ("label", "targets", "scale_targets", "test_share", "first_class"),
    "Tables": (
        "drop", "keep", "categories", "missing", "delimiter", "decimal", "dates", "encoding",
        "header",
    ),
    "Pictures": ("size", "color", "paper", "tone", "center", "orientation"),
}  # fmt: skip


def train_signature() -> inspect.Signature:
    """The parameters of ``train``: its own, and one option for each setting of TrainConfig."""
    own = {
        "data": (Annotated[str | None, typer.Argument(help=DATA)], None),
        "out": (Annotated[Path | None, typer.Option(
            help="Run folder; by default a new one under runs/. With --checkup, the page to write, "
            "such as checkup.html.")], None),
        "resume": (Annotated[Path | None, typer.Option(
            help="Continue the run in this folder.")], None),
        "doctor": (Annotated[bool, typer.Option("--doctor",
            help="Report in full why the net did not learn, if it did not: on the screen, and as "
            "doctor.html in the run folder.")], False),
        "checkup": (Annotated[bool, typer.Option("--checkup",
            help="Look at net, data and settings before training, and do not train. The exit code "
            "is 1 if there is a fault or warning.")], False),
        "film": (Annotated[Path | None, typer.Option(
            help="Film the decision boundary of a net with two inputs while it learns (GIF).")],
            None),
        "record": (Annotated[list[str] | None, typer.Option(
            help="Record the run for other tools too: tensorboard (an event file in the run "
            "folder) or mlflow. May be given twice.")], None),
        "every": (Annotated[int | None, typer.Option(min=1,
            help="Print each so-many-th epoch. Default: all, or about 20 of more than 30.")], None),
        "quiet": (Annotated[bool, typer.Option("--quiet", "-q",
            help="Print no settings and no epochs, only the result.")], False),
        "lang": (Language, ""),
        "as_json": (AsJson, False),
    }  # fmt: skip
    parameters = [parameter(name, *declared) for name, declared in own.items()]
    return inspect.Signature([*parameters, *settings_parameters()])


def settings_parameters(leave_out: Collection[str] = ()) -> list[inspect.Parameter]:
    """One option for each setting of TrainConfig, in the groups of the help."""
    parameters = []
    settings = {setting.name: setting for setting in dataclasses.fields(TrainConfig)}
    for group, names in GROUPS.items():
        for name in (name for name in names if name not in leave_out):
            kind = type(settings[name].default)
            kind = kind if kind in (int, float, bool) else str
            known = settings[name].metadata.get("known", ())
            option = typer.Option(
                help=help_of(settings[name]), autocompletion=_completion(known),
                rich_help_panel=group,
            )  # fmt: skip
            parameters.append(parameter(name, Annotated[kind | None, option], None))
    return parameters


def widths(text: str, flag: str = "--hidden") -> tuple[int, ...]:
    """``--hidden`` as widths: "50,100" is (50, 100), "" is no hidden layer; ``--conv`` likewise.

    Raises:
        RangeError: not whole numbers separated by commas, or too many of them.
    """
    if not text.strip():
        return ()
    if text.count(",") >= MOST_LAYERS:
        raise RangeError(
            f"{flag} names {text.count(',') + 1:,} layers; at most {MOST_LAYERS:,} are possible."
        )
    try:
        return tuple(map(int, text.split(",")))
    except ValueError:
        raise RangeError(
            f"{flag} expects whole numbers such as 50 or 50,100; got {brief(text)}."
        ) from None


def as_flag(name: str, value: Any) -> str:
    """A setting as it is given on the command line.

    Example:
        >>> as_flag("hidden", (50, 100)), as_flag("scale_targets", False)
        ('--hidden 50,100', '--no-scale-targets')
    """
    flag = name.replace("_", "-")
    if isinstance(value, bool):
        return f"--{flag}" if value else f"--no-{flag}"
    return f"--{flag} {_plain(value)}"


def parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    """A parameter of a command, which Typer makes a flag or an argument."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, keyword, annotation=annotation, default=default)


def help_of(setting: dataclasses.Field[Any], say: Callable[[str], str] = str) -> str:
    """What a setting is, the names that it can take, and its default for each kind of data.

    Args:
        setting: a field of ``TrainConfig``.
        say: translates its parts.

    Example:
        >>> help_of(next(f for f in dataclasses.fields(TrainConfig) if f.name == "batch_norm"))
        'Batch normalization of the hidden layers. Default: off.'
    """
    text = say(setting.metadata["help"])
    known = setting.metadata.get("known", ())
    choices = f" ({', '.join(known)})" if known else ""
    default, elsewhere = say(_plain(setting.default)), _defaults_elsewhere(setting, say)
    if default:
        default = f"Default: {default} ({elsewhere})." if elsewhere else f"Default: {default}."
        default = f" {say(default)}"
    return f"{text[0].upper()}{text[1:]}{choices}.{default}"


def _defaults_elsewhere(setting: dataclasses.Field[Any], say: Callable[[str], str]) -> str:
    """Such as "spiral, regression: 300; your own data: auto"."""
    data_by_value: dict[str, list[str]] = {}
    for data, recipe in {**RECIPES, "your own data": OWN_DATA}.items():
        value = recipe.get(setting.name, setting.default)
        if value != setting.default:
            data_by_value.setdefault(_plain(value), []).append(data)
    return "; ".join(
        f"{', '.join(map(say, data))}: {say(value)}" for value, data in data_by_value.items()
    )


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _completion(known: tuple[str, ...]) -> Callable[[], list[str]]:
    return lambda: list(known)
