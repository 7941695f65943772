"""Results as they appear in a notebook: a picture, a table, or a colored verdict."""

from __future__ import annotations

import base64
from functools import singledispatch
from html import escape
from typing import TYPE_CHECKING, Any

from mitbadak.descent import DescentResult
from mitbadak.gradcheck.report import GradientReport
from mitbadak.graph import Variable
from mitbadak.nn.network import Sequential
from mitbadak.nn.summary import COLUMNS, summary_lines, summary_rows
from mitbadak.plots.graph.drawing import notebook_picture
from mitbadak.training.history import History

if TYPE_CHECKING:
    from matplotlib.figure import Figure  # slow to load, and a table needs none

CELL = ' style="text-align:left"'
RIGHT, WRONG = "#009E73", "#D55E00"


@singledispatch
def html_of(result: Any) -> str | None:
    """A result as HTML; None where its repr says as much."""
    return None


@html_of.register(Variable)
def _variable(result: Variable) -> str | None:
    return notebook_picture(result)


@html_of.register(History)
def _history(result: History) -> str | None:
    if not result.losses and not result.rows:
        return None
    last = result.result if len(result) else {}
    said = [f"{len(result.losses):,} updates"]
    said += [f"{name} {value:.4g}" for name, value in last.items() if name != "step"]
    said += [result.stopped] if result.stopped else []
    return f"{picture(figure_of(result))}<p>{escape('; '.join(said))}</p>"


@html_of.register(Sequential)
def _sequential(result: Sequential) -> str:
    head = "".join(f"<th{CELL}>{escape(name)}</th>" for name in COLUMNS)
    rows = "".join(
        f"<tr>{''.join(f'<td{CELL}>{escape(cell)}</td>' for cell in row)}</tr>"
        for row in summary_rows(result)
    )
    return f"<table><tr>{head}</tr>{rows}</table><p>{escape(summary_lines(result)[-1])}</p>"


@html_of.register(GradientReport)
def _gradientreport(result: GradientReport) -> str:
    color = RIGHT if result.ok else WRONG
    return (
        f'<p style="color:{color};font-weight:bold">{escape(result.verdict)}</p>'
        f"<pre>{escape(str(result))}</pre>"
    )


@html_of.register(DescentResult)
def _descentresult(result: DescentResult) -> str:
    drawn = picture(figure_of(result)) if result.x.shape == (2,) else ""
    return f"{drawn}<p>{escape(result.explanation)}</p>"


@singledispatch
def figure_of(result: Any, title: str = "", lang: str = "en") -> Figure:
    """The figure of a result.

    Raises:
        TypeError: there is none.
    """
    raise TypeError(f"{type(result).__name__} has no picture.")


@figure_of.register(History)
def _drawn_history(result: History, title: str = "", lang: str = "en") -> Figure:
    from mitbadak.plots.curves import training_figure

    return training_figure(result, title, lang=lang)


@figure_of.register(DescentResult)
def _drawn_descentresult(result: DescentResult, title: str = "", lang: str = "en") -> Figure:
    from mitbadak.plots.descent import descent_path
    from mitbadak.plots.style import lettering, new_figure, set_title

    with lettering(lang, [title]):
        figure = new_figure(5.0, 5.0)
        descent_path(result, figure.subplots(), lang=lang)
        set_title(figure, title)
        return figure


def picture(figure: Figure) -> str:
    """A figure as an image that needs no other file."""
    from mitbadak.plots.style import png_of

    data = base64.b64encode(png_of(figure)).decode()
    return f'<img alt="" src="data:image/png;base64,{data}">'
