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
from typing import ParamSpec, cast

import typer

from mitbadak.cli.given import given
from mitbadak.cli.language import say
from mitbadak.core.ending import Ended, end_if_signalled, raising_on_signals
from mitbadak.core.errors import LostFolderError, MitbadakError, StorageError
from mitbadak.core.printing import decoded, print_line
from mitbadak.core.ranks import rank
from mitbadak.core.startup import BY_SIGNAL

P = ParamSpec("P")

FAILED, BAD_INPUT, INTERRUPTED, CLOSED = 1, 2, BY_SIGNAL + signal.SIGINT, 141
TRACEBACK = "MITBADAK_TRACEBACK"  # environment variable: print the traceback of unexpected errors
OUTPUT_CLOSED = "the output was closed"
DIVERGED = "the net's output is NaN or infinite: its training diverged."

# Click's base class of usage errors; from version 0.26 on, Typer ships its own copy of Click.
UsageProblem = cast(type[Exception], typer.BadParameter.__mro__[2])


def with_exit_code(command: Callable[P, int]) -> Callable[P, int]:
    """Turn whatever ``command`` raises into an exit code and one line on stderr.

    The codes: 0 success; 1 a failure, such as a loss that became NaN, a full disk, a run folder
    that disappeared, too little memory or an unexpected error (``MITBADAK_TRACEBACK=1`` shows its
    traceback); 2 bad input. Runs can be resumed after the rest: 130 Ctrl-C, 143 SIGTERM, 129 a
    closed terminal (SIGHUP), 141 a closed pipe.
    """

    @functools.wraps(command)
    def run(*args: P.args, **options: P.kwargs) -> int:
        streams = sys.stdout, sys.stderr
        try:
            with raising_on_signals(), warnings.catch_warnings():
                warnings.showwarning = _print_warning
                code = command(*args, **options)
                if code == 0:
                    end_if_signalled()
                return code
        except UsageProblem as problem:
            message = problem.format_message()  # type: ignore[attr-defined]
            # An empty message means that the help was shown instead.
            return complain(message, BAD_INPUT) if message else BAD_INPUT
        except (LostFolderError, StorageError) as problem:
            return complain(problem, FAILED)
        except MitbadakError as problem:
            failed = isinstance(problem, OSError) and not isinstance(problem, FileNotFoundError)
            return complain(problem, FAILED if failed else BAD_INPUT)
        except FileNotFoundError as problem:
            return complain(from_the_system(problem), BAD_INPUT)
        except (BrokenPipeError, SystemExit) as stop:
            # Typer and Rich end the process with code 1 and no word where a pipe is broken.
            if not any(isinstance(e, BrokenPipeError) for e in (stop, stop.__context__)):
                raise
            sys.stdout, sys.stderr = streams
            return complain(OUTPUT_CLOSED, CLOSED)
        except OSError as problem:
            return complain(from_the_system(problem), FAILED)
        except (Ended, KeyboardInterrupt, typer.Abort) as stop:
            return complain(str(stop) or "interrupted", code_of(stop))
        except Exception as problem:
            return complain(_unexpected(problem), FAILED)

    return run


def complain(problem: object, code: int) -> int:
    """Print ``problem`` on stderr, in one line, and return ``code``.

    Of several processes that train together only the first one prints.
    """
    if rank() > 0:
        return code
    with contextlib.suppress(OSError):  # the reader of stderr is gone
        message = for_the_reader(problem)
        message = given().blamed(message) if code == BAD_INPUT else message
        print_line(f"mitbadak: {message}", sys.stderr)
    return code


def for_the_reader(message: object) -> str:
    """A message of the library in one line, in the reader's language, and with flags of the command
    line in place of arguments in Python."""
    from mitbadak.cli.flags import as_flags

    return given().in_flags(as_flags(say(_one_line(message))))


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


def from_the_system(problem: OSError) -> str:
    """What the system could not do, without the number that it has for that.

    Example:
        >>> from_the_system(FileNotFoundError(2, "No such file or directory", "a.csv"))
        'a.csv: No such file or directory'
        >>> from_the_system(FileNotFoundError("there is no folder runs."))
        'there is no folder runs.'
    """
    if problem.errno is None or not problem.strerror:
        return str(problem)
    place = "" if problem.filename is None else f"{decoded(problem.filename)}: "
    return f"{place}{problem.strerror}"


def undrawn(problem: Exception) -> str:
    """Why there is no picture, where the work that it shows is complete.

    Raises:
        Ended: a signal arrived, and a library raised ``problem`` in place of its exception.
    """
    end_if_signalled()
    reason = in_words(problem)
    if isinstance(problem, OSError):
        reason = from_the_system(problem)
    elif isinstance(problem, MitbadakError):
        reason = str(problem).rstrip(".")
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
        print_line(f"mitbadak: {say('warning')}: {for_the_reader(message)}", sys.stderr)


def _one_line(message: object) -> str:
    """NumPy lays out large arrays, and so the messages that hold them, in several lines."""
    return re.sub(r"\s*\n\s*", " ", str(message).strip())
