"""Scores of a frozen net on compiled kernels, for one example or many."""

from __future__ import annotations

import os
import threading
import weakref

import numpy as np

from mitbadak.compiled import library, plan as p
from mitbadak.compiled.team import Team, parts_worth, processors
from mitbadak.nn.declared import is_built_in
from mitbadak.nn.heads import SigmoidCrossEntropy
from mitbadak.nn.mlp import MLP
from mitbadak.nn.network import Sequential

_LIVING: weakref.WeakSet[CompiledScores] = weakref.WeakSet()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: [scores.forget_lock() for scores in list(_LIVING)])


def why_not(net: Sequential) -> str:
    """Why these kernels cannot compute a net's predictions, in a clause; "" if they can."""
    kind, head = type(net), type(net.head)
    scores_only = kind.answer is Sequential.answer
    usual = kind.predict is Sequential.predict and (scores_only or kind.answer is MLP.answer)
    sigmoid = head is SigmoidCrossEntropy and not scores_only
    if sigmoid or not (usual and is_built_in(head)):
        return f"no kernel for how {kind.__name__} turns scores into answers"
    return p.why_not(net)


class CompiledScores:
    """The scores of a net, or their softmax, computed from a copy of its parameters.

    Later changes to the net have no effect. Calls from several threads wait for one another.
    """

    def __init__(self, net: Sequential, *, probabilities: bool):
        self.predict = library.load("kernels")["predict"]
        self.flops = 2.0 * sum(a.size for a in net.params.values())
        most = processors()
        self.layout = p.Layout(p.stages_of(net), p.GROUP * most)
        for name, view in self.layout.params.items():
            view[...] = net.params[name]
        job = np.zeros(p.JOB, np.int64)
        self.layout.fill_in(job)
        self.n_in, self.n_out = (
            int(self.layout.plan[i, j]) for i, j in ((0, p.N_IN), (-1, p.N_OUT))
        )
        job[p.WIDTH], job[p.PROBABILITIES] = self.n_in, probabilities
        self.team = Team(job, most)
        self.one, self.scores = (
            np.zeros((1, self.n_in), np.float32),
            np.zeros((1, self.n_out), np.float32),
        )
        job[p.EXAMPLES], job[p.OUT] = p.address(self.one), p.address(self.scores)
        self.single = Team(job, 1)
        self.single.share_rows(1)
        self.forget_lock()
        _LIVING.add(self)

    def forget_lock(self) -> None:
        """Make a new lock: in a forked child, the old one may be held by a thread that is gone."""
        self.lock = threading.Lock()

    def of_one(self, x: np.ndarray) -> np.ndarray:
        """Scores (n_out,) of one example (n_in,) of any numeric dtype."""
        with self.lock:
            self.one[0] = x
            self.single.run_first(self.predict)
            return self.scores[0].copy()

    def of_many(self, x: np.ndarray) -> np.ndarray:
        """Scores (batch, n_out) of x (batch, n_in) of any numeric dtype."""
        x = p.laid_out(x, np.float32)
        out = np.empty((len(x), self.n_out), np.float32)
        with self.lock:
            jobs = self.team.jobs
            parts = min(len(jobs), parts_worth(self.flops * len(x)))
            jobs[:, p.EXAMPLES], jobs[:, p.OUT] = p.address(x), p.address(out)
            self.team.share_rows(len(x), parts)
            self.team.run(self.predict, parts=parts)
        return out
