"""A user's own function on the command line: ``module:function``, imported and called so that
whatever it does to the process, the command ends in order."""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mitbadak.cli.process import in_words
from mitbadak.core.errors import MitbadakError, RangeError, unknown_name
from mitbadak.core.printing import clipped
from mitbadak.training.interrupts import Ended

MOST_NAMED = 20  # functions of a module that a message lists


def function_named(name: str) -> Callable[..., Any]:
    """A surface, or ``module:function`` from the folder where the command is called.

    Raises:
        UnknownNameError: no such surface, or no such function in the module.
        RangeError: the module cannot be imported.
    """
    from mitbadak.descent import SURFACES, surface

    if ":" not in name:
        if name not in SURFACES:
            raise unknown_name("surface", clipped(name, 60), [*SURFACES, "module:function"])
        return surface(name)
    module_name, _, attribute = name.partition(":")
    with blamed_on(f"cannot import {clipped(module_name, 60)!r}"), kept_process():
        sys.path.insert(0, os.getcwd())  # noqa: PTH109
        module = importlib.import_module(module_name)
    function = getattr(module, attribute, None)
    if not callable(function):
        callables = [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")]
        kind = f"function of module {clipped(module_name, 60)!r}"
        raise unknown_name(kind, clipped(attribute, 60), callables[:MOST_NAMED])
    return _contained(function, name) if isinstance(function, types.FunctionType) else function


@contextlib.contextmanager
def blamed_on(what: str) -> Iterator[None]:
    """Turn whatever a user's code raises, ``SystemExit`` and the like included, into a refusal.

    Raises:
        RangeError: ``what``, and what was raised. Errors of the house and signals pass.
    """
    try:
        yield
    except (MitbadakError, Ended):
        raise
    except BaseException as problem:  # SystemExit and KeyboardInterrupt too: Ctrl-C raises Ended
        raise RangeError(f"{what}: {in_words(problem)}") from None


def own_output(as_json: bool) -> contextlib.AbstractContextManager[Any]:
    """Where a user's code prints: on stdout, or beside the one JSON object there, on stderr."""
    return contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext()


@contextlib.contextmanager
def kept_process() -> Iterator[None]:
    """Put back what a module may change for everybody: folder, search path, streams, limits,
    warnings, and how NumPy treats overflow."""
    folder, path, arguments = os.getcwd(), list(sys.path), list(sys.argv)  # noqa: PTH109
    streams, depth = (sys.stdout, sys.stderr), sys.getrecursionlimit()
    with warnings.catch_warnings(), np.errstate():
        try:
            yield
        finally:
            sys.path[:], sys.argv[:] = path, arguments
            sys.stdout, sys.stderr = streams
            sys.setrecursionlimit(depth)
            with contextlib.suppress(OSError):  # the folder may be gone
                os.chdir(folder)


def _contained(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The function, whose ``SystemExit`` and the like arrive as errors, and which leaves the
    process as it was."""

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        folder = os.getcwd()  # noqa: PTH109
        try:
            return function(*args, **options)
        except (Exception, Ended):
            raise
        except BaseException as problem:
            raise RangeError(f"{name} raised {in_words(problem)} instead of returning") from None
        finally:
            if os.getcwd() != folder:  # noqa: PTH109
                os.chdir(folder)

    return call
