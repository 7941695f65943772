"""Whether this process is one of several that ``mpiexec`` has started, by its environment."""

from __future__ import annotations

import os
from importlib.util import find_spec

# MPICH, Intel MPI and MS-MPI; Open MPI. A batch system's variables say nothing: a job script has
# them too, and is one process.
RANK = ("PMI_RANK", "OMPI_COMM_WORLD_RANK")
SIZE = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE")


def rank() -> int:
    """The number of this process, from 0 on; 0 of a process that is alone.

    Example:
        >>> rank(), ranks()
        (0, 1)
    """
    return _number(RANK, 0)


def ranks() -> int:
    """How many processes ``mpiexec`` has started; 1 without it."""
    return max(1, _number(SIZE, 1))


def started_together() -> bool:
    """Whether to train by ranks: of one that ``mpiexec`` has started, if mpi4py is there for it."""
    started = any(name in os.environ for name in SIZE)
    return ranks() > 1 or (started and find_spec("mpi4py") is not None)


def _number(names: tuple[str, ...], otherwise: int) -> int:
    given = next((os.environ[name] for name in names if name in os.environ), "")
    return int(given) if given.isdigit() else otherwise
