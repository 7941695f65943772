"""Processes that ``mpiexec`` has started, as a team that trains together."""

# pyright: reportMissingImports=false
from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np

from mitbadak.core.errors import StateError
from mitbadak.core.ranks import ranks


def check_mpi() -> None:
    """Refuse to go on where several processes were started and mpi4py is missing.

    Raises:
        StateError: it is. Each process would otherwise train alone, in a run folder of its own.
    """
    if find_spec("mpi4py") is None:
        raise StateError(
            f"mpiexec has started {ranks()} processes, and training together needs mpi4py: pip "
            "install 'mitbadak[mpi]'."
        )


class MPITeam:
    """All processes of an MPI job.

    Attributes:
        rank, size: the number of this process, and how many there are.
        signalled: the signal that has arrived here, or 0.

    Raises:
        StateError: the MPI library of mpi4py is another one than that of ``mpiexec``.
    """

    def __init__(self) -> None:
        from mpi4py import MPI

        self.mpi: Any = MPI
        self.world = MPI.COMM_WORLD
        self.rank, self.size = self.world.Get_rank(), self.world.Get_size()
        self.signalled = 0
        if self.size != ranks():
            raise StateError(
                f"mpiexec has started {ranks()} processes, and mpi4py sees {self.size}: it uses "
                "another MPI library. Install both from one place (pip install mpi4py mpich)."
            )

    def add(self, buffer: np.ndarray) -> None:
        """Replace an array by the sum of those of all processes."""
        self.world.Allreduce(self.mpi.IN_PLACE, buffer)

    def gather(self, value: Any) -> list[Any]:
        """The values of all processes, by rank."""
        return self.world.allgather(value)

    def agree(self, problem: str) -> list[str]:
        """What went wrong in each process, "" where nothing did; all of them learn it."""
        return self.gather(problem)

    def abort(self, code: int) -> None:
        """End all processes at once, when one of them cannot go on."""
        self.world.Abort(code)


@contextlib.contextmanager
def lost_process_announced(message: str) -> Iterator[None]:
    """While entered, ``message`` is printed on stderr if the whole job is killed.

    ``mpiexec`` kills all processes when one of them dies, so none can say what to do next. A shell
    outside of the job waits at the end of a pipe for that.

    Args:
        message: one line.
    """
    if os.name == "nt":
        yield
        return
    script = 'read -r line || printf "%s\\n" "$1" >&2'
    watcher = subprocess.Popen(
        ["sh", "-c", script, "sh", message], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            watcher.communicate(b"done\n")
