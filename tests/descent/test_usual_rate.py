"""The rate of a descent whose rate nobody chose: it stays in the picture."""

from __future__ import annotations

import numpy as np
import pytest

from mitbadak.descent import SURFACES, gradient_descent, stability_limit, usual_rate
from mitbadak.plots import descent_path, new_figure

BOUNDED = [name for name, f in SURFACES.items() if len(f.minima)]


@pytest.mark.parametrize("name", BOUNDED)
def test_a_descent_on_a_surface_stays_in_its_window_and_falls(name: str) -> None:
    f = SURFACES[name]
    result = gradient_descent(f, f.start, usual_rate(f, f.start), gradient=f.gradient)
    for side, values in zip(f.window, result.path.T, strict=True):
        assert side[0] <= values.min() <= values.max() <= side[1]
    assert f(result.x) < f(f.start) / 2
    assert not result.status.ran_away


@pytest.mark.parametrize("name", BOUNDED)
def test_it_is_below_the_stability_limits(name: str) -> None:
    f = SURFACES[name]
    limits = [stability_limit(f, x) for x in (*f.minima, f.start)]
    assert 0.1 * min(0.1, *limits) < usual_rate(f, f.start) <= min(0.1, 0.8 * min(limits))


def test_other_functions_keep_the_usual_rate() -> None:
    assert usual_rate(lambda x: float(x @ x), [1.0, 2.0]) == 0.1
    assert usual_rate(SURFACES["saddle"], [1.0, 2.0]) == 0.1


@pytest.mark.parametrize("name", SURFACES)
def test_a_picture_has_a_true_aspect(name: str) -> None:
    f = SURFACES[name]
    ax = new_figure(5.0, 5.0).subplots()
    descent_path(gradient_descent(f, f.start, usual_rate(f, f.start), 20), ax, f)
    assert ax.get_aspect() == 1.0


def test_a_path_that_ran_away_uses_both_its_axes() -> None:
    f = SURFACES["rosenbrock"]
    with np.errstate(over="ignore"):
        result = gradient_descent(f, f.start, 0.1)
    ax = new_figure(5.0, 5.0).subplots()
    descent_path(result, ax, f)
    assert ax.get_aspect() == "auto"
