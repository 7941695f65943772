"""Descent on any function with any optimizer: its path, and why it ended where it did."""

from __future__ import annotations

from mitbadak.core.elsewhere import names_of as _names_of
from mitbadak.descent.race import RATES, race
from mitbadak.descent.result import DescentResult, Status, TracePoint
from mitbadak.descent.stability import curvatures, limit_of, stability_limit, usual_rate
from mitbadak.descent.surfaces import (
    SURFACES,
    Surface,
    beale,
    ellipse,
    himmelblau,
    rosenbrock,
    saddle,
    sphere,
    surface,
)
from mitbadak.descent.walk import Rule, descend, gradient_descent

__all__ = [
    "RATES",
    "SURFACES",
    "DescentResult",
    "Rule",
    "Status",
    "Surface",
    "TracePoint",
    "beale",
    "curvatures",
    "descend",
    "ellipse",
    "gradient_descent",
    "himmelblau",
    "limit_of",
    "race",
    "rosenbrock",
    "saddle",
    "sphere",
    "stability_limit",
    "surface",
    "usual_rate",
]

__getattr__ = _names_of(__name__, lambda: __all__)
