"""What kind of value an argument takes, read from its annotation: asked after a call has failed.

A function that is handed a list for a name, or text for an array, fails deep inside, in the words
of Python or NumPy. ``misplaced`` then finds the argument that does not fit the signature. A call
that succeeds pays nothing for that.
"""

from __future__ import annotations

import inspect
import os
import re
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from mitbadak.core.arrays import NUMBERS, described
from mitbadak.core.errors import DtypeError, MitbadakError

Check = Callable[[Any], bool]
ARRAYS = {  # arguments that are arrays of real numbers, whatever their annotation
    "x", "y", "t", "W", "b", "v", "gamma", "beta", "mask", "images", "dy", "dx", "logits", "array",
    "init_x", "value", "scores", "examples", "train",
}  # fmt: skip


def misplaced(
    owner: str, parameters: Sequence[inspect.Parameter], args: tuple, options: Mapping[str, Any],
    names: Mapping[str, Any],
) -> MitbadakError | None:  # fmt: skip
    """The error for the first argument of a wrong kind; None if all are of the right one.

    Args:
        owner: the function, for messages.
        parameters: what it takes.
        args, options: what it was given.
        names: the globals of the function, in which classes of annotations are looked up.

    Example:
        >>> def half(x: float, name: str = ""): ...
        >>> taken = list(inspect.signature(half).parameters.values())
        >>> print(misplaced("half", taken, (), {"x": 1.0, "name": [2]}, {}))
        half: name expects text; got [2] of type list.
    """
    by_place = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    given = {p.name: value for p, value in zip(by_place, args, strict=False)} | dict(options)
    for parameter in parameters:
        if parameter.name not in given or parameter.kind in (
            parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD
        ):  # fmt: skip
            continue
        value = given[parameter.name]
        if value is parameter.default:
            continue
        wanted = _wanted(parameter, value, names)
        if wanted:
            kind = "" if isinstance(value, np.ndarray) else f" of type {type(value).__name__}"
            return DtypeError(
                f"{owner}: {parameter.name} expects {wanted}; got {described(value)}{kind}."
            )
    return None


def _wanted(parameter: inspect.Parameter, value: Any, names: Mapping[str, Any]) -> str:
    """What an argument expects, in words, if a value is not that; otherwise ""."""
    annotation = parameter.annotation
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "Any")
    text = "Any" if annotation is parameter.empty else text
    text = re.sub(r"^InitVar\[(.*)\]$", r"\1", text)  # of an argument that is no field
    wanted = []
    given = [_by_name(parameter.name, alternative) for alternative in _alternatives(text)]
    for alternative in _alternatives(" | ".join(given)):
        words, fits = _kind(alternative, names)
        is_set = parameter.name in SETS and hasattr(value, "x") and hasattr(value, "t")
        is_no_path = parameter.name in PATHS and isinstance(value, str) and not value
        if is_set or (fits(value) and not is_no_path):
            return ""
        wanted.append(words)
    return " or ".join(dict.fromkeys(wanted))


def _by_name(name: str, alternative: str) -> str:
    """The kind of an argument: of some names there is one, whatever the annotation leaves open."""
    if alternative not in ("Any", "Grads", "Keyed"):
        return alternative
    return "ArrayLike" if name in ARRAYS else BY_NAME.get(name, alternative)


def _alternatives(text: str) -> list[str]:
    """The parts of a union; brackets keep theirs together."""
    parts, depth, part = [], 0, ""
    for letter in text:
        depth += (letter in "[(") - (letter in "])")
        if letter == "|" and depth == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += letter
    return [*parts, part.strip()]


def _kind(text: str, names: Mapping[str, Any]) -> tuple[str, Check]:
    """A kind in words, and whether a value is of it; what is not known here is taken as it is."""
    head, inside = re.sub(r"\[.*", "", text), re.search(r"\[([\w.]+)", text)
    if head == "Callable":
        taken = re.search(r"\[\[([^\]]*)\]", text)
        return _function(None if taken is None else len(taken.group(1).split(",")))
    if head == "Literal":
        known = re.findall(r"'([^']*)'", text)
        return " or ".join(map(repr, known)), lambda value: value in known if _is_text(
            value) else False  # fmt: skip
    if head in SIMPLE:
        return SIMPLE[head]
    if head in ("tuple", "list", "Sequence", "Iterable", "Collection") and inside:
        words, fits = _kind(inside.group(1), names)
        several = f"several of {words}" if words else "a list"
        return several, lambda value: _is_sequence(value) and all(map(fits, value))
    if head in ("dict", "Mapping", "MutableMapping"):
        return "a dict", lambda value: isinstance(value, Mapping)
    return _named(names.get(head), names)


def _named(kind: Any, names: Mapping[str, Any]) -> tuple[str, Check]:
    """A kind that an annotation calls by the name of a class or an alias."""
    if isinstance(kind, str):
        return _kind(kind, names)
    if typing.get_origin(kind) is Callable:
        taken = typing.get_args(kind)[0]
        return _function(len(taken) if isinstance(taken, list) else None)
    if kind is Any or not isinstance(kind, type):
        return "", lambda value: True
    article = "an" if kind.__name__[0] in "AEIOU" else "a"
    words = f"{article} {kind.__name__}"
    if getattr(kind, "_is_protocol", False) and "__call__" in vars(kind):
        return _function(len(inspect.signature(kind.__call__).parameters) - 1)
    if getattr(kind, "_is_protocol", False):
        asked = [name for name in vars(kind) if not name.startswith("_")]
        return words, lambda value: all(hasattr(value, name) for name in asked) and not isinstance(
            value, Mapping | set | str)  # fmt: skip
    return words, lambda value: isinstance(value, kind)


def _function(count: int | None) -> tuple[str, Check]:
    """A function of so many arguments; None where any number will do."""

    def fits(value: Any) -> bool:
        if not callable(value):
            return False
        try:
            signature = inspect.signature(value)
        except (TypeError, ValueError):  # of a function in C
            return True
        try:
            signature.bind(*[None] * (count or 0))
        except TypeError:
            return count is None
        return True

    number = {None: "", 1: " of one argument", 2: " of two arguments"}.get(count, f" of {count}")
    return f"a function{number}", fits


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_sequence(value: Any) -> bool:
    if isinstance(value, (str, bytes, Mapping, np.ma.MaskedArray)):
        return False
    if isinstance(value, np.ndarray) and value.ndim != 1:
        return False
    return isinstance(value, Iterable)


def _is_array(value: Any) -> bool:
    """Whether NumPy makes real numbers of a value."""
    try:
        return np.asarray(value).dtype.kind in NUMBERS or _is_tuple_of_arrays(value)
    except Exception:  # from an object's own conversion
        return _is_tuple_of_arrays(value) or hasattr(value, "backward")


def _is_tuple_of_arrays(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(map(_is_array, value))


def _is_number(value: Any) -> bool:
    try:
        return np.ndim(value) == 0 and not isinstance(value, (str, bytes)) and bool(
            (np.isreal(value) and abs(float(value)) >= 0) or value != value
        )  # fmt: skip
    except Exception:  # too large, or not to be converted
        return False


def _is_whole(value: Any) -> bool:
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return is_whole and abs(int(value)) < 2**63


def _is_dtype(value: Any) -> bool:
    try:
        return np.dtype(value) is not None
    except Exception:
        return False


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool | np.bool_)


BY_NAME = {
    "f": "Callable[[Any], Any]", "loss": "float", "lr": "float", "params": "Arrays",
    "grads": "Arrays", "shape": "Sequence[int]", "size": "int | Sequence[int]",
    "stride": "int | Sequence[int]", "pad": "int | Sequence[int]",
}  # fmt: skip
SETS = {"examples", "train"}  # which may be a Dataset, too
PATHS = {"path", "where", "directory", "images", "labels", "weights"}  # names of arguments
ARRAY = ("an array of real numbers", _is_array)
SIMPLE: dict[str, tuple[str, Check]] = {
    "None": ("None", lambda value: value is None),
    "bool": ("True or False", _is_flag),
    "str": ("text", _is_text),
    "float": ("a number", _is_number),
    "int": ("a whole number", _is_whole),
    "os.PathLike": ("a path", lambda value: isinstance(value, os.PathLike)),
    "PathLike": ("a path", lambda value: isinstance(value, os.PathLike)),
    "Path": ("a path", lambda value: isinstance(value, os.PathLike)),
    "DTypeLike": ("a dtype, such as np.float32", _is_dtype),
    "Arrays": ("a dict or list of arrays", lambda value: isinstance(value, Mapping | list)),
    "ArrayLike": ARRAY,
    "np.ndarray": ARRAY,
    "Float": ARRAY,
    "Int": ARRAY,
    "Shaped": ARRAY,
}
