"""Pictures, drawn without a display."""

from __future__ import annotations

from mitbadak.plots.boundary import decision_boundary
from mitbadak.plots.curves import accuracy_curve, loss_curve, training_figure
from mitbadak.plots.descent import descent_path
from mitbadak.plots.style import lettering, new_figure, save_figure

__all__ = [
    "accuracy_curve",
    "decision_boundary",
    "descent_path",
    "lettering",
    "loss_curve",
    "new_figure",
    "save_figure",
    "training_figure",
]
