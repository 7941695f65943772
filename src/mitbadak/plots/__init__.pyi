from mitbadak.plots.boundary import (
    decision_boundary as decision_boundary,
    fitted_curve as fitted_curve,
)
from mitbadak.plots.boundary_film import (
    BoundaryFilm as BoundaryFilm,
)
from mitbadak.plots.compare import (
    compare_figure as compare_figure,
)
from mitbadak.plots.curves import (
    accuracy_curve as accuracy_curve,
    loss_curve as loss_curve,
    training_figure as training_figure,
)
from mitbadak.plots.descent import (
    descent_path as descent_path,
)
from mitbadak.plots.film import (
    save_race_gif as save_race_gif,
)
from mitbadak.plots.live import (
    LiveCurves as LiveCurves,
)
from mitbadak.plots.quality import (
    confidence_histogram as confidence_histogram,
    confusion as confusion,
    misclassified_images as misclassified_images,
    misclassified_points as misclassified_points,
    prediction_figure as prediction_figure,
    quality_figure as quality_figure,
    regression_figure as regression_figure,
    reliability as reliability,
)
from mitbadak.plots.races import (
    descent_race as descent_race,
    race_figure as race_figure,
    race_heights as race_heights,
)
from mitbadak.plots.style import (
    lettering as lettering,
    new_figure as new_figure,
    save_figure as save_figure,
    set_title as set_title,
)
from mitbadak.plots.sweep import (
    sweep_figure as sweep_figure,
)
from mitbadak.plots.weights import (
    weights_figure as weights_figure,
)
