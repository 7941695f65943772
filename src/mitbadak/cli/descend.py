"""The command descend: one descent or a race of optimizers, printed, drawn or animated."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from mitbadak.cli.exits import for_the_reader
from mitbadak.cli.flags import MOST_SHOWN, AsJson, Language, check_outputs, numbers
from mitbadak.cli.language import say, tell
from mitbadak.cli.user_functions import blamed_on, function_named, user_output_to_stderr
from mitbadak.core.errors import RangeError
from mitbadak.core.printing import clipped, print_json

DEFAULT_START = "-3,4"
MOST_NUMBERS = 3  # of a point in a table
DISPENSABLE = ("x", "steps", "lr", "status")
"""Columns in the order in which they are left out where a terminal is narrow."""
MOST_CURVED = 20  # entries of x up to which the curvature at the end is computed


@dataclass(frozen=True)
class _Task:
    """A descent to be made: the function, by name and as Python, the start, the number of steps."""

    function: str
    f: Callable[..., Any]
    start: list[float]
    steps: int


def descend(
    function: Annotated[
        str,
        typer.Argument(
            help="sphere, ellipse, rosenbrock, himmelblau, beale, saddle, or module:function."
        ),
    ],
    start: Annotated[
        str | None,
        typer.Option(help="Starting point, such as --start=-3,4; each surface has a default."),
    ] = None,
    lr: Annotated[
        float | None,
        typer.Option(
            help="Learning rate. Default: 0.1, or less where a surface curves strongly; in a race "
            "the best of several for each."
        ),
    ] = None,
    steps: Annotated[int, typer.Option(help="Number of steps.")] = 100,
    optimizer: Annotated[
        str | None, typer.Option(help="sgd, momentum, adam, ... Default: plain gradient descent.")
    ] = None,
    race: Annotated[
        bool, typer.Option("--race", help="Run all optimizers from one start.")
    ] = False,
    trace: Annotated[bool, typer.Option(help="Print point and gradient at every step.")] = False,
    picture: Annotated[
        Path | None, typer.Option(help="Draw the path; for functions of two variables (PNG).")
    ] = None,
    gif: Annotated[Path | None, typer.Option(help="Animate the path (GIF).")] = None,
    lang: Language = "",
    as_json: AsJson = False,
) -> int:
    """Minimize a function with one optimizer or all, and explain where each descent ended."""
    if race and (optimizer is not None or trace):
        raise RangeError("--race runs all optimizers; leave out --optimizer and --trace.")
    check_outputs(picture=picture, gif=gif)
    values: dict[str, Any] = {}
    lines: list[str] = []
    with user_output_to_stderr(as_json):
        task = _task(function, start, steps)
        for flag, path in (("--picture", picture), ("--gif", gif)):
            if path is not None and len(task.start) != 2:
                raise RangeError(
                    f"{flag} needs a function of two variables; --start has {len(task.start)}."
                )
        at = start or ",".join(f"{value:g}" for value in task.start)
        with blamed_on(
            f"{clipped(function, MOST_SHOWN)} failed at --start={clipped(at, MOST_SHOWN)}"
        ):
            results = _race(task, lr) if race else _single(task, optimizer, lr, trace)
            if as_json:
                values = (_race_json if race else _single_json)(task, results)
            else:
                lines = (_race_lines if race else _single_lines)(task, results)
    if as_json:
        print_json(values)
    else:
        if race:
            _print_table(task, results)
        for line in lines:
            tell(line)
    with user_output_to_stderr(as_json):
        drawn = _draw(task, results, picture, gif, lang, race=race)
    for path in drawn:
        tell(f"picture: {path}", sys.stderr if as_json else sys.stdout)
    return 0


def _task(function: str, start: str | None, steps: int) -> _Task:
    from mitbadak.descent import Surface

    f = function_named(function)
    if start is None and isinstance(f, Surface):
        return _Task(function, f, f.start.tolist(), steps)
    x = numbers("--start", DEFAULT_START if start is None else start)
    if isinstance(f, Surface) and not f.takes(len(x)):
        raise RangeError(f"--start: {function} is a function of two numbers; got {len(x)}.")
    return _Task(function, f, x, steps)


def _single(task: _Task, optimizer: str | None, lr: float | None, trace: bool) -> dict[str, Any]:
    from mitbadak.descent import descend, gradient_descent, usual_rate
    from mitbadak.optim import optimizer as by_name

    if lr is None:
        lr = usual_rate(task.f, task.start)
    if optimizer is None:
        return {"sgd": gradient_descent(task.f, task.start, lr, task.steps, trace=trace)}
    rule = by_name(optimizer, lr=lr)
    return {optimizer: descend(task.f, task.start, rule, task.steps, trace=trace)}


def _race(task: _Task, lr: float | None) -> dict[str, Any]:
    from mitbadak.cli.terminal import progress_of_long_work
    from mitbadak.descent import race
    from mitbadak.optim import OPTIMIZERS

    rates = None if lr is None else (lr,)
    with progress_of_long_work() as progress:
        return race(task.f, OPTIMIZERS, task.start, task.steps, rates=rates, progress=progress)


def _height(task: _Task, result: Any) -> float:
    with np.errstate(all="ignore"):
        return float(task.f(result.x))


def _limit(task: _Task, result: Any) -> tuple[float, str] | None:
    """The stability limit at the minimum near the end of a descent, and that minimum as text."""
    from mitbadak.descent import limit_of

    limit = limit_of(task.f, result) if result.x.size <= MOST_CURVED else None
    if limit is None:
        return None
    return limit[0], ", ".join(f"{value:.4g}" for value in limit[1].reshape(-1))


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _as_dict(task: _Task, result: Any) -> dict[str, Any]:
    return {
        "x": result.x.tolist(),
        "f": _finite(_height(task, result)),
        "lr": result.lr,
        "status": str(result.status),
        "explanation": result.explanation,
    }


def _single_json(task: _Task, results: dict[str, Any]) -> dict[str, Any]:
    ((name, result),) = results.items()
    limit = _limit(task, result)
    return {
        "function": task.function,
        "optimizer": name,
        **_as_dict(task, result),
        "stability_limit": limit and limit[0],
        "path": result.path.tolist(),
    }


def _race_json(task: _Task, results: dict[str, Any]) -> dict[str, Any]:
    return {
        "function": task.function,
        "start": task.start,
        "steps": task.steps,
        "optimizers": {name: _as_dict(task, result) for name, result in results.items()},
    }


def _single_lines(task: _Task, results: dict[str, Any]) -> list[str]:
    ((name, result),) = results.items()
    lines = [
        f"step {number}: x {_row(step.x)}  gradient {_row(step.gradient)}"
        for number, step in enumerate(result.trace, 1)
    ]
    explained = for_the_reader(result.explanation)
    lines += [f"x = {_row(result.x)}", f"{say(str(result.status))}: {explained}"]
    limit = _limit(task, result)
    if name == "sgd" and limit is not None and result.lr > limit[0]:
        lines.append(
            f"lr {result.lr:g} is above the stability limit 2/lambda = {limit[0]:.4g} at "
            f"({limit[1]}): plain gradient descent cannot settle there."
        )
    if str(result.status) == "converged" and _is_saddle(task, result):
        lines.append("f curves down from here: this is a saddle, not a minimum. Try another start.")
    return lines


def _row(x: np.ndarray) -> str:
    """An array as NumPy prints it, on one line."""
    return np.array2string(x, max_line_width=sys.maxsize)


def _is_saddle(task: _Task, result: Any) -> bool:
    from mitbadak.descent import curvatures

    if result.x.size > MOST_CURVED:
        return False
    try:
        eigenvalues = curvatures(task.f, result.x)
    except Exception:  # f may fail beside the path; the remark is then left out
        return False
    return bool(eigenvalues[0] < -1e-4 * max(1.0, abs(eigenvalues[-1])))


def _race_lines(task: _Task, results: dict[str, Any]) -> list[str]:
    limit = _limit(task, results["sgd"])
    if limit is None:
        return []
    return [f"stability limit of sgd, 2/lambda: {limit[0]:.4g} at ({limit[1]})"]


def _print_table(task: _Task, results: dict[str, Any]) -> None:
    """Print a table of all optimizers, the one that came lowest first."""
    from rich.table import Table

    from mitbadak.cli.terminal import GAP, cell, console, fitting, print_table

    columns = _columns(task, results)
    shown, left_out = fitting(columns, console().width, DISPENSABLE)
    point = ", ".join(f"{value:g}" for value in task.start)
    title = cell(say(f"{task.function} from ({point}), {task.steps} steps"), "bold")
    table = Table(title=title, box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    for name in shown:
        justify = "left" if name in ("optimizer", "status") else "right"
        table.add_column(say(name), justify=justify, overflow="fold")
    for row in zip(*(columns[name] for name in shown), strict=True):
        table.add_row(*map(cell, row))
    print_table(table)
    if left_out:
        tell(f"no room for {', '.join(map(say, left_out))}; --json has all")


def _columns(task: _Task, results: dict[str, Any]) -> dict[str, list[str]]:
    """The cells of the table by column."""
    heights = {name: _height(task, result) for name, result in results.items()}
    order = sorted(heights, key=lambda n: math.inf if math.isnan(heights[n]) else heights[n])
    ends = [results[name] for name in order]
    return {
        "optimizer": order,
        "lr": [f"{end.lr:g}" for end in ends],
        "steps": [str(len(end.path) - 1) for end in ends],
        "f": [f"{heights[name]:.3g}" for name in order],
        "x": [_short(end.x) for end in ends],
        "status": [say(str(end.status)) for end in ends],
    }


def _short(x: np.ndarray) -> str:
    """The first numbers of a point."""
    shown = ", ".join(f"{value:.3g}" for value in x.reshape(-1)[:MOST_NUMBERS])
    return shown + (", ..." if x.size > MOST_NUMBERS else "")


def _draw(
    task: _Task,
    results: dict[str, Any],
    picture: Path | None,
    gif: Path | None,
    lang: str,
    *,
    race: bool,
) -> list[Path]:
    """Draw the pictures that were asked for, and return their paths."""
    if picture is None and gif is None:
        return []
    from mitbadak import plots
    from mitbadak.cli.terminal import progress_of_long_work

    ((name, result), *_) = results.items()
    title = task.function if race else f"{task.function}, {name}, lr {result.lr:g}"
    if picture is not None and race:
        plots.save_figure(plots.race_figure(results, task.f, title, lang=lang), picture)
    elif picture is not None:
        with plots.lettering(lang, [title]):
            figure = plots.new_figure(5.5, 5.5)
            plots.set_title(plots.descent_path(result, figure.subplots(), task.f, lang=lang), title)
            plots.save_figure(figure, picture)
    if gif is not None:
        with progress_of_long_work() as progress:
            plots.save_race_gif(results, task.f, gif, title, lang=lang, progress=progress)
    return [path for path in (picture, gif) if path is not None]
