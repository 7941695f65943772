"""Kernel threads are shared, and started again in a forked child."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from kernels import needs_kernels

pytestmark = [
    needs_kernels,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork"),
]

LONG = 300  # seconds; then a child that hangs is killed and the test fails
BEGIN = """
import os, sys, threading, warnings
warnings.simplefilter("ignore")  # newer Pythons warn of forks beside threads
import numpy as np
import mitbadak as mb
from mitbadak.native import scores, steps, team
for module in (scores, steps, team):
    module.processors = lambda: 3
team.parts_worth = scores.parts_worth = steps.parts_worth = lambda flops: 3
steps.FLOPS_WORTH_MEETING = 0
x = np.random.default_rng(0).normal(size=(400, 20)).astype(np.float32)
t = np.arange(400) % 3

def in_child(work):
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:
            print(repr(error), flush=True)
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, "the child failed"

def trained(*callbacks):
    net = mb.MLP([20, 8, 3], rng=0)
    mb.fit(net, (x, t), epochs=2, batch_size=100, rng=0, engine="compiled", callbacks=callbacks)
    return net.params["W1"].tobytes()
"""
PREDICTOR = """
predictor = mb.Predictor(mb.MLP([20, 8, 3], rng=0), engine="compiled")
expected = predictor.predict(x)
def work():
    assert np.array_equal(predictor.predict(x), expected)
in_child(work)
assert np.array_equal(predictor.predict(x), expected)
"""
LOCKED = """
predictor = mb.Predictor(mb.MLP([20, 8, 3], rng=0), engine="compiled")
expected = predictor.predict(x)
predictor._kernels.lock.acquire()  # as another thread does during a prediction
in_child(lambda: predictor.predict(x))
predictor._kernels.lock.release()
"""
POOL = """
import multiprocessing
predictor = mb.Predictor(mb.MLP([20, 8, 3], rng=0), engine="compiled")
expected = predictor.predict(x)
def predict(i):
    return predictor.predict(x).tobytes()
with multiprocessing.get_context("fork").Pool(2) as pool:
    assert pool.map_async(predict, range(4)).get(200) == [expected.tobytes()] * 4
"""
TRAINING = """
alone = trained()
def work():
    assert trained() == alone
in_child(work)
assert trained() == alone
"""
GOES_ON = """
alone = trained()
class Fork(mb.Callback):
    child = None
    def on_epoch_end(self, trainer, row):
        if row["epoch"] == 1:
            self.child = os.fork()
fork = Fork()
bits = trained(fork)
if fork.child == 0:
    os._exit(0 if bits == alone else 1)
assert bits == alone
assert os.waitpid(fork.child, 0)[1] == 0
"""
THREADS = """
before = threading.active_count()
kept = []
for _ in range(12):
    kept.append(mb.Predictor(mb.MLP([20, 8, 3], rng=0), engine="compiled"))
    kept[-1].predict(x)
    trained()
assert team.TEAM.pool is not None
assert threading.active_count() - before <= max(2, os.cpu_count() or 1), threading.enumerate()
"""
# The parts of a step wait for one another, so each caller needs all of its threads at once.
AT_ONCE = """
from concurrent.futures import ThreadPoolExecutor
def steps_on_three_threads(_):
    net = mb.MLP([20, 8, 3], rng=0)
    updater = steps.NativeUpdater(net, mb.SGD(0.1), mb.Dataset(x, t), 50, threads=3)
    for start in range(60):
        updater.run([np.arange(start, start + 50)] * 2, 2 * start)
    updater.close()
    return net.params["W1"].tobytes()
alone = steps_on_three_threads(0)
with ThreadPoolExecutor(2) as pool:
    assert list(pool.map(steps_on_three_threads, range(2))) == [alone] * 2
"""


@pytest.mark.parametrize(
    "program",
    [PREDICTOR, LOCKED, POOL, TRAINING, GOES_ON, THREADS, AT_ONCE],
    ids=["predictor", "held lock", "pool of processes", "training", "training goes on", "threads",
         "trainings at once"],
)  # fmt: skip
def test_kernels_run_in_children_and_share_their_threads(program):
    result = subprocess.run(
        [sys.executable, "-c", BEGIN + program], capture_output=True, text=True, timeout=LONG
    )
    assert result.returncode == 0, result.stdout + result.stderr
