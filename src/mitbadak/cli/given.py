"""What a command was given, and how its messages speak of it: by flags, as its reader typed them.

The library names its own functions and arguments ("fit: batch_size must be ..."). On the command
line nobody wrote these; the flag that stands for the argument is named instead.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any

IN_PYTHON = {"step_num": "steps", "init_x": "start", "start": "start", "rates": "lr"}
"""Arguments whose option has another name."""
OWNERS = frozenset({  # functions in messages that no user of the command line calls
    "train", "fit", "build_optimizer", "gradient_descent", "descend", "race", "check_gradients",
    "image_folder", "open_source", "table_source", "npz_source", "evaluate", "predict", "checkup",
    "export_onnx", "export_c", "torch_weights", "save_torch_weights", "load", "weights_figure",
    "decision_boundary", "regression_quality", "confusion_matrix", "normal",
})  # fmt: skip
FLAG = re.compile(r"(?<![\w-])--[a-z]")


def _flag_of(option: Any) -> str:
    """How an option is written; one that only switches something off has a second form alone."""
    forms = [*option.opts, *option.secondary_opts]
    return next((form for form in forms if form.startswith("--")), forms[0])


@dataclass(frozen=True)
class Given:
    """One call of the command line.

    Attributes:
        make: makes the whole command, with all that are below it.
        args: as typed.
    """

    make: Callable[[], Any]
    args: Sequence[str] = ()

    @cached_property
    def options(self) -> list[Any]:
        """The options of the command that runs, as Typer has them."""
        below = getattr(self.make(), "commands", {})
        command = next((below[word] for word in self.args if word in below), None)
        params = command.params if command is not None else ()
        return [param for param in params if param.param_type_name == "option"]

    @cached_property
    def flags(self) -> Mapping[str, str]:
        """The flags of the command that runs, by their arguments in Python."""
        flags = {option.name: _flag_of(option) for option in self.options}
        others = {own: flags[name] for own, name in IN_PYTHON.items() if name in flags}
        return {**others, **flags}

    @cached_property
    def values(self) -> list[tuple[str, str]]:
        """The flags that take a value and were given, each with its value as typed."""
        known = {_flag_of(option) for option in self.options if not option.is_flag}
        found = []
        for word, after in zip(self.args, [*self.args[1:], ""], strict=True):
            flag, joined, value = word.partition("=")
            if flag in known and (joined or not FLAG.match(after)):
                found.append((flag, value if joined else after))
        return found

    def in_flags(self, message: str) -> str:
        """A message with flags in place of arguments, and without the function that has them."""
        names = "|".join(map(re.escape, self.flags)) or "(?!)"
        owners = "|".join(OWNERS)
        message = re.sub(
            rf"(?<![\w'\"/.-])(?:{owners}|(?!Known)[A-Z]\w*): ({names})(?![\w=(.'-])",
            lambda match: self.flags[match[1]],
            message,
            flags=re.ASCII,  # a Korean particle may follow
        )
        owner, colon, rest = message.partition(": ")
        message = rest if colon and owner in OWNERS else message
        message = re.sub(
            rf"^({names})(?=(?:은|는|이|가)|\ (?:must|is\ for|expects)\b)",
            lambda match: self.flags[match[1]],
            message,
        )
        return re.sub(
            rf"(?<![\w'\".-])({names})(?![\w=('-])",
            lambda match: self.flags[match[1]] if "_" in match[1] else match[1],
            message,
            flags=re.ASCII,
        )

    def blamed(self, message: str) -> str:
        """A complaint, which begins with the flag whose value it repeats if it names none."""
        if FLAG.search(message):
            return message
        for flag, value in self.values:
            if _repeats(message, value):
                return f"{flag}: {message}"
        empty = [flag for flag, value in self.values if not value]
        of_an_argument = any(f"'{word}'" in message for word in self.args)
        return f"{empty[0]}: {message}" if empty and not of_an_argument else message


def _repeats(message: str, value: str) -> bool:
    """Whether a message quotes a value; a number only as what was given, since others may be equal.

    Example:
        >>> _repeats("there is no run folder old.", "old"), _repeats("at least 1; got 0.", "1")
        (True, False)
    """
    try:
        infinite = math.isinf(float(value or "text"))  # such as 1e999
    except ValueError:
        word = rf"(?<![\w-]){re.escape(value)}(?![\w-])"
        found = re.search(word, message, re.ASCII) if value else None
        return f"{value!r}" in message or found is not None
    number = rf"(?<![\w.-]){re.escape(value)}(?:\.0)?(?=[을를이가]|\.$|\.\s)"
    named = any(text in message for text in (f"{value!r}", f" got {value}"))
    if infinite and re.search(r"(?<![\w-])inf\b", message, re.ASCII):
        return True
    return named or re.search(number, message) is not None


NOTHING = Given(lambda: None)
_current: ContextVar[Given] = ContextVar("given", default=NOTHING)


def given() -> Given:
    """What the command that runs was given."""
    return _current.get()


@contextmanager
def running(make: Callable[[], Any], args: Sequence[str]) -> Iterator[None]:
    """While entered, ``given`` is this call."""
    token = _current.set(Given(make, tuple(args)))
    try:
        yield
    finally:
        _current.reset(token)
