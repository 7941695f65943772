"""A user's function on the command line, ``module:function``, imported and called with care:
whatever it raises, prints or changes in the process, the command ends in an orderly way."""

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

from mitbadak.cli.exits import in_words
from mitbadak.cli.flags import MOST_SHOWN
from mitbadak.core.ending import Ended, end_if_signalled
from mitbadak.core.errors import MitbadakError, RangeError, unknown_name
from mitbadak.core.printing import clipped

MOST_NAMED = 20  # functions of a module that a message lists


def function_named(name: str) -> Callable[..., Any]:
    """The surface ``name``, or ``module:function`` from the current folder.

    Raises:
        UnknownNameError: there is no such surface, or no such function in the module.
        RangeError: the module cannot be imported.
    """
    from mitbadak.descent import SURFACES, surface

    if ":" not in name:
        if name not in SURFACES:
            raise unknown_name("surface", clipped(name, MOST_SHOWN), [*SURFACES, "module:function"])
        return surface(name)
    module_name, _, attribute = name.partition(":")
    with blamed_on(f"cannot import {clipped(module_name, MOST_SHOWN)!r}"), process_state_restored():
        sys.path.insert(0, os.getcwd())  # noqa: PTH109
        module = importlib.import_module(module_name)
    function = getattr(module, attribute, None)
    if not callable(function):
        callables = [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")]
        kind = f"function of module {clipped(module_name, MOST_SHOWN)!r}"
        raise unknown_name(kind, clipped(attribute, MOST_SHOWN), callables[:MOST_NAMED])
    return _contained(function, name) if isinstance(function, types.FunctionType) else function


@contextlib.contextmanager
def blamed_on(failure: str) -> Iterator[None]:
    """Report whatever a user's code raises, ``SystemExit`` included, as bad input.

    Raises:
        RangeError: ``failure``, followed by the exception in words. Mitbadak's own errors and
            signals pass unchanged.
    """
    try:
        yield
    except (MitbadakError, Ended):
        raise
    except BaseException as problem:  # also KeyboardInterrupt: Ctrl-C raises Ended
        end_if_signalled()
        raise RangeError(f"{failure}: {in_words(problem)}") from None


def user_output_to_stderr(as_json: bool) -> contextlib.AbstractContextManager[Any]:
    """While entered, a user's code prints to stderr if stdout is kept for one JSON object."""
    return contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext()


@contextlib.contextmanager
def process_state_restored() -> Iterator[None]:
    """Restore what a module may change in the process: current folder, search path, arguments,
    streams, recursion limit, warning filters and NumPy's error handling."""
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
    """The function, with ``SystemExit`` and the like turned into errors and the current folder
    restored after each call."""

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
