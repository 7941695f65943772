"""Threads that share the work of one kernel."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from mitbadak.core.errors import RangeError

THREADS_VARIABLE = "MITBADAK_THREADS"
# Handing a part to another thread and waiting for it takes about 30 us, which must be worth it.
FLOPS_WORTH_A_THREAD = 4e7  # about 0.2 ms of matrix products
Entry = Callable[[int, int], float]


def processors() -> int:
    """How many processors this process may use, at most ``$MITBADAK_THREADS``.

    Raises:
        RangeError: the variable is not a whole number of at least 1.
    """
    if hasattr(os, "sched_getaffinity"):
        available = len(os.sched_getaffinity(0))
    else:
        available = os.cpu_count() or 1
    limit = os.environ.get(THREADS_VARIABLE, "")
    if not limit:
        return available
    if not re.fullmatch("[1-9][0-9]{0,5}", limit):
        raise RangeError(f"{THREADS_VARIABLE} must be a whole number of at least 1; got {limit!r}.")
    return min(available, int(limit))


def parts_worth(flops: float) -> int:
    """How many threads are worth using for a kernel of this many floating-point operations."""
    return max(1, min(processors(), int(flops / FLOPS_WORTH_A_THREAD)))


def _current_core() -> Callable[[], int] | None:
    """The C library's ``sched_getcpu``, if there is one."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    return getattr(ctypes.CDLL(None), "sched_getcpu", None)


CURRENT_CORE = _current_core()


class Team:
    """The threads of this process that run kernels; they start when they are first needed.

    A forked child has none of its parent's threads and starts its own.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all threads; after a fork they exist only in the parent process."""
        self.lock = threading.Lock()
        self.pool: ThreadPoolExecutor | None = None
        self.most = 0
        self.threads: list[int] = []
        self.core = -1

    def submit(self, entry: Entry, job: int, parts: int, waiting: list[Future]) -> None:
        """Run all parts of a job but the first on the threads; ``waiting`` gets their futures.

        The parts wait for one another, so they enter the queue together: if two callers' parts
        were mixed, each caller could hold a thread that the other one needs.
        """
        with self.lock:
            most = max(parts - 1, os.cpu_count() or 1)
            if self.pool is None or most > self.most:
                if self.pool is not None:
                    self.pool.shutdown(wait=False)  # after what is in its queue
                ids = self.threads = []
                self.most = most
                self.pool = ThreadPoolExecutor(most, "mitbadak", lambda: self._register_thread(ids))
            for part in range(1, parts):
                waiting.append(self.pool.submit(entry, job, part))

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


TEAM = Team()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=TEAM.reset)


def run_parts(entry: Entry, job: int, parts: int, *, meeting: Any = None) -> float:
    """Run an entry point on all parts of a job, and wait for them; returns what the first returned.

    Ctrl-C waits as well, since the kernels write to memory that the caller would free.

    Args:
        entry, job, parts: the entry point, the job's address, and its parts.
        meeting: the job itself, if its parts wait for one another. Where an exception prevents the
            first part, the others are told not to wait for it.
    """
    if parts == 1:
        return entry(job, 0)
    TEAM.keep_off_this_core(parts)
    waiting: list[Future] = []
    try:
        TEAM.submit(entry, job, parts, waiting)
        return entry(job, 0)
    except BaseException:
        if meeting is not None:
            meeting.abandoned = 1
        raise
    finally:
        _wait_for(waiting)


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
