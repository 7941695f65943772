"""Pictures, drawn without a display."""

from __future__ import annotations

from mitbadak.plots.boundary import decision_boundary, fitted_curve
from mitbadak.plots.compare import compare_figure
from mitbadak.plots.curves import accuracy_curve, loss_curve, training_figure
from mitbadak.plots.descent import descent_path
from mitbadak.plots.film import save_race_gif
from mitbadak.plots.quality import (
    confusion,
    misread_points,
    misreadings,
    prediction_figure,
    quality_figure,
    regression_figure,
    reliability,
    sureness,
)
from mitbadak.plots.races import descent_race, race_figure, race_heights
from mitbadak.plots.style import lettering, new_figure, save_figure, set_title

__all__ = [
    "accuracy_curve",
    "compare_figure",
    "confusion",
    "decision_boundary",
    "descent_path",
    "descent_race",
    "fitted_curve",
    "lettering",
    "loss_curve",
    "misread_points",
    "misreadings",
    "new_figure",
    "prediction_figure",
    "quality_figure",
    "race_figure",
    "race_heights",
    "regression_figure",
    "reliability",
    "save_figure",
    "save_race_gif",
    "set_title",
    "sureness",
    "training_figure",
]
