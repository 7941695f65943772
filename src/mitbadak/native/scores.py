"""Scores of a frozen net on kernels, for one example or many."""

from __future__ import annotations

import ctypes
import os
import threading
import weakref
from typing import Any

import numpy as np

from mitbadak.native import support
from mitbadak.native.layout import Layout
from mitbadak.native.library import kernels
from mitbadak.native.structs import CONSTANTS as C, Examples, Job, address, laid_out
from mitbadak.native.team import parts_worth, processors, run_parts
from mitbadak.nn.declared import is_built_in
from mitbadak.nn.network import Sequential

GROUP = 32  # rows that pass all layers together, and stay in the cache
_LIVING: weakref.WeakSet[NativeScores] = weakref.WeakSet()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: [scores.forget_lock() for scores in list(_LIVING)])


def why_not(net: Sequential) -> str:
    """Why kernels cannot compute a net's predictions, in a clause; "" if they can."""
    kind = type(net)
    own = {"predict", "answer", "scores", "checked_input"}
    usual = all(getattr(kind, name) is getattr(Sequential, name) for name in own)
    usual = usual and own.isdisjoint(vars(net))
    if not (usual and is_built_in(type(net.head))):
        return f"no kernel for how {kind.__name__} turns scores into answers"
    return support.why_no_scores(net)


class NativeScores:
    """The answers of a net, computed from a copy of its parameters.

    Later changes to the net have no effect. Calls from several threads wait for one another.
    """

    def __init__(self, net: Sequential):
        self.kernels: Any = kernels()
        self.most = processors()
        self.layout = Layout(net, GROUP * self.most, self.most, learning=False)
        self.flops = sum(self.layout.flops_by_layer())
        for views, arrays in ((self.layout.params, net.params), (self.layout.buffers, net.buffers)):
            for name, view in views.items():
                view[...] = arrays[name]
        self.n_in, self.n_out = int(net.n_in or 0), int(net.n_out or 0)
        self.layout.job.probabilities = net.head.gives_probabilities
        self.scale = np.ones(256, np.float32)
        self.one = np.zeros((1, self.n_in), np.float32)
        self.scores = np.zeros((1, self.n_out), np.float32)
        self.first = np.zeros(1, np.int64)
        self.single = self._job(self.one, self.scores, self.first)
        self.forget_lock()
        _LIVING.add(self)

    def _job(self, x: np.ndarray, answers: np.ndarray, rows: np.ndarray) -> tuple[Any, Any]:
        """A job for these arrays, and its examples, which must outlive it."""
        examples = Examples(kind=C["FLOATS"], source=C["FLOATS"], width=self.n_in,
                            examples=address(x), scale=address(self.scale))  # fmt: skip
        job = Job.from_buffer_copy(self.layout.job)
        job.data, job.answers = ctypes.addressof(examples), address(answers)
        job.rows, job.row_count = address(rows), len(rows)
        return job, examples

    def forget_lock(self) -> None:
        """Make a new lock: in a forked child, the old one may be held by a thread that is gone."""
        self.lock = threading.Lock()

    def of_one(self, x: np.ndarray) -> np.ndarray:
        """Answers (n_out,) to one example of n_in numbers, of any shape and numeric dtype."""
        with self.lock:
            self.one[0] = x.reshape(-1)
            self.kernels.predict(ctypes.addressof(self.single[0]), 0)
            return self.scores[0].copy()

    def of_many(self, x: np.ndarray) -> np.ndarray:
        """Answers (batch, n_out) to x (batch, n_in) of any numeric dtype."""
        x = laid_out(x, np.float32)
        answers, rows = np.empty((len(x), self.n_out), np.float32), np.arange(len(x))
        with self.lock:
            job, _examples = self._job(x, answers, rows)
            job.parts = min(self.most, parts_worth(self.flops * len(x)))
            run_parts(self.kernels.predict, ctypes.addressof(job), job.parts)
        return answers
