"""Why entries of a gradient are exactly 0, analytically and numerically."""

from __future__ import annotations

from typing import Any

import numpy as np

from mitbadak.gradcheck.subjects import Subject


def reasons_for_zeros(subject: Subject, name: str, zero: Any) -> tuple[str, ...]:
    """Reasons for entries that are exactly 0 in both gradients, each with its count.

    Args:
        subject: what was examined.
        name: the name of the array.
        zero: a mask of the entries that are 0 both analytically and numerically.
    """
    count = int(zero.sum())
    if not count:
        return ()
    of_a_net = subject.net is not None
    if not of_a_net or zero.ndim not in (1, 2) or zero.shape[-1] == 0:
        return (f"{count:,} without effect on the loss: both sides are exactly 0",)
    if zero.ndim == 1:
        return (f"{count:,} of units with no effect on this batch (inactive, or unused by later "
                "layers): both sides are exactly 0",)  # fmt: skip
    rows, columns = np.asarray(zero.all(axis=1)), np.asarray(zero.all(axis=0))
    if rows.all():
        return (f"all {count:,}, since none of them has an effect on this batch: both sides are "
                "exactly 0",)  # fmt: skip
    reasons = []
    of_rows, width = int(rows.sum()), zero.shape[1]
    if of_rows:
        reasons.append(f"{of_rows * width:,} belong to {of_rows:,} {_unused_inputs(subject, rows)}")
    of_columns = int(columns.sum())
    in_columns = of_columns * int((~rows).sum())
    if in_columns:
        reasons.append(
            f"{in_columns:,} to {of_columns:,} unit{'s' * (of_columns > 1)} with no effect on this "
            "batch (inactive, or unused by later layers)"
        )
    rest = count - of_rows * width - in_columns
    if rest:
        reasons.append(f"{rest:,} to units that are inactive wherever the input is not 0")
    return (*reasons[:-1], f"{reasons[-1]}: both sides are exactly 0")


def _unused_inputs(subject: Subject, rows: np.ndarray) -> str:
    x = np.asarray(subject.x)
    plural = "s" if rows.sum() > 1 else ""
    examples = x.reshape(-1, x.shape[-1]) if x.ndim else x.reshape(1, 1)
    if x.dtype.kind in "biuf" and examples.shape[1] == len(rows) and not examples[:, rows].any():
        are = "are" if plural else "is"
        return f"input{plural} that {are} 0 in all {len(examples):,} examples"
    return f"row{plural}, whose input is 0 in every example or whose units are inactive"
