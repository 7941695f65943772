"""How a command ends: its exit code, and the one line on stderr that explains a failure."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import cast

import typer

from mitbadak.core.errors import LostFolderError, MitbadakError, StorageError
from mitbadak.core.printing import print_line
from mitbadak.core.startup import BY_SIGNAL
from mitbadak.training.interrupts import Ended, end_if_signalled, raising_on_signals

FAILED, BAD_INPUT, INTERRUPTED, CLOSED = 1, 2, BY_SIGNAL + signal.SIGINT, 141
TRACEBACK = "MITBADAK_TRACEBACK"  # environment variable: print the traceback of unexpected errors
OUTPUT_CLOSED = "the output was closed"
DIVERGED = "the net's output is NaN or infinite: its training diverged."

# Click's base class of usage errors; from version 0.26 on, Typer ships its own copy of Click.
UsageProblem = cast(type[Exception], typer.BadParameter.__mro__[2])


def with_exit_code(command: Callable[[list[str] | None], int]) -> Callable[..., int]:
    """Turn whatever ``command`` raises into an exit code and one line on stderr.

    The codes: 0 success; 1 a failure, such as a loss that became NaN, a full disk, a run folder
    that disappeared, too little memory or an unexpected error (``MITBADAK_TRACEBACK=1`` shows its
    traceback); 2 bad input. Runs can be resumed after the rest: 130 Ctrl-C, 143 SIGTERM, 129 a
    closed terminal (SIGHUP), 141 a closed pipe.
    """

    @functools.wraps(command)
    def run(args: list[str] | None = None) -> int:
        try:
            with raising_on_signals(), warnings.catch_warnings():
                warnings.showwarning = _print_warning
                code = command(args)
                if code == 0:
                    end_if_signalled()
                return code
        except UsageProblem as problem:
            message = problem.format_message()  # type: ignore[attr-defined]
            # An empty message means that the help was shown instead.
            return complain(message, BAD_INPUT) if message else BAD_INPUT
        except (LostFolderError, StorageError) as problem:
            return complain(problem, FAILED)
        except (MitbadakError, FileNotFoundError) as problem:
            from mitbadak.cli.flags import as_flags

            return complain(as_flags(str(problem)), BAD_INPUT)
        except BrokenPipeError:
            return CLOSED
        except OSError as problem:
            return complain(problem, FAILED)
        except (Ended, KeyboardInterrupt, typer.Abort) as stop:
            return complain(str(stop) or "interrupted", code_of(stop))
        except Exception as problem:
            return complain(_unexpected(problem), FAILED)

    return run


def complain(problem: object, code: int) -> int:
    """Print ``problem`` on stderr, in one line, and return ``code``."""
    with contextlib.suppress(OSError):  # the reader of stderr is gone
        print_line(f"mitbadak: {_one_line(problem)}", sys.stderr)
    return code


def code_of(stop: BaseException) -> int:
    """The exit code after a signal: 128 plus its number; an interruption without one is SIGINT."""
    return BY_SIGNAL + getattr(stop, "signal", signal.SIGINT)


def in_words(problem: BaseException) -> str:
    """An exception of somebody else's code as a clause."""
    kind = type(problem).__name__
    try:
        text = str(problem).strip().rstrip(".")
    except Exception:  # a user's own exception class may have a broken __str__
        text = ""
    if isinstance(problem, MemoryError):
        return f"out of memory ({text})" if text else "out of memory"
    return f"{kind}: {text}" if text else kind


def undrawn(problem: Exception) -> str:
    """Why there is no picture, where the work that it shows is complete.

    Raises:
        Ended: a signal arrived, and a library raised ``problem`` in place of its exception.
    """
    end_if_signalled()
    reason = str(problem).rstrip(".") if isinstance(problem, MitbadakError) else in_words(problem)
    return f"no picture was drawn: {reason}"


def _unexpected(problem: Exception) -> str:
    """The message for an unexpected error; its traceback is printed first where asked for."""
    if os.environ.get(TRACEBACK):
        for lines in traceback.format_exception(problem):
            for line in lines.rstrip("\n").split("\n"):
                print_line(line, sys.stderr)
    if isinstance(problem, MemoryError):
        return f"{in_words(problem)}. Try smaller sizes; {TRACEBACK}=1 shows where memory ran out."
    return (
        f"unexpected {in_words(problem)}. This is a bug in Mitbadak. Run the command again with "
        f"{TRACEBACK}=1 in the environment to see the traceback, and report it."
    )


def _print_warning(message: Warning | str, *_: object) -> None:
    with contextlib.suppress(OSError):
        print_line(f"mitbadak: warning: {_one_line(message)}", sys.stderr)


def _one_line(message: object) -> str:
    """NumPy lays out large arrays, and so the messages that hold them, in several lines."""
    return re.sub(r"\s*\n\s*", " ", str(message).strip())
