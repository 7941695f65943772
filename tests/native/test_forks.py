"""Kernel threads are shared, released, and started again in a forked child."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytest.importorskip("numba")
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")

LONG = 300  # seconds; then a child that hangs is killed and the test fails
BEGIN = """
import os, sys, threading, warnings
warnings.simplefilter("ignore")  # newer Pythons warn of forks beside threads
import numpy as np
import mitbadak as mb
from mitbadak.compiled import scores, steps, team
for module in (scores, steps, team):
    module.processors = lambda: 3
team.parts_worth = scores.parts_worth = steps.parts_worth = lambda flops: 3
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
assert threading.active_count() - before <= (os.cpu_count() or 1), threading.enumerate()
pool = team.CREW.pool
assert pool is not None
kept.clear()
assert team.CREW.teams == 0
pool.shutdown(wait=True)  # the last team has already asked them to end
assert threading.active_count() == before
trained()
assert threading.active_count() == before
"""


@pytest.mark.parametrize(
    "program",
    [PREDICTOR, LOCKED, POOL, TRAINING, GOES_ON, THREADS],
    ids=["predictor", "held lock", "pool of processes", "training", "training goes on", "threads"],
)
def test_kernels_run_in_children_and_their_threads_are_released(program):
    result = subprocess.run(
        [sys.executable, "-c", BEGIN + program], capture_output=True, text=True, timeout=LONG
    )
    assert result.returncode == 0, result.stdout + result.stderr
