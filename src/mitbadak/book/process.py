"""A script in a process of its own, which behaves as Python's own would.

``mitbadak book`` replaces its process by this one, so that signals, streams and exit codes are the
script's. What the script raises is shown and turned into an exit code by Python itself.
"""

from __future__ import annotations

import builtins
import os
import signal
import subprocess
import sys
import types
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

from mitbadak.book import running, tracebacks
from mitbadak.book.mode import book_mode, settings_for
from mitbadak.book.program import text_of_file
from mitbadak.core import startup

OPTIONS = "MITBADAK_BOOK"  # environment variable: the options, for the new process alone
WITH_VALUE = ("-W", "-X", "--check-hash-based-pycs")
INLINE = "module://matplotlib_inline.backend_inline"  # inherited from a notebook's !command


def start(script: Path, arguments: list[str], lang: str, chapter: str, figures: str) -> int:
    """Replace this process by one that runs the script; on Windows, wait for it.

    Returns:
        The exit code, where the process could not be replaced.
    """
    command = [
        sys.executable, *_python_flags(), "-m", "mitbadak.book.start", str(script), *arguments
    ]  # fmt: skip
    environment = {**os.environ, OPTIONS: "\n".join((lang, chapter, figures))}
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        os.execve(sys.executable, command, environment)
    return subprocess.call(command, env=environment)  # Ctrl-C reaches both processes


def _python_flags() -> list[str]:
    """Python's own flags, such as ``-u`` or ``-W error``, with which this process was started."""
    flags: list[str] = []
    given = iter(sys.orig_argv[1:])
    for flag in given:
        if not flag.startswith("-") or flag.startswith(("-m", "-c")):
            break
        flags.append(flag)
        if flag in WITH_VALUE:
            flags.append(next(given, ""))
    return flags


def main() -> None:
    """Run the script in ``sys.argv`` as the main program of this process."""
    lang, chapter, folder = os.environ.pop(OPTIONS, "\n\n").split("\n", 2)
    script = Path(sys.argv[1])
    sys.argv[:] = sys.argv[1:]
    tracebacks.install()
    _take_signals_as_python_does()
    if os.environ.get("MPLBACKEND") == INLINE:
        del os.environ["MPLBACKEND"]
    settings = settings_for(script, text_of_file(script), lang=lang, chapter=chapter,
                            folder=Path(folder) if folder else None)  # fmt: skip
    main_module = _main_module(script)
    with book_mode(settings):
        program = running.prepared(script)
        sys.path[0] = str(script.resolve().parent)
        if running.run_cells(program, main_module) is not None:
            raise SystemExit(running.FAILED)


def _take_signals_as_python_does() -> None:
    """Undo what the package sets for commands of its own; a signal that is ignored stays so."""
    for number in startup.ALL:
        if signal.getsignal(number) is not signal.SIG_IGN:
            usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, usual)


def _main_module(script: Path) -> Any:
    """The main module as Python makes it for a script; it stays that until the process ends."""
    module = types.ModuleType("__main__")
    loader = SourceFileLoader("__main__", str(script))
    vars(module).update(__builtins__=builtins, __loader__=loader, __spec__=None, __package__=None,
                        __cached__=None, __doc__=None, __annotations__={})  # fmt: skip
    sys.modules["__main__"] = module
    return module
