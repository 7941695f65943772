"""Signals that Python drops in a finalizer, and signals during start-up and shutdown."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from mitbadak.core.startup import is_the_command
from mitbadak.training.interrupts import Interrupts

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")


@posix
def test_a_signal_swallowed_between_updates_stops_training_after_the_next_update() -> None:
    hook, sys.unraisablehook = sys.unraisablehook, lambda _: None
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with Interrupts() as interrupts:

            class Callback:
                def __del__(self) -> None:
                    signal.raise_signal(signal.SIGINT)

            Callback()
            with pytest.raises(KeyboardInterrupt, match="interrupted"), interrupts.held():
                pass
    finally:
        sys.unraisablehook = hook
        signal.signal(signal.SIGINT, before)


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_command_whose_signal_was_swallowed_does_not_exit_with_0(name: str) -> None:
    program = (
        "import signal, sys\n"
        "from mitbadak.cli import main, run_pictures\n"
        "sys.unraisablehook = lambda _: None\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Dropping:\n"
        f"    def __del__(self): signal.raise_signal(signal.{name})\n"
        "run_pictures._draw = lambda *_: Dropping() and None\n"
        "sys.exit(main(['train', 'spiral', '--epochs', '1', '--out', sys.argv[1]]))\n"
    )
    assert run_program(program, name) == 128 + getattr(signal, name)


# Libraries in C may turn an exception in one of their callbacks into another one: while the result
# is drawn, where an error is only reported, and in the middle of a command.
PLACES = {
    "train": ("run_pictures._draw", ["train", "spiral", "--epochs", "1", "--out"]),
    "training": ("trainer.Trainer._finish_epoch", ["train", "spiral", "--epochs", "1", "--out"]),
    "start": ("session.Session.start", ["train", "spiral", "--out"]),
}


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("place", PLACES)
def test_a_signal_that_a_library_turned_into_another_error_ends_the_command(
    place: str, name: str
) -> None:
    target, arguments = PLACES[place]
    program = (
        "import signal, sys\n"
        "from mitbadak.cli import main, run_pictures\n"
        "from mitbadak.runs import session\n"
        "from mitbadak.training import trainer\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def translating(*_, **__):\n"
        f"    try: signal.raise_signal(signal.{name})\n"
        "    except BaseException: raise ValueError('Invalid bounding box') from None\n"
        f"{target} = translating\n"
        f"sys.exit(main([*{arguments}, sys.argv[1]]))\n"
    )
    code = run_program(program, name, "; nothing is lost" * (place == "training"))
    assert code == 128 + getattr(signal, name)


def run_program(program: str, name: str, further: str = "") -> int:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.run(
            [sys.executable, "-c", program, os.path.join(folder, "run")],  # noqa: PTH118
            capture_output=True, text=True,
        )  # fmt: skip
    words = {"SIGINT": "interrupted", "SIGTERM": "terminated by SIGTERM"}[name]
    assert process.stderr.startswith(f"mitbadak: {words}{further or chr(10)}")
    assert process.stderr.count("\n") == 1
    return process.returncode


# When a signal arrives: while NumPy, Typer or the command's own modules are imported, and while the
# interpreter shuts down. The import hook makes the moment independent of timing.
MOMENTS = {
    "numpy": "sys.meta_path.insert(0, Finder('numpy'))",
    "typer": "sys.meta_path.insert(0, Finder('typer'))",
    "training": "sys.meta_path.insert(0, Finder('mitbadak.training'))",
    "shutdown": "import atexit; atexit.register(blow)",
}
AS_THE_COMMAND = """
import os, runpy, signal, sys
def blow():
    os.kill(os.getpid(), signal.{name})
    for _ in range(1000): pass
class Finder:
    def __init__(self, name): self.name = name
    def find_spec(self, name, *_):
        if name == self.name: blow()
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv = ["mitbadak", "--version"]
{moment}
from mitbadak.__main__ import main
sys.exit(main())
"""


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_signal_while_a_command_starts_or_ends_prints_one_line(moment: str, name: str) -> None:
    program = AS_THE_COMMAND.format(name=name, moment=MOMENTS[moment])
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    words = {"SIGINT": "interrupted", "SIGTERM": "terminated by SIGTERM"}[name]
    assert process.stderr == f"mitbadak: {words}\n"
    assert process.returncode == 128 + getattr(signal, name)


def test_a_module_run_as_the_command_is_the_command() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "mitbadak", "--version"], capture_output=True, text=True
    )
    assert process.returncode == 0
    assert process.stdout.startswith("mitbadak ")


@posix
@pytest.mark.parametrize("program", ["train.py", "pytest", "", "mitbadak_lesson.py"])
def test_users_programs_keep_their_signal_handlers(program: str) -> None:
    code = (
        f"import signal, sys; sys.argv = [{program!r}]; before = signal.getsignal(signal.SIGINT)\n"
        "import mitbadak\n"
        "assert signal.getsignal(signal.SIGINT) is before"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize(
    "program",
    ["mitbadak", "/usr/bin/mitbadak", "-m", os.path.join("Scripts", "mitbadak.exe")],  # noqa: PTH118
)
def test_the_command_is_recognized(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [program])
    assert is_the_command()
