"""A caller always waits for the threads that share its kernel."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

pytest.importorskip("numba")
from mitbadak.compiled import plan as p, team
from mitbadak.compiled.team import Team, edges_of, parts_worth, processors


def test_ctrl_c_waits_for_the_kernels(monkeypatch):
    """They write to arrays that the caller frees when it returns."""
    finished: list[int] = []
    main = threading.get_ident()

    def kernel(result: int, problem: int, job: int) -> int:
        if threading.get_ident() == main:
            raise KeyboardInterrupt
        time.sleep(0.2)
        finished.append(job)
        return 0

    pressed = []
    waiting = team.wait

    def wait(futures):
        if not pressed:
            pressed.append(True)
            raise KeyboardInterrupt  # and once more, while it waits
        return waiting(futures)

    monkeypatch.setattr(team, "wait", wait)
    crew = Team(np.zeros(p.JOB, np.int64), 3)
    with pytest.raises(KeyboardInterrupt):
        crew.run(kernel)
    assert len(finished) == 2
    assert pressed
    crew.close()


def test_a_kernel_that_fails_on_any_thread_is_reported():
    for failing in range(3):
        crew = Team(np.zeros(p.JOB, np.int64), 3)
        bad = crew.addresses[failing]
        with pytest.raises(SystemError, match="a kernel failed"):
            crew.run(lambda result, problem, job, bad=bad: int(job == bad))
        crew.close()


def test_only_the_requested_parts_run():
    crew = Team(np.zeros(p.JOB, np.int64), 3)
    ran: list[int] = []
    crew.share_rows(10, 2)
    crew.run(lambda result, problem, job: ran.append(job) or 0, parts=2)
    assert sorted(ran) == sorted(crew.addresses[:2])
    assert crew.jobs[:2, p.FIRST].tolist() == [0, 5]
    assert crew.jobs[:2, p.LAST].tolist() == [5, 10]
    crew.close()


def test_there_are_as_many_parts_as_are_worth_a_thread(monkeypatch):
    monkeypatch.setattr(team, "processors", lambda: 4)
    assert [parts_worth(f * team.FLOPS_WORTH_A_THREAD) for f in (0, 0.5, 1.5, 2.5, 9)] == [
        1, 1, 1, 2, 4,
    ]  # fmt: skip
    assert edges_of(7, 3).tolist() == [0, 2, 4, 7]
    monkeypatch.setenv(team.THREADS_VARIABLE, "1")
    assert processors() == 1
    monkeypatch.setenv(team.THREADS_VARIABLE, "many")
    assert processors() >= 1
