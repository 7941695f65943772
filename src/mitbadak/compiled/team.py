"""Threads that share the work of one kernel."""

from __future__ import annotations

import contextlib
import ctypes
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

import numpy as np

from mitbadak.compiled import plan as p
from mitbadak.compiled.library import Native

# Handing a part to another thread and waiting for it takes some 30 us; a part must be worth it.
FLOPS_WORTH_A_THREAD = 4e7  # about 0.2 ms at the rate of the products
FAILED = "a kernel failed; please report this"
_RESULT, _PROBLEM = 8 * p.RESULT, 8 * p.PROBLEM
THREADS_VARIABLE = "MITBADAK_THREADS"


def processors() -> int:
    """How many processors this process may use; ``$MITBADAK_THREADS`` may say fewer."""
    if hasattr(os, "sched_getaffinity"):
        available = len(os.sched_getaffinity(0))
    else:
        available = os.cpu_count() or 1
    said = os.environ.get(THREADS_VARIABLE, "")
    return min(available, max(1, int(said))) if said.isdigit() else available


def parts_worth(flops: float) -> int:
    """How many threads pay for a kernel of so many floating-point operations."""
    return max(1, min(processors(), int(flops / FLOPS_WORTH_A_THREAD)))


def _current_core() -> Callable[[], int] | None:
    """The C library's way to ask, where there is one."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    return getattr(ctypes.CDLL(None), "sched_getcpu", None)


CURRENT_CORE = _current_core()


class Team:
    """One job per part of the work, and a thread for each.

    Args:
        job: what all parts share.
        parts: how many there are.

    Attributes:
        jobs: a row per part.
    """

    def __init__(self, job: np.ndarray, parts: int):
        self.jobs = np.tile(job, (parts, 1))
        self.jobs[:, p.PART], self.jobs[:, p.PARTS] = np.arange(parts), parts
        self.addresses = [p.address(row) for row in self.jobs]
        self.result = ctypes.c_double.from_address(self.addresses[0] + _RESULT)
        self.threads: list[int] = []
        self.core = -1
        self.pool = None
        if parts > 1:
            self.pool = ThreadPoolExecutor(parts - 1, initializer=self._welcome)

    def run(self, entry: Native, then: Native | None = None, *, parts: int | None = None) -> float:
        """Run an entry on the first parts, default all, and wait for them.

        ``then`` puts together what they found on the first, and is skipped where there is only
        one. Ctrl-C too waits: the kernels write to memory that its caller would give back.
        """
        if self.pool is None or parts == 1:
            return self.run_first(entry)
        self._keep_off_this_core()
        waiting: list[Future] = []
        try:
            for address in self.addresses[1:parts]:
                waiting.append(self.pool.submit(call, entry, address))
            call(entry, self.addresses[0])
        finally:
            _wait_for(waiting)
        for other in waiting:
            other.result()  # raises what it raised
        return self.run_first(then) if then is not None else self.result.value

    def results(self, parts: int) -> list[float]:
        """What each of the first parts returned."""
        return [ctypes.c_double.from_address(a + _RESULT).value for a in self.addresses[:parts]]

    def run_first(self, entry: Native) -> float:
        """Run an entry on the first part alone."""
        first = self.addresses[0]
        if entry(first + _RESULT, first + _PROBLEM, first):
            raise SystemError(FAILED)
        return self.result.value

    def _welcome(self) -> None:
        """A thread introduces itself; where it may run is then said anew."""
        self.threads.append(threading.get_native_id())
        self.core = -1

    def _keep_off_this_core(self) -> None:
        """Allow the threads every core but the caller's.

        Linux likes to wake a thread where its waker runs, and moves it only milliseconds later:
        by then the caller, which goes on computing, could have done the work alone.
        """
        if CURRENT_CORE is None:
            return
        core = CURRENT_CORE()
        if core == self.core:
            return
        cores = os.sched_getaffinity(0)
        if core not in cores or len(cores) < len(self.jobs):
            return
        self.core = core
        for thread in self.threads:
            with contextlib.suppress(OSError):
                os.sched_setaffinity(thread, cores - {core})

    def share_rows(self, n: int, parts: int | None = None) -> None:
        """Give each of the first parts, default all, its rows of a batch of n."""
        edges = edges_of(n, parts or len(self.jobs))
        self.jobs[:, p.N] = n
        self.jobs[: len(edges) - 1, p.FIRST], self.jobs[: len(edges) - 1, p.LAST] = (
            edges[:-1],
            edges[1:],
        )

    def close(self) -> None:
        if self.pool is not None:
            self.pool.shutdown()


def edges_of(n: int, parts: int) -> np.ndarray:
    """Where each of so many equal parts of n begins, and where the last one ends."""
    return np.arange(parts + 1) * n // parts


def _wait_for(waiting: list[Future]) -> None:
    """Wait for all, whatever a signal raises meanwhile; then pass that on."""
    interrupted: BaseException | None = None
    while any(not other.done() for other in waiting):
        try:
            wait(waiting)
        except BaseException as interrupt:
            interrupted = interrupt
    if interrupted is not None:
        raise interrupted


def call(entry: Native, job: int) -> None:
    """Run an entry on the job at an address."""
    if entry(job + _RESULT, job + _PROBLEM, job):
        raise SystemError(FAILED)
