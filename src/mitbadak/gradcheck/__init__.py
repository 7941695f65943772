"""Analytic gradients compared with the definition, with a report that names the likely cause."""

from mitbadak.core.elsewhere import names_of as _names_of
from mitbadak.gradcheck.check import assert_gradients, check_gradients
from mitbadak.gradcheck.report import Cause, Finding, GradientReport

__all__ = ["Cause", "Finding", "GradientReport", "assert_gradients", "check_gradients"]

__getattr__ = _names_of(__name__, lambda: __all__)
