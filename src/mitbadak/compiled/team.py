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

# Handing a part to another thread and waiting for it takes about 30 us, which must be worth it.
FLOPS_WORTH_A_THREAD = 4e7  # about 0.2 ms of matrix products
FAILED = "a kernel failed; please report this"
_RESULT, _PROBLEM = 8 * p.RESULT, 8 * p.PROBLEM
THREADS_VARIABLE = "MITBADAK_THREADS"


def processors() -> int:
    """How many processors this process may use, at most ``$MITBADAK_THREADS``."""
    if hasattr(os, "sched_getaffinity"):
        available = len(os.sched_getaffinity(0))
    else:
        available = os.cpu_count() or 1
    limit = os.environ.get(THREADS_VARIABLE, "")
    return min(available, max(1, int(limit))) if limit.isdigit() else available


def parts_worth(flops: float) -> int:
    """How many threads are worth using for a kernel of this many floating-point operations."""
    return max(1, min(processors(), int(flops / FLOPS_WORTH_A_THREAD)))


def _current_core() -> Callable[[], int] | None:
    """The C library's ``sched_getcpu``, if there is one."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    return getattr(ctypes.CDLL(None), "sched_getcpu", None)


CURRENT_CORE = _current_core()


class Crew:
    """The threads of this process that run kernels, shared by all teams.

    They start when a team first needs them and end with the last team. A forked child has none of
    its parent's threads and starts its own.
    """

    def __init__(self) -> None:
        self.teams = 0
        self.reset()

    def reset(self) -> None:
        """Forget all threads; after a fork they exist only in the parent process."""
        self.lock = threading.RLock()  # a finalizer may run while the same thread holds it
        self.pool: ThreadPoolExecutor | None = None
        self.threads: list[int] = []
        self.core = -1

    def join(self) -> None:
        """Add a team to those that use the threads."""
        with self.lock:
            self.teams += 1

    def leave(self, *, wait: bool = False) -> None:
        """Remove a team. The threads end with the last one; ``wait`` waits until they have."""
        with self.lock:
            self.teams -= 1
            pool = self.pool if self.teams == 0 else None
            if pool is not None:
                self.pool, self.threads, self.core = None, [], -1
        if pool is not None:
            pool.shutdown(wait=wait)

    def submit(self, entry: Native, address: int) -> Future:
        """Run an entry point on the job at an address, on one of the threads."""
        with self.lock:
            if self.pool is None:
                ids = self.threads = []
                self.pool = ThreadPoolExecutor(
                    os.cpu_count() or 1, "mitbadak", lambda: self._register_thread(ids)
                )
            return self.pool.submit(call, entry, address)

    def _register_thread(self, threads: list[int]) -> None:
        """Register a new thread; the allowed cores are then set again for all of them."""
        threads.append(threading.get_native_id())
        self.core = -1

    def keep_off_this_core(self, parts: int) -> None:
        """Let the threads use every core but the caller's.

        Linux tends to wake a thread on the core of its waker and to move it only milliseconds
        later. By then the caller, which keeps computing, could have done the work alone.
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
    os.register_at_fork(after_in_child=CREW.reset)


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
        """Run an entry point on the first ``parts``, default all, and wait for them.

        ``then`` combines their results on the first part; it is skipped if there is only one.
        Ctrl-C waits as well, since the kernels write to memory that the caller would free.
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
            other.result()  # raises its exception
        return self.run_first(then) if then is not None else self.result.value

    def results(self, parts: int) -> list[float]:
        """What each of the first ``parts`` returned."""
        return [ctypes.c_double.from_address(a + _RESULT).value for a in self.addresses[:parts]]

    def run_first(self, entry: Native) -> float:
        """Run an entry point on the first part alone."""
        first = self.addresses[0]
        if entry(first + _RESULT, first + _PROBLEM, first):
            raise SystemError(FAILED)
        return self.result.value

    def share_rows(self, n: int, parts: int | None = None) -> None:
        """Divide the rows of a batch of n among the first ``parts``, default all."""
        edges = edges_of(n, parts or len(self.jobs))
        self.jobs[:, p.N] = n
        self.jobs[: len(edges) - 1, p.FIRST], self.jobs[: len(edges) - 1, p.LAST] = (
            edges[:-1],
            edges[1:],
        )

    def close(self) -> None:
        """Release the threads, as garbage collection does; a second call has no effect."""
        if self.membership is not None and self.membership.detach() is not None:
            CREW.leave(wait=True)


def edges_of(n: int, parts: int) -> np.ndarray:
    """Where each of ``parts`` equal parts of n begins, and where the last one ends."""
    return np.arange(parts + 1) * n // parts


def _wait_for(waiting: list[Future]) -> None:
    """Wait for all, even if a signal raises an exception meanwhile; raise that afterwards."""
    interrupted: BaseException | None = None
    while any(not other.done() for other in waiting):
        try:
            wait(waiting)
        except BaseException as interrupt:
            interrupted = interrupt
    if interrupted is not None:
        raise interrupted


def call(entry: Native, job: int) -> None:
    """Run an entry point on the job at an address."""
    if entry(job + _RESULT, job + _PROBLEM, job):
        raise SystemError(FAILED)
