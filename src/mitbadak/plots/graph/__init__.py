"""Pictures of computational graphs: as SVG, as text for other programs, and step by step."""

from mitbadak.plots.graph.drawing import Drawing, draw
from mitbadak.plots.graph.stepwise import Stepwise, stepwise

__all__ = ["Drawing", "Stepwise", "draw", "stepwise"]
