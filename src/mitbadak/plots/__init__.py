"""Pictures, drawn without a display."""

from __future__ import annotations

from mitbadak.plots.boundary import decision_boundary
from mitbadak.plots.curves import accuracy_curve, loss_curve, training_figure
from mitbadak.plots.descent import descent_path
from mitbadak.plots.film import save_race_gif
from mitbadak.plots.races import descent_race, race_figure, race_heights
from mitbadak.plots.style import lettering, new_figure, save_figure

__all__ = [
    "accuracy_curve",
    "decision_boundary",
    "descent_path",
    "descent_race",
    "lettering",
    "loss_curve",
    "new_figure",
    "race_figure",
    "race_heights",
    "save_figure",
    "save_race_gif",
    "training_figure",
]
