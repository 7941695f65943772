"""The command descend: one descent or a race, said, drawn, and filmed."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from mitbadak.cli.flags import AsJson, Language
from mitbadak.cli.user_functions import blamed_on, function_named, own_output
from mitbadak.core.errors import RangeError
from mitbadak.core.languages import known_language
from mitbadak.core.printing import clipped, print_json, print_line
from mitbadak.core.progress import StderrProgress

DEFAULT_RATE, DEFAULT_START = 0.1, "-3,4"
QUIET_SECONDS = 2.0  # work shorter than this shows no progress
MOST_CURVED = 20  # entries of x up to which the end is looked at for saddles


@dataclass(frozen=True)
class _Task:
    """What was asked for, checked as far as it can be before anything runs."""

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
        typer.Option(help="Where to start, such as --start=-3,4; default the surface's own."),
    ] = None,
    lr: Annotated[
        float | None,
        typer.Option(help="Learning rate; default 0.1, in a race the best of several for each."),
    ] = None,
    steps: Annotated[int, typer.Option(help="Number of steps.")] = 100,
    optimizer: Annotated[
        str | None, typer.Option(help="sgd, momentum, adam, ...; default plain descent.")
    ] = None,
    race: Annotated[bool, typer.Option("--race", help="All optimizers from one start.")] = False,
    trace: Annotated[bool, typer.Option(help="Print point and gradient of every step.")] = False,
    picture: Annotated[
        Path | None, typer.Option(help="Draw the path of a function of two numbers (PNG).")
    ] = None,
    gif: Annotated[Path | None, typer.Option(help="Film it (GIF).")] = None,
    lang: Language = "en",
    as_json: AsJson = False,
) -> int:
    """Descend on a function with one optimizer or all, and say why each ended where it did."""
    if race and (optimizer is not None or trace):
        raise RangeError("--race runs all optimizers; leave out --optimizer and --trace.")
    with own_output(as_json):
        f = function_named(function)
        point = numbers("--start", start) if start is not None else _own_start(f)
        _check_pictures({"--picture": picture, "--gif": gif}, point, lang)
        task = _Task(function, f, point, steps)
        at = start or ",".join(f"{value:g}" for value in point)
        with blamed_on(f"{clipped(function, 60)} failed at --start={clipped(at, 60)}"):
            results = _raced(task, lr) if race else _single(task, optimizer, lr, trace)
            as_values, as_lines = (
                (_race_json, _race_lines) if race else (_single_json, _single_lines)
            )
            values = as_values(task, results) if as_json else {}
            lines = [] if as_json else as_lines(task, results)
    if as_json:
        print_json(values)
    elif race:
        _print_table(task, results)
    for line in lines:
        print_line(line)
    with own_output(as_json):
        drawn = _draw(task, results, picture, gif, lang, race=race)
    for path in drawn:
        print_line(f"picture: {path}", sys.stderr if as_json else sys.stdout)
    return 0


def numbers(flag: str, text: str) -> list[float]:
    """``-3,4`` as [-3.0, 4.0]."""
    try:
        return [float(number) for number in text.split(",")]
    except ValueError:
        raise RangeError(
            f"{flag} expects numbers such as -3,4; got {clipped(text, 60)!r}."
        ) from None


def _own_start(f: Callable[..., Any]) -> list[float]:
    from mitbadak.descent import Surface

    return f.start.tolist() if isinstance(f, Surface) else numbers("--start", DEFAULT_START)


def _check_pictures(wanted: dict[str, Path | None], point: list[float], lang: str) -> None:
    for flag, path in wanted.items():
        if path is None:
            continue
        if not path.resolve().parent.is_dir():
            raise RangeError(f"{flag} {path}: there is no folder {path.parent}.")
        if len(point) != 2:
            raise RangeError(f"{flag} needs a function of two numbers; --start has {len(point)}.")
    known_language(lang)


def _single(task: _Task, optimizer: str | None, lr: float | None, trace: bool) -> dict[str, Any]:
    from mitbadak.descent import descend, gradient_descent
    from mitbadak.optim import optimizer as by_name

    lr = DEFAULT_RATE if lr is None else lr
    if optimizer is None:
        return {"sgd": gradient_descent(task.f, task.start, lr, task.steps, trace=trace)}
    rule = by_name(optimizer, lr=lr)
    return {optimizer: descend(task.f, task.start, rule, task.steps, trace=trace)}


def _raced(task: _Task, lr: float | None) -> dict[str, Any]:
    from mitbadak.descent import race
    from mitbadak.optim import OPTIMIZERS

    rates = None if lr is None else (lr,)
    return race(task.f, OPTIMIZERS, task.start, task.steps, rates=rates, progress=_LateProgress())


class _LateProgress:
    """Says nothing during the first seconds."""

    def __init__(self) -> None:
        self.said, self.began, self.late = StderrProgress(), time.monotonic(), False

    def __call__(self, done: int, total: int, message: str, /) -> None:
        self.late = self.late or (done < total and time.monotonic() - self.began > QUIET_SECONDS)
        if self.late:
            self.said(done, total, message)


def _height(task: _Task, result: Any) -> float:
    with np.errstate(all="ignore"):
        return float(task.f(result.x))


def _limit(task: _Task, result: Any) -> tuple[float, str] | None:
    """The stability limit at the minimum near the end, and where that is."""
    from mitbadak.descent import limit_of

    found = limit_of(task.f, result) if result.x.size <= MOST_CURVED else None
    if found is None:
        return None
    return found[0], ", ".join(f"{value:.4g}" for value in found[1].reshape(-1))


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
    found = _limit(task, result)
    return {
        "function": task.function,
        "optimizer": name,
        **_as_dict(task, result),
        "stability_limit": found and found[0],
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
    lines += [f"x = {_row(result.x)}", f"{result.status}: {result.explanation}"]
    found = _limit(task, result)
    if name == "sgd" and found is not None and result.lr > found[0]:
        lines.append(
            f"lr {result.lr:g} is above the stability limit 2/lambda = {found[0]:.4g} at "
            f"({found[1]}): plain descent cannot settle there."
        )
    if (
        str(result.status) == "converged"
        and result.x.size <= MOST_CURVED
        and _is_saddle(task, result)
    ):
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
        bends = curvatures(task.f, result.x)
    except Exception:  # whatever f raises beside the path; the remark is left out then
        return False
    return bool(bends[0] < -1e-4 * max(1.0, abs(bends[-1])))


def _race_lines(task: _Task, results: dict[str, Any]) -> list[str]:
    found = _limit(task, results["sgd"])
    if found is None:
        return []
    return [f"stability limit of sgd, 2/lambda: {found[0]:.4g} at ({found[1]})"]


def _print_table(task: _Task, results: dict[str, Any]) -> None:
    """A table of all, the lowest first."""
    from rich.table import Table

    from mitbadak.cli.terminal import cell, print_table

    point = ", ".join(f"{value:g}" for value in task.start)
    title = cell(f"{task.function} from ({point}), {task.steps} steps", "bold")
    table = Table(title=title)
    table.add_column("optimizer")
    for heading in ("lr", "steps", "f", "x"):
        table.add_column(heading, justify="right")
    table.add_column("status")
    heights = {name: _height(task, result) for name, result in results.items()}
    for name in sorted(heights, key=lambda n: math.inf if math.isnan(heights[n]) else heights[n]):
        result = results[name]
        x = ", ".join(f"{value:.3g}" for value in result.x.reshape(-1)[:3])
        x += ", ..." if result.x.size > 3 else ""
        numbers = (f"{result.lr:g}", len(result.path) - 1, f"{heights[name]:.3g}", x)
        table.add_row(*map(cell, (name, *numbers, result.status)))
    print_table(table)


def _draw(
    task: _Task,
    results: dict[str, Any],
    picture: Path | None,
    gif: Path | None,
    lang: str,
    *,
    race: bool,
) -> list[Path]:
    """The pictures that were asked for, in order."""
    if picture is None and gif is None:
        return []
    from mitbadak import plots

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
        film = _LateProgress()
        plots.save_race_gif(results, task.f, gif, title, lang=lang, progress=film)
    return [path for path in (picture, gif) if path is not None]
