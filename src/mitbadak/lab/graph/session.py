"""The session of the Graph view: an expression in, its graph with values and gradients out."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar

import numpy as np

from mitbadak.core.languages import LANGUAGES
from mitbadak.functions.numerical import H
from mitbadak.lab.both import reason
from mitbadak.lab.formula import MOST_CHARACTERS, parsed_formula
from mitbadak.lab.graph.expression import FUNCTIONS, MOST_NAMES, names_in, record, value_at
from mitbadak.lab.schema import Choice, Fields, Number, Records, RefusedError, Text, Whole
from mitbadak.lab.view import View
from mitbadak.lab.wire import Frame
from mitbadak.plots.graph.building import picture_of
from mitbadak.plots.graph.narration import narrate
from mitbadak.plots.graph.scene import scene_of
from mitbadak.plots.graph.svg import svg_of

FIRST = "(x * y + sin(x)) * x"
VALUE = 2.0  # of a variable that nobody has given one
LARGEST = 1e6
INLINE_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)  # the page has its own, and allows none
ANCHOR = re.compile(r' style="text-anchor:(\w+)"')


class GraphView(View):
    """An expression and the numbers that its variables have."""

    name = "graph"
    prompt = True
    SETTINGS: ClassVar[Fields] = {
        "formula": Text(MOST_CHARACTERS, FIRST),
        "values": Records(
            {"name": Text(20), "value": Number(-LARGEST, LARGEST, VALUE)},
            MOST_NAMES,
            [{"name": "x", "value": 2.0}, {"name": "y", "value": 3.0}],
        ),
        "direction": Choice(("right", "down"), "right"),
        "stage": Whole(0, 1000, 0),  # the one that is shown, so that a link leads to it
    }
    MESSAGES: ClassVar[Mapping[str, Fields]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.told: tuple[Any, ...] = ()

    def on_hello(self) -> None:
        """A page is there: it gets everything."""
        self.told = ()
        self.answer("functions", functions=sorted(FUNCTIONS))

    def frames(self) -> list[Frame]:
        """The graph, when the expression, a value or the direction has changed."""
        settings = dict(self.settings)
        state = (settings["formula"], settings["values"], settings["direction"])
        frames = super().frames()
        if self.told != state:
            self.told = state
            try:
                frames.append(graph_frame(settings))
            except RefusedError as problem:
                frames.append(Frame({"type": "unreadable", "text": reason(problem)}))
        return frames


def graph_frame(settings: Mapping[str, Any]) -> Frame:
    """The picture, its stages in both languages, and what came out.

    Raises:
        RefusedError: the expression is none, or says what it may not.
    """
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is not finite is shown as such
        return _graph_frame(settings)


def _graph_frame(settings: Mapping[str, Any]) -> Frame:
    tree = parsed_formula(settings["formula"])
    given = {entry["name"]: entry["value"] for entry in settings["values"]}
    values = {name: given.get(name, VALUE) for name in names_in(tree)}
    y, variables = record(tree, values)
    picture = picture_of("graph", y, True)
    position = {id(v): i for i, v in enumerate(picture.variables)}
    table = []
    for name, variable in variables.items():
        at = position.get(id(variable))
        gradient = 0.0 if at is None else float(picture.gradients.get(at, 0.0))
        ahead, behind = (value_at(tree, {**values, name: values[name] + h}) for h in (H, -H))
        table.append(
            {
                "name": name,
                "value": values[name],
                "gradient": gradient,
                "numerical": (ahead - behind) / (2 * H),
            }
        )
    svg = ANCHOR.sub(r' text-anchor="\1"', svg_of(scene_of(picture, settings["direction"])))
    stages = {lang: [asdict(stage) for stage in narrate(picture, lang)] for lang in LANGUAGES}
    content = {
        "type": "graph",
        "svg": INLINE_STYLE.sub("", svg),
        "stages": stages,
        "variables": table,
        "result": float(y.value),
    }
    return Frame(content)
