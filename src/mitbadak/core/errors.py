"""One family of errors, each naming the object, what it expected, what it got and the remedy;
and the checks of single numbers that raise them."""

from __future__ import annotations

import difflib
import math
import traceback
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mitbadak.core.other_names import line_for, same_name


class MitbadakError(Exception):
    """Base of every error that Mitbadak raises on purpose."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows in place of every frame inside: the user's lines, and the message.

        Example:
            >>> try:
            ...     raise MitbadakError("x is empty.")
            ... except MitbadakError as error:
            ...     print(error._render_traceback_()[-1])
            MitbadakError: x is empty.
        """
        frames = traceback.extract_tb(self.__traceback__)
        modules = [
            f.f_globals.get("__name__", "") for f, _ in traceback.walk_tb(self.__traceback__)
        ]
        own = [frame for frame, module in zip(frames, modules, strict=True)
               if module.partition(".")[0] not in ("mitbadak", "IPython")]  # fmt: skip
        lines = [f"{_cell(frame.filename)}, line {frame.lineno}: {frame.line}" for frame in own]
        return [*lines, f"{type(self).__name__}: {self}"]


class ShapeError(MitbadakError, ValueError):
    """An array has the wrong shape, or would broadcast by accident."""


class DtypeError(MitbadakError, TypeError):
    """An array has a dtype that cannot give a right answer here."""


class LabelError(MitbadakError, ValueError):
    """Labels are out of range, of the wrong form, or not a distribution."""


class RangeError(MitbadakError, ValueError):
    """A number (rate, size, share) lies outside the range that makes sense."""


class NonFiniteError(MitbadakError, ValueError):
    """NaN or infinity where only finite numbers make sense."""


class FormatError(MitbadakError, ValueError):
    """A file is damaged, truncated, or not what its name says."""


class NotASourceError(FormatError):
    """A file or folder holds no data in a known format."""


class RunFolderError(FormatError):
    """A run folder is missing, incomplete, not one of ours, or would be overwritten."""


class LostFolderError(RunFolderError):
    """A run's folder was moved, deleted or taken over by another process during the run."""


class StorageError(RunFolderError):
    """A run folder cannot be written because the disk is full, or fails, or files run out."""


class StateError(MitbadakError, RuntimeError):
    """A call at the wrong time: backward without forward, or after an array it needs changed."""


class GradientError(MitbadakError, AssertionError):
    """A gradient differs from the numerical one; the message is the report of the check."""


class UnknownNameError(MitbadakError, KeyError, ValueError):
    """An unknown name; the message suggests the closest known one."""

    def __str__(self) -> str:  # KeyError would show the message in quotes
        return Exception.__str__(self)


class MissingAttributeError(MitbadakError, AttributeError):
    """A name that nothing here has; the message says what does the same, if anything does."""


class MissingNameError(MitbadakError, ImportError):
    """A name that was imported and is not there; the message says what does the same."""


class MissingModuleError(MitbadakError, ModuleNotFoundError):
    """A module that was imported and is not there; the message says what does the same."""


class FileError(MitbadakError, OSError):
    """A file that cannot be read or written; the message says what to do."""

    def __str__(self) -> str:  # OSError would show its number and the path once more
        return str(self.args[0])


class MissingFileError(FileError, FileNotFoundError):
    """A file or folder that there is not."""


class ForbiddenFileError(FileError, PermissionError):
    """A file that this user may not read or write."""


class MitbadakWarning(UserWarning):
    """Base of every warning: the result is well defined, but may not be what was meant."""


class LabelWarning(MitbadakWarning):
    """Target rows do not sum to 1, so the loss is not a cross entropy of distributions."""


class NumericalWarning(MitbadakWarning):
    """Rounding error is a visible part of the result."""


def _cell(file: str) -> str:
    """A file as a notebook's reader knows it."""
    is_a_cell = "ipykernel_" in file or file.startswith("<ipython-input")
    return "this cell" if is_a_cell else file


MOST_PROBLEMS = 3  # of one kind, in one message
ALIKE, SHORT = 0.6, 2  # of a misspelt name; the letters of a short one


def unknown_name(kind: str, name: object, known: Iterable[str]) -> UnknownNameError:
    """The error for an unknown ``name``, with the closest known one, or what it is called here.

    Example:
        >>> print(unknown_name("optimizer", "sdg", ["sgd", "momentum", "adam"]))
        unknown optimizer 'sdg'; did you mean 'sgd'? Known: sgd, momentum, adam.
        >>> print(unknown_name("loss", "mse", ["huber", "mean_squared_error"]))
        unknown loss 'mse'; did you mean 'mean_squared_error'? Known: huber, mean_squared_error.
    """
    names = list(known)
    by_lower = {n.lower(): n for n in names}
    here, line = same_name(kind, name, names), line_for(kind, name)
    if not here and not line:
        alike = ALIKE if len(str(name)) > SHORT else 0.5  # one of two letters
        close = difflib.get_close_matches(str(name).lower(), by_lower, n=1, cutoff=alike)
        here = by_lower[close[0]] if close else ""
    hint = f"; did you mean {here!r}?" if here else f". In Mitbadak: {line}." if line else "."
    return UnknownNameError(f"unknown {kind} {name!r}{hint} Known: {', '.join(names) or 'none'}.")


def several(problems: Sequence[str], of: str) -> str:
    """Several problems of one kind in a message: all of a few, otherwise how many there are.

    Args:
        problems: each a sentence that names its place.
        of: what they are about, in words.

    Example:
        >>> print(several(["a.png is empty.", "b.png is damaged."], "2 of 9 pictures"))
        2 of 9 pictures: a.png is empty; b.png is damaged.
        >>> print(several(["a.png is empty."], "1 of 9 pictures"))
        a.png is empty.
    """
    if len(problems) == 1:
        return problems[0]
    shown = "; ".join(problem.removesuffix(".") for problem in problems[:MOST_PROBLEMS])
    more = len(problems) - MOST_PROBLEMS
    return f"{of}: {shown}{f'; and {more:,} more' if more > 0 else ''}."


def brief(value: Any, characters: int = 80) -> str:
    """``value`` as shown in a message, cut if it is long.

    Example:
        >>> brief(-0.5), brief(10**5000)
        ('-0.5', 'a number of more than 4,300 digits')
        >>> import numpy as np
        >>> brief(np.float64(2))  # not np.float64(2.0)
        '2.0'
        >>> brief(np.zeros((50, 4)))  # not some of its numbers
        'an array of shape (50, 4)'
    """
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        value = value.item()
    try:
        text = repr(value)
    except ValueError:  # Python refuses to write out longer ones
        return "a number of more than 4,300 digits"
    except RecursionError:
        return f"a {type(value).__name__} of too many levels"
    text = " ".join(text.split()) if "\n" in text else text  # an array's rows
    if len(text) <= characters:
        return text
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape:
        return f"an array of shape {shape}"
    return f"{text[: characters - 3]}..."


def listed(names: Iterable[object]) -> str:
    """Names as a message lists them.

    Example:
        >>> print(listed(["W1", "b1"]), listed([]), sep="; ")
        'W1', 'b1'; none
    """
    return ", ".join(map(repr, names)) or "none"


def known(kind: str, name: str, table: Mapping[str, Any]) -> Any:
    """The entry of ``table`` called ``name``.

    Raises:
        UnknownNameError: there is none; the message suggests the closest name.
    """
    if name not in table:
        raise unknown_name(kind, name, table)
    return table[name]


def positive(owner: str, name: str, value: object) -> float:
    """``value`` as a float, refused unless it is finite and above 0."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if _is_bool(value) or not (math.isfinite(number) and number > 0):
        raise RangeError(f"{owner}: {name} must be a finite number above 0; got {brief(value)}.")
    return number


def not_negative(owner: str, name: str, value: object) -> float:
    """``value`` as a float, refused unless it is finite and at least 0."""
    if isinstance(value, (int, float)) and not _is_bool(value) and value == 0:
        return 0.0
    try:
        return positive(owner, name, value)
    except RangeError:
        raise RangeError(
            f"{owner}: {name} must be a finite number of at least 0; got {value!r}."
        ) from None


def share(owner: str, name: str, value: object) -> float:
    """``value`` as a float, refused unless it lies in [0, 1)."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if _is_bool(value) or not 0 <= number < 1:
        raise RangeError(f"{owner}: {name} must lie in [0, 1); got {brief(value)}.")
    return number


def whole(owner: str, name: str, value: object, *, least: int = 1) -> int:
    """``value`` as an int, refused unless it is a whole number of at least ``least``."""
    try:
        number = int(value)  # type: ignore[call-overload]
        is_whole = number == value and not _is_bool(value)
    except (TypeError, ValueError, OverflowError):
        number, is_whole = least - 1, False
    if not is_whole or number < least:
        raise RangeError(
            f"{owner}: {name} must be a whole number of at least {least}; got {brief(value)}."
        )
    return number


def flag(owner: str, name: str, value: object) -> bool:
    """``value`` as a bool, refused unless it is True or False: any text would be true."""
    if not _is_bool(value) and value not in (0, 1):
        raise DtypeError(f"{owner}: {name} must be True or False; got {brief(value)}.")
    return bool(value)


def _is_bool(value: object) -> bool:
    """Whether ``value`` is a bool (Python's or NumPy's), which ``float`` would turn into 0 or 1."""
    return isinstance(value, bool) or type(value).__name__ in ("bool", "bool_")
