"""Threads that share the work of one kernel."""

from __future__ import annotations

import contextlib
import ctypes
import os
import threading
import weakref
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


class Crew:
    """The threads of this process that run kernels: one set of them, which all teams share.

    They start when a team first needs them and end with the last team. A forked child has none of
    its parent's threads and starts its own.
    """

    def __init__(self) -> None:
        self.teams = 0
        self.start_anew()

    def start_anew(self) -> None:
        """Forget all threads: they are another process's, or are about to end."""
        self.lock = threading.RLock()  # a finalizer may run while the same thread holds it
        self.pool: ThreadPoolExecutor | None = None
        self.threads: list[int] = []
        self.core = -1

    def join(self) -> None:
        """Another team needs the threads."""
        with self.lock:
            self.teams += 1

    def leave(self, *, wait: bool = False) -> None:
        """A team needs them no more; ``wait`` until they have ended, when it was the last."""
        with self.lock:
            self.teams -= 1
            pool = self.pool if self.teams == 0 else None
            if pool is not None:
                self.pool, self.threads, self.core = None, [], -1
        if pool is not None:
            pool.shutdown(wait=wait)

    def submit(self, entry: Native, address: int) -> Future:
        """Run an entry on the job at an address, on one of the threads."""
        with self.lock:
            if self.pool is None:
                ids = self.threads = []
                self.pool = ThreadPoolExecutor(
                    os.cpu_count() or 1, "mitbadak", lambda: self._welcome(ids)
                )
            return self.pool.submit(call, entry, address)

    def _welcome(self, threads: list[int]) -> None:
        """Register a new thread; the allowed cores are then set again for all of them."""
        threads.append(threading.get_native_id())
        self.core = -1

    def keep_off_this_core(self, parts: int) -> None:
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
        if core not in cores or len(cores) < parts:
            return
        self.core = core
        for thread in list(self.threads):
            with contextlib.suppress(OSError):
                os.sched_setaffinity(thread, cores - {core})


CREW = Crew()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=CREW.start_anew)


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
        self.membership: weakref.finalize | None = None
        if parts > 1:
            CREW.join()
            self.membership = weakref.finalize(self, CREW.leave)
            self.membership.atexit = False

    def run(self, entry: Native, then: Native | None = None, *, parts: int | None = None) -> float:
        """Run an entry on the first parts, default all, and wait for them.

        ``then`` puts together what they found on the first, and is skipped where there is only
        one. Ctrl-C too waits: the kernels write to memory that its caller would give back.
        """
        if len(self.jobs) == 1 or parts == 1:
            return self.run_first(entry)
        CREW.keep_off_this_core(len(self.jobs))
        waiting: list[Future] = []
        try:
            for address in self.addresses[1:parts]:
                waiting.append(CREW.submit(entry, address))
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

    def share_rows(self, n: int, parts: int | None = None) -> None:
        """Give each of the first parts, default all, its rows of a batch of n."""
        edges = edges_of(n, parts or len(self.jobs))
        self.jobs[:, p.N] = n
        self.jobs[: len(edges) - 1, p.FIRST], self.jobs[: len(edges) - 1, p.LAST] = (
            edges[:-1],
            edges[1:],
        )

    def close(self) -> None:
        """Give the threads back; once is enough, and so is to forget the team."""
        if self.membership is not None and self.membership.detach() is not None:
            CREW.leave(wait=True)


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
