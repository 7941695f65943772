"""The command runs: the runs in some folders as a table, and their curves in one picture."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mitbadak.cli.exits import for_the_reader
from mitbadak.cli.flags import AsJson, Language, check_outputs
from mitbadak.cli.language import say, tell
from mitbadak.core.errors import RangeError
from mitbadak.core.printing import clipped, print_json

if TYPE_CHECKING:
    from mitbadak.runs.overview import RunSummary

MOST_OF_A_REASON = 70  # characters of why a run stopped; --json has all of it
LEAST_OF_A_STATE = 10  # characters
NUMBERS = ("epochs", "accuracy", "R2", "loss", "seconds")
DISPENSABLE = ("seconds", "optimizer", "net", "data", "loss", "epochs", "R2", "accuracy")
"""Columns in the order in which they are left out where a terminal is narrow."""


def runs(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(help="Run folders, or folders that hold runs; by default runs/."),
    ] = None,
    sort: Annotated[
        str, typer.Option(help="newest, name, data, epochs, accuracy, loss, seconds or state.")
    ] = "newest",
    plot: Annotated[
        Path | None, typer.Option(help="Draw the curves of these runs in one picture (PNG).")
    ] = None,
    as_json: AsJson = False,
    lang: Language = "",
) -> int:
    """List runs: data, net, optimizer, progress and results."""
    from mitbadak.runs.overview import overview

    check_outputs(plot=plot)
    summaries = overview(folders or [Path("runs")], sort)
    if plot is not None:
        _draw(summaries, plot, lang)
    if as_json:
        print_json({"runs": [_as_dict(run) for run in summaries]})
    elif summaries:
        _print(summaries)
    else:
        tell(f"no runs in {', '.join(map(str, folders or ['runs']))}")
    if plot is not None:
        tell(f"picture: {plot}", sys.stderr if as_json else sys.stdout)
    return 0


def _draw(summaries: Sequence[RunSummary], plot: Path, lang: str) -> None:
    from mitbadak import plots
    from mitbadak.runs.overview import rows_of

    drawable = [run for run in summaries if run.state != "damaged" and run.epochs + run.of > 0]
    if not drawable:
        raise RangeError("--plot: none of these runs has curves to draw.")
    names = [run.name for run in drawable]
    unique = len(set(names)) == len(names)
    histories = {run.name if unique else str(run.path): rows_of(run.path) for run in drawable}
    plots.save_figure(plots.compare_figure(histories, lang=lang), plot)


def _as_dict(run: RunSummary) -> dict[str, Any]:
    return {
        "run": str(run.path),
        "data": run.data,
        "net": run.net,
        "optimizer": run.optimizer,
        "epochs": run.epochs,
        "epochs_asked": run.of,
        "kept_epoch": run.kept,
        "test_accuracy": run.accuracy,
        "r2": run.r2,
        "train_loss": run.loss,
        "seconds": run.seconds,
        "state": run.state,
        "why": run.why,
        "changed": time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(run.when)),
    }


def _print(summaries: Sequence[RunSummary]) -> None:
    from rich.table import Table

    from mitbadak.cli.terminal import GAP, cell, console, print_table

    columns = _columns(summaries)
    shown, left_out = fitting(columns, console().width)
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    for name in shown:
        justify = "right" if name in NUMBERS else "left"
        table.add_column(say(name), justify=justify, no_wrap=name != "state", overflow="fold")
    for row in zip(*(columns[name] for name in shown), strict=True):
        table.add_row(*map(cell, row))
    print_table(table)
    if left_out:
        tell(f"no room for {', '.join(map(say, left_out))}; --json has all")


def _columns(summaries: Sequence[RunSummary]) -> dict[str, list[str]]:
    """The cells of the table by column."""
    has_r2 = any(run.r2 is not None for run in summaries)
    rows = [
        {
            "run": run.name, "data": run.data or "-", "net": run.net or "-",
            "optimizer": run.optimizer or "-",
            "epochs": f"{run.epochs}/{run.of}" if run.state != "damaged" else "-",
            "accuracy": _number(run.accuracy, 4),
            **({"R2": _number(run.r2, 4)} if has_r2 else {}),
            "loss": _number(run.loss, 4), "seconds": _number(run.seconds, 1),
            "state": _state(run),
        }
        for run in summaries
    ]  # fmt: skip
    return {name: [row[name] for row in rows] for name in rows[0]}


def fitting(columns: Mapping[str, Sequence[str]], width: int) -> tuple[list[str], list[str]]:
    """The columns that a terminal has room for, and those that are left out.

    The name of a run is needed for other commands, and stays whole. A state takes several lines
    where its reason is long.

    Args:
        columns: cells by column.
        width: of the terminal, in characters.

    Example:
        >>> fitting({"run": ["xor-20261127"], "net": ["2-10-2 tanh"], "state": ["finished"]}, 24)
        (['run', 'state'], ['net'])
    """
    from mitbadak.cli import terminal

    folded = {"state": LEAST_OF_A_STATE} if "state" in columns else {}
    return terminal.fitting(columns, width, DISPENSABLE, folded)


def _state(run: RunSummary) -> str:
    state = say(run.state)
    if not run.why:
        return state
    return f"{state}: {clipped(for_the_reader(run.why), MOST_OF_A_REASON)}"


def _number(value: float | None, places: int) -> str:
    return "-" if value is None else f"{value:.{places}f}"
