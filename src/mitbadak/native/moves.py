"""The structured numerical gradient on kernels, unit by unit, in float64."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np

from mitbadak import nn
from mitbadak.native.library import kernels
from mitbadak.native.structs import CONSTANTS, Moves, Stage, address, laid_out
from mitbadak.native.support import ACTIVATION_CODES, HEAD_CODES, setting_of
from mitbadak.native.team import processors, run_parts
from mitbadak.nn import stages
from mitbadak.nn.heads import Head

MOVES_WORTH_A_THREAD = 2000  # 0.2 ms, beside 30 us for handing them over


def why_not(affine_stages: Sequence[stages.AffineStage], head: Head) -> str:
    """Why kernels cannot compute this gradient, in a clause; "" if they can."""
    if not affine_stages:
        return "there is no affine layer"
    if type(head) not in HEAD_CODES:
        return f"no kernel for {head!r}"
    for stage in affine_stages:
        after = stage.effective
        if len(after) > 1 or any(type(layer) not in ACTIVATION_CODES for layer in after):
            return f"no kernel for what follows {stage.affine!r}"
    return ""


class NativeMoves:
    """Central differences for every unit of a net; the arrays of a batch are prepared once.

    Args:
        affine_stages: affine stages of the net, in float64; ``why_not`` must return "" for them.
        outputs: what each affine layer gives for the batch.
        scores, t: scores and targets of the batch, (batch, classes).
        head: the loss.
        h: half the distance of a central difference.
        epsilon: what is added to probabilities inside the logarithm of the cross entropy after
            a softmax; as in the book's 1e-7.
    """

    def __init__(
        self,
        affine_stages: Sequence[stages.AffineStage],
        outputs: Sequence[np.ndarray],
        scores: np.ndarray,
        t: np.ndarray,
        *,
        head: Head,
        h: float,
        epsilon: float = 0.0,
    ):
        self.kernels: Any = kernels()
        self.kept: list[np.ndarray] = []
        self.stages = (Stage * len(affine_stages))()
        for struct, stage, z in zip(self.stages, affine_stages, outputs, strict=True):
            activation: Any = next(iter(stage.effective), nn.Identity())
            struct.activation = ACTIVATION_CODES[type(activation)]
            struct.setting = setting_of(activation)
            struct.n_in, struct.n_out = stage.affine.n_in, stage.affine.n_out
            struct.weights = self._keep(stage.affine.params["W"])
            struct.outputs = self._keep(z)
        self.most = processors()
        self.moves: tuple[Any, Any] = (None, None)
        widest = max(stage.affine.n_out for stage in affine_stages)
        exps = np.exp(scores - scores.max(axis=1, keepdims=True))
        exp_row = -(-scores.shape[1] // CONSTANTS["WIDE"]) * CONSTANTS["WIDE"]
        padded = np.zeros((len(exps), exp_row))
        padded[:, : exps.shape[1]] = exps
        self.job = Moves(
            stages=ctypes.addressof(self.stages),
            stage_count=len(affine_stages),
            head=HEAD_CODES[type(head)],
            head_setting=setting_of(head),
            epsilon=epsilon,
            factor=head.term_weight(scores.shape),
            h=h,
            batch=len(scores),
            classes=scores.shape[1],
            scores=self._keep(scores),
            targets=self._keep(t),
            exps=self._keep(padded),
            exp_row=exp_row,
            exp_sums=self._keep(exps.sum(axis=1)),
            target_sums=self._keep(t.sum(axis=1)),
            scratch=self._keep(np.empty((self.most, exp_row + 2 * widest))),
            scratch_size=exp_row + 2 * widest,
        )

    def _keep(self, array: np.ndarray) -> int:
        array = laid_out(array, np.float64)
        self.kept.append(array)
        return address(array)

    def slopes(self, number: int, unit: int, example: np.ndarray, by: np.ndarray) -> np.ndarray:
        """Central differences for a unit of a stage.

        Args:
            number, unit: which one.
            example: the example of each move, (moves,).
            by: how far it shifts the unit before its activation, (moves,).
        """
        job, slopes = self.job, np.empty(len(example))
        if self.moves[0] is not example or self.moves[1] is not by:  # the same for many units
            self.moves = example, by
            self.laid_out = laid_out(example, np.int64), laid_out(by, np.float64)
            job.examples, job.by = map(address, self.laid_out)
            job.moves = len(example)
            job.parts = max(1, min(self.most, len(example) // MOVES_WORTH_A_THREAD))
        job.number, job.unit, job.slopes = number, unit, address(slopes)
        run_parts(self.kernels.slopes, ctypes.addressof(job), job.parts)
        return slopes
