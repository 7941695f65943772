"""A caller always waits for the threads that share its kernel, and they never wait for a caller."""

from __future__ import annotations

import os
import threading
import time
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

import mitbadak as mb
from kernels import needs_kernels
from mitbadak.core.errors import RangeError
from mitbadak.native import steps, team
from mitbadak.native.team import parts_worth, processors, run_parts
from mitbadak.native.thread_count import FIRST_PAUSE, LONGEST_PAUSE, ThreadCount


def test_ctrl_c_waits_for_the_kernels(monkeypatch):
    """They write to arrays that the caller frees when it returns."""
    finished: list[int] = []

    def kernel(job: int, part: int) -> float:
        if part == 0:
            raise KeyboardInterrupt
        time.sleep(0.2)
        finished.append(part)
        return 0.0

    pressed = []
    waiting = team.wait

    def wait(futures):
        if not pressed:
            pressed.append(True)
            raise KeyboardInterrupt  # and once more, while it waits
        return waiting(futures)

    monkeypatch.setattr(team, "wait", wait)
    with pytest.raises(KeyboardInterrupt):
        run_parts(kernel, 0, 3)
    assert sorted(finished) == [1, 2]
    assert pressed


def test_every_part_runs_once_and_the_first_one_s_result_is_returned():
    for parts in (1, 2, 3, 5):
        ran: list[tuple[int, int]] = []
        caller: list[int] = []

        def kernel(job: int, part: int) -> float:
            ran.append((job, part))  # noqa: B023
            if part == 0:
                caller.append(threading.get_ident())  # noqa: B023
            return 10.0 * job + part

        assert run_parts(kernel, 7, parts) == 70.0
        assert sorted(ran) == [(7, part) for part in range(parts)]
        assert caller == [threading.get_ident()]


@needs_kernels
@pytest.mark.parametrize("entry", ["train", "gradient", "update"])
def test_no_part_waits_for_a_first_one_that_never_begins(entry):
    """As when Ctrl-C arrives just before it; the same updater goes on afterwards."""
    x = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
    net, alone = (mb.MLP([4, 5, 3], rng=0) for _ in range(2))
    data, batch = mb.Dataset(x, np.arange(30) % 3), np.arange(30)
    updater = steps.NativeUpdater(net, mb.Momentum(0.1), data, 30, threads=3)
    reference = steps.NativeUpdater(alone, mb.Momentum(0.1), data, 30, threads=1)
    updater.forward(batch)
    updater.update()
    real = getattr(updater.kernels, entry)

    def interrupted(job: int, part: int) -> float:
        if part == 0:
            raise KeyboardInterrupt
        return real(job, part)

    updater.forward(batch)
    updater.kernels = SimpleNamespace(**{**vars(updater.kernels), entry: interrupted})
    with pytest.raises(KeyboardInterrupt):
        {
            "train": lambda: updater.run([batch], 1),
            "gradient": lambda: updater.forward(batch),
            "update": updater.update,
        }[entry]()
    updater.kernels = reference.kernels
    updater.forward(batch)
    updater.update()
    for _ in range(2):
        reference.forward(batch)
        reference.update()
    updater.close()
    reference.close()
    for name, array in net.params.items():
        np.testing.assert_array_equal(array, alone.params[name])


def test_there_are_as_many_parts_as_are_worth_a_thread(monkeypatch):
    monkeypatch.setattr(team, "processors", lambda: 4)
    assert [parts_worth(f * team.FLOPS_WORTH_A_THREAD) for f in (0, 0.5, 1.5, 2.5, 9)] == [
        1, 1, 1, 2, 4,
    ]  # fmt: skip
    monkeypatch.setenv(team.THREADS_VARIABLE, "1")
    assert processors() == 1
    monkeypatch.setenv(team.THREADS_VARIABLE, "")
    assert 1 <= processors() <= (os.cpu_count() or 1)


@pytest.mark.parametrize("value", ["many", "0", "-1", "2.0", "²", " 2", "1" * 5000])
def test_a_number_of_threads_that_is_none_is_refused(monkeypatch, value):
    monkeypatch.setenv(team.THREADS_VARIABLE, value)
    with pytest.raises(RangeError, match="MITBADAK_THREADS must be a whole number of at least 1"):
        processors()


class Clock:
    """Steps whose time depends on the number of threads."""

    def __init__(self, **seconds: float):
        self.seconds = seconds
        self.used: list[int] = []

    def run(self, parts: ThreadCount, calls: int) -> list[int]:
        """The numbers of threads of so many calls."""
        for _ in range(calls):
            n = parts.choose()
            self.used.append(n)
            parts.note(n, self.seconds["one" if n == 1 else "all"])
        return self.used[-calls:]


@pytest.mark.parametrize(("one", "all_", "fastest"), [(2.0, 1.0, 4), (1.0, 3.0, 1)])
def test_the_number_of_threads_that_is_fastest_is_used(one, all_, fastest):
    parts, clock = ThreadCount(4, None), Clock(one=one, all=all_)
    used = clock.run(parts, 9 * FIRST_PAUSE)
    assert set(used[:3]) == {1, 4}, "both are tried at once"
    other = 5 - fastest
    assert used.count(fastest) > 0.97 * len(used)
    tries = [i for i, n in enumerate(used) if n == other]
    assert all(b < c for b, c in pairwise(b - a for a, b in pairwise(tries))), "ever less often"
    clock.seconds = {"one": all_, "all": one}  # another process ends or begins
    assert clock.run(parts, 2 * LONGEST_PAUSE).count(other) > LONGEST_PAUSE / 2


def test_a_number_of_threads_that_was_asked_for_is_kept():
    assert set(Clock(one=1.0, all=9.0).run(ThreadCount(3, 3), 3 * FIRST_PAUSE)) == {3}
    assert set(Clock(one=1.0, all=9.0).run(ThreadCount(1, None), 3 * FIRST_PAUSE)) == {1}
