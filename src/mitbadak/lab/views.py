"""The views by name: the one table on the Python side (frontend/src/views.ts is the other)."""

from __future__ import annotations

from collections.abc import Callable

from mitbadak.lab.clinic.session import ClinicView
from mitbadak.lab.descent.session import DescentView
from mitbadak.lab.drawing.session import DrawingView
from mitbadak.lab.graph.session import GraphView
from mitbadak.lab.mnist.session import MnistView
from mitbadak.lab.playground.session import PlaygroundView
from mitbadak.lab.runs.session import RunsView
from mitbadak.lab.view import View

VIEWS: dict[str, Callable[[], View]] = {
    view.name: view
    for view in (
        PlaygroundView, DescentView, ClinicView, MnistView, DrawingView, GraphView, RunsView
    )
}  # fmt: skip
