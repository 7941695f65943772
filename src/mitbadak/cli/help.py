"""The help in the language of the command that asks for it."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from mitbadak.cli.language import language, say

ARGUMENTS, OPTIONS, COMMANDS = "Arguments", "Options", "Commands"  # headings of Typer's


def in_own_words(command: Any) -> Any:
    """A command of Typer's, and those below it, with help in the language of the reader.

    Args:
        command: as ``typer.main.get_command`` makes it anew; English is left as it is.
    """
    if language() == "en":
        return command
    command.help = _paragraphs(command.help or "")
    command.short_help = command.help.split("\n\n")[0]
    command.options_metavar = say(command.options_metavar)
    if hasattr(command, "subcommand_metavar"):
        command.subcommand_metavar = say(command.subcommand_metavar)
    command.rich_help_panel = say(COMMANDS)
    command.get_usage = _said(command.get_usage)
    command.format_help = _whole_lines(command.format_help)
    command.get_help_option = _translated_option(command.get_help_option)
    for param in command.params:
        text = _text_of(param)
        if getattr(param, "show_default", False) and param.default not in (None, False, ""):
            text = f"{text} {say(f'Default: {param.default}.')}"
            param.show_default = False
        param.help = text
        heading = OPTIONS if param.param_type_name == "option" else ARGUMENTS
        param.rich_help_panel = say(getattr(param, "rich_help_panel", None) or heading)
    for below in getattr(command, "commands", {}).values():
        in_own_words(below)
    return command


def _text_of(param: Any) -> str:
    """Help of an option or argument; of a setting, that of the configuration."""
    if getattr(param, "rich_help_panel", None) is None:
        return say(param.help or "")
    from mitbadak.cli.train_flags import GROUPS, help_of
    from mitbadak.runs.config import TrainConfig

    if param.rich_help_panel not in GROUPS:
        return say(param.help or "")
    settings = {setting.name: setting for setting in dataclasses.fields(TrainConfig)}
    return help_of(settings[param.name], say)


def _paragraphs(text: str) -> str:
    """Help of a command; the lines of a paragraph belong together."""
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    return "\n\n".join(map(say, paragraphs))


def _said(usage: Callable[..., str]) -> Callable[..., str]:
    def in_korean(*args: Any, **options: Any) -> str:
        return say(" ".join(usage(*args, **options).split()))

    return in_korean


def _whole_lines(format_help: Callable[..., None]) -> Callable[..., None]:
    def formatted(*args: Any, **options: Any) -> None:
        from mitbadak.cli.terminal import lines_cut_by_cells

        with lines_cut_by_cells(), _required_in_korean():
            format_help(*args, **options)

    return formatted


@contextlib.contextmanager
def _required_in_korean() -> Iterator[None]:
    """While entered, Typer marks what must be given by a Korean word."""
    import typer.rich_utils as texts

    before = texts.REQUIRED_LONG_STRING
    texts.REQUIRED_LONG_STRING = say(before)
    try:
        yield
    finally:
        texts.REQUIRED_LONG_STRING = before


def _translated_option(option_of: Callable[..., Any]) -> Callable[..., Any]:
    """``--help`` itself, which Click makes where it is needed."""

    def translated(*args: Any, **options: Any) -> Any:
        option = option_of(*args, **options)
        if option is not None:
            option.help = say(option.help or "")
            option.rich_help_panel = say(OPTIONS)
        return option

    return translated
