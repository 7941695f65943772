"""Pictures of computational graphs: SVG, DOT, Mermaid, and a page that goes step by step.

The way of a graph through the files: ``building`` turns variables into a ``picture``; ``scene``
gives it sizes and, by ``layout``, positions; ``svg`` draws it in a ``theme``. ``narration`` puts
it into words, which ``page`` shows. ``drawing`` and ``stepwise`` are what users call.
"""

from mitbadak.plots.graph.drawing import Drawing, draw
from mitbadak.plots.graph.stepwise import Stepwise, stepwise

__all__ = ["Drawing", "Stepwise", "draw", "stepwise"]
