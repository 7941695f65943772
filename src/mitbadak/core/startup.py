"""The first thing the command does: make signals end it with one line instead of a traceback.

Until the handlers are set, a signal prints a traceback. So this module imports only what the
interpreter has already loaded: ``_signal``, not ``signal``.
"""

import _signal  # pyright: ignore[reportMissingImports]
import os
import sys

BY_SIGNAL = 128  # plus the number of the signal gives the exit code, as in shells
# Requests to terminate (kill, a shutdown, a scheduler), and the loss of the terminal.
ENDINGS = {
    int(getattr(_signal, name)): name
    for name in ("SIGTERM", "SIGHUP", "SIGBREAK")
    if hasattr(_signal, name)
}
ALL = (int(_signal.SIGINT), *ENDINGS)


def in_words(number: int) -> str:
    """A signal in words.

    Example:
        >>> import signal
        >>> in_words(signal.SIGINT), in_words(signal.SIGTERM)
        ('interrupted', 'terminated by SIGTERM')
    """
    return f"terminated by {ENDINGS[number]}" if number in ENDINGS else "interrupted"


def is_the_command() -> bool:
    """Whether this process is ``mitbadak`` or ``python -m mitbadak``, not a user's program."""
    program = sys.argv[0] if sys.argv else ""
    return program == "-m" or os.path.splitext(os.path.basename(program))[0] == "mitbadak"  # noqa: PTH119, PTH122


def end_in_one_line() -> None:
    """Make signals end the process with one line, as long as there is nothing to clean up.

    That is while a command imports its modules, and after its work is done.
    """
    for number in ALL:
        # SIG_IGN: a background job, or nohup. None: a handler not set from Python.
        if _signal.getsignal(number) not in (_signal.SIG_IGN, None):
            try:
                _signal.signal(number, _end)
            except ValueError:  # not the main thread, where Python delivers no signals
                return


def _end(number: int, _: object) -> None:
    try:
        os.write(2, f"mitbadak: {in_words(number)}\n".encode())
    finally:
        os._exit(BY_SIGNAL + number)
