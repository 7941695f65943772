"""What the command does before all else: let signals end it in one line, not in a traceback.

Only what the interpreter itself has loaded already is imported here, so ``_signal`` and not
``signal``: until the handlers are set, a signal still prints a traceback.
"""

import _signal  # pyright: ignore[reportMissingImports]
import os
import sys

BY_SIGNAL = 128  # plus the signal's number is the exit code, as shells count
# Requests to end (kill, a shutdown, a scheduler) and the loss of the terminal.
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
        ('interrupted', 'told to end by SIGTERM')
    """
    return f"told to end by {ENDINGS[number]}" if number in ENDINGS else "interrupted"


def is_the_command() -> bool:
    """Whether this process is ``mitbadak`` or ``python -m mitbadak``, not a program of a user."""
    program = sys.argv[0] if sys.argv else ""
    return program == "-m" or os.path.splitext(os.path.basename(program))[0] == "mitbadak"  # noqa: PTH119, PTH122


def end_in_one_line() -> None:
    """Let signals end the process with one line, while there is nothing to put in order.

    That is while a command imports what it needs, and after its work is done.
    """
    for number in ALL:
        # SIG_IGN: a job in the background, nohup. None: a handler that is not Python's.
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
